/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest: whether bytes are the same as those that were there before, and whether the program is. */
#pragma once

#include <stddef.h>

#define DIGEST_BYTES 32
#define DIGEST_TEXT (2 * DIGEST_BYTES + 1)

/* BLAKE2b-256 (RFC 7693) of a and then b. 0, or -ENOSYS when there is no way to get it. */
int digest_of(const void *a, size_t a_size, const void *b, size_t b_size, unsigned char ret[static DIGEST_BYTES]);
/* In hexadecimal, with its end. */
void digest_text(const unsigned char digest[static DIGEST_BYTES], char ret[static DIGEST_TEXT]);
/* The build of the program that runs, as its linker wrote it (ld(1), --build-id), borrowed; 0 or -ENOENT: it has none. */
int digest_program(const void **ret, size_t *ret_size);
