/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn: the instructions by which a CPU can store, a row each: what they are called, how much they store, what they need. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum insn_flags {
	INSN_MASKED = 1 << 0,  /* stores only those of its bytes whose mask bit is set, as one access */
	INSN_ALIGNED = 1 << 1, /* its address must be a multiple of its width */
	INSN_SCALAR = 1 << 2,  /* of one general register: a hypervisor that has to emulate it learns which (arm64: ISV) */
	INSN_DIRECT = 1 << 3,  /* leaves as a packet of its own whatever the memory type: says nothing of combining */
};

struct insn {
	const char *name;   /* the manual's mnemonic, with what tells it from its sisters: "movaps", "stp-q" */
	unsigned int width; /* bytes that one of it stores, 4 .. 64; a masked one: at most */
	unsigned int flags;

	/* What follows is the machine's: NULL in a port that is none. */
	bool (*is_there)(void); /* CPUID or HWCAP; NULL: every CPU of the architecture has it */
	/* One instruction: the first width bytes of words go to `at`. Masked: NULL. */
	void (*one)(void *at, const uint64_t words[static 8]);
	/* An aligned 64-byte line, ascending, by 64 / width of it, with nothing between them. Masked: NULL. */
	void (*line)(void *at, const uint64_t words[static 8]);
	/* value (of 4-byte ones: its low half) over and over, ascending, over size bytes, a multiple of 64. Masked: NULL. */
	void (*stream)(void *at, uint64_t size_bytes, uint64_t value);
	/* The bytes of an aligned 64-byte line whose mask bit is set (bit i: byte i), ascending. Not masked: NULL. */
	void (*mask)(void *at, uint64_t mask, const uint64_t words[static 8]);
};

static inline bool insn_is_there(const struct insn *insn)
{
	return !insn->is_there || insn->is_there();
}

/* May it store whole words here: is it there, and could a hypervisor emulate it, if there is one? */
static inline bool insn_is_usable(const struct insn *insn, bool is_virtual)
{
	return !(insn->flags & INSN_MASKED) && (!is_virtual || insn->flags & INSN_SCALAR) && insn_is_there(insn);
}
