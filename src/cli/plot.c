/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plot: a grid of characters. */
#include "cli/plot.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "cli/cli.h"

#define ROWS 16
#define STEP 8 /* columns from one size to the next */
#define COLUMNS_MAX 120
#define LABELS 5 /* a figure at every so many rows */

struct grid {
	char at[ROWS][COLUMNS_MAX + 1];
	size_t columns;
	double low, high; /* of the y axis, logarithms */
};

static bool find_bounds(const struct plot_line *lines, size_t n_lines, size_t n_x, struct grid *grid)
{
	double low = INFINITY, high = 0;

	for (size_t l = 0; l < n_lines; l++)
		for (size_t i = 0; i < n_x; i++) {
			double y = lines[l].y[i];

			if (!(y > 0) || !isfinite(y))
				continue;
			low = fmin(low, y);
			high = fmax(high, y);
		}
	if (!(high > 0))
		return false;
	/* A flat line lies in the middle. */
	if (high < low * 2) {
		low /= 1.5;
		high *= 1.5;
	}
	grid->low = log(low);
	grid->high = log(high);
	return true;
}

static void draw(struct grid *grid, const struct plot_line *line, size_t n_x)
{
	for (size_t column = 0; column < grid->columns; column++) {
		size_t i = column / STEP, next = i + 1 < n_x ? i + 1 : i;
		double part = (double)(column % STEP) / STEP, y;
		size_t row;

		if (!(line->y[i] > 0) || !(line->y[next] > 0))
			continue;
		y = log(line->y[i]) * (1 - part) + log(line->y[next]) * part;
		row = (size_t)lround((grid->high - y) / (grid->high - grid->low) * (ROWS - 1));
		if (row < ROWS && grid->at[row][column] == ' ')
			grid->at[row][column] = line->mark;
	}
}

static void print_axis(FILE *out, const uint64_t *x, size_t n_x)
{
	fprintf(out, "%8s +", "");
	for (size_t i = 0; i < n_x; i++)
		fprintf(out, "|%.*s", i + 1 < n_x ? STEP - 1 : 0, "---------------");
	fprintf(out, "\n%10s", "");
	for (size_t i = 0; i < n_x; i++) {
		char size[16];

		size_format(x[i], size);
		fprintf(out, "%-*s", STEP, size);
	}
	fputc('\n', out);
}

void plot_print(FILE *out, const uint64_t *x, size_t n_x, const struct plot_line *lines, size_t n_lines)
{
	struct grid grid = { .columns = n_x ? (n_x - 1) * STEP + 1 : 0 };

	if (!n_x || grid.columns > COLUMNS_MAX || !find_bounds(lines, n_lines, n_x, &grid))
		return;
	memset(grid.at, ' ', sizeof(grid.at));
	for (size_t l = 0; l < n_lines; l++)
		draw(&grid, &lines[l], n_x);
	fprintf(out, "%8s\n", "MB/s");
	for (size_t row = 0; row < ROWS; row++) {
		double y = exp(grid.high - (grid.high - grid.low) * (double)row / (ROWS - 1));
		size_t end = grid.columns;

		while (end && grid.at[row][end - 1] == ' ')
			end--;
		if (row % LABELS == 0)
			fprintf(out, "%8.*f |%.*s\n", y < 10 ? 1 : 0, y, (int)end, grid.at[row]);
		else
			fprintf(out, "%8s |%.*s\n", "", (int)end, grid.at[row]);
	}
	print_axis(out, x, n_x);
	for (size_t l = 0; l < n_lines; l++)
		fprintf(out, "%*c %s\n", 11, lines[l].mark, lines[l].name);
}
