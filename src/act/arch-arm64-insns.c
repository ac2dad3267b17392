/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arch-arm64-insns: the store instructions of arm64, which CPUs have them, and the sequences made of each. Titles are
 * those of the Arm ARM (DDI 0487), "Alphabetical list of A64 base", "... SIMD and floating-point" and "... SVE
 * instructions". As in arch-arm64, none writes its address register back.
 */
#include <sys/auxv.h>

#include "act/arch.h"
#include "act/arch-line.h"

#ifdef ARCH_ARM64

/* ---- which of them this CPU has ---- */

/* Linux's uapi/linux/auxvec.h and arm64's uapi/asm/hwcap.h (LS64 came with Linux 7.0), which older headers lack. */
#define AUXV_HWCAP3 29
#define HWCAP_HAS_SVE (1ul << 22)
#define HWCAP3_HAS_LS64 (1ul << 3)

static bool has_sve(void)
{
	return getauxval(AT_HWCAP) & HWCAP_HAS_SVE;
}

static bool has_ls64(void)
{
	return getauxval(AUXV_HWCAP3) & HWCAP3_HAS_LS64;
}

/* ---- how they are written ---- */

/* Over the lines from `at` on; the only branch is between lines. */
#define LOOP(stores) "1:\n\t" stores "add %[at], %[at], #64\n\tcmp %[at], %[end]\n\tb.lo 1b\n\t"
#define EACH(of, numbers, stores) ".irp " of "," numbers "\n\t" stores "\n\t.endr\n\t"
#define OFFSETS_4 "0,4,8,12,16,20,24,28,32,36,40,44,48,52,56,60"
#define OFFSETS_8 "0,8,16,24,32,40,48,56"
#define OFFSETS_16 "0,16,32,48"
#define OFFSETS_32 "0,32"
#define VECTORS "v0", "v1", "v2", "v3"
#define VALUE [value] "r"(value)

/* A loop comes at least once to its end. */
#define STREAM(suffix, before, stores)                                                                 \
	SEQUENCE void stream_##suffix(void *at, uint64_t size_bytes, uint64_t value)                   \
	{                                                                                              \
		const char *end = (char *)at + size_bytes;                                             \
                                                                                                       \
		if (size_bytes)                                                                        \
			asm volatile(before LOOP(stores)                                               \
			             : [at] "+r"(at) : [end] "r"(end), VALUE                           \
			             : "cc", "memory", VECTORS);                                       \
	}

/* Of vector registers. one: on v0 .. v3, which are loaded; line: of all four; repeat: v0 .. v3 hold value. */
#define VECTOR(suffix, one_store, line_stores, repeat_stores)                                             \
	SEQUENCE void one_##suffix(void *at, const uint64_t words[static 8])                              \
	{                                                                                                 \
		asm volatile("ldp q0, q1, [%[words]]\n\tldp q2, q3, [%[words], #32]\n\t" one_store        \
		             : : [at] "r"(at), [words] "r"(words) : "memory", VECTORS);                   \
	}                                                                                                 \
	SEQUENCE void line_##suffix(void *at, const uint64_t words[static 8])                             \
	{                                                                                                 \
		asm volatile("ldp q0, q1, [%[words]]\n\tldp q2, q3, [%[words], #32]\n\t" line_stores      \
		             : : [at] "r"(at), [words] "r"(words) : "memory", VECTORS);                   \
	}                                                                                                 \
	STREAM(suffix, EACH("r", "0,1,2,3", "dup v\\r\\().2d, %[value]"), repeat_stores)

/* ---- the instructions ---- */

#define HALF(i) [h##i] "r"((uint32_t)(words[i / 2] >> (i % 2 * 32)))
#define STR_HALF(i) "str %w[h" #i "], [%[at], #(4 * " #i ")]\n\t"

/* "STR (immediate)" */
SEQUENCE void one_str32(void *at, const uint64_t words[static 8])
{
	asm volatile("str %w1, [%0]" : : "r"(at), "r"(words[0]) : "memory");
}

SEQUENCE void line_str32(void *at, const uint64_t words[static 8])
{
	asm volatile(STR_HALF(0) STR_HALF(1) STR_HALF(2) STR_HALF(3) STR_HALF(4) STR_HALF(5) STR_HALF(6) STR_HALF(7)
	             STR_HALF(8) STR_HALF(9) STR_HALF(10) STR_HALF(11) STR_HALF(12) STR_HALF(13) STR_HALF(14)
	             STR_HALF(15)
	             : : [at] "r"(at), HALF(0), HALF(1), HALF(2), HALF(3), HALF(4), HALF(5), HALF(6), HALF(7),
	                 HALF(8), HALF(9), HALF(10), HALF(11), HALF(12), HALF(13), HALF(14), HALF(15) : "memory");
}
STREAM(str32, "", EACH("d", OFFSETS_4, "str %w[value], [%[at], #\\d]"))

SEQUENCE void one_str64(void *at, const uint64_t words[static 8])
{
	asm volatile("str %1, [%0]" : : "r"(at), "r"(words[0]) : "memory");
}

SEQUENCE void line_str64(void *at, const uint64_t words[static 8])
{
	LOAD_WORDS;
	asm volatile("str %[w0], [%[at]]\n\tstr %[w1], [%[at], #8]\n\tstr %[w2], [%[at], #16]\n\t"
	             "str %[w3], [%[at], #24]\n\tstr %[w4], [%[at], #32]\n\tstr %[w5], [%[at], #40]\n\t"
	             "str %[w6], [%[at], #48]\n\tstr %[w7], [%[at], #56]" : WORDS : [at] "r"(at) : "memory");
}
STREAM(str64, "", EACH("d", OFFSETS_8, "str %[value], [%[at], #\\d]"))

