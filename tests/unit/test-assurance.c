/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-assurance: a verdict says what was looked for, what was left out, and what nobody can see; and no more. */
#include "world.h"

#include "base/utc.h"
#include "cli/proof-print.h"
#include "decide/assurance.h"

static bool is_caught(enum hazard hazard)
{
	for (enum step step = 0; step < STEPS; step++)
		if (assurance_looks(step, false, hazard))
			return true;
	return false;
}

/* Nobody reads "safe" as "free of" a hazard that no test looks for: each of those says why. */
static void test_each_hazard_is_told_of(void **state)
{
	static const enum hazard beyond[] = { HAZARD_ORDERING,    HAZARD_SPECULATIVE_READ, HAZARD_ATTRIBUTE_ALIAS,
		                              HAZARD_FATAL_ABORT, HAZARD_RAM_BACKED_BAR,   HAZARD_BAR_NOT_MEMORY };

	(void)state;
	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++)
		if (!is_caught(hazard) && !hazard_infos[hazard].unseen)
			fail_msg("%s: no test looks for it, and nothing says so", hazard_infos[hazard].name);
	for (size_t i = 0; i < ELEMENTSOF(beyond); i++)
		assert_false(is_caught(beyond[i]));
	/* Of this one a test sees a part. */
	assert_true(is_caught(HAZARD_MISADDRESSED_WRITE));
	assert_non_null(hazard_infos[HAZARD_MISADDRESSED_WRITE].unseen);
	assert_false(is_caught(HAZARD_NONE));
}

static void test_sight(void **state)
{
	static const enum outcome others[] = { OUTCOME_UNKNOWN,     OUTCOME_FAIL,    OUTCOME_NOT_EXERCISED,
		                               OUTCOME_UNSUPPORTED, OUTCOME_SKIPPED, OUTCOME_DIED };
	struct world w;

	(void)state;
	world_make(&w);

	const struct record *record = &w.record[0];

	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++)
		assert_int_equal(assurance_sight(record, false, hazard), is_caught(hazard) ? SIGHT_TESTED : SIGHT_BEYOND);
	/* Another device's mapping and contents are its own. */
	assert_int_equal(assurance_sight(record, true, HAZARD_ATTRIBUTE_OVERRIDE), SIGHT_NONE);
	assert_int_equal(assurance_sight(record, true, HAZARD_SLOW_READ), SIGHT_NONE);
	assert_int_equal(assurance_sight(record, true, HAZARD_NO_DRAIN), SIGHT_TESTED);
	assert_int_equal(assurance_sight(record, true, HAZARD_ORDERING), SIGHT_BEYOND);
	for (size_t i = 0; i < ELEMENTSOF(others); i++) {
		w.finding[F_SPARSE].outcome = w.finding[F_WIDE128].outcome = others[i];
		assert_int_equal(assurance_sight(record, true, HAZARD_SPARSE_BYTE_ENABLES), SIGHT_LEFT_OUT);
		assert_int_equal(assurance_sight(record, true, HAZARD_MISADDRESSED_WRITE), SIGHT_LEFT_OUT);
		/* One of two is enough to have looked. */
		assert_int_equal(assurance_sight(record, true, HAZARD_WIDE_ACCESS_128), SIGHT_TESTED);
		assert_int_equal(assurance_sight(record, true, HAZARD_NO_DRAIN), SIGHT_TESTED);
		w.finding[F_LIBC].outcome = others[i];
		assert_int_equal(assurance_sight(record, true, HAZARD_WIDE_ACCESS_128), SIGHT_LEFT_OUT);
		w.finding[F_LIBC].outcome = OUTCOME_PASS;
	}
	w.finding[F_SPARSE].outcome = w.finding[F_WIDE128].outcome = OUTCOME_PASS;
	/* Not reached, and not made at all. */
	w.finding[F_DRAIN].step = STEP_BENCH;
	assert_int_equal(assurance_sight(record, true, HAZARD_NO_DRAIN), SIGHT_LEFT_OUT);
	assert_int_equal(assurance_sight(NULL, true, HAZARD_SUBWORD_MISADDRESS), SIGHT_LEFT_OUT);
	assert_int_equal(assurance_sight(NULL, true, HAZARD_ORDERING), SIGHT_BEYOND);
	world_done(&w);
}

