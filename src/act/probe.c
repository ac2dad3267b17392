/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: the order in which a BAR is touched, and what follows when something goes wrong.
 *
 *	lock, signals held, journal ("probing"), claim, [locate], open, each step, restore, [conceal], release, journal
 *	removed, signals
 *
 * A step: journal, claim checked, error registers, child, pause, error registers, claim checked, journal ("probing").
 * What was saved is written back whatever came of the steps, unless the claim no longer holds: the address may be
 * another device's then.
 */
#include "act/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/arch.h"
#include "act/claim.h"
#include "act/cmb.h"
#include "act/errors.h"
#include "act/interrupt.h"
#include "act/journal.h"
#include "act/lock.h"
#include "act/parts.h"
#include "act/probe-open.h"
#include "act/runner.h"
#include "act/store.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"

/*
 * After a step, before the error registers are read: a completion timeout takes 50 ms by default (PCIe 6.0, 7.5.3.16),
 * then a message, an interrupt and a thread of the kernel follow.
 */
#define SETTLE_MS 100

struct run {
	const struct sysroot *root;
	const struct plan *plan;
	const struct probe_about *about;
	struct bench_order *order; /* NULL: no long benchmark */
	const struct probe_progress *progress;
	struct interrupt interrupt;
	struct claim claim;
	struct error_sources sources;
	struct runner runner;
	struct runner locator; /* of STEP_LOCATE and STEP_CONCEAL: BAR 0's first page */
	struct plan located;   /* the plan with the range that STEP_LOCATE found; what it points to is the caller's */
	struct journal_entry entry; /* boot_id is borrowed from the record */
	struct record record;
};

static void run_done(struct run *run)
{
	claim_release(&run->claim);
	probe_close(&run->runner);
	probe_close(&run->locator);
	errors_close(&run->sources);
	record_done(&run->record);
}

static void settle(void)
{
	struct timespec left = { .tv_nsec = SETTLE_MS * 1000000L };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* ---- one step ---- */

/* insn: what the step's child stores with, as its request has it. */
static int write_journal(struct run *run, enum step step, uint32_t insn, struct err *err)
{
	run->entry.step = step;
	snprintf(run->entry.insn, sizeof(run->entry.insn), "%s", part_name(insn));
	run->entry.time_s = (uint64_t)time(NULL);
	return journal_write(run->root, &run->entry, err);
}

static int say(struct finding *finding, enum outcome outcome, const char *text)
{
	char *both = finding->text ? str_printf("%s; the child: %s", text, finding->text) : str_printf("%s", text);

	if (!both)
		return -ENOMEM;
	free(finding->text);
	finding->text = both;
	finding->outcome = outcome;
	return 0;
}

/* What the registers say, beside what the child said. A death stays one, for it says more. */
static int weigh_errors(struct run *run, const struct error_snapshot *before, const struct error_snapshot *after,
                        struct finding *finding)
{
	char text[256] = "";

	if (!errors_observed(&run->sources, before))
		run->record.errors_observed = false;
	switch (errors_compare(&run->sources, before, after, text)) {
	case ERROR_NEWS_HERE:
		return say(finding, finding->outcome == OUTCOME_DIED ? OUTCOME_DIED : OUTCOME_FAIL, text);
	case ERROR_NEWS_ELSEWHERE:
		/* Nothing is proven either way while something else goes wrong. */
		if (finding->outcome == OUTCOME_PASS || finding->outcome == OUTCOME_NOT_EXERCISED)
			return say(finding, OUTCOME_SKIPPED, text);
		break;
	case ERROR_NEWS_NONE:
		break;
	}
	return 0;
}

/* runner: what the child is given. series: where those of a long benchmark go; NULL for any other step. */
static int execute(struct run *run, const struct runner *runner, enum step step, struct err *err,
                   struct finding *finding, struct series_reply *series)
{
	_cleanup_(error_snapshot_done) struct error_snapshot before = { 0 }, after = { 0 };
	int r = claim_check(&run->claim, err);

	if (r == 0)
		r = errors_read(&run->sources, &before);
	if (r == 0)
		r = series ? runner_series(runner, err, finding, series) : runner_step(runner, step, err, finding);
	if (r < 0)
		return r;
	settle();
	r = errors_read(&run->sources, &after);
	if (r == 0)
		r = weigh_errors(run, &before, &after, finding);
	if (r == 0)
		r = claim_check(&run->claim, err);
	/* A device that a step threw off the bus is a finding; a test under wrong conditions is none. */
	if (r < 0 && r != -ENOMEM && (finding->outcome == OUTCOME_FAIL || finding->outcome == OUTCOME_DIED)) {
		log_warn("%s", err ? err->text : strerror(-r));
		if (err)
			*err = (struct err){ 0 };
		r = 0;
	}
	return r;
}

static int keep(struct run *run, struct finding *finding)
{
	struct finding *slot = array_add(&run->record);

	if (!slot)
		return -ENOMEM;
	*slot = *finding;
	*finding = (struct finding){ 0 };
	if (run->progress && run->progress->done)
		run->progress->done(run->progress->data, slot);
	return 0;
}

/* Where the save is: a plan whose range has to be found begins with that. */
static size_t first_step(const struct plan *plan)
{
	return plan->n && plan->at[0] == STEP_LOCATE;
}

/*
 * Without a copy, or a known background, nothing further may be or can be tested; after a failure nothing further is
 * risked.
 */
static bool is_end(enum step step, enum outcome outcome)
{
	if (step == STEP_SAVE || step == STEP_BACKGROUND)
		return outcome != OUTCOME_PASS;
	return outcome == OUTCOME_FAIL || outcome == OUTCOME_DIED;
}

/* One child, of this instruction or of none. */
static int run_part(struct run *run, enum step step, uint32_t insn, struct err *err, struct finding *ret)
{
	struct runner runner = step == STEP_LOCATE ? run->locator : run->runner;
	int r = write_journal(run, step, insn, err);

	if (r < 0)
		return r;
	runner.request.insn = insn;
	r = execute(run, &runner, step, err, ret, NULL);
	return r < 0 ? r : write_journal(run, STEP_NONE, RUNNER_NO_INSN, err);
}

/* All parts of a step, until one is its end. */
static int run_parts(struct run *run, enum step step, struct err *err, struct finding *ret)
{
	bool is_wide = run->about->scope == SCOPE_HARDWARE || run->plan->is_wide;
	struct finding parts[PARTS_MAX] = { 0 };
	uint32_t insns[PARTS_MAX];
	const char *why;
	unsigned int n = parts_of_step(step, is_wide, insns, &why), i = 0;
	int r = 0;

	if (!n) {
		*ret = (struct finding){ .step = step, .scope = run->runner.scope, .time_s = (uint64_t)time(NULL) };
		return say(ret, OUTCOME_UNSUPPORTED, why);
	}
	while (r == 0 && i < n) {
		if (i && interrupt_came(&run->interrupt))
			r = err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal);
		else
			r = run_part(run, step, insns[i], err, &parts[i]);
		if (r == 0 && is_end(step, parts[i++].outcome))
			break;
	}
	if (r == 0)
		return parts_merge(insns, parts, i, ret);
	for (unsigned int k = 0; k < n; k++)
		finding_done(&parts[k]);
	return r;
}

