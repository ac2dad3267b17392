/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault-wc: what the buffers do wrong: order, barriers, gathering. */
#include <string.h>

#include "sim/fault.h"

/* ---- combine-disorder ---- */

enum { DISORDER_HOW, DISORDER_DISTANCE };
enum { DISORDER_OLD_WINS, DISORDER_PARTIAL, DISORDER_LATE, DISORDER_AGAIN, DISORDER_MIXES };

static const char *const disorder_hows[] = { "old-wins", "partial", "late", "again", "mixes" };
static const struct param disorder_params[] = {
	{ "how", DISORDER_OLD_WINS, DISORDER_MIXES, DISORDER_OLD_WINS, false, disorder_hows,
	  "a byte that is rewritten in a buffer keeps its old value; or takes the 7 others of its 8 with it; a line that "
	  "left twice arrives in the wrong order; a line leaves once more; one that leaves behind a higher one brings its bytes" },
	{ "distance", 1, 4, 1, false, NULL, "late: between the two at most so many lines; again: so many lines later" },
	PARAM_END,
};

static bool disorder_merge(struct model *model, struct buffer *buffer, unsigned int i, uint8_t byte)
{
	uint64_t how = fault_is(model, DISORDER_HOW);

	(void)byte;
	if (!(buffer->on[i / 64] >> (i % 64) & 1) || how > DISORDER_PARTIAL)
		return true;
	if (how == DISORDER_PARTIAL) {
		buffer->on[i / 64] &= ~((uint64_t)0xff << (i % 64 & ~7u));
		return true;
	}
	return false;
}

/* kept[0] is the youngest. */
static void remember(struct fault *fault, const struct packet *packet)
{
	memmove(fault->kept + 1, fault->kept, (MODEL_BUFFERS_MAX - 1) * sizeof(fault->kept[0]));
	fault->kept[0] = *packet;
	if (fault->n_kept < MODEL_BUFFERS_MAX)
		fault->n_kept++;
}

static bool disorder_packet(struct model *model, struct packet *packet)
{
	struct fault *fault = &model->fault;
	unsigned int distance = (unsigned int)fault_is(model, DISORDER_DISTANCE);
	struct packet now = *packet;

	if (!packet->is_wc)
		return true;
	switch (fault_is(model, DISORDER_HOW)) {
	case DISORDER_LATE:
		for (unsigned int i = 0; i < distance && i < fault->n_kept; i++)
			if (fault->kept[i].address == packet->address) {
				bus_arrive(model, packet);
				*packet = fault->kept[i];
				break;
			}
		break;
	case DISORDER_AGAIN:
		if (distance <= fault->n_kept)
			bus_arrive(model, &fault->kept[distance - 1]);
		break;
	case DISORDER_MIXES:
		if (fault->n_kept && fault->kept[0].address > packet->address)
			memcpy(packet->bytes, fault->kept[0].bytes, packet->size);
		break;
	default: return true;
	}
	remember(fault, &now);
	return true;
}

/* Between what a barrier separates there is no disorder, but for what leaves once more. */
static bool disorder_drain(struct model *model, struct cpu *cpu)
{
	wc_flush(model, cpu);
	if (fault_is(model, DISORDER_HOW) != DISORDER_AGAIN)
		model->fault.n_kept = 0;
	return true;
}

const struct fault_info fault_disorder = {
	.hazard = HAZARD_COMBINE_DISORDER,
	.does = "lines that are rewritten, or leave in another order",
	.caught = CAUGHT_FAILS,
	.params = disorder_params,
	/* A line must leave between two stores to it. */
	.holds = { { HEALTHY_MOMENT, MOMENT_FULL, 1 << DISORDER_LATE },
	           { HEALTHY_LINE, 64, 1 << DISORDER_LATE } },
	.n_holds = 2,
	.merge = disorder_merge,
	.packet = disorder_packet,
	.drain = disorder_drain,
};

/* ---- no-drain ---- */

enum { DRAIN_HOW, DRAIN_PACKETS };
enum { DRAIN_AT_REMAP, DRAIN_PRESSURE, DRAIN_NEVER, DRAIN_BUFFERS };

