/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-file: reads one file, and of a broken one what can be read: that may still say what it would have denied. */
#include "observe/quirks-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/date.h"
#include "base/json.h"
#include "model/quirk-match.h"
#include "observe/quirks-cache.h"

#define QUIRKS_MAX_BYTES (16 << 20)

/* The first fault is told; a broken file stays broken. */
static int version_fault(struct quirk_version *version, bool is_newer, const char *fault)
{
	if (!is_newer && version->kind != VERSION_BROKEN) {
		version->kind = VERSION_BROKEN;
		return str_set(&version->fault, fault);
	}
	return version->fault ? 0 : str_set(&version->fault, fault);
}

static bool is_newer(const struct err *why)
{
	return !strcmp(why->id, QUIRK_NEWER);
}

static int salvage(const struct json_at *at, const struct err *why, struct quirk_version *ret)
{
	struct quirk quirk, *slot;
	bool is_void;
	int r = quirk_salvage(at, &quirk, &is_void);

	if (r < 0)
		return r;
	quirk.state = is_newer(why) ? QUIRK_NEWER_FORMAT : QUIRK_BROKEN;
	r = str_set(&quirk.held_because, why->text);
	slot = r < 0 ? NULL : is_void ? array_add(&ret->voids) : array_add(&ret->entries);
	if (!slot) {
		quirk_done(&quirk);
		return -ENOMEM;
	}
	*slot = quirk;
	return version_fault(ret, is_newer(why), why->text);
}

static int entry_read(const struct json_at *at, struct quirk_version *ret)
{
	struct err why = { 0 };
	struct quirk quirk, *slot;
	int r = quirk_from_json(at, &why, &quirk);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return salvage(at, &why, ret);
	slot = array_add(&ret->entries);
	if (!slot) {
		quirk_done(&quirk);
		return -ENOMEM;
	}
	*slot = quirk;
	return 0;
}

/* A release says twice when it is from: for people, and for whoever asks which is newer. */
static int date_check(const struct json_at *top, uint64_t serial, struct err *why)
{
	struct json_at member;
	char expected[32];
	const char *date;
	int r;

	if (!json_member(top, "date", &member))
		return 0;
	r = json_string(&member, why, &date);
	snprintf(expected, sizeof(expected), "%04u-%02u-%02u", (unsigned int)(serial / 10000),
	         (unsigned int)(serial / 100 % 100), (unsigned int)(serial % 100));
	return r == 0 && strcmp(date, expected) ? json_expected(&member, why, "the date that the serial is") : r;
}

static int serial_read(const struct json_at *top, struct err *why, uint64_t *ret)
{
	struct json_at member;
	uint64_t serial;
	int r = json_need(top, "serial", "a number such as 20261120", why, &member);

	if (r == 0)
		r = json_u64(&member, 1, 99999999, why, &serial);
	/* The highest wins, and one that is no day could not be beaten by any that is. */
	if (r == 0 && !date_exists((unsigned int)(serial / 10000), (unsigned int)(serial / 100 % 100), (unsigned int)(serial % 100)))
		r = json_expected(&member, why, "a date YYYYMMDD, such as 20261120");
	if (r == 0)
		*ret = serial;
	return r;
}

/*
 * What is around the entries. 0, or -EINVAL with why; an unknown key, or another schema, is of a newer format. The serial is
 * read of any format that has it: who knows no more of a file must not take it for an old one.
 */
static int head_read(const struct json_at *top, struct err *why, uint64_t *ret_serial)
{
	static const char *const keys[] = { "schema", "serial", "date", "entries", NULL };
	struct err why_serial = { 0 };
	struct json_at member;
	uint64_t schema;
	int of_serial = serial_read(top, &why_serial, ret_serial), r = json_need(top, "schema", "1", why, &member);

	if (r == 0)
		r = json_u64(&member, 1, INT32_MAX, why, &schema);
	if (r == 0 && schema != 1)
		return quirk_newer(&member, why, "schema 1, the only one that this pciwc reads");
	if (r == 0 && of_serial < 0)
		r = err_set(why, of_serial, why_serial.id, "%s", why_serial.text);
	if (r == 0)
		r = date_check(top, *ret_serial, why);
	if (r == 0)
		r = quirk_only(top, keys, why);
	return r;
}

static int top_read(const struct json_at *top, struct quirk_version *ret)
{
	struct err why = { 0 };
	struct json_at entries;
	bool is_file_newer;
	int r;

	if (json_kind(top) != JSON_OBJECT) {
		(void)json_expected(top, &why, "an object");
		return version_fault(ret, false, why.text);
	}
	r = head_read(top, &why, &ret->serial);
	is_file_newer = r < 0 && is_newer(&why);
	if (r < 0)
		r = version_fault(ret, is_file_newer, why.text);
	if (r < 0)
		return r;

	struct err no_list = { 0 };

	r = json_need(top, "entries", "an array", &no_list, &entries);
	if (r == 0 && json_kind(&entries) != JSON_ARRAY)
		r = json_expected(&entries, &no_list, "an array");
	if (r < 0)
		return version_fault(ret, false, no_list.text);
	ret->is_readable = true;
	for (size_t i = 0; i < json_length(&entries); i++) {
		struct json_at element = json_element(&entries, i);

		r = entry_read(&element, ret);
		if (r < 0)
			return r;
	}
	/* What a newer head means for the entries nobody here knows. */
	for (size_t i = 0; is_file_newer && i < ret->entries.n; i++) {
		ret->entries.at[i].state = QUIRK_NEWER_FORMAT;
		r = str_set(&ret->entries.at[i].held_because, why.text);
		if (r < 0)
			return r;
	}
	return 0;
}

