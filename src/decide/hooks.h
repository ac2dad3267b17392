/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks: which few of thousands of entries could take all that an entry takes. Pure. */
#pragma once

#include <stdint.h>

#include "model/quirk.h"

/* Something that the entry asks for, and that no other takes without asking for it too. */
struct hook {
	uint64_t hash; /* of the key and one value */
	size_t quirk;  /* its index */
};

struct hooks {
	struct hook *at;
	size_t n;
};

/* Of the active ones that withhold. 0 or -ENOMEM. */
int hooks_make(const struct quirks *quirks, struct hooks *ret);
/* Adds whatever of them could cover one of this one's alternatives, each once, in their order. 0 or -ENOMEM. */
int hooks_find(const struct hooks *hooks, const struct quirk *quirk, struct hooks *ret);
void hooks_done(struct hooks *hooks);
