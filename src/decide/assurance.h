/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assurance: how much the tests that prove something say: which hazards they looked for, which they left out, and which no test
 * can see. Pure.
 */
#pragma once

#include <stdbool.h>

#include "model/finding.h"

enum sight {
	SIGHT_NONE,     /* no concern: not the path's */
	SIGHT_TESTED,   /* a test for it passed */
	SIGHT_LEFT_OUT, /* there are tests for it, and none passed here */
	SIGHT_BEYOND,   /* there is no test for it */
};

/* What is asked of a hazard: of_path, only as far as the path has it, else as the BAR that was probed has it. */
enum sight assurance_sight(const struct record *record /* NULL: no test was made */, bool of_path, enum hazard hazard);
/* Does a test look for this hazard, of the path or of the BAR. */
bool assurance_looks(enum step step, bool of_path, enum hazard hazard);
/* Was a test that should have looked for hazards left without a pass. */
bool assurance_left_out(const struct finding *finding, bool of_path);

extern const char assurance_of_a_pass[]; /* what a pass means, for people */
