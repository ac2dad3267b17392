/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch-x86-insns: the store instructions of x86-64, which CPUs have them, and the sequences made of each. Titles are
 * those of the SDM (Intel's Software Developer's Manual), volume 2 where no other is named.
 */
#include "act/arch.h"
#include "act/arch-line.h"

#ifdef ARCH_X86

/* No other architecture's compiler has it. */
#include <cpuid.h>

/* ---- which of them this CPU has ---- */

enum feature {
	HAS_BEEN_ASKED = 1 << 0,
	HAS_AVX = 1 << 1,
	HAS_AVX512F = 1 << 2,
	HAS_AVX512BW = 1 << 3,
	HAS_MOVDIRI = 1 << 4,
	HAS_MOVDIR64B = 1 << 5,
};

/* State that the operating system saves, which an instruction needs beside the CPU: XCR0 ("XGETBV"). */
#define XCR0_AVX 0x06    /* SSE, AVX */
#define XCR0_AVX512 0xe6 /* and opmask, the upper halves of ZMM0 to ZMM15, ZMM16 to ZMM31 */

static uint32_t read_xcr0(void)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

/* "CPUID", table 3-8; volume 1, "Detection of Intel AVX Instructions" and "Detection of AVX-512 Foundation ...". */
static unsigned int find_features(void)
{
	uint32_t a, b, c, d, c1, xcr0 = 0;
	unsigned int found = HAS_BEEN_ASKED;

	if (!__get_cpuid(1, &a, &b, &c1, &d))
		return found;
	if (c1 & bit_OSXSAVE)
		xcr0 = read_xcr0();
	if (c1 & bit_AVX && (xcr0 & XCR0_AVX) == XCR0_AVX)
		found |= HAS_AVX;
	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return found;
	if (found & HAS_AVX && b & (1u << 16) && (xcr0 & XCR0_AVX512) == XCR0_AVX512)
		found |= HAS_AVX512F;
	if (found & HAS_AVX512F && b & (1u << 30))
		found |= HAS_AVX512BW;
	if (c & (1u << 27))
		found |= HAS_MOVDIRI;
	if (c & (1u << 28))
		found |= HAS_MOVDIR64B;
	return found;
}

static bool has(enum feature feature)
{
	/* Asked once: in a virtual machine CPUID is the hypervisor's answer, and takes its time. */
	static unsigned int found;

	if (!found)
		found = find_features();
	return found & feature;
}

static bool has_avx(void) { return has(HAS_AVX); }
static bool has_avx512f(void) { return has(HAS_AVX512F); }
static bool has_avx512bw(void) { return has(HAS_AVX512BW); }
static bool has_movdiri(void) { return has(HAS_MOVDIRI); }
static bool has_movdir64b(void) { return has(HAS_MOVDIR64B); }

/* ---- how they are written ---- */

/* Over the lines from `at` on; the only branch is between lines. */
#define LOOP(stores) "1:\n\t" stores "addq $64, %[at]\n\tcmpq %[end], %[at]\n\tjb 1b\n\t"
#define EACH(of, numbers, stores) ".irp " of "," numbers "\n\t" stores "\n\t.endr\n\t"
#define OFFSETS_4 "0,4,8,12,16,20,24,28,32,36,40,44,48,52,56,60"
#define OFFSETS_8 "0,8,16,24,32,40,48,56"
/* VZEROUPPER changes the upper halves of all of them, and so the compiler's, too. */
#define VECTORS "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
		"xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

/* A loop comes at least once to its end. */
#define STREAM(suffix, source, before, stores, after)                                                  \
	SEQUENCE void stream_##suffix(void *at, uint64_t size_bytes, uint64_t value)                   \
	{                                                                                              \
		const char *end = (char *)at + size_bytes;                                             \
                                                                                                       \
		if (size_bytes)                                                                        \
			asm volatile(before LOOP(stores) after                                         \
			             : [at] "+r"(at) : [end] "r"(end), source                          \
			             : "cc", "memory", VECTORS);                                       \
	}

/* Of one general register: half of a word, or all of it. The shift stays in its register. */
#define TWO(op, g) op " %k[w" #g "], 8 * " #g "(%[at])\n\tshrq $32, %[w" #g "]\n\t" \
		   op " %k[w" #g "], 8 * " #g " + 4(%[at])\n\t"
#define SCALAR_32(suffix, op)                                                                             \
	SEQUENCE void one_##suffix(void *at, const uint64_t words[static 8])                              \
	{                                                                                                 \
		asm volatile(op " %k1, (%0)" : : "r"(at), "r"(words[0]) : "memory");                      \
	}                                                                                                 \
	SEQUENCE void line_##suffix(void *at, const uint64_t words[static 8])                             \
	{                                                                                                 \
		LOAD_WORDS;                                                                               \
		asm volatile(TWO(op, 0) TWO(op, 1) TWO(op, 2) TWO(op, 3) TWO(op, 4) TWO(op, 5) TWO(op, 6) \
		             TWO(op, 7) : WORDS : [at] "r"(at) : "cc", "memory");                         \
	}                                                                                                 \
	STREAM(suffix, [value] "r"(value), "", EACH("d", OFFSETS_4, op " %k[value], \\d(%[at])"), "")
