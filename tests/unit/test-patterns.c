/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-patterns: each microtest passes a healthy bus, catches each defect that it must, and leaves the background. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "trial.h"

static bool is_near(double value, double want)
{
	return value > want * 0.99 && value < want * 1.01;
}

static void healthy(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	pattern_subword(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_background(&trial);

	pattern_sparse(&trial);
	assert_int_equal(reply.outcome, OUTCOME_NOT_EXERCISED);
	assert_non_null(strstr(reply.text, "nothing shows"));
	assert_background(&trial);

	trial.is_virtual = true;
	pattern_sparse(&trial);
	assert_int_equal(reply.outcome, OUTCOME_NOT_EXERCISED);
	assert_non_null(strstr(reply.text, "emulator"));
}

/* ---- all of them ---- */

static const struct {
	enum step step;
	int insn; /* -1: none */
	enum outcome outcome; /* where nothing is wrong */
	unsigned int stores[2]; /* that it says it made in all of the range: with each repetition, and every sixteenth */
} runs[] = {
	{ STEP_SUBWORD, -1, OUTCOME_PASS, { 1016, 1016 } },
	{ STEP_UNALIGNED, -1, OUTCOME_PASS, { 203, 203 } },
	{ STEP_SPARSE, -1, OUTCOME_NOT_EXERCISED, { 167216, 12026 } },
	{ STEP_SPARSE, 5, OUTCOME_PASS, { 167216, 12026 } },
	{ STEP_WIDE64, -1, OUTCOME_PASS, { 288, 288 } },
	{ STEP_WIDE128, 3, OUTCOME_PASS, { 400, 400 } },
	{ STEP_WIDE128, 4, OUTCOME_PASS, { 24, 24 } },
	{ STEP_WIDE128, 6, OUTCOME_PASS, { 16, 16 } },
	{ STEP_ORDER, -1, OUTCOME_NOT_EXERCISED, { 12264, 6144 } },
	{ STEP_DRAIN, -1, OUTCOME_PASS, { 8192, 512 } },
	{ STEP_COHERENT, -1, OUTCOME_PASS, { 8192, 512 } },
	{ STEP_BURST, -1, OUTCOME_NOT_EXERCISED, { 720, 90 } },
	{ STEP_LIBC, -1, OUTCOME_PASS, { 632, 616 } },
	{ STEP_QUIET, -1, OUTCOME_PASS, { 0, 0 } },
};

/* A range of one page, of two, and of all. */
static void every_range(void **state)
{
	static const uint64_t sizes[] = { 4096, 8192, BUS_BYTES };

	(void)state;
	for (unsigned int s = 0; s < ELEMENTSOF(sizes); s++)
		for (unsigned int i = 0; i < ELEMENTSOF(runs); i++) {
			struct trial trial = new_trial(BUS_HEALTHY);

			bus.size_bytes = trial.size_bytes = sizes[s];
			run_step(&trial, runs[i].step, runs[i].insn);
			if (reply.outcome != runs[i].outcome)
				fail_msg("%s in %u bytes: outcome %u, \"%s\"", step_infos[runs[i].step].name,
				         (unsigned int)sizes[s], reply.outcome, reply.text);
			assert_background(&trial);
		}
}

/* Nothing is lost where all of them are made, and as many are made as is said. */
static void repetitions(void **state)
{
	static const unsigned int thinnings[] = { 1, 16 };

	(void)state;
	for (unsigned int t = 0; t < ELEMENTSOF(thinnings); t++)
		for (unsigned int i = 0; i < ELEMENTSOF(runs); i++) {
			struct trial trial = new_trial(BUS_HEALTHY);

			trial.thinning = thinnings[t];
			run_step(&trial, runs[i].step, runs[i].insn);
			assert_int_equal(reply.outcome, runs[i].outcome);
			if (runs[i].stores[t] && (unsigned int)number(runs[i].step == STEP_LIBC ? "calls" : "stores") != runs[i].stores[t])
				fail_msg("%s, every %uth: \"%s\"", step_infos[runs[i].step].name, thinnings[t], reply.text);
			assert_background(&trial);
		}
}

/* Each of these is caught by the step that is there for it, and the next step finds the background. */
static void caught(void **state)
{
	static const struct {
		enum defect defect;
		enum step step;
		int insn;
		const char *text;
	} rows[] = {
		{ BUS_IS_DEVICE, STEP_UNALIGNED, -1, "unaligned-access: 147 stores" },
		{ BUS_FAULTS_ACROSS, STEP_UNALIGNED, -1, "4 bytes: all across lines (3)" },
		{ BUS_FAULTS_PAGES, STEP_UNALIGNED, -1, "across pages (11)" },
		{ BUS_ABORTS, STEP_UNALIGNED, -1, "abort: a store of 2 bytes at 0x101" },
		{ BUS_FAULTS_ELSEWHERE, STEP_UNALIGNED, -1, "abort: " },
		{ BUS_LOSES_BYTE, STEP_UNALIGNED, -1, "missing" },
		{ BUS_ZEROES_GAPS, STEP_SPARSE, 5, "others changed" },
		{ BUS_SWAPS_HALVES, STEP_WIDE64, -1, "are wrong" },
		{ BUS_DOUBLES_HALF, STEP_WIDE64, -1, "are wrong" },
		{ BUS_LOADS_SWAPPED, STEP_WIDE64, -1, "halves are swapped" },
		{ BUS_SPLITS_WIDE, STEP_WIDE128, 3, "missing" },
		{ BUS_SPLITS_WIDE, STEP_WIDE128, 4, "missing" },
		{ BUS_SPLITS_WIDE, STEP_WIDE128, 6, "missing" },
		{ BUS_KEEPS_FIRST, STEP_ORDER, -1, "are wrong" },
		{ BUS_SWAPS_ORDER, STEP_ORDER, -1, "are wrong" },
		{ BUS_NEVER_DRAINS, STEP_DRAIN, -1, "no-drain" },
		{ BUS_NEVER_ARRIVES, STEP_DRAIN, -1, "no-drain" },
		{ BUS_READS_STALE, STEP_COHERENT, -1, "which is old" },
		{ BUS_LOSES_LONG, STEP_BURST, -1, "missing" },
		{ BUS_LOSES_LONGER, STEP_BURST, -1, "missing" },
		{ BUS_LOSES_UNFENCED, STEP_BURST, -1, "missing" },
		{ BUS_READS_DISTURB, STEP_BURST, -1, "are wrong" },
		{ BUS_LOSES_TAILS, STEP_LIBC, -1, "missing" },
		{ BUS_LOSES_HUGE, STEP_LIBC, -1, "missing" },
		{ BUS_DISTURBS_LATE, STEP_QUIET, -1, "after streaming reads" },
		{ BUS_READS_DISTURB, STEP_QUIET, -1, "are wrong" },
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct trial trial = new_trial(rows[i].defect);

		run_step(&trial, rows[i].step, rows[i].insn);
		if (reply.outcome != OUTCOME_FAIL || !strstr(reply.text, rows[i].text))
			fail_msg("defect %d in %s: outcome %u, \"%s\"", rows[i].defect, step_infos[rows[i].step].name,
			         reply.outcome, reply.text);
		if (rows[i].defect != BUS_READS_DISTURB)
			assert_background(&trial);
	}
}

/* Any damage that another does in a step, at its begin or at its end, is found by it. */
static int remap_and_flip(void *state, enum window_kind kind)
{
	static unsigned int n;

	if (kind == WINDOW_WC && n++ == 0)
		bus.memory[0xabc] ^= 0x10;
	if (kind == WINDOW_NONE)
		n = 0;
	return kind == WINDOW_NONE ? 0 : bus_remap(state, kind);
}

static void damage_within(void **state)
{
	struct port_ops ops = bus_ops;

	(void)state;
	ops.remap = remap_and_flip;
	for (unsigned int i = 0; i < ELEMENTSOF(runs); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		remap_and_flip(&bus, WINDOW_NONE);
		trial.port.ops = &ops;
		run_step(&trial, runs[i].step, runs[i].insn);
		if (reply.outcome != OUTCOME_FAIL)
			fail_msg("%s does not find it: \"%s\"", step_infos[runs[i].step].name, reply.text);
	}
}

/* What faults is said exactly, and nothing is stored after a fault that is not one of alignment. */
static void unaligned_words(void **state)
{
	struct trial trial = new_trial(BUS_IS_DEVICE);

	(void)state;
	run_step(&trial, STEP_UNALIGNED, -1);
	assert_non_null(strstr(reply.text, "2 bytes: all misaligned (32); 4 bytes: all misaligned (48); "
	                                   "8 bytes: all misaligned (56); across pages (11)"));
	assert_true(number("faults") == 32 + 48 + 56 + 11);
	assert_true(number("faults_8") == 56);

	trial = new_trial(BUS_ABORTS);
	run_step(&trial, STEP_UNALIGNED, -1);
	/* Store 1 is at offset 257 of the range, behind the guard and the lines of the first one. */
	assert_int_equal(bus.tries, 2);
	assert_true(number("signal") == SIGBUS && number("fault_offset") == 257);
}

/* Without a second CPU a store that never arrives is found still, but that it arrives proves less. */
static void alone(void **state)
{
	static const enum step steps[] = { STEP_DRAIN, STEP_COHERENT };

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(steps); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		trial.port.has_peer = false;
		run_step(&trial, steps[i], -1);
		assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
		assert_non_null(strstr(reply.text, "one CPU"));
		assert_background(&trial);
	}

	struct trial trial = new_trial(BUS_NEVER_ARRIVES);

	trial.thinning = 1;
	trial.port.has_peer = false;
	run_step(&trial, STEP_DRAIN, -1);
	assert_int_equal(reply.outcome, OUTCOME_FAIL);
	assert_background(&trial);
}

