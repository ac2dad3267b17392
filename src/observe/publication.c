/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publication: the file, trusted or refused. */
#include "observe/publication.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/document.h"

#define PUBLICATION_MAX_BYTES (16 << 20)

int publication_load(const struct sysroot *root, struct err *err, struct publication *ret)
{
	_cleanup_(json_done) struct json_object *document = NULL;
	_cleanup_close_ int dir = -1, fd = -1;
	char name[4096];
	int r = sysroot_trusted(root, PUBLICATION_DIR, err, &dir);

	snprintf(name, sizeof(name), "%s%s", root->name, PUBLICATION_FILE);
	if (r == 0) {
		fd = openat(dir, PUBLICATION_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		r = fd < 0 ? -errno : 0;
	}
	if (r == -ENOENT)
		return err_set(err, r, "nothing-applied", "%s: no policy was applied in this boot", name);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", name);
	r = document_read(root, fd, name, PUBLICATION_MAX_BYTES, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, name);

	return publication_from_json(&top, err, ret);
}
