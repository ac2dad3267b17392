/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quirks-cache: files of the database that were read before, without faults, as their entries in binary. It spares parsing,
 * nothing else: a file is read and trusted as ever, and what is remembered of it counts only while its bytes are the same.
 */
#pragma once

#include "base/pack.h"
#include "base/sysroot.h"
#include "observe/quirks-file.h"

#define QUIRKS_CACHE_DIR "/var/cache/pciwc"
#define QUIRKS_CACHE_FILE "quirks.bin"

struct quirks_cache {
	char *bytes; /* the file; NULL: there is none that can be used */
	size_t size;
	struct cache_slots {
		struct cache_slot *at; /* in the order of their keys */
		size_t n;
	} slots;
	bool is_made; /* what is parsed is kept, to be written */
	bool is_incomplete; /* but something could not be */
	struct pack kept;
};

/* That of root; one that is missing, untrusted, damaged or another program's is empty, and nothing is said of it. */
void quirks_cache_open(const struct sysroot *root, struct quirks_cache *ret);
/* An empty one, that keeps what is parsed. */
void quirks_cache_make(struct quirks_cache *ret);
/*
 * What quirk_version_parse would make of text, added to ret, which has kind VERSION_GOOD and else nothing before; false, and ret
 * unchanged: it is not known. file is the name that entries say.
 */
bool quirks_cache_recall(const struct quirks_cache *cache, const char *file, const char *text, size_t size, struct quirk_version *ret);
/* Keeps what was parsed of text, if there is no fault at all in it. */
void quirks_cache_keep(struct quirks_cache *cache, const char *text, size_t size, const struct quirk_version *version);
/* The file that holds what was kept; the caller frees *ret. -ENOTSUP: the program cannot tell its build. */
int quirks_cache_bytes(struct quirks_cache *cache, struct err *err, char **ret, size_t *ret_size);
void quirks_cache_done(struct quirks_cache *cache);
