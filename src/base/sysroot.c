/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysroot: reads below one directory, and nowhere else. The writes are in sysroot-write.c. */
#include "base/sysroot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/num.h"

int sysroot_open(const char *dir, struct err *err, struct sysroot *ret)
{
	bool live = !dir || !strcmp(dir, "/");
	_cleanup_close_ int fd = open(live ? "/" : dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *name = strdup(live ? "" : dir);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "bad-root", "--root %s", dir ?: "/");
	if (!name)
		return -ENOMEM;
	for (size_t n = strlen(name); n > 1 && name[n - 1] == '/'; n--)
		name[n - 1] = '\0';
	*ret = (struct sysroot){ .live = live, .owner = live ? 0 : st.st_uid };
	ret->fd = steal_fd(&fd);
	ret->name = steal(&name);
	return 0;
}

void sysroot_close(struct sysroot *root)
{
	close_fd(&root->fd);
	free(root->name);
	*root = (struct sysroot){ .fd = -1 };
}

int sysroot_fd(const struct sysroot *root, const char *path, int flags)
{
	while (*path == '/')
		path++;
	if (!*path)
		path = ".";

	int fd;

	/* The live "/" needs no confinement, and old kernels and sandboxes have no openat2. */
	if (root->live) {
		fd = openat(root->fd, path, flags | O_CLOEXEC);
	} else {
		struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC),
			                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

		/* EAGAIN: something was renamed or mounted, anywhere, while a ".." was walked (openat2(2)). */
		for (unsigned int tries = 0; tries < 128; tries++) {
			fd = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
			if (fd >= 0 || errno != EAGAIN)
				break;
		}
	}
	return fd < 0 ? -errno : fd;
}

int sysroot_has(const struct sysroot *root, const char *path)
{
	_cleanup_close_ int fd = sysroot_fd(root, path, O_PATH);

	return fd >= 0 ? 1 : fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
}

int fd_bytes(int fd, size_t max_bytes, char **ret, size_t *ret_size)
{
	_cleanup_free_ char *data = NULL;
	size_t used = 0, room = 0;

	for (;;) {
		/* sysfs and proc say nothing useful about sizes: read until the end is seen. */
		if (used + 1 >= room) {
			size_t want = room ? room * 2 : 512;
			char *grown = realloc(data, want);

			if (!grown)
				return -ENOMEM;
			data = grown;
			room = want;
		}

		ssize_t got = read(fd, data + used, room - used - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_last();
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > max_bytes)
			return -EFBIG;
	}
	data[used] = '\0';
	*ret = steal(&data);
	*ret_size = used;
	return 0;
}

static int fd_text(int fd, size_t max_bytes, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = fd_bytes(fd, max_bytes, &text, &size);

	if (r < 0)
		return r;
	if (memchr(text, '\0', size))
		return -EILSEQ;
	while (size && strchr(" \t\r\n", text[size - 1]))
		text[--size] = '\0';
	*ret = steal(&text);
	return 0;
}

int sysroot_bytes(const struct sysroot *root, const char *path, size_t max_bytes, char **ret, size_t *ret_size)
{
	_cleanup_close_ int fd = sysroot_fd(root, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : fd_bytes(fd, max_bytes, ret, ret_size);
}

int sysroot_text(const struct sysroot *root, const char *path, size_t max_bytes, char **ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : fd_text(fd, max_bytes, ret);
}

static void closedir_ptr(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int dir_list(int at, struct strs *ret)
{
	/* An open description of its own: where it has been read to is nobody else's business. */
	_cleanup_close_ int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(strs_done) struct strs names = { 0 };

	if (fd < 0)
		return -errno;

	_cleanup_(closedir_ptr) DIR *dir = fdopendir(fd);

	if (!dir)
		return -errno;
	steal_fd(&fd);
	for (;;) {
		errno = 0;

		const struct dirent *entry = readdir(dir);

		if (!entry && errno)
			return -errno;
		if (!entry)
			break;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;

		int r = strs_add(&names, entry->d_name);

		if (r < 0)
			return r;
	}
	strs_sort(&names);
	*ret = names;
	names = (struct strs){ 0 };
	return 0;
}

int sysroot_list(const struct sysroot *root, const char *path, struct strs *ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? fd : dir_list(fd, ret);
}

int attr_link(int dir, const char *name, char **ret)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return err_last();
	target[n] = '\0';
	*ret = strdup(target);
	return *ret ? 0 : -ENOMEM;
}

static int last_component(char *target, char **ret)
{
	char *slash = strrchr(target, '/');
	char *name = strdup(slash ? slash + 1 : target);

	if (!name)
		return -ENOMEM;
	*ret = name;
	return 0;
}

int sysroot_link(const struct sysroot *root, const char *path, char **ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, path, O_PATH | O_NOFOLLOW);

	return fd < 0 ? fd : attr_link(fd, "", ret);
}

int sysroot_link_name(const struct sysroot *root, const char *path, char **ret)
{
	_cleanup_free_ char *target = NULL;
	int r = sysroot_link(root, path, &target);

	return r < 0 ? r : last_component(target, ret);
}

int attr_text(int dir, const char *name, size_t max_bytes, char **ret)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return fd < 0 ? -errno : fd_text(fd, max_bytes, ret);
}

int attr_u64(int dir, const char *name, int base, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, name, 64, &text);

	return r < 0 ? r : parse_u64(text, base, 0, UINT64_MAX, ret);
}

int attr_link_name(int dir, const char *name, char **ret)
{
	_cleanup_free_ char *target = NULL;
	int r = attr_link(dir, name, &target);

	return r < 0 ? r : last_component(target, ret);
}
