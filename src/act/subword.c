/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subword: 1-byte stores at 0..63 and 2-byte stores at 0..62 of a line, each alone in its line. */
#include "act/image.h"

#define SUBWORD_STORES (64 + 63)
#define SUBWORD_ROUNDS 8 /* each of them in so many lines */

static uint64_t mask(const struct image *image __attribute__((unused)), uint64_t k,
                     unsigned int line __attribute__((unused)))
{
	k %= SUBWORD_STORES;
	return k < 64 ? (uint64_t)1 << k : (uint64_t)3 << (k - 64);
}

static void store(const struct image *image, const struct shot *shot)
{
	const uint8_t *bytes = (const uint8_t *)shot->words;
	uint64_t k = shot->k % SUBWORD_STORES, at = k < 64 ? k : k - 64;

	if (k < 64)
		port_store(&image->trial->port, shot->offset + at, 1, bytes[at]);
	else
		port_store(&image->trial->port, shot->offset + at, 2, (uint16_t)(bytes[at] | bytes[at + 1] << 8));
}

void pattern_subword(struct trial *trial)
{
	static const struct family family = { .n = SUBWORD_STORES * SUBWORD_ROUNDS, .mask = mask, .store = store };

	if (!trial_begin(trial, "before the test") || !family_run(trial, &family))
		return;
	reply_number(trial->reply, "stores", (double)family.n);
	reply_say(trial->reply, OUTCOME_PASS, "no defect seen in %u stores of 1 and 2 bytes at every offset of a line",
	          SUBWORD_STORES * SUBWORD_ROUNDS);
}
