/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch-x86: stores, loads and barriers of x86-64. SDM: Intel's Software Developer's Manual; APM: AMD's programmer's. */
#include "act/arch.h"
#include "act/arch-line.h"

#ifdef ARCH_X86

const char *const arch_name = "x86_64";
const enum arch_proof arch_proof = ARCH_PROOF_LIST;

/* One MOV is one access of its width when it is naturally aligned: SDM volume 3A, "Guaranteed Atomic Operations". */

void arch_store8(void *at, uint8_t value)
{
	asm volatile("movb %b1, (%0)" : : "r"(at), "q"(value) : "memory");
}

void arch_store16(void *at, uint16_t value)
{
	asm volatile("movw %w1, (%0)" : : "r"(at), "r"(value) : "memory");
}

void arch_store32(void *at, uint32_t value)
{
	asm volatile("movl %k1, (%0)" : : "r"(at), "r"(value) : "memory");
}

void arch_store64(void *at, uint64_t value)
{
	asm volatile("movq %q1, (%0)" : : "r"(at), "r"(value) : "memory");
}

uint8_t arch_load8(const void *at)
{
	uint8_t value;

	asm volatile("movb (%1), %b0" : "=q"(value) : "r"(at) : "memory");
	return value;
}

uint16_t arch_load16(const void *at)
{
	uint16_t value;

	asm volatile("movw (%1), %w0" : "=r"(value) : "r"(at) : "memory");
	return value;
}

uint32_t arch_load32(const void *at)
{
	uint32_t value;

	asm volatile("movl (%1), %k0" : "=r"(value) : "r"(at) : "memory");
	return value;
}

uint64_t arch_load64(const void *at)
{
	uint64_t value;

	asm volatile("movq (%1), %q0" : "=r"(value) : "r"(at) : "memory");
	return value;
}

/* The assembler, not the CPU, decides which bytes are stored: a gap leaves no instruction but the shift. */
#define FIXED_BYTE(mask, g, b)                                            \
	".if (" #mask " >> (8 * " #g " + " #b ")) & 1\n\t"                \
	"movb %b[w" #g "], 8 * " #g " + " #b "(%[at])\n\t"                \
	".endif\n\t"                                                      \
	"shrq $8, %[w" #g "]\n\t"
#define FIXED(mask)                                                                                   \
	SEQUENCE void store_##mask(void *at, const uint64_t words[static 8])                          \
	{                                                                                             \
		LOAD_WORDS;                                                                           \
		asm volatile(EACH_GROUP(FIXED_BYTE, mask) : WORDS : [at] "r"(at) : "cc", "memory");   \
	}
ARCH_FIXED_MASKS(FIXED)

/* SHR moves the next mask bit into the carry flag; neither CMOVC nor INC touches it (SDM volume 2). */
#define ANY_BYTE(mask, g, b)                       \
	"shrq $1, %[m]\n\t"                        \
	"cmovcq %[at], %[to]\n\t"                  \
	"cmovcq %[w" #g "], %[value]\n\t"          \
	"movb %b[value], (%[to])\n\t"              \
	"incq %[at]\n\t"                           \
	"shrq $8, %[w" #g "]\n\t"

SEQUENCE void store_any(void *at, uint64_t mask, const uint64_t words[static 8])
{
	unsigned int first = (unsigned int)__builtin_ctzll(mask);
	void *to = (char *)at + first;
	uint64_t value = words[first / 8] >> (first % 8 * 8);

	LOAD_WORDS;
	asm volatile(EACH_GROUP(ANY_BYTE, 0)
	             : WORDS, [at] "+r"(at), [m] "+r"(mask), [to] "+r"(to), [value] "+r"(value) : : "cc", "memory");
}

void arch_store_mask(void *at, uint64_t mask, const uint64_t words[static 8])
{
#define CASE(fixed) case fixed: store_##fixed(at, words); return;
	switch (mask) {
	ARCH_FIXED_MASKS(CASE)
	default: store_any(at, mask, words);
	}
}

/* SDM volume 3A, "Buffering of Write Combining Memory Locations": SFENCE evicts the buffers. */
void arch_fence(void)
{
	asm volatile("sfence" : : : "memory");
}

void arch_complete(const void *at)
{
	uint64_t sink;

	/*
	 * A read of WC memory is weakly ordered: MFENCE keeps it behind the stores, and LFENCE returns when it has its
	 * answer; on the way to the device a read request does not pass posted writes (PCIe 6.0, 2.4.1).
	 */
	asm volatile("sfence\n\tmfence\n\tmovq (%1), %0\n\tlfence" : "=r"(sink) : "r"(at) : "memory");
}

/* SDM volume 2, "LFENCE": no later instruction begins before all earlier ones are done. */
void arch_acquire(void)
{
	asm volatile("lfence" : : : "memory");
}

void arch_relax(void)
{
	asm volatile("pause" : : : "memory");
}

#endif
