/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats: what a set of measurements says. */
#pragma once

#include <stddef.h>

/* Sorts values; the mean of the two in the middle when n is even, 0 when there is none. */
double stats_median(double *values, size_t n);
