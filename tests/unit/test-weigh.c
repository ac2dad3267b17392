/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-weigh: what one match amounts to, and whom the site may overrule. */
#include "world.h"

#include "decide/weigh.h"

struct scales {
	struct reasons reasons;
	struct nexts nexts;
	struct weight weight;
};

static void weigh(struct world *w, const char *effect, enum tri result, bool of_device, struct scales *ret)
{
	struct quirk quirk = quirk_make("q", effect, of_device ? MATCH_BAR_YES : MATCH_YES, "");
	struct matched_fact facts[] = { { "arch", TEXT("x86_64") }, { "soc_id", NULL }, { "not dmi", NULL } };
	struct match match = { &quirk, result, { facts, result == TRI_YES ? 1 : 3 } };
	struct matches matches = { &match, 1 };

	*ret = (struct scales){ 0 };
	assert_int_equal(weigh_matches(&matches, &w->site, of_device, &ret->reasons, &ret->nexts, &ret->weight), 0);
	/* The entry is gone afterwards: only its address is compared. */
	quirk_done(&quirk);
}

static void done(struct scales *scales)
{
	reasons_done(&scales->reasons);
	nexts_done(&scales->nexts);
}

static void test_effects(void **state)
{
	static const struct {
		const char *effect;
		enum tri result;
		bool of_device, is_denied, is_held, has_no_wc;
		enum reason_id reason; /* REASON_NONE: says nothing */
		bool has_next;
	} rows[] = {
		{ "deny", TRI_YES, false, true, false, false, REASON_PATH_DENIED, true },
		{ "deny", TRI_YES, true, true, false, false, REASON_TARGET_DENIED, true },
		{ "deny", TRI_UNKNOWN, false, false, true, false, REASON_PATH_HELD, true },
		{ "deny", TRI_UNKNOWN, true, false, true, false, REASON_TARGET_HELD, true },
		{ "hold", TRI_YES, false, false, true, false, REASON_PATH_HELD, true },
		{ "hold", TRI_YES, true, false, true, false, REASON_TARGET_HELD, true },
		{ "hold", TRI_UNKNOWN, false, false, true, false, REASON_PATH_HELD, true },
		{ "no-wc", TRI_YES, false, false, false, true, REASON_NO_WC, true },
		{ "no-wc", TRI_UNKNOWN, false, false, true, false, REASON_PATH_HELD, true },
		{ "not-memory", TRI_UNKNOWN, true, false, true, false, REASON_TARGET_HELD, true },
		{ "not-memory", TRI_YES, true, false, false, false, REASON_NONE, false },
		{ "warn", TRI_YES, false, false, false, false, REASON_WARNED, false },
		{ "allow-after-probe", TRI_YES, false, false, false, false, REASON_NONE, false },
		{ "memory", TRI_YES, true, false, false, false, REASON_NONE, false },
		{ "vendor-wc", TRI_YES, true, false, false, false, REASON_NONE, false },
	};
	struct world w;

	(void)state;
	world_make(&w);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct scales scales;

		weigh(&w, rows[i].effect, rows[i].result, rows[i].of_device, &scales);
		if (scales.weight.is_denied != rows[i].is_denied || scales.weight.is_held != rows[i].is_held ||
		    scales.weight.has_no_wc != rows[i].has_no_wc || scales.weight.accepted)
			fail_msg("%s, row %zu", rows[i].effect, i);
		assert_int_equal(scales.reasons.n, rows[i].reason != REASON_NONE);
		assert_int_equal(scales.nexts.n > 0, rows[i].has_next);
		if (scales.reasons.n) {
			assert_int_equal(scales.reasons.at[0].id, rows[i].reason);
			assert_int_equal(scales.reasons.at[0].references.n, 1);
			assert_says(scales.reasons.at[0].text, "because of q");
		}
		/* What is missing is named, what matched is not. */
		if (rows[i].result == TRI_UNKNOWN)
			assert_says(scales.reasons.at[0].text, "not known: soc_id, not dmi)");
		done(&scales);
	}
	world_done(&w);
}

/* lift is for denials and for what cannot be ruled out, accept for holds and for proofs; each by its whole name. */
static void test_choices(void **state)
{
	static const struct {
		const char *effect;
		enum tri result;
		bool lifts, accepts; /* is it free after a lift, after an acceptance */
	} rows[] = {
		{ "deny", TRI_YES, true, false },       { "deny", TRI_UNKNOWN, true, false },
		{ "hold", TRI_YES, false, true },       { "hold", TRI_UNKNOWN, true, false },
		{ "no-wc", TRI_YES, false, false },     { "no-wc", TRI_UNKNOWN, true, false },
		{ "not-memory", TRI_UNKNOWN, true, false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		for (int choice = 0; choice < 4; choice++) {
			bool free = choice == 0 ? rows[i].lifts : choice == 1 ? rows[i].accepts : false;
			struct scales scales;
			struct world w;

			world_make(&w);
			if (choice == 0)
				world_lift(&w, "q");
			else if (choice == 1)
				world_accept(&w, "entry:q");
			else if (choice == 2)
				world_lift(&w, "q2");
			else
				world_accept(&w, "entry:Q");
			weigh(&w, rows[i].effect, rows[i].result, !strcmp(rows[i].effect, "not-memory"), &scales);
			if ((scales.weight.is_denied || scales.weight.is_held || scales.weight.has_no_wc) == free)
				fail_msg("%s, row %zu, choice %d", rows[i].effect, i, choice);
			/* The choice is shown, with the site's reason. */
			if (free)
				assert_says(scales.reasons.at[0].text, choice ? "we know it" : "it is fixed");
			done(&scales);
			world_done(&w);
		}
}

static void test_accepted_proof(void **state)
{
	struct scales scales;
	struct world w;

	(void)state;
	world_make(&w);
	world_accept(&w, "entry:q");
	weigh(&w, "allow-after-probe", TRI_YES, false, &scales);
	assert_non_null(scales.weight.accepted);
	assert_int_equal(scales.reasons.at[0].id, REASON_ACCEPTED);
	assert_says(scales.reasons.at[0].text, "we know it");
	done(&scales);
	/* An entry that may not mean this machine proves nothing. */
	weigh(&w, "allow-after-probe", TRI_UNKNOWN, false, &scales);
	assert_null(scales.weight.accepted);
	done(&scales);
	/* Nor does the acceptance of something else. */
	weigh(&w, "memory", TRI_YES, true, &scales);
	assert_null(scales.weight.accepted);
	done(&scales);
	world_done(&w);
}

static void test_nothing(void **state)
{
	struct matches matches = { 0 };
	struct scales scales = { 0 };
	struct world w;

	(void)state;
	world_make(&w);
	scales.weight.is_denied = true;
	assert_int_equal(weigh_matches(&matches, &w.site, false, &scales.reasons, &scales.nexts, &scales.weight), 0);
	assert_false(scales.weight.is_denied);
	assert_int_equal(scales.reasons.n + scales.nexts.n, 0);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_accepted_proof),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
