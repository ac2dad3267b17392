/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner: runs one step in a child that has only its mappings, and turns whatever happens to it into a finding. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "model/finding.h"
#include "model/quirk.h"

/* Payloads of 1, 2, 4 ... 64 bytes. */
#define CEILING_WIDTHS 7
#define RUNNER_NO_INSN UINT32_MAX

#define RUNNER_MAGIC 0x63776370u /* "pcwc" */
#define RUNNER_VERSION 2u
/* The most that is tested of a BAR; a longer range is refused, so that what a record says was touched is true. */
#define RANGE_MAX_BYTES ((uint64_t)4 << 20)
/* A range is whole pages of this size: its neighbours are not on a page of ours. */
#define RANGE_UNIT_BYTES 4096

/* What a child is told; it arrives on its standard input. Fixed size, versioned: parent and child are one program, yet
 * the child checks it like any input. */
struct step_request {
	uint32_t magic, version;
	uint32_t step;      /* enum step */
	uint32_t is_virtual;
	uint32_t insn;      /* index into arch_insns: which one this run is about; RUNNER_NO_INSN */
	uint32_t reserved;  /* 0 */
	uint64_t bar_base, bar_size_bytes;
	uint64_t range_offset, range_size_bytes; /* what may be written */
	uint64_t seed;      /* of background and random patterns */
	/* MB/s (10^6) of stores of 1 << i bytes that each go alone, on the narrowest hop of the path; 0: unknown */
	double ceiling_mbps[CEILING_WIDTHS];
};

#define REPLY_NUMBERS 16

/* What it answers on its standard output: exactly one, of exactly this size. */
struct step_reply {
	uint32_t magic, version;
	uint32_t step;
	uint32_t outcome; /* enum outcome; PASS, FAIL, NOT_EXERCISED or UNSUPPORTED; DIED: a signal was caught */
	uint32_t n_numbers;
	uint32_t reserved; /* 0 */
	char text[256];   /* NUL-terminated, printable ASCII */
	struct {
		char name[32]; /* of [a-z0-9_], NUL-terminated */
		double value; /* finite */
	} numbers[REPLY_NUMBERS];
};

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
	CHILD_MEMTYPES,
	CHILD_FDS
};

/* 0, or -EINVAL with err naming what is wrong with it; both sides ask. */
int request_check(const struct step_request *request, struct err *err);

/*
 * Runs step. 0 and a finding, also when the child died; a negative errno only when no child could be started.
 * The child, and its process group, are gone when this returns.
 */
int runner_step(const struct runner *runner, enum step step, struct err *err, struct finding *ret);

/* The child's own main: does not return. */
_Noreturn void runner_child(void);
/* argv[1] of a child */
#define RUNNER_CHILD_ARG "--child"
