/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch-arm64: stores, loads and barriers of arm64; titles are those of the Arm ARM (DDI 0487). No access here writes
 * its address register back: only then has a hypervisor that emulates it a syndrome that it can use (ESR_EL2.ISV).
 */
#include "act/arch.h"

#if defined(__aarch64__) && !defined(__AARCH64EB__)

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
	"strb %w[w" #g "], [%[at], #(8 * " #g " + " #b ")]\n\t"           \
	".endif\n\t"                                                      \
	"lsr %[w" #g "], %[w" #g "], #8\n\t"
#define FIXED(mask)                                                                                   \
	static __attribute__((noinline)) void store_##mask(void *at, const uint64_t words[static 8])  \
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

/* "Data Synchronization Barrier (DSB)": it completes when the stores before it have; gathered ones are sent off. */
void arch_fence(void)
{
	asm volatile("dsb st" : : : "memory");
}

void arch_complete(const void *at)
{
	uint64_t sink;

	/*
	 * Normal-NC and Device-nGnRE stores may be acknowledged on the way (E, "Early Write Acknowledgement"). The
	 * second DSB waits for the answer to a read, and a read request does not pass posted writes (PCIe 6.0, 2.4.1).
	 */
	asm volatile("dsb sy\n\tldr %0, [%1]\n\tdsb sy" : "=r"(sink) : "r"(at) : "memory");
}

/* ---- the instructions ---- */

/* A loop over the lines of `at`: the only branch is between lines. */
#define STREAM(suffix)                                                               \
	static void stream_##suffix(void *at, uint64_t size_bytes, uint64_t value)   \
	{                                                                            \
		for (char *p = at, *end = p + size_bytes; p < end; p += 64)          \
			repeat_##suffix(p, value);                                   \
	}

static void one_str32(void *at, const uint64_t words[static 8])
{
	arch_store32(at, (uint32_t)words[0]);
}

static void line_str32(void *at, const uint64_t words[static 8])
{
	LOAD_WORDS;
#define TWO(g) "str %w[w" #g "], [%[at], #(8 * " #g ")]\n\tlsr %[w" #g "], %[w" #g "], #32\n\t" \
	       "str %w[w" #g "], [%[at], #(8 * " #g " + 4)]\n\t"
	asm volatile(TWO(0) TWO(1) TWO(2) TWO(3) TWO(4) TWO(5) TWO(6) TWO(7) : WORDS : [at] "r"(at) : "memory");
}

static void repeat_str32(char *at, uint64_t value)
{
	asm volatile("str %w1, [%0]\n\tstr %w1, [%0, #4]\n\tstr %w1, [%0, #8]\n\tstr %w1, [%0, #12]\n\t"
	             "str %w1, [%0, #16]\n\tstr %w1, [%0, #20]\n\tstr %w1, [%0, #24]\n\tstr %w1, [%0, #28]\n\t"
	             "str %w1, [%0, #32]\n\tstr %w1, [%0, #36]\n\tstr %w1, [%0, #40]\n\tstr %w1, [%0, #44]\n\t"
	             "str %w1, [%0, #48]\n\tstr %w1, [%0, #52]\n\tstr %w1, [%0, #56]\n\tstr %w1, [%0, #60]"
	             : : "r"(at), "r"(value) : "memory");
}
STREAM(str32)

static void one_str64(void *at, const uint64_t words[static 8])
{
	arch_store64(at, words[0]);
}

static void line_str64(void *at, const uint64_t words[static 8])
{
	asm volatile("str %1, [%0]\n\tstr %2, [%0, #8]\n\tstr %3, [%0, #16]\n\tstr %4, [%0, #24]\n\t"
	             "str %5, [%0, #32]\n\tstr %6, [%0, #40]\n\tstr %7, [%0, #48]\n\tstr %8, [%0, #56]"
	             : : "r"(at), "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]), "r"(words[4]),
	                 "r"(words[5]), "r"(words[6]), "r"(words[7]) : "memory");
}

static void repeat_str64(char *at, uint64_t value)
{
	asm volatile("str %1, [%0]\n\tstr %1, [%0, #8]\n\tstr %1, [%0, #16]\n\tstr %1, [%0, #24]\n\t"
	             "str %1, [%0, #32]\n\tstr %1, [%0, #40]\n\tstr %1, [%0, #48]\n\tstr %1, [%0, #56]"
	             : : "r"(at), "r"(value) : "memory");
}
STREAM(str64)

static void one_strq(void *at, const uint64_t words[static 8])
{
	asm volatile("ldr q0, [%1]\n\tstr q0, [%0]" : : "r"(at), "r"(words) : "v0", "memory");
}

static void line_strq(void *at, const uint64_t words[static 8])
{
	asm volatile("ldp q0, q1, [%1]\n\tldp q2, q3, [%1, #32]\n\t"
	             "str q0, [%0]\n\tstr q1, [%0, #16]\n\tstr q2, [%0, #32]\n\tstr q3, [%0, #48]"
	             : : "r"(at), "r"(words) : "v0", "v1", "v2", "v3", "memory");
}

static void repeat_strq(char *at, uint64_t value)
{
	asm volatile("dup v0.2d, %1\n\tstr q0, [%0]\n\tstr q0, [%0, #16]\n\tstr q0, [%0, #32]\n\tstr q0, [%0, #48]"
	             : : "r"(at), "r"(value) : "v0", "memory");
}
STREAM(strq)

#define ROW(label, bytes, flag_bits, suffix)                                                               \
	{ .name = label, .width = bytes, .flags = flag_bits, .one = one_##suffix, .line = line_##suffix, \
	  .stream = stream_##suffix }
const struct insn arch_insns[] = {
	ROW("str-w", 4, INSN_SCALAR, str32),
	ROW("str-x", 8, INSN_SCALAR, str64),
	ROW("str-q", 16, 0, strq),
};
const unsigned int arch_n_insns = sizeof(arch_insns) / sizeof(arch_insns[0]);

#endif
