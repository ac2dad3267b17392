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

/* ---- the instructions ---- */

/* A loop over the lines of `at`: the only branch is between lines. */
#define STREAM(suffix)                                                               \
	static void stream_##suffix(void *at, uint64_t size_bytes, uint64_t value)   \
	{                                                                            \
		for (char *p = at, *end = p + size_bytes; p < end; p += 64)          \
			repeat_##suffix(p, value);                                   \
	}

static void one_mov32(void *at, const uint64_t words[static 8])
{
	arch_store32(at, (uint32_t)words[0]);
}

static void line_mov32(void *at, const uint64_t words[static 8])
{
	LOAD_WORDS;
#define TWO(g) "movl %k[w" #g "], 8 * " #g "(%[at])\n\tshrq $32, %[w" #g "]\n\tmovl %k[w" #g "], 8 * " #g " + 4(%[at])\n\t"
	asm volatile(TWO(0) TWO(1) TWO(2) TWO(3) TWO(4) TWO(5) TWO(6) TWO(7) : WORDS : [at] "r"(at) : "cc", "memory");
}

static void repeat_mov32(char *at, uint64_t value)
{
	asm volatile("movl %k1, (%0)\n\tmovl %k1, 4(%0)\n\tmovl %k1, 8(%0)\n\tmovl %k1, 12(%0)\n\t"
	             "movl %k1, 16(%0)\n\tmovl %k1, 20(%0)\n\tmovl %k1, 24(%0)\n\tmovl %k1, 28(%0)\n\t"
	             "movl %k1, 32(%0)\n\tmovl %k1, 36(%0)\n\tmovl %k1, 40(%0)\n\tmovl %k1, 44(%0)\n\t"
	             "movl %k1, 48(%0)\n\tmovl %k1, 52(%0)\n\tmovl %k1, 56(%0)\n\tmovl %k1, 60(%0)"
	             : : "r"(at), "r"(value) : "memory");
}
STREAM(mov32)

static void one_mov64(void *at, const uint64_t words[static 8])
{
	arch_store64(at, words[0]);
}

static void line_mov64(void *at, const uint64_t words[static 8])
{
	asm volatile("movq %1, (%0)\n\tmovq %2, 8(%0)\n\tmovq %3, 16(%0)\n\tmovq %4, 24(%0)\n\t"
	             "movq %5, 32(%0)\n\tmovq %6, 40(%0)\n\tmovq %7, 48(%0)\n\tmovq %8, 56(%0)"
	             : : "r"(at), "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]), "r"(words[4]),
	                 "r"(words[5]), "r"(words[6]), "r"(words[7]) : "memory");
}

static void repeat_mov64(char *at, uint64_t value)
{
	asm volatile("movq %1, (%0)\n\tmovq %1, 8(%0)\n\tmovq %1, 16(%0)\n\tmovq %1, 24(%0)\n\t"
	             "movq %1, 32(%0)\n\tmovq %1, 40(%0)\n\tmovq %1, 48(%0)\n\tmovq %1, 56(%0)"
	             : : "r"(at), "r"(value) : "memory");
}
STREAM(mov64)

static void one_movups(void *at, const uint64_t words[static 8])
{
	asm volatile("movups (%1), %%xmm0\n\tmovups %%xmm0, (%0)" : : "r"(at), "r"(words) : "xmm0", "memory");
}

/* All loads come first, for a load may empty a write-combining buffer (APM volume 2, "Write-Combining"). */
static void line_movups(void *at, const uint64_t words[static 8])
{
	asm volatile("movups (%1), %%xmm0\n\tmovups 16(%1), %%xmm1\n\t"
	             "movups 32(%1), %%xmm2\n\tmovups 48(%1), %%xmm3\n\t"
	             "movups %%xmm0, (%0)\n\tmovups %%xmm1, 16(%0)\n\t"
	             "movups %%xmm2, 32(%0)\n\tmovups %%xmm3, 48(%0)"
	             : : "r"(at), "r"(words) : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
}

static void repeat_movups(char *at, uint64_t value)
{
	asm volatile("movq %1, %%xmm0\n\tpunpcklqdq %%xmm0, %%xmm0\n\t"
	             "movups %%xmm0, (%0)\n\tmovups %%xmm0, 16(%0)\n\tmovups %%xmm0, 32(%0)\n\tmovups %%xmm0, 48(%0)"
	             : : "r"(at), "r"(value) : "xmm0", "memory");
}
STREAM(movups)

#define ROW(label, bytes, flag_bits, suffix)                                                               \
	{ .name = label, .width = bytes, .flags = flag_bits, .one = one_##suffix, .line = line_##suffix, \
	  .stream = stream_##suffix }
const struct insn arch_insns[] = {
	ROW("mov-32", 4, INSN_SCALAR, mov32),
	ROW("mov-64", 8, INSN_SCALAR, mov64),
	ROW("movups", 16, 0, movups),
};
const unsigned int arch_n_insns = sizeof(arch_insns) / sizeof(arch_insns[0]);

#endif
