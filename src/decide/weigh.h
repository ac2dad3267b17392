/* SPDX-License-Identifier: GPL-2.0-or-later */
/* weigh: what the matches of a path or a BAR amount to, once the site's lifts and acceptances are counted. Pure. */
#pragma once

#include <stdbool.h>

#include "model/expectation.h"
#include "model/site.h"
#include "model/verdict.h"

struct weight {
	bool is_denied;   /* an entry denies it, and the site did not lift that */
	bool is_held;     /* an entry holds it, or may deny it, hold it, or say that it cannot be WC */
	bool has_no_wc;   /* there is no way to map it WC */
	const struct quirk *accepted; /* an allow-after-probe entry that the site accepts as proof; NULL */
};

/* Adds a reason, and where one helps a next step, for each match that says something. 0 or -ENOMEM. */
int weigh_matches(const struct matches *matches, const struct site *site, bool of_device, struct reasons *reasons,
                  struct nexts *nexts, struct weight *ret);