/* 0 and *ret_outcome; a negative errno when it could not be found out. */
static int run_step(struct run *run, size_t i, struct err *err, enum outcome *ret_outcome)
{
	_cleanup_(finding_done) struct finding finding = { 0 };
	enum step step = run->plan->at[i];
	int r;

	if (run->progress && run->progress->step)
		run->progress->step(run->progress->data, run->plan, i);
	r = run_parts(run, step, err, &finding);
	if (r == 0 && step == STEP_BACKGROUND)
		/* With it the patterns can be made again; it is shorter than a double's 53 bits. */
		r = numbers_add(&finding.numbers, "seed", (double)run->runner.request.seed);
	if (r == 0 && step == STEP_LOCATE)
		r = cmb_weigh(run->plan, &finding, err, &run->located.range);
	if (r < 0)
		return r;
	*ret_outcome = finding.outcome;
	return keep(run, &finding);
}

/* ---- all of them ---- */

/*
 * A step that puts something back, whatever came of the others. What is on disk when this begins says "probing": a
 * journal that cannot be written now is no reason to leave a mess. A negative errno when the step could not be made,
 * which *finding then says.
 */
static int put_back(struct run *run, const struct runner *runner, struct finding *finding)
{
	struct err err = { 0 };
	int r;

	if (write_journal(run, finding->step, RUNNER_NO_INSN, &err) < 0) {
		log_warn("%s", err.text);
		err = (struct err){ 0 };
	}
	r = execute(run, runner, finding->step, &err, finding, NULL);
	if (r < 0) {
		finding->time_s = (uint64_t)time(NULL);
		(void)say(finding, OUTCOME_SKIPPED, err.text[0] ? err.text : strerror(-r));
	}
	err = (struct err){ 0 };
	if (write_journal(run, STEP_NONE, RUNNER_NO_INSN, &err) < 0)
		log_warn("%s", err.text);
	return r;
}

static void restore(struct run *run)
{
	_cleanup_(finding_done) struct finding finding = { .step = STEP_RESTORE, .scope = run->runner.scope };
	int r;

	if (run->progress && run->progress->step)
		run->progress->step(run->progress->data, run->plan, run->plan->n - 1);
	r = put_back(run, &run->runner, &finding);
	if (finding.outcome != OUTCOME_PASS)
		log_warn("the contents of the probed range were NOT put back: %s", finding.text ?: strerror(-r));
	if (finding.text)
		(void)keep(run, &finding);
}

