/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: the order in which a BAR is touched, and what follows when something goes wrong.
 *
 *	lock, signals held, journal ("probing"), claim, [locate], open, each step, restore, [conceal], release, journal
 *	removed, signals
 *
 * A step is probe-step.h's. What was saved is written back whatever came of the steps, unless the claim no longer
 * holds: the address may be another device's then.
 */
#include "act/probe.h"

#include <errno.h>
#include <string.h>

#include "act/cmb.h"
#include "act/journal.h"
#include "act/lock.h"
#include "act/probe-open.h"
#include "act/probe-step.h"
#include "act/store.h"
#include "base/cleanup.h"
#include "base/log.h"

static void run_done(struct run *run)
{
	claim_release(&run->claim);
	probe_close(&run->runner);
	probe_close(&run->locator);
	error_snapshot_done(&run->seen);
	errors_close(&run->sources);
	claim_before_done(&run->entry.before);
	record_done(&run->record);
}

/* Where the save is: a plan whose range has to be found begins with that. */
static size_t first_step(const struct plan *plan)
{
	return plan->n && plan->at[0] == STEP_LOCATE;
}

/* ---- what is kept of it ---- */

/* Does the plan test anything at all? */
static bool has_test(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (step_infos[plan->at[i]].is_test && plan->at[i] != STEP_TYPE)
			return true;
	return false;
}

/* Does the record say all that was found? */
static bool is_telling(const struct run *run)
{
	return has_test(run->plan) && !run->is_untold;
}

/* A step that failed after its finding takes that with it. */
static bool holds_bad(const struct record *record)
{
	for (size_t i = 0; i < record->n; i++)
		if (outcome_is_bad(record->at[i].outcome))
			return true;
	return false;
}

/*
 * What was found bad is on file before anything else happens: of one that is killed now it is known. Where it cannot be, at
 * least no earlier record says the contrary; keep_record says so.
 */
static void tell_bad(struct run *run)
{
	if (!run->is_bad || run->is_told)
		return;
	run->is_told = holds_bad(&run->record) && is_telling(run) && store_write(run->root, &run->record, NULL) == 0;
	if (!run->is_told)
		(void)store_remove(run->root, &run->record.address, run->record.bar, NULL);
}

/* ---- all of them ---- */

/* By whoever put it back, and to the device that it was taken from, whatever else went wrong meanwhile. */
static bool is_back(const struct run *run, int r)
{
	return run->answer == OUTCOME_PASS && (r == 0 || r == -ENOMEM);
}

static void restore(struct run *run)
{
	_cleanup_(finding_done) struct finding finding = { .step = STEP_RESTORE, .scope = run->runner.scope };
	int r;

	if (run->progress && run->progress->step)
		run->progress->step(run->progress->data, run->plan, run->plan->n - 1);
	r = probe_put_back(run, &run->runner, &finding);
	if (!is_back(run, r))
		log_warn("the contents of the probed range were NOT put back: %s", finding.text ?: strerror(-r));
	if (finding.text)
		(void)probe_keep(run, &finding);
	tell_bad(run);
}

static int bench_insns(struct run *run, struct err *err)
{
	bool is_virtual = run->about->scope == SCOPE_VIRTUAL;
	enum outcome outcome = OUTCOME_PASS;
	struct bench_turn turn = { 0 };
	int r = 0;

	run->order->cpu = run->runner.cpu;
	run->order->range_bytes = run->plan->range.size_bytes;
	while (r == 0 && !probe_is_end(STEP_BENCH, outcome) && !run->is_cut && bench_next(run->order, is_virtual, &turn)) {
		r = interrupt_came(&run->interrupt)
			? err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal)
			: probe_bench_insn(run, turn.insn, err, &outcome);
		tell_bad(run);
	}
	return r;
}

/* Once more whatever came of the steps; a kill before this leaves CMBMSC.CRE set, which the next probe takes as it is. */
static void conceal(struct run *run)
{
	_cleanup_(finding_done) struct finding finding = { .step = STEP_CONCEAL, .scope = run->locator.scope };
	int r;

	if (!cmb_is_changed(&run->locator))
		return;
	r = probe_put_back(run, &run->locator, &finding);
	if (finding.outcome == OUTCOME_PASS)
		return;
	if (!is_back(run, r))
		log_warn("CMBMSC of BAR 0 was NOT put back: %s", finding.text ?: strerror(-r));
	/* One that could not be made is no finding of the device. */
	if (r == 0 && finding.text)
		(void)probe_keep(run, &finding);
	tell_bad(run);
}