#define SCALAR_64(suffix, op)                                                                             \
	SEQUENCE void one_##suffix(void *at, const uint64_t words[static 8])                              \
	{                                                                                                 \
		asm volatile(op " %q1, (%0)" : : "r"(at), "r"(words[0]) : "memory");                      \
	}                                                                                                 \
	SEQUENCE void line_##suffix(void *at, const uint64_t words[static 8])                             \
	{                                                                                                 \
		asm volatile(op " %1, (%0)\n\t" op " %2, 8(%0)\n\t" op " %3, 16(%0)\n\t"                  \
		             op " %4, 24(%0)\n\t" op " %5, 32(%0)\n\t" op " %6, 40(%0)\n\t"               \
		             op " %7, 48(%0)\n\t" op " %8, 56(%0)"                                        \
		             : : "r"(at), "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]),     \
		                 "r"(words[4]), "r"(words[5]), "r"(words[6]), "r"(words[7]) : "memory");  \
	}                                                                                                 \
	STREAM(suffix, [value] "r"(value), "", EACH("d", OFFSETS_8, op " %q[value], \\d(%[at])"), "")

/*
 * Of one vector register: `reg` with a number from `numbers`, `width` bytes. load: from any address; spread: value into
 * all of register 0; after: behind the last store.
 */
#define VECTOR(suffix, op, load, reg, width, numbers, spread, after)                                       \
	SEQUENCE void one_##suffix(void *at, const uint64_t words[static 8])                               \
	{                                                                                                  \
		asm volatile(load " (%1), %%" reg "0\n\t" op " %%" reg "0, (%0)\n\t" after                 \
		             : : "r"(at), "r"(words) : "memory", VECTORS);                                 \
	}                                                                                                  \
	SEQUENCE void line_##suffix(void *at, const uint64_t words[static 8])                              \
	{                                                                                                  \
		asm volatile(EACH("r", numbers, load " " width " * \\r(%1), %%" reg "\\r")                 \
		             EACH("r", numbers, op " %%" reg "\\r, " width " * \\r(%0)") after             \
		             : : "r"(at), "r"(words) : "memory", VECTORS);                                 \
	}                                                                                                  \
	STREAM(suffix, [value] "r"(value), spread,                                                         \
	       EACH("r", numbers, op " %%" reg "0, " width " * \\r(%[at])"), after)

#define SSE(suffix, op) VECTOR(suffix, op, "movups", "xmm", "16", "0,1,2,3",                              \
			       "movq %[value], %%xmm0\n\tpunpcklqdq %%xmm0, %%xmm0\n\t", "")
/* Afterwards the upper halves are clean, or SSE code becomes slow: volume 1, "Mixing AVX Code with SSE Code". */
#define AVX(suffix, op) VECTOR(suffix, op, "vmovups", "ymm", "32", "0,1",                                 \
			       "vmovq %[value], %%xmm0\n\tvpunpcklqdq %%xmm0, %%xmm0, %%xmm0\n\t"         \
			       "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n\t", "vzeroupper")
#define AVX512(suffix, op) VECTOR(suffix, op, "vmovups", "zmm", "64", "0",                                \
				  "vpbroadcastq %[value], %%zmm0\n\t", "vzeroupper")

/* ---- the instructions ---- */

SCALAR_32(mov32, "movl")      /* "MOV" */
SCALAR_64(mov64, "movq")
SCALAR_32(movnti32, "movnti") /* "MOVNTI": non-temporal, as the MOVNT below */
SCALAR_64(movnti64, "movnti")
SCALAR_32(movdiri32, "movdiri") /* "MOVDIRI": a direct store is never combined with others */
SCALAR_64(movdiri64, "movdiri")
SSE(movups, "movups")   /* "MOVUPS" */
SSE(movaps, "movaps")   /* "MOVAPS" */
SSE(movntdq, "movntdq") /* "MOVNTDQ"; volume 1, "Cacheability Control Instructions" */
AVX(vmovups256, "vmovups")
AVX(vmovaps256, "vmovaps")
AVX(vmovntdq256, "vmovntdq")
AVX512(vmovups512, "vmovups")
AVX512(vmovaps512, "vmovaps")
AVX512(vmovntdq512, "vmovntdq")

/* "MOVDIR64B": from memory to an aligned line; what it loads is its own, and comes before what it stores. */
SEQUENCE void one_movdir64b(void *at, const uint64_t words[static 8])
{
	asm volatile("movdir64b (%1), %0" : : "r"(at), "r"(words) : "memory");
}

