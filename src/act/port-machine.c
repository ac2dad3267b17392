/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port-machine: the port's operations by this CPU on a mapped BAR, each kept inside the range. */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "act/arch.h"
#include "act/peer.h"
#include "act/port.h"

/* The last line of defence: nothing outside the declared range is ever touched, whatever a microtest computes. */
static uint8_t *place(const struct machine *machine, uint64_t offset, uint64_t size_bytes)
{
	const struct window *window = &machine->window;

	if (!window->at || offset > window->size_bytes || size_bytes > window->size_bytes - offset)
		__builtin_trap();
	return window->at + offset;
}

static int remap(void *state, enum window_kind kind)
{
	struct machine *machine = state;

	machine->is_catching = false;
	return window_map(&machine->window, kind);
}

static void store(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	uint8_t *at = place(state, offset, width);

	switch (width) {
	case 1: arch_store8(at, (uint8_t)value); return;
	case 2: arch_store16(at, (uint16_t)value); return;
	case 4: arch_store32(at, (uint32_t)value); return;
	case 8: arch_store64(at, value); return;
	default: __builtin_trap();
	}
}

static uint64_t load(void *state, uint64_t offset, unsigned int width)
{
	const uint8_t *at = place(state, offset, width);

	switch (width) {
	case 1: return arch_load8(at);
	case 2: return arch_load16(at);
	case 4: return arch_load32(at);
	case 8: return arch_load64(at);
	default: __builtin_trap();
	}
}

static void store_one(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	insn->one(place(state, offset, insn->width), words);
}

static void store_line(void *state, const struct insn *insn, uint64_t offset, const uint64_t words[static 8])
{
	insn->line(place(state, offset, 64), words);
}

static void stream(void *state, const struct insn *insn, uint64_t offset, uint64_t size_bytes, uint64_t value)
{
	insn->stream(place(state, offset, size_bytes), size_bytes, value);
}

static void fence(void *state __attribute__((unused)))
{
	arch_fence();
}

/* Here, and not by calls through the port, so that its own cost stays off the clock. */
static void transfer(void *state, const struct insn *insn, const struct transfer *transfer)
{
	if (!transfer->size_bytes || transfer->size_bytes % (64 * transfer->streams) ||
	    transfer->size_bytes > transfer->span_bytes)
		__builtin_trap();
	(void)place(state, 0, transfer->span_bytes);
	transfer_walk(state, insn, transfer, stream, fence);
}

static void store_mask(void *state, const struct insn *insn, uint64_t offset, uint64_t mask,
                       const uint64_t words[static 8])
{
	if (mask)
		(insn ? insn->mask : arch_store_mask)(place(state, offset, 64), mask, words);
}

static void fill(void *state, uint64_t offset, uint64_t size_bytes, uint8_t value)
{
	memset(place(state, offset, size_bytes), value, size_bytes);
}

static void copy(void *state, uint64_t offset, uint64_t size_bytes, const void *from)
{
	memcpy(place(state, offset, size_bytes), from, size_bytes);
}

static void drain(void *state)
{
	arch_complete(place(state, 0, 8));
}

static uint64_t load_by_peer(void *state, uint64_t offset)
{
	struct machine *machine = state;

	return peer_load(machine->peer, place(machine, offset, 8));
}

static void store_by_peer(void *state, uint64_t offset, uint64_t value)
{
	struct machine *machine = state;

	peer_store(machine->peer, place(machine, offset, 8), value);
}

/* ---- a store that may fault ---- */

static const int faults[] = { SIGBUS, SIGSEGV };
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

/* A signal handler has no argument of its own, so what it must know is static. */
static struct {
	volatile sig_atomic_t is_trying;
	sigjmp_buf landing;
	siginfo_t info;
	struct sigaction before[FAULTS];
} attempt;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	if (attempt.is_trying) {
		attempt.info = *info;
		siglongjmp(attempt.landing, 1);
	}
	/* Not ours: the one before gets it, here, for a child's jail has no way back; or when what faulted faults again. */
	for (unsigned int i = 0; i < FAULTS; i++)
		if (faults[i] == signal) {
			sigaction(signal, &attempt.before[i], NULL);
			if (attempt.before[i].sa_flags & SA_SIGINFO)
				attempt.before[i].sa_sigaction(signal, info, context);
		}
}

static void catch_faults(struct machine *machine)
{
	/* Not blocked in its handler, so that the way out of it needs no system call to let the next one come. */
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER }, before;

	if (machine->is_catching)
		return;
	sigemptyset(&action.sa_mask);
	for (unsigned int i = 0; i < FAULTS; i++)
		if (sigaction(faults[i], &action, &before) == 0 && before.sa_sigaction != on_fault)
			attempt.before[i] = before;
	machine->is_catching = true;
}

static void try_store(void *state, uint64_t offset, unsigned int width, uint64_t value, struct port_fault *ret)
{
	struct machine *machine = state;
	const struct window *window = &machine->window;

	(void)place(machine, offset, width);
	catch_faults(machine);
	*ret = (struct port_fault){ 0 };
	if (sigsetjmp(attempt.landing, 0) == 0) {
		attempt.is_trying = 1;
		store(state, offset, width, value);
		/* An abort that the store's way to the device raises must come while it is still caught. */
		arch_complete(window->at);
		attempt.is_trying = 0;
	} else {
		uint64_t at = (uint64_t)(uintptr_t)attempt.info.si_addr - (uint64_t)(uintptr_t)window->at;

		attempt.is_trying = 0;
		*ret = (struct port_fault){ .signal = attempt.info.si_signo,
			                    .code = attempt.info.si_code,
			                    .offset = at < window->size_bytes ? at : UINT64_MAX };
	}
}

static uint64_t now_ns(void *state __attribute__((unused)))
{
	struct timespec now;

	/* RAW: no clock discipline bends a short measurement. */
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct port port_machine(struct machine *machine)
{
	static const struct port_ops ops = {
		.remap = remap,
		.store = store,
		.load = load,
		.try_store = try_store,
		.store_one = store_one,
		.store_line = store_line,
		.stream = stream,
		.transfer = transfer,
		.store_mask = store_mask,
		.fill = fill,
		.copy = copy,
		.peer_load = load_by_peer,
		.peer_store = store_by_peer,
		.fence = fence,
		.drain = drain,
		.now_ns = now_ns,
	};

	return (struct port){ .ops = &ops, .state = machine, .insns = arch_insns, .n_insns = arch_n_insns,
		              .has_peer = machine->peer != NULL };
}
