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

/* The file by the directory that it is in, for who can rename files there could put any of root's in its place. */
static int load(const struct sysroot *root, const char *file, struct err *err, struct import *ret)
{
	const char *name = strrchr(file, '/') + 1; /* the site takes absolute paths only */
	_cleanup_free_ char *where = strndup(file, (size_t)(name - file));
	_cleanup_free_ char *full = str_printf("%s%s", root->name, file);
	_cleanup_(json_done) struct json_object *document = NULL;

	if (!where || !full)
		return -ENOMEM;

	_cleanup_close_ int dir = -1;
	int r = sysroot_trusted(root, where, err, &dir);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", full);

	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	r = document_read(root, fd < 0 ? -errno : fd, full, IMPORT_MAX_BYTES, err, &document);
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
