/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch-arm64: stores, loads and barriers of arm64; titles are those of the Arm ARM (DDI 0487). No access here writes
 * its address register back: only then has a hypervisor that emulates it a syndrome that it can use (ESR_EL2.ISV).
 */
#include "act/arch.h"
#include "act/arch-line.h"

#ifdef ARCH_ARM64

const char *const arch_name = "aarch64";
const enum arch_proof arch_proof = ARCH_PROOF_FAULT;

/* A naturally aligned access by one register is one access: "Requirements for single-copy atomicity". */

void arch_store8(void *at, uint8_t value)
{
	asm volatile("strb %w1, [%0]" : : "r"(at), "r"(value) : "memory");
}

void arch_store16(void *at, uint16_t value)
{
	asm volatile("strh %w1, [%0]" : : "r"(at), "r"(value) : "memory");
}

void arch_store32(void *at, uint32_t value)
{
	asm volatile("str %w1, [%0]" : : "r"(at), "r"(value) : "memory");
}

void arch_store64(void *at, uint64_t value)
{
	asm volatile("str %x1, [%0]" : : "r"(at), "r"(value) : "memory");
}

uint8_t arch_load8(const void *at)
{
	uint32_t value;

	asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
	return (uint8_t)value;
}

uint16_t arch_load16(const void *at)
{
	uint32_t value;

	asm volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
	return (uint16_t)value;
}

uint32_t arch_load32(const void *at)
{
	uint32_t value;

	asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
	return value;
}

uint64_t arch_load64(const void *at)
{
	uint64_t value;

	asm volatile("ldr %x0, [%1]" : "=r"(value) : "r"(at) : "memory");
	return value;
}

/* The assembler, not the CPU, decides which bytes are stored: a gap leaves no instruction but the shift. */
#define FIXED_BYTE(mask, g, b)                                            \
	".if (" #mask " >> (8 * " #g " + " #b ")) & 1\n\t"                \
	"strb %w[w" #g "], [%[at], #(8 * " #g " + " #b ")]\n\t"           \
	".endif\n\t"                                                      \
	"lsr %[w" #g "], %[w" #g "], #8\n\t"
#define FIXED(mask)                                                                                   \
	SEQUENCE void store_##mask(void *at, const uint64_t words[static 8])                          \
	{                                                                                             \
		LOAD_WORDS;                                                                           \
		asm volatile(EACH_GROUP(FIXED_BYTE, mask) : WORDS : [at] "r"(at) : "memory");         \
	}
ARCH_FIXED_MASKS(FIXED)

#define ANY_BYTE(mask, g, b)                              \
	"tst %[m], #1\n\t"                                \
	"csel %[to], %[at], %[to], ne\n\t"                \
	"csel %[value], %[w" #g "], %[value], ne\n\t"     \
	"strb %w[value], [%[to]]\n\t"                     \
	"add %[at], %[at], #1\n\t"                        \
	"lsr %[m], %[m], #1\n\t"                          \
	"lsr %[w" #g "], %[w" #g "], #8\n\t"

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

/*
 * "Data Synchronization Barrier (DSB)": a DMB would keep the order of the stores, but let them wait in the buffer where
 * they gather; the DSB completes when they have, and so sends them off. OSH reaches all that is tested here, for Normal
 * Non-cacheable and Device memory are always Outer Shareable ("Shareable Normal memory", "Device memory").
 */
void arch_fence(void)
{
	asm volatile("dsb oshst" : : : "memory");
}

void arch_complete(const void *at)
{
	uint64_t sink;

	/*
	 * SY, for both must hold a load back, which ST does not.
	 * Normal-NC and Device-nGnRE stores may be acknowledged on the way (E, "Early Write Acknowledgement"). The
	 * second DSB waits for the answer to a read, and a read request does not pass posted writes (PCIe 6.0, 2.4.1).
	 */
	asm volatile("dsb sy\n\tldr %0, [%1]\n\tdsb sy" : "=r"(sink) : "r"(at) : "memory");
}

/* "Data Memory Barrier (DMB)" */
void arch_acquire(void)
{
	asm volatile("dmb oshld" : : : "memory");
}

void arch_relax(void)
{
	asm volatile("yield" : : : "memory");
}

#endif
