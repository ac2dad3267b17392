/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model: the machine as a whole: its start, its end, its noise and its memory. */
#include "sim/model.h"

#include <stddef.h>
#include <string.h>

#include "act/patterns.h"
#include "sim/fault.h"

#define PAGE_BYTES 4096
#define HEADER_BYTES 24 /* of a packet with a 64-bit address: design of the benchmark's ceiling */
#define MARGIN_BYTE 0xc5

void model_init(struct model *model, const struct values *healthy, const struct fault *fault, uint64_t seed)
{
	model->healthy = *healthy;
	model->fault = fault ? *fault : (struct fault){ 0 };
	model->size_bytes = model_is(model, HEALTHY_PAGES) * PAGE_BYTES;
	model->kind = WINDOW_NONE;
	memset(model->cpus, 0, sizeof(model->cpus));
	model->random = mix64(seed);
	model->now_ps = model->link_free_ps = 0;
	model->outside = model->strays = 0;
	model->death = NULL;
	memset(model->is_stale, 0, model->size_bytes / 64);
	memset(model->memory, MARGIN_BYTE, MODEL_MARGIN * 2 + model->size_bytes);
	for (uint64_t at = 0; at < model->size_bytes; at += 8) {
		uint64_t noise = mix64(seed + at);

		memcpy(model->memory + MODEL_MARGIN + at, &noise, 8);
	}
}

void model_copy(struct model *to, const struct model *from)
{
	memcpy(to, from, offsetof(struct model, stale));
	memcpy(to->stale, from->stale, from->size_bytes);
	memcpy(to->is_stale, from->is_stale, from->size_bytes / 64);
	memcpy(to->memory, from->memory, MODEL_MARGIN * 2 + from->size_bytes);
}

_Noreturn void model_die(struct model *model, const char *why)
{
	model->death = why;
	longjmp(model->landing, 1);
}

uint64_t model_random(struct model *model)
{
	return mix64(model->random++);
}

void model_ceilings(const struct model *model, double ret[static 7])
{
	for (unsigned int i = 0; i < 7; i++)
		ret[i] = (double)model_is(model, HEALTHY_LINK) * (1 << i) / ((1 << i) + HEADER_BYTES);
}

/* ---- the link ---- */

/* A packet with gaps travels as one for each 8 aligned bytes that it touches; without, as one. */
static uint64_t wire_bytes(const struct packet *packet)
{
	const uint64_t *on = packet->on;
	unsigned int first, last, n, eights = 0;

	if (packet_is_empty(packet))
		return 0;
	first = (unsigned int)(on[0] ? __builtin_ctzll(on[0]) : 64 + __builtin_ctzll(on[1]));
	last = (unsigned int)(on[1] ? 127 - __builtin_clzll(on[1]) : 63 - __builtin_clzll(on[0]));
	n = (unsigned int)(__builtin_popcountll(on[0]) + __builtin_popcountll(on[1]));
	if (last - first + 1 == n)
		return HEADER_BYTES + (last / 4 - first / 4 + 1) * 4;
	for (unsigned int i = 0; i < MODEL_LINE_MAX; i += 8)
		eights += (on[i / 64] >> (i % 64) & 0xff) != 0;
	return eights * (uint64_t)(HEADER_BYTES + 8);
}

static void occupy(struct model *model, uint64_t bytes, bool is_wc)
{
	uint64_t ps = bytes * 1000000 / model_is(model, HEALTHY_LINK);

	if (model->link_free_ps < model->now_ps)
		model->link_free_ps = model->now_ps;
	/* Uncached stores go one by one, with a pause between them. */
	model->link_free_ps += is_wc ? ps : ps + ps / 8;
	model->now_ps = model->link_free_ps;
	/* 1000 s: a test that waits for something that does not come. */
	if (model->now_ps > (uint64_t)1000000000000000)
		model_die(model, "ran past its deadline");
}

void bus_wait(struct model *model, uint64_t factor)
{
	occupy(model, HEADER_BYTES, true);
	model->now_ps += model_is(model, HEALTHY_READ) * 1000 * factor;
}

void bus_send(struct model *model, struct packet *packet)
{
	const struct fault_info *info = model->fault.info;

	occupy(model, wire_bytes(packet), packet->is_wc);
	if (info && info->packet && !info->packet(model, packet))
		return;
	bus_arrive(model, packet);
}

void bus_send_access(struct model *model, const struct access *piece)
{
	struct packet packet = { .address = piece->address, .size = piece->n, .is_wc = piece->is_wc,
		                 .widths = piece->width, .on = { piece->on } };

	memcpy(packet.bytes, piece->bytes, piece->n);
	bus_send(model, &packet);
}

/* ---- the memory ---- */

void bus_put(struct model *model, uint64_t address, uint8_t byte)
{
	if (address >= model->size_bytes)
		model->strays++;
	address += MODEL_MARGIN;
	if (address < MODEL_MARGIN + model->size_bytes + MODEL_MARGIN)
		model->memory[address] = byte;
}

uint8_t bus_get(const struct model *model, uint64_t address)
{
	address += MODEL_MARGIN;
	return address < MODEL_MARGIN + model->size_bytes + MODEL_MARGIN ? model->memory[address] : 0xff;
}

void bus_arrive(struct model *model, const struct packet *packet)
{
	for (unsigned int word = 0; word < 2; word++)
		for (uint64_t on = packet->on[word]; on; on &= on - 1) {
			unsigned int i = 64 * word + (unsigned int)__builtin_ctzll(on);

			bus_put(model, packet->address + i, packet->bytes[i]);
		}
}
