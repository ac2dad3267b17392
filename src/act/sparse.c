/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sparse: stores with gaps between their bytes, by mask, each mask into a line of its own. */
#include <stdio.h>

#include "act/arch.h"
#include "act/combine.h"
#include "act/image.h"
#include "base/cleanup.h"

#define MASK(mask) mask,
static const uint64_t fixed[] = { ARCH_FIXED_MASKS(MASK) };
#define FIXED ELEMENTSOF(fixed)

/* As they are, in lines of every phase; then shifted round by 0 .. 63 bytes, which begins and ends them elsewhere. */
#define SPARSE_FIXED (FIXED * 16)
#define SPARSE_SHIFTED (FIXED * 64)
/* Each 16-bit mask on each quarter of a line, four quarters at a time. */
#define SPARSE_QUARTERS 65536
#define SPARSE_RANDOM 100000

/* Multiplying by an odd number permutes the 16-bit numbers: every quarter has every mask once, beside other ones. */
static uint64_t quarters(uint64_t i)
{
	uint64_t a = i & 0xffff, b = (i * 0x6487 + 0x1a2b) & 0xffff, c = (i * 0xb5d3 + 0x3c4d) & 0xffff,
		 d = (i * 0xe9a1 + 0x5e6f) & 0xffff;

	return a | b << 16 | c << 32 | d << 48;
}

static uint64_t random_mask(const struct trial *trial, uint64_t i)
{
	uint64_t a = mix64(trial->seed + 2 * i), b = mix64(trial->seed + 2 * i + 1);
	/* half full, thin, thick, short */
	uint64_t masks[] = { a, a & b, a | b, a & (uint64_t)0xffff << (b % 4 * 16) };
	uint64_t mask = masks[i % ELEMENTSOF(masks)];

	return mask ? mask : 1;
}

static uint64_t rotate(uint64_t mask, uint64_t by)
{
	return by % 64 ? mask << by % 64 | mask >> (64 - by % 64) : mask;
}

/* One of every `thinning`, not always the same one of them. */
static uint64_t thinned(const struct trial *trial, uint64_t i)
{
	return i * trial->thinning + mix64(trial->seed ^ i) % trial->thinning;
}

static uint64_t mask_of(const struct trial *trial, uint64_t k)
{
	if (k < SPARSE_FIXED)
		return fixed[k % FIXED];
	k -= SPARSE_FIXED;
	if (k < SPARSE_SHIFTED)
		return rotate(fixed[k % FIXED], k / FIXED);
	k -= SPARSE_SHIFTED;
	if (k < SPARSE_QUARTERS / trial->thinning)
		return quarters(thinned(trial, k));
	return random_mask(trial, k - SPARSE_QUARTERS / trial->thinning);
}

static uint64_t mask(const struct image *image, uint64_t k, unsigned int line __attribute__((unused)))
{
	return mask_of(image->trial, k);
}

static void store(const struct image *image, const struct shot *shot)
{
	const struct trial *trial = image->trial;
	const struct port *port = &trial->port;
	uint64_t bytes = mask_of(trial, shot->k);

	/* The line without a gap is the control: every other time by wide stores. */
	if (!trial->insn && !~bytes && shot->k / FIXED % 2)
		port->ops->store_line(port->state, trial_widest(trial), shot->offset, shot->words);
	else
		port->ops->store_mask(port->state, trial->insn, shot->offset, bytes, shot->words);
}

/* ---- were they combined ---- */

/* Every other line, for a run longer than one is another test's. */
static uint64_t piece(const struct trial *trial, uint64_t i, uint64_t bytes)
{
	static const uint64_t words[8] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918,
		                           0x2726252423222120, 0x2f2e2d2c2b2a2928, 0x3736353433323130, 0x3f3e3d3c3b3a3938 };
	uint64_t lines = trial->size_bytes / LINE_BYTES / 2;

	trial->port.ops->store_mask(trial->port.state, NULL, i % lines * 2 * LINE_BYTES, bytes, words);
	return (uint64_t)__builtin_popcountll(bytes);
}

static uint64_t full(const struct trial *trial, uint64_t i)
{
	return piece(trial, i, UINT64_MAX);
}

static uint64_t gapped(const struct trial *trial, uint64_t i)
{
	return piece(trial, i, 0x5555555555555555);
}

void pattern_sparse(struct trial *trial)
{
	/* Masks without code of their own take the CPU longer than a fast link takes for their bytes: never proven. */
	static const struct sequence sequences[] = { { "byte stores of whole lines", 1, full },
		                                     { "byte stores with gaps", 1, gapped } };
	uint64_t n = SPARSE_FIXED + SPARSE_SHIFTED + (SPARSE_QUARTERS + SPARSE_RANDOM) / trial->thinning;
	const struct family family = { .n = n, .mask = mask, .store = store };
	char what[96];

	if (!trial_begin(trial, "before the test") || !family_run(trial, &family))
		return;
	reply_number(trial->reply, "stores", (double)n);
	if (trial->insn) {
		/* Its gaps are its own: it needs no combining to send them. */
		reply_say(trial->reply, OUTCOME_PASS, "no defect seen in %u lines with gaps", (unsigned int)n);
		return;
	}
	snprintf(what, sizeof(what), "%u lines with gaps arrived whole", (unsigned int)n);
	combine_prove(trial, sequences, ELEMENTSOF(sequences), what);
}
