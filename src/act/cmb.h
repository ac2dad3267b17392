/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmb: the parent's part of finding a controller memory buffer: whom it asks, and what it makes of the answer. BAR 0 is
 * touched by children only (locate.c): an access that the bus refuses kills one of them, never this process.
 */
#pragma once

#include <stdbool.h>

#include "act/claim.h"
#include "act/runner.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/plan.h"

/*
 * Opens BAR 0 of the claimed device for STEP_LOCATE and STEP_CONCEAL, after a look at whether somebody else has it: ids
 * "busy", "vanished", "cannot-claim". *runner is PROBE_CLOSED, and to be closed also after a failure.
 */
int cmb_open(const struct sysroot *root, const struct claim *claim, const struct plan *plan, enum scope scope,
             struct err *err, struct runner *runner);
/*
 * Judges what STEP_LOCATE found, as hostile input: finding's outcome stays PASS only with a range, from which guard pages
 * are taken off. Otherwise its text says why. -EBUSY, id "busy", when the controller is in use, -ENODEV, id "vanished",
 * when it does not answer: neither is a finding that should replace an older one.
 */
int cmb_weigh(const struct plan *plan, struct finding *finding, struct err *err, struct range *ret);
/* May STEP_LOCATE have changed a register, whatever became of it? */
bool cmb_is_changed(const struct runner *runner);
