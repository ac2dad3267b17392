/* SPDX-License-Identifier: GPL-2.0-or-later */
/* subword: 1-byte stores at 0..63 and 2-byte stores at 0..62 of a line, each alone in its line. */
#include "act/image.h"

#define SUBWORD_STORES (64 + 63)
#define SUBWORD_ROUNDS 8 /* each of them in so many lines */

static uint64_t mask(const struct trial *trial __attribute__((unused)), uint64_t k)
{
	k %= SUBWORD_STORES;
	return k < 64 ? (uint64_t)1 << k : (uint64_t)3 << (k - 64);
}

static void store(const struct trial *trial, uint64_t k, uint64_t offset, const uint64_t words[static 8])
{
	const struct port *port = &trial->port;

	k %= SUBWORD_STORES;

	uint64_t at = k < 64 ? k : k - 64;
	uint8_t low = (uint8_t)(words[at / 8] >> (at % 8 * 8));

	if (k < 64) {
		port_store(port, offset + at, 1, low);
		return;
	}

	uint8_t high = (uint8_t)(words[(at + 1) / 8] >> ((at + 1) % 8 * 8));

	port_store(port, offset + at, 2, (uint16_t)(low | high << 8));
}

void pattern_subword(struct trial *trial)
{
	static const struct family family = { .n = SUBWORD_STORES * SUBWORD_ROUNDS, .mask = mask, .store = store };

	if (!family_run(trial, &family))
		return;
	reply_number(trial->reply, "stores", (double)family.n);
	reply_say(trial->reply, OUTCOME_PASS, "no defect seen in %u stores of 1 and 2 bytes at every offset of a line",
	          SUBWORD_STORES * SUBWORD_ROUNDS);
}
