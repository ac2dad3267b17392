/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: what a set of measurements says. Pure: the same values and seed give the same answer. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The most values that an interval is made of; of more, only the first so many are looked at. */
#define STATS_MAX 256
#define STATS_RESAMPLES 1000

struct interval {
	double low, high;
};

/* Each of these sorts values. 0 when there is none. */
double stats_median(double *values, size_t n); /* the mean of the two in the middle when n is even */
/* 0 <= part <= 1; between two values by straight line (Hyndman and Fan's type 7, The American Statistician 50, 1996). */
double stats_quantile(double *values, size_t n, double part);

double stats_min(const double *values, size_t n);

/*
 * Sorts values; from the k-th least to the k-th greatest, with the greatest k for which the median of whatever they were
 * drawn from lies between with at least 95 %: 1 - 2 P(Bin(n, 1/2) < k) (order statistics; David and Nagaraja, 7.1). For
 * few values that is surer than a bootstrap, and from 9 of them on one wild value does not move it. Of less than 6 no two
 * are as sure: from the least to the greatest. {0, 0} when there is none.
 */
struct interval stats_rank_interval(double *values, size_t n);

/*
 * 95 % intervals by percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13): of the
 * median, and of median(a) / median(b), resampled independently. {0, 0} without values, or when a median of b is 0.
 */
struct interval stats_median_interval(const double *values, size_t n, uint64_t seed);
struct interval stats_ratio_interval(const double *a, size_t n_a, const double *b, size_t n_b, uint64_t seed);
