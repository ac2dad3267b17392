/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expectation: what the database and the site say of a path and its BARs before anything is touched. */
#pragma once

#include "model/device.h"
#include "model/quirk.h"
#include "model/tri.h"

/* A quirk that means this path or BAR, or may mean it. */
struct match {
	const struct quirk *quirk; /* borrowed */
	enum tri result;           /* TRI_YES: it does; TRI_UNKNOWN: it cannot be ruled out */
	struct strs keys;          /* "port=1def:e101": what matched; "soc_id=?": what is unknown */
};

struct matches {
	struct match *at;
	size_t n;
};

struct bar_expectation {
	struct matches matches;
	bool is_memory;     /* declared so by an entry */
	bool is_not_memory; /* declared registers or doorbells */
	bool has_msix;      /* MSI-X table or PBA lives in it */
	bool has_scratch;
	struct range scratch;       /* where the probe may write; inside the BAR, page-aligned */
	const char *scratch_source; /* "site" or the entry's name; borrowed */
};

struct expectation {
	struct matches path;
	struct bar_expectation bars[BAR_MAX]; /* parallel to device.bars */
};

void expectation_done(struct expectation *expectation);
struct json_object *matches_to_json(const struct matches *matches); /* [QUIRK...] */
