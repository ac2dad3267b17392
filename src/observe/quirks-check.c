/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-check: the loader's reader, file by file, with nothing left out of what it says. */
#include "observe/quirks-check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/lookup.h"
#include "base/sysroot.h"
#include "observe/quirks-file.h"
#include "observe/quirks.h"

#define CHECK_MAX_BYTES (16 << 20)

/* Two spaces, no tab, a newline at the end: then every editor and every diff shows the same. */
static int text_check(const char *path, const char *text, size_t size, struct strs *warnings)
{
	const char *const rules[] = {
		memchr(text, '\t', size) ? "a tab in it, expected blanks" : NULL,
		memchr(text, '\r', size) ? "a carriage return in it, expected lines that end with a newline only" : NULL,
		!size || text[size - 1] != '\n' ? "expected a newline at the end" : NULL,
		strstr(text, " \n") ? "blanks at the end of a line" : NULL,
	};

	for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
		_cleanup_free_ char *line = rules[i] ? str_printf("%s: %s", path, rules[i]) : NULL;

		if (rules[i] && (!line || strs_add(warnings, line) < 0))
			return -ENOMEM;
	}
	return 0;
}

static int entry_take(const char *path, struct quirk *entry, struct strs *errors, struct lookup *taken, struct quirks *ret)
{
	_cleanup_free_ char *line = NULL;
	const size_t *twin;
	struct quirk *slot;
	size_t *number;

	if (entry->state != QUIRK_ACTIVE)
		return strs_add(errors, entry->held_because);
	twin = lookup_find(taken, entry->name);
	if (twin) {
		line = str_printf("%s: %s.name: taken by %s, expected a new name", path, entry->name, ret->at[*twin].file);
		return line ? strs_add(errors, line) : -ENOMEM;
	}
	slot = array_add(ret);
	if (!slot)
		return -ENOMEM;
	*slot = *entry;
	number = lookup_add(taken, slot->name);
	if (number)
		*number = ret->n - 1;
	*entry = (struct quirk){ 0 };
	return number ? 0 : -ENOMEM;
}

static int version_take(const char *path, struct quirk_version *version, struct strs *errors, struct lookup *taken,
                        struct quirks *ret)
{
	struct quirk_file *file = array_add(&ret->files);
	const char *slash = strrchr(path, '/');
	size_t before = errors->n;
	int r = file ? str_set(&file->name, slash ? slash + 1 : path) : -ENOMEM;

	if (r < 0)
		return r;
	file->serial = version->serial;
	file->n_entries = version->entries.n + version->voids.n;
	for (size_t i = 0; r == 0 && i < version->voids.n; i++)
		r = entry_take(path, &version->voids.at[i], errors, taken, ret);
	for (size_t i = 0; r == 0 && i < version->entries.n; i++)
		r = entry_take(path, &version->entries.at[i], errors, taken, ret);
	/* A fault of no entry is one of the file. */
	if (r == 0 && version->fault && errors->n == before)
		r = strs_add(errors, version->fault);
	return r;
}

static int file_check(int fd, const char *path, struct err *err, struct strs *errors, struct strs *warnings,
                      struct lookup *taken, struct quirks *ret)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { .kind = VERSION_GOOD };
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = fd_bytes(fd, CHECK_MAX_BYTES, &text, &size);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", path);
	r = quirk_version_parse(path, text, size, &version);
	if (r == 0)
		r = text_check(path, text, size, warnings);
	return r < 0 ? r : version_take(path, &version, errors, taken, ret);
}

/* A link that masks says nothing that could be checked. */
static bool is_mask(const struct sysroot *root, const char *name)
{
	_cleanup_free_ char *target = NULL;

	return sysroot_link(root, name, &target) == 0 && !strcmp(target, "/dev/null");
}

/* What cannot be read is a fault of this file, and the others are checked all the same. */
static int entry_check(const struct sysroot *root, const char *name, const char *path, struct err *err, struct strs *errors,
                       struct strs *warnings, struct lookup *taken, struct quirks *ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, name, O_RDONLY | O_NONBLOCK);
	_cleanup_free_ char *line = NULL;

	if (fd >= 0)
		return file_check(fd, path, err, errors, warnings, taken, ret);
	if (fd == -ENOMEM)
		return fd;
	line = str_printf("%s: %s", path, strerror(-fd));
	return line ? strs_add(errors, line) : -ENOMEM;
}

static int directory_check(const char *path, struct err *err, struct strs *errors, struct strs *warnings,
                           struct lookup *taken, struct quirks *ret)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(strs_done) struct strs names = { 0 };
	size_t files = 0;
	int r = sysroot_open(path, err, &root);

	if (r == 0)
		r = sysroot_list(&root, "/", &names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *file = str_printf("%s/%s", path, names.at[i]);

		if (!quirks_is_file(names.at[i]))
			continue;
		files++;
		if (!is_mask(&root, names.at[i]))
			r = file ? entry_check(&root, names.at[i], file, err, errors, warnings, taken, ret) : -ENOMEM;
	}
	if (r == 0 && !files)
		return err_set(err, -ENOENT, "unreadable", "%s: no *.json file there", path);
	return r < 0 ? err_errno(err, r, "unreadable", "%s", path) : 0;
}

