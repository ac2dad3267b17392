/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus: a port without hardware: an array behind a bus with a defect, for the tests of the microtests. */
#pragma once

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "act/patterns.h"

/* What goes wrong with the bytes of one line that leave together, in WC mappings only. */
enum defect {
	BUS_HEALTHY,
	BUS_LOSES_BYTE,   /* the highest of them */
	BUS_LOSES_ONE,    /* byte 37 of a line, in the upper half of the range only */
	BUS_ZEROES_GAPS,  /* in each dword that is partly written */
	BUS_FILLS_LINE,   /* gaps of the whole line are written, with zeros */
	BUS_MOVES_LINE,   /* to the next line */
	BUS_MOVES_FAR,    /* half a range away */
	BUS_ROTATES,      /* the bytes of a dword that is partly written, by one lane */
	BUS_DOUBLES,      /* also lands 4 KiB away */
	BUS_DROPS_EVERY,  /* one line in eight */
	BUS_IS_LATE,      /* the last line arrives when the mapping after the next is made */
	BUS_LINE_DEFECTS,
	/* What goes wrong with other things. */
	BUS_IS_DEVICE = BUS_LINE_DEFECTS, /* a store that is not aligned faults at its target */
	BUS_FAULTS_ACROSS,  /* one that crosses a line does */
	BUS_FAULTS_PAGES,   /* one that crosses a page does */
	BUS_FAULTS_ELSEWHERE, /* a store that is not aligned faults as if it were, 8 bytes further */
	BUS_ABORTS,         /* a store at offset 200 ends in another signal */
	BUS_SWAPS_HALVES,   /* of an 8-byte store */
	BUS_DOUBLES_HALF,   /* the low half of an 8-byte store lands in both */
	BUS_LOADS_SWAPPED,  /* an 8-byte load of WC memory */
	BUS_SPLITS_WIDE,    /* a single store of 16 bytes and more loses its upper half */
	BUS_KEEPS_FIRST,    /* until the next fence the first store to a byte wins */
	BUS_SWAPS_ORDER,    /* a line stored before a lower one lands there, too */
	BUS_NEVER_DRAINS,   /* a store is kept back until the next one or a remap */
	BUS_NEVER_ARRIVES,  /* every 64th line is kept back for good */
	BUS_READS_STALE,    /* a line that was read once reads the same until a remap */
	BUS_LOSES_LONG,     /* what a run that is not fenced has beyond 1024 bytes */
	BUS_LOSES_LONGER,   /* beyond 2048 bytes, fenced or not: what is adjacent gathers */
	BUS_LOSES_UNFENCED, /* what comes 16 KiB and more behind the last fence */
	BUS_LOSES_TAILS,    /* the last byte of a fill, or copy, of more than 256 bytes */
	BUS_LOSES_HUGE,     /* the last byte of more than 50000 */
	BUS_DISTURBS_LATE,  /* when all was WC loaded twice, what came first changes */
	BUS_READS_DISTURB,  /* every 4096th WC load changes what is there */
	BUS_DEFECTS
};

#define BUS_BYTES 65536

struct bus {
	enum defect defect;
	uint8_t memory[BUS_BYTES];
	enum window_kind kind;
	int refuse_wc; /* a negative errno */
	struct port_fault fault; /* of the unaligned store */
	unsigned int lines, remaps;
	struct { uint64_t line, mask; uint8_t bytes[64]; unsigned int due; } late;
	uint64_t now_ns, cost_ns[3]; /* of 64 stored bytes, by kind */
	uint64_t line_ns[3];         /* of a line, however much of it is stored */
	uint64_t size_bytes;         /* of the range; 0: all */
	uint64_t fresh[BUS_BYTES / 64]; /* KEEPS_FIRST: bytes of each line that were stored since the last fence */
	uint8_t seen[BUS_BYTES];     /* READS_STALE */
	bool is_seen[BUS_BYTES / 64];
	uint64_t run_at, run_bytes;  /* where the present run began, and how long it is */
	uint64_t last_line, unfenced_bytes;
	unsigned int loads, tries;
	uint64_t outside; /* accesses outside the range, or with nothing mapped */
};

