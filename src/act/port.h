/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port: all that a microtest can do to the memory it tests. Offsets are in bytes from the start of the range. The
 * machine's own port is below; another may stand for a bus with a defect, and the microtests cannot tell.
 */
#pragma once

#include <stdint.h>

#include "act/insn.h"
#include "act/window.h"

struct peer;

/* How an access ended that may fault. */
struct port_fault {
	int signal; /* 0: it did not */
	int code;   /* si_code */
	uint64_t offset; /* si_addr; UINT64_MAX: outside the range */
};

/* The same transfer over and over, each a fence behind the other. */
struct transfer {
	uint64_t size_bytes;  /* of one: a multiple of 64 * streams */
	uint64_t span_bytes;  /* of the range: each begins where the one before ended; at 0 again when it does not fit */
	unsigned int streams; /* it is stored as so many equal parts, 64 bytes of each in turn */
	uint64_t n;
};

struct port_ops {
	/* Drops the mapping and makes one of this kind: 0 or a negative errno (window_map). */
	int (*remap)(void *state, enum window_kind kind);

	/* One store, or load, of exactly 1, 2, 4 or 8 bytes. Stores may be unaligned where the memory takes that. */
	void (*store)(void *state, uint64_t offset, unsigned int width, uint64_t value);
	uint64_t (*load)(void *state, uint64_t offset, unsigned int width);
	/* The same store, drained; the fault, if it takes one, is caught. */
	void (*try_store)(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret);

	/* By one of the port's insns: one of it, a whole aligned line, or value over and over (struct insn). */
	void (*store_one)(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8]);
	void (*store_line)(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8]);
	void (*stream)(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value);
	/* All of these; a fence is arch's. NULL: the port has only stream and fence, of which they can be made. */
	void (*transfer)(void *state, const struct insn *insn, const struct transfer *transfer);
	/* The masked bytes of an aligned line in one straight-line sequence of byte stores (insn NULL), or by a masked insn. */
	void (*store_mask)(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
	                   const uint64_t words[static 8]);

	/* The C library's own memset and memcpy, with all that they make of their arguments. */
	void (*fill)(void *state, uint64_t offset, uint64_t size_bytes, uint8_t value);
	void (*copy)(void *state, uint64_t offset, uint64_t size_bytes, const void *from);

	/* By another CPU, through a mapping of the same type; the store is completed. Only where has_peer. */
	uint64_t (*peer_load)(void *state, uint64_t offset);
	void (*peer_store)(void *state, uint64_t offset, uint64_t value);

	/* Stores before it leave before those behind it. */
	void (*fence)(void *state);
	/* Returns when all stores have arrived. */
	void (*drain)(void *state);

	uint64_t (*now_ns)(void *state);
};

struct port {
	const struct port_ops *ops;
	void *state;
	const struct insn *insns; /* all of the architecture: insn_is_there() says whether this CPU has one */
	unsigned int n_insns;
	bool has_peer;            /* there is a second CPU */
};

static inline uint64_t port_load(const struct port *port, uint64_t offset, unsigned int width)
{
	return port->ops->load(port->state, offset, width);
}

static inline void port_store(const struct port *port, uint64_t offset, unsigned int width, uint64_t value)
{
	port->ops->store(port->state, offset, width, value);
}

/* Where the transfer behind the one at `at` begins. */
static inline uint64_t transfer_next(const struct transfer *transfer, uint64_t at)
{
	at += transfer->size_bytes;
	return transfer->span_bytes - at < transfer->size_bytes ? 0 : at;
}

/*
 * The transfers of one port, in their order: stream and fence are what its operations come to. Inline, so that a port
 * which knows both at compile time has nothing between them on the clock.
 */
static inline void transfer_walk(void *state, const struct insn *insn, const struct transfer *transfer,
                                 void (*stream)(void *state, const struct insn *insn, uint64_t offset,
                                                uint64_t size_bytes, uint64_t value),
                                 void (*fence)(void *state))
{
	uint64_t part = transfer->size_bytes / transfer->streams, at = 0;

	for (uint64_t i = 0; i < transfer->n; i++) {
		if (transfer->streams == 1)
			stream(state, insn, at, transfer->size_bytes, i);
		else
			for (uint64_t line = 0; line < part; line += 64)
				for (unsigned int s = 0; s < transfer->streams; s++)
					stream(state, insn, at + s * part + line, 64, i);
		fence(state);
		at = transfer_next(transfer, at);
	}
}

/* ---- the machine's ---- */

struct machine {
	struct window window;
	struct peer *peer; /* borrowed; NULL: there is no second CPU */
	bool is_catching;  /* try_store's signals, since the present mapping was made */
};

/*
 * Borrows the machine, whose window is described but not mapped. One at a time may use try_store: its first call after
 * a remap sets the handlers of SIGBUS and SIGSEGV, which stay; a fault of anything else goes to the ones before.
 */
struct port port_machine(struct machine *machine);
