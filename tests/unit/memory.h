/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory: what the steps say of plain memory in place of a BAR. */
#pragma once

#include "model/finding.h"

/* UNKNOWN: it depends on the architecture. Of one CPU, and of a bus that a virtual machine's would be. */
static const enum outcome memory_outcomes[STEPS] = {
	[STEP_SAVE] = OUTCOME_PASS,
	[STEP_TYPE] = OUTCOME_UNKNOWN,
	[STEP_BACKGROUND] = OUTCOME_PASS,
	[STEP_SUBWORD] = OUTCOME_PASS,
	[STEP_UNALIGNED] = OUTCOME_PASS,
	[STEP_SPARSE] = OUTCOME_NOT_EXERCISED,
	[STEP_WIDE64] = OUTCOME_PASS,
	[STEP_WIDE128] = OUTCOME_PASS,
	[STEP_ORDER] = OUTCOME_NOT_EXERCISED,
	[STEP_DRAIN] = OUTCOME_UNSUPPORTED,
	[STEP_COHERENT] = OUTCOME_UNSUPPORTED,
	[STEP_BURST] = OUTCOME_NOT_EXERCISED,
	[STEP_LIBC] = OUTCOME_PASS,
	[STEP_QUIET] = OUTCOME_PASS,
	[STEP_BENCH] = OUTCOME_PASS,
	[STEP_RESTORE] = OUTCOME_PASS,
};
