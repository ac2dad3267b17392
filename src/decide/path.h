/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path: what a proof of a path depends on, as text: two BARs have the same path only when their keys are equal. Pure. */
#pragma once

#include "model/device.h"
#include "model/kernel.h"
#include "model/platform.h"

/* Raised when a microtest changes what it proves: older findings are then stale. */
#define MICROTESTS_VERSION 2

/*
 * "root=0000:00:08.0 ..." with everything of the path in it; the caller frees it, NULL when memory is out.
 * path_key_rest skips the root port's address: keys equal from there on are equivalent paths.
 */
char *path_key(const struct devices *devices, const struct device *device, const struct bar *bar,
               const struct platform *platform);
const char *path_key_rest(const char *key);
/* A device integrated in the root complex lends its proof to nobody, and borrows none. */
bool path_is_shareable(const struct device *device);

/*
 * What findings depend on besides the path: silicon, firmware, hypervisor, kernel and the microtests' own version, as
 * "name=value;" parts. The caller frees it, NULL when memory is out.
 */
char *machine_key(const struct platform *platform, const struct kernel *kernel);
/* The name of the first part in which the keys differ, or NULL when they are equal. The caller frees it. */
char *machine_key_difference(const char *a, const char *b);
