/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal: one file a BAR. Everybody may read it (0644): it holds no secret, and `explain` of a user must see a crash
 * too.
 */
#include "act/journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act/barfile.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"

#define JOURNAL_MODE 0644

int journal_write(const struct sysroot *root, const struct journal_entry *entry, struct err *err)
{
	_cleanup_(json_done) struct json_object *o = journal_entry_to_json(entry);
	_cleanup_free_ char *text = NULL;
	char name[BARFILE_NAME_SIZE];

	json_put_u64(o, "schema", 1);
	text = json_text(o);
	if (!text)
		return err_errno(err, -ENOMEM, "cannot-write", "%s%s", root->name, JOURNAL_DIR);
	barfile_name(&entry->address, entry->bar, name);
	return sysroot_replace(root, JOURNAL_DIR, name, JOURNAL_MODE, text, err);
}

int journal_remove(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err)
{
	return barfile_remove(root, JOURNAL_DIR, address, bar, err);
}

int journal_boot_id(const struct sysroot *root, struct err *err, char **ret)
{
	int r = sysroot_text(root, "/proc/sys/kernel/random/boot_id", 128, ret);

	return r < 0 ? err_errno(err, r, "unreadable", "%s/proc/sys/kernel/random/boot_id", root->name) : 0;
}

static int load(const struct sysroot *root, int dir, const char *name, struct err *err, struct journal_entry *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	char path[4096], expected[BARFILE_NAME_SIZE];

	snprintf(path, sizeof(path), "%s%s/%s", root->name, JOURNAL_DIR, name);

	int r = barfile_load(root, dir, name, path, err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, path);
	struct journal_entry entry;

	r = journal_entry_from_json(&top, err, &entry);
	if (r < 0)
		return r;
	barfile_name(&entry.address, entry.bar, expected);
	if (strcmp(expected, name) != 0) {
		journal_entry_done(&entry);
		return err_set(err, -EINVAL, "bad-file", "%s: it speaks of another BAR than its name", path);
	}
	*ret = entry;
	return 0;
}

/* How all entries are read. */
struct reading {
	const struct sysroot *root;
	int dir;
	char *boot_id; /* NULL: every entry is of another boot, for all that is known */
	int r;         /* why, as a negative errno, where another look may tell; no_id says it */
	struct err no_id;
	bool has_needed;                  /* some are to be known: */
	const struct pci_address *needed; /* those of one device; NULL: all */
};

static void reading_done(struct reading *reading)
{
	free(reading->boot_id);
	close_fd(&reading->dir);
}

static int read_one(const struct reading *reading, const char *name, struct err *err, struct journal *journal)
{
	struct journal_entry entry = { 0 };
	struct pci_address address;
	struct err why = { 0 };
	unsigned int bar;

	/* The temporary file of a write that a crash cut off is none: that step had not begun. */
	if (!barfile_parse(name, &address, &bar))
		return 0;

	bool is_needed = reading->has_needed && (!reading->needed || !pci_address_compare(reading->needed, &address));
	int r = load(reading->root, reading->dir, name, &why, &entry);

	if (r == -ENOENT)
		return 0; /* removed meanwhile */
	if (r == -ENOMEM)
		return r;
	if (r < 0 && is_needed && !errno_is_of_file(r))
		return err_set(err, r, why.id, "%s", why.text);
	if (r < 0) {
		log_warn("%s; the BAR is taken for one that killed the host", why.text);
		entry = (struct journal_entry){ .address = address, .bar = (uint8_t)bar, .is_crash = true };
		r = str_set(&entry.boot_id, "unknown");
	} else if (is_needed && reading->r < 0) {
		r = err_set(err, reading->r, reading->no_id.id, "%s", reading->no_id.text);
	} else {
		entry.is_crash = !reading->boot_id || !str_eq(entry.boot_id, reading->boot_id);
	}

	struct journal_entry *slot = r == 0 ? array_add(journal) : NULL;

	if (!slot) {
		journal_entry_done(&entry);
		return r < 0 ? r : -ENOMEM;
	}
	*slot = entry;
	return 0;
}

static int read_all(struct reading *reading, struct err *err, struct journal *ret)
{
	_cleanup_(journal_done) struct journal journal = { 0 };
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = barfile_list(reading->root, JOURNAL_DIR, err, &names, &reading->dir);

	if (r < 0)
		return r;
	r = journal_boot_id(reading->root, &reading->no_id, &reading->boot_id);
	reading->r = r == -ENOENT ? 0 : r;
	r = r == -ENOMEM ? r : 0;
	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = read_one(reading, names.at[i], err, &journal);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s" JOURNAL_DIR, reading->root->name);
	*ret = journal;
	journal = (struct journal){ 0 };
	return 0;
}

int journal_read(const struct sysroot *root, struct err *err, struct journal *ret)
{
	_cleanup_(reading_done) struct reading reading = { .root = root, .dir = -1 };

	return read_all(&reading, err, ret);
}

int journal_read_known(const struct sysroot *root, const struct pci_address *address, struct err *err, struct journal *ret)
{
	_cleanup_(reading_done) struct reading reading = { .root = root, .dir = -1, .has_needed = true, .needed = address };

	return read_all(&reading, err, ret);
}
