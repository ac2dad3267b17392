/* SPDX-License-Identifier: GPL-2.0-or-later */
/* imports: reads them; what is wrong with one file is no reason to distrust the others. */
#include "observe/imports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/document.h"
#include "base/json.h"

/* A record is a few KiB, and a machine has some hundred BARs at most. */
#define IMPORT_MAX_BYTES (4 << 20)

/*
 * An fd, or a negative errno, with err where it is the directory's: the file by the directory that it is in, for who can rename
 * files there could put any of root's in its place.
 */
static int open_file(const struct sysroot *root, const char *file, const char *full, struct err *err)
{
	const char *name = strrchr(file, '/') + 1; /* the site takes absolute paths only */
	_cleanup_free_ char *where = strndup(file, (size_t)(name - file));
	_cleanup_close_ int dir = -1;
	int r = where ? sysroot_trusted(root, where, err, &dir) : -ENOMEM, fd;

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", full);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int load(const struct sysroot *root, const char *file, struct err *err, struct import *ret)
{
	_cleanup_free_ char *full = str_printf("%s%s", root->name, file);
	_cleanup_close_ int fd = full ? open_file(root, file, full, err) : -ENOMEM;
	_cleanup_(json_done) struct json_object *document = NULL;
	int r = fd == -ENOMEM ? fd : document_read(root, fd, full, IMPORT_MAX_BYTES, err, &document);

	if (r < 0)
		return r;

	struct json_at top = json_top(document, full);

	return import_from_json(&top, err, ret);
}

int imports_read(const struct sysroot *root, const struct site *site, struct imports *ret, struct strs *ret_broken)
{
	_cleanup_(imports_done) struct imports imports = { 0 };
	_cleanup_(strs_done) struct strs broken = { 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < site->imports.n; i++) {
		const struct site_choice *choice = &site->imports.at[i];
		_cleanup_(import_done) struct import import = { 0 };
		struct err why = { 0 };

		r = load(root, choice->what, &why, &import);
		if (r < 0 && r != -ENOMEM) {
			r = strs_add(&broken, why.text);
			continue;
		}
		if (r == 0)
			r = str_set(&import.reason, choice->reason);

		struct import *slot = r == 0 ? array_add(&imports) : NULL;

		if (!slot)
			return -ENOMEM;
		*slot = import;
		import = (struct import){ 0 };
	}
	if (r < 0)
		return r;
	*ret = imports;
	*ret_broken = broken;
	imports = (struct imports){ 0 };
	broken = (struct strs){ 0 };
	return 0;
}

int imports_digest(const struct sysroot *root, const struct site *site, struct err *err, char ret[static DIGEST_TEXT])
{
	unsigned char digest[DIGEST_BYTES] = { 0 };

	for (size_t i = 0; i < site->imports.n; i++) {
		const char *file = site->imports.at[i].what;
		_cleanup_close_ int fd = open_file(root, file, file, NULL);
		unsigned char one[DIGEST_BYTES];
		int r = document_digest(root, fd, IMPORT_MAX_BYTES, err, one);

		if (r == 0)
			r = digest_of(digest, sizeof(digest), one, sizeof(one), digest);
		if (r < 0)
			return r;
	}
	digest_text(digest, ret);
	return 0;
}

int imports_look(const char *file, struct err *err, struct import *ret, char **ret_text)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_(json_done) struct json_object *document = NULL;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t size;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, -errno, "unreadable", "%s", file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "bad-file", "%s: expected a regular file", file);

	int r = fd_bytes(fd, IMPORT_MAX_BYTES, &text, &size);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", file);
	r = json_parse(file, text, size, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, file);

	r = import_from_json(&top, err, ret);
	if (r == 0 && ret_text)
		*ret_text = steal(&text);
	return r;
}
