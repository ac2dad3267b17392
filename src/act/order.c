/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order: lines stored ascending, descending and permuted, and lines rewritten before they leave: the last value wins. */
#include <stdio.h>

#include "act/combine.h"
#include "act/image.h"
#include "base/cleanup.h"

#define SEEDS 6 /* permutations; with ascending and descending: so many batches of a kind */
#define ORDERS (2u + SEEDS)
#define LINES_MAX 4096 /* of a batch: no CPU has nearly so many buffers */

/*
 * An odd factor, one more number, and the upper half laid on the lower one permute 0 .. 2^k - 1; what falls beyond n is
 * sent through again. Without the halves small factors would leave nearly all in order.
 */
static uint64_t permuted(uint64_t i, uint64_t n, uint64_t seed)
{
	uint64_t size = 1, odd = mix64(seed) | 1, plus = mix64(seed + 1);
	unsigned int half = 1;

	for (unsigned int k = 1; size < n; k++) {
		size *= 2;
		half = (k + 1) / 2;
	}
	do {
		i = (i * odd + plus) % size;
		i ^= i >> half;
		i = i * odd % size;
	} while (i >= n);
	return i;
}

static uint64_t order(const struct image *image, uint64_t i)
{
	uint64_t variant = image->batch % ORDERS;

	if (variant < 2)
		return variant ? image->n - 1 - i : i;
	return permuted(i, image->n, image->trial->seed + 2 * variant);
}

/* Bytes that are stored early, and again late; both in one line. */
static const struct {
	uint64_t early, late;
} rewrites[] = {
	{ UINT64_MAX, UINT64_MAX },
	{ 0x000000ffffffffff, 0xffffffffff000000 }, /* overlapping by 16 */
	{ UINT64_MAX, 0x00000000ffffffff },
	{ UINT64_MAX, 0xffffffff00000000 },
	{ UINT64_MAX, 0x5555555555555555 },
	{ 0x5555555555555555, 0xffff0000ffff0000 },
	{ 0x00ffffffffffffff, 0x0000000000055555 }, /* never full: it has not left when it is rewritten */
	{ 0x00000000000000ff, UINT64_MAX },
	{ 0x8001800180018001, 0x8001800180018001 },
};

static uint64_t whole(const struct image *image __attribute__((unused)), uint64_t k __attribute__((unused)),
                      unsigned int line __attribute__((unused)))
{
	return UINT64_MAX;
}

static uint64_t both(const struct image *image __attribute__((unused)), uint64_t k,
                     unsigned int line __attribute__((unused)))
{
	return rewrites[k % ELEMENTSOF(rewrites)].early | rewrites[k % ELEMENTSOF(rewrites)].late;
}

static void store_line(const struct image *image, const struct shot *shot)
{
	const struct trial *trial = image->trial;

	trial->port.ops->store_line(trial->port.state, trial_scalar(trial, shot->k % 2 ? 8 : 4), shot->offset, shot->words);
}

static void store_early(const struct image *image, const struct shot *shot)
{
	const struct port *port = &image->trial->port;
	uint64_t late = rewrites[shot->k % ELEMENTSOF(rewrites)].late, words[8];

	/* What is written again later is wrong as yet. */
	for (unsigned int i = 0; i < LINE_BYTES; i++)
		((uint8_t *)words)[i] = ((const uint8_t *)shot->words)[i] ^ (late >> i & 1 ? 0xff : 0);
	port->ops->store_mask(port->state, NULL, shot->offset, rewrites[shot->k % ELEMENTSOF(rewrites)].early, words);
}

static void store_late(const struct image *image, const struct shot *shot)
{
	const struct port *port = &image->trial->port;

	port->ops->store_mask(port->state, NULL, shot->offset, rewrites[shot->k % ELEMENTSOF(rewrites)].late, shot->words);
}

static void rewrite_at_once(const struct image *image, const struct shot *shot)
{
	store_early(image, shot);
	store_late(image, shot);
}

/* Meanwhile the other lines of the batch are stored to, which pushes some of them out. */
static void rewrite_later(const struct image *image, const struct shot *shot)
{
	if (shot->pass)
		store_late(image, shot);
	else
		store_early(image, shot);
}

/* ---- were they combined ---- */

/* Of every other line: a run longer than one line is another test's. */
static uint64_t piece(const struct trial *trial, uint64_t line)
{
	static const uint64_t words[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	trial->port.ops->store_line(trial->port.state, trial_scalar(trial, 4), line * 2 * LINE_BYTES, words);
	return LINE_BYTES;
}

static uint64_t ascending_piece(const struct trial *trial, uint64_t i)
{
	return piece(trial, i % (trial->size_bytes / LINE_BYTES / 2));
}

static uint64_t permuted_piece(const struct trial *trial, uint64_t i)
{
	uint64_t n = trial->size_bytes / LINE_BYTES / 2;

	return piece(trial, permuted(i % n, n, trial->seed));
}

void pattern_order(struct trial *trial)
{
	static const struct sequence sequences[] = { { "4-byte stores of lines in order", 4, ascending_piece },
		                                     { "4-byte stores of lines in any order", 4, permuted_piece } };
	struct family lines = { .mask = whole, .store = store_line, .order = order };
	struct family at_once = { .mask = both, .store = rewrite_at_once, .order = order };
	struct family later = { .mask = both, .store = rewrite_later, .order = order, .passes = 2 };
	uint64_t room = family_room(trial, &lines), most = LINES_MAX / trial->thinning;
	char what[96];

	/* A whole batch for each order. */
	most = room < most ? room : most;
	lines.most = at_once.most = later.most = most;
	lines.n = at_once.n = later.n = ORDERS * most;
	if (!trial_begin(trial, "before the test") || !family_run(trial, &lines) || !family_run(trial, &at_once) ||
	    !family_run(trial, &later))
		return;
	reply_number(trial->reply, "stores", (double)(lines.n + at_once.n + later.n));
	snprintf(what, sizeof(what), "%u lines in %u orders, %u rewritten, arrived whole", (unsigned int)lines.n, ORDERS,
	         (unsigned int)(at_once.n + later.n));
	combine_prove(trial, sequences, ELEMENTSOF(sequences), what);
}
