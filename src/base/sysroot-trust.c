/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysroot-trust: files and directories that nobody but root can write, from the root down; the others are refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "base/sysroot.h"

int sysroot_trust(const struct sysroot *root, int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, -errno, "unreadable", "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EPERM, "untrusted-file", "%s: expected a regular file", path);
	if (st.st_uid != 0 && st.st_uid != root->owner)
		return err_set(err, -EPERM, "untrusted-file", "%s: owned by uid %u, expected root", path, st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EPERM, "untrusted-file", "%s: mode %04o lets others write, expected at most 0644",
		               path, st.st_mode & 07777);
	return 0;
}

static int trust_dir(const struct sysroot *root, int fd, const char *path, mode_t sticky, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, -errno, "unreadable", "%s%s", root->name, path);
	if (st.st_uid != 0 && st.st_uid != root->owner)
		return err_set(err, -EPERM, "untrusted-dir", "%s%s: owned by uid %u, expected root", root->name, path,
		               st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & sticky))
		return err_set(err, -EPERM, "untrusted-dir", "%s%s: mode %04o lets others write", root->name, path,
		               st.st_mode & 07777);
	return 0;
}

int sysroot_trust_dir(const struct sysroot *root, int fd, const char *path, struct err *err)
{
	return trust_dir(root, fd, path, S_ISVTX, err);
}

struct walk {
	bool makes;    /* what is missing, with this mode */
	mode_t mode;
	mode_t sticky; /* S_ISVTX: where it only lets others add files it will do; 0: it will not */
};

static int make(int at, const char *name, mode_t mode)
{
	if (mkdirat(at, name, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	/* A durable file in a directory that a crash forgets is not durable. */
	return fsync(at) < 0 && errno != EINVAL ? -errno : 0;
}

/* What is above the root is not its business, nor, where there is more behind it, the root. -ENOENT without err: there is none. */
static int descend(const struct sysroot *root, const char *dir, const struct walk *walk, struct err *err, int *ret)
{
	_cleanup_close_ int at = sysroot_fd(root, "/", O_DIRECTORY | O_RDONLY);
	_cleanup_free_ char *whole = strdup(dir);
	char *rest = whole;

	if (at < 0)
		return err_errno(err, at, "unreadable", "%s/", root->name);
	if (!whole)
		return -ENOMEM;
	if (!dir[strspn(dir, "/")]) {
		int r = trust_dir(root, at, dir, walk->sticky, err);

		if (r < 0)
			return r;
	}
	while (rest) {
		const char *name = strsep(&rest, "/");
		int r, next;

		if (!*name)
			continue;

		_cleanup_free_ char *path = str_printf("%.*s", (int)(name - whole) + (int)strlen(name), dir);

		if (!path)
			return -ENOMEM;
		r = walk->makes ? make(at, name, walk->mode) : 0;
		if (r < 0)
			return err_errno(err, r, "cannot-write", "%s%s", root->name, path);
		next = openat(at, name, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (next < 0 && errno == ENOENT && !walk->makes)
			return -ENOENT;
		if (next < 0)
			return err_errno(err, -errno, walk->makes ? "cannot-write" : "unreadable", "%s%s", root->name, path);
		close(at);
		at = next;
		r = trust_dir(root, at, path, walk->sticky, err);
		if (r < 0)
			return r;
	}
	*ret = steal_fd(&at);
	return 0;
}

int sysroot_trusted(const struct sysroot *root, const char *dir, struct err *err, int *ret)
{
	return descend(root, dir, &(struct walk){ .sticky = S_ISVTX }, err, ret);
}

int sysroot_guarded(const struct sysroot *root, const char *dir, struct err *err, int *ret)
{
	return descend(root, dir, &(struct walk){ .sticky = 0 }, err, ret);
}

int sysroot_dir(const struct sysroot *root, const char *dir, mode_t mode, struct err *err, int *ret)
{
	return descend(root, dir, &(struct walk){ .makes = true, .mode = mode, .sticky = S_ISVTX }, err, ret);
}
