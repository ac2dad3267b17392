/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-port: this CPU's stores do what they say, on a temporary file that stands for a BAR. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "act/arch.h"
#include "act/parts.h"
#include "act/patterns.h"
#include "base/cleanup.h"
#include "memory.h"

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

/* Three lines: the stores go into the middle one and to nowhere else. */
struct canvas {
	uint8_t *at, want[192];
	uint64_t words[8];
};

static struct canvas new_canvas(const struct bar_file *bar, uint64_t offset, uint64_t seed)
{
	struct canvas canvas = { .at = bar->machine.window.at + offset - 64 };

	memset(canvas.at, 0xee, 192);
	memset(canvas.want, 0xee, 192);
	for (unsigned int i = 0; i < 8; i++)
		canvas.words[i] = mix64(seed + i);
	return canvas;
}

static void check(const struct bar_file *bar, const struct canvas *canvas, const struct insn *insn, const char *what)
{
	/* What is not temporal is seen by its own CPU in order, but let it come to its end. */
	bar->port.ops->drain(bar->port.state);
	for (unsigned int i = 0; i < 192; i++)
		if (canvas->at[i] != canvas->want[i])
			fail_msg("%s of %s: byte %d is 0x%02x, not 0x%02x", what, insn ? insn->name : "byte stores",
			         (int)i - 64, canvas->at[i], canvas->want[i]);
}

static void check_mask(const struct bar_file *bar, const struct insn *insn, uint64_t offset, uint64_t mask,
                       uint64_t seed)
{
	struct canvas canvas = new_canvas(bar, offset, seed);
	char what[32];

	for (unsigned int i = 0; i < 64; i++)
		if (mask >> i & 1)
			canvas.want[64 + i] = (uint8_t)(canvas.words[i / 8] >> (8 * (i % 8)));
	bar->port.ops->store_mask(bar->port.state, insn, offset, mask, canvas.words);
	snprintf(what, sizeof(what), "mask 0x%016llx", (unsigned long long)mask);
	check(bar, &canvas, insn, what);
}

/* All masks with code of their own, and enough of the others: exactly the bytes of the mask, and no neighbour. */
static void check_masks(const struct bar_file *bar, const struct insn *insn)
{
#define MASK(mask) mask,
	static const uint64_t fixed[] = { ARCH_FIXED_MASKS(MASK) };

	for (unsigned int i = 0; i < ELEMENTSOF(fixed); i++)
		check_mask(bar, insn, 64 * (i + 1), fixed[i], i);
	for (unsigned int i = 0; i < 64; i++) {
		check_mask(bar, insn, 4096, (uint64_t)1 << i, i);
		check_mask(bar, insn, 4096, ~((uint64_t)1 << i), i);
	}
	for (unsigned int i = 0; i < 16; i++)
		check_mask(bar, insn, 4096, (uint64_t)0xf << 4 * i, i);
	for (unsigned int i = 0; i < 20000; i++)
		check_mask(bar, insn, 64 * (1 + i % 1000), mix64(i), i);
	check_mask(bar, insn, 64, 0, 1);
}

static void masks(void **state)
{
	const struct bar_file *bar = *state;

	if (!bar)
		skip();
	check_masks(bar, NULL);
	for (unsigned int i = 0; i < bar->port.n_insns; i++)
		if (bar->port.insns[i].flags & INSN_MASKED && insn_is_there(&bar->port.insns[i]))
			check_masks(bar, &bar->port.insns[i]);
}