/* One instruction: journal, child and registers as in any step; what came of it is told, not kept. */
static int bench_insn(struct run *run, uint32_t i, struct err *err, enum outcome *ret_outcome)
{
	_cleanup_(finding_done) struct finding finding = { 0 };
	struct series_reply series = { 0 };
	struct runner runner = run->runner;
	int r = write_journal(run, STEP_BENCH, i, err);

	if (r < 0)
		return r;
	bench_prepare(run->order, i, &runner);
	r = execute(run, &runner, STEP_BENCH, err, &finding, &series);
	if (r < 0)
		return r;
	bench_tell(run->order, i, &finding, &series);
	*ret_outcome = finding.outcome;
	return write_journal(run, STEP_NONE, RUNNER_NO_INSN, err);
}

static int bench_insns(struct run *run, struct err *err)
{
	bool is_virtual = run->about->scope == SCOPE_VIRTUAL;
	enum outcome outcome = OUTCOME_PASS;
	struct bench_turn turn = { 0 };
	int r = 0;

	run->order->cpu = run->runner.cpu;
	run->order->range_bytes = run->plan->range.size_bytes;
	while (r == 0 && !is_end(STEP_BENCH, outcome) && bench_next(run->order, is_virtual, &turn))
		r = interrupt_came(&run->interrupt)
			? err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal)
			: bench_insn(run, turn.insn, err, &outcome);
	return r;
}

/* Once more whatever came of the steps; a kill before this leaves CMBMSC.CRE set, which the next probe takes as it is. */
static void conceal(struct run *run)
{
	_cleanup_(finding_done) struct finding finding = { .step = STEP_CONCEAL, .scope = run->locator.scope };
	int r;

	if (!cmb_is_changed(&run->locator))
		return;
	r = put_back(run, &run->locator, &finding);
	if (finding.outcome == OUTCOME_PASS)
		return;
	log_warn("CMBMSC of BAR 0 was NOT put back: %s", finding.text ?: strerror(-r));
	/* One that could not be made is no finding of the device. */
	if (r == 0 && finding.text)
		(void)keep(run, &finding);
}

/* 0 and a plan with a range, or without one when there is none to be tested: then a finding says why. */
static int locate(struct run *run, struct err *err)
{
	enum outcome outcome = OUTCOME_UNKNOWN;
	int r = cmb_open(run->root, &run->claim, run->plan, run->about->scope, err, &run->locator);

	run->located = *run->plan;
	if (r == 0)
		r = run_step(run, 0, err, &outcome);
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
		r = run_step(run, i, err, &outcome);
		is_ended = r < 0 || is_end(run->plan->at[i], outcome);
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
	run->record.address = device->address;
	run->record.bar = run->plan->bar->index;
	run->record.vendor = device->vendor;
	run->record.device = device->device;
	run->record.revision = device->revision;
	run->record.range = run->plan->range;
	run->entry.address = device->address;
	run->entry.bar = run->plan->bar->index;
	run->entry.boot_id = run->record.boot_id;
	return r;
}

/* From the claim to its release. */
static int run_claimed(struct run *run, struct err *err)
{
	const struct plan *plan = run->plan;
	int r = claim_take(run->root, plan->device, plan->bar, err, &run->claim);

	if (r == 0)
		r = errors_open(run->root, plan->device, err, &run->sources);
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

/* Does the plan test anything at all? */
static bool has_test(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (step_infos[plan->at[i]].is_test && plan->at[i] != STEP_TYPE)
			return true;
	return false;
}

/* A death that the journal knew of before is forgotten only by a probe that came to its end. */
static int run_journaled(struct run *run, struct err *err)
{
	_cleanup_(journal_done) struct journal journal = { 0 };
	const struct journal_entry *crash;
	struct err other = { 0 };
	int r = journal_read(run->root, err, &journal), q;

	if (r < 0)
		return r;
	crash = journal_crash(&journal, &run->entry.address, run->entry.bar);
	run->entry.deaths = crash ? crash->deaths + 1 : 0;
	r = write_journal(run, STEP_NONE, RUNNER_NO_INSN, err);
	if (r < 0)
		return r;
	r = run_claimed(run, err);
	if (r == 0 && interrupt_came(&run->interrupt))
		r = err_set(err, -EINTR, "interrupted", "interrupted by signal %d", run->interrupt.signal);
	/* The finding is on disk before the entry goes: a host that dies in between is still told of. */
	if (r == 0 && has_test(run->plan))
		r = store_write(run->root, &run->record, err);
	if (r < 0 && crash)
		q = journal_write(run->root, crash, &other);
	else
		q = journal_remove(run->root, &run->entry.address, run->entry.bar, &other);
	if (q < 0)
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
		r = lock_take(root, LOCK_PROBE, false, err, &lock);
	if (r == 0)
		r = fill_record(&run, err);
	if (r < 0)
		return r;
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
