/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: one file a BAR. Everybody may read it (0644): it holds no secret, and a user's `explain` says why from it. */
#include "act/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act/barfile.h"
#include "base/array.h"
#include "base/cleanup.h"

#define FINDINGS_MODE 0644

int store_write(const struct sysroot *root, const struct record *record, struct err *err)
{
	_cleanup_(json_done) struct json_object *o = record_to_json(record);
	_cleanup_free_ char *text = json_text(o);
	char name[BARFILE_NAME_SIZE];

	if (!text)
		return err_errno(err, -ENOMEM, "cannot-write", "%s%s", root->name, FINDINGS_DIR);
	barfile_name(&record->address, record->bar, name);
	return sysroot_replace(root, FINDINGS_DIR, name, FINDINGS_MODE, text, err);
}

int store_remove(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err)
{
	return barfile_remove(root, FINDINGS_DIR, address, bar, err);
}

static int load(const struct sysroot *root, int dir, const char *name, struct err *err, struct record *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	_cleanup_(record_done) struct record record = { 0 };
	char path[4096], expected[BARFILE_NAME_SIZE];

	snprintf(path, sizeof(path), "%s%s/%s", root->name, FINDINGS_DIR, name);

	int r = barfile_load(root, dir, name, path, err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, path);

	r = record_from_json(&top, err, &record);
	if (r < 0)
		return r;
	/* A copy under another BAR's name would prove something of that one. */
	barfile_name(&record.address, record.bar, expected);
	if (strcmp(expected, name) != 0)
		return err_set(err, -EINVAL, "bad-file", "%s: it speaks of another BAR than its name", path);
	*ret = record;
	record = (struct record){ 0 };
	return 0;
}

int store_read(const struct sysroot *root, struct err *err, struct records *ret, struct strs *ret_broken)
{
	_cleanup_(records_done) struct records records = { 0 };
	_cleanup_(strs_done) struct strs names = { 0 }, broken = { 0 };
	_cleanup_close_ int dir = -1;
	int r = barfile_list(root, FINDINGS_DIR, err, &names, &dir);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct pci_address address;
		struct record record, *slot;
		struct err why = { 0 };
		unsigned int bar;

		if (!barfile_parse(names.at[i], &address, &bar))
			continue;
		r = load(root, dir, names.at[i], &why, &record);
		if (r == -ENOENT) {
			r = 0; /* removed meanwhile */
		} else if (r < 0 && r != -ENOMEM) {
			r = strs_add(&broken, why.text);
		} else if (r == 0) {
			slot = array_add(&records);
			if (slot)
				*slot = record;
			else
				record_done(&record);
			r = slot ? 0 : -ENOMEM;
		}
	}
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s%s", root->name, FINDINGS_DIR);
	*ret = records;
	*ret_broken = broken;
	records = (struct records){ 0 };
	broken = (struct strs){ 0 };
	return 0;
}
