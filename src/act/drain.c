/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drain: a store, the completing barrier, then a look by another CPU: what is not there now never arrives. */
#include <inttypes.h>

#include "act/image.h"

#define ROUNDS 4096

static uint64_t place_of(const struct trial *trial, uint64_t i)
{
	uint64_t lines = trial->size_bytes / LINE_BYTES / 2;

	return (i % lines * 2 + 1) * LINE_BYTES + i % 8 * 8;
}

/* It is there before the barrier, or not: only afterwards it must be. */
static bool look(struct trial *trial, uint64_t i, uint64_t *ret_seen)
{
	const struct port *port = &trial->port;
	uint64_t at = place_of(trial, i), value = ~image_background(trial, at);

	port_store(port, at, 8, value);
	port->ops->drain(port->state);
	if (port->has_peer)
		*ret_seen = port->ops->peer_load(port->state, at);
	else if (trial_map(trial, WINDOW_UC))
		*ret_seen = port_load(port, at, 8);
	else
		return false;
	/* Back to what it was, seen by the same eyes. */
	if (*ret_seen != value)
		return true;
	if (!port->has_peer && !trial_map(trial, WINDOW_WC))
		return false;
	port_store(port, at, 8, ~value);
	port->ops->drain(port->state);
	if (port->has_peer && port->ops->peer_load(port->state, at) != ~value)
		*ret_seen = ~value;
	return true;
}

static void say_absent(struct trial *trial, uint64_t at, uint64_t want, uint64_t seen)
{
	reply_number(trial->reply, "first_bad_offset", (double)at);
	reply_say(trial->reply, OUTCOME_FAIL,
	          "no-drain: %016" PRIx64 " was stored at 0x%" PRIx64 ", and after the completing barrier %s saw %016" PRIx64,
	          want, at, trial->port.has_peer ? "another CPU" : "a fresh uncached mapping", seen);
	if (trial->port.ops->remap(trial->port.state, WINDOW_UC) == 0)
		trial_repair(trial);
}

void pattern_drain(struct trial *trial)
{
	/* Alone, each look takes two remaps. */
	uint64_t n = ROUNDS / trial->thinning / (trial->port.has_peer ? 1 : 16), seen;

	if (!trial_begin(trial, "before the test") || !trial_map(trial, WINDOW_WC))
		return;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = place_of(trial, i), want = ~image_background(trial, at);

		if (!look(trial, i, &seen))
			return;
		if (seen != want) {
			say_absent(trial, at, want, seen);
			return;
		}
	}
	if (!trial_end(trial, "after the test"))
		return;
	reply_number(trial->reply, "stores", (double)(2 * n));
	if (trial->port.has_peer)
		reply_say(trial->reply, OUTCOME_PASS, "each of %u completed stores was there for another CPU",
		          (unsigned int)(2 * n));
	else
		reply_say(trial->reply, OUTCOME_UNSUPPORTED,
		          "one CPU: %u completed stores had arrived when they were looked at through a fresh mapping, which "
		          "may be what sent them", (unsigned int)n);
}
