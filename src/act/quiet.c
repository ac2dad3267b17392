/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quiet: two streaming reads through the write-combined mapping agree, and change nothing. */
#include "act/image.h"

static bool read_all(const struct trial *trial, const char *when)
{
	const struct image background = { .trial = trial };

	return image_verify(&background, 0, trial->size_bytes, when);
}

void pattern_quiet(struct trial *trial)
{
	const struct port *port = &trial->port;
	uint64_t start, elapsed;

	if (!trial_begin(trial, "before the test") || !trial_map(trial, WINDOW_WC))
		return;
	start = port->ops->now_ns(port->state);
	if (!read_all(trial, "in the first streaming read") || !read_all(trial, "in the second streaming read"))
		return;
	elapsed = port->ops->now_ns(port->state) - start;
	if (!trial_end(trial, "after streaming reads"))
		return;
	if (elapsed)
		reply_number(trial->reply, "wc_read_mbps", 2 * (double)trial->size_bytes * 1000 / (double)elapsed);
	reply_say(trial->reply, OUTCOME_PASS, "two streaming reads of %llu bytes gave the same, and changed nothing",
	          (unsigned long long)trial->size_bytes);
}
