/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysroot-write: puts files below the root so that a crash leaves the old one or the new one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sysroot.h"

#define TEMPORARY ".%.200s." /* of a name, and the process behind it */

static int write_all(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t put = write(fd, text, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		text += put;
		size -= (size_t)put;
	}
	return 0;
}

int attr_write(int dir, const char *name, const char *text)
{
	/* O_TRUNC, as a shell's ">": sysfs ignores it, and in a captured tree the old text goes. */
	_cleanup_close_ int fd = openat(dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

int sysroot_replace(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *text,
                    struct err *err)
{
	return sysroot_replace_bytes(root, dir, name, mode, text, strlen(text), err);
}

int sysroot_stage(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *bytes, size_t size,
                  struct err *err, struct staged *ret)
{
	_cleanup_(staged_done) struct staged staged = { .dir = -1 };
	int r = sysroot_dir(root, dir, 0755, err, &staged.dir);

	if (r < 0)
		return r;
	staged.name = str_printf("%s", name);
	staged.temporary = str_printf(TEMPORARY "%d", name, (int)getpid());
	staged.path = str_printf("%s%s/%s", root->name, dir, name);
	if (!staged.name || !staged.temporary || !staged.path)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");

	_cleanup_close_ int fd = openat(staged.dir, staged.temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* A file of an earlier process with this pid, killed in this very place. */
	if (fd < 0 && errno == EEXIST && unlinkat(staged.dir, staged.temporary, 0) == 0)
		fd = openat(staged.dir, staged.temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "cannot-write", "%s", staged.path);
	r = write_all(fd, bytes, size);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		return err_errno(err, r, "cannot-write", "%s", staged.path);
	*ret = staged;
	staged = (struct staged){ .dir = -1 };
	return 0;
}

int staged_place(struct staged *staged, struct err *err)
{
	if (renameat(staged->dir, staged->temporary, staged->dir, staged->name) < 0)
		return err_errno(err, -errno, "cannot-write", "%s", staged->path);
	staged->is_placed = true;
	if (fsync(staged->dir) < 0 && errno != EINVAL)
		return err_errno(err, -errno, "cannot-write", "%s: it is there, but a crash may lose it", staged->path);
	return 0;
}

void staged_done(struct staged *staged)
{
	if (staged->dir >= 0 && staged->temporary && !staged->is_placed)
		(void)unlinkat(staged->dir, staged->temporary, 0);
	if (staged->dir >= 0)
		close(staged->dir);
	free(staged->name);
	free(staged->temporary);
	free(staged->path);
	*staged = (struct staged){ .dir = -1 };
}

static bool is_temporary(const char *file, const char *prefix)
{
	const char *pid = strrchr(file, '.');

	return str_starts(file, prefix) && pid && pid > file + 1 && pid[1] && !pid[1 + strspn(pid + 1, "0123456789")];
}

void sysroot_sweep(const struct sysroot *root, const char *dir, const char *name)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_close_ int at = -1;
	_cleanup_free_ char *prefix = name ? str_printf(TEMPORARY, name) : str_printf(".");

	if (!prefix || sysroot_trusted(root, dir, NULL, &at) < 0 || dir_list(at, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		if (is_temporary(names.at[i], prefix))
			(void)unlinkat(at, names.at[i], 0);
}

int sysroot_replace_bytes(const struct sysroot *root, const char *dir, const char *name, mode_t mode, const char *bytes,
                          size_t size, struct err *err)
{
	_cleanup_(staged_done) struct staged staged = { .dir = -1 };
	int r = sysroot_stage(root, dir, name, mode, bytes, size, err, &staged);

	return r < 0 ? r : staged_place(&staged, err);
}
