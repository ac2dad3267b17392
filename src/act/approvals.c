/* SPDX-License-Identifier: GPL-2.0-or-later */
/* approvals: reads only what taking back needs, and writes no more than that; decide/policy.c has the files' whole text. */
#include "act/approvals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/barfile.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"

#define ALL_BARS ((1u << BAR_MAX) - 1)
#define NAME_TAIL ".json"

static void file_name(const struct pci_address *address, char ret[static BARFILE_NAME_SIZE])
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	snprintf(ret, BARFILE_NAME_SIZE, "%s" NAME_TAIL, text);
}

static bool parse_name(const char *name, struct pci_address *ret)
{
	char text[PCI_ADDRESS_SIZE], again[BARFILE_NAME_SIZE];
	size_t n = strlen(name), tail = strlen(NAME_TAIL);

	if (n <= tail || n - tail >= sizeof(text))
		return false;
	memcpy(text, name, n - tail);
	text[n - tail] = '\0';
	if (pci_address_parse(text, ret) < 0)
		return false;
	file_name(ret, again);
	return !strcmp(again, name);
}

/* -ENOENT: there is none, or none any more; -ENOMEM. */
static int load(const struct sysroot *root, int dir, const char *name, struct approval *approval)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	struct err why = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s%s/%s", root->name, APPROVALS_DIR, name);

	int r = barfile_load(root, dir, name, path, &why, &o);

	if (r == 0) {
		struct json_at top = json_top(o, path);

		r = approval_from_json(&top, &why, approval);
	}
	if (r == 0 || r == -ENOENT || r == -ENOMEM)
		return r;
	approval->files = approval->pins = ALL_BARS;
	approval->has_variant = true;
	if (errno_is_of_file(r))
		log_warn("%s; all that it may have granted is taken for granted", why.text);
	else
		approval->unread = r;
	return 0;
}

int approval_check_read(const struct sysroot *root, const struct approval *approval, struct err *err)
{
	char name[BARFILE_NAME_SIZE];

	file_name(&approval->address, name);
	return approval->unread ? err_errno(err, approval->unread, "unreadable", "%s%s/%s", root->name, APPROVALS_DIR, name) : 0;
}

void approval_say_unread(const struct sysroot *root, const struct approval *approval)
{
	struct err why = { 0 };

	if (approval_check_read(root, approval, &why) < 0)
		log_warn("%s; what it granted is not known", why.text);
}

int approvals_read(const struct sysroot *root, struct err *err, struct approvals *ret)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_close_ int dir = -1;
	int r = barfile_list(root, APPROVALS_DIR, err, &names, &dir);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct approval approval = { 0 }, *slot;

		if (!parse_name(names.at[i], &approval.address))
			continue;
		r = load(root, dir, names.at[i], &approval);
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		slot = r == 0 ? array_add(ret) : NULL;
		if (!slot) {
			approval_done(&approval);
			r = r < 0 ? r : -ENOMEM;
			break;
		}
		*slot = approval;
	}
	return r < 0 ? err_errno(err, r, "unreadable", "%s%s", root->name, APPROVALS_DIR) : 0;
}

int approval_read(const struct sysroot *root, const struct pci_address *address, struct err *err, struct approval *ret)
{
	_cleanup_close_ int dir = -1;
	struct approval approval = { .address = *address };
	char name[BARFILE_NAME_SIZE];
	int r = sysroot_trusted(root, APPROVALS_DIR, err, &dir);

	file_name(address, name);
	if (r == 0)
		r = load(root, dir, name, &approval);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s%s/%s", root->name, APPROVALS_DIR, name);
	approval_say_unread(root, &approval);
	*ret = approval;
	return 0;
}

/*
 * No text of it beside this one: whoever fills the disk must not keep by that what is to be taken back. Nor is it cut before it is
 * written: he would have the room that it leaves, and the driver that was there before would be forgotten.
 */
static int write_over(const struct sysroot *root, const char *name, const char *text)
{
	const size_t size = strlen(text);
	_cleanup_close_ int dir = -1, fd = -1;
	int r = sysroot_trusted(root, APPROVALS_DIR, NULL, &dir);
	ssize_t n;

	if (r < 0)
		return r;
	fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	n = fd < 0 ? -1 : pwrite(fd, text, size, 0);
	if (n >= 0 && (size_t)n != size)
		return -ENOSPC;
	return n < 0 || ftruncate(fd, (off_t)size) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int approval_write(const struct sysroot *root, const struct approval *approval, struct err *err)
{
	_cleanup_(json_done) struct json_object *o = approval_to_json(approval);
	_cleanup_free_ char *text = json_text(o);
	char name[BARFILE_NAME_SIZE];
	struct err why = { 0 };
	int r;

	if (!text)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	file_name(&approval->address, name);
	r = sysroot_replace(root, APPROVALS_DIR, name, 0644, text, &why);
	if (r == 0 || write_over(root, name, text) == 0)
		return 0;
	return err_set(err, r, why.id, "%s", why.text);
}

int approval_remove(const struct sysroot *root, const struct pci_address *address, struct err *err)
{
	_cleanup_close_ int dir = sysroot_fd(root, APPROVALS_DIR, O_DIRECTORY | O_RDONLY);
	char name[BARFILE_NAME_SIZE];

	if (dir == -ENOENT)
		return 0;
	file_name(address, name);
	if (dir < 0)
		return err_errno(err, dir, "cannot-write", "%s%s", root->name, APPROVALS_DIR);
	if ((unlinkat(dir, name, 0) < 0 && errno != ENOENT) || (fsync(dir) < 0 && errno != EINVAL))
		return err_errno(err, -errno, "cannot-write", "%s%s/%s", root->name, APPROVALS_DIR, name);
	return 0;
}
