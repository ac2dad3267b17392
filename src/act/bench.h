/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench: measures stores through the uncached and the write-combined mapping, in turn, in the range and nowhere else.
 *
 * A case is an instruction, a transfer's size and its number of address streams. A batch repeats one transfer, a fence
 * behind each, through the whole range, for at least a millisecond, and ends with a completing barrier on the clock,
 * which waits for an answer of the device: posted stores look fast otherwise. How often is found out before, so that
 * between two looks at the clock there are only stores and fences. A round is one batch of each case through one
 * mapping, then one of each through the other; remaps, and the first touch of each page, are off the clock.
 *
 * Rounds count when the machine has warmed up: when the median time of the last 3 is within 2 % of that of the 3
 * before; or after 12, which is_settled then tells.
 */
#pragma once

#include "act/patterns.h"

#define BENCH_BATCH_NS 1000000
/* A case of which a single transfer takes longer is left out: a round would not end. */
#define BENCH_SLOW_NS 100000000

struct bench_case {
	const struct insn *insn;
	uint64_t size_bytes;  /* of one transfer: a multiple of 64 * streams, not above the range's */
	unsigned int streams;
	/* What follows is filled. */
	bool is_left_out;
	uint64_t transfers[BENCH_KINDS]; /* of one batch */
	double mbps[BENCH_KINDS][BENCH_BATCHES_MAX]; /* of each round */
};

struct bench {
	struct trial *trial;
	struct bench_case *cases;
	unsigned int n_cases;
	uint64_t budget_ns;      /* no round is begun after it, but so many are made anyway: */
	unsigned int rounds_min; /* at least 1 */
	unsigned int rounds_max; /* at most BENCH_BATCHES_MAX */
	/* What follows is filled. */
	unsigned int rounds;
	bool is_settled;
};

/* False when the range could not be mapped, which the reply then says. What the range holds afterwards is anything. */
bool bench_measure(struct bench *bench);

/* One figure of the series: sorts the case's rounds. */
struct series bench_series_of(const struct bench *bench, struct bench_case *at, enum bench_kind kind);
