/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stores: how fast our streams fill memory, beside what else would: a row a way and round, in MB/s (10^6 bytes).
 *
 * usage: stores FILE BYTES ROUNDS [NAME...]
 *
 * All ways, or those that are named.
 * Ours store a register and read nothing, and so do the rivals: the C library's memset, a loop of non-temporal
 * intrinsics, and the loop that the compiler makes of a plain one.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "act/arch.h"
#ifdef ARCH_X86
#include <immintrin.h>
#endif

/* The rival is the compiler at its best, whatever the rest is built with. */
#ifndef __clang__
#pragma GCC optimize("O3")
#endif

#define VALUE 0x7777777777777777

/* What this thread has used: a CPU that is shared with others costs both sides nothing. */
static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void by_libc(void *at, uint64_t size_bytes)
{
	memset(at, VALUE & 0xff, size_bytes);
}

/* A value that the compiler does not know: else it would make a memset of the loop. */
static uint64_t value = VALUE;

static __attribute__((noinline)) void by_compiler(void *at, uint64_t size_bytes)
{
	uint64_t *words = at, v = value;

	for (uint64_t i = 0; i < size_bytes / 8; i++)
		words[i] = v;
}

#ifdef ARCH_X86
static void by_intrinsics(void *at, uint64_t size_bytes)
{
	__m128i v = _mm_set1_epi64x((long long)value);

	for (char *p = at, *end = p + size_bytes; p < end; p += 64) {
		_mm_stream_si128((__m128i *)(void *)p, v);
		_mm_stream_si128((__m128i *)(void *)(p + 16), v);
		_mm_stream_si128((__m128i *)(void *)(p + 32), v);
		_mm_stream_si128((__m128i *)(void *)(p + 48), v);
	}
	_mm_sfence();
}

__attribute__((target("avx512f"))) static void by_wide_intrinsics(void *at, uint64_t size_bytes)
{
	__m512i v = _mm512_set1_epi64((long long)value);

	for (char *p = at, *end = p + size_bytes; p < end; p += 64)
		_mm512_stream_si512((__m512i *)(void *)p, v);
	_mm_sfence();
}

__attribute__((noinline, target("avx512f,prefer-vector-width=512"))) static void by_wide_compiler(void *at,
                                                                                                   uint64_t size_bytes)
{
	uint64_t *words = at, v = value;

	for (uint64_t i = 0; i < size_bytes / 8; i++)
		words[i] = v;
}
#endif

struct rival {
	const char *name;
	void (*fill)(void *at, uint64_t size_bytes);
};

static struct rival rivals[8] = { { "memset", by_libc }, { "compiler", by_compiler } };
static unsigned int n_rivals = 2;

static void find_rivals(void)
{
#ifdef ARCH_X86
	rivals[n_rivals++] = (struct rival){ "movntdq-intrinsics", by_intrinsics };
	if (__builtin_cpu_supports("avx512f")) {
		rivals[n_rivals++] = (struct rival){ "vmovntdq-512-intrinsics", by_wide_intrinsics };
		rivals[n_rivals++] = (struct rival){ "compiler-512", by_wide_compiler };
	}
#endif
}

/* The names on the command line; none: every way. */
static char **wanted;

static bool is_wanted(const char *name)
{
	for (char **w = wanted; *w; w++)
		if (!strcmp(*w, name))
			return true;
	return !*wanted;
}

static bool is_ours(const struct insn *insn)
{
	return insn->stream && !(insn->flags & INSN_DIRECT) && (!insn->is_there || insn->is_there());
}

/* One way; those behind arch_insns are the rivals. */
static void run(unsigned int way, void *at, uint64_t size_bytes)
{
	const struct insn *insn = way < arch_n_insns ? &arch_insns[way] : NULL;
	const struct rival *rival = &rivals[insn ? 0 : way - arch_n_insns];
	const char *name = insn ? insn->name : rival->name;
	uint64_t start, elapsed;

	if (!is_wanted(name) || (insn && !is_ours(insn)))
		return;
	start = now_ns();
	if (insn)
		insn->stream(at, size_bytes, value);
	else
		rival->fill(at, size_bytes);
	arch_fence();
	elapsed = now_ns() - start;
	printf("%s %s %.1f\n", insn ? "ours" : "rival", name,
	       (double)size_bytes * 1000 / (double)elapsed);
}

/* In another order each time, for what one leaves dirty in the cache the next has to wait for. */
static void run_round(unsigned int *dice, void *at, uint64_t size_bytes)
{
	unsigned int n = arch_n_insns + n_rivals, order[64] = { 0 };

	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = (unsigned int)rand_r(dice) % (i + 1);

		order[i] = order[k];
		order[k] = i;
	}
	for (unsigned int i = 0; i < n; i++)
		run(order[i], at, size_bytes);
	printf("round\n");
}

static void stay_here(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0 && cpu < CPU_SETSIZE) {
		CPU_SET((unsigned int)cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4 || !arch_name)
		return 77;
	wanted = argv + 4;

	uint64_t size_bytes = strtoull(argv[2], NULL, 10) & ~(uint64_t)4095;
	int fd = open(argv[1], O_RDWR | O_CLOEXEC);
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, (off_t)size_bytes) == 0)
		at = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	unsigned int dice = 1;

	stay_here();
	/* Pages come before the clock does. */
	memset(at, 1, size_bytes);
	find_rivals();
	for (unsigned int round = 0; round < strtoul(argv[3], NULL, 10); round++)
		run_round(&dice, at, size_bytes);
	return 0;
}