static void bus_put(struct bus *bus, uint64_t line, uint64_t mask, const uint8_t bytes[64])
{
	for (unsigned int i = 0; i < 64; i++)
		if (mask >> i & 1)
			bus->memory[(line + i) % BUS_BYTES] = bytes[i];
}

static void bus_rotate(struct bus *bus, uint64_t line, uint64_t mask, const uint8_t bytes[64])
{
	for (unsigned int i = 0; i < 64; i++) {
		unsigned int lane = (i & ~3u) | ((i + 1) & 3u);

		if (mask >> i & 1)
			bus->memory[line + ((mask >> (i & ~3u) & 0xf) == 0xf ? i : lane)] = bytes[i];
	}
}

/* Which gaps of the line a bus with this defect writes as well. */
static uint64_t bus_gaps(uint64_t mask, unsigned int unit)
{
	uint64_t gaps = 0, unit_mask = unit == 64 ? UINT64_MAX : ((uint64_t)1 << unit) - 1;

	for (unsigned int i = 0; i < 64; i += unit)
		if (mask & unit_mask << i)
			gaps |= unit_mask << i;
	return gaps & ~mask;
}

static void bus_line(struct bus *bus, uint64_t line, uint64_t mask, const uint8_t bytes[64])
{
	static const uint8_t zeros[64];
	enum defect defect = bus->kind == WINDOW_WC ? bus->defect : BUS_HEALTHY;

	if (!mask)
		return;
	bus->lines++;
	bus->now_ns += bus->line_ns[bus->kind];
	if (bus->run_at + bus->run_bytes != line) {
		bus->run_at = line;
		bus->run_bytes = 0;
	}
	bus->run_bytes += 64;
	switch (defect) {
	case BUS_LOSES_BYTE: bus_put(bus, line, mask & ~((uint64_t)1 << (63 - __builtin_clzll(mask))), bytes); return;
	case BUS_LOSES_ONE:
		bus_put(bus, line, line >= BUS_BYTES / 2 ? mask & ~((uint64_t)1 << 37) : mask, bytes);
		return;
	case BUS_ZEROES_GAPS: bus_put(bus, line, bus_gaps(mask, 4), zeros); break;
	case BUS_FILLS_LINE: bus_put(bus, line, bus_gaps(mask, 64), zeros); break;
	case BUS_MOVES_LINE: line += 64; break;
	case BUS_MOVES_FAR: line ^= BUS_BYTES / 2; break;
	case BUS_ROTATES: bus_rotate(bus, line, mask, bytes); return;
	case BUS_DOUBLES: bus_put(bus, line + 4096, mask, bytes); break;
	case BUS_DROPS_EVERY: if (bus->lines % 8 == 0) return; break;
	case BUS_IS_LATE:
		if (bus->late.due)
			bus_put(bus, bus->late.line, bus->late.mask, bus->late.bytes);
		bus->late.line = line;
		bus->late.mask = mask;
		bus->late.due = bus->remaps + 2;
		memcpy(bus->late.bytes, bytes, 64);
		return;
	case BUS_KEEPS_FIRST:
		mask &= ~bus->fresh[line / 64];
		bus->fresh[line / 64] |= mask;
		break;
	case BUS_SWAPS_ORDER:
		if (bus->last_line > line)
			bus_put(bus, bus->last_line, mask, bytes);
		bus->last_line = line;
		break;
	case BUS_NEVER_DRAINS:
		if (bus->late.mask)
			bus_put(bus, bus->late.line, bus->late.mask, bus->late.bytes);
		bus->late.line = line;
		bus->late.mask = mask;
		memcpy(bus->late.bytes, bytes, 64);
		return;
	case BUS_NEVER_ARRIVES: if (bus->lines % 64 == 0) return; break;
	case BUS_LOSES_UNFENCED: if ((bus->unfenced_bytes += 64) > 16384) return; break;
	case BUS_LOSES_LONG: if (bus->run_bytes > 1024) return; break;
	case BUS_LOSES_LONGER: if (bus->run_bytes > 2048) return; break;
	default: break;
	}
	bus_put(bus, line, mask, bytes);
}

