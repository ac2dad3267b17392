/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-bench: the harness on a bus whose speed is known, and what it costs itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "act/bench-run.h"
#include "act/bench.h"
#include "act/image.h"
#include "base/cleanup.h"
#include "bus.h"

static struct bus bus;
static struct step_reply reply;
static struct series_reply series;

/* ---- a bus with more on its clock ---- */

static struct port_ops ops;
static struct {
	uint64_t remap_ns, fence_ns, drain_ns, store_ns;
	unsigned int warm_remaps; /* until so many were made all takes twice as long */
	unsigned int fences, drains, remaps, transfers;
	uint64_t last_ns; /* the clock when it was looked at last */
	bool is_batch;    /* there were stores of a batch since */
	unsigned int batches, short_batches; /* once all is fast */
	enum window_kind last;
	bool has_repeated; /* one kind was mapped three times running */
	unsigned int run;
} extra;

static int slow_remap(void *state, enum window_kind kind)
{
	bus.now_ns += extra.remap_ns;
	extra.remaps++;
	extra.run = kind == extra.last ? extra.run + 1 : 1;
	extra.has_repeated |= extra.run > 2;
	extra.last = kind;
	return bus_remap(state, kind);
}

static void slow_store(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	bus.now_ns += extra.store_ns;
	bus_store_n(state, offset, width, value);
}

static void slow_fence(void *state)
{
	(void)state;
	extra.fences++;
	bus.now_ns += extra.fence_ns;
}

static void slow_drain(void *state)
{
	(void)state;
	extra.drains++;
	bus.now_ns += extra.drain_ns;
}

static uint64_t watched_now(void *state)
{
	uint64_t ns = bus_now_ns(state);

	if (extra.is_batch && extra.remaps >= extra.warm_remaps) {
		extra.batches++;
		extra.short_batches += ns - extra.last_ns < BENCH_BATCH_NS;
	}
	extra.is_batch = false;
	extra.last_ns = ns;
	return ns;
}

static void slow_stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	uint64_t before = bus.now_ns;

	extra.transfers++;
	extra.is_batch = true;
	bus_stream(state, insn, offset, size_bytes, value);
	if (extra.remaps < extra.warm_remaps)
		bus.now_ns += bus.now_ns - before;
}

static struct trial new_trial(void)
{
	struct trial trial = { .port = port_bus(&bus), .size_bytes = BUS_BYTES, .seed = 12345, .save = -1, .memtypes = -1,
		               .reply = &reply };

