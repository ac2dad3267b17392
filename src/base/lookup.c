/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lookup: a table of rows, the first of which that is free ends the search (open addressing). */
#include "base/lookup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t turned(uint64_t word, unsigned int bits)
{
	return word << bits | word >> (64 - bits);
}

static void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = turned(s->b, 13) ^ s->a;
	s->a = turned(s->a, 32);
	s->c += s->d;
	s->d = turned(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = turned(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = turned(s->b, 17) ^ s->c;
	s->c = turned(s->c, 32);
}

static void sip_take(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	sip_round(s);
	s->a ^= word;
}

/* SipHash-2-4 (https://www.aumasson.jp/siphash/siphash.pdf), in words of this machine's order: it never leaves it. */
uint64_t lookup_hash(const void *bytes, size_t size, const uint64_t key[static 2])
{
	struct sip s = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		         key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) };
	const char *at = bytes;
	uint64_t word;

	for (size_t left = size; left >= 8; left -= 8, at += 8) {
		memcpy(&word, at, 8);
		sip_take(&s, word);
	}
	word = (uint64_t)size << 56;
	for (size_t i = 0; i < size % 8; i++)
		word |= (uint64_t)(unsigned char)at[i] << 8 * i;
	sip_take(&s, word);
	s.c ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

/*
 * Names come from files: with a hash that they know, these could make every search as long as there are names. The key is the
 * 16 random bytes that came with execve(2): no call, so that a jailed child has them too. Every Linux gives them.
 */
static void take_key(struct lookup *lookup)
{
	const void *random = (const void *)getauxval(AT_RANDOM); /* NOLINT(performance-no-int-to-ptr): what it is */

	if (random)
		memcpy(lookup->key, random, sizeof(lookup->key));
}

static uint32_t hash_of(const struct lookup *lookup, const char *text)
{
	return (uint32_t)lookup_hash(text, strlen(text), lookup->key);
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
	struct lookup_row *row = lookup->n ? row_of(lookup->at, lookup->n_rows, text, hash_of(lookup, text)) : NULL;

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
	struct lookup_row *row;
	uint32_t hash;

	if (!lookup->n_rows)
		take_key(lookup);
	if (2 * lookup->n >= lookup->n_rows && grow(lookup) < 0)
		return NULL;
	hash = hash_of(lookup, text);
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
