/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-run: the long benchmark of every instruction, a child each: of a claimed BAR (probe.h), or of a plain file. */
#pragma once

#include "act/insn.h"
#include "act/runner.h"
#include "base/err.h"

/*
 * Each instruction is measured in so many passes, in a child each, and all instructions in each pass: so that what changes
 * slowly, or with a child's memory, changes within a run as it does between two. Of 12 the interval is from the 3rd to the
 * 10th (decide/stats.h), so that two that were disturbed do not make it wide.
 */
#define BENCH_PASSES 12

/* What is to be measured, and who hears of it. */
struct bench_order {
	bool is_wide;             /* also what a hypervisor may not be able to emulate, and packets of their own */
	unsigned int streams;     /* 1, 2 or 4; 0: each */
	uint64_t size_bytes;      /* of a transfer; 0: each */
	/* What came of an instruction in a pass. A finding that is no PASS has no series, and no further pass. */
	void (*measured)(void *data, const struct insn *insn, const struct finding *finding,
	                 const struct series_reply *series);
	void *data;
	int cpu;                  /* filled: the one that stored; -1: not known */
	uint64_t range_bytes;     /* filled */
	uint64_t out;             /* filled, zero at first: bit i: instruction i of arch_insns has no further pass */
};

/* All zero before the first. */
struct bench_turn {
	unsigned int pass;
	uint32_t next; /* where to look for the next one */
	uint32_t insn; /* index into arch_insns */
};

/* The next one that is there and asked for; false: there is none. */
bool bench_next(const struct bench_order *order, bool is_virtual, struct bench_turn *turn);
/* Tells the runner of instruction i. */
void bench_prepare(const struct bench_order *order, uint32_t i, struct runner *runner);
/* Tells what came of it. */
void bench_tell(struct bench_order *order, uint32_t i, const struct finding *finding, struct series_reply *series);

/*
 * One of n >= 1 passes of an instruction. Of each series that all of them have: the median of the medians and its interval,
 * all batches, the slowest one, the greatest 99th percentile.
 */
void bench_merge(const struct series_reply passes[], unsigned int n, struct series_reply *ret);

/*
 * Benches a regular file in place of both mappings, whose contents are put back. 0; a negative errno, id "bad-file"
 * when it is not one to be overwritten for a while: a link, no regular file, of a file system that may hold anything else
 * than data, not a multiple of 4096 bytes, or not ours to write; "interrupted" after all was put back; or
 * "not-restored".
 */
int bench_file(const char *path, struct bench_order *order, struct err *err);