static const char *const drain_hows[] = { "remap", "pressure", "never", "buffers" };
static const struct param drain_params[] = {
	{ "how", DRAIN_AT_REMAP, DRAIN_BUFFERS, DRAIN_NEVER, false, drain_hows,
	  "barriers leave the last stores where they are: they arrive at the next mapping, behind later stores, never; or "
	  "in the CPU's own buffers, whose loads still find them" },
	{ "packets", 1, 8, 1, false, NULL, "so many of the last packets" },
	PARAM_END,
};

static void release(struct model *model, unsigned int left)
{
	struct fault *fault = &model->fault;
	unsigned int gone = fault->n_kept > left ? fault->n_kept - left : 0;

	for (unsigned int i = 0; i < gone; i++)
		bus_arrive(model, &fault->kept[i]);
	memmove(fault->kept, fault->kept + gone, left * sizeof(fault->kept[0]));
	fault->n_kept -= gone;
}

static bool drain_packet(struct model *model, struct packet *packet)
{
	struct fault *fault = &model->fault;

	if (!packet->is_wc || fault_is(model, DRAIN_HOW) == DRAIN_BUFFERS)
		return true;
	fault->kept[fault->n_kept++] = *packet;
	release(model, (unsigned int)fault_is(model, DRAIN_PACKETS));
	return false;
}

static bool drain_drain(struct model *model, struct cpu *cpu)
{
	if (fault_is(model, DRAIN_HOW) == DRAIN_BUFFERS)
		return false;
	wc_flush(model, cpu);
	if (fault_is(model, DRAIN_HOW) == DRAIN_NEVER)
		model->fault.n_kept = 0;
	return true;
}

static void drain_remap(struct model *model)
{
	if (fault_is(model, DRAIN_HOW) == DRAIN_AT_REMAP)
		release(model, 0);
}

const struct fault_info fault_no_drain = {
	.hazard = HAZARD_NO_DRAIN,
	.does = "the last stores before a barrier",
	.caught = CAUGHT_FAILS,
	.params = drain_params,
	/* Another CPU would see what is missing; alone, a test has only its own. */
	.holds = { { HEALTHY_PEER, 0, 1 << DRAIN_BUFFERS }, { HEALTHY_LOAD, LOAD_FORWARD, 1 << DRAIN_BUFFERS } },
	.n_holds = 2,
	.packet = drain_packet,
	.drain = drain_drain,
	.remap = drain_remap,
};

/* ---- no-combining, unreliable-combining ---- */

static const struct param no_params[] = { PARAM_END };

static bool never(struct model *model, const struct access *access)
{
	(void)model, (void)access;
	return false;
}

const struct fault_info fault_no_combining = {
	.hazard = HAZARD_NO_COMBINING,
	.does = "every store leaves alone",
	.caught = CAUGHT_NO_PROOF,
	.spares_uncached = true,
	.params = no_params,
	.gathers = never,
};

enum { UNRELIABLE_HOW, UNRELIABLE_WIDTH };
enum { UNRELIABLE_NARROW, UNRELIABLE_GAPS };

static const char *const unreliable_hows[] = { "narrow", "gaps" };
static const struct param unreliable_params[] = {
	{ "how", UNRELIABLE_NARROW, UNRELIABLE_GAPS, UNRELIABLE_NARROW, false, unreliable_hows,
	  "what leaves alone: a narrow store; one that does not follow its predecessor" },
	{ "width", 2, 64, 8, true, NULL, "stores of so many bytes and more merge" },
	PARAM_END,
};

static bool unreliable_gathers(struct model *model, const struct access *access)
{
	struct fault *fault = &model->fault;
	uint64_t last = fault->last;

	fault->last = access->address + access->n;
	return fault_is(model, UNRELIABLE_HOW) == UNRELIABLE_NARROW ? access->n >= fault_is(model, UNRELIABLE_WIDTH)
	                                                            : access->address == last;
}

const struct fault_info fault_unreliable = {
	.hazard = HAZARD_UNRELIABLE_COMBINING,
	.does = "merging depends on the sequence of stores",
	.caught = CAUGHT_NO_PROOF,
	.spares_uncached = true,
	.params = unreliable_params,
	.gathers = unreliable_gathers,
};
