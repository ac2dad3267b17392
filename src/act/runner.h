/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner: runs one step in a child that has only its mappings, and turns whatever happens to it into a finding. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "decide/ceiling.h"
#include "decide/scratch.h"
#include "model/finding.h"
#include "model/quirk.h"

#define RUNNER_NO_INSN UINT32_MAX

#define RUNNER_MAGIC 0x63776370u /* "pcwc" */
#define RUNNER_VERSION 3u
/* The most that is tested of a BAR; a longer range is refused, so that what a record says was touched is true. */
#define RANGE_MAX_BYTES SCRATCH_MAX_BYTES
/* A range is whole pages of this size: its neighbours are not on a page of ours. */
#define RANGE_UNIT_BYTES 4096

/* What a child is told; it arrives on its standard input. Fixed size, versioned: parent and child are one program, yet
 * the child checks it like any input. */
struct step_request {
	uint32_t magic, version;
	uint32_t step;      /* enum step */
	uint32_t is_virtual;
	uint32_t insn;      /* index into arch_insns: which one this run is about; RUNNER_NO_INSN */
	uint32_t bench_streams; /* of the long benchmark: 1, 2 or 4; 0: each */
	uint64_t bench_size_bytes; /* the transfer's; 0: each */
	uint64_t bar_base, bar_size_bytes;
	uint64_t range_offset, range_size_bytes; /* what may be written */
	uint64_t seed;      /* of background and random patterns */
	/* MB/s (10^6) that no stores of 1 << i bytes exceed which each go alone (struct ceiling: bound); 0: unknown */
	double ceiling_mbps[CEILING_PAYLOADS];
};

#define REPLY_NUMBERS 16

/* What it answers on its standard output: exactly one, of exactly this size. */
struct step_reply {
	uint32_t magic, version;
	uint32_t step;
	uint32_t outcome; /* enum outcome; PASS, FAIL, NOT_EXERCISED, UNSUPPORTED or SKIPPED; DIED: a signal was caught */
	uint32_t n_numbers;
	uint32_t reserved; /* 0 */
	char text[256];   /* NUL-terminated, printable ASCII */
	struct {
		char name[32]; /* of [a-z0-9_], NUL-terminated, no two the same */
		double value; /* finite */
	} numbers[REPLY_NUMBERS];
};

/* ---- the long benchmark: STEP_BENCH with an insn; behind its reply a second one follows ---- */

enum bench_kind { BENCH_UC, BENCH_WC, BENCH_KINDS };

#define BENCH_STREAMS_MAX 4
#define BENCH_BATCHES_MAX 64
#define BENCH_SERIES_MAX 54 /* 9 sizes, 1, 2 and 4 streams, UC and WC */

static inline bool bench_is_size(uint64_t size_bytes)
{
	uint64_t size = 64;

	while (size < size_bytes && size < RANGE_MAX_BYTES)
		size *= 4;
	return size == size_bytes;
}

static inline bool bench_is_streams(uint64_t streams)
{
	return streams == 1 || streams == 2 || streams == BENCH_STREAMS_MAX;
}

/* MB/s (10^6 bytes a second) of one size, number of streams and kind of mapping. */
struct series {
	uint64_t size_bytes; /* 64 << 2 * i, not above the range's (bench_is_size) */
	uint32_t streams;    /* 1, 2 or 4 (bench_is_streams) */
	uint32_t kind;       /* enum bench_kind */
	uint32_t batches;    /* 1 .. BENCH_BATCHES_MAX */
	uint32_t reserved;   /* 0 */
	double median_mbps;
	double low_mbps, high_mbps; /* of the median, 95 % */
	double min_mbps;     /* of the slowest batch */
	double p99_mbps;     /* the 99th percentile: of nearly the fastest */
};

struct series_reply {
	uint32_t magic, version;
	uint32_t insn;
	uint32_t n;          /* 0 unless the first reply says PASS */
	struct series at[BENCH_SERIES_MAX]; /* no two of the same size, streams and kind; the rest is zero */
};

static inline bool request_wants_series(const struct step_request *request)
{
	return request->step == STEP_BENCH && request->insn != RUNNER_NO_INSN;
}

struct runner {
	int exe;      /* the program to run as the child: normally /proc/self/exe */
	int wc, uc;   /* resourceN_wc and resourceN */
	int save;     /* a memfd as large as the range */
	int memtypes; /* x86: the PAT memtype list; -1: not readable */
	int cpu;      /* to pin to; -1: any */
	int peer_cpu; /* beside cpu, for the steps that need a second one (peer.h); -1: there is none */
	int device;   /* its directory in sysfs, borrowed: a step ends when the device goes; -1: none is watched */
	enum scope scope;
	unsigned int deadline_ms;    /* 0: the step's own */
	struct step_request request; /* magic, version and step are set by runner_step */
};

/* The only descriptors of a child. */
enum child_fd {
	CHILD_REQUEST,
	CHILD_REPLY,
	CHILD_STDERR, /* goes nowhere (in a sanitizer's build: the parent's) */
	CHILD_WC,     /* closed when the runner has none */
	CHILD_UC,
	CHILD_SAVE,
	CHILD_MEMTYPES, /* closed also when the step is another than type */
	CHILD_FDS
};

/* 0, or -EINVAL with err naming what is wrong with it; both sides ask. */
int request_check(const struct step_request *request, struct err *err);

/*
 * Runs step. 0 and a finding, also when the child died; a negative errno when no child could be started, or what one said
 * could not be kept: *ret then holds the outcome alone, if it was OUTCOME_FAIL or OUTCOME_DIED. The child, and its process
 * group, are gone when this returns.
 */
int runner_step(const struct runner *runner, enum step step, struct err *err, struct finding *ret);

/* The long benchmark, by the request's insn. Its figures are in *ret_series, whose n is 0 unless the finding is PASS. */
int runner_series(const struct runner *runner, struct err *err, struct finding *ret, struct series_reply *ret_series);

/* The child's own main: does not return. */
_Noreturn void runner_child(void);
/* argv[1] of a child */
#define RUNNER_CHILD_ARG "--child"
