/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks: loads the quirk database from a directory of JSON files. */
#pragma once

#include "base/err.h"
#include "model/quirk.h"

/*
 * Every *.json of dir (but schema.json), in the order of names. A file that cannot be used (unreadable, untrusted, bad
 * JSON, one bad entry, a name used twice) is left out whole and named in ret->broken; a directory that cannot be read,
 * or holds no file, is one broken line too, for without a database everything is held. An error only when memory is out.
 */
int quirks_load(const char *dir, struct err *err, struct quirks *ret);
