/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidates: the few entries of a long database that could mean this machine, or this device: who asks often asks only those. Pure. */
#pragma once

#include "decide/match.h"

struct candidate {
	const struct quirk *quirk;
	uint64_t live; /* a bit an alternative that may still hold; those from the 63rd on share one */
	/* What each of these needs: a device, or a port above it, of a vendor within low..high. A long list is read so, not followed. */
	enum { NEEDS_NOTHING, NEEDS_DEVICE, NEEDS_PORT } needs;
	uint16_t low, high;
};

struct candidates {
	struct candidate *at;
	size_t n;
};

/*
 * Those of quirks, or of among when that is not NULL, in their order, which match_quirk would not answer with no, whatever the
 * facts are that are NULL (device, bar). 0 or -ENOMEM.
 */
int candidates_find(const struct quirks *quirks, const struct candidates *among, const struct facts *facts,
                    struct candidates *ret);
void candidates_done(struct candidates *candidates);
