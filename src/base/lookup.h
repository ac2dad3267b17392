/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup: finds the number that belongs to a text, in one step whatever there is else. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lookup {
	struct lookup_row {
		const char *text; /* borrowed, and must stay where it is; NULL: a free row */
		uint32_t hash;
		size_t value;
	} *at;
	size_t n, n_rows;
	uint64_t key[2]; /* of the hash; of this process */
};

/* The value of text, which the caller may change; NULL: it has none. */
size_t *lookup_find(const struct lookup *lookup, const char *text);
/* The same, with a value of 0 where it had none before; NULL: memory is out. */
size_t *lookup_add(struct lookup *lookup, const char *text);
/* Where a text belongs: SipHash-2-4, by a key of this process; for tests by another. */
uint64_t lookup_hash(const void *bytes, size_t size, const uint64_t key[static 2]);
void lookup_done(struct lookup *lookup);
