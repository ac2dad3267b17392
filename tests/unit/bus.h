/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus: a port without hardware: an array behind a bus with a defect, for the tests of the microtests. */
#pragma once

#include <errno.h>
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
	default: break;
	}
	bus_put(bus, line, mask, bytes);
}

static int bus_remap(void *state, enum window_kind kind)
{
	struct bus *bus = state;

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

static void bus_store(struct bus *bus, uint64_t offset, const void *bytes, unsigned int n)
{
	uint8_t line[64] = { 0 };

	if (bus->kind == WINDOW_NONE || offset + n > BUS_BYTES || offset % 64 + n > 64) {
		bus->outside++;
		return;
	}
	memcpy(line + offset % 64, bytes, n);
	bus_line(bus, offset - offset % 64, (n == 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1) << (offset % 64), line);
}

static void bus_store_n(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	bus_store(state, offset, &value, width);
}

static uint64_t bus_load(void *state, uint64_t offset, unsigned int width)
{
	struct bus *bus = state;
	uint64_t value = 0;

	if (bus->kind == WINDOW_NONE || offset + width > BUS_BYTES)
		bus->outside++;
	else
		memcpy(&value, bus->memory + offset, width);
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
	bus_line(state, offset, mask, (const uint8_t *)words);
}

static void bus_stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	struct bus *bus = state;

	if (bus->kind == WINDOW_NONE || offset + size_bytes > BUS_BYTES)
		bus->outside++;
	else
		memset(bus->memory + offset, (int)value, size_bytes);
	bus->now_ns += size_bytes / 64 * bus->cost_ns[bus->kind] * (insn->width == 4 ? 2 : 1);
}

static void bus_try_store(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	struct bus *bus = state;

	(void)width;
	*ret = bus->fault;
	if (!bus->fault.signal)
		memcpy(bus->memory + offset, &value, bus->defect == BUS_LOSES_BYTE ? 7 : 8);
	if (bus->defect == BUS_MOVES_LINE)
		bus->memory[offset]++;
}

static void bus_nothing(void *state)
{
	(void)state;
}

static uint64_t bus_now_ns(void *state)
{
	const struct bus *bus = state;

	return bus->now_ns;
}

static const struct insn bus_insns[] = {
	{ .name = "dword", .width = 4, .flags = INSN_SCALAR },
	{ .name = "line", .width = 64, .flags = INSN_SCALAR },
};

static const struct port_ops bus_ops = {
	.remap = bus_remap,
	.store = bus_store_n,
	.load = bus_load,
	.try_store = bus_try_store,
	.store_line = bus_store_line,
	.stream = bus_stream,
	.store_mask = bus_store_mask,
	.fence = bus_nothing,
	.drain = bus_nothing,
	.now_ns = bus_now_ns,
};

static struct port port_bus(struct bus *bus)
{
	return (struct port){ .ops = &bus_ops, .state = bus, .insns = bus_insns, .n_insns = 2 };
}