	memset(&extra, 0, sizeof(extra));
	bus = (struct bus){ .cost_ns = { 0, 1000, 100 } };
	pattern_background(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	reply = (struct step_reply){ 0 };
	series = (struct series_reply){ 0 };
	ops = bus_ops;
	ops.remap = slow_remap;
	ops.store = slow_store;
	ops.fence = slow_fence;
	ops.drain = slow_drain;
	ops.now_ns = watched_now;
	ops.stream = slow_stream;
	trial.port.ops = &ops;
	return trial;
}

static bool is_near(double value, double want)
{
	return value > want * 0.995 && value < want * 1.005;
}

static const struct series *find(uint64_t size_bytes, unsigned int streams, enum bench_kind kind)
{
	for (unsigned int i = 0; i < series.n; i++)
		if (series.at[i].size_bytes == size_bytes && series.at[i].streams == streams && series.at[i].kind == kind)
			return &series.at[i];
	fail_msg("no series of %llu bytes, %u streams", (unsigned long long)size_bytes, streams);
	return NULL;
}

static double number(const char *name)
{
	for (uint32_t i = 0; i < reply.n_numbers; i++)
		if (!strcmp(reply.numbers[i].name, name))
			return reply.numbers[i].value;
	fail_msg("no number %s in \"%s\"", name, reply.text);
	return 0;
}

static void run_long(struct trial *trial)
{
	trial->insn = &bus_insns[1];
	trial->series = &series;
	pattern_bench(trial);
}

/* ---- the long one ---- */

static void all_series(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	run_long(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	/* 64 B .. 64 KiB: six sizes, of which the first cannot be parted. */
	assert_int_equal(series.n, 2 * (6 + 5 + 5));
	for (unsigned int i = 0; i < series.n; i++) {
		const struct series *at = &series.at[i];

		assert_true(is_near(at->median_mbps, at->kind == BENCH_UC ? 64 : 640));
		assert_true(is_near(at->min_mbps, at->median_mbps) && is_near(at->p99_mbps, at->median_mbps));
		assert_true(at->low_mbps <= at->median_mbps && at->median_mbps <= at->high_mbps);
		/* of a pass: some 50 of all passes */
		assert_in_range(at->batches, 4, BENCH_BATCHES_MAX);
	}
	(void)find(65536, 4, BENCH_WC);
	(void)find(64, 1, BENCH_UC);
	assert_true(number("settled") == 1 && number("left_out") == 0);
	assert_false(extra.has_repeated);
	assert_int_equal(bus.outside, 0);
	for (uint64_t offset = 0; offset < BUS_BYTES; offset += 8) {
		uint64_t want = image_background(&trial, offset);

		assert_memory_equal(bus.memory + offset, &want, 8);
	}
}

/* Remaps and first touches are off the clock; fences and the last wait are on it. */
static void clock_bounds(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	trial.bench_streams = 1;
	extra.remap_ns = 5000000;
	extra.store_ns = 100000;
	run_long(&trial);
	assert_true(is_near(find(1024, 1, BENCH_WC)->median_mbps, 640));

	/* 16 lines of 100 ns and a fence of 400: four fifths. */
	trial = new_trial();
	trial.bench_streams = 1;
	extra.fence_ns = 400;
	run_long(&trial);
	assert_true(is_near(find(1024, 1, BENCH_WC)->median_mbps, 512));
	assert_true(is_near(find(64, 1, BENCH_WC)->median_mbps, 128));

	/* A wait of 300 us: of a batch of 1.1 ms not much more than 0.8 are stores. */
	trial = new_trial();
	trial.bench_size_bytes = 4096;
	trial.bench_streams = 1;
	extra.drain_ns = 300000;
	run_long(&trial);
	assert_int_equal(series.n, 2);
	assert_true(find(4096, 1, BENCH_WC)->median_mbps < 640 * 0.82 && find(4096, 1, BENCH_WC)->median_mbps > 640 * 0.6);
}

static void filters(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	trial.bench_streams = 2;
	run_long(&trial);
	assert_int_equal(series.n, 10);
	trial = new_trial();
	trial.bench_size_bytes = 256;
	run_long(&trial);
	assert_int_equal(series.n, 6);
	trial = new_trial();
	trial.bench_size_bytes = 100;
	run_long(&trial);
	assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
	assert_int_equal(series.n, 0);
	trial = new_trial();
	trial.size_bytes = 4096;
	pattern_background(&trial);
	run_long(&trial);
	assert_int_equal(series.n, 2 * (4 + 3 + 3));
	trial = new_trial();
	trial.is_virtual = true;
	trial.insn = &(const struct insn){ .name = "wide", .width = 64 };
	trial.series = &series;
	pattern_bench(&trial);
	assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
	assert_int_equal(extra.transfers, 0);
}

/* While it gets faster nothing counts; and what never settles is measured all the same, and says so. */
static void warms_up(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	trial.bench_size_bytes = 4096;
	trial.bench_streams = 1;
	extra.warm_remaps = 7;
	run_long(&trial);
	assert_true(is_near(find(4096, 1, BENCH_WC)->min_mbps, 640));
	assert_true(number("settled") == 1);
	/* What was long enough before is made longer, so that one batch of each mapping at most was too short. */
	unsigned int n = find(4096, 1, BENCH_WC)->batches;

	assert_in_range(n, 4, BENCH_BATCHES_MAX / 2);
	assert_in_range(extra.batches, 2 * n, 2 * n + 30);
	assert_in_range(extra.short_batches, 1, 2);

	trial = new_trial();
	trial.bench_size_bytes = 4096;
	trial.bench_streams = 1;
	extra.warm_remaps = 20;
	run_long(&trial);
	/* Half as fast for ten rounds: that looks settled. No rule sees into the future; the spread tells. */
	assert_true(find(4096, 1, BENCH_WC)->min_mbps < 330 && find(4096, 1, BENCH_WC)->p99_mbps > 630);
}

/* Nothing is measured whose single transfer would take the whole time. */
static void too_slow(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	bus.cost_ns[WINDOW_UC] = 1000000; /* 1 ms a line: 64 KiB would take a second */
	trial.bench_streams = 1;
	run_long(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_int_equal(series.n, 2 * 4);
	assert_true(number("left_out") == 2);
}

/* ---- the short one ---- */

static bool is_absent(void)
{
	return false;
}

static const struct insn choice[] = {
	{ .name = "dword", .width = 4, .flags = INSN_SCALAR },
	{ .name = "absent", .width = 64, .flags = INSN_SCALAR, .is_there = is_absent },
	{ .name = "wide", .width = 32 },
	{ .name = "line", .width = 64, .flags = INSN_SCALAR },
	{ .name = "masked", .width = 64, .flags = INSN_SCALAR | INSN_MASKED },
	{ .name = "direct", .width = 64, .flags = INSN_SCALAR | INSN_DIRECT },
};

/* WC: wide is the fastest; UC: line. Those that may not be used would be faster still. */
static void choosy_stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	static const uint64_t ns[][2] = { { 1000, 400 }, { 1, 1 }, { 800, 100 }, { 500, 200 }, { 1, 1 }, { 1, 1 } };

	(void)state;
	(void)value;
	memset(bus.memory + offset, 1, size_bytes);
	bus.now_ns += size_bytes / 64 * ns[insn - choice][bus.kind == WINDOW_WC];
}

static void best_by_name(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	ops.stream = choosy_stream;
	trial.port.insns = choice;
	trial.port.n_insns = ELEMENTSOF(choice);
	pattern_bench(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_non_null(strstr(reply.text, "WC 640 MB/s by wide, UC 128 MB/s by line; gain 5.00"));
	assert_true(is_near(number("gain"), 5) && is_near(number("gain_low"), 5) && is_near(number("gain_high"), 5));
	assert_true(is_near(number("wc_4b_mbps"), 160) && is_near(number("uc_4b_mbps"), 64));
	assert_true(is_near(number("wc_64b_mbps"), 640) && is_near(number("uc_64b_mbps"), 128));

	/* Where a hypervisor may have to emulate the store only one of a general register is made. */
	reply = (struct step_reply){ 0 };
	trial.is_virtual = true;
	pattern_bench(&trial);
	assert_non_null(strstr(reply.text, "WC 320 MB/s by line, UC 128 MB/s by line; gain 2.50"));
}

static void all_too_slow(void **state)
{
	struct trial trial = new_trial();

	(void)state;
	bus.cost_ns[WINDOW_UC] = 10000000;
	pattern_bench(&trial);
	assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
	assert_int_equal(reply.n_numbers, 0);
}

/* ---- what the harness itself costs ---- */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t ahead_ns;
static unsigned int n_batches, n_short;

/* Stores that take no time at all, on a clock on which they take 5 ns a line and 50 a fence. */
static void free_transfer(void *state, const struct insn *insn, const struct transfer *transfer)
{
	uint64_t ns = transfer->n * (transfer->size_bytes / 64 * 5 + 50);

	(void)state;
	(void)insn;
	ahead_ns += ns;
	n_batches++;
	n_short += ns < BENCH_BATCH_NS;
}

static uint64_t ahead_now(void *state)
{
	(void)state;
	return now() + ahead_ns;
}

static int free_remap(void *state, enum window_kind kind)
{
	(void)state;
	(void)kind;
	return 0;
}

static void free_store(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	(void)state;
	(void)offset;
	(void)width;
	(void)value;
}

static void own_cost(void **state)
{
	static const struct port_ops free_ops = { .remap = free_remap, .store = free_store, .transfer = free_transfer,
		                                  .fence = bus_nothing, .drain = bus_nothing, .now_ns = ahead_now };
	struct trial trial = { .port = { .ops = &free_ops, .insns = bus_insns, .n_insns = 2 }, .size_bytes = 1 << 22,
		               .reply = &reply };
	static struct bench_case cases[9];
	double best_ns = 1e9;

	(void)state;
	/* The machine may do something else meanwhile: the best of several runs is what the harness costs. */
	for (unsigned int run = 0; run < 10; run++) {
		struct bench bench = { .trial = &trial, .cases = cases, .rounds_min = 16,
			                       .rounds_max = BENCH_BATCHES_MAX };
		uint64_t start;
		double ns;

		for (uint64_t size = 64; size <= 1 << 22; size *= 4)
			cases[bench.n_cases++] = (struct bench_case){ .insn = &bus_insns[1], .size_bytes = size, .streams = 1 };
		ahead_ns = n_batches = n_short = 0;
		start = now();
		assert_true(bench_measure(&bench));
		ns = (double)(now() - start) / n_batches;
		if (ns < best_ns)
			best_ns = ns;
		/* All that is measured lasts a millisecond; only what finds out how long it must be is shorter. */
		assert_true(n_short < n_batches / 4);
		assert_in_range(n_batches, 9 * 2 * 16, 9 * 2 * 64);
	}
	printf("%.0f ns of its own for a batch of %u\n", best_ns, BENCH_BATCH_NS);
	assert_true(best_ns < BENCH_BATCH_NS / 100);
}

/* Of the passes the one in the middle, and how sure it is; a series that a pass left out is none. */
static void passes_are_merged(void **state)
{
	static const double medians[BENCH_PASSES] = { 103, 99, 20, 97, 105, 100, 102, 30, 98, 900, 104, 101 };
	static struct series_reply passes[BENCH_PASSES], merged;

	(void)state;
	for (unsigned int i = 0; i < BENCH_PASSES; i++) {
		const struct series wc = { .size_bytes = 256, .streams = 2, .kind = BENCH_WC, .batches = 10 + i,
			                   .median_mbps = medians[i], .low_mbps = 1, .high_mbps = 1000,
			                   .min_mbps = medians[i] - 10, .p99_mbps = medians[i] + 10 };
		struct series uc = wc, other = wc;

		uc.kind = BENCH_UC;
		uc.median_mbps = 7;
		other.streams = 4;
		passes[i] = (struct series_reply){ .insn = 3, .n = i == 2 ? 2 : 3 };
		/* Not in the same order in each. */
		passes[i].at[i % 2] = wc;
		passes[i].at[!(i % 2)] = uc;
		passes[i].at[2] = other;
	}
	bench_merge(passes, BENCH_PASSES, &merged);
	assert_int_equal(merged.insn, 3);
	assert_int_equal(merged.n, 2);
	assert_int_equal(merged.at[0].kind, BENCH_WC);
	assert_int_equal(merged.at[0].streams, 2);
	assert_int_equal(merged.at[0].batches, 12 * 10 + 11 * 12 / 2);
	assert_true(merged.at[0].median_mbps == 100.5);
	/* From the 3rd to the 10th: the two that were disturbed do not count, nor the one that flew. */
	assert_true(merged.at[0].low_mbps == 97 && merged.at[0].high_mbps == 104);
	assert_true(merged.at[0].min_mbps == 10 && merged.at[0].p99_mbps == 910);
	assert_int_equal(merged.at[1].kind, BENCH_UC);
	assert_true(merged.at[1].low_mbps == 7 && merged.at[1].high_mbps == 7);
	assert_int_equal(merged.at[2].size_bytes, 0);

	bench_merge(passes, 1, &merged);
	assert_int_equal(merged.n, 3);
	assert_true(merged.at[0].low_mbps == 103 && merged.at[0].high_mbps == 103);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_are_merged),
		cmocka_unit_test(all_series), cmocka_unit_test(clock_bounds), cmocka_unit_test(filters),
		cmocka_unit_test(warms_up),   cmocka_unit_test(too_slow),     cmocka_unit_test(best_by_name),
		cmocka_unit_test(all_too_slow), cmocka_unit_test(own_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
