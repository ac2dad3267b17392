/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe-open: everything that a child of a probe is given, opened by the parent while it still may. */
#pragma once

#include "act/probe.h"
#include "act/runner.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/plan.h"

#define PROBE_CLOSED { .exe = -1, .wc = -1, .uc = -1, .save = -1, .memtypes = -1, .cpu = -1, .peer_cpu = -1, \
		       .device = -1, .request = { .insn = RUNNER_NO_INSN } }

/* dir: the claimed device's directory. *runner is PROBE_CLOSED, and to be closed also after a failure. */
int probe_open(const struct sysroot *root, int dir, const struct plan *plan, const struct probe_about *about,
               struct err *err, struct runner *runner);
/* The same for the first page of another BAR of it, uncached only: STEP_LOCATE's. */
int probe_open_page(const struct sysroot *root, int dir, const struct bar *bar, enum scope scope, struct err *err,
                    struct runner *runner);
/* The program that a child is, and a copy of so many bytes: all that one needs but its mappings. */
int probe_open_child(uint64_t copy_bytes, struct err *err, struct runner *runner);
/* Closes all of them, and what the runner was given to map. */
void probe_close(struct runner *runner);
