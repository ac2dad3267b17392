/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks: the database from its directory; a file is taken whole or not at all, and never silently. */
#include "observe/quirks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/document.h"
#include "base/json.h"
#include "base/sysroot.h"

#define QUIRKS_MAX_BYTES (16 << 20)

static int entries_from_json(const struct json_at *top, const struct quirks *loaded, struct err *err,
                             struct quirks *ret)
{
	static const char *const keys[] = { "schema", "serial", "entries", NULL };
	struct json_at member, entries;
	uint64_t number;
	int r = json_only(top, keys, err);

	if (r == 0)
		r = json_need(top, "schema", "1", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, 1, err, &number);
	if (r == 0)
		r = json_need(top, "serial", "a number such as 20261120", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, 99999999, err, &number);
	if (r == 0)
		r = json_need(top, "entries", "an array", err, &entries);
	if (r == 0 && json_kind(&entries) != JSON_ARRAY)
		r = json_expected(&entries, err, "an array");
	for (size_t i = 0; r == 0 && i < json_length(&entries); i++) {
		struct json_at element = json_element(&entries, i);
		struct quirk quirk, *slot;

		r = quirk_from_json(&element, err, &quirk);
		if (r < 0)
			break;

		const struct quirk *twin = quirks_find(loaded, quirk.name) ?: quirks_find(ret, quirk.name);

		if (twin)
			r = err_set(err, -EINVAL, "bad-file", "%s: %s.name: %s is taken by %s, expected a new name",
			            element.file, element.path, quirk.name, twin->file);
		slot = r == 0 ? array_add(ret) : NULL;
		if (slot)
			*slot = quirk;
		else {
			quirk_done(&quirk);
			r = r ?: -ENOMEM;
		}
	}
	return r;
}

static int file_load(const struct sysroot *root, const char *name, const struct quirks *loaded, struct err *err,
                     struct quirks *ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *path = str_printf("%s/%s", root->name, name);
	_cleanup_(json_done) struct json_object *document = NULL;
	int r;

	if (!path)
		return -ENOMEM;
	r = document_read(root, fd, path, QUIRKS_MAX_BYTES, err, &document);
	if (r < 0)
		return r;

	struct json_at top = json_top(document, path);

	return entries_from_json(&top, loaded, err, ret);
}

/* Takes the file's entries over, or remembers why there are none. */
static int file_add(const struct sysroot *root, const char *name, struct quirks *quirks)
{
	_cleanup_(quirks_done) struct quirks mine = { 0 };
	struct err why = { 0 };
	int r = file_load(root, name, quirks, &why, &mine);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return strs_add(&quirks->broken, why.text);
	for (size_t i = 0; i < mine.n; i++) {
		struct quirk *slot = array_add(quirks);

		if (!slot)
			return -ENOMEM;
		*slot = mine.at[i];
		mine.at[i] = (struct quirk){ 0 };
	}
	return 0;
}

static bool is_quirk_file(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && !strcmp(name + n - 5, ".json") && strcmp(name, "schema.json");
}

int quirks_load(const char *dir, struct err *err, struct quirks *ret)
{
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(strs_done) struct strs names = { 0 };
	struct err why = { 0 };
	size_t files = 0;
	int r = sysroot_open(dir, &why, &root);

	/* Who can take a file away takes its denials away. */
	if (r == 0)
		r = sysroot_trust_dir(&root, root.fd, "", &why);
	if (r == 0)
		r = sysroot_list(&root, "/", &names);
	if (r < 0)
		(void)err_errno(&why, r, "unreadable", "%s", dir);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		if (!is_quirk_file(names.at[i]))
			continue;
		files++;
		r = file_add(&root, names.at[i], &quirks);
	}
	if (r == 0 && !files)
		(void)err_set(&why, -ENOENT, "unreadable", "%s: no quirk database there: expected *.json files", dir);
	if (r != -ENOMEM && why.text[0])
		r = strs_add(&quirks.broken, why.text);
	if (r < 0)
		return err_set(err, r, "out-of-memory", "%s: out of memory", dir);
	*ret = quirks;
	quirks = (struct quirks){ 0 };
	return 0;
}
