/* SPDX-License-Identifier: GPL-2.0-or-later */
/* access: one store or load of a CPU: what the CPU makes of its width and alignment before it reaches buffers or link. */
#include <string.h>

#include "sim/fault.h"

/* Where pieces end at the latest: a store never crosses a line or what the CPU takes as one piece. */
static uint64_t piece_end(const struct model *model, const struct access *access, uint64_t at)
{
	uint64_t unit = access->is_wc ? model_is(model, HEALTHY_LINE) : 64;
	uint64_t end = (at | (unit - 1)) + 1, whole = access->address + access->n;

	/* A wide store that is cut is cut in aligned pieces; one within the width is not, whatever its alignment. */
	if (!access->is_direct && access->n > model_is(model, HEALTHY_CRACK)) {
		uint64_t cut = (at | (model_is(model, HEALTHY_CRACK) - 1)) + 1;

		end = cut < end ? cut : end;
	}
	return end < whole ? end : whole;
}

static void send_piece(struct model *model, const struct access *piece)
{
	if (piece->is_wc) {
		wc_store(model, piece);
		return;
	}
	bus_send_access(model, piece);
}

void access_cut(struct model *model, const struct access *access)
{
	uint64_t end;

	/* Most are one piece. */
	if (access->on && piece_end(model, access, access->address) == access->address + access->n) {
		send_piece(model, access);
		return;
	}
	for (uint64_t at = access->address; at != access->address + access->n; at = end) {
		struct access piece = *access;
		unsigned int from = (unsigned int)(at - access->address);

		end = piece_end(model, access, at);
		piece.address = at;
		piece.n = (unsigned int)(end - at);
		piece.on = access->on >> from;
		if (piece.n < 64)
			piece.on &= ((uint64_t)1 << piece.n) - 1;
		memmove(piece.bytes, access->bytes + from, piece.n);
		if (piece.on)
			send_piece(model, &piece);
	}
}

#define STORE_PS 500

void access_store(struct model *model, struct access *access)
{
	const struct fault_info *info = model->fault.info;

	if (model->kind == WINDOW_READ) {
		model->outside++;
		return;
	}
	model->now_ps += STORE_PS;
	if (info && info->access && !info->access(model, access))
		return;
	access_cut(model, access);
}

/* What the CPU's own buffers hold of it, as the memory type promises. */
static void snoop(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes)
{
	uint64_t line = model_is(model, HEALTHY_LINE);

	for (unsigned int i = 0; i < n; i++) {
		const struct buffer *buffer = wc_find(model, cpu, address + i);
		unsigned int at = (address + i) % line;

		if (buffer && buffer->on[at / 64] >> (at % 64) & 1)
			bytes[i] = buffer->bytes[at];
	}
}

static void flush_for(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n)
{
	struct buffer *buffer;

	if (model_is(model, HEALTHY_LOAD) == LOAD_FLUSH_ALL)
		wc_flush(model, cpu);
	if (model_is(model, HEALTHY_LOAD) != LOAD_FLUSH_LINE)
		return;
	for (unsigned int i = 0; i < n; i++) {
		buffer = wc_find(model, cpu, address + i);
		if (buffer)
			wc_evict(model, buffer);
	}
}

void access_load(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *ret)
{
	const struct fault_info *info = model->fault.info;

	if (model->kind == WINDOW_WC)
		flush_for(model, cpu, address, n);
	bus_wait(model, 1);
	for (unsigned int i = 0; i < n; i++)
		ret[i] = bus_get(model, address + i);
	if (info && info->load)
		info->load(model, cpu, address, n, ret);
	if (model->kind == WINDOW_WC)
		snoop(model, cpu, address, n, ret);
}
