/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: a file is replaced whole, or left as it is. */
#include "act/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define TEXT_MAX_BYTES (16 << 20)

bool text_is_so(const struct sysroot *root, const struct write *write)
{
	_cleanup_close_ int fd = sysroot_fd(root, write->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t size;

	/* A file that others could have written is replaced, even when its text is right at this moment. */
	if (fd < 0 || sysroot_trust(root, fd, write->path, NULL) < 0 || fstat(fd, &st) < 0 ||
	    (st.st_mode & 07777) != write->mode || fd_bytes(fd, TEXT_MAX_BYTES, &text, &size) < 0)
		return false;
	return size == strlen(write->text) && !memcmp(text, write->text, size);
}

int text_put(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	_cleanup_free_ char *dir = strdup(write->path);
	char *name = dir ? strrchr(dir, '/') : NULL;

	if (!dir)
		return -ENOMEM;
	if (!name || name == dir || !name[1] || !write->text)
		return err_set(err, -EINVAL, "bad-policy", "%s: no file to write", write->path);
	*ret_changed = !text_is_so(root, write);
	if (!*ret_changed)
		return 0;
	*name++ = '\0';
	return sysroot_replace(root, dir, name, write->mode, write->text, err);
}