SEQUENCE void stream_movdir64b(void *at, uint64_t size_bytes, uint64_t value)
{
	const uint64_t words[8] = { value, value, value, value, value, value, value, value };
	const char *end = (char *)at + size_bytes;

	if (size_bytes)
		asm volatile(LOOP("movdir64b (%[words]), %[at]\n\t")
		             : [at] "+r"(at) : [end] "r"(end), [words] "r"(words) : "cc", "memory");
}

/* The highest bit of byte i of the result is bit i of mask, which has eight. */
static uint64_t top_bits(uint64_t mask)
{
	uint64_t own_bit = (mask * 0x0101010101010101) & 0x8040201008040201;

	return own_bit + 0x7f7f7f7f7f7f7f7f;
}

/*
 * "MASKMOVDQU": the bytes of XMM0 .. XMM3 whose mask byte, in XMM4 .. XMM7, has its highest bit set, to RDI. A quarter
 * of the line without such a byte stores nothing.
 */
SEQUENCE void mask_maskmovdqu(void *at, uint64_t mask, const uint64_t words[static 8])
{
	uint64_t tops[8];

	for (unsigned int i = 0; i < 8; i++)
		tops[i] = top_bits(mask >> (8 * i) & 0xff);
	asm volatile(EACH("r", "0,1,2,3", "movups 16 * \\r(%[words]), %%xmm\\r")
	             "movups (%[tops]), %%xmm4\n\tmovups 16(%[tops]), %%xmm5\n\t"
	             "movups 32(%[tops]), %%xmm6\n\tmovups 48(%[tops]), %%xmm7\n\t"
	             "maskmovdqu %%xmm4, %%xmm0\n\taddq $16, %[at]\n\t"
	             "maskmovdqu %%xmm5, %%xmm1\n\taddq $16, %[at]\n\t"
	             "maskmovdqu %%xmm6, %%xmm2\n\taddq $16, %[at]\n\t"
	             "maskmovdqu %%xmm7, %%xmm3"
	             : [at] "+D"(at) : [words] "r"(words), [tops] "r"(tops) : "cc", "memory", VECTORS);
}

/* "MOVDQU,VMOVDQU8/16/32/64" with a write mask. Only a function that may use it can name k1. */
__attribute__((target("avx512f"))) SEQUENCE void mask_vmovdqu8(void *at, uint64_t mask, const uint64_t words[static 8])
{
	asm volatile("vmovups (%2), %%zmm0\n\tkmovq %1, %%k1\n\tvmovdqu8 %%zmm0, (%0)%{%%k1%}\n\tvzeroupper"
	             : : "r"(at), "r"(mask), "r"(words) : "k1", "memory", VECTORS);
}

/* ---- the table ---- */

#define ROW(label, bytes, flag_bits, where, suffix)                                                             \
	{ .name = label, .width = bytes, .flags = flag_bits, .is_there = where, .one = one_##suffix,            \
	  .line = line_##suffix, .stream = stream_##suffix }
#define MASKED(label, bytes, where, suffix) \
	{ .name = label, .width = bytes, .flags = INSN_MASKED, .is_there = where, .mask = mask_##suffix }
#define line_movdir64b one_movdir64b

const struct insn arch_insns[] = {
	ROW("mov-32", 4, INSN_SCALAR, NULL, mov32),
	ROW("mov-64", 8, INSN_SCALAR, NULL, mov64),
	ROW("movnti-32", 4, INSN_SCALAR, NULL, movnti32),
	ROW("movnti-64", 8, INSN_SCALAR, NULL, movnti64),
	ROW("movups", 16, 0, NULL, movups),
	ROW("movaps", 16, INSN_ALIGNED, NULL, movaps),
	ROW("movntdq", 16, INSN_ALIGNED, NULL, movntdq),
	ROW("vmovups-256", 32, 0, has_avx, vmovups256),
	ROW("vmovaps-256", 32, INSN_ALIGNED, has_avx, vmovaps256),
	ROW("vmovntdq-256", 32, INSN_ALIGNED, has_avx, vmovntdq256),
	ROW("vmovups-512", 64, 0, has_avx512f, vmovups512),
	ROW("vmovaps-512", 64, INSN_ALIGNED, has_avx512f, vmovaps512),
	ROW("vmovntdq-512", 64, INSN_ALIGNED, has_avx512f, vmovntdq512),
	ROW("movdiri-32", 4, INSN_DIRECT, has_movdiri, movdiri32),
	ROW("movdiri-64", 8, INSN_DIRECT, has_movdiri, movdiri64),
	ROW("movdir64b", 64, INSN_DIRECT | INSN_ALIGNED, has_movdir64b, movdir64b),
	MASKED("maskmovdqu", 16, NULL, maskmovdqu),
	MASKED("vmovdqu8", 64, has_avx512bw, vmovdqu8),
};
const unsigned int arch_n_insns = sizeof(arch_insns) / sizeof(arch_insns[0]);

#endif
