/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lapse: what somebody may rely on, and is not safe any more. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/publication.h"
#include "model/verdict.h"

struct lapse {
	struct pci_address address;
	bool is_path;
	unsigned int bar; /* whose BAR it is, when it is not the path */
};

/*
 * The first BAR that an approval on file gives or calls safe, or of which the publication (NULL: none) calls a part safe or
 * granted, and that is not safe now; and the first path of which the publication says better than it is now. verdicts runs
 * parallel to evidence->devices. A BAR of which only parts were given is one also when these are as good as before: to judge
 * again then changes nothing. false: there is none.
 */
bool lapse_find(const struct evidence *evidence, const struct device_verdict *verdicts, const struct publication *published,
                struct lapse *ret);
