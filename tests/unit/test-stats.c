/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-stats: order statistics, and how sure they are. */
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

/* R: quantile(c(15, 20, 35, 40, 50), 0.4) is 29, and so on. */
static void quantiles(void **state)
{
	double values[] = { 50, 15, 40, 20, 35 }, hundred[101];

	(void)state;
	assert_true(stats_quantile(values, 5, 0.4) == 29);
	assert_true(stats_quantile(values, 5, 0) == 15);
	assert_true(stats_quantile(values, 5, 1) == 50);
	assert_true(stats_quantile(values, 5, 7) == 50);
	assert_true(stats_quantile(values, 5, -7) == 15);
	assert_true(stats_quantile(values, 0, 0.5) == 0);
	for (int i = 0; i <= 100; i++)
		hundred[i] = 100 - i;
	assert_true(stats_quantile(hundred, 101, 0.99) == 99);
	assert_true(stats_min(values, 5) == 15);
	assert_true(stats_min(values + 1, 1) == 20);
	assert_true(stats_min(values, 0) == 0);
}

/* The ranks of the tables of sign test intervals (David and Nagaraja, Order Statistics, 7.1), of which none is for n < 6. */
static void ranks(void **state)
{
	static const size_t lows[] = { 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 6 };
	double values[41];
	struct interval interval;

	(void)state;
	interval = stats_rank_interval(values, 0);
	assert_true(interval.low == 0 && interval.high == 0);
	for (size_t n = 1; n < sizeof(lows) / sizeof(lows[0]); n++) {
		for (size_t i = 0; i < n; i++)
			values[i] = (double)(n - i);
		interval = stats_rank_interval(values, n);
		assert_true(interval.low == (double)lows[n] && interval.high == (double)(n + 1 - lows[n]));
	}
	for (size_t i = 0; i < 40; i++)
		values[i] = (double)(i * 7 % 40 + 1);
	interval = stats_rank_interval(values, 40);
	assert_true(interval.low == 14 && interval.high == 27);
}

static void certain(void **state)
{
	static const double same[] = { 3, 3, 3, 3, 3 };
	struct interval interval = stats_median_interval(same, 5, 1);

	(void)state;
	assert_true(interval.low == 3 && interval.high == 3);
	interval = stats_ratio_interval(same, 5, same, 3, 1);
	assert_true(interval.low == 1 && interval.high == 1);
	interval = stats_median_interval(same, 0, 1);
	assert_true(interval.low == 0 && interval.high == 0);
	interval = stats_ratio_interval(same, 5, (const double[]){ 0, 0, 0 }, 3, 1);
	assert_true(interval.low == 0 && interval.high == 0);
}

/*
 * For the median of 1 .. n the bootstrap's distribution is known: the 2.5 % quantile is the order statistic at which the
 * binomial's sum passes it. n = 25: P(median <= 8th) is 0.027, P(<= 7th) 0.0075 (Efron and Tibshirani's example is the
 * same sum), so that the interval is 8 .. 18.
 */
static void known(void **state)
{
	double values[25], twice[25], before[25];
	struct interval interval, again;

	(void)state;
	for (int i = 0; i < 25; i++) {
		before[i] = values[i] = (i * 7) % 25 + 1;
		twice[i] = 2 * values[i];
	}
	for (uint64_t seed = 0; seed < 20; seed++) {
		interval = stats_median_interval(values, 25, seed);
		assert_true(interval.low >= 7 && interval.low <= 9);
		assert_true(interval.high >= 17 && interval.high <= 19);
		again = stats_median_interval(values, 25, seed);
		assert_true(interval.low == again.low && interval.high == again.high);
		/* Independently resampled, two equal sets are apart by more than either is wide, about 1. */
		interval = stats_ratio_interval(twice, 25, values, 25, seed);
		assert_true(interval.low > 0.8 && interval.low < 1.6);
		assert_true(interval.high > 2.5 && interval.high < 4.5);
	}
	for (int i = 0; i < 25; i++)
		assert_true(values[i] == before[i]);
}

/* Of samples of a known distribution, 95 % of the intervals hold its median: as many do, more or less. */
static void covers(void **state)
{
	unsigned int held = 0;
	uint64_t x = 1;

	(void)state;
	for (uint64_t trial = 0; trial < 400; trial++) {
		double values[31];

		for (int i = 0; i < 31; i++) {
			x = x * 6364136223846793005 + 1442695040888963407;
			values[i] = (double)(x >> 11) / (double)((uint64_t)1 << 53);
		}

		struct interval interval = stats_median_interval(values, 31, trial);

		held += interval.low <= 0.5 && 0.5 <= interval.high;
	}
	assert_in_range(held, 365, 396);
}

/* More values than it looks at. */
static void many(void **state)
{
	double values[STATS_MAX + 10];
	struct interval interval;

	(void)state;
	for (int i = 0; i < STATS_MAX + 10; i++)
		values[i] = i < STATS_MAX ? 5 : 1000;
	interval = stats_median_interval(values, STATS_MAX + 10, 3);
	assert_true(interval.low == 5 && interval.high == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(medians), cmocka_unit_test(quantiles), cmocka_unit_test(ranks), cmocka_unit_test(certain),
		cmocka_unit_test(known),   cmocka_unit_test(covers),    cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
