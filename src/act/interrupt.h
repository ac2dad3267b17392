/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interrupt: a signal that would end the process waits until what was taken has been put back. */
#pragma once

#include <signal.h>
#include <stdbool.h>

struct interrupt {
	sigset_t before; /* the mask to return to */
	int signal;      /* the first that came; 0: none */
	bool is_held;
};

/*
 * Holds back SIGHUP, SIGINT, SIGQUIT, SIGTERM, and SIGPIPE of a reader who left. A child clears its mask and leaves the
 * terminal's group (runner.c): Ctrl-C must not kill a step half-way and look like a death of the device's making.
 */
void interrupt_hold(struct interrupt *interrupt);
/* Has one come? It is taken, and remembered. */
bool interrupt_came(struct interrupt *interrupt);
/* Lets signals through again. A SIGPIPE that came meanwhile is dropped; another that was not taken acts now. */
void interrupt_release(struct interrupt *interrupt);
