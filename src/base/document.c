/* SPDX-License-Identifier: GPL-2.0-or-later */
/* document: trusted or refused before it is parsed. */
#include "base/document.h"

#include <errno.h>

#include "base/cleanup.h"

int document_read(const struct sysroot *root, int fd, const char *name, size_t max_bytes, struct err *err,
                  struct json_object **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r;

	if (fd < 0)
		return err_errno(err, fd, "unreadable", "%s", name);
	r = sysroot_trust(root, fd, name, err);
	if (r < 0)
		return r;
	r = fd_bytes(fd, max_bytes, &text, &size);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", name);
	return json_parse(name, text, size, err, ret);
}

int document_digest(const struct sysroot *root, int fd, size_t max_bytes, struct err *err, unsigned char ret[static DIGEST_BYTES])
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = fd < 0 ? fd : sysroot_trust(root, fd, "", NULL);

	if (r == 0)
		r = fd_bytes(fd, max_bytes, &text, &size);
	if (r == -ENOMEM)
		return err_set(err, r, "out-of-memory", "out of memory");
	if (digest_of(&r, sizeof(r), text, size, ret) < 0)
		return err_set(err, -ENOSYS, "no-digest", "libsodium gives no BLAKE2b: install one that does");
	return 0;
}