static int bus_remap(void *state, enum window_kind kind)
{
	struct bus *bus = state;

	if (bus->defect == BUS_NEVER_DRAINS && bus->late.mask) {
		bus_put(bus, bus->late.line, bus->late.mask, bus->late.bytes);
		bus->late.mask = 0;
	}
	memset(bus->fresh, 0, sizeof(bus->fresh));
	memset(bus->is_seen, 0, sizeof(bus->is_seen));
	bus->run_bytes = bus->last_line = bus->unfenced_bytes = 0;
	bus->kind = WINDOW_NONE;
	if (kind == WINDOW_WC && bus->refuse_wc)
		return bus->refuse_wc;
	bus->kind = kind;
	bus->remaps++;
	if (bus->late.due && bus->remaps >= bus->late.due) {
		bus_put(bus, bus->late.line, bus->late.mask, bus->late.bytes);
		bus->late.due = 0;
	}
	return 0;
}

static bool bus_is_outside(struct bus *bus, uint64_t offset, uint64_t n)
{
	bool is_outside = bus->kind == WINDOW_NONE || offset + n > (bus->size_bytes ? bus->size_bytes : BUS_BYTES);

	bus->outside += is_outside;
	return is_outside;
}

/* Across lines it is a store to each. */
static void bus_store(struct bus *bus, uint64_t offset, const void *bytes, uint64_t n)
{
	const uint8_t *from = bytes;

	if (bus_is_outside(bus, offset, n))
		return;
	while (n) {
		uint64_t at = offset % 64, part = n < 64 - at ? n : 64 - at;
		uint8_t line[64] = { 0 };

		memcpy(line + at, from, part);
		bus_line(bus, offset - at, (part == 64 ? UINT64_MAX : ((uint64_t)1 << part) - 1) << at, line);
		offset += part;
		from += part;
		n -= part;
	}
}

static void bus_store_n(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	struct bus *bus = state;

	if (width == 8 && bus->kind == WINDOW_WC && bus->defect == BUS_SWAPS_HALVES)
		value = value >> 32 | value << 32;
	if (width == 8 && bus->kind == WINDOW_WC && bus->defect == BUS_DOUBLES_HALF)
		value = (uint32_t)value | value << 32;
	bus_store(state, offset, &value, width);
}

static uint64_t bus_load(void *state, uint64_t offset, unsigned int width)
{
	struct bus *bus = state;
	uint8_t *from = bus->memory;
	uint64_t value = 0;

	if (bus_is_outside(bus, offset, width))
		return 0;
	if (bus->defect == BUS_READS_DISTURB && bus->kind == WINDOW_WC && ++bus->loads % 4096 == 0)
		bus->memory[offset] ^= 1;
	if (bus->defect == BUS_DISTURBS_LATE && bus->kind == WINDOW_WC && ++bus->loads == 2 * BUS_BYTES / 8)
		bus->memory[0] ^= 1;
	if (bus->defect == BUS_READS_STALE && bus->kind == WINDOW_WC) {
		if (!bus->is_seen[offset / 64])
			memcpy(bus->seen + offset / 64 * 64, bus->memory + offset / 64 * 64, 64);
		bus->is_seen[offset / 64] = true;
		from = bus->seen;
	}
	memcpy(&value, from + offset, width);
	if (bus->defect == BUS_LOADS_SWAPPED && bus->kind == WINDOW_WC && width == 8)
		value = value >> 32 | value << 32;
	return value;
}

static void bus_store_line(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	(void)insn;
	bus_store(state, offset, words, 64);
}

static void bus_store_mask(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
                           const uint64_t words[static 8])
{
	(void)insn;
	if (!bus_is_outside(state, offset, 64))
		bus_line(state, offset, mask, (const uint8_t *)words);
}

static void bus_store_one(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	struct bus *bus = state;
	bool is_split = insn->width >= 16 && bus->defect == BUS_SPLITS_WIDE && bus->kind == WINDOW_WC;

	bus_store(state, offset, words, is_split ? insn->width / 2 : insn->width);
}

static void bus_copy(void *state, uint64_t offset, uint64_t size_bytes, const void *from)
{
	struct bus *bus = state;

	if ((bus->defect == BUS_LOSES_TAILS && size_bytes > 256) || (bus->defect == BUS_LOSES_HUGE && size_bytes > 50000))
		size_bytes--;
	bus_store(state, offset, from, size_bytes);
}

