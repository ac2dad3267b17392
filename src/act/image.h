/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: what the range should hold, byte by byte: the background, and on it the stores of one batch. The background
 * is a hash of the offset, so that a byte that landed elsewhere tells where it was meant to go.
 */
#pragma once

#include "act/patterns.h"

/* Many stores of one kind, each into one line of its own. */
struct family {
	uint64_t n;
	/* Which bytes of its line store k writes (bit i: byte i). */
	uint64_t (*mask)(const struct trial *trial, uint64_t k);
	/* Writes them, and no others, into the line at offset. */
	void (*store)(const struct trial *trial, uint64_t k, uint64_t offset, const uint64_t words[static 8]);
};

/* Runs all stores of the family in batches and verifies everything: true, or false and the reply says what is wrong. */
bool family_run(struct trial *trial, const struct family *family);

struct image {
	const struct trial *trial;
	const struct family *family; /* NULL: the background alone */
	uint64_t first, n; /* stores first .. first + n - 1, in lines 1, 3, 5 ...: every other line is a guard */
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
