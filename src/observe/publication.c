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
	_cleanup_close_ int fd = sysroot_fd(root, PUBLICATION_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	char name[4096];
	int r;

	snprintf(name, sizeof(name), "%s%s", root->name, PUBLICATION_FILE);
	if (fd == -ENOENT)
		return err_set(err, fd, "nothing-applied", "%s: no policy was applied in this boot", name);
	r = document_read(root, fd, name, PUBLICATION_MAX_BYTES, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, name);

	return publication_from_json(&top, err, ret);
}
