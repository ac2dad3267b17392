/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-parts: a database while it is read, and who of its entries has a name. */
#pragma once

#include "base/digest.h"
#include "observe/quirks-versions.h"

struct loading {
	struct quirks_cache *cache;
	struct shelf shelves[LAYERS]; /* lowest first */
	size_t n;
	struct strs names; /* of files, each once, sorted */
	struct versions *versions; /* of each */
	unsigned char digest[DIGEST_BYTES]; /* of what was put into it so far */
	size_t files;    /* that are no copies */
	char *copies_fault; /* why the copies cannot be read; NULL: they can, or there are none */
	struct quirks all, idle; /* idle: entries that are not active; they come last */
};

/* The one of the layer, which there is. */
struct shelf *loading_shelf(struct loading *loading, enum quirk_layer layer);

/*
 * Takes the names of the version's entries, which is the next to be put; it becomes broken, and has none, when one of
 * them is taken in its layer. 0 or -ENOMEM.
 */
int names_take(struct loading *loading, struct quirk_version *version);
/* All is put. An entry whose name an active one of a higher layer has goes to the idle ones. 0 or -ENOMEM. */
int names_replace(struct loading *loading);
/* And of these, one that a later release of the distribution's tells anew does not hold any more. 0 or -ENOMEM. */
int names_outdate(struct loading *loading);
