/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-run: the long benchmark of every instruction, a child each: of a claimed BAR (probe.h), or of a plain file. */
#pragma once

#include "act/insn.h"
#include "act/runner.h"
#include "base/err.h"

/* What is to be measured, and who hears of it. */
struct bench_order {
	bool is_wide;             /* also what a hypervisor may not be able to emulate, and packets of their own */
	unsigned int streams;     /* 1, 2 or 4; 0: each */
	uint64_t size_bytes;      /* of a transfer; 0: each */
	/* What came of an instruction. A finding that is no PASS has no series. */
	void (*measured)(void *data, const struct insn *insn, const struct finding *finding,
	                 const struct series_reply *series);
	void *data;
	int cpu;                  /* filled: the one that stored; -1: not known */
	uint64_t range_bytes;     /* filled */
};

/* The next instruction of arch_insns from i on that is there and asked for; RUNNER_NO_INSN: there is none. */
uint32_t bench_next(const struct bench_order *order, bool is_virtual, uint32_t i);
/* Tells the runner of instruction i. */
void bench_prepare(const struct bench_order *order, uint32_t i, struct runner *runner);

/*
 * Benches a regular file in place of both mappings, whose contents are put back. 0; a negative errno, id "bad-file"
 * when it is not one to be overwritten for a while: a link, no regular file, of a file system that may hold anything else
 * than data, not a multiple of 4096 bytes, or not ours to write; "interrupted" after all was put back; or
 * "not-restored".
 */
int bench_file(const char *path, struct bench_order *order, struct err *err);
