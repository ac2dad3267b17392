/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-step: the benchmark as a step of a probe: short, of every instruction; or long, of one. */
#include "act/bench.h"
#include "act/image.h"
#include "base/cleanup.h"
#include "decide/stats.h"

#define SHORT_BYTES 16384 /* a transfer of the short one */
#define SHORT_NS 1000000000
#define SHORT_VIRTUAL_NS 300000000 /* figures of a virtual machine say little */
#define ROUNDS_MIN 8
/* Of each pass of the long one (bench-run.h). */
#define LONG_NS 250000000
#define LONG_ROUNDS_MIN 4
#define LONG_ROUNDS_MAX 12
#define CASES_MAX 64 /* 64 B .. 4 MiB by factors of 4, with 1, 2 and 4 streams; or so many instructions */

/* Too large for a stack, and a child measures once. */
static struct bench_case cases[CASES_MAX];

static struct bench_case *add_case(struct bench *bench, const struct insn *insn, uint64_t size_bytes,
                                   unsigned int streams)
{
	if (bench->n_cases == CASES_MAX)
		return NULL;
	cases[bench->n_cases] = (struct bench_case){ .insn = insn, .size_bytes = size_bytes, .streams = streams };
	return &cases[bench->n_cases++];
}

/* ---- short ---- */

/* What has this instruction's width among 64-byte lines and 4-byte stores, as the numbers' names say. */
static bool is_dword(const struct insn *insn)
{
	return insn->width == 4 && insn->flags & INSN_SCALAR;
}

/* The fastest, by median, of those that store dwords, or of those that do not; NULL: there is none. */
static struct bench_case *best_of(const struct bench *bench, enum bench_kind kind, bool of_dwords)
{
	struct bench_case *best = NULL;
	double most = 0;

	for (unsigned int i = 0; i < bench->n_cases; i++) {
		double median = stats_median(bench->cases[i].mbps[kind], bench->rounds);

		if (bench->cases[i].is_left_out || is_dword(bench->cases[i].insn) != of_dwords || median <= most)
			continue;
		best = &bench->cases[i];
		most = median;
	}
	return best;
}

static double median_of(const struct bench *bench, struct bench_case *at, enum bench_kind kind)
{
	return at ? stats_median(at->mbps[kind], bench->rounds) : 0;
}

static void report(const struct bench *bench)
{
	static const char *const names[BENCH_KINDS][2] = { [BENCH_UC] = { "uc_64b_mbps", "uc_4b_mbps" },
		                                           [BENCH_WC] = { "wc_64b_mbps", "wc_4b_mbps" } };
	struct step_reply *reply = bench->trial->reply;
	struct bench_case *best[BENCH_KINDS];
	double mbps[BENCH_KINDS], gain;
	struct interval interval;

	/* The best that a user gets with WC, against the best without: not against the worst. */
	for (enum bench_kind kind = BENCH_UC; kind < BENCH_KINDS; kind++) {
		struct bench_case *line = best_of(bench, kind, false), *dword = best_of(bench, kind, true);

		best[kind] = median_of(bench, line, kind) >= median_of(bench, dword, kind) ? line : dword;
		mbps[kind] = median_of(bench, best[kind], kind);
		reply_number(reply, names[kind][0], median_of(bench, line, kind));
		reply_number(reply, names[kind][1], median_of(bench, dword, kind));
	}
	if (!best[BENCH_UC] || !best[BENCH_WC]) {
		reply->n_numbers = 0;
		reply_say(reply, OUTCOME_UNSUPPORTED,
		          "too slow to be measured: a single transfer takes longer than %u ms", BENCH_SLOW_NS / 1000000);
		return;
	}
	gain = mbps[BENCH_WC] / mbps[BENCH_UC];
	interval = stats_ratio_interval(best[BENCH_WC]->mbps[BENCH_WC], bench->rounds, best[BENCH_UC]->mbps[BENCH_UC],
	                                bench->rounds, bench->trial->seed);
	reply_number(reply, "gain", gain);
	reply_number(reply, "gain_low", interval.low);
	reply_number(reply, "gain_high", interval.high);
	reply_number(reply, "batches", bench->rounds);
	reply_number(reply, "settled", bench->is_settled);
	reply_say(reply, OUTCOME_PASS,
	          "stores: WC %.0f MB/s by %s, UC %.0f MB/s by %s; gain %.2f (%.2f to %.2f) over resourceN, "
	          "median of %u batches",
	          mbps[BENCH_WC], best[BENCH_WC]->insn->name, mbps[BENCH_UC], best[BENCH_UC]->insn->name, gain,
	          interval.low, interval.high, bench->rounds);
}

