/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-patterns: each microtest passes a healthy bus, catches each defect that it must, and leaves the background. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "act/image.h"
#include "base/cleanup.h"
#include "bus.h"

static struct bus bus;
static struct step_reply reply;

static struct trial new_trial(enum defect defect)
{
	struct trial trial = {
		.port = port_bus(&bus),
		.size_bytes = BUS_BYTES,
		.seed = 12345,
		.thinning = 16,
		.save = -1,
		.memtypes = -1,
		.reply = &reply,
	};

	trial.port.n_insns = BUS_INSNS;
	trial.port.has_peer = true;
	bus = (struct bus){ .defect = defect, .cost_ns = { 0, 1000, 100 } };
	memset(bus.memory, 0x5a, sizeof(bus.memory));
	reply = (struct step_reply){ 0 };
	pattern_background(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	reply = (struct step_reply){ 0 };
	return trial;
}

static void assert_background(const struct trial *trial)
{
	for (uint64_t offset = 0; offset < BUS_BYTES; offset += 8) {
		uint64_t want = image_background(trial, offset);

		assert_memory_equal(bus.memory + offset, &want, 8);
	}
	assert_int_equal(bus.outside, 0);
}

static double number(const char *name)
{
	for (uint32_t i = 0; i < reply.n_numbers; i++)
		if (!strcmp(reply.numbers[i].name, name))
			return reply.numbers[i].value;
	fail_msg("no number %s in \"%s\"", name, reply.text);
	return 0;
}

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
} runs[] = {
	{ STEP_SUBWORD, -1, OUTCOME_PASS },    { STEP_UNALIGNED, -1, OUTCOME_PASS },
	{ STEP_SPARSE, -1, OUTCOME_NOT_EXERCISED }, { STEP_SPARSE, 5, OUTCOME_PASS },
	{ STEP_WIDE64, -1, OUTCOME_PASS },     { STEP_WIDE128, 3, OUTCOME_PASS },
	{ STEP_WIDE128, 4, OUTCOME_PASS },     { STEP_WIDE128, 6, OUTCOME_PASS },
	{ STEP_ORDER, -1, OUTCOME_NOT_EXERCISED }, { STEP_DRAIN, -1, OUTCOME_PASS },
	{ STEP_COHERENT, -1, OUTCOME_PASS },   { STEP_BURST, -1, OUTCOME_NOT_EXERCISED },
	{ STEP_LIBC, -1, OUTCOME_PASS },       { STEP_QUIET, -1, OUTCOME_PASS },
};

static void run_step(struct trial *trial, enum step step, int insn)
{
	reply = (struct step_reply){ 0 };
	trial->insn = insn < 0 ? NULL : &bus_insns[insn];
	patterns[step](trial);
}

/* A range of one page, of two, and of all; each repetition, and few of them. */
static void every_range(void **state)
{
	static const uint64_t sizes[] = { 4096, 8192, BUS_BYTES };

	(void)state;
	for (unsigned int s = 0; s < ELEMENTSOF(sizes); s++)
		for (unsigned int i = 0; i < ELEMENTSOF(runs); i++) {
			struct trial trial = new_trial(BUS_HEALTHY);

			bus.size_bytes = trial.size_bytes = sizes[s];
			trial.thinning = s == 2 && runs[i].step != STEP_SPARSE ? 1 : 16;
			run_step(&trial, runs[i].step, runs[i].insn);
			if (reply.outcome != runs[i].outcome)
				fail_msg("%s in %u bytes: outcome %u, \"%s\"", step_infos[runs[i].step].name,
				         (unsigned int)sizes[s], reply.outcome, reply.text);
			assert_background(&trial);
		}
}

/* Nothing is lost where all of them are made. */
static void every_mask(void **state)
{
	struct trial trial = new_trial(BUS_HEALTHY);

	(void)state;
	trial.thinning = 1;
	run_step(&trial, STEP_SPARSE, -1);
	assert_int_equal(reply.outcome, OUTCOME_NOT_EXERCISED);
	assert_true(number("stores") > 165536);
	assert_background(&trial);
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
			assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
			assert_non_null(strstr(reply.text, rows[k].text));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range), cmocka_unit_test(every_mask), cmocka_unit_test(caught),
		cmocka_unit_test(damage_within), cmocka_unit_test(unaligned_words), cmocka_unit_test(alone),
		cmocka_unit_test(wide_needs_an_insn), cmocka_unit_test(combining),
		cmocka_unit_test(healthy),       cmocka_unit_test(defects),    cmocka_unit_test(names_the_place),
		cmocka_unit_test(changed_between), cmocka_unit_test(late_store), cmocka_unit_test(not_mapped),
		cmocka_unit_test(bench_numbers), cmocka_unit_test(save_and_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