static void test_left_out(void **state)
{
	(void)state;
	for (enum step step = 0; step < STEPS; step++)
		for (enum outcome outcome = 0; outcome < OUTCOMES; outcome++) {
			struct finding finding = { .step = step, .outcome = outcome };
			bool is_test = step_infos[step].catches, is_own = step == STEP_TYPE || step == STEP_QUIET;

			assert_int_equal(assurance_left_out(&finding, false), is_test && outcome != OUTCOME_PASS);
			assert_int_equal(assurance_left_out(&finding, true), is_test && !is_own && outcome != OUTCOME_PASS);
		}
}

/* ---- what it rests on ---- */

static void test_it_rests_on(void **state)
{
	const struct device_verdict *verdict;
	struct world w;

	(void)state;
	world_make(&w);
	verdict = world_judge(&w, GOOD);
	assert_ptr_equal(verdict->path.record, &w.record[0]);
	assert_ptr_equal(verdict->bars[0].record, &w.record[0]);
	assert_int_equal(verdict->bars[0].path_basis, BASIS_PROBED);
	verdict = world_judge(&w, TWIN);
	assert_ptr_equal(verdict->path.record, &w.record[0]);
	assert_null(verdict->bars[0].record);
	assert_int_equal(verdict->bars[0].path_basis, BASIS_EQUIVALENT);
	verdict = world_judge(&w, OTHER);
	assert_null(verdict->path.record);
	assert_int_equal(verdict->bars[0].path_basis, BASIS_NONE);
	/* A probe that proves nothing is nothing to rest on. */
	w.finding[F_SPARSE].outcome = OUTCOME_NOT_EXERCISED;
	verdict = world_judge(&w, GOOD);
	assert_null(verdict->path.record);
	assert_null(verdict->bars[0].record);
	/* The word of an entry. */
	world_quirk(&w, "known-good", "allow-after-probe", MATCH_YES);
	world_accept(&w, "entry:known-good");
	verdict = world_judge(&w, GOOD);
	assert_int_equal(verdict->path.basis, BASIS_ACCEPTED);
	assert_null(verdict->path.record);
	assert_non_null(verdict->path.entry);
	assert_string_equal(verdict->path.entry->name, "known-good");
	assert_int_equal(verdict->bars[0].path_basis, BASIS_ACCEPTED);
	/* A probe outweighs it. */
	w.finding[F_SPARSE].outcome = OUTCOME_PASS;
	assert_null(world_judge(&w, GOOD)->path.entry);
	world_done(&w);
}

static void test_reason_says_when(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.finding[F_QUIET].time_s = 1795000000;
	w.finding[F_BENCH].time_s = 1795000060;
	assert_int_equal(record_time_s(&w.record[0]), 1795000060);

	const char *text = reason_text(&world_judge(&w, GOOD)->path.reasons, REASON_PATH_PROVEN);

	assert_says(text, "0000:01:00.0 BAR 2, 2026-11-18 11:07 UTC (probed)");
	assert_says(text, "no defect seen by version 2 of the microtests");
	assert_int_equal(MICROTESTS_VERSION, 2);
	world_done(&w);
}