/* 0 and a plan with a range, or without one when there is none to be tested: then a finding says why. */
static int locate(struct run *run, struct err *err)
{
	enum outcome outcome = OUTCOME_UNKNOWN;
	int r = cmb_open(run->root, &run->claim, run->plan, run->about->scope, err, &run->locator);

	run->located = *run->plan;
	if (r == 0)
		r = probe_step(run, 0, err, &outcome);
	tell_bad(run);
	if (r == 0 && outcome != OUTCOME_PASS)
		run->located.range = (struct range){ 0 };
	run->plan = &run->located;
	run->record.range = run->located.range;
	return r;
}

static int run_steps(struct run *run, struct err *err)
{
	enum outcome outcome = OUTCOME_UNKNOWN;
	bool is_saved = false, is_ended = false;
	int r = 0;

	for (size_t i = first_step(run->plan); r == 0 && i + 1 < run->plan->n; i++) {
		if (interrupt_came(&run->interrupt)) {
			r = err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal);
			break;
		}
		r = probe_step(run, i, err, &outcome);
		tell_bad(run);
		is_ended = r < 0 || probe_is_end(run->plan->at[i], outcome) || run->is_cut;
		if (is_ended)
			break;
		if (run->plan->at[i] == STEP_SAVE)
			is_saved = true;
	}
	if (r == 0 && is_saved && !is_ended && run->order)
		r = bench_insns(run, err);
	if (is_saved)
		restore(run);
	if (r == 0)
		r = claim_check_shared(&run->claim, err);
	return r;
}

/* ---- the frame ---- */

/* Every step between a save and a restore, whoever made the plan. */
static int check_plan(const struct plan *plan, struct err *err)
{
	size_t first = first_step(plan);
	bool is_good = plan->is_allowed && plan->n >= first + 2 && plan->at[first] == STEP_SAVE &&
	               plan->at[plan->n - 1] == STEP_RESTORE && !plan->range.size_bytes == (first != 0);

	for (size_t i = first + 1; is_good && i + 1 < plan->n; i++)
		is_good = plan->at[i] > STEP_SAVE && plan->at[i] < STEP_RESTORE;
	return is_good ? 0 : err_set(err, -EPERM, "bad-plan", "the plan does not allow a probe");
}

static int fill_record(struct run *run, struct err *err)
{
	const struct device *device = run->plan->device;
	int r = journal_boot_id(run->root, err, &run->record.boot_id);

	if (r == 0)
		r = str_set(&run->record.path_key, run->about->path_key);
	if (r == 0)
		r = str_set(&run->record.machine, run->about->machine);
	record_bind(&run->record, device, run->plan->bar);
	run->record.range = run->plan->range;
	run->entry.address = device->address;
	run->entry.bar = run->plan->bar->index;
	run->entry.boot_id = run->record.boot_id;
	run->entry.path_key = run->record.path_key;
	return r;
}

/* From the claim to its release. */
static int run_claimed(struct run *run, struct err *err)
{
	const struct plan *plan = run->plan;
	const struct claim_before *left = run->is_left ? &run->entry.before : NULL;
	int r = claim_take(run->root, plan->device, plan->bar, left, err, &run->claim);

	if (r == 0) {
		run->is_left = false;
		r = errors_open(run->root, plan->device, err, &run->sources);
	}
	if (r == 0) {
		run->record.errors_observed = true;
		run->record.containment = errors_containment(&run->sources);
		if (first_step(plan))
			r = locate(run, err);
	}
	if (r == 0 && run->plan->range.size_bytes) {
		r = probe_open(run->root, run->claim.dir, run->plan, run->about, err, &run->runner);
		if (r == 0)
			r = run_steps(run, err);
	}
	conceal(run);
	probe_close(&run->runner);
	probe_close(&run->locator);
	claim_release(&run->claim);
	return r;
}

/*
 * What came of a probe that ended with r. One that came to its end says all there is to say; another one only what it found
 * bad. Where that cannot be said, for want of room or, in a benchmark, of a finding, at least no earlier record says the
 * contrary: false, when also this one stays.
 */
static bool keep_record(struct run *run, int *r, struct err *err)
{
	bool is_complete = is_telling(run);
	struct err other = { 0 };
	int q;

	if (!run->is_bad && (*r < 0 || !is_complete))
		return true;
	if (is_complete && (*r == 0 || *r == -EINTR || run->is_told)) {
		q = store_write(run->root, &run->record, *r < 0 ? &other : err);
		if (q == 0)
			return true;
		if (*r < 0)
			log_warn("%s", other.text);
		else
			*r = q;
	}
	if (!run->is_bad || run->is_told)
		return true;
	other = (struct err){ 0 };
	q = store_remove(run->root, &run->record.address, run->record.bar, &other);
	if (q < 0)
		log_warn("%s; what an earlier probe found stays on file, though this one found the contrary", other.text);
	else
		log_warn("it was found bad, which is not on file: so what an earlier probe found is forgotten, and it is to be probed again");
	return q == 0;
}

