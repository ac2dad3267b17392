/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-journal: the probes that a host did not survive. */
#include "act/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/lock.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"

static void print_entry(const struct journal_entry *entry)
{
	char address[PCI_ADDRESS_SIZE], where[JOURNAL_WHERE_SIZE];

	pci_address_format(&entry->address, address);
	journal_entry_where(entry, where);
	printf("%s BAR %u: %s step %s, boot %s\n", address, entry->bar,
	       entry->is_crash ? "the host died in" : "left by a pciwc that was killed in, or is running,",
	       where, entry->boot_id);
}

static int print_journal(const struct journal *journal, bool json, struct err *err)
{
	struct json_object *o, *entries;

	if (!json) {
		for (size_t i = 0; i < journal->n; i++)
			print_entry(&journal->at[i]);
		if (!journal->n)
			puts("the journal is empty: no probe was interrupted");
		return 0;
	}
	o = json_new_object();
	entries = json_new_array();
	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < journal->n; i++)
		json_push(entries, journal_entry_to_json(&journal->at[i]));
	json_put(o, "entries", entries);
	return print_json(o, err);
}

/* "ADDRESS:BAR" as print_entry's words name it; the device itself may be gone. */
static bool is_named(const struct journal_entry *entry, int argc, char **argv)
{
	char address[PCI_ADDRESS_SIZE], name[PCI_ADDRESS_SIZE + 8];

	pci_address_format(&entry->address, address);
	snprintf(name, sizeof(name), "%s:%u", address, entry->bar);
	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], name) || !strcmp(argv[i], address))
			return true;
	return !argc;
}

/* Nothing else knows how the device was before somebody claimed it and was killed. */
static bool is_kept(const struct journal_entry *entry)
{
	char address[PCI_ADDRESS_SIZE];

	if (entry->is_crash || !entry->before.is_known)
		return false;
	pci_address_format(&entry->address, address);
	log_warn("%s BAR %u: kept: the next probe of it puts back what the killed one had changed, and after a reboot it would count "
	         "as the host's death; to have it gone, clear it by its name",
	         address, entry->bar);
	return true;
}

/* Under the lock of probes: the entry of one that runs is what tells the next boot of its death. */
static int clear(const struct sysroot *root, int argc, char **argv, struct err *err)
{
	_cleanup_(journal_done) struct journal journal = { 0 };
	_cleanup_close_ int lock = -1;
	int r = lock_take_probe(root, err, &lock);

	/* By name also one goes of which nothing can be known. */
	if (r == 0)
		r = argc ? journal_read(root, err, &journal) : journal_read_known(root, NULL, err, &journal);
	for (size_t i = 0; r == 0 && i < journal.n; i++) {
		const struct journal_entry *entry = &journal.at[i];

		if (is_named(entry, argc, argv) && (argc || !is_kept(entry)))
			r = journal_remove(root, &entry->address, entry->bar, err);
	}
	return r;
}

int cmd_journal(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(journal_done) struct journal journal = { 0 };
	int r;

	if (argc && strcmp(argv[0], "clear"))
		return usage_error(err, "journal: %s: expected clear, or nothing", argv[0]);
	r = sysroot_open(options->root, err, &root);
	if (r == 0 && argc)
		r = clear(&root, argc - 1, argv + 1, err);
	if (r == 0)
		r = journal_read(&root, err, &journal);
	return r < 0 ? r : print_journal(&journal, options->json, err);
}
