/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup: a table of rows, the first of which that is free ends the search (open addressing). */
#include "base/lookup.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 0x811c9dc5;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x01000193;
	return hash;
}

/* The row that has text, or where it belongs; n_rows is a power of two, and some row is free. */
static struct lookup_row *row_of(struct lookup_row *rows, size_t n_rows, const char *text, uint32_t hash)
{
	size_t i = hash & (n_rows - 1);

	while (rows[i].text && (rows[i].hash != hash || strcmp(rows[i].text, text)))
		i = (i + 1) & (n_rows - 1);
	return &rows[i];
}

size_t *lookup_find(const struct lookup *lookup, const char *text)
{
	struct lookup_row *row = lookup->n ? row_of(lookup->at, lookup->n_rows, text, hash_of(text)) : NULL;

	return row && row->text ? &row->value : NULL;
}

/* Half of the rows stay free, so that searches stay short. */
static int grow(struct lookup *lookup)
{
	size_t n_rows = lookup->n_rows ? 2 * lookup->n_rows : 64;
	struct lookup_row *rows = calloc(n_rows, sizeof(*rows));

	if (!rows)
		return -1;
	for (size_t i = 0; i < lookup->n_rows; i++)
		if (lookup->at[i].text)
			*row_of(rows, n_rows, lookup->at[i].text, lookup->at[i].hash) = lookup->at[i];
	free(lookup->at);
	lookup->at = rows;
	lookup->n_rows = n_rows;
	return 0;
}

size_t *lookup_add(struct lookup *lookup, const char *text)
{
	uint32_t hash = hash_of(text);
	struct lookup_row *row;

	if (2 * lookup->n >= lookup->n_rows && grow(lookup) < 0)
		return NULL;
	row = row_of(lookup->at, lookup->n_rows, text, hash);
	if (!row->text) {
		*row = (struct lookup_row){ text, hash, 0 };
		lookup->n++;
	}
	return &row->value;
}

void lookup_done(struct lookup *lookup)
{
	free(lookup->at);
	*lookup = (struct lookup){ 0 };
}
