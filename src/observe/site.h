/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site: loads the administrator's choices. */
#pragma once

#include "base/digest.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/site.h"

#define SITE_DIR "/etc/pciwc"
#define SITE_NAME "site.json"
#define SITE_FILE SITE_DIR "/" SITE_NAME

/*
 * file: what --site says (a path of this machine; it must be there), or NULL: SITE_FILE below the root, which may be
 * missing (then nothing is granted, written to or probed). A file that others than root can write, or rename in its
 * directory, is refused.
 */
int site_load(const struct sysroot *root, const char *file, struct err *err, struct site *ret);
/* The same; with errors, as site_check has it: all that is wrong in the file, not the first only. */
int site_load_all(const struct sysroot *root, const char *file, struct err *err, struct strs *errors, struct site *ret);
/* Changes with any byte of that file, and with whether it can be read and is trusted: 0, or an error when there is no digest. */
int site_digest(const struct sysroot *root, const char *file, struct err *err, char ret[static DIGEST_TEXT]);