static void check_insn(const struct bar_file *bar, const struct insn *insn)
{
	unsigned int step = insn->flags & INSN_ALIGNED ? insn->width : 1;
	struct canvas canvas = new_canvas(bar, 4096, 7);

	memcpy(canvas.want + 64, canvas.words, 64);
	bar->port.ops->store_line(bar->port.state, insn, 4096, canvas.words);
	check(bar, &canvas, insn, "a line");
	/* Within the line, and over its end, which is a page's, too. */
	for (unsigned int at = 64; at + insn->width <= 192; at += step) {
		canvas = new_canvas(bar, 4096, at);
		memcpy(canvas.want + at, canvas.words, insn->width);
		bar->port.ops->store_one(bar->port.state, insn, 4096 - 64 + at, canvas.words);
		check(bar, &canvas, insn, "one");
	}
	/* A value whose halves and bytes are told apart; nothing of it behind the end. */
	for (unsigned int size = 0; size <= 64 * 33; size += size < 256 ? 64 : 7 * 64) {
		uint8_t *at = bar->machine.window.at + 64;
		uint64_t value = mix64(size), *words = (uint64_t *)(void *)at;

		memset(at - 64, 0xee, size + 128);
		bar->port.ops->stream(bar->port.state, insn, 64, size, value);
		bar->port.ops->drain(bar->port.state);
		for (unsigned int i = 0; i < size / 8; i++)
			if (words[i] != (insn->width == 4 ? (value & UINT32_MAX) * 0x100000001 : value))
				fail_msg("a stream of %s: word %u is 0x%016llx", insn->name, i,
				         (unsigned long long)words[i]);
		for (unsigned int i = 0; i < 64; i++)
			if (at[-1 - (int)i] != 0xee || at[size + i] != 0xee)
				fail_msg("a stream of %s stores outside its range", insn->name);
	}
}

/* Every instruction that this CPU has: what it stores, and that it stores nothing else. */
static void insns(void **state)
{
	const struct bar_file *bar = *state;

	if (!bar)
		skip();
	for (unsigned int i = 0; i < bar->port.n_insns; i++) {
		const struct insn *insn = &bar->port.insns[i];

		assert_true(insn->width >= 4 && insn->width <= 64 && !(insn->width & (insn->width - 1)));
		assert_true(!(insn->flags & INSN_MASKED) == (insn->one && insn->line && insn->stream));
		assert_true(!(insn->flags & INSN_MASKED) == !insn->mask);
		print_message("%-13s %2u bytes%s%s%s%s%s\n", insn->name, insn->width,
		              insn->flags & INSN_SCALAR ? ", scalar" : "",
		              insn->flags & INSN_ALIGNED ? ", aligned" : "",
		              insn->flags & INSN_MASKED ? ", masked" : "",
		              insn->flags & INSN_DIRECT ? ", direct" : "",
		              insn_is_there(insn) ? "" : ": not of this CPU");
		if (insn_is_there(insn) && !(insn->flags & INSN_MASKED))
			check_insn(bar, insn);
	}
}

