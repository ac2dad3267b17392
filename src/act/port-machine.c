/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port-machine: the port's operations by this CPU on a mapped BAR, each kept inside the range. */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "act/arch.h"
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

	return window_map(&machine->window, kind);
}

static void store8(void *state, uint64_t offset, uint8_t value)
{
	arch_store8(place(state, offset, 1), value);
}

static void store16(void *state, uint64_t offset, uint16_t value)
{
	arch_store16(place(state, offset, 2), value);
}

static void store64(void *state, uint64_t offset, uint64_t value)
{
	arch_store64(place(state, offset, 8), value);
}

static uint8_t load8(void *state, uint64_t offset)
{
	return arch_load8(place(state, offset, 1));
}

static uint64_t load64(void *state, uint64_t offset)
{
	return arch_load64(place(state, offset, 8));
}

static void store_line(void *state, uint64_t offset, const uint64_t words[static 8])
{
	const struct machine *machine = state;

	arch_store_line(place(machine, offset, 64), words, machine->width);
}

static void store_mask(void *state, uint64_t offset, uint64_t mask, const uint64_t words[static 8])
{
	if (mask)
		arch_store_mask(place(state, offset, 64), mask, words);
}

static void stream(void *state, uint64_t offset, uint64_t size_bytes, unsigned int width, uint64_t value)
{
	const struct machine *machine = state;

	arch_stream(place(machine, offset, size_bytes), size_bytes, width == 64 ? machine->width : width, value);
}

static void fence(void *state __attribute__((unused)))
{
	arch_fence();
}

static void drain(void *state)
{
	arch_complete(place(state, 0, 8));
}

/* A signal handler has no argument of its own, so what it must know is static; set only while the store below runs. */
static sigjmp_buf landing;
static siginfo_t caught;

static void on_fault(int signal, siginfo_t *info, void *context __attribute__((unused)))
{
	caught = *info;
	siglongjmp(landing, signal);
}

static void store_unaligned(void *state, uint64_t offset, uint64_t value, struct port_fault *ret)
{
	const struct machine *machine = state;
	const struct window *window = &machine->window;
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, before;
	uint8_t *target = place(machine, offset, 8);

	*ret = (struct port_fault){ 0 };
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &before);
	if (sigsetjmp(landing, 1) == 0) {
		arch_store64(target, value);
		/* An abort that the store's way to the device raises must come while it is still caught. */
		arch_complete(window->at);
	} else {
		uint64_t at = (uint64_t)(uintptr_t)caught.si_addr - (uint64_t)(uintptr_t)window->at;

		*ret = (struct port_fault){ .signal = caught.si_signo,
			                    .code = caught.si_code,
			                    .offset = at < window->size_bytes ? at : UINT64_MAX };
	}
	sigaction(SIGBUS, &before, NULL);
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
		.store8 = store8,
		.store16 = store16,
		.store64 = store64,
		.load8 = load8,
		.load64 = load64,
		.store_line = store_line,
		.store_mask = store_mask,
		.stream = stream,
		.store_unaligned = store_unaligned,
		.fence = fence,
		.drain = drain,
		.now_ns = now_ns,
	};

	return (struct port){ .ops = &ops, .state = machine };
}
