/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench: all that one run of `bench` came to, and how it is said. */
#pragma once

#include "act/bench-run.h"
#include "cli/cli.h"

/* One instruction. */
struct bench_row {
	char name[32];
	struct finding finding;     /* the last pass's, or that of the one that failed */
	bool is_settled;            /* before each pass */
	struct series_reply passes[BENCH_PASSES];
	unsigned int n_passes;      /* 0 unless the finding is PASS */
	struct series_reply series; /* of all passes; filled by bench_results_merge */
};

struct bench_results {
	/* What was measured: a file, or a BAR. */
	const char *file;
	const struct device *device;
	const struct bar *bar;
	struct bench_order order;
	struct ceiling ceiling;
	char *aspm;     /* "off", "l0s l1", as the kernel has it; NULL: not known */
	char *governor; /* of the CPU that stored; NULL: not known */
	uint64_t frequency_khz; /* now; 0: not known */
	struct bench_row *at;
	size_t n;
};

void bench_results_done(struct bench_results *results);

/* What came of a pass of an instruction. Ran out of memory: what is known of it is less. */
void bench_results_add(struct bench_results *results, const char *name, const struct finding *finding,
                       const struct series_reply *series);
void bench_results_merge(struct bench_results *results);

/* A table by size, a plot, and what is to be known about them; or every series. */
int bench_print(const struct bench_results *results, struct err *err);
struct json_object *bench_to_json(const struct bench_results *results);