static void plan_short(struct bench *bench)
{
	const struct trial *trial = bench->trial;
	uint64_t size_bytes = trial->size_bytes < SHORT_BYTES ? trial->size_bytes : SHORT_BYTES;

	for (unsigned int i = 0; i < trial->port.n_insns; i++)
		/* What leaves as a packet of its own is no gain of combining, and may not work here at all. */
		if (insn_is_usable(&trial->port.insns[i], trial->is_virtual) && !(trial->port.insns[i].flags & INSN_DIRECT))
			add_case(bench, &trial->port.insns[i], size_bytes, 1);
	bench->budget_ns = trial->is_virtual ? SHORT_VIRTUAL_NS : SHORT_NS;
	bench->rounds_min = ROUNDS_MIN;
	bench->rounds_max = BENCH_BATCHES_MAX;
}

/* ---- long ---- */

static void plan_long(struct bench *bench)
{
	const struct trial *trial = bench->trial;

	for (unsigned int streams = 1; streams <= BENCH_STREAMS_MAX; streams *= 2)
		for (uint64_t size = LINE_BYTES; size <= trial->size_bytes; size *= 4)
			if (size >= LINE_BYTES * streams &&
			    (!trial->bench_streams || trial->bench_streams == streams) &&
			    (!trial->bench_size_bytes || trial->bench_size_bytes == size))
				add_case(bench, trial->insn, size, streams);
	bench->budget_ns = LONG_NS;
	bench->rounds_min = LONG_ROUNDS_MIN;
	bench->rounds_max = LONG_ROUNDS_MAX;
}

static void tell_series(struct bench *bench)
{
	struct series_reply *series = bench->trial->series;
	const char *name = bench->trial->insn->name;
	unsigned int left_out = 0;

	for (unsigned int i = 0; i < bench->n_cases; i++) {
		left_out += bench->cases[i].is_left_out;
		for (enum bench_kind kind = BENCH_UC; kind < BENCH_KINDS && !bench->cases[i].is_left_out; kind++)
			series->at[series->n++] = bench_series_of(bench, &bench->cases[i], kind);
	}
	reply_number(bench->trial->reply, "batches", bench->rounds);
	reply_number(bench->trial->reply, "settled", bench->is_settled);
	reply_number(bench->trial->reply, "left_out", left_out);
	if (!series->n)
		reply_say(bench->trial->reply, OUTCOME_UNSUPPORTED, "%s: no size of these can be measured here", name);
	else
		reply_say(bench->trial->reply, OUTCOME_PASS, "%s: %u series of %u batches%s", name, series->n,
		          bench->rounds, bench->is_settled ? "" : "; the machine did not settle before");
}

void pattern_bench(struct trial *trial)
{
	const struct image background = { .trial = trial };
	struct bench bench = { .trial = trial, .cases = cases };
	bool is_measured;

	if (trial->series && !insn_is_usable(trial->insn, trial->is_virtual)) {
		reply_say(trial->reply, OUTCOME_UNSUPPORTED,
		          "%s: this CPU does not have it, or it may not be used here", trial->insn->name);
		return;
	}
	if (!trial_map(trial, WINDOW_UC) || !image_verify(&background, 0, trial->size_bytes, "before the benchmark"))
		return;
	if (trial->series)
		plan_long(&bench);
	else
		plan_short(&bench);
	is_measured = bench_measure(&bench);
	if (!trial_map(trial, WINDOW_UC))
		return;
	image_put_background(trial, 0, trial->size_bytes);
	trial->port.ops->drain(trial->port.state);
	if (!is_measured || !image_verify(&background, 0, trial->size_bytes, "after the benchmark"))
		return;
	if (trial->series)
		tell_series(&bench);
	else
		report(&bench);
}
