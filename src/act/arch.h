/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch: the stores, loads and barriers of one architecture, each exactly as wide as its name says. They are inline
 * assembly so that no compiler merges or splits them, moves them over a barrier, or makes a memcpy of a loop of them:
 * which bytes leave the CPU together is what is being tested. Nothing here checks bounds; port-machine does.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "act/insn.h"

/* Whose files are built: exactly one. -DARCH_NONE is for the test of what an unknown architecture gets. */
#if defined(ARCH_NONE)
#elif defined(__x86_64__)
#define ARCH_X86
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define ARCH_ARM64
#else
#define ARCH_NONE
#endif

/* NULL: an architecture whose stores and barriers are not known here; nothing may be touched on it. */
extern const char *const arch_name;

/* What proves the memory type of a mapping. */
enum arch_proof {
	ARCH_PROOF_NONE,
	ARCH_PROOF_LIST,  /* the kernel's list of memory types (x86: PAT) */
	ARCH_PROOF_FAULT, /* an unaligned store faults on Device memory (arm64) */
};
extern const enum arch_proof arch_proof;

/* One access of exactly this width. Stores may be unaligned on WC memory. */
void arch_store8(void *at, uint8_t value);
void arch_store16(void *at, uint16_t value);
void arch_store32(void *at, uint32_t value);
void arch_store64(void *at, uint64_t value);
uint8_t arch_load8(const void *at);
uint16_t arch_load16(const void *at);
uint32_t arch_load32(const void *at);
uint64_t arch_load64(const void *at);

/*
 * Every store instruction of the architecture: scalar ones first, the usual one of a width before its sisters. All that
 * a row stores is loaded into registers before its first store, for a load may empty a write-combining buffer; between
 * two stores of a line or a mask there is at most an instruction on registers, and in a stream also its loop's branch.
 * tests/disassembly holds every build to it.
 */
extern const struct insn arch_insns[];
extern const unsigned int arch_n_insns;

/*
 * The bytes of an aligned 64-byte line whose mask bit is set (bit i: byte i; mask is not 0), ascending, as one
 * straight-line sequence of byte stores: no branch, load or call stands between two of them.
 *  - A mask of ARCH_FIXED_MASKS has code of its own: it stores the set bytes and nothing else.
 *  - Any other mask takes a sequence of 64 byte stores in which a gap stores the set byte before it once more (at the
 *    head: the first set byte), by conditional moves. The bytes that reach the line, and their order, are the same.
 */
void arch_store_mask(void *at, uint64_t mask, const uint64_t words[static 8]);

/* X(mask): 64-bit literals, for they become parts of names. */
#define ARCH_FIXED_MASKS(X)                                                                       \
	X(0xffffffffffffffff) /* no gap: the control */                                           \
	X(0x5555555555555555) X(0xaaaaaaaaaaaaaaaa) /* every other byte */                        \
	X(0x3333333333333333) X(0xcccccccccccccccc) /* every other 2 */                           \
	X(0x0f0f0f0f0f0f0f0f) X(0xf0f0f0f0f0f0f0f0) /* every other dword */                       \
	X(0x00ff00ff00ff00ff) X(0xff00ff00ff00ff00) /* every other 8 */                           \
	X(0x0000ffff0000ffff) X(0xffff0000ffff0000) /* every other 16 */                          \
	X(0x00000000ffffffff) X(0xffffffff00000000) /* half a line */                             \
	X(0x8001800180018001) X(0x7ffe7ffe7ffe7ffe) /* the ends of each 16, and all but these */  \
	X(0x8000000000000001) X(0x7ffffffffffffffe) /* the same of the line */                    \
	X(0x1111111111111111) X(0x8888888888888888) /* one byte of each dword */                  \
	X(0x9999999999999999) X(0x6666666666666666) /* the ends of each dword, and its middle */

/* Stores before it are sent off before stores behind it; write-combining buffers are emptied. */
void arch_fence(void);
/* Returns when every store before it has arrived: a fence, and a read of `at` that the device must answer. */
void arch_complete(const void *at);
/* Loads before it have their values before a load behind it begins. */
void arch_acquire(void);
/* In a loop that waits for another CPU. */
void arch_relax(void);
