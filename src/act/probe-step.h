/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe-step: one step of a probe: journal, claim checked, error registers, child, pause, error registers, claim
 * checked, journal ("probing"). probe.c alone uses it, and says which step comes when.
 */
#pragma once

#include "act/claim.h"
#include "act/errors.h"
#include "act/interrupt.h"
#include "act/probe.h"
#include "act/runner.h"
#include "model/journal.h"

struct run {
	const struct sysroot *root;
	const struct plan *plan;
	const struct probe_about *about;
	struct bench_order *order; /* NULL: no long benchmark */
	const struct probe_progress *progress;
	struct interrupt interrupt;
	struct claim claim;
	struct error_sources sources;
	struct error_snapshot seen; /* after the last step; none: there was none */
	struct runner runner;
	struct runner locator; /* of STEP_LOCATE and STEP_CONCEAL: BAR 0's first page */
	struct plan located;   /* the plan with the range that STEP_LOCATE found; what it points to is the caller's */
	struct journal_entry entry; /* boot_id is borrowed from the record */
	bool is_left;               /* entry.before is what one that was killed found, and is not given back yet */
	struct record record;
	enum outcome answer; /* of the last child, by itself; OUTCOME_UNKNOWN: none came */
	bool is_bad; /* a step found the BAR or its path bad, or died */
	bool is_told; /* and that is on file */
	bool is_cut; /* a child could not go on: what it stored may still be there, so nothing but the restore follows */
	bool is_untold; /* one of the long benchmark did, which no finding tells of */
};

/* insn: what the step's child stores with, as its request has it. */
int probe_journal(struct run *run, enum step step, uint32_t insn, struct err *err);

/*
 * Without a copy, or a known background, nothing further may be or can be tested; after a failure nothing further is
 * risked.
 */
bool probe_is_end(enum step step, enum outcome outcome);

/* Step i of the plan, whose finding is kept. 0 and *ret_outcome; a negative errno when it could not be found out. */
int probe_step(struct run *run, size_t i, struct err *err, enum outcome *ret_outcome);

/*
 * A step that puts something back, whatever came of the others. What is on disk when this begins says "probing": a
 * journal that cannot be written now is no reason to leave a mess. A negative errno when the step could not be made,
 * which *finding then says.
 */
int probe_put_back(struct run *run, const struct runner *runner, struct finding *finding);

/* Takes over what the finding holds, and tells who follows the progress. 0 or -ENOMEM. */
int probe_keep(struct run *run, struct finding *finding);

/* The long benchmark of one instruction, as any step; what came of it is told, not kept. */
int probe_bench_insn(struct run *run, uint32_t i, struct err *err, enum outcome *ret_outcome);
