/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match-keys: one key of the match language against the machine. Pure. */
#pragma once

#include "decide/match.h"

/* The machine's fact that a key was compared with, for `explain`. */
struct told {
	char text[160]; /* a longer one is cut: it is for people */
};

/* Does this form of key hold. Where it does, told (which is empty before, or NULL) says of what. */
enum tri key_matches(enum match_key key, const struct form *form, const struct facts *facts, struct told *told);

/* What the machine has for what the term asks, whether that holds or not; empty: unknown. */
void key_tell(const struct term *term, const struct facts *facts, struct told *told);
