/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot: figures over sizes as plain ASCII, both axes logarithmic. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct plot_line {
	char mark;        /* where two lines meet, the first one's */
	const char *name; /* for the legend */
	const double *y;  /* one for each x; 0 or less: none there */
};

/* x: sizes in bytes, ascending. Prints nothing where there is nothing to see. */
void plot_print(FILE *out, const uint64_t *x, size_t n_x, const struct plot_line *lines, size_t n_lines);
