/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks: loads the quirk database from its layers of directories of JSON files. */
#pragma once

#include "base/sysroot.h"
#include "model/quirk.h"

/* Below the root; a file hides those of its name in the layers before. */
#define QUIRKS_DISTRIBUTION_DIR PKGDATADIR "/quirks.d"
#define QUIRKS_UPDATE_DIR "/var/lib/pciwc/quirks.d"
#define QUIRKS_RUNTIME_DIR "/run/pciwc/quirks.d"
#define QUIRKS_SITE_DIR "/etc/pciwc/quirks.d"
/* The one file there that `quirks update` installs. */
#define QUIRKS_UPDATE_FILE "update.json"
/* Copies, kept by whoever changes the layer of updates, of files there that were good: they stand in for broken ones. */
#define QUIRKS_LAST_GOOD_DIR "/var/lib/pciwc/quirks.good"

/* Is this the name of a file of the database: *.json, but schema.json and what is hidden. */
bool quirks_is_file(const char *name);

/*
 * Every *.json (but schema.json) of the layers, or of dir alone. A captured machine without a distribution's layer gets
 * this machine's. A file that cannot be used (unreadable, untrusted, bad JSON, one bad entry, a name used twice) does not
 * count, and is named in ret->damaged: what its readable part, and of an update its copy, may deny is held; where there is
 * neither it is named in ret->broken, and everything is held. A directory that is untrusted, and a database without any
 * file, are such a line too. An update counts only while it is not older than the distribution's newest file. An error
 * only when memory is out.
 */
int quirks_load(const struct sysroot *root, const char *dir, struct err *err, struct quirks *ret);
/* What quirks_load would have in ret->digest, from the bytes alone: nothing is parsed. 0 or a negative errno with err. */
int quirks_digest(const struct sysroot *root, const char *dir, struct err *err, char ret[static DIGEST_TEXT]);
struct quirks_cache;
/* The same with this cache instead of the root's own (observe/quirks-cache.h). */
int quirks_load_by(struct quirks_cache *cache, const struct sysroot *root, const char *dir, struct err *err,
                   struct quirks *ret);
