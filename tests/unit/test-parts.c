/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-parts: which runs a step falls into, and what is made of their findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "act/arch.h"
#include "act/parts.h"
#include "act/runner.h"
#include "base/cleanup.h"

static const struct insn scalar = { .name = "s", .width = 8, .flags = INSN_SCALAR };
static const struct insn vector = { .name = "v", .width = 16, .flags = INSN_ALIGNED };
static const struct insn masked = { .name = "m", .width = 16, .flags = INSN_MASKED };

static void which(void **state)
{
	static const struct {
		enum step step;
		const struct insn *insn;
		bool on_hardware, in_guest;
	} rows[] = {
		{ STEP_SUBWORD, NULL, true, true },    { STEP_SUBWORD, &vector, false, false },
		{ STEP_SUBWORD, &scalar, false, false }, { STEP_SPARSE, NULL, true, true },
		{ STEP_SPARSE, &masked, true, false }, { STEP_SPARSE, &vector, false, false },
		{ STEP_SPARSE, &scalar, false, false }, { STEP_WIDE128, NULL, false, false },
		{ STEP_WIDE128, &vector, true, false }, { STEP_WIDE128, &masked, false, false },
		{ STEP_WIDE128, &scalar, false, false }, { STEP_LIBC, NULL, true, false },
		{ STEP_LIBC, &vector, false, false },
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++)
		if (parts_has(rows[i].step, true, rows[i].insn) != rows[i].on_hardware ||
		    parts_has(rows[i].step, false, rows[i].insn) != rows[i].in_guest)
			fail_msg("row %u", i);
}

/* Those of this machine, in the order of the table; no more than the caller has room for. */
static void of_this_machine(void **state)
{
	uint32_t insns[PARTS_MAX];
	const char *why;
	unsigned int n = parts_of_step(STEP_SPARSE, true, insns, &why);

	(void)state;
	assert_true(n >= 1 && n <= PARTS_MAX);
	assert_int_equal(insns[0], RUNNER_NO_INSN);
	assert_string_equal(part_name(insns[0]), "");
	for (unsigned int i = 1; i < n; i++) {
		assert_true(insns[i] < arch_n_insns && (i == 1 || insns[i] > insns[i - 1]));
		assert_true(arch_insns[insns[i]].flags & INSN_MASKED && insn_is_there(&arch_insns[insns[i]]));
		assert_string_equal(part_name(insns[i]), arch_insns[insns[i]].name);
	}
	assert_string_equal(part_name(arch_n_insns), "");

	assert_int_equal(parts_of_step(STEP_WIDE128, false, insns, &why), 0);
	assert_non_null(strstr(why, "--wide"));
	n = parts_of_step(STEP_WIDE128, true, insns, &why);
	assert_null(strstr(why, "--wide"));
	for (uint32_t i = 0; i < arch_n_insns; i++)
		n -= arch_insns[i].width >= 16 && !(arch_insns[i].flags & INSN_MASKED) && insn_is_there(&arch_insns[i]);
	assert_int_equal(n, 0);
}

static void ranks(void **state)
{
	static const enum outcome ascending[] = { OUTCOME_UNSUPPORTED, OUTCOME_PASS, OUTCOME_NOT_EXERCISED, OUTCOME_SKIPPED,
		                                  OUTCOME_DIED,        OUTCOME_FAIL, OUTCOME_UNKNOWN };

	(void)state;
	assert_int_equal(ELEMENTSOF(ascending), OUTCOMES);
	for (unsigned int i = 1; i < ELEMENTSOF(ascending); i++)
		assert_true(parts_rank(ascending[i]) > parts_rank(ascending[i - 1]));
}

static struct finding finding(enum outcome outcome, const char *text, uint64_t time_s)
{
	return (struct finding){ .step = STEP_SPARSE, .outcome = outcome, .text = text ? strdup(text) : NULL, .time_s = time_s };
}

/* The first of the worst ones, begun when the first part did; the others are named by what they said. */
static void merges(void **state)
{
	const uint32_t insns[] = { RUNNER_NO_INSN, 0, 1, 2 };
	struct finding parts[] = { finding(OUTCOME_PASS, "fine", 5), finding(OUTCOME_FAIL, "broken", 6),
		                   finding(OUTCOME_FAIL, "broken, too", 7), finding(OUTCOME_PASS, NULL, 8) };
	_cleanup_(finding_done) struct finding got = { 0 };
	char want[256];

	(void)state;
	if (arch_n_insns < 3)
		skip();
	assert_int_equal(parts_merge(insns, parts, ELEMENTSOF(parts), &got), 0);
	snprintf(want, sizeof(want), "%s: broken; pass: byte stores, %s; fail: %s", part_name(0), part_name(2), part_name(1));
	assert_int_equal(got.outcome, OUTCOME_FAIL);
	assert_string_equal(got.text, want);
	assert_int_equal(got.time_s, 5);
	for (unsigned int i = 0; i < ELEMENTSOF(parts); i++)
		assert_null(parts[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(which), cmocka_unit_test(of_this_machine), cmocka_unit_test(ranks),
		                            cmocka_unit_test(merges) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
