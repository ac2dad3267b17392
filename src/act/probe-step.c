/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe-step: a child between two looks at the error registers, and the journal around it. */
#include "act/probe-step.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "act/arch.h"
#include "act/cmb.h"
#include "act/journal.h"
#include "act/parts.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"

/*
 * After a step, before the error registers are read: a completion timeout takes 50 ms by default (PCIe 6.0, 7.5.3.16),
 * then a message, an interrupt and a thread of the kernel follow.
 */
#define SETTLE_MS 100

static void settle(void)
{
	struct timespec left = { .tv_nsec = SETTLE_MS * 1000000L };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

int probe_journal(struct run *run, enum step step, uint32_t insn, struct err *err)
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

/* An error that a port tells of is the path's, whatever the step: others behind it would meet it, too. */
static int tell_of_ports(struct finding *finding)
{
	return numbers_find(&finding->numbers, NUMBER_PORT_ERRORS) ? 0 : numbers_add(&finding->numbers, NUMBER_PORT_ERRORS, 1);
}

/*
 * What the registers say, beside what the child said. A death stays one where the device has gone: to be pulled out is no
 * failure of the path.
 */
static int weigh_errors(struct run *run, const struct error_snapshot *before, const struct error_snapshot *after,
                        struct finding *finding)
{
	char text[256] = "";
	bool is_death;

	if (!errors_observed(&run->sources, before, after))
		run->record.errors_observed = false;
	switch (errors_compare(&run->sources, before, after, text)) {
	case ERROR_NEWS_HERE:
		run->is_bad = true;
		is_death = finding->outcome == OUTCOME_DIED && claim_check(&run->claim, NULL) < 0;
		if (!is_death && errors_are_of_ports(&run->sources, before, after) && tell_of_ports(finding) < 0)
			return -ENOMEM;
		return say(finding, is_death ? OUTCOME_DIED : OUTCOME_FAIL, text);
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

/*
 * What the registers said before a step is what they said after the one before it: an error that its stores brought
 * about, and that took longer to come than was waited for, is found by the next look.
 */
static int look_before(struct run *run, struct error_snapshot *ret)
{
	if (!run->seen.n)
		return errors_read(&run->sources, ret);
	*ret = run->seen;
	run->seen = (struct error_snapshot){ 0 };
	return 0;
}

/* Nobody has looked since: what comes late is still found by the next look. */
static void keep_look(struct run *run, struct error_snapshot *before)
{
	if (!before->n)
		return;
	error_snapshot_done(&run->seen);
	run->seen = *before;
	*before = (struct error_snapshot){ 0 };
}

/* runner: what the child is given. series: where those of a long benchmark go; NULL for any other step. */
static int execute(struct run *run, const struct runner *runner, enum step step, struct err *err,
                   struct finding *finding, struct series_reply *series)
{
	_cleanup_(error_snapshot_done) struct error_snapshot before = { 0 }, after = { 0 };
	int r = claim_check(&run->claim, err);

	run->answer = OUTCOME_UNKNOWN;
	if (r == 0)
		r = look_before(run, &before);
	if (r == 0)
		r = series ? runner_series(runner, err, finding, series) : runner_step(runner, step, err, finding);
	/* Before anything else can fail, and when nobody will come to keep it. */
	if (outcome_is_bad(finding->outcome))
		run->is_bad = true;
	if (r == 0) {
		run->answer = finding->outcome;
		run->is_cut = run->is_cut || finding->outcome == OUTCOME_SKIPPED;
		settle();
		r = errors_read(&run->sources, &after);
	}
	if (r < 0) {
		keep_look(run, &before);
		return r;
	}
	r = weigh_errors(run, &before, &after, finding);
	keep_look(run, &after);
	if (r == 0)
		r = claim_check(&run->claim, err);
	/* A device that a step threw off the bus is a finding; a test under wrong conditions is none. */
	if (r < 0 && r != -ENOMEM && outcome_is_bad(finding->outcome)) {
		log_warn("%s", err ? err->text : strerror(-r));
		if (err)
			*err = (struct err){ 0 };
		r = 0;
	}
	return r;
}

int probe_keep(struct run *run, struct finding *finding)
{
	struct finding *slot = array_add(&run->record);

	if (!slot)
		return -ENOMEM;
	*slot = *finding;
	*finding = (struct finding){ 0 };
	if (outcome_is_bad(slot->outcome))
		run->is_bad = true;
	if (run->progress && run->progress->done)
		run->progress->done(run->progress->data, slot);
	return 0;
}

bool probe_is_end(enum step step, enum outcome outcome)
{
	if (step == STEP_SAVE || step == STEP_BACKGROUND)
		return outcome != OUTCOME_PASS;
	return outcome_is_bad(outcome);
}

/* One child, of this instruction or of none. */
static int run_part(struct run *run, enum step step, uint32_t insn, struct err *err, struct finding *ret)
{
	struct runner runner = step == STEP_LOCATE ? run->locator : run->runner;
	int r = probe_journal(run, step, insn, err);

	if (r < 0)
		return r;
	runner.request.insn = insn;
	r = execute(run, &runner, step, err, ret, NULL);
	return r < 0 ? r : probe_journal(run, STEP_NONE, RUNNER_NO_INSN, err);
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
		if (r == 0 && (probe_is_end(step, parts[i++].outcome) || run->is_cut))
			break;
	}
	if (r == 0)
		return parts_merge(insns, parts, i, ret);
	for (unsigned int k = 0; k < n; k++)
		finding_done(&parts[k]);
	return r;
}

int probe_step(struct run *run, size_t i, struct err *err, enum outcome *ret_outcome)
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
	return probe_keep(run, &finding);
}

int probe_put_back(struct run *run, const struct runner *runner, struct finding *finding)
{
	const struct finding blank = { .step = finding->step, .scope = finding->scope };
	struct err err = { 0 };
	int r;

	if (probe_journal(run, finding->step, RUNNER_NO_INSN, &err) < 0) {
		log_warn("%s", err.text);
		err = (struct err){ 0 };
	}
	run->is_cut = false;
	r = execute(run, runner, finding->step, &err, finding, NULL);
	/* A second time where no child answered, or it could not go on, for nobody comes after who would do it. */
	if ((r < 0 && finding->outcome == OUTCOME_UNKNOWN) || run->is_cut) {
		struct finding first = *finding;

		*finding = blank;
		err = (struct err){ 0 };
		r = execute(run, runner, finding->step, &err, finding, NULL);
		/* An error that came to light the first time is not new the second time. */
		if (first.outcome == OUTCOME_FAIL) {
			finding_done(finding);
			*finding = first;
			first = (struct finding){ 0 };
			r = 0;
		}
		finding_done(&first);
	}
	if (r < 0) {
		finding->time_s = (uint64_t)time(NULL);
		(void)say(finding, outcome_is_bad(finding->outcome) ? finding->outcome : OUTCOME_SKIPPED,
		          err.text[0] ? err.text : strerror(-r));
	}
	err = (struct err){ 0 };
	if (probe_journal(run, STEP_NONE, RUNNER_NO_INSN, &err) < 0)
		log_warn("%s", err.text);
	return r;
}

int probe_bench_insn(struct run *run, uint32_t i, struct err *err, enum outcome *ret_outcome)
{
	_cleanup_(finding_done) struct finding finding = { 0 };
	struct series_reply series = { 0 };
	struct runner runner = run->runner;
	int r = probe_journal(run, STEP_BENCH, i, err);

	if (r < 0)
		return r;
	bench_prepare(run->order, i, &runner);
	r = execute(run, &runner, STEP_BENCH, err, &finding, &series);
	if (r < 0)
		return r;
	bench_tell(run->order, i, &finding, &series);
	run->is_untold = run->is_untold || probe_is_end(STEP_BENCH, finding.outcome);
	*ret_outcome = finding.outcome;
	return probe_journal(run, STEP_NONE, RUNNER_NO_INSN, err);
}