int quirks_check_read(const char *path, struct err *err, struct strs *errors, struct strs *warnings,
                      struct lookup *taken, struct quirks *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, -errno, "unreadable", "%s", path);

	_cleanup_close_ int directory = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	if (directory >= 0)
		return directory_check(path, err, errors, warnings, taken, ret);
	return file_check(fd, path, err, errors, warnings, taken, ret);
}

/* What an update must have, whatever else a newer format adds. */
static int head_check(const char *path, const char *text, size_t size, struct err *err)
{
	_cleanup_(json_done) struct json_object *document = NULL;
	struct json_at top, member;
	uint64_t schema;
	int r = json_parse(path, text, size, err, &document);

	if (r < 0)
		return r;
	top = json_top(document, path);
	r = json_need(&top, "schema", "1", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, 1, err, &schema);
	return r == 0 ? json_need(&top, "date", "the date that the serial is", err, &member) : r;
}

int quirks_check_load(const char *path, const char *text, size_t size, struct err *err, uint64_t *ret_serial)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { .kind = VERSION_GOOD };
	_cleanup_(lookup_done) struct lookup names = { 0 };
	int r = head_check(path, text, size, err);

	if (r == 0)
		r = quirk_version_parse(path, text, size, &version);
	if (r == 0 && version.kind != VERSION_GOOD)
		r = err_set(err, -EINVAL, "bad-file", "%s", version.fault);
	for (size_t i = 0; r == 0 && i < version.entries.n; i++) {
		const char *name = version.entries.at[i].name;

		if (!lookup_add(&names, name))
			r = -ENOMEM;
		else if (names.n != i + 1)
			r = err_set(err, -EINVAL, "bad-file", "%s: the name %s twice, expected another", path, name);
	}
	if (r < 0)
		return err_errno(err, r, "failed", "%s", path);
	*ret_serial = version.serial;
	return 0;
}

/* ---- beside the other files ---- */

static int hidden_check(const struct sysroot *root, struct err *err)
{
	static const char *const higher[] = { QUIRKS_RUNTIME_DIR "/" QUIRKS_UPDATE_FILE, QUIRKS_SITE_DIR "/" QUIRKS_UPDATE_FILE };

	for (size_t i = 0; i < ELEMENTSOF(higher); i++) {
		/* As it stands: a link that masks is one, too. */
		_cleanup_close_ int fd = sysroot_fd(root, higher[i], O_PATH | O_NOFOLLOW);

		if (fd != -ENOENT)
			return err_set(err, -EEXIST, "hidden", "%s%s: it hides an update: expected none of this name", root->name, higher[i]);
	}
	return 0;
}

static int names_check(const struct lookup *names, const char *path, const struct quirk_version *other, struct err *err)
{
	for (size_t i = 0; other->kind == VERSION_GOOD && i < other->entries.n; i++)
		if (lookup_find(names, other->entries.at[i].name))
			return err_set(err, -EEXIST, "name-taken", "%s: the name %s is taken by %s, expected another", path,
			               other->entries.at[i].name, other->path);
	return 0;
}

static int neighbours_check(const struct sysroot *root, const char *path, const struct lookup *names, struct err *err)
{
	_cleanup_(strs_done) struct strs files = { 0 };
	int r = sysroot_list(root, QUIRKS_UPDATE_DIR, &files);

	if (r < 0 && r != -ENOMEM)
		return 0; /* what cannot be read does not count either */
	for (size_t i = 0; r == 0 && i < files.n; i++) {
		_cleanup_(quirk_version_done) struct quirk_version other = { 0 };

		if (!quirks_is_file(files.at[i]) || !strcmp(files.at[i], QUIRKS_UPDATE_FILE))
			continue;
		r = quirk_version_read(root, QUIRKS_UPDATE_DIR, files.at[i], LAYER_UPDATE, &other);
		if (r == 0)
			r = names_check(names, path, &other, err);
	}
	return r;
}

int quirks_check_place(const struct sysroot *root, const char *path, const char *text, size_t size, uint64_t serial,
                       struct err *err)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { .kind = VERSION_GOOD };
	_cleanup_(lookup_done) struct lookup names = { 0 };
	int r = hidden_check(root, err);

	if (r == 0)
		r = quirk_version_parse(path, text, size, &version);
	if (r == 0 && (version.kind != VERSION_GOOD || version.serial != serial))
		r = err_set(err, -EINVAL, "bad-bundle", "%s: it is not what the process that loaded it said: %s", path,
		            version.fault ?: "another serial");
	for (size_t i = 0; r == 0 && i < version.entries.n; i++)
		if (!lookup_add(&names, version.entries.at[i].name))
			r = -ENOMEM;
	return r < 0 ? r : neighbours_check(root, path, &names, err);
}
