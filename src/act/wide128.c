/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wide128: one instruction of 16 bytes or more: single stores at every place that it takes, and whole lines. */
#include <string.h>

#include "act/image.h"

#define ROUNDS 8

/* Its places: multiples of its width, then, where it takes these, all other offsets of a line; last the whole line. */
static unsigned int aligned_places(const struct insn *insn)
{
	return LINE_BYTES / insn->width;
}

static unsigned int shapes(const struct insn *insn)
{
	unsigned int all = LINE_BYTES - insn->width + 1;

	return (insn->flags & INSN_ALIGNED ? aligned_places(insn) : all) + 1;
}

static unsigned int offset_of(const struct insn *insn, uint64_t shape)
{
	return (unsigned int)(insn->flags & INSN_ALIGNED ? shape * insn->width : shape);
}

static uint64_t mask(const struct image *image, uint64_t k, unsigned int line __attribute__((unused)))
{
	const struct insn *insn = image->trial->insn;
	uint64_t shape = k % shapes(insn), bytes = insn->width == 64 ? UINT64_MAX : ((uint64_t)1 << insn->width) - 1;

	return shape + 1 == shapes(insn) ? UINT64_MAX : bytes << offset_of(insn, shape);
}

static void store(const struct image *image, const struct shot *shot)
{
	const struct insn *insn = image->trial->insn;
	const struct port *port = &image->trial->port;
	uint64_t shape = shot->k % shapes(insn), words[8] = { 0 };

	if (shape + 1 == shapes(insn)) {
		port->ops->store_line(port->state, insn, shot->offset, shot->words);
		return;
	}
	memcpy(words, (const uint8_t *)shot->words + offset_of(insn, shape), insn->width);
	port->ops->store_one(port->state, insn, shot->offset + offset_of(insn, shape), words);
}

/* One store of what is there already: should this be the last that the child does, nothing has to be put back. */
static bool try_once(struct trial *trial)
{
	const struct port *port = &trial->port;
	uint64_t words[8];

	for (unsigned int i = 0; i < 8; i++)
		words[i] = image_background(trial, LINE_BYTES + 8 * i);
	if (!trial_map(trial, WINDOW_WC))
		return false;
	/* It stands if the store ends in a signal that says so (child.c). */
	reply_say(trial->reply, OUTCOME_UNSUPPORTED, "this CPU, or this memory type, does not take it");
	port->ops->store_one(port->state, trial->insn, LINE_BYTES, words);
	port->ops->drain(port->state);
	reply_say(trial->reply, OUTCOME_UNKNOWN, "unfinished");
	return true;
}

void pattern_wide128(struct trial *trial)
{
	const struct insn *insn = trial->insn;
	struct family family = { .mask = mask, .store = store };

	if (!insn || insn->flags & INSN_MASKED || insn->width < 16) {
		reply_say(trial->reply, OUTCOME_UNSUPPORTED, "there is no such instruction");
		return;
	}
	family.n = shapes(insn) * ROUNDS;
	if (!trial_begin(trial, "before the test") || !try_once(trial) || !family_run(trial, &family))
		return;
	reply_number(trial->reply, "stores", (double)family.n);
	reply_say(trial->reply, OUTCOME_PASS, "no defect seen in %u stores of %u bytes and whole lines%s",
	          (unsigned int)family.n, insn->width,
	          insn->flags & INSN_DIRECT ? "; each goes alone, which says nothing of combining" : "");
}
