/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault-bus: what a bridge does wrong with a packet: gaps, addresses, long runs. */
#include <string.h>

#include "sim/fault.h"

static const char *const no_yes[] = { "no", "yes" };

/* The first enabled byte; size when there is none. */
static unsigned int first_of(const struct packet *packet)
{
	unsigned int i = 0;

	while (i < packet->size && !packet_has(packet, i))
		i++;
	return i;
}

static void drop(struct packet *packet, unsigned int i)
{
	packet->on[i / 64] &= ~((uint64_t)1 << (i % 64));
}

static void enable(struct packet *packet, unsigned int i)
{
	packet->on[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool is_full(const struct packet *packet)
{
	for (unsigned int i = 0; i < packet->size; i++)
		if (!packet_has(packet, i))
			return false;
	return true;
}

/* Marks bytes that are not enabled between two that are, within aligned units: their number. */
static unsigned int find_gaps(const struct packet *packet, unsigned int unit, bool *gaps)
{
	unsigned int n = 0;

	memset(gaps, 0, MODEL_LINE_MAX);
	for (unsigned int from = 0; from < packet->size; from += unit) {
		unsigned int last = 0, seen = 0;

		for (unsigned int i = from; i < from + unit && i < packet->size; i++) {
			if (!packet_has(packet, i))
				continue;
			for (unsigned int k = last + 1; seen && k < i; k++, n++)
				gaps[k] = true;
			last = i;
			seen = 1;
		}
	}
	return n;
}

/* ---- sparse-byte-enables ---- */

enum { SPARSE_HOW, SPARSE_UNIT, SPARSE_EVERY };
enum { GAPS_ZEROS, GAPS_ONES, GAPS_OLD, GAPS_DROPPED, GAPS_LAST_LOST, GAPS_CLOSED, GAPS_MOVED };

static const char *const sparse_hows[] = { "zeros", "ones", "old", "dropped", "last-lost", "closed", "moved" };
static const struct param sparse_params[] = {
	{ "how", GAPS_ZEROS, GAPS_MOVED, GAPS_ZEROS, false, sparse_hows,
	  "gaps are filled with zeros, ones, a buffer's old bytes; the packet or its last byte is lost; gaps are closed; "
	  "it goes to the next line" },
	{ "unit", 4, 64, 64, true, NULL, "a gap counts between bytes of the same aligned unit of so many bytes" },
	{ "every", 1, 4, 1, false, NULL, "one such packet in so many" },
	PARAM_END,
};

static void close_gaps(struct packet *packet)
{
	unsigned int to = first_of(packet);
	struct packet closed = *packet;

	closed.on[0] = closed.on[1] = 0;
	for (unsigned int i = to; i < packet->size; i++)
		if (packet_has(packet, i)) {
			closed.bytes[to] = packet->bytes[i];
			enable(&closed, to++);
		}
	*packet = closed;
}

static bool sparse_packet(struct model *model, struct packet *packet)
{
	uint64_t how = fault_is(model, SPARSE_HOW);
	bool gaps[MODEL_LINE_MAX];

	if (!packet->is_wc || !find_gaps(packet, (unsigned int)fault_is(model, SPARSE_UNIT), gaps) ||
	    ++model->fault.count % fault_is(model, SPARSE_EVERY))
		return true;
	for (unsigned int i = 0; i < packet->size && how <= GAPS_OLD; i++) {
		if (!gaps[i])
			continue;
		if (how != GAPS_OLD)
			packet->bytes[i] = how == GAPS_ZEROS ? 0 : 0xff;
		enable(packet, i);
	}
	for (unsigned int i = packet->size; how == GAPS_LAST_LOST && i-- > 0;)
		if (packet_has(packet, i)) {
			drop(packet, i);
			break;
		}
	if (how == GAPS_CLOSED)
		close_gaps(packet);
	if (how == GAPS_MOVED)
		packet->address += packet->size;
	return how != GAPS_DROPPED;
}

const struct fault_info fault_sparse = {
	.hazard = HAZARD_SPARSE_BYTE_ENABLES,
	.does = "packets with gaps between their byte enables",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = sparse_params,
	.packet = sparse_packet,
};

/* ---- misaddressed-write ---- */

enum { ADDRESS_HOW, ADDRESS_BIT, ADDRESS_WHEN, ADDRESS_TWICE, ADDRESS_EVERY };
enum { ADDRESS_FLIPS, ADDRESS_LOSES, ADDRESS_ADDS, ADDRESS_TURNS, ADDRESS_LOW };
enum { WHEN_ALWAYS, WHEN_GAPS, WHEN_PART };

static const char *const address_hows[] = { "flips", "loses", "adds", "turns", "low" };
static const char *const whens[] = { "always", "gaps", "part" };
static const struct param address_params[] = {
	{ "how", ADDRESS_FLIPS, ADDRESS_LOW, ADDRESS_FLIPS, false, address_hows,
	  "the address bit is flipped, lost, added to the address; bits up to it are rotated by one; the first byte's "
	  "lowest 3 bits are lost" },
	{ "bit", 7, 11, 8, false, NULL, "which bit of the address" },
	{ "when", WHEN_ALWAYS, WHEN_PART, WHEN_ALWAYS, false, whens, "all packets; those with gaps; those that are not full" },
	{ "twice", 0, 1, 0, false, no_yes, "it lands where it should, too" },
	{ "every", 1, 8, 1, false, NULL, "one such packet in so many" },
	PARAM_END,
};

static uint64_t address_turn(const struct model *model, uint64_t address)
{
	uint64_t bit = (uint64_t)1 << fault_is(model, ADDRESS_BIT), low = 2 * bit - 1, middle = address & low;

	switch (fault_is(model, ADDRESS_HOW)) {
	case ADDRESS_FLIPS: return address ^ bit;
	case ADDRESS_LOSES: return address & ~bit;
	case ADDRESS_ADDS: return address + bit;
	case ADDRESS_TURNS: return (address & ~low) | ((middle << 1 | middle / bit) & low);
	default: return address & ~(uint64_t)7;
	}
}

static bool address_packet(struct model *model, struct packet *packet)
{
	bool gaps[MODEL_LINE_MAX], is_low = fault_is(model, ADDRESS_HOW) == ADDRESS_LOW;
	/* The low bits that a bridge sees are those of the first byte. */
	uint64_t first = packet->address + (is_low ? first_of(packet) : 0);
	uint64_t when = fault_is(model, ADDRESS_WHEN), delta;

	if (!packet->is_wc || packet_is_empty(packet))
		return true;
	if ((when == WHEN_GAPS && !find_gaps(packet, packet->size, gaps)) || (when == WHEN_PART && is_full(packet)))
		return true;
	delta = address_turn(model, first) - first;
	if (!delta || ++model->fault.count % fault_is(model, ADDRESS_EVERY))
		return true;
	if (fault_is(model, ADDRESS_TWICE))
		bus_arrive(model, packet);
	packet->address += delta;
	return true;
}

const struct fault_info fault_misaddress = {
	.hazard = HAZARD_MISADDRESSED_WRITE,
	.does = "packets that land elsewhere",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = address_params,
	.packet = address_packet,
};

/* ---- long-burst-hang ---- */

enum { BURST_HOW, BURST_BYTES, BURST_STORES };
enum { BURST_HANGS, BURST_LOSES, BURST_CUTS, BURST_ZEROES };

static const char *const burst_hows[] = { "hangs", "loses", "cuts", "zeroes" };
static const char *const burst_stores[] = { "all", "4", "8", "wider" };
static const struct param burst_params[] = {
	{ "how", BURST_HANGS, BURST_ZEROES, BURST_HANGS, false, burst_hows,
	  "hangs; loses what is behind so many bytes; cuts half of each such packet off; zeroes it" },
	{ "bytes", 64, 2048, 512, true, NULL, "so many bytes of ascending full lines go well" },
	{ "stores", 0, 3, 0, false, burst_stores, "lines that were filled by such stores" },
	PARAM_END,
};

static bool is_filled_so(const struct model *model, const struct packet *packet)
{
	uint64_t stores = fault_is(model, BURST_STORES);

	if (stores == 3)
		return packet->widths >= 16;
	return !stores || packet->widths == stores * 4;
}

/* last: the address at which a run would go on; total: its bytes so far. */
static bool burst_packet(struct model *model, struct packet *packet)
{
	struct fault *fault = &model->fault;
	bool is_next = packet->is_wc && is_full(packet) && is_filled_so(model, packet);

	if (!is_next || packet->address != fault->last)
		fault->total = 0;
	fault->last = packet->address + packet->size;
	if (!is_next)
		return true;
	fault->total += packet->size;
	if (fault->total <= fault_is(model, BURST_BYTES))
		return true;
	switch (fault_is(model, BURST_HOW)) {
	case BURST_HANGS: model_die(model, "hangs: no answer within the deadline");
	case BURST_LOSES: return false;
	case BURST_CUTS:
		for (unsigned int i = packet->size / 2; i < packet->size; i++)
			drop(packet, i);
		return true;
	default: memset(packet->bytes, 0, packet->size); return true;
	}
}

/* What waits for an answer ends a run. */
static bool burst_drain(struct model *model, struct cpu *cpu)
{
	wc_flush(model, cpu);
	model->fault.total = 0;
	model->fault.last = UINT64_MAX;
	return true;
}

const struct fault_info fault_burst = {
	.hazard = HAZARD_LONG_BURST_HANG,
	.does = "runs of ascending full lines that nothing ends",
	.caught = CAUGHT_FAILS,
	.spares_uncached = true,
	.params = burst_params,
	.holds = { { HEALTHY_ORDER, ORDER_FIFO, 0 }, { HEALTHY_MOMENT, MOMENT_FULL, 0 } },
	.n_holds = 2,
	.packet = burst_packet,
	.drain = burst_drain,
};
