/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update: a bundle of the quirk database, from a file to the layer of updates: all of it, or nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"

#define UPDATE_ERROR ".error" /* behind the installed file's name: a bundle that was refused */
#define UPDATE_REASON ".error.txt" /* and why */

struct update_request {
	const char *file, *signature; /* opened as they stand; signature NULL: FILE.sig */
	bool is_dry, is_forced;       /* check only; take also one older than the update that counts, or of its serial */
};

struct update_result {
	uint64_t serial, previous; /* previous 0: there was none */
	char *key;                 /* whose signature; the caller frees it */
	bool is_installed;         /* false: a dry run, or it is there already */
};

/*
 * Checks in this order: size; signature; UTF-8, shape, and does the installed pciwc load it; is it older than what counts,
 * or another of its serial; would it count beside the other files. Then replaces the copy that stands in for the layer's file
 * (QUIRKS_LAST_GOOD_DIR), and the file in one step. A crash leaves the old database or the new, and files for the next one
 * to remove. An error leaves the old; what only a first copy suffers from is logged. A bundle whose own fault it is, is kept
 * beside it with its reason. One at a time: a second one waits.
 */
int update_install(const struct sysroot *root, const struct update_request *request, struct err *err,
                   struct update_result *ret);
