/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysroot: the directory that stands for a machine. Every path the tool reads or writes is relative to one, so that
 * `--root DIR` replays a captured machine, and a symbolic link in DIR never leads out of it (openat2(2), RESOLVE_IN_ROOT).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strs.h"

struct sysroot {
	int fd;      /* owned; -1 when closed */
	bool live;   /* this machine itself, "/" */
	uid_t owner; /* who may own configuration: root; in a captured tree also the tree's owner */
	char *name;  /* "" when live, else DIR: the prefix of paths in messages */
};

/* dir NULL or "/" is the live machine. The caller closes it. 0, or a negative errno with err filled. */
int sysroot_open(const char *dir, struct err *err, struct sysroot *ret);
void sysroot_close(struct sysroot *root);

/* openat(2) inside the root; path may start with "/". The fd, or a negative errno. O_CLOEXEC is always set. */
int sysroot_fd(const struct sysroot *root, const char *path, int flags);
/* 1 or 0: it is there or not; a negative errno when that could not be found out. */
int sysroot_has(const struct sysroot *root, const char *path);

/*
 * A small text file, without its trailing blanks and newlines. -EFBIG over max_bytes; -EILSEQ when it holds a NUL.
 * The caller frees *ret.
 */
int sysroot_text(const struct sysroot *root, const char *path, size_t max_bytes, char **ret);
/* A binary file whole; *ret is NUL-terminated behind its *ret_size bytes. -EFBIG over max_bytes. */
int sysroot_bytes(const struct sysroot *root, const char *path, size_t max_bytes, char **ret, size_t *ret_size);
/* The names in a directory, sorted, without "." and "..". */
int sysroot_list(const struct sysroot *root, const char *path, struct strs *ret);
/* The same of an open directory. */
int dir_list(int dir, struct strs *ret);
/* The last component of the link's target: the usual way sysfs names a driver or a group. */
int sysroot_link_name(const struct sysroot *root, const char *path, char **ret);
/* The link's target as it stands. */
int sysroot_link(const struct sysroot *root, const char *path, char **ret);

/* The same on a directory fd, for the many attributes of one device. name has no "/" in it. */
int attr_text(int dir, const char *name, size_t max_bytes, char **ret);
int attr_u64(int dir, const char *name, int base, uint64_t *ret);
int attr_link_name(int dir, const char *name, char **ret);
int attr_link(int dir, const char *name, char **ret);
/* One write(2) of text to a sysfs attribute: 0 or a negative errno. */
int attr_write(int dir, const char *name, const char *text);

/* Reads all of fd up to max_bytes; *ret is NUL-terminated. -EFBIG over it. */
int fd_bytes(int fd, size_t max_bytes, char **ret, size_t *ret_size);

/*
 * Refuses what others could have written: the file itself must be regular, owned by root (in a captured tree, or by the
 * tree's owner), and not writable by group or others. 0, or -EPERM with err naming path and the fault.
 */
int sysroot_trust(const struct sysroot *root, int fd, const char *path, struct err *err);
/* The same of a directory: one in which somebody else can rename files is as good as a file that he can write. */
int sysroot_trust_dir(const struct sysroot *root, int fd, const char *path, struct err *err);
/*
 * Opens a directory in the place of which nobody but root can put another one: no component from the root down is a link,
 * anybody else's, or one that others can write, unless a sticky bit lets them only add to it (in a captured tree its user's
 * group may write those above). -ENOENT without err: one is missing. Else 0, or a negative errno with err. The fd is for
 * openat and the like (O_PATH); who reads through it reads what was checked; the caller closes it.
 */
int sysroot_trusted(const struct sysroot *root, const char *dir, struct err *err, int *ret_fd);
/* The same of one whose mere names count: to that one others must not even add. */
int sysroot_guarded(const struct sysroot *root, const char *dir, struct err *err, int *ret_fd);

/*
 * Replaces dir/name by text in one step: temporary file, fsync, rename, fsync of the directory. dir is made (0755) when
 * missing; a dir that others than root can write is refused.
 */
int sysroot_replace(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *text,
                    struct err *err);
int sysroot_replace_bytes(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *bytes,
                          size_t size, struct err *err);
/* The same in two steps, for several files of which all are written before the first is replaced. */
struct staged {
	int dir; /* owned; -1: nothing is staged */
	char *name, *temporary, *path;
	bool is_placed; /* the name is the new file's, whatever staged_place said afterwards */
};
/* Writes the temporary file. The caller passes .dir = -1, and calls staged_done, which removes what was not placed. */
int sysroot_stage(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *bytes, size_t size,
                  struct err *err, struct staged *ret);
int staged_place(struct staged *staged, struct err *err);
void staged_done(struct staged *staged);
/*
 * Removes what killed processes left of files that were to become dir/name, or dir/name.*, or with name NULL any in dir: for
 * who holds a lock that each of them takes. What cannot be removed does no harm, and stays.
 */
void sysroot_sweep(const struct sysroot *root, const char *dir, const char *name);
/* The same as sysroot_trusted, which makes what is missing; it is on disk then. */
int sysroot_dir(const struct sysroot *root, const char *dir, mode_t mode, struct err *err, int *ret);
