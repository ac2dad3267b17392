/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappers-look: one look at all of /proc, which may take as long as those who are looked at like. */
#pragma once

#include "act/mappers.h"

/* What is looked for, and what came of it: shared with whoever looks, apart. */
struct mappers_scan {
	const struct mappers_bar *bars;
	size_t n_bars;
	pid_t only;      /* whose mappings alone are looked at, 0: everybody is */
	pid_t own;       /* on a live machine, the process that asks; 0 */
	pid_t at;        /* who is being looked at */
	int r;
	struct err err;
	struct mappers found;
};

/* Looks, by an open /proc; shared is a struct mappers_scan. What is in found holds also when it is ended before it returns. */
void mappers_look(int proc, void *shared);
