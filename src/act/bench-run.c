/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-run: which instructions are measured and when, what a runner must be told of one, and what its passes say. */
#include "act/bench-run.h"

#include "act/arch.h"
#include "act/port.h"
#include "decide/stats.h"

bool bench_next(const struct bench_order *order, bool is_virtual, struct bench_turn *turn)
{
	bool is_shy = is_virtual && !order->is_wide;

	for (; turn->pass < BENCH_PASSES; turn->pass++, turn->next = 0)
		while (turn->next < arch_n_insns) {
			turn->insn = turn->next++;
			if (!(order->out >> turn->insn & 1) &&
			    (order->is_wide || !(arch_insns[turn->insn].flags & INSN_DIRECT)) &&
			    insn_is_usable(&arch_insns[turn->insn], is_shy))
				return true;
		}
	return false;
}

void bench_prepare(const struct bench_order *order, uint32_t i, struct runner *runner)
{
	runner->request.insn = i;
	runner->request.bench_streams = order->streams;
	runner->request.bench_size_bytes = order->size_bytes;
	if (order->is_wide)
		runner->request.is_virtual = 0;
}

void bench_tell(struct bench_order *order, uint32_t i, const struct finding *finding, struct series_reply *series)
{
	if (finding->outcome != OUTCOME_PASS) {
		/* What the registers say against it was said of the finding; then its figures are none. */
		series->n = 0;
		order->out |= (uint64_t)1 << i;
	}
	order->measured(order->data, &arch_insns[i], finding, series);
}

static const struct series *find(const struct series_reply *reply, const struct series *like)
{
	for (uint32_t i = 0; i < reply->n; i++)
		if (reply->at[i].size_bytes == like->size_bytes && reply->at[i].streams == like->streams &&
		    reply->at[i].kind == like->kind)
			return &reply->at[i];
	return NULL;
}

static bool merge_one(const struct series_reply passes[], unsigned int n, struct series *series)
{
	double medians[BENCH_PASSES];
	struct interval interval;

	series->batches = 0;
	for (unsigned int i = 0; i < n; i++) {
		const struct series *of = find(&passes[i], series);

		if (!of)
			return false;
		medians[i] = of->median_mbps;
		series->batches += of->batches;
		series->min_mbps = of->min_mbps < series->min_mbps ? of->min_mbps : series->min_mbps;
		series->p99_mbps = of->p99_mbps > series->p99_mbps ? of->p99_mbps : series->p99_mbps;
	}
	series->median_mbps = stats_median(medians, n);
	interval = stats_rank_interval(medians, n);
	series->low_mbps = interval.low;
	series->high_mbps = interval.high;
	return true;
}

void bench_merge(const struct series_reply passes[], unsigned int n, struct series_reply *ret)
{
	*ret = (struct series_reply){ .insn = passes[0].insn };
	for (uint32_t i = 0; i < passes[0].n; i++) {
		struct series merged = passes[0].at[i];

		if (merge_one(passes, n, &merged))
			ret->at[ret->n++] = merged;
	}
}
