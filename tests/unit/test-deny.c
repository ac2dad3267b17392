/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-deny: on an unsafe path each bind to VFIO is warned of, each remedy has its risk, and elsewhere nothing is said. */
#include "world.h"

#include "decide/deny.h"

static void test_warning(void **state)
{
	static const struct {
		enum verdict_kind path;
		bool is_vfio;
		enum guest_rule guest;
		const char *says; /* NULL: nothing */
	} rows[] = {
		{ VERDICT_UNSAFE, true, GUEST_NORMAL_NC_UNGATED, "every guest may choose Normal-NC" },
		{ VERDICT_UNSAFE, true, GUEST_DECIDES, "own PAT" },
		{ VERDICT_UNSAFE, true, GUEST_UNKNOWN, "not known" },
		{ VERDICT_UNSAFE, false, GUEST_NORMAL_NC_UNGATED, NULL },
		{ VERDICT_UNKNOWN, true, GUEST_NORMAL_NC_UNGATED, NULL },
		{ VERDICT_SAFE, true, GUEST_NORMAL_NC_UNGATED, NULL },
	};
	const struct pci_address address = { .bus = 1 };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(deny_warning(&address, rows[i].path, rows[i].is_vfio, rows[i].guest, &text), 0);
		assert_int_equal(text != NULL, rows[i].says != NULL);
		if (text && (!strstr(text, rows[i].says) || !strstr(text, "0000:01:00.0")))
			fail_msg("row %zu: %s", i, text);
	}
}

static size_t nexts_of(enum guest_rule guest, enum verdict_kind path)
{
	struct path_verdict verdict = { .kind = path };
	struct world w;
	size_t n;

	world_make(&w);
	w.kernel.guest = guest;
	assert_int_equal(deny_nexts(&w.evidence, &w.function[GOOD], &verdict), 0);
	n = verdict.nexts.n;
	for (size_t i = 0; i < n; i++)
		assert_true(strlen(verdict.nexts.at[i].risk) > strlen("none"));
	path_verdict_done(&verdict);
	world_done(&w);
	return n;
}

static void test_remedies(void **state)
{
	(void)state;
	assert_int_equal(nexts_of(GUEST_NORMAL_NC_UNGATED, VERDICT_UNSAFE), 3);
	assert_int_equal(nexts_of(GUEST_DECIDES, VERDICT_UNSAFE), 2);
	assert_int_equal(nexts_of(GUEST_UNKNOWN, VERDICT_UNSAFE), 2);
	assert_int_equal(nexts_of(GUEST_NONE, VERDICT_UNSAFE), 0);
	assert_int_equal(nexts_of(GUEST_NORMAL_NC_UNGATED, VERDICT_UNKNOWN), 0);
	assert_int_equal(nexts_of(GUEST_NORMAL_NC_UNGATED, VERDICT_SAFE), 0);
}

/* The log has the same, a line each. */
static void test_remedies_in_the_log(void **state)
{
	static const struct {
		enum guest_rule guest;
		size_t n;
	} rows[] = { { GUEST_NORMAL_NC_UNGATED, 3 }, { GUEST_DECIDES, 2 }, { GUEST_UNKNOWN, 2 } };
	const struct pci_address address = { .bus = 1 };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(strs_done) struct strs lines = { 0 };

		assert_int_equal(deny_remedies(&address, rows[i].guest, &lines), 0);
		assert_int_equal(lines.n, rows[i].n);
		for (size_t n = 0; n < lines.n; n++)
			if (!str_starts(lines.at[n], "0000:01:00.0: ") || !strstr(lines.at[n], "; its risk: "))
				fail_msg("%s", lines.at[n]);
	}
}

static void test_in_the_verdict(void **state)
{
	struct world w;
	const struct device_verdict *verdict;

	(void)state;
	world_make(&w);
	w.kernel.guest = GUEST_NORMAL_NC_UNGATED;
	world_quirk(&w, "bad", "deny", MATCH_YES);
	verdict = world_judge(&w, GOOD);
	assert_int_equal(verdict->path.kind, VERDICT_UNSAFE);
	assert_true(nexts_has(&verdict->path.nexts, NULL,
	                      "or give QEMU x-no-mmap=on for the device: every access is then emulated, and none combines"));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_remedies_in_the_log),
		cmocka_unit_test(test_in_the_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