static void wide_needs_an_insn(void **state)
{
	static const int insns[] = { -1, 0, 5 };

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(insns); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		run_step(&trial, STEP_WIDE128, insns[i]);
		assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
		assert_background(&trial);
	}
}

/* ---- exercised or not ---- */

/*
 * The bus takes so long for a line, or for 64 bytes of a stream; of a gapped line half the bytes count. The ceilings are
 * of 1 and of 4 bytes.
 */
static void combining(void **state)
{
	static const struct {
		uint64_t uc_ns, wc_ns;
		double of_1, of_4;
		bool is_virtual;
		enum outcome outcome[3]; /* of sparse, order, burst */
		const char *text;
	} rows[] = {
		/* UC 32 and 64 MB/s, WC 320 and 640 */
		{ 1000, 100, 100, 200, false, { OUTCOME_PASS, OUTCOME_PASS, OUTCOME_PASS }, "combined: 4-byte" },
		/* not 5 % above the ceiling */
		{ 1000, 100, 310, 620, false, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED },
		  "do not exceed" },
		/* whole lines are faster than it, lines with gaps are not */
		{ 1000, 100, 400, 200, false, { OUTCOME_NOT_EXERCISED, OUTCOME_PASS, OUTCOME_PASS }, NULL },
		/* as slow as UC */
		{ 1000, 1000, 100, 200, false, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED },
		  "do not exceed" },
		/* even UC is faster than the link should allow */
		{ 1000, 100, 10, 20, false, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED },
		  "what is known of the link is wrong" },
		/* not known */
		{ 1000, 100, 0, 0, false, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED },
		  "nothing shows" },
		{ 1000, 100, 100, 200, true, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED },
		  "emulator" },
	};
	static const enum step steps[] = { STEP_SPARSE, STEP_ORDER, STEP_BURST };

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++)
		for (unsigned int s = 0; s < ELEMENTSOF(steps); s++) {
			struct trial trial = new_trial(BUS_HEALTHY);

			trial.is_virtual = rows[i].is_virtual;
			trial.ceiling_mbps[0] = rows[i].of_1;
			trial.ceiling_mbps[2] = rows[i].of_4;
			bus.line_ns[WINDOW_UC] = bus.cost_ns[WINDOW_UC] = rows[i].uc_ns;
			bus.line_ns[WINDOW_WC] = bus.cost_ns[WINDOW_WC] = rows[i].wc_ns;
			/* A stream of 4-byte stores takes this bus twice as long. */
			bus.cost_ns[WINDOW_UC] /= 2;
			bus.cost_ns[WINDOW_WC] /= 2;
			run_step(&trial, steps[s], -1);
			if (reply.outcome != rows[i].outcome[s] ||
			    (rows[i].text && s && !strstr(reply.text, rows[i].text)))
				fail_msg("row %u, %s: outcome %u, \"%s\"", i, step_infos[steps[s]].name, reply.outcome,
				         reply.text);
			if (reply.outcome == OUTCOME_PASS) {
				assert_true(number("wc_mbps") > number("ceiling_mbps"));
				assert_true(number("uc_mbps") < number("ceiling_mbps"));
			}
			assert_background(&trial);
		}
}

