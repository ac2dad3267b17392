/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault-cpu: what goes wrong with a store by its width and alignment, before anything is combined. */
#include <signal.h>
#include <string.h>

#include "sim/fault.h"

static const char *const no_yes[] = { "no", "yes" };

/* One byte of an access, on its own. */
static void put_byte(struct model *model, const struct access *access, uint64_t address, uint8_t byte)
{
	struct access one = *access;

	one.address = address;
	one.n = 1;
	one.on = 1;
	one.bytes[0] = byte;
	access_cut(model, &one);
}

static void keep_bytes(struct access *access, unsigned int from, unsigned int n)
{
	for (unsigned int i = 0; i < access->n; i++)
		if (i < from || i >= from + n)
			access->on &= ~((uint64_t)1 << i);
}

static void swap_halves(uint8_t *bytes, unsigned int n)
{
	uint8_t half[32];

	memcpy(half, bytes, n / 2);
	memcpy(bytes, bytes + n / 2, n / 2);
	memcpy(bytes + n / 2, half, n / 2);
}

/* ---- subword-misaddress ---- */

enum { SUBWORD_HOW, SUBWORD_WIDTHS, SUBWORD_OFFSETS, SUBWORD_UC };
enum { SUBWORD_ROTATES, SUBWORD_BASE, SUBWORD_DROPS, SUBWORD_REPEATS, SUBWORD_NEIGHBOUR };

static const char *const subword_hows[] = { "rotates", "base", "drops", "repeats", "neighbour" };
static const struct param subword_params[] = {
	{ "how", SUBWORD_ROTATES, SUBWORD_NEIGHBOUR, SUBWORD_ROTATES, false, subword_hows,
	  "bytes go to the next lane of their dword; to its start; nowhere; to all four lanes; to the other dword of 8 bytes" },
	{ "widths", 1, 3, 3, false, NULL, "1: stores of 1 byte, 2: of 2, 3: both" },
	{ "offsets", 1, 7, 7, false, NULL, "at which offsets in a dword: 1: at 1, 2: at 2, 4: at 3, and sums" },
	{ "uncached", 0, 1, 0, false, no_yes, "uncached stores, too" },
	PARAM_END,
};

static bool subword_access(struct model *model, struct access *access)
{
	uint64_t dword = access->address & ~(uint64_t)3;

	if (access->n > 2 || access->address % 4 == 0 || !(fault_is(model, SUBWORD_WIDTHS) & access->n) ||
	    !(fault_is(model, SUBWORD_OFFSETS) >> (access->address % 4 - 1) & 1) ||
	    (!access->is_wc && !fault_is(model, SUBWORD_UC)))
		return true;
	for (unsigned int i = 0; i < access->n; i++) {
		switch (fault_is(model, SUBWORD_HOW)) {
		case SUBWORD_ROTATES:
			put_byte(model, access, dword | ((access->address + i + 1) & 3), access->bytes[i]);
			break;
		case SUBWORD_BASE: put_byte(model, access, dword + i, access->bytes[i]); break;
		case SUBWORD_DROPS: break;
		case SUBWORD_REPEATS:
			for (unsigned int lane = 0; lane < 4; lane++)
				put_byte(model, access, dword + lane, access->bytes[i]);
			break;
		default: put_byte(model, access, (access->address + i) ^ 4, access->bytes[i]); break;
		}
	}
	return false;
}

const struct fault_info fault_subword = {
	.hazard = HAZARD_SUBWORD_MISADDRESS,
	.does = "1- and 2-byte stores at dword offsets 1, 2, 3",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = subword_params,
	.access = subword_access,
};

/* ---- unaligned-access ---- */

enum { UNALIGNED_HOW, UNALIGNED_WIDTHS, UNALIGNED_ACROSS };
enum { UNALIGNED_CUTS, UNALIGNED_ALIGNS, UNALIGNED_TURNS, UNALIGNED_LOSES, UNALIGNED_WRAPS, UNALIGNED_FAULTS };

static const char *const unaligned_hows[] = { "cuts", "aligns", "turns", "loses", "wraps", "faults" };
static const struct param unaligned_params[] = {
	{ "how", UNALIGNED_CUTS, UNALIGNED_FAULTS, UNALIGNED_CUTS, false, unaligned_hows,
	  "the last byte is lost; the address is rounded down to the width; the bytes rotate by one; those behind the "
	  "boundary are lost, or wrap to where the boundary's unit begins; SIGBUS" },
	{ "widths", 1, 15, 7, false, NULL, "1: of 2 bytes, 2: of 4, 4: of 8, 8: of 16 and more, and sums" },
	{ "across", 2, 4096, 2, true, NULL, "only across a multiple of so many bytes" },
	PARAM_END,
};

static unsigned int width_bit(unsigned int n)
{
	return n >= 16 ? 8 : n >= 8 ? 4 : n >= 4 ? 2 : n >= 2 ? 1 : 0;
}

/* Is it one that goes wrong? Then *ret_first is how many of its bytes are before the boundary. */
static bool is_unaligned(const struct model *model, uint64_t address, unsigned int n, unsigned int *ret_first)
{
	uint64_t across = fault_is(model, UNALIGNED_ACROSS), left;

	if (!(fault_is(model, UNALIGNED_WIDTHS) & width_bit(n)) || address % n == 0)
		return false;
	/* A boundary within every access of this width says nothing: then its own counts. */
	if (across < n)
		across = n;
	left = across - address % across;
	*ret_first = left < n ? (unsigned int)left : n;
	return left < n;
}

