/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port: all that a microtest can do to the memory it tests. Offsets are in bytes from the start of the range. The
 * machine's own port is below; another may stand for a bus with a defect, and the microtests cannot tell.
 */
#pragma once

#include <stdint.h>

#include "act/window.h"

/* How an access ended that may fault. */
struct port_fault {
	int signal; /* 0: it did not */
	int code;   /* si_code */
	uint64_t offset; /* si_addr; UINT64_MAX: outside the range */
};

struct port_ops {
	/* Drops the mapping and makes one of this kind: 0 or a negative errno (window_map). */
	int (*remap)(void *state, enum window_kind kind);

	/* One store, or load, of exactly this width. 16-bit stores may be unaligned, all others are aligned. */
	void (*store8)(void *state, uint64_t offset, uint8_t value);
	void (*store16)(void *state, uint64_t offset, uint16_t value);
	void (*store64)(void *state, uint64_t offset, uint64_t value);
	uint8_t (*load8)(void *state, uint64_t offset);
	uint64_t (*load64)(void *state, uint64_t offset);

	/* An aligned 64-byte line by the widest ordinary stores; or its masked bytes in one straight-line sequence. */
	void (*store_line)(void *state, uint64_t offset, const uint64_t words[static 8]);
	void (*store_mask)(void *state, uint64_t offset, uint64_t mask, const uint64_t words[static 8]);
	/* value over and over, by stores of width bytes (4), or of the widest ordinary ones (64). */
	void (*stream)(void *state, uint64_t offset, uint64_t size_bytes, unsigned int width, uint64_t value);

	/* An unaligned 8-byte store, drained; the fault, if it takes one, is caught. */
	void (*store_unaligned)(void *state, uint64_t offset, uint64_t value, struct port_fault *ret);

	/* Stores before it leave before those behind it. */
	void (*fence)(void *state);
	/* Returns when all stores have arrived. */
	void (*drain)(void *state);

	uint64_t (*now_ns)(void *state);
};

struct port {
	const struct port_ops *ops;
	void *state;
};

/* ---- the machine's ---- */

struct machine {
	struct window window;
	unsigned int width; /* of the widest stores: 16; 8 where a hypervisor may have to emulate them */
};

/* Borrows the machine, whose window is described but not mapped. */
struct port port_machine(struct machine *machine);
