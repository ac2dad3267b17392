/* SPDX-License-Identifier: GPL-2.0-or-later */
/* burst: ascending runs of 1 to 64 lines, first each fenced, then not, and long reads. */
#include <stdio.h>

#include "act/combine.h"
#include "act/image.h"
#include "base/cleanup.h"

#define RUN_LINES 64 /* 4096 bytes */
#define KINDS 3      /* by 4-byte, 8-byte, and the widest stores */
#define ROUNDS 8

/* Powers of two first, from short to long: who hangs at N bytes has survived all that are shorter. */
static const unsigned int runs[] = { 1, 2, 4, 8, 16, 32, 64, 3, 5, 7, 13, 21, 33, 49, 63 };
#define SHAPES (ELEMENTSOF(runs) * KINDS)

/* With a guard on each side; the second one is for the odd batches' place. */
static unsigned int longest(const struct trial *trial)
{
	uint64_t lines = trial->size_bytes / LINE_BYTES - 3;

	return lines < RUN_LINES ? (unsigned int)lines : RUN_LINES;
}

static unsigned int lines_of_run(const struct trial *trial, uint64_t k)
{
	unsigned int lines = runs[k % SHAPES / KINDS];

	return lines < longest(trial) ? lines : longest(trial);
}

static const struct insn *insn_of(const struct trial *trial, uint64_t k)
{
	return k % KINDS == 2 ? trial_widest(trial) : trial_scalar(trial, k % KINDS ? 8 : 4);
}

static uint64_t mask(const struct image *image, uint64_t k, unsigned int line)
{
	return line < lines_of_run(image->trial, k) ? UINT64_MAX : 0;
}

static void store(const struct image *image, const struct shot *shot)
{
	const struct trial *trial = image->trial;
	const struct insn *insn = insn_of(trial, shot->k);

	for (unsigned int line = 0; line < lines_of_run(trial, shot->k); line++)
		trial->port.ops->store_line(trial->port.state, insn, shot->offset + line * LINE_BYTES,
		                            shot->words + 8 * line);
}

/* Ascending, through the write-combined mapping, from end to end. */
static bool read_all(struct trial *trial)
{
	const struct image background = { .trial = trial };

	return trial_map(trial, WINDOW_WC) &&
	       image_verify(&background, 0, trial->size_bytes, "in a long write-combined read");
}

/* A run after the other, each fenced. */
static uint64_t piece(const struct trial *trial, uint64_t i)
{
	const struct port *port = &trial->port;
	uint64_t run = longest(trial) * LINE_BYTES, places = trial->size_bytes / run;

	port->ops->stream(port->state, trial_scalar(trial, 4), i % places * run, run, i);
	port->ops->fence(port->state);
	return run;
}

void pattern_burst(struct trial *trial)
{
	static const struct sequence sequences[] = { { "4-byte stores of runs", 4, piece } };
	unsigned int rounds = trial->thinning > 1 ? 1 : ROUNDS;
	struct family fenced = { .n = SHAPES * rounds, .lines = longest(trial), .mask = mask, .store = store,
		                 .is_fenced = true };
	struct family unfenced = fenced;
	char what[96];

	unfenced.is_fenced = false;
	if (!trial_begin(trial, "before the test") || !family_run(trial, &fenced) || !family_run(trial, &unfenced) ||
	    !read_all(trial))
		return;
	reply_number(trial->reply, "stores", (double)(fenced.n + unfenced.n));
	reply_number(trial->reply, "longest_bytes", longest(trial) * LINE_BYTES);
	snprintf(what, sizeof(what), "%u runs of 64 to %u bytes arrived whole", (unsigned int)(fenced.n + unfenced.n),
	         longest(trial) * LINE_BYTES);
	combine_prove(trial, sequences, ELEMENTSOF(sequences), what);
}
