/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile: installs what spares the parsing of the quirk database, as observe/quirks-cache.h reads it. */
#pragma once

#include "base/sysroot.h"

/*
 * Waits for who updates the database. Loads the layers of root, or dir alone, and replaces the cache of root. *ret_files of *ret_all files are in it; those with a
 * fault never are. Without it, or when it is old, everything is as it is with it, and slower.
 */
int compile_install(const struct sysroot *root, const char *dir, struct err *err, size_t *ret_files, size_t *ret_all);
