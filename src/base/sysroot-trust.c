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

struct rule {
	mode_t others; /* whoever of these can write it is one too many */
	mode_t sticky; /* S_ISVTX: where this only lets them add files it will do; 0: it will not */
};

static int trust_dir(const struct sysroot *root, int fd, const char *path, struct rule rule, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, -errno, "unreadable", "%s%s", root->name, path);
	if (st.st_uid != 0 && st.st_uid != root->owner)
		return err_set(err, -EPERM, "untrusted-dir", "%s%s: owned by uid %u, expected root", root->name, path,
		               st.st_uid);
	if (st.st_mode & rule.others && !(st.st_mode & rule.sticky))
		return err_set(err, -EPERM, "untrusted-dir", "%s%s: mode %04o lets others write", root->name, path,
		               st.st_mode & 07777);
	return 0;
}

static const struct rule plain = { S_IWGRP | S_IWOTH, S_ISVTX }, strict = { S_IWGRP | S_IWOTH, 0 };

int sysroot_trust_dir(const struct sysroot *root, int fd, const char *path, struct err *err)
{
	return trust_dir(root, fd, path, plain, err);
}

/*
 * Of one that the directory in question is below. What others add to a sticky one is theirs, and refused; a captured tree is
 * its user's own, and his group may be he.
 */
static struct rule rule_above(const struct sysroot *root)
{
	return root->live ? plain : (struct rule){ S_IWOTH, S_ISVTX };
}

static int make(int at, const char *name, mode_t mode)
{
	if (mkdirat(at, name, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	/* A durable file in a directory that a crash forgets is not durable. */
	return fsync(at) < 0 && errno != EINVAL ? -errno : 0;
}

/* Says what is in the way, which O_NOFOLLOW calls no directory where it is a link to one. */
static int refuse(const struct sysroot *root, int at, const char *name, const char *path, const char *id, struct err *err)
{
	int r = -errno;
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return err_set(err, -ELOOP, "untrusted-dir", "%s%s: a symbolic link, expected a directory", root->name, path);
	return err_errno(err, r, id, "%s%s", root->name, path);
}

/*
 * From the root down; what is above the root is not its business. mode: of what is missing and is to be made; 0: nothing is,
 * and -ENOENT without err says so. To look for what is there takes no right to list it.
 */
static int descend(const struct sysroot *root, const char *dir, mode_t mode, struct rule rule, struct err *err, int *ret)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | (mode ? O_RDONLY : O_PATH);
	_cleanup_close_ int at = sysroot_fd(root, "/", flags);
	_cleanup_free_ char *whole = strdup(dir);
	char *rest = whole;
	int r;

	if (at < 0)
		return err_errno(err, at, "unreadable", "%s/", root->name);
	if (!whole)
		return -ENOMEM;
	r = trust_dir(root, at, "/", dir[strspn(dir, "/")] ? rule_above(root) : rule, err);
	while (r == 0 && rest) {
		const char *name = strsep(&rest, "/");
		bool is_last = !rest || !rest[strspn(rest, "/")];
		int next;

		if (!*name)
			continue;

		_cleanup_free_ char *path = str_printf("%.*s", (int)(name - whole) + (int)strlen(name), dir);

		if (!path)
			return -ENOMEM;
		r = mode ? make(at, name, mode) : 0;
		if (r < 0)
			return err_errno(err, r, "cannot-write", "%s%s", root->name, path);
		next = openat(at, name, flags);
		if (next < 0 && errno == ENOENT && !mode)
			return -ENOENT;
		if (next < 0)
			return refuse(root, at, name, path, mode ? "cannot-write" : "unreadable", err);
		close(at);
		at = next;
		r = trust_dir(root, at, path, is_last ? rule : rule_above(root), err);
	}
	if (r == 0)
		*ret = steal_fd(&at);
	return r;
}

int sysroot_trusted(const struct sysroot *root, const char *dir, struct err *err, int *ret)
{
	return descend(root, dir, 0, plain, err, ret);
}

int sysroot_guarded(const struct sysroot *root, const char *dir, struct err *err, int *ret)
{
	return descend(root, dir, 0, strict, err, ret);
}

int sysroot_dir(const struct sysroot *root, const char *dir, mode_t mode, struct err *err, int *ret)
{
	return descend(root, dir, mode, plain, err, ret);
}
