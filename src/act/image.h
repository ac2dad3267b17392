/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: what the range should hold, byte by byte: the background, and on it the stores of one batch. The background
 * is a hash of the offset, so that a byte that landed elsewhere tells where it was meant to go.
 */
#pragma once

#include "act/patterns.h"

struct image;

/* One store, or sequence of stores, in lines of its own. */
struct shot {
	uint64_t k;            /* which of the family's */
	uint64_t offset;       /* of its first line */
	unsigned int pass;
	const uint64_t *words; /* what its lines should hold where it writes: 8 a line */
};

/* Many stores of one kind, each into lines of its own with a guard line on each side. */
struct family {
	uint64_t n;
	unsigned int lines;  /* that belong to each; 0: one */
	unsigned int stride; /* from one's first line to the next one's; 0: one guard between them */
	unsigned int skip;   /* lines in front of the first; 0: one, in every other batch two */
	uint64_t most;       /* of it in a batch; 0: what fits */
	unsigned int passes; /* over all of a batch; 0: one */
	bool is_fenced;      /* each by itself, not only the batch */
	void *data;          /* the callbacks' own */
	/* Which bytes of this line of its lines store k writes (bit i: byte i). */
	uint64_t (*mask)(const struct image *image, uint64_t k, unsigned int line);
	/* Writes them, and no others. */
	void (*store)(const struct image *image, const struct shot *shot);
	/* Which of the n places of a batch is stored to as the i-th; NULL: ascending. Must be a permutation. */
	uint64_t (*order)(const struct image *image, uint64_t i);
	/* The one byte that store k repeats; -1, or NULL: bytes that differ. */
	int (*fill)(const struct image *image, uint64_t k);
};

/* Both verify, uncached, that the whole range holds the background: true, or false and the reply says what is wrong. */
bool trial_begin(struct trial *trial, const char *when);
/* ... and puts it back where it does not. */
bool trial_end(struct trial *trial, const char *when);
/*
 * Runs all stores of the family in batches, and verifies touched lines and guards after each and the whole range at the
 * end: true, or false and the reply says what is wrong.
 */
bool family_run(struct trial *trial, const struct family *family);
/* How many of it fit the range at once. */
uint64_t family_room(const struct trial *trial, const struct family *family);
/* Puts the background back everywhere, and waits for it. The range is mapped uncached. */
void trial_repair(struct trial *trial);

struct image {
	const struct trial *trial;
	const struct family *family; /* NULL: the background alone */
	uint64_t first, n; /* stores first .. first + n - 1, in the batch's places 0 .. n - 1 */
	uint64_t batch;
};

uint64_t image_background(const struct trial *trial, uint64_t offset); /* the 8 bytes at offset, byte 0 lowest */
/* What the 8 bytes at offset should be; *ret_stored has bit i set when byte i is of a store. */
uint64_t image_word(const struct image *image, uint64_t offset, unsigned int *ret_stored);

/* Compares from .. to - 1 through the uncached mapping: true, or false and the reply is a failure that says what is
 * wrong where, in the whole range. when: "before the test", for the text. */
bool image_verify(const struct image *image, uint64_t from, uint64_t to, const char *when);

/* Writes the background to from .. to - 1 through the uncached mapping; the caller drains. */
void image_put_background(const struct trial *trial, uint64_t from, uint64_t to);

/* Looks at the whole range after image_verify found a difference, and fills the reply. */
void damage_describe(const struct image *image, const char *when);
