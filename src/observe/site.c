/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site: the site file, trusted or refused. */
#include "observe/site.h"

#include <errno.h>
#include <fcntl.h>

#include "base/cleanup.h"
#include "base/document.h"

#define SITE_MAX_BYTES (1 << 20)

int site_load(const struct sysroot *root, const char *file, struct err *err, struct site *ret)
{
	_cleanup_(sysroot_close) struct sysroot host = { .fd = -1 };
	_cleanup_(json_done) struct json_object *document = NULL;
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *name = NULL;
	int r;

	/* What --site names is a file of this machine, also when --root replays another one: opened as it stands. */
	if (file) {
		r = sysroot_open(NULL, err, &host);
		if (r < 0)
			return r;
		host.owner = geteuid();
		fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			fd = -errno;
	} else {
		fd = sysroot_fd(root, SITE_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	}
	name = file ? str_printf("%s", file) : str_printf("%s%s", root->name, SITE_FILE);
	if (!name)
		return -ENOMEM;
	if (fd == -ENOENT && !file) {
		site_default(ret);
		return 0;
	}
	r = document_read(file ? &host : root, fd, name, SITE_MAX_BYTES, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, name);

	return site_from_json(&top, err, ret);
}