static bool unaligned_access(struct model *model, struct access *access)
{
	uint64_t across = fault_is(model, UNALIGNED_ACROSS);
	unsigned int first;

	if (!access->is_wc || !is_unaligned(model, access->address, access->n, &first))
		return true;
	if (across < access->n)
		across = access->n;
	switch (fault_is(model, UNALIGNED_HOW)) {
	case UNALIGNED_CUTS: keep_bytes(access, 0, access->n - 1); return true;
	case UNALIGNED_ALIGNS: access->address -= access->address % access->n; return true;
	case UNALIGNED_TURNS: {
		uint8_t last = access->bytes[access->n - 1];

		memmove(access->bytes + 1, access->bytes, access->n - 1);
		access->bytes[0] = last;
		return true;
	}
	case UNALIGNED_LOSES: keep_bytes(access, 0, first); return true;
	case UNALIGNED_WRAPS:
		for (unsigned int i = first; i < access->n; i++)
			put_byte(model, access, access->address + i - across, access->bytes[i]);
		keep_bytes(access, 0, first);
		return true;
	default: model_die(model, "SIGBUS");
	}
}

static bool unaligned_try(struct model *model, uint64_t offset, unsigned int width, struct port_fault *ret)
{
	unsigned int first;

	if (model->kind != WINDOW_WC || fault_is(model, UNALIGNED_HOW) != UNALIGNED_FAULTS ||
	    !is_unaligned(model, offset, width, &first))
		return true;
	*ret = (struct port_fault){ .signal = SIGBUS, .code = BUS_ADRALN, .offset = offset };
	return false;
}

const struct fault_info fault_unaligned = {
	.hazard = HAZARD_UNALIGNED_ACCESS,
	.does = "stores that are not aligned to their width",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = unaligned_params,
	.holds = { { HEALTHY_PAGES, 4, 0 }, { HEALTHY_LIBC, 32, 0 } },
	.n_holds = 2,
	.access = unaligned_access,
	.try_store = unaligned_try,
};

/* ---- wide-access-64 and -128 ---- */

enum { WIDE_HOW, WIDE_WHAT, WIDE_UC, WIDE_WIDTHS = 1 };
enum { WIDE_SWAPS, WIDE_LOSES_LOW, WIDE_LOSES_HIGH, WIDE_LOW_TWICE, WIDE_HIGH_TWICE, WIDE_DROPS };
enum { WHAT_STORES = 1, WHAT_LOADS = 2 };

static const char *const wide_hows[] = { "swaps", "loses-low", "loses-high", "low-twice", "high-twice", "drops" };
static const char *const whats[] = { "stores", "loads", "both" };
#define WIDE_HOW_PARAM { "how", WIDE_SWAPS, WIDE_DROPS, WIDE_SWAPS, false, wide_hows,                       \
			 "the halves are swapped; one is lost (read: all ones); one comes twice; all is lost" }
static const struct param wide64_params[] = {
	WIDE_HOW_PARAM,
	{ "what", WHAT_STORES, WHAT_STORES | WHAT_LOADS, WHAT_STORES, false, whats, "which accesses" },
	{ "uncached", 0, 1, 0, false, no_yes, "uncached ones, too" },
	PARAM_END,
};
static const struct param wide128_params[] = {
	WIDE_HOW_PARAM,
	{ "widths", 1, 7, 7, false, NULL, "1: of 16 bytes, 2: of 32, 4: of 64, and sums" },
	PARAM_END,
};

/* All of them at once; lost bytes of a store leave their enables, those of a load read as ones. */
static void mangle(uint64_t how, unsigned int n, uint8_t *bytes, uint64_t *on)
{
	uint64_t low = ((uint64_t)1 << n / 2) - 1, high = low << n / 2, enabled = *on;

	switch (how) {
	case WIDE_SWAPS:
		swap_halves(bytes, n);
		*on = (enabled & low) << n / 2 | (enabled & high) >> n / 2;
		return;
	case WIDE_LOSES_LOW: *on &= high; return;
	case WIDE_LOSES_HIGH: *on &= low; return;
	case WIDE_LOW_TWICE: memcpy(bytes + n / 2, bytes, n / 2); return;
	case WIDE_HIGH_TWICE: memcpy(bytes, bytes + n / 2, n / 2); return;
	default: *on = 0; return;
	}
}

static bool wide64_access(struct model *model, struct access *access)
{
	if (access->n == 8 && fault_is(model, WIDE_WHAT) & WHAT_STORES &&
	    (access->is_wc || fault_is(model, WIDE_UC)))
		mangle(fault_is(model, WIDE_HOW), 8, access->bytes, &access->on);
	return access->on;
}

static void wide64_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes)
{
	uint64_t on = 0xff;

	(void)cpu, (void)address;
	if (n != 8 || !(fault_is(model, WIDE_WHAT) & WHAT_LOADS) ||
	    (model->kind != WINDOW_WC && !fault_is(model, WIDE_UC)))
		return;
	mangle(fault_is(model, WIDE_HOW), 8, bytes, &on);
	for (unsigned int i = 0; i < 8; i++)
		if (!(on >> i & 1))
			bytes[i] = 0xff;
}

const struct fault_info fault_wide64 = {
	.hazard = HAZARD_WIDE_ACCESS_64,
	.does = "accesses of 8 bytes",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = wide64_params,
	.access = wide64_access,
	.load = wide64_load,
};

static bool wide128_access(struct model *model, struct access *access)
{
	if (access->is_wc && access->n >= 16 && !access->is_direct &&
	    fault_is(model, WIDE_WIDTHS) & access->n / 16)
		mangle(fault_is(model, WIDE_HOW), access->n, access->bytes, &access->on);
	return access->on;
}

const struct fault_info fault_wide128 = {
	.hazard = HAZARD_WIDE_ACCESS_128,
	.does = "stores of 16 bytes and more",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = wide128_params,
	.access = wide128_access,
};
