/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-stats: order statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/stats.h"

static void medians(void **state)
{
	double none[1] = { 7 }, odd[] = { 9, 1, 5 }, even[] = { 4, 1000, 1, 2 };

	(void)state;
	assert_true(stats_median(none, 0) == 0);
	assert_true(stats_median(none, 1) == 7);
	assert_true(stats_median(odd, 3) == 5);
	assert_true(stats_median(even, 4) == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(medians) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
