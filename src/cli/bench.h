/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench: all that one run of `bench` came to, and how it is said. */
#pragma once

#include "act/bench-run.h"
#include "cli/cli.h"

/* One instruction. */
struct bench_row {
	char name[32];
	struct finding finding;
	struct series_reply series;
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

/* A table by size, a plot, and what is to be known about them; or every series. */
int bench_print(const struct bench_results *results, struct err *err);
struct json_object *bench_to_json(const struct bench_results *results);