/*
 * What the device was like, for the journal: what one that was killed found, where it left word of that. left: its entry,
 * of which no more is left than that; NULL: there is none.
 */
static int look_before(struct run *run, struct journal_entry *left, struct err *err)
{
	run->is_left = left;
	if (!left)
		return claim_look(run->root, &run->entry.address, err, &run->entry.before);
	run->entry.before = left->before;
	left->before = (struct claim_before){ 0 };
	return 0;
}

/*
 * known: the entry of a death over this BAR before this probe, which ended with r. left: as before, and given back but where
 * the claim failed. is_kept: nothing that was found bad is untold.
 */
static int end_journal(struct run *run, const struct journal_entry *known, struct journal_entry *left, int r, bool is_kept,
                       struct err *err)
{
	bool is_others = left && left->bar != run->entry.bar;
	int q = 0;

	if (left && run->is_left) {
		left->before = run->entry.before;
		run->entry.before = (struct claim_before){ 0 };
		if (!is_others)
			return journal_write(run->root, left, err);
	} else if (is_others && left->deaths) {
		q = journal_write(run->root, left, err);
	} else if (is_others) {
		q = journal_remove(run->root, &left->address, left->bar, err);
	}
	if (q < 0)
		return q;
	if (r < 0 && known)
		return journal_write(run->root, known, err);
	if (is_kept)
		return journal_remove(run->root, &run->entry.address, run->entry.bar, err);
	claim_before_done(&run->entry.before);
	return journal_write(run->root, &run->entry, err);
}

/* A death that the journal knew of before is forgotten only by a probe that came to its end. */
static int run_journaled(struct run *run, struct err *err)
{
	_cleanup_(journal_done) struct journal journal = { 0 };
	const struct journal_entry *known;
	struct journal_entry *left;
	struct err other = { 0 };
	int r = journal_read_known(run->root, &run->entry.address, err, &journal), q;

	if (r < 0)
		return r;
	left = journal_left(&journal, &run->entry.address);
	known = journal_crash(&journal, &run->entry.address, run->entry.bar);
	if (known)
		run->entry.deaths = known->deaths + 1;
	else if (left && left->bar == run->entry.bar && left->deaths) {
		known = left;
		run->entry.deaths = left->deaths;
	}
	r = look_before(run, left, err);
	if (r < 0)
		return r;
	/* One that could not be synced is there all the same, and would tell of a death though nothing was touched: so it goes. */
	r = probe_journal(run, STEP_NONE, RUNNER_NO_INSN, err);

	bool has_begun = r == 0;

	if (has_begun)
		r = run_claimed(run, err);
	if (r == 0 && interrupt_came(&run->interrupt))
		r = err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal);
	/* The finding is on disk before the entry goes: a host that dies in between is still told of. */
	bool is_kept = keep_record(run, &r, err);

	q = end_journal(run, known, left, r, is_kept, &other);
	/* What could not begin has left what was there. */
	if (q < 0 && (has_begun || (!known && !left)))
		log_warn("%s; the next boot will take this probe for a crash: see pciwc journal", other.text);
	return r;
}

int probe_bench(const struct sysroot *root, const struct plan *plan, const struct probe_about *about,
                struct bench_order *order, const struct probe_progress *progress, struct err *err, struct record *ret)
{
	_cleanup_(run_done) struct run run = { .root = root, .plan = plan, .about = about, .order = order,
		                               .progress = progress, .claim = CLAIM_NONE,
		                               .runner = PROBE_CLOSED, .locator = PROBE_CLOSED };
	_cleanup_close_ int lock = -1;
	int r = check_plan(plan, err);

	if (r == 0)
		r = lock_take_probe(root, err, &lock);
	if (r == 0)
		r = fill_record(&run, err);
	if (r < 0)
		return r;
	sysroot_sweep(root, JOURNAL_DIR, NULL);
	sysroot_sweep(root, FINDINGS_DIR, NULL);
	interrupt_hold(&run.interrupt);
	r = run_journaled(&run, err);
	interrupt_release(&run.interrupt);
	if (r < 0)
		return r;
	*ret = run.record;
	run.record = (struct record){ 0 };
	return 0;
}

int probe_run(const struct sysroot *root, const struct plan *plan, const struct probe_about *about,
              const struct probe_progress *progress, struct err *err, struct record *ret)
{
	return probe_bench(root, plan, about, NULL, progress, err, ret);
}