static void test_utc(void **state)
{
	static const struct {
		uint64_t time_s;
		const char *text;
	} rows[] = {
		{ 0, "an unknown time" },
		{ 1, "1970-01-01 00:00 UTC" },
		{ 951782399, "2000-02-28 23:59 UTC" },
		{ INT64_MAX, "an unknown time" },
		{ UINT64_MAX, "an unknown time" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		char text[32];

		utc_format(rows[i].time_s, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* ---- in words ---- */

static char *printed(struct world *w, const struct device_verdict *verdict)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	path_proof_print(out, &verdict->path);
	bar_proof_print(out, &verdict->bars[0]);
	assert_int_equal(fclose(out), 0);
	return world_own(w, text);
}

static char *as_json(struct world *w, const struct path_verdict *path, const struct bar_verdict *bar)
{
	struct json_object *o = json_new_object();

	if (path)
		path_proof_put(o, path);
	else
		bar_proof_put(o, bar);

	char *text = world_own(w, json_text(o));

	json_done(&o);
	return text;
}

static void test_words(void **state)
{
	const struct device_verdict *verdict;
	struct world w;

	(void)state;
	world_make(&w);
	w.platform.is_virtual = TRI_YES;
	w.platform.hypervisor = TEXT("kvm");
	world_bind(&w, &w.record[0], GOOD);
	world_scope(&w, SCOPE_VIRTUAL);
	world_accept(&w, "virtual-platform");
	w.finding[F_SPARSE].outcome = OUTCOME_NOT_EXERCISED;
	w.finding[F_WIDE128].outcome = w.finding[F_LIBC].outcome = OUTCOME_UNSUPPORTED;
	w.finding[F_LIBC].text = TEXT("not asked for");
	verdict = world_judge(&w, GOOD);
	assert_int_equal(verdict->bars[0].kind, VERDICT_SAFE);

	const char *text = printed(&w, verdict);

	assert_says(text, "      tested for: subword-misaddress, unaligned-access, wide-access-64, long-burst-hang, combine-disorder, "
	                  "no-drain, wc-read-incoherent\n");
	assert_says(text, "      left out: sparse (not-exercised), wide128 (unsupported), libc (unsupported)\n");
	assert_says(text, "      not tested for: sparse-byte-enables, misaddressed-write, wide-access-128\n");
	assert_says(text, "      proof: its own probe, an unknown time, by version 2 of the microtests; its path: probed\n");
	text = as_json(&w, &verdict->path, NULL);
	assert_says(text, "\"not asked for\"");
	assert_says(text, scope_meanings[SCOPE_VIRTUAL]);
	assert_says(text, assurance_of_a_pass);
	assert_says(text, "no test that looks for it passed");
	assert_says(text, hazard_infos[HAZARD_ORDERING].unseen);
	assert_null(strstr(text, "attribute-override"));
	text = as_json(&w, NULL, &verdict->bars[0]);
	assert_says(text, "attribute-override");
	assert_says(text, "\"path_basis\"");
	/* Nothing proven, nothing said. */
	verdict = world_judge(&w, OTHER);
	assert_string_equal(printed(&w, verdict), "");
	text = as_json(&w, &verdict->path, NULL);
	assert_says(text, "\"proof\": null");
	world_done(&w);
}

/* Where a word is taken for it nothing was tested, whatever the word says. */
static void test_words_of_an_entry(void **state)
{
	const struct device_verdict *verdict;
	struct world w;

	(void)state;
	world_make(&w);
	w.records.n = 0;
	world_quirk(&w, "known-good", "allow-after-probe", MATCH_YES);
	world_accept(&w, "entry:known-good");
	verdict = world_judge(&w, GOOD);
	assert_int_equal(verdict->path.kind, VERDICT_SAFE);

	const char *text = printed(&w, verdict);

	assert_null(strstr(text, "      tested for"));
	assert_says(text, "not tested for: sparse-byte-enables, misaddressed-write, subword-misaddress");
	assert_null(strstr(text, "proof:"));
	text = as_json(&w, &verdict->path, NULL);
	assert_says(text, "\"entry\": \"known-good\"");
	assert_says(text, "\"microtests\": null");
	assert_null(strstr(text, "\"tests\""));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_hazard_is_told_of), cmocka_unit_test(test_sight),
		cmocka_unit_test(test_left_out),               cmocka_unit_test(test_it_rests_on),
		cmocka_unit_test(test_reason_says_when),       cmocka_unit_test(test_utc),
		cmocka_unit_test(test_words),                  cmocka_unit_test(test_words_of_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