/* A few batches of the measured ones, behind the one that warms up, take another time than the others. */
static struct odd {
	enum window_kind kind;
	unsigned int first, n; /* batches 1 .. 16 */
	enum outcome outcome;
	const char *text;
} odd;
static unsigned int drains;

static void set_speed(void)
{
	static const uint64_t usual_ns[] = { [WINDOW_UC] = 500, [WINDOW_WC] = 50 };
	static const uint64_t odd_ns[] = { [WINDOW_UC] = 50, [WINDOW_WC] = 500 };
	bool is_odd = bus.kind == odd.kind && drains >= odd.first && drains < odd.first + odd.n;

	if (bus.kind == WINDOW_UC || bus.kind == WINDOW_WC)
		bus.cost_ns[bus.kind] = is_odd ? odd_ns[bus.kind] : usual_ns[bus.kind];
}

static int remap_odd(void *state, enum window_kind kind)
{
	int r = bus_remap(state, kind);

	drains = 0;
	set_speed();
	return r;
}

static void drain_odd(void *state)
{
	bus_ops.drain(state);
	drains++;
	set_speed();
}

/* What puts the background back, here and behind each batch of stores, is uncached. */
static void store_uncached(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	assert_int_equal(bus.kind, WINDOW_UC);
	bus_ops.store(state, offset, width, value);
}

