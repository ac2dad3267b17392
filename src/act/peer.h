/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer: a second CPU, for what one alone cannot see of itself. A thread, pinned to it, that spins for orders: no system
 * call, so that it works in a jail, and none of its own making once it is ready.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/finding.h"

/* The steps that need one; the others run alone, and undisturbed. */
extern const bool peer_steps[STEPS];

enum peer_order { PEER_NONE, PEER_LOAD, PEER_STORE };

struct peer {
	/* The asker's: how many orders it has given, and the last one. On a line of its own, and so is what follows. */
	_Alignas(64) uint32_t n_asked;
	enum peer_order order;
	void *at; /* 8 bytes, aligned */
	uint64_t value;
	/* The thread's: how many orders it has carried out. */
	_Alignas(64) uint32_t n_done;
	uint64_t answer;
	int error; /* a negative errno: it is not where it should be, and has ended */
	cpu_set_t on; /* its one CPU */
};

/*
 * Starts the thread on the first of these CPUs: 0, -ENODEV when there is none, or the negative errno of what failed. It
 * lives as long as the process, and so must *peer. The thread has the privileges that the caller has now.
 */
int peer_start(struct peer *peer, const cpu_set_t *cpus);

/* By the other CPU, 8 bytes; they return when it is done, and the store has arrived. */
uint64_t peer_load(struct peer *peer, void *at);
void peer_store(struct peer *peer, void *at, uint64_t value);
