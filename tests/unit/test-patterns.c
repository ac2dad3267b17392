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
		.save = -1,
		.memtypes = -1,
		.reply = &reply,
	};

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
	assert_int_equal(ELEMENTSOF(rows), BUS_DEFECTS - 1);
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
	static const pattern_fn next[] = { pattern_subword, pattern_sparse, pattern_bench };

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
	static const pattern_fn all[] = { pattern_type, pattern_subword, pattern_sparse, pattern_bench };
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
		cmocka_unit_test(healthy),       cmocka_unit_test(defects),    cmocka_unit_test(names_the_place),
		cmocka_unit_test(changed_between), cmocka_unit_test(late_store), cmocka_unit_test(not_mapped),
		cmocka_unit_test(bench_numbers), cmocka_unit_test(save_and_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
