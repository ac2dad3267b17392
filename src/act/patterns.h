/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patterns: the microtests, one function a step. Each leaves the range as it found it (save and type: the device's own
 * contents; those behind STEP_BACKGROUND: the background), with all its stores drained. STEP_LOCATE and STEP_CONCEAL are
 * none: their range is BAR 0's registers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "act/port.h"
#include "act/runner.h"

#define LINE_BYTES 64

/* One run of one step: what it may touch, and where its answer goes. */
struct trial {
	struct port port;
	uint64_t address;    /* of the range, as the CPU sees it */
	uint64_t size_bytes; /* of the range; a multiple of 4096 */
	uint64_t seed;
	bool is_virtual;
	unsigned int thinning;    /* of repetitions: 1 makes all of them, 16 every sixteenth */
	const struct insn *insn;  /* which one this run is about; NULL: none, or the pattern's own choice */
	double ceiling_mbps[CEILING_PAYLOADS]; /* the request's */
	int save;     /* a file as large as the range */
	int memtypes; /* -1: not readable */
	struct step_reply *reply;
	struct series_reply *series;   /* the benchmark is the long one, of insn; NULL: the short one, of all */
	unsigned int bench_streams;    /* the request's */
	uint64_t bench_size_bytes;
};

typedef void (*pattern_fn)(struct trial *trial);
/* NULL: no such step. */
extern const pattern_fn patterns[STEPS];

void pattern_locate(struct trial *trial);
void pattern_save(struct trial *trial);
void pattern_type(struct trial *trial);
void pattern_background(struct trial *trial);
void pattern_subword(struct trial *trial);
void pattern_unaligned(struct trial *trial);
void pattern_sparse(struct trial *trial);
void pattern_wide64(struct trial *trial);
void pattern_wide128(struct trial *trial);
void pattern_order(struct trial *trial);
void pattern_drain(struct trial *trial);
void pattern_coherent(struct trial *trial);
void pattern_burst(struct trial *trial);
void pattern_libc(struct trial *trial);
void pattern_quiet(struct trial *trial);
void pattern_bench(struct trial *trial);
void pattern_restore(struct trial *trial);
void pattern_conceal(struct trial *trial);

/* The two proofs behind pattern_type: by the kernel's list, and by an unaligned store. */
void type_by_list(struct trial *trial);
void type_by_fault(struct trial *trial);

/* Fills outcome and text; a later call replaces an earlier one. */
__attribute__((format(printf, 3, 4))) void reply_say(struct step_reply *reply, enum outcome outcome,
                                                     const char *format, ...);
/* A later value of a name replaces the earlier one. Beyond REPLY_NUMBERS numbers are dropped. */
void reply_number(struct step_reply *reply, const char *name, double value);

/* Maps the range, or says in the reply why it cannot be ("unsupported"). */
bool trial_map(struct trial *trial, enum window_kind kind);

/* The copy of the range, size_bytes that the caller unmaps; NULL, and the reply says so ("unsupported"). */
uint64_t *trial_map_copy(struct trial *trial);

/* The widest insn of this CPU that a hypervisor, too, can emulate where this may be one; NULL: there is none. */
const struct insn *trial_widest(const struct trial *trial);
/* The scalar insn of this width; NULL: there is none. */
const struct insn *trial_scalar(const struct trial *trial, unsigned int width);

/* A well-mixed function of x (splitmix64). */
uint64_t mix64(uint64_t x);
