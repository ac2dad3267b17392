/* SPDX-License-Identifier: GPL-2.0-or-later */
/* background: fills the range through the uncached mapping, which every later microtest stores on. */
#include "act/image.h"

void pattern_background(struct trial *trial)
{
	const struct image background = { .trial = trial };

	if (!trial_map(trial, WINDOW_UC))
		return;
	image_put_background(trial, 0, trial->size_bytes);
	trial->port.ops->drain(trial->port.state);
	/* What does not hold uncached stores is no memory, and nothing that follows would mean anything. */
	if (image_verify(&background, 0, trial->size_bytes, "after uncached stores"))
		reply_say(trial->reply, OUTCOME_PASS, "%llu bytes hold what was stored uncached",
		          (unsigned long long)trial->size_bytes);
}