static void bus_fill(void *state, uint64_t offset, uint64_t size_bytes, uint8_t value)
{
	uint8_t *bytes = malloc(size_bytes);

	memset(bytes, value, size_bytes);
	bus_copy(state, offset, size_bytes, bytes);
	free(bytes);
}

/* Another CPU sees the memory itself, and stores to it. */
static uint64_t bus_peer_load(void *state, uint64_t offset)
{
	struct bus *bus = state;
	uint64_t value = 0;

	if (!bus_is_outside(bus, offset, 8))
		memcpy(&value, bus->memory + offset, 8);
	return value;
}

static void bus_peer_store(void *state, uint64_t offset, uint64_t value)
{
	struct bus *bus = state;

	if (!bus_is_outside(bus, offset, 8))
		memcpy(bus->memory + offset, &value, 8);
}

static void bus_stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	struct bus *bus = state;

	if (!bus_is_outside(bus, offset, size_bytes))
		memset(bus->memory + offset, (int)value, size_bytes);
	bus->now_ns += size_bytes / 64 * bus->cost_ns[bus->kind] * (insn->width == 4 ? 2 : 1);
}

static void bus_try_store(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	struct bus *bus = state;

	bool is_wc = bus->kind == WINDOW_WC, has_fault;

	bus->tries++;
	*ret = bus->fault;
	if (bus->fault.signal)
		return;
	if (bus->defect == BUS_MOVES_LINE) {
		memcpy(bus->memory + offset, &value, 8);
		bus->memory[offset]++;
		return;
	}
	has_fault = is_wc && ((bus->defect == BUS_IS_DEVICE && offset % width) ||
	                      (bus->defect == BUS_FAULTS_ACROSS && offset % 64 + width > 64) ||
	                      (bus->defect == BUS_FAULTS_PAGES && offset % 4096 + width > 4096));
	if (has_fault)
		*ret = (struct port_fault){ SIGBUS, BUS_ADRALN, offset };
	else if (is_wc && bus->defect == BUS_FAULTS_ELSEWHERE && offset % width)
		*ret = (struct port_fault){ SIGBUS, BUS_ADRALN, offset + 8 };
	else if (is_wc && bus->defect == BUS_ABORTS && offset >= 200)
		*ret = (struct port_fault){ SIGBUS, BUS_OBJERR, offset };
	else
		bus_store_n(state, offset, width, value);
}

static __attribute__((unused)) void bus_nothing(void *state)
{
	(void)state;
}

static void bus_fence(void *state)
{
	struct bus *bus = state;

	memset(bus->fresh, 0, sizeof(bus->fresh));
	bus->last_line = bus->unfenced_bytes = 0;
	if (bus->defect != BUS_LOSES_LONGER)
		bus->run_bytes = 0;
}

static void bus_drain(void *state)
{
	bus_fence(state);
}

static uint64_t bus_now_ns(void *state)
{
	const struct bus *bus = state;

	return bus->now_ns;
}

static const struct insn bus_insns[] = {
	{ .name = "dword", .width = 4, .flags = INSN_SCALAR },
	{ .name = "line", .width = 64, .flags = INSN_SCALAR },
	/* Only for who asks for all: BUS_INSNS. */
	{ .name = "qword", .width = 8, .flags = INSN_SCALAR },
	{ .name = "vector", .width = 16 },
	{ .name = "aligned", .width = 32, .flags = INSN_ALIGNED },
	{ .name = "masked", .width = 16, .flags = INSN_MASKED },
	{ .name = "packet", .width = 64, .flags = INSN_ALIGNED | INSN_DIRECT },
};
#define BUS_INSNS (sizeof(bus_insns) / sizeof(bus_insns[0]))

static const struct port_ops bus_ops = {
	.remap = bus_remap,
	.store = bus_store_n,
	.load = bus_load,
	.try_store = bus_try_store,
	.store_one = bus_store_one,
	.store_line = bus_store_line,
	.stream = bus_stream,
	.store_mask = bus_store_mask,
	.fill = bus_fill,
	.copy = bus_copy,
	.peer_load = bus_peer_load,
	.peer_store = bus_peer_store,
	.fence = bus_fence,
	.drain = bus_drain,
	.now_ns = bus_now_ns,
};

static struct port port_bus(struct bus *bus)
{
	return (struct port){ .ops = &bus_ops, .state = bus, .insns = bus_insns, .n_insns = 2 };
}
