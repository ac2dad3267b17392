/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-port: this CPU's stores do what they say, on a temporary file that stands for a BAR. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "act/arch.h"
#include "act/patterns.h"
#include "base/cleanup.h"

#define BAR_BYTES (1 << 20)

struct bar_file {
	FILE *file;
	struct machine machine;
	struct port port;
};

static int setup(void **state)
{
	static struct bar_file bar;

	if (!arch_name)
		return 0;
	bar.file = tmpfile();
	if (!bar.file || ftruncate(fileno(bar.file), BAR_BYTES) < 0)
		return -1;
	bar.machine = (struct machine){ .window = { .uc = fileno(bar.file), .wc = fileno(bar.file), .offset = 4096,
		                                    .size_bytes = BAR_BYTES - 8192 } };
	bar.port = port_machine(&bar.machine);
	*state = &bar;
	return bar.port.ops->remap(bar.port.state, WINDOW_WC);
}

static int teardown(void **state)
{
	struct bar_file *bar = *state;

	if (!bar)
		return 0;
	window_unmap(&bar->machine.window);
	return fclose(bar->file);
}

static void check_mask(const struct bar_file *bar, uint64_t offset, uint64_t mask, uint64_t seed)
{
	uint8_t *line = bar->machine.window.at + offset, want[192];
	uint64_t words[8];

	memset(line - 64, 0xee, 192);
	memset(want, 0xee, 192);
	for (unsigned int i = 0; i < 8; i++)
		words[i] = mix64(seed + i);
	for (unsigned int i = 0; i < 64; i++)
		if (mask >> i & 1)
			want[64 + i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
	bar->port.ops->store_mask(bar->port.state, NULL, offset, mask, words);
	if (memcmp(line - 64, want, 192))
		fail_msg("mask 0x%016llx stores something else", (unsigned long long)mask);
}

/* All masks with code of their own, and enough of the others: exactly the bytes of the mask, and no neighbour. */
static void masks(void **state)
{
	const struct bar_file *bar = *state;
#define MASK(mask) mask,
	static const uint64_t fixed[] = { ARCH_FIXED_MASKS(MASK) };

	if (!bar)
		skip();
	for (unsigned int i = 0; i < ELEMENTSOF(fixed); i++)
		check_mask(bar, 64 * (i + 1), fixed[i], i);
	for (unsigned int i = 0; i < 64; i++)
		check_mask(bar, 4096, (uint64_t)1 << i, i);
	for (unsigned int i = 0; i < 20000; i++)
		check_mask(bar, 64 * (1 + i % 1000), mix64(i), i);
	check_mask(bar, 64, 0, 1);
}

static void widths(void **state)
{
	struct bar_file *bar = *state;
	uint8_t *at, want[192];
	uint64_t words[8];

	if (!bar)
		skip();
	at = bar->machine.window.at;
	for (unsigned int i = 0; i < 8; i++)
		words[i] = mix64(i);
	for (unsigned int i = 0; i < bar->port.n_insns; i++) {
		const struct insn *insn = &bar->port.insns[i];

		if (!insn_is_there(insn) || insn->flags & INSN_MASKED)
			continue;
		memset(at, 0xee, 192);
		memset(want, 0xee, 192);
		memcpy(want + 64, words, 64);
		bar->port.ops->store_line(bar->port.state, insn, 64, words);
		assert_memory_equal(at, want, 192);
		memset(at, 0xee, 192);
		memset(want + 64 + insn->width, 0xee, 64 - insn->width);
		bar->port.ops->store_one(bar->port.state, insn, 64, words);
		assert_memory_equal(at, want, 192);
		memset(want + 64, 0x77, 64);
		bar->port.ops->stream(bar->port.state, insn, 64, 64, 0x7777777777777777);
		assert_memory_equal(at, want, 192);
	}
	memset(at, 0xee, 192);
	memset(want, 0xee, 192);
	port_store(&bar->port, 3, 1, 0x11);
	port_store(&bar->port, 5, 2, 0x3322);
	port_store(&bar->port, 8, 8, 0x0123456789abcdef);
	port_store(&bar->port, 16, 4, 0x99887766);
	memcpy(want, "\xee\xee\xee\x11\xee\x22\x33\xee\xef\xcd\xab\x89\x67\x45\x23\x01\x66\x77\x88\x99", 20);
	assert_memory_equal(at, want, 192);
	assert_int_equal(port_load(&bar->port, 6, 1), 0x33);
	assert_int_equal(port_load(&bar->port, 5, 2), 0x3322);
	assert_int_equal(port_load(&bar->port, 16, 4), 0x99887766);
	assert_true(port_load(&bar->port, 8, 8) == 0x0123456789abcdef);
}

static void unaligned(void **state)
{
	struct bar_file *bar = *state;
	struct port_fault fault = { .signal = 1 };

	if (!bar)
		skip();
	bar->port.ops->try_store(bar->port.state, 1, 8, 0x0102030405060708, &fault);
	assert_int_equal(fault.signal, 0);
	assert_int_equal(port_load(&bar->port, 1, 1), 8);

	/* A page behind the end of its file is the SIGBUS that any machine has. */
	assert_int_equal(ftruncate(fileno(bar->file), 4096), 0);
	bar->port.ops->try_store(bar->port.state, 8193, 8, 1, &fault);
	assert_int_equal(ftruncate(fileno(bar->file), BAR_BYTES), 0);
	assert_int_equal(fault.signal, SIGBUS);
	assert_int_equal(fault.code, BUS_ADRERR);
	assert_true(fault.offset == 8193);
}

/* The steps in their order, without a child: the file is as it was. */
static void all_steps(void **state)
{
	struct bar_file *bar = *state;
	_cleanup_fclose_ FILE *save = tmpfile();
	struct step_reply reply;
	struct trial trial = { .size_bytes = BAR_BYTES - 8192, .seed = 99, .memtypes = -1, .reply = &reply };
	static const enum outcome want[STEPS] = {
		[STEP_SAVE] = OUTCOME_PASS,    [STEP_TYPE] = OUTCOME_UNKNOWN,         [STEP_BACKGROUND] = OUTCOME_PASS,
		[STEP_SUBWORD] = OUTCOME_PASS, [STEP_SPARSE] = OUTCOME_NOT_EXERCISED, [STEP_BENCH] = OUTCOME_PASS,
		[STEP_RESTORE] = OUTCOME_PASS,
	};
	static uint8_t before[BAR_BYTES], after[BAR_BYTES];

	if (!bar)
		skip();
	for (unsigned int i = 0; i < BAR_BYTES; i++)
		before[i] = (uint8_t)mix64(i);
	assert_int_equal(pwrite(fileno(bar->file), before, BAR_BYTES, 0), BAR_BYTES);
	trial.port = bar->port;
	trial.save = fileno(save);
	assert_int_equal(ftruncate(trial.save, BAR_BYTES), 0);
	for (enum step step = STEP_SAVE; step < STEPS; step++) {
		uint64_t start = bar->port.ops->now_ns(bar->port.state);

		if (!patterns[step])
			continue;
		reply = (struct step_reply){ 0 };
		patterns[step](&trial);
		start = bar->port.ops->now_ns(bar->port.state) - start;
		print_message("%-10s %4llu ms: %s\n", step_infos[step].name, (unsigned long long)start / 1000000,
		              reply.text);
		if (want[step])
			assert_int_equal(reply.outcome, want[step]);
		else
			assert_int_equal(reply.outcome,
			                 arch_proof == ARCH_PROOF_LIST ? OUTCOME_UNSUPPORTED : OUTCOME_PASS);
	}
	assert_int_equal(pread(fileno(bar->file), after, BAR_BYTES, 0), BAR_BYTES);
	assert_memory_equal(before, after, BAR_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(widths),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(all_steps),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