int quirk_version_parse(const char *path, const char *text, size_t size, struct quirk_version *ret)
{
	_cleanup_(json_done) struct json_object *document = NULL;
	struct err why = { 0 };
	int r = json_parse(path, text, size, &why, &document);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return version_fault(ret, false, why.text);

	struct json_at top = json_top(document, path);

	return top_read(&top, ret);
}

/* Is it a link that masks: 0 when its maker may say so, or an error with why. Other links are none: -ELOOP. */
static int mask_check(const struct sysroot *root, int dir, const char *name, const char *path, struct err *why)
{
	_cleanup_free_ char *target = NULL;
	struct stat st;
	int r = attr_link(dir, name, &target);

	if (r < 0)
		return r;
	if (strcmp(target, "/dev/null"))
		return -ELOOP;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (st.st_uid != 0 && st.st_uid != root->owner)
		return err_set(why, -EPERM, "untrusted-file", "%s: a link to /dev/null owned by uid %u, expected root", path, st.st_uid);
	return 0;
}

/* What a read gives instead of a text; no error is positive. */
#define IS_MASK 1

/* 0 and *ret_text, IS_MASK, or an error with why. */
static int bytes_read(const struct sysroot *root, int dir, const char *name, const char *path, struct err *why, char **ret_text,
                      size_t *ret_size)
{
	_cleanup_close_ int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r = fd >= 0 ? 0 : dir < 0 ? dir : -errno;

	if (r == -ELOOP) {
		r = mask_check(root, dir, name, path, why);
		return r == 0 ? IS_MASK : r;
	}
	if (r == 0)
		r = sysroot_trust(root, fd, path, why);
	return r < 0 ? r : fd_bytes(fd, QUIRKS_MAX_BYTES, ret_text, ret_size);
}

/* The same; the digest is of what was read, or of why nothing was. */
static int file_read(const struct sysroot *root, int dir, const char *name, const char *path, struct err *why, char **ret_text,
                     size_t *ret_size, unsigned char ret_digest[static DIGEST_BYTES])
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r = bytes_read(root, dir, name, path, why, &text, &size), q = digest_of(&r, sizeof(r), text, size, ret_digest);

	if (q < 0)
		return q;
	if (r == 0) {
		*ret_text = steal(&text);
		*ret_size = size;
	}
	return r;
}

int quirk_file_digest(const struct sysroot *root, int dir, const char *name, unsigned char ret[static DIGEST_BYTES])
{
	_cleanup_free_ char *text = NULL;
	struct err why = { 0 };
	size_t size;
	int r = file_read(root, dir, name, name, &why, &text, &size, ret);

	return r == -ENOMEM || r == -ENOSYS ? r : 0;
}

static int text_take(struct quirks_cache *cache, const char *name, const char *text, size_t size, struct quirk_version *ret)
{
	int r;

	if (!cache)
		return quirk_version_parse(ret->path, text, size, ret);
	if (quirks_cache_recall(cache, name, text, size, ret))
		return 0;
	r = quirk_version_parse(ret->path, text, size, ret);
	if (r == 0)
		quirks_cache_keep(cache, text, size, ret);
	return r;
}

int quirk_version_read_at(const struct sysroot *root, int dir, const char *path, const char *name, enum quirk_layer layer,
                          struct quirks_cache *cache, struct quirk_version *ret)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { .kind = VERSION_GOOD, .layer = layer };
	_cleanup_free_ char *text = NULL;
	struct err why = { 0 };
	size_t size = 0;
	int r;

	version.path = str_printf("%s%s/%s", root->name, path, name);
	if (!version.path)
		return -ENOMEM;
	r = file_read(root, dir, name, version.path, &why, &text, &size, version.digest);
	if (r == IS_MASK) {
		version.kind = VERSION_MASK;
		r = 0;
	} else if (r == 0)
		r = text_take(cache, name, text, size, &version);
	if (r == -ENOMEM || r == -ENOSYS)
		return r;
	if (r < 0) {
		version.is_unread = r != -ENOENT && !errno_is_of_file(r);
		(void)err_errno(&why, r, "unreadable", "%s", version.path);
		r = version_fault(&version, false, why.text);
	}
	if (r < 0)
		return r;
	*ret = version;
	version = (struct quirk_version){ 0 };
	return 0;
}

int quirk_version_read(const struct sysroot *root, const char *dir, const char *name, enum quirk_layer layer,
                       struct quirk_version *ret)
{
	_cleanup_close_ int fd = sysroot_fd(root, dir, O_DIRECTORY | O_RDONLY);

	return quirk_version_read_at(root, fd, dir, name, layer, NULL, ret);
}

void quirk_version_done(struct quirk_version *version)
{
	for (size_t i = 0; i < version->entries.n; i++)
		quirk_done(&version->entries.at[i]);
	for (size_t i = 0; i < version->voids.n; i++)
		quirk_done(&version->voids.at[i]);
	free(version->entries.at);
	free(version->voids.at);
	free(version->path);
	free(version->fault);
	*version = (struct quirk_version){ 0 };
}
