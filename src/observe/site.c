/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site: the site file, trusted or refused. */
#include "observe/site.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/document.h"

#define SITE_MAX_BYTES (1 << 20)

/* Who can rename files in a directory above it writes the file as well. */
static int trust_parents(const struct sysroot *root, const char *file, struct err *err)
{
	static const char *const above[] = { "/etc/pciwc", "/etc" };
	int r = 0;

	/* What --site names, an administrator has looked at: its own directory is enough. */
	if (file) {
		_cleanup_(sysroot_close) struct sysroot host = { .fd = -1, .owner = geteuid() };
		const char *slash = strrchr(file, '/');
		_cleanup_free_ char *dir = slash ? str_printf("%.*s", (int)(slash - file) + 1, file) : str_printf(".");
		_cleanup_close_ int fd = dir ? open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC) : -1;

		if (!dir)
			return -ENOMEM;
		host.name = str_printf("%s", "");
		if (!host.name)
			return -ENOMEM;
		return fd < 0 ? err_errno(err, -errno, "unreadable", "%s", dir) : sysroot_trust_dir(&host, fd, dir, err);
	}
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(above); i++) {
		_cleanup_close_ int fd = sysroot_fd(root, above[i], O_DIRECTORY | O_RDONLY);

		r = fd < 0 ? err_errno(err, fd, "unreadable", "%s%s", root->name, above[i])
		           : sysroot_trust_dir(root, fd, above[i], err);
	}
	return r;
}

/* What --site names is a file of this machine, also when --root replays another one: opened as it stands. */
static int open_file(const struct sysroot *root, const char *file)
{
	int fd;

	if (!file)
		return sysroot_fd(root, SITE_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int site_digest(const struct sysroot *root, const char *file, struct err *err, char ret[static DIGEST_TEXT])
{
	_cleanup_close_ int fd = open_file(root, file);
	unsigned char digest[DIGEST_BYTES];
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = fd < 0 ? fd : fd_bytes(fd, SITE_MAX_BYTES, &text, &size);

	if (r == -ENOMEM)
		return r;
	if (digest_of(&r, sizeof(r), text, size, digest) < 0)
		return err_set(err, -ENOSYS, "no-digest", "libsodium gives no BLAKE2b: install one that does");
	digest_text(digest, ret);
	return 0;
}

int site_load_all(const struct sysroot *root, const char *file, struct err *err, struct strs *errors, struct site *ret)
{
	_cleanup_(sysroot_close) struct sysroot host = { .fd = -1 };
	_cleanup_(json_done) struct json_object *document = NULL;
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *name = NULL;
	int r;

	if (file) {
		r = sysroot_open(NULL, err, &host);
		if (r < 0)
			return r;
		host.owner = geteuid();
	}
	fd = open_file(root, file);
	name = file ? str_printf("%s", file) : str_printf("%s%s", root->name, SITE_FILE);
	if (!name)
		return -ENOMEM;
	if (fd == -ENOENT && !file) {
		site_default(ret);
		return 0;
	}
	r = fd < 0 ? 0 : trust_parents(root, file, err);
	if (r < 0)
		return r;
	r = document_read(file ? &host : root, fd, name, SITE_MAX_BYTES, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, name);

	return site_check(&top, err, errors, ret);
}

int site_load(const struct sysroot *root, const char *file, struct err *err, struct site *ret)
{
	return site_load_all(root, file, err, NULL, ret);
}
