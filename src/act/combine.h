/* SPDX-License-Identifier: GPL-2.0-or-later */
/* combine: proves that the stores of a test leave the CPU combined, where the link's own limit can show it. */
#pragma once

#include "act/patterns.h"

/* A sequence of stores that a test made. */
struct sequence {
	const char *name;
	unsigned int width; /* bytes of one of its stores: 1, 2, 4 .. 64 */
	/* The i-th piece of it: writes inside the range, and returns how many bytes. */
	uint64_t (*store)(const struct trial *trial, uint64_t i);
};

/*
 * One-sided. Stores that go alone cannot be faster than the ceiling of their width (trial->ceiling_mbps). Where each of
 * the n sequences is faster through the write-combined mapping, and slower through the uncached one in the same run, it
 * was combined: OUTCOME_PASS. In any other case nothing is proven: OUTCOME_NOT_EXERCISED, with the reason. `what`, the
 * beginning of a sentence, says what was found correct. Call it when all else has passed; the background is left.
 */
void combine_prove(struct trial *trial, const struct sequence *sequences, unsigned int n, const char *what);
