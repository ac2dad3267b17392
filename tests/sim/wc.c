/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wc: the write-combining buffers of a CPU: what they gather, and when, in which order and in which pieces it leaves.
 * Different lines may leave in any order between fences; the stores to one byte never overtake each other.
 */
#include <string.h>

#include "sim/fault.h"

struct buffer *wc_find(const struct model *model, struct cpu *cpu, uint64_t address)
{
	uint64_t line = address & ~(model_is(model, HEALTHY_LINE) - 1);

	for (unsigned int i = 0; i < model_is(model, HEALTHY_BUFFERS); i++)
		if (cpu->at[i].is_used && cpu->at[i].line == line)
			return &cpu->at[i];
	return NULL;
}

static bool is_full(const struct model *model, const struct buffer *buffer)
{
	switch (model_is(model, HEALTHY_LINE)) {
	case 32: return buffer->on[0] == UINT32_MAX;
	case 64: return buffer->on[0] == UINT64_MAX;
	default: return buffer->on[0] == UINT64_MAX && buffer->on[1] == UINT64_MAX;
	}
}

/* The packet's bytes from .. from + n - 1, if it has any. */
static void send_part(struct model *model, const struct packet *packet, unsigned int from, unsigned int n)
{
	struct packet part = { .address = packet->address + from, .size = n, .is_wc = true, .widths = packet->widths };

	for (unsigned int i = 0; i < n; i++) {
		part.bytes[i] = packet->bytes[from + i];
		part.on[i / 64] |= (uint64_t)packet_has(packet, from + i) << (i % 64);
	}
	if (!packet_is_empty(&part))
		bus_send(model, &part);
}

void wc_evict(struct model *model, struct buffer *buffer)
{
	unsigned int line = (unsigned int)model_is(model, HEALTHY_LINE);
	unsigned int part = (unsigned int)model_is(model, HEALTHY_PARTIAL);
	struct packet packet;

	packet.address = buffer->line;
	packet.size = line;
	packet.is_wc = true;
	packet.widths = buffer->widths;
	packet.on[0] = buffer->on[0];
	packet.on[1] = buffer->on[1];
	memcpy(packet.bytes, buffer->bytes, line);
	buffer->is_used = false;
	if (part >= line || is_full(model, buffer)) {
		bus_send(model, &packet);
		return;
	}
	for (unsigned int from = 0; from < line; from += part)
		send_part(model, &packet, from, part);
}

/* The used buffer that leaves first; NULL: none is used. */
static struct buffer *victim(struct model *model, struct cpu *cpu)
{
	struct buffer *used[MODEL_BUFFERS_MAX], *first;
	unsigned int n = 0;

	for (unsigned int i = 0; i < model_is(model, HEALTHY_BUFFERS); i++)
		if (cpu->at[i].is_used)
			used[n++] = &cpu->at[i];
	if (!n)
		return NULL;
	if (model_is(model, HEALTHY_ORDER) == ORDER_RANDOM)
		return used[model_random(model) % n];
	first = used[0];
	for (unsigned int i = 1; i < n; i++)
		if (model_is(model, HEALTHY_ORDER) == ORDER_LRU ? used[i]->touched < first->touched
		                                                : used[i]->born < first->born)
			first = used[i];
	return first;
}

void wc_flush(struct model *model, struct cpu *cpu)
{
	struct buffer *buffer;

	while ((buffer = victim(model, cpu)))
		wc_evict(model, buffer);
	cpu->is_fenced = false;
}

static struct buffer *allocate(struct model *model, struct cpu *cpu, uint64_t address)
{
	for (;;) {
		for (unsigned int i = 0; i < model_is(model, HEALTHY_BUFFERS); i++) {
			struct buffer *buffer = &cpu->at[i];

			if (buffer->is_used)
				continue;
			/* The bytes stay: old contents are what a defect may show. */
			buffer->is_used = true;
			buffer->line = address & ~(model_is(model, HEALTHY_LINE) - 1);
			buffer->on[0] = buffer->on[1] = 0;
			buffer->widths = 0;
			buffer->born = cpu->accesses;
			return buffer;
		}
		wc_evict(model, victim(model, cpu));
	}
}

static void merge(struct model *model, struct buffer *buffer, const struct access *piece)
{
	const struct fault_info *info = model->fault.info;
	unsigned int first = (unsigned int)(piece->address - buffer->line);

	buffer->widths |= piece->width;
	for (unsigned int i = 0; i < piece->n; i++) {
		unsigned int at = first + i;

		if (!(piece->on >> i & 1))
			continue;
		if (info && info->merge && !info->merge(model, buffer, at, piece->bytes[i]))
			continue;
		buffer->bytes[at] = piece->bytes[i];
		buffer->on[at / 64] |= (uint64_t)1 << (at % 64);
	}
}

/* What leaves without being asked, behind this store. */
static void leave(struct model *model, struct cpu *cpu, struct buffer *buffer)
{
	uint64_t moment = model_is(model, HEALTHY_MOMENT);

	if (moment != MOMENT_PRESSURE && is_full(model, buffer))
		wc_evict(model, buffer);
	if (moment < MOMENT_RANDOM || model_random(model) % model_is(model, HEALTHY_CHANCE))
		return;
	if (moment == MOMENT_TIMER) {
		wc_flush(model, cpu);
		return;
	}
	buffer = victim(model, cpu);
	if (buffer)
		wc_evict(model, buffer);
}

void wc_store(struct model *model, const struct access *piece)
{
	const struct fault_info *info = model->fault.info;
	struct cpu *cpu = piece->cpu;
	bool gathers = model_is(model, HEALTHY_GATHER) && !model_is(model, HEALTHY_GUEST) && !piece->is_direct &&
	               !(info && info->gathers && !info->gathers(model, piece));
	struct buffer *buffer;

	if (cpu->is_fenced)
		wc_flush(model, cpu);
	cpu->accesses++;
	buffer = wc_find(model, cpu, piece->address);
	if (!gathers) {
		/* To the same bytes in the same order. */
		if (buffer)
			wc_evict(model, buffer);
		bus_send_access(model, piece);
		return;
	}
	if (!buffer)
		buffer = allocate(model, cpu, piece->address);
	buffer->touched = cpu->accesses;
	merge(model, buffer, piece);
	leave(model, cpu, buffer);
}
