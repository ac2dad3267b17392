/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sparse: stores with gaps between their bytes, by mask, each mask into a line of its own. */
#include "act/arch.h"
#include "act/image.h"
#include "base/cleanup.h"

#define MASK(mask) mask,
static const uint64_t fixed[] = { ARCH_FIXED_MASKS(MASK) };
#define FIXED ELEMENTSOF(fixed)

#define SPARSE_FIXED (FIXED * 16)
/* Each 16-bit mask on each quarter of a line, four quarters at a time. */
#define SPARSE_QUARTERS 65536
/* The full table has 100000; this many keep the step within seconds where every instruction is emulated. */
#define SPARSE_RANDOM 4096
#define SPARSE_STORES (SPARSE_FIXED + SPARSE_QUARTERS + SPARSE_RANDOM)

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

static uint64_t mask(const struct trial *trial, uint64_t k)
{
	if (k < SPARSE_FIXED)
		return fixed[k % FIXED];
	k -= SPARSE_FIXED;
	if (k < SPARSE_QUARTERS)
		return quarters(k);
	return random_mask(trial, k - SPARSE_QUARTERS);
}

static void store(const struct trial *trial, uint64_t k, uint64_t offset, const uint64_t words[static 8])
{
	const struct port *port = &trial->port;
	uint64_t bytes = mask(trial, k);

	/* The line without a gap is the control: every other time by wide stores. */
	if (!~bytes && k / FIXED % 2)
		port->ops->store_line(port->state, trial_widest(trial), offset, words);
	else
		port->ops->store_mask(port->state, NULL, offset, bytes, words);
}

void pattern_sparse(struct trial *trial)
{
	static const struct family family = { .n = SPARSE_STORES, .mask = mask, .store = store };

	if (!family_run(trial, &family))
		return;
	reply_number(trial->reply, "stores", (double)family.n);
	/* Correct stores prove nothing while nothing shows that they left the CPU combined. */
	if (trial->is_virtual)
		reply_say(trial->reply, OUTCOME_NOT_EXERCISED,
		          "%u lines with gaps arrived whole, but an emulator's bus combines nothing: not exercised",
		          (unsigned int)family.n);
	else
		reply_say(trial->reply, OUTCOME_NOT_EXERCISED,
		          "%u lines with gaps arrived whole, but nothing shows that these stores were combined here: "
		          "not exercised", (unsigned int)family.n);
}
