/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock: one pciwc at a time, for probes, and for changes of the policy, of the quirk database and of the imports. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/sysroot.h"

#define RUN_DIR "/run/pciwc"
#define LOCK_PROBE "lock"
#define LOCK_POLICY "policy.lock"
#define LOCK_QUIRKS "quirks.lock"
#define LOCK_IMPORTS "imports.lock"

/*
 * Locks RUN_DIR/name until *ret is closed, or the process ends however it ends. Without wait a lock that another pciwc
 * holds is -EWOULDBLOCK, id "busy".
 */
int lock_take(const struct sysroot *root, const char *name, bool wait, struct err *err, int *ret);
/* LOCK_PROBE, without waiting for a probe: a pin has it while it is judged and begins, and that is waited for, 2 seconds at most. */
int lock_take_probe(const struct sysroot *root, struct err *err, int *ret);
