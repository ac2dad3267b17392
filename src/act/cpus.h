/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus: on which CPUs a step runs. */
#pragma once

#include <sched.h>

#include "base/sysroot.h"

struct cpus {
	int own;  /* the first one near the device; -1: not known, any will do */
	int peer; /* another one for the steps that need two; -1: there is none, or own is not known */
};

/*
 * Of those in allowed. dir: the device's directory. The peer is another core where there is one, for the threads of a
 * core may share what is being tested; then near the device, too.
 */
struct cpus cpus_choose(const struct sysroot *root, int dir, const cpu_set_t *allowed);
