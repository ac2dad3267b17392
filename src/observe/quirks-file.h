/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-file: one version of one file of the database, and how much of it can be believed. */
#pragma once

#include "base/digest.h"
#include "base/sysroot.h"
#include "model/quirk.h"

enum version_kind {
	VERSION_NONE,
	VERSION_GOOD,   /* entries count; single ones may be of a newer format (QUIRK_NEWER_FORMAT) */
	VERSION_MASK,   /* a link whose target is exactly /dev/null */
	VERSION_BROKEN, /* no entry of it counts */
};

struct quirk_version {
	char *path; /* as messages have it */
	enum version_kind kind;
	enum quirk_layer layer;
	bool is_readable; /* there is a list of entries; false: nothing of it is known */
	bool is_unread;   /* broken, for it could not be read just now; another look may find it good */
	char *fault;      /* broken: why; good: the first thing in it that is of a newer format, or NULL */
	uint64_t serial;  /* 0: unknown */
	unsigned char digest[DIGEST_BYTES]; /* of its bytes, or of why they are not there */
	struct {
		struct quirk *at;
		size_t n;
	} entries, voids; /* voids: of whom they mean nothing could be read */
};

/*
 * Reads dir/name of root ("" is the root itself). What is wrong with it is in *ret; an error only when memory is out, or -ENOSYS
 * as digest_of.
 * Refused as broken: what is no regular file, what others than root can write, and a mask that is not root's.
 */
int quirk_version_read(const struct sysroot *root, const char *dir, const char *name, enum quirk_layer layer,
                       struct quirk_version *ret);
struct quirks_cache;
/*
 * The same in an open directory, or with the error that opening it gave; path is its own, for messages. The cache spares parsing
 * what it knows, or keeps what is parsed (observe/quirks-cache.h); NULL: there is none.
 */
int quirk_version_read_at(const struct sysroot *root, int dir, const char *path, const char *name, enum quirk_layer layer,
                          struct quirks_cache *cache, struct quirk_version *ret);
/*
 * That digest alone, of a file in an open directory: of what is not the same nothing else follows, so that who only asks whether
 * the database has changed need not understand it. 0, -ENOMEM, or -ENOSYS as digest_of.
 */
int quirk_file_digest(const struct sysroot *root, int dir, const char *name, unsigned char ret[static DIGEST_BYTES]);
/* quirk_version_read() of text, with nobody asked for trust; ret has kind VERSION_GOOD and else nothing before. path is for messages. */
int quirk_version_parse(const char *path, const char *text, size_t size, struct quirk_version *ret);
void quirk_version_done(struct quirk_version *version);
