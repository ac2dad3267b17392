/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench: batches, rounds, and when they count. */
#include "act/bench.h"

#include "base/cleanup.h"
#include "decide/stats.h"

#define WARM_ROUNDS_MAX 12
#define WARM_WINDOW 3
#define WARM_PART 0.02
#define PAGE_BYTES 4096
/* Longer than asked for, so that a batch that went a little faster is still long enough. */
#define MARGIN 1.1
/* How often a batch that came out too short is made longer and run again. */
#define TRIES 8

/* On the clock: the stores, their fences, and the wait for the last of them. */
static uint64_t time_batch(const struct trial *trial, const struct bench_case *at, uint64_t n)
{
	const struct port *port = &trial->port;
	const struct transfer transfer = { .size_bytes = at->size_bytes, .span_bytes = trial->size_bytes,
		                           .streams = at->streams, .n = n };
	uint64_t start = port->ops->now_ns(port->state);

	if (port->ops->transfer)
		port->ops->transfer(port->state, at->insn, &transfer);
	else
		transfer_walk(port->state, at->insn, &transfer, port->ops->stream, port->ops->fence);
	port->ops->drain(port->state);
	return port->ops->now_ns(port->state) - start;
}

/* So many transfers that a batch lasts long enough, as far as one of n that took elapsed_ns can tell. */
static uint64_t lengthen(uint64_t n, uint64_t elapsed_ns)
{
	double factor = MARGIN * BENCH_BATCH_NS / (double)(elapsed_ns ?: 1);

	/* A short one tells little. */
	return factor > 16 ? 16 * n : (uint64_t)((double)n * factor) + 1;
}

/* The first batches of a case find out how long it must be. */
static void calibrate(const struct trial *trial, struct bench_case *at, enum bench_kind kind)
{
	uint64_t n = 1, elapsed;

	while ((elapsed = time_batch(trial, at, n)) < BENCH_BATCH_NS)
		n = lengthen(n, elapsed);
	at->transfers[kind] = n;
	at->is_left_out |= elapsed / n > BENCH_SLOW_NS;
}

/* One that was too short is no measurement: it is made longer and run again. */
static uint64_t run_batch(const struct trial *trial, struct bench_case *at, enum bench_kind kind)
{
	uint64_t elapsed = time_batch(trial, at, at->transfers[kind]);

	for (unsigned int i = 0; i < TRIES && elapsed < BENCH_BATCH_NS; i++) {
		at->transfers[kind] = lengthen(at->transfers[kind], elapsed);
		elapsed = time_batch(trial, at, at->transfers[kind]);
	}
	return elapsed ?: 1;
}

/* A page's first touch is the kernel's time, where it is mapped late; through this mapping it is no test either. */
static bool map_warm(struct trial *trial, enum bench_kind kind)
{
	const struct port *port = &trial->port;

	if (!trial_map(trial, kind == BENCH_UC ? WINDOW_UC : WINDOW_WC))
		return false;
	for (uint64_t offset = 0; offset < trial->size_bytes; offset += PAGE_BYTES)
		port_store(port, offset, 8, 0);
	port->ops->drain(port->state);
	return true;
}

/* Slot: where the figures go. Adds what its batches took to *time_ns. */
static bool run_half(struct bench *bench, enum bench_kind kind, unsigned int slot, double *time_ns)
{
	if (!map_warm(bench->trial, kind))
		return false;
	for (unsigned int i = 0; i < bench->n_cases; i++) {
		struct bench_case *at = &bench->cases[i];
		uint64_t elapsed;

		if (at->is_left_out)
			continue;
		if (!at->transfers[kind])
			calibrate(bench->trial, at, kind);
		if (at->is_left_out)
			continue;
		elapsed = run_batch(bench->trial, at, kind);
		at->mbps[kind][slot] = (double)(at->size_bytes * at->transfers[kind]) * 1000 / (double)elapsed;
		/* By a transfer, for a batch may have been made longer. */
		*time_ns += (double)elapsed / (double)at->transfers[kind];
	}
	return true;
}

/* Who comes first changes with each round: neither always follows the other's heat. */
static bool run_round(struct bench *bench, unsigned int number, unsigned int slot, double *ret_time_ns)
{
	enum bench_kind first = number % 2 ? BENCH_WC : BENCH_UC, other = number % 2 ? BENCH_UC : BENCH_WC;
	double time_ns = 0;

	if (!run_half(bench, first, slot, &time_ns) || !run_half(bench, other, slot, &time_ns))
		return false;
	*ret_time_ns = time_ns;
	return true;
}

static bool is_settled(const double *times, unsigned int n)
{
	double now[WARM_WINDOW], before[WARM_WINDOW], ratio;

	if (n < 2 * WARM_WINDOW)
		return false;
	for (unsigned int i = 0; i < WARM_WINDOW; i++) {
		now[i] = times[n - 1 - i];
		before[i] = times[n - 1 - WARM_WINDOW - i];
	}
	ratio = stats_median(now, WARM_WINDOW) / stats_median(before, WARM_WINDOW);
	return ratio > 1 - WARM_PART && ratio < 1 + WARM_PART;
}

static uint64_t now_ns(const struct bench *bench)
{
	return bench->trial->port.ops->now_ns(bench->trial->port.state);
}

static bool warm_up(struct bench *bench)
{
	double times[WARM_ROUNDS_MAX];

	for (unsigned int i = 0; i < WARM_ROUNDS_MAX && !bench->is_settled; i++) {
		if (!run_round(bench, i, 0, &times[i]))
			return false;
		bench->is_settled = is_settled(times, i + 1);
	}
	return true;
}

bool bench_measure(struct bench *bench)
{
	uint64_t start = now_ns(bench);
	double time_ns;

	bench->rounds = 0;
	bench->is_settled = false;
	if (!warm_up(bench))
		return false;
	while (bench->rounds < bench->rounds_min ||
	       (bench->rounds < bench->rounds_max && now_ns(bench) - start < bench->budget_ns)) {
		if (!run_round(bench, bench->rounds, bench->rounds, &time_ns))
			return false;
		bench->rounds++;
	}
	return true;
}

struct series bench_series_of(const struct bench *bench, struct bench_case *at, enum bench_kind kind)
{
	double *values = at->mbps[kind];
	struct interval interval = stats_median_interval(values, bench->rounds, bench->trial->seed);

	return (struct series){ .size_bytes = at->size_bytes,
		                .streams = at->streams,
		                .kind = kind,
		                .batches = bench->rounds,
		                .median_mbps = stats_median(values, bench->rounds),
		                .low_mbps = interval.low,
		                .high_mbps = interval.high,
		                .min_mbps = stats_min(values, bench->rounds),
		                .p99_mbps = stats_quantile(values, bench->rounds, 0.99) };
}