/* "STP": no syndrome tells a hypervisor the registers of a pair. */
SEQUENCE void one_stpx(void *at, const uint64_t words[static 8])
{
	asm volatile("stp %1, %2, [%0]" : : "r"(at), "r"(words[0]), "r"(words[1]) : "memory");
}

SEQUENCE void line_stpx(void *at, const uint64_t words[static 8])
{
	LOAD_WORDS;
	asm volatile("stp %[w0], %[w1], [%[at]]\n\tstp %[w2], %[w3], [%[at], #16]\n\t"
	             "stp %[w4], %[w5], [%[at], #32]\n\tstp %[w6], %[w7], [%[at], #48]"
	             : WORDS : [at] "r"(at) : "memory");
}
STREAM(stpx, "", EACH("d", OFFSETS_16, "stp %[value], %[value], [%[at], #\\d]"))

/* "STR (immediate, SIMD&FP)" */
VECTOR(strq, "str q0, [%[at]]", EACH("r", "0,1,2,3", "str q\\r, [%[at], #(16 * \\r)]"),
       EACH("d", OFFSETS_16, "str q0, [%[at], #\\d]"))
/* "STP (SIMD&FP)" */
VECTOR(stpq, "stp q0, q1, [%[at]]", "stp q0, q1, [%[at]]\n\tstp q2, q3, [%[at], #32]\n\t",
       EACH("d", OFFSETS_32, "stp q0, q1, [%[at], #\\d]"))
/* "STNP (SIMD&FP)": non-temporal, which is a hint only */
VECTOR(stnpq, "stnp q0, q1, [%[at]]", "stnp q0, q1, [%[at]]\n\tstnp q2, q3, [%[at], #32]\n\t",
       EACH("d", OFFSETS_32, "stnp q0, q1, [%[at], #\\d]"))
/* "ST1 (multiple structures)" */
VECTOR(st1x4, "st1 {v0.16b-v3.16b}, [%[at]]", "st1 {v0.16b-v3.16b}, [%[at]]", "st1 {v0.16b-v3.16b}, [%[at]]\n\t")

/*
 * "ST64B": size 11, 111, V 0, 00, A 0, R 0, 1, Rs 11111, o3 1, opc 001, 00, Rn, Rt: 0xf83f9000 | Rn << 5 | Rt. Here
 * from X8 .. X15 to X16, an aligned line; assemblers older than binutils 2.36 do not know it.
 */
#define ST64B ".inst 0xf83f9208\n\t"
#define ST64B_CLOBBERS "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "memory"

SEQUENCE void one_st64b(void *at, const uint64_t words[static 8])
{
	asm volatile("mov x16, %[at]\n\tldp x8, x9, [%[words]]\n\tldp x10, x11, [%[words], #16]\n\t"
	             "ldp x12, x13, [%[words], #32]\n\tldp x14, x15, [%[words], #48]\n\t" ST64B
	             : : [at] "r"(at), [words] "r"(words) : ST64B_CLOBBERS);
}

SEQUENCE void stream_st64b(void *at, uint64_t size_bytes, uint64_t value)
{
	if (size_bytes)
		asm volatile("mov x16, %[at]\n\t" EACH("r", "8,9,10,11,12,13,14,15", "mov x\\r, %[value]")
		             "1:\n\t" ST64B "add x16, x16, #64\n\tcmp x16, %[end]\n\tb.lo 1b"
		             : : [at] "r"(at), [end] "r"((char *)at + size_bytes), VALUE : "cc", ST64B_CLOBBERS);
}

/*
 * "ST1B (scalar plus immediate, single register)", predicated: a predicate's bit i is byte i of a vector, "LDR
 * (predicate)". Four vectors reach over the line however short they are, and where they are longer than 16 bytes the
 * last ones have empty predicates: no branch. Four predicates of the longest vector, 256 bytes, are 128 bytes.
 */
SEQUENCE void mask_st1b(void *at, uint64_t mask, const uint64_t words[static 8])
{
	const uint64_t bits[16] = { mask };

	asm volatile(".arch_extension sve\n\t"
	             EACH("r", "0,1,2,3", "ldr p\\r, [%[bits], #\\r, mul vl]")
	             EACH("r", "0,1,2,3", "ld1b { z\\r\\().b }, p\\r/z, [%[words], #\\r, mul vl]")
	             EACH("r", "0,1,2,3", "st1b { z\\r\\().b }, p\\r, [%[at], #\\r, mul vl]")
	             : : [at] "r"(at), [bits] "r"(bits), [words] "r"(words)
	             : "memory", VECTORS, "p0", "p1", "p2", "p3");
}

/* ---- the table ---- */

#define ROW(label, bytes, flag_bits, where, suffix)                                                             \
	{ .name = label, .width = bytes, .flags = flag_bits, .is_there = where, .one = one_##suffix,            \
	  .line = line_##suffix, .stream = stream_##suffix }
#define line_st64b one_st64b

const struct insn arch_insns[] = {
	ROW("str-w", 4, INSN_SCALAR, NULL, str32),
	ROW("str-x", 8, INSN_SCALAR, NULL, str64),
	ROW("stp-x", 16, 0, NULL, stpx),
	ROW("str-q", 16, 0, NULL, strq),
	ROW("stp-q", 32, 0, NULL, stpq),
	ROW("stnp-q", 32, 0, NULL, stnpq),
	ROW("st1x4", 64, 0, NULL, st1x4),
	ROW("st64b", 64, INSN_DIRECT | INSN_ALIGNED, has_ls64, st64b),
	{ .name = "st1b", .width = 64, .flags = INSN_MASKED, .is_there = has_sve, .mask = mask_st1b },
};
const unsigned int arch_n_insns = sizeof(arch_insns) / sizeof(arch_insns[0]);

#endif
