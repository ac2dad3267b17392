/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-check: reads files of the database for whoever writes them, whoever owns them, and tells every fault. */
#pragma once

#include "base/err.h"
#include "base/lookup.h"
#include "base/sysroot.h"
#include "model/quirk.h"

/*
 * A file, or every *.json (but schema.json) of a directory, added to ret; path is opened as it stands. errors: what keeps an
 * entry or a file from counting, one line each; warnings: how the text is written. taken finds the names of ret, by their
 * index. An error when path cannot be read.
 */
int quirks_check_read(const char *path, struct err *err, struct strs *errors, struct strs *warnings,
                      struct lookup *taken, struct quirks *ret);

/*
 * Would the loader take this as an update, which has a date, and schema 1: 0 and its serial, or -EINVAL with err, id
 * "bad-file". path is for messages.
 */
int quirks_check_load(const char *path, const char *text, size_t size, struct err *err, uint64_t *ret_serial);

/*
 * Would a file that the loader takes count as QUIRKS_UPDATE_FILE of root's layer of updates, beside what is there: -EEXIST
 * with err, id "hidden" (a higher layer has a file of this name) or "name-taken" (another file of the layer has an entry's).
 * -EINVAL, "bad-bundle": it is not of this serial, or the loader does not take it, whatever was said of it before.
 */
int quirks_check_place(const struct sysroot *root, const char *path, const char *text, size_t size, uint64_t serial,
                       struct err *err);