static void odd_batches(void **state)
{
	static const struct odd rows[] = {
		{ WINDOW_WC, 1, 4, OUTCOME_PASS, "combined" },
		{ WINDOW_WC, 13, 4, OUTCOME_PASS, "combined" },
		{ WINDOW_WC, 1, 5, OUTCOME_NOT_EXERCISED, "do not exceed" },
		{ WINDOW_WC, 12, 5, OUTCOME_NOT_EXERCISED, "do not exceed" },
		{ WINDOW_UC, 1, 3, OUTCOME_PASS, "combined" },
		{ WINDOW_UC, 14, 3, OUTCOME_PASS, "combined" },
		{ WINDOW_UC, 1, 4, OUTCOME_NOT_EXERCISED, "even uncached" },
		{ WINDOW_UC, 13, 4, OUTCOME_NOT_EXERCISED, "even uncached" },
	};
	struct port_ops ops = bus_ops;

	(void)state;
	ops.remap = remap_odd;
	ops.drain = drain_odd;
	ops.store = store_uncached;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		odd = rows[i];
		trial.port.ops = &ops;
		trial.ceiling_mbps[2] = 200;
		run_step(&trial, STEP_BURST, -1);
		assert_background(&trial);
		if (reply.outcome != rows[i].outcome || !strstr(reply.text, rows[i].text))
			fail_msg("row %u: outcome %u, \"%s\"", i, reply.outcome, reply.text);
	}
}

