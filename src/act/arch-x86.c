/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch-x86: stores, loads and barriers of x86-64. SDM: Intel's Software Developer's Manual; APM: AMD's programmer's. */
#include "act/arch.h"

#ifdef __x86_64__

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

uint64_t arch_load64(const void *at)
{
	uint64_t value;

	asm volatile("movq (%1), %q0" : "=r"(value) : "r"(at) : "memory");
	return value;
}

void arch_store_line(void *at, const uint64_t words[static 8], unsigned int width)
{
	/* All loads come first, for a load may empty a write-combining buffer (APM volume 2, "Write-Combining"). */
	if (width == 16)
		asm volatile("movups (%1), %%xmm0\n\tmovups 16(%1), %%xmm1\n\t"
		             "movups 32(%1), %%xmm2\n\tmovups 48(%1), %%xmm3\n\t"
		             "movaps %%xmm0, (%0)\n\tmovaps %%xmm1, 16(%0)\n\t"
		             "movaps %%xmm2, 32(%0)\n\tmovaps %%xmm3, 48(%0)"
		             : : "r"(at), "r"(words) : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
	else
		asm volatile("movq %1, (%0)\n\tmovq %2, 8(%0)\n\tmovq %3, 16(%0)\n\tmovq %4, 24(%0)\n\t"
		             "movq %5, 32(%0)\n\tmovq %6, 40(%0)\n\tmovq %7, 48(%0)\n\tmovq %8, 56(%0)"
		             : : "r"(at), "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]), "r"(words[4]),
		                 "r"(words[5]), "r"(words[6]), "r"(words[7]) : "memory");
}

/* The operands of both kinds of sequence: a word of the line's bytes in each of eight registers. */
#define WORDS [w0] "+r"(w0), [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3), \
	      [w4] "+r"(w4), [w5] "+r"(w5), [w6] "+r"(w6), [w7] "+r"(w7)
#define LOAD_WORDS                                                                                     \
	uint64_t w0 = words[0], w1 = words[1], w2 = words[2], w3 = words[3], w4 = words[4], w5 = words[5], \
		 w6 = words[6], w7 = words[7]
#define EACH_BYTE(X, mask, g) X(mask, g, 0) X(mask, g, 1) X(mask, g, 2) X(mask, g, 3) \
			      X(mask, g, 4) X(mask, g, 5) X(mask, g, 6) X(mask, g, 7)
#define EACH_GROUP(X, mask) EACH_BYTE(X, mask, 0) EACH_BYTE(X, mask, 1) EACH_BYTE(X, mask, 2) EACH_BYTE(X, mask, 3) \
			    EACH_BYTE(X, mask, 4) EACH_BYTE(X, mask, 5) EACH_BYTE(X, mask, 6) EACH_BYTE(X, mask, 7)

/*
 * The assembler, not the CPU, decides which bytes are stored: a gap leaves no instruction but the shift. Not inlined:
 * a disassembly shows each sequence under its name.
 */
#define FIXED_BYTE(mask, g, b)                                            \
	".if (" #mask " >> (8 * " #g " + " #b ")) & 1\n\t"                \
	"movb %b[w" #g "], 8 * " #g " + " #b "(%[at])\n\t"                \
	".endif\n\t"                                                      \
	"shrq $8, %[w" #g "]\n\t"
#define FIXED(mask)                                                                                   \
	static __attribute__((noinline)) void store_##mask(void *at, const uint64_t words[static 8])  \
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

static __attribute__((noinline)) void store_any(void *at, uint64_t mask, const uint64_t words[static 8])
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

static void stream4(char *at, uint64_t value)
{
	asm volatile("movl %k1, (%0)\n\tmovl %k1, 4(%0)\n\tmovl %k1, 8(%0)\n\tmovl %k1, 12(%0)\n\t"
	             "movl %k1, 16(%0)\n\tmovl %k1, 20(%0)\n\tmovl %k1, 24(%0)\n\tmovl %k1, 28(%0)\n\t"
	             "movl %k1, 32(%0)\n\tmovl %k1, 36(%0)\n\tmovl %k1, 40(%0)\n\tmovl %k1, 44(%0)\n\t"
	             "movl %k1, 48(%0)\n\tmovl %k1, 52(%0)\n\tmovl %k1, 56(%0)\n\tmovl %k1, 60(%0)"
	             : : "r"(at), "r"(value) : "memory");
}

static void stream8(char *at, uint64_t value)
{
	asm volatile("movq %1, (%0)\n\tmovq %1, 8(%0)\n\tmovq %1, 16(%0)\n\tmovq %1, 24(%0)\n\t"
	             "movq %1, 32(%0)\n\tmovq %1, 40(%0)\n\tmovq %1, 48(%0)\n\tmovq %1, 56(%0)"
	             : : "r"(at), "r"(value) : "memory");
}

static void stream16(char *at, uint64_t value)
{
	asm volatile("movq %1, %%xmm0\n\tpunpcklqdq %%xmm0, %%xmm0\n\t"
	             "movaps %%xmm0, (%0)\n\tmovaps %%xmm0, 16(%0)\n\tmovaps %%xmm0, 32(%0)\n\tmovaps %%xmm0, 48(%0)"
	             : : "r"(at), "r"(value) : "xmm0", "memory");
}

void arch_stream(void *at, uint64_t size_bytes, unsigned int width, uint64_t value)
{
	char *end = (char *)at + size_bytes;

	if (width == 4)
		for (char *p = at; p < end; p += 64)
			stream4(p, value);
	else if (width == 8)
		for (char *p = at; p < end; p += 64)
			stream8(p, value);
	else
		for (char *p = at; p < end; p += 64)
			stream16(p, value);
}

#endif
