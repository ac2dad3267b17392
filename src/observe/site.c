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

/* Whose files count of those that --site names. */
static struct sysroot host_root(void)
{
	return (struct sysroot){ .fd = -1, .name = (char *)"", .owner = geteuid() };
}

/*
 * What --site names is a file of this machine, also when --root replays another one: opened as it stands. An administrator
 * has looked at it: its own directory is enough.
 */
static int open_named(const char *file, struct err *err)
{
	const struct sysroot host = host_root();
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *name = slash ? str_printf("%.*s", (int)(slash - file) + 1, file) : str_printf(".");
	_cleanup_close_ int dir = name ? open(name, O_DIRECTORY | O_RDONLY | O_CLOEXEC) : -1;
	int r, fd;

	if (!name)
		return -ENOMEM;
	r = dir < 0 ? err_errno(err, -errno, "unreadable", "%s", name) : sysroot_trust_dir(&host, dir, name, err);
	if (r < 0)
		return r;
	fd = openat(dir, slash ? slash + 1 : file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* An fd, or a negative errno; without err where there is no such file. */
static int open_file(const struct sysroot *root, const char *file, struct err *err)
{
	_cleanup_close_ int dir = -1;
	int r, fd;

	if (file)
		return open_named(file, err);
	r = sysroot_trusted(root, SITE_DIR, err, &dir);
	if (r < 0)
		return r;
	fd = openat(dir, SITE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int site_digest(const struct sysroot *root, const char *file, struct err *err, char ret[static DIGEST_TEXT])
{
	const struct sysroot host = host_root();
	_cleanup_close_ int fd = open_file(root, file, NULL);
	unsigned char digest[DIGEST_BYTES];
	int r = document_digest(file ? &host : root, fd, SITE_MAX_BYTES, err, digest);

	if (r < 0)
		return r;
	digest_text(digest, ret);
	return 0;
}

int site_load_all(const struct sysroot *root, const char *file, struct err *err, struct strs *errors, struct site *ret)
{
	const struct sysroot host = host_root();
	_cleanup_(json_done) struct json_object *document = NULL;
	_cleanup_close_ int fd = open_file(root, file, err);
	_cleanup_free_ char *name = file ? str_printf("%s", file) : str_printf("%s%s", root->name, SITE_FILE);

	if (!name)
		return -ENOMEM;
	if (fd == -ENOENT && !file) {
		site_default(ret);
		return 0;
	}

	int r = document_read(file ? &host : root, fd, name, SITE_MAX_BYTES, err, &document);

	if (r < 0)
		return r;

	struct json_at top = json_top(document, name);

	return site_check(&top, err, errors, ret);
}

int site_load(const struct sysroot *root, const char *file, struct err *err, struct site *ret)
{
	return site_load_all(root, file, err, NULL, ret);
}
