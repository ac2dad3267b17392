/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table: columns for people; programs use --json. */
#include "cli/table.h"

#include <errno.h>
#include <libsmartcols.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static void unref_table(struct libscols_table **table)
{
	scols_unref_table(*table);
}

/* Verdicts are what the eye looks for. */
static const struct {
	const char *word, *colour;
} colours[] = {
	{ "safe", "green" },
	{ "unsafe", "red" },
	{ "denied", "red" },
	{ "unknown", "yellow" },
};

static const char *colour_of(const char *word)
{
	for (size_t i = 0; i < ELEMENTSOF(colours); i++)
		if (!strcmp(colours[i].word, word))
			return colours[i].colour;
	return NULL;
}

static int add_row(struct libscols_table *table, size_t n_columns, char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	for (size_t c = 0; line && c < n_columns; c++) {
		const char *colour = colour_of(cells[c]);

		if (scols_line_set_data(line, c, cells[c]) != 0)
			return -ENOMEM;
		if (colour)
			scols_cell_set_color(scols_line_get_cell(line, c), colour);
	}
	return line ? 0 : -ENOMEM;
}

int table_print(const struct column *columns, size_t n_columns, const struct strs *cells, struct err *err)
{
	_cleanup_(unref_table) struct libscols_table *table = NULL;
	int r = 0;

	/* No scols_init_debug(): it would let an environment variable change the output. */
	table = scols_new_table();
	if (!table)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	scols_table_enable_colors(table, isatty(STDOUT_FILENO));
	for (size_t c = 0; r == 0 && c < n_columns; c++)
		if (!scols_table_new_column(table, columns[c].name, 0, columns[c].is_right ? SCOLS_FL_RIGHT : 0))
			r = -ENOMEM;
	for (size_t i = 0; r == 0 && i + n_columns <= cells->n; i += n_columns)
		r = add_row(table, n_columns, cells->at + i);
	if (r == 0 && scols_print_table(table) != 0)
		r = -EIO;
	return r < 0 ? err_errno(err, r, "output", "table") : 0;
}
