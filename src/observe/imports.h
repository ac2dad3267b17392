/* SPDX-License-Identifier: GPL-2.0-or-later */
/* imports: findings of other machines, from the files that the site names and from no others. */
#pragma once

#include "base/digest.h"
#include "base/err.h"
#include "base/strs.h"
#include "base/sysroot.h"
#include "model/import.h"
#include "model/site.h"

/*
 * What the site's "imports" name, below the root. A file that is missing, wrong, or that others than root can write (or
 * a directory on the way to it) is left out and named in ret_broken, one message each: what it says is not known. 0 or -ENOMEM.
 */
int imports_read(const struct sysroot *root, const struct site *site, struct imports *ret, struct strs *ret_broken);

/*
 * The digest of those files, of whatever is there now: what was read before is stale when it is another one. 0 or a negative
 * errno.
 */
int imports_digest(const struct sysroot *root, const struct site *site, struct err *err, char ret[static DIGEST_TEXT]);

/*
 * A file of this machine that a command line names, whoever owns it: it is only looked at. ret_text (which may be NULL)
 * gets its text, checked, for the caller to free.
 */
int imports_look(const char *file, struct err *err, struct import *ret, char **ret_text);
