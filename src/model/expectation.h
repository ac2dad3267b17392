/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expectation: what the database and the site say of a path and its BARs before anything is touched. */
#pragma once

#include "model/device.h"
#include "model/quirk.h"
#include "model/tri.h"

/* One key of a match, and the machine's fact that it was compared with. */
struct matched_fact {
	const char *key; /* "port"; "not soc_id" for one below `not`. Borrowed from the key's table */
	char *fact;      /* "1def:e101"; NULL: unknown */
};

struct matched {
	struct matched_fact *at;
	size_t n;
};

/* A quirk that means this path or BAR, or may mean it. */
struct match {
	const struct quirk *quirk; /* borrowed */
	enum tri result;           /* TRI_YES: it does; TRI_UNKNOWN: it cannot be ruled out */
	struct matched matched;    /* of TRI_YES: all that matched; of TRI_UNKNOWN: also what is unknown */
};

struct matches {
	struct match *at;
	size_t n;
};

struct bar_expectation {
	struct matches matches;
	bool is_memory;         /* declared so by an entry */
	bool is_not_memory;     /* declared registers or doorbells */
	bool may_be_registers;  /* an entry that says so cannot be ruled out, and the site did not lift it */
	bool has_msix;          /* MSI-X table or PBA lives in it */
	bool has_scratch;
	bool has_misfit;    /* the site declares a scratch range that leaves the BAR or meets MSI-X: it does not count */
	struct range scratch;       /* where the probe may write; inside the BAR, page-aligned */
	const char *scratch_source; /* "site" or the entry's name; borrowed */
	bool has_cmb; /* an entry says that it may hold a controller memory buffer: scratch, where nothing else is */
};

struct expectation {
	struct matches path;
	struct bar_expectation bars[BAR_MAX]; /* parallel to device.bars */
};

void matched_done(struct matched *matched);
void expectation_done(struct expectation *expectation);
struct json_object *matches_to_json(const struct matches *matches); /* [QUIRK...] */
