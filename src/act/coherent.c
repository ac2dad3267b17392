/* SPDX-License-Identifier: GPL-2.0-or-later */
/* coherent: this CPU reads a line, another one stores to it and completes, this one reads again without a remap. */
#include <inttypes.h>

#include "act/image.h"

#define ROUNDS 4096

/* The word of the line that is not what it should be; 8: none. stored: the word that the other CPU has changed; 8: none. */
static unsigned int read_line(const struct trial *trial, uint64_t line, unsigned int stored, uint64_t value,
                              uint64_t *ret_got)
{
	for (unsigned int i = 0; i < 8; i++) {
		uint64_t at = line + 8 * i;

		*ret_got = port_load(&trial->port, at, 8);
		if (*ret_got != (i == stored ? value : image_background(trial, at)))
			return i;
	}
	return 8;
}

static bool run_round(struct trial *trial, uint64_t i)
{
	const struct port *port = &trial->port;
	uint64_t line = i % (trial->size_bytes / LINE_BYTES) * LINE_BYTES, got;
	unsigned int word = (unsigned int)(mix64(i) % 8), bad;
	uint64_t value = ~image_background(trial, line + 8 * word);
	const char *when = "before another CPU stored to it";

	bad = read_line(trial, line, 8, 0, &got);
	if (bad == 8) {
		when = "after another CPU stored to it";
		port->ops->peer_store(port->state, line + 8 * word, value);
		bad = read_line(trial, line, word, value, &got);
	}
	if (bad == 8) {
		when = "after another CPU put it back";
		port->ops->peer_store(port->state, line + 8 * word, ~value);
		bad = read_line(trial, line, 8, 0, &got);
	}
	if (bad == 8)
		return true;
	reply_number(trial->reply, "first_bad_offset", (double)(line + 8 * bad));
	reply_say(trial->reply, OUTCOME_FAIL, "wc-read-incoherent: %s a line read %016" PRIx64 " at 0x%" PRIx64 "%s", when,
	          got, line + 8 * bad, bad == word ? ", which is old" : "");
	return false;
}

void pattern_coherent(struct trial *trial)
{
	uint64_t n = ROUNDS / trial->thinning;
	bool is_good = true;

	if (!trial->port.has_peer) {
		reply_say(trial->reply, OUTCOME_UNSUPPORTED, "one CPU: nobody else can store");
		return;
	}
	if (!trial_begin(trial, "before the test") || !trial_map(trial, WINDOW_WC))
		return;
	for (uint64_t i = 0; is_good && i < n; i++)
		is_good = run_round(trial, i);
	if (!is_good && trial->port.ops->remap(trial->port.state, WINDOW_UC) == 0)
		trial_repair(trial);
	if (!is_good || !trial_end(trial, "after the test"))
		return;
	reply_number(trial->reply, "stores", (double)(2 * n));
	reply_say(trial->reply, OUTCOME_PASS, "each of %u stores by another CPU was seen by the next read",
	          (unsigned int)(2 * n));
}
