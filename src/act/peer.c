/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peer: the thread on the second CPU, and how it is told what to do. */
#include "act/peer.h"

#include <errno.h>
#include <pthread.h>

#include "act/arch.h"

const bool peer_steps[STEPS] = { [STEP_DRAIN] = true, [STEP_COHERENT] = true };

static void carry_out(struct peer *peer)
{
	/* The order is memory of this program, what it is about may be a device's: no read of that comes early. */
	arch_acquire();
	if (peer->order == PEER_LOAD) {
		peer->answer = arch_load64(peer->at);
	} else if (peer->order == PEER_STORE) {
		arch_store64(peer->at, peer->value);
		arch_complete(peer->at);
	}
}

static void *serve(void *data)
{
	struct peer *peer = data;
	uint32_t n_done = 0;

	if (sched_setaffinity(0, sizeof(peer->on), &peer->on) < 0)
		peer->error = -errno;
	/* The empty order 1 tells the starter that what a thread's start needs of the kernel is done with. */
	while (!peer->error) {
		__atomic_store_n(&peer->n_done, ++n_done, __ATOMIC_RELEASE);
		while (__atomic_load_n(&peer->n_asked, __ATOMIC_ACQUIRE) == n_done)
			arch_relax();
		carry_out(peer);
	}
	__atomic_store_n(&peer->n_done, ++n_done, __ATOMIC_RELEASE);
	return NULL;
}

static void await(const struct peer *peer)
{
	while (__atomic_load_n(&peer->n_done, __ATOMIC_ACQUIRE) != peer->n_asked)
		arch_relax();
	/* The asker's next read of the device is not answered by one from before. */
	arch_acquire();
}

int peer_start(struct peer *peer, const cpu_set_t *cpus)
{
	pthread_t thread;
	int r;

	*peer = (struct peer){ .n_asked = 1 };
	for (unsigned int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&peer->on); i++)
		if (CPU_ISSET(i, cpus))
			CPU_SET(i, &peer->on);
	if (!CPU_COUNT(&peer->on))
		return -ENODEV;
	r = pthread_create(&thread, NULL, serve, peer);
	if (r)
		return -r;
	await(peer);
	if (peer->error)
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
	return peer->error;
}

static void ask(struct peer *peer, enum peer_order order, void *at, uint64_t value)
{
	peer->order = order;
	peer->at = at;
	peer->value = value;
	__atomic_store_n(&peer->n_asked, peer->n_asked + 1, __ATOMIC_RELEASE);
	await(peer);
}

uint64_t peer_load(struct peer *peer, void *at)
{
	ask(peer, PEER_LOAD, at, 0);
	return peer->answer;
}

void peer_store(struct peer *peer, void *at, uint64_t value)
{
	ask(peer, PEER_STORE, at, value);
}
