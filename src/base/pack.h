/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pack: numbers and texts as bytes, one after the other; whoever reads them back believes none of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was written; memory that runs out is found at the end, by is_failed. The caller frees at. */
struct pack {
	char *at;
	size_t n, room;
	bool is_failed;
};

void pack_bytes(struct pack *pack, const void *bytes, size_t size);
void pack_u64(struct pack *pack, uint64_t value);
void pack_text(struct pack *pack, const char *text); /* may be NULL */

/* What is left to read, borrowed. After the first thing that does not fit everything reads as nothing, and is_failed says so. */
struct unpack {
	const char *at;
	size_t n;
	bool is_failed;
};

uint64_t unpack_u64(struct unpack *unpack, uint64_t max); /* fails above max */
/* size bytes, borrowed; NULL: fewer are left. */
const char *unpack_bytes(struct unpack *unpack, uint64_t size);
/* A text without its NUL, borrowed, of *ret_length; NULL: there is none, or it failed. One with a NUL in it fails. */
const char *unpack_text(struct unpack *unpack, size_t *ret_length);
