/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wide64: 8-byte stores whose halves differ, and 8-byte loads against two of 4 bytes, through both mappings. */
#include <inttypes.h>

#include "act/image.h"

#define WORDS 8          /* places for one in a line */
#define SHAPES (WORDS + 1) /* each of them alone, and all of them */
#define ROUNDS 32
#define LOADS 4096

static uint64_t mask(const struct image *image __attribute__((unused)), uint64_t k,
                     unsigned int line __attribute__((unused)))
{
	return k % SHAPES < WORDS ? (uint64_t)0xff << (k % SHAPES * 8) : UINT64_MAX;
}

static void store(const struct image *image, const struct shot *shot)
{
	const struct trial *trial = image->trial;
	uint64_t word = shot->k % SHAPES;

	if (word < WORDS)
		port_store(&trial->port, shot->offset + word * 8, 8, shot->words[word]);
	else
		trial->port.ops->store_line(trial->port.state, trial_scalar(trial, 8), shot->offset, shot->words);
}

static bool say_load(struct trial *trial, const char *kind, uint64_t offset, uint64_t whole, uint64_t halves)
{
	bool is_swapped = whole == (halves >> 32 | halves << 32);

	reply_number(trial->reply, "first_bad_offset", (double)offset);
	reply_say(trial->reply, OUTCOME_FAIL,
	          "a load of 8 bytes at 0x%" PRIx64 " of the %s range gives %016" PRIx64 ", two of 4 bytes %016" PRIx64 "%s",
	          offset, kind, whole, halves, is_swapped ? ": its halves are swapped" : "");
	return false;
}

static bool load(struct trial *trial, enum window_kind kind)
{
	const struct port *port = &trial->port;
	uint64_t words = trial->size_bytes / 8, n = words < LOADS ? words : LOADS;

	if (!trial_map(trial, kind))
		return false;
	for (uint64_t i = 0; i < n; i++) {
		/* An odd stride reaches every place in a line. */
		uint64_t offset = i * (words / n | 1) % words * 8;
		uint64_t whole = port_load(port, offset, 8);
		uint64_t halves = port_load(port, offset, 4) | port_load(port, offset + 4, 4) << 32;

		if (whole != halves || whole != image_background(trial, offset))
			return say_load(trial, kind == WINDOW_WC ? "write-combined" : "uncached", offset, whole, halves);
	}
	return true;
}

void pattern_wide64(struct trial *trial)
{
	static const struct family family = { .n = SHAPES * ROUNDS, .mask = mask, .store = store };

	if (!trial_begin(trial, "before the test") || !family_run(trial, &family) || !load(trial, WINDOW_UC) ||
	    !load(trial, WINDOW_WC) || !trial_end(trial, "after the loads"))
		return;
	reply_number(trial->reply, "stores", (double)family.n);
	reply_say(trial->reply, OUTCOME_PASS,
	          "no defect seen in %u stores of 8 bytes, nor in loads of 8 bytes through both mappings",
	          (unsigned int)family.n);
}
