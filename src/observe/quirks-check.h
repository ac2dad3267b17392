/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-check: reads files of the database for whoever writes them, whoever owns them, and tells every fault. */
#pragma once

#include "base/err.h"
#include "model/quirk.h"

/*
 * A file, or every *.json (but schema.json) of a directory, added to ret; path is opened as it stands. errors: what keeps an
 * entry or a file from counting, one line each; warnings: how the text is written. An error when path cannot be read.
 */
int quirks_check_read(const char *path, struct err *err, struct strs *errors, struct strs *warnings, struct quirks *ret);

struct quirks_loaded {
	size_t active, newer; /* entries that count, and those with a word that came with a newer pciwc */
	uint64_t serial;
};

/* Would the loader take the file: -EINVAL with err, id "bad-file", when it is broken. path is for messages. */
int quirks_check_load(const char *path, int fd, struct err *err, struct quirks_loaded *ret);
