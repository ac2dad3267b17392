/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: order statistics, which one outlier does not move, and how sure they are. */
#include "decide/stats.h"

#include <string.h>

/* Not qsort(3): of many values it asks for memory, and how much of it there is, which a jail forbids. */
static void sort(double *values, size_t n)
{
	static const size_t gaps[] = { 701, 301, 132, 57, 23, 10, 4, 1 }; /* Ciura, FCT 2001 */

	for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++)
		for (size_t i = gaps[g]; i < n; i++) {
			double value = values[i];
			size_t at = i;

			for (; at >= gaps[g] && values[at - gaps[g]] > value; at -= gaps[g])
				values[at] = values[at - gaps[g]];
			values[at] = value;
		}
}

static double sorted_quantile(const double *values, size_t n, double part)
{
	double at = part * (double)(n - 1);
	size_t below = (size_t)at;

	if (below + 1 >= n)
		return values[n - 1];
	return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

double stats_quantile(double *values, size_t n, double part)
{
	if (!n)
		return 0;
	sort(values, n);
	return sorted_quantile(values, n, part < 0 ? 0 : part > 1 ? 1 : part);
}

double stats_median(double *values, size_t n)
{
	return stats_quantile(values, n, 0.5);
}

double stats_min(const double *values, size_t n)
{
	double least = n ? values[0] : 0;

	for (size_t i = 1; i < n; i++)
		if (values[i] < least)
			least = values[i];
	return least;
}

struct interval stats_rank_interval(double *values, size_t n)
{
	double outside = 1, chance; /* of fewer than k of the n below the median; of exactly k */
	size_t k = 0;

	if (!n)
		return (struct interval){ 0 };
	sort(values, n);
	for (size_t i = 0; i < n; i++)
		outside /= 2;
	chance = outside;
	while (outside <= 0.025) {
		k++;
		chance *= (double)(n - k + 1) / (double)k;
		outside += chance;
	}
	return (struct interval){ .low = values[k ? k - 1 : 0], .high = values[n - (k ?: 1)] };
}

/* ---- bootstrap ---- */

struct sample {
	double sorted[STATS_MAX];
	size_t n;
};

static void sample_take(struct sample *sample, const double *values, size_t n)
{
	sample->n = n < STATS_MAX ? n : STATS_MAX;
	memcpy(sample->sorted, values, sample->n * sizeof(*values));
	sort(sample->sorted, sample->n);
}

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014) */
static uint64_t next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* The median of n values drawn with repetition: how often each was drawn is enough, for they are sorted. */
static double resampled_median(const struct sample *sample, uint64_t *state)
{
	unsigned int drawn[STATS_MAX] = { 0 };
	size_t seen = 0, i = 0, low = (sample->n - 1) / 2, high = sample->n / 2;
	double at_low;

	for (size_t k = 0; k < sample->n; k++)
		drawn[next(state) % sample->n]++;
	for (; seen + drawn[i] <= low; i++)
		seen += drawn[i];
	at_low = sample->sorted[i];
	for (; seen + drawn[i] <= high; i++)
		seen += drawn[i];
	return (at_low + sample->sorted[i]) / 2;
}

static struct interval middle(double *figures)
{
	struct interval interval;

	sort(figures, STATS_RESAMPLES);
	interval.low = sorted_quantile(figures, STATS_RESAMPLES, 0.025);
	interval.high = sorted_quantile(figures, STATS_RESAMPLES, 0.975);
	return interval;
}

struct interval stats_median_interval(const double *values, size_t n, uint64_t seed)
{
	double medians[STATS_RESAMPLES] = { 0 };
	struct sample sample;

	if (!n)
		return (struct interval){ 0 };
	sample_take(&sample, values, n);
	for (size_t i = 0; i < STATS_RESAMPLES; i++)
		medians[i] = resampled_median(&sample, &seed);
	return middle(medians);
}

struct interval stats_ratio_interval(const double *a, size_t n_a, const double *b, size_t n_b, uint64_t seed)
{
	double ratios[STATS_RESAMPLES] = { 0 };
	struct sample over, under;

	if (!n_a || !n_b)
		return (struct interval){ 0 };
	sample_take(&over, a, n_a);
	sample_take(&under, b, n_b);
	for (size_t i = 0; i < STATS_RESAMPLES; i++) {
		double median = resampled_median(&under, &seed);

		if (!(median > 0))
			return (struct interval){ 0 };
		ratios[i] = resampled_median(&over, &seed) / median;
	}
	return middle(ratios);
}