static void widths(void **state)
{
	struct bar_file *bar = *state;
	uint8_t *at, want[192];

	if (!bar)
		skip();
	at = bar->machine.window.at;
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

static sigjmp_buf elsewhere;

static void on_other_fault(int signal)
{
	siglongjmp(elsewhere, signal);
}

/* Many tries, with and without a fault: each tells its own; a fault of anything else goes to whoever had it before. */
static void tries(void **state)
{
	struct bar_file *bar = *state;
	struct sigaction other = { .sa_handler = on_other_fault }, now;
	struct port_fault fault;
	uint8_t *page;

	if (!bar)
		skip();
	sigemptyset(&other.sa_mask);
	sigaction(SIGBUS, &other, NULL);
	sigaction(SIGSEGV, &other, NULL);
	assert_int_equal(bar->port.ops->remap(bar->port.state, WINDOW_WC), 0);
	page = bar->machine.window.at + 4 * 4096;
	assert_int_equal(mprotect(page, 4096, PROT_READ), 0);
	assert_int_equal(ftruncate(fileno(bar->file), 64 * 4096), 0);
	for (unsigned int i = 0; i < 3000; i++) {
		uint64_t end = 63 * 4096, offset = i % 3 == 0 ? 8 * i : i % 3 == 1 ? 4 * 4096 + i : end + i;

		if (i % 3 == 0 && offset / 4096 == 4)
			continue;
		bar->port.ops->try_store(bar->port.state, offset, 4, i, &fault);
		assert_int_equal(fault.signal, i % 3 == 0 ? 0 : i % 3 == 1 ? SIGSEGV : SIGBUS);
		assert_int_equal(fault.code, i % 3 == 0 ? 0 : i % 3 == 1 ? SEGV_ACCERR : BUS_ADRERR);
		assert_true(fault.offset == (i % 3 ? offset : 0));
		if (i % 3 == 0)
			assert_int_equal(port_load(&bar->port, offset, 4), i);
	}
	/* The first that is refused, not where the store begins. */
	bar->port.ops->try_store(bar->port.state, 4 * 4096 - 3, 8, 1, &fault);
	assert_int_equal(fault.signal, SIGSEGV);
	if (sigsetjmp(elsewhere, 1) == 0) {
		port_store(&bar->port, 70 * 4096, 8, 1);
		fail_msg("a store behind the end went through");
	}
	/* The handler that is set now is not looked at again until there is another mapping. */
	sigaction(SIGBUS, &other, NULL);
	bar->port.ops->try_store(bar->port.state, 0, 8, 1, &fault);
	sigaction(SIGBUS, NULL, &now);
	assert_true(now.sa_handler == on_other_fault);
	assert_int_equal(bar->port.ops->remap(bar->port.state, WINDOW_WC), 0);
	bar->port.ops->try_store(bar->port.state, 70 * 4096, 8, 1, &fault);
	assert_int_equal(fault.signal, SIGBUS);
	signal(SIGBUS, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	assert_int_equal(ftruncate(fileno(bar->file), BAR_BYTES), 0);
	assert_int_equal(bar->port.ops->remap(bar->port.state, WINDOW_WC), 0);
}

/* The steps in their order, without a child: the file is as it was. */
static void all_steps(void **state)
{
	struct bar_file *bar = *state;
	_cleanup_fclose_ FILE *save = tmpfile();
	struct step_reply reply;
	struct trial trial = { .size_bytes = BAR_BYTES - 8192, .seed = 99, .thinning = 16, .memtypes = -1, .reply = &reply };
	static uint8_t before[BAR_BYTES], after[BAR_BYTES];

	if (!bar)
		skip();
	for (unsigned int i = 0; i < BAR_BYTES; i++)
		before[i] = (uint8_t)mix64(i);
	assert_int_equal(pwrite(fileno(bar->file), before, BAR_BYTES, 0), BAR_BYTES);
	trial.port = bar->port;
	trial.save = fileno(save);
	assert_int_equal(ftruncate(trial.save, BAR_BYTES), 0);
	for (enum step step = STEP_SAVE; step <= STEP_RESTORE; step++) {
		uint32_t insns[PARTS_MAX];
		const char *why;
		unsigned int n = parts_of_step(step, true, insns, &why);

		assert_true(n > 0);
		for (unsigned int i = 0; i < n; i++) {
			uint64_t start = bar->port.ops->now_ns(bar->port.state);

			reply = (struct step_reply){ 0 };
			trial.insn = insns[i] == RUNNER_NO_INSN ? NULL : &arch_insns[insns[i]];
			patterns[step](&trial);
			start = bar->port.ops->now_ns(bar->port.state) - start;
			print_message("%-10s %4llu ms: %s: %s\n", step_infos[step].name,
			              (unsigned long long)start / 1000000, part_name(insns[i]), reply.text);
			/* What an instruction with a mask shows needs no combining. */
			if (memory_outcomes[step])
				assert_int_equal(reply.outcome, trial.insn ? OUTCOME_PASS : memory_outcomes[step]);
			else
				assert_int_equal(reply.outcome, arch_proof == ARCH_PROOF_LIST ? OUTCOME_UNSUPPORTED
				                                                              : OUTCOME_PASS);
		}
	}
	assert_int_equal(pread(fileno(bar->file), after, BAR_BYTES, 0), BAR_BYTES);
	assert_memory_equal(before, after, BAR_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(insns),
		cmocka_unit_test(widths),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(tries),
		cmocka_unit_test(all_steps),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