/* Every defect is caught by every family that can show it, and the text and numbers say where. */
static void defects(void **state)
{
	static const struct {
		enum defect defect;
		const char *text; /* of subword's and of sparse's reply */
	} rows[] = {
		{ BUS_LOSES_BYTE, "(511 stored ones missing, 0 others" },
		{ BUS_LOSES_ONE, "stored ones missing, 0 others" },
		{ BUS_ZEROES_GAPS, "(0 stored ones missing" },
		{ BUS_FILLS_LINE, "(0 stored ones missing" },
		{ BUS_MOVES_LINE, "landed at" },
		{ BUS_MOVES_FAR, "landed at" },
		{ BUS_ROTATES, "landed at" },
		{ BUS_DOUBLES, "landed at" },
		{ BUS_DROPS_EVERY, "stored ones missing, 0 others" },
		{ BUS_IS_LATE, "stored ones missing, 0 others" },
	};
	static const pattern_fn families[] = { pattern_subword, pattern_sparse };

	(void)state;
	assert_int_equal(ELEMENTSOF(rows), BUS_LINE_DEFECTS - 1);
	for (unsigned int f = 0; f < ELEMENTSOF(families); f++)
		for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
			struct trial trial = new_trial(rows[i].defect);

			families[f](&trial);
			assert_int_equal(reply.outcome, OUTCOME_FAIL);
			assert_true(number("bad_bytes") >= 1);
			assert_true(number("first_bad_offset") <= number("last_bad_offset"));
			if (!strstr(reply.text, rows[i].text))
				fail_msg("family %u, defect %d: \"%s\"", f, rows[i].defect, reply.text);
			/* Even after a failure the next step finds the background, but for what is still under way. */
			if (rows[i].defect != BUS_IS_LATE)
				assert_background(&trial);
		}
}

/* A line that went to the next one: named with both offsets. */
static void names_the_place(void **state)
{
	struct trial trial = new_trial(BUS_MOVES_LINE);

	(void)state;
	pattern_sparse(&trial);
	assert_true(number("meant_offset") == 0x40);
	assert_true(number("found_offset") == 0x80);

	trial = new_trial(BUS_MOVES_FAR);
	pattern_sparse(&trial);
	/* What should be in the upper half is found in the lower one, whose own went up. */
	assert_true(number("found_offset") >= 0x40 && number("found_offset") < 0x80);
	assert_true(number("meant_offset") - number("found_offset") == BUS_BYTES / 2);
}

/* One byte that changes between two steps is found by the next one, at its offset. */
static void changed_between(void **state)
{
	static const pattern_fn next[] = { pattern_subword, pattern_unaligned, pattern_sparse, pattern_wide64,
		                           pattern_order, pattern_drain, pattern_coherent, pattern_burst,
		                           pattern_libc, pattern_quiet, pattern_bench };

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(next); i++) {
		struct trial trial = new_trial(BUS_HEALTHY);

		bus.memory[0x4321] ^= 1;
		next[i](&trial);
		assert_int_equal(reply.outcome, OUTCOME_FAIL);
		assert_non_null(strstr(reply.text, "before the "));
		assert_true(number("first_bad_offset") == 0x4321 && number("bad_bytes") == 1);
	}
}

