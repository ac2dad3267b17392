/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-plot: where the marks of a plot lie, and that what cannot be drawn is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/plot.h"

#define ROWS 16 /* of the grid; one line of text is above it */
#define LEFT 10 /* columns before it */
#define STEP 8

static const uint64_t sizes[] = { 64, 256, 1024, 4096 };

/* The lines of text; more than there are, are empty. */
struct page {
	char *text;
	const char *line[40];
	size_t n;
};

static void page_print(struct page *page, size_t n_x, const struct plot_line *lines, size_t n_lines)
{
	size_t size;
	FILE *out = open_memstream(&page->text, &size);

	assert_non_null(out);
	plot_print(out, sizes, n_x, lines, n_lines);
	assert_int_equal(fclose(out), 0);
	page->n = 0;
	for (size_t i = 0; i < ELEMENTSOF(page->line); i++)
		page->line[i] = "";
	for (char *at = page->text, *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		assert_true(page->n < ELEMENTSOF(page->line));
		page->line[page->n++] = at;
	}
}

/* What stands in the grid: row 0 is the highest. */
static char mark_at(const struct page *page, size_t row, size_t column)
{
	const char *line = page->line[1 + row];

	return strlen(line) > LEFT + column ? line[LEFT + column] : ' ';
}

static size_t row_of(const struct page *page, char mark, size_t column)
{
	for (size_t row = 0; row < ROWS; row++)
		if (mark_at(page, row, column) == mark)
			return row;
	return ROWS;
}

/* Both axes are logarithmic: what grows as its size does is a straight line from corner to corner. */
static void test_slope(void **state)
{
	const double up[] = { 1, 10, 100, 1000 }, down[] = { 1000, 100, 10, 1 };
	const struct plot_line lines[] = { { 'W', "write-combining", up }, { 'u', "uncached", down } };
	struct page page;

	(void)state;
	page_print(&page, 4, lines, 2);
	assert_int_equal(page.n, 1 + ROWS + 2 + 2);
	assert_string_equal(page.line[0], "    MB/s");
	assert_int_equal(atoi(page.line[1]), 1000);
	assert_int_equal(atoi(page.line[ROWS]), 1);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(row_of(&page, 'W', i * STEP), ROWS - 1 - 5 * i);
		assert_int_equal(row_of(&page, 'u', i * STEP), 5 * i);
	}
	/* Between two sizes it goes on, and never turns. */
	for (size_t column = 1; column <= 3 * STEP; column++)
		assert_true(row_of(&page, 'W', column) <= row_of(&page, 'W', column - 1));
	assert_string_equal(page.line[1 + ROWS], "         +|-------|-------|-------|");
	assert_string_equal(page.line[2 + ROWS], "          64 B    256 B   1 KiB   4 KiB   ");
	assert_string_equal(page.line[3 + ROWS], "          W write-combining");
	assert_string_equal(page.line[4 + ROWS], "          u uncached");
	free(page.text);
}

/* One value everywhere lies in the middle, and where two lines meet the first one's mark stands. */
static void test_flat(void **state)
{
	const double same[] = { 50, 50 };
	const struct plot_line lines[] = { { 'W', "a", same }, { 'u', "b", same } };
	struct page page;

	(void)state;
	page_print(&page, 2, lines, 2);
	for (size_t column = 0; column <= STEP; column++) {
		size_t row = row_of(&page, 'W', column);

		assert_true(row == ROWS / 2 || row == ROWS / 2 - 1);
		assert_int_equal(row_of(&page, 'u', column), ROWS);
	}
	free(page.text);
}

/* A size that was not measured leaves a gap, and its neighbours where they are. */
static void test_gap(void **state)
{
	const double y[] = { 10, 0, 10, 100 }, nothing[] = { NAN, -1, 0, 0 };
	const struct plot_line lines[] = { { 'W', "a", y }, { 'u', "b", nothing } };
	struct page page;

	(void)state;
	page_print(&page, 4, lines, 2);
	for (size_t column = 0; column < 2 * STEP; column++)
		assert_int_equal(row_of(&page, 'W', column), ROWS);
	assert_int_equal(row_of(&page, 'W', 2 * STEP), ROWS - 1);
	assert_int_equal(row_of(&page, 'W', 3 * STEP), 0);
	for (size_t column = 0; column <= 3 * STEP; column++)
		assert_int_equal(row_of(&page, 'u', column), ROWS);
	free(page.text);
}

static void test_nothing(void **state)
{
	const double zero[] = { 0, 0 }, endless[] = { INFINITY, NAN };
	const struct plot_line none = { 'W', "a", zero }, odd = { 'W', "a", endless };
	struct page page;

	(void)state;
	page_print(&page, 2, &none, 1);
	assert_int_equal(page.n, 0);
	free(page.text);
	page_print(&page, 2, &odd, 1);
	assert_int_equal(page.n, 0);
	free(page.text);
	page_print(&page, 0, &none, 1);
	assert_int_equal(page.n, 0);
	free(page.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slope), cmocka_unit_test(test_flat), cmocka_unit_test(test_gap), cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