/* A store that arrives after its step is over is found by the step that follows. */
static void late_store(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	pattern_subword(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	bus.late.line = 0x1000;
	bus.late.mask = 6;
	bus.late.due = bus.remaps + 1;
	pattern_sparse(&trial);
	assert_int_equal(reply.outcome, OUTCOME_FAIL);
	assert_true(number("first_bad_offset") == 0x1001 && number("last_bad_offset") == 0x1002);
}

static void not_mapped(void **state)
{
	static const pattern_fn all[] = { pattern_type, pattern_subword, pattern_unaligned, pattern_sparse, pattern_wide64,
		                          pattern_order, pattern_drain, pattern_coherent, pattern_burst, pattern_libc,
		                          pattern_quiet, pattern_bench };
	static const struct { int r; const char *text; } rows[] = {
		{ -EPERM, "locked down" }, { -EINVAL, "exclusively" }, { -EBADF, "no such file" }, { -EIO, "errno 5" }
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(all); i++)
		for (unsigned int k = 0; k < ELEMENTSOF(rows); k++) {
			struct trial trial = new_trial(BUS_HEALTHY);

			bus.refuse_wc = rows[k].r;
			all[i](&trial);
			assert_int_equal(reply.outcome, OUTCOME_SKIPPED);
			assert_non_null(strstr(reply.text, rows[k].text));
			assert_non_null(strstr(reply.text, "cannot map the BAR write-combined"));
			assert_background(&trial);
		}
}

static void bench_numbers(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	pattern_bench(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_true(is_near(number("uc_64b_mbps"), 64)); /* the bus takes 1000 ns a line, or 100 */
	assert_true(is_near(number("wc_64b_mbps"), 640));
	assert_true(is_near(number("uc_4b_mbps"), 32));
	assert_true(is_near(number("wc_4b_mbps"), 320));
	assert_true(is_near(number("gain"), 10));
	assert_true(number("batches") >= 3);
	assert_background(&trial);
}

static void save_and_restore(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	_cleanup_fclose_ FILE *file = tmpfile();
	static uint8_t before[BUS_BYTES];

	(void)state;
	assert_non_null(file);
	trial.save = fileno(file);
	assert_int_equal(ftruncate(trial.save, BUS_BYTES), 0);
	for (unsigned int i = 0; i < BUS_BYTES; i++)
		before[i] = bus.memory[i] = (uint8_t)(i * 31 + i / 256);
	pattern_save(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	pattern_background(&trial);
	assert_memory_not_equal(bus.memory, before, BUS_BYTES);
	pattern_restore(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_memory_equal(bus.memory, before, BUS_BYTES);
}

/* Two words read differently the second time: named by the first of them. */
static uint64_t load_twice(void *state, uint64_t offset, unsigned int width)
{
	return bus_load(state, offset, width) ^ (++bus.loads > BUS_BYTES / 8 && (offset == 0x100 || offset == 0x208));
}

static void changes_by_itself(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);
	_cleanup_fclose_ FILE *file = tmpfile();
	struct port_ops ops = bus_ops;

	(void)state;
	assert_non_null(file);
	trial.save = fileno(file);
	assert_int_equal(ftruncate(trial.save, BUS_BYTES), 0);
	ops.load = load_twice;
	trial.port.ops = &ops;
	pattern_save(&trial);
	assert_int_equal(reply.outcome, OUTCOME_FAIL);
	assert_true(number("bad_words") == 2 && number("first_bad_offset") == 0x100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range), cmocka_unit_test(repetitions), cmocka_unit_test(caught),
		cmocka_unit_test(damage_within), cmocka_unit_test(unaligned_words), cmocka_unit_test(alone),
		cmocka_unit_test(wide_needs_an_insn), cmocka_unit_test(combining), cmocka_unit_test(odd_batches),
		cmocka_unit_test(healthy),       cmocka_unit_test(defects),    cmocka_unit_test(names_the_place),
		cmocka_unit_test(changed_between), cmocka_unit_test(late_store), cmocka_unit_test(not_mapped),
		cmocka_unit_test(bench_numbers), cmocka_unit_test(save_and_restore),
		cmocka_unit_test(changes_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
