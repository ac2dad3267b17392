/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd-refresh: all is judged again by the database, kernel and site of now, from findings that are there, and put in force:
 * `policy apply` for nobody who waits for an answer, at boot and after a change.
 */
#include "act/udev.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cli/policy.h"

static void tell_crashes(const struct journal *journal)
{
	for (size_t i = 0; i < journal->n; i++) {
		const struct journal_entry *entry = &journal->at[i];
		char address[PCI_ADDRESS_SIZE], where[JOURNAL_WHERE_SIZE];

		if (!entry->is_crash)
			continue;
		pci_address_format(&entry->address, address);
		journal_entry_where(entry, where);
		log_warn("%s BAR %u: the host died while it was probed (%s): nothing of it is granted; see pciwc journal", address,
		         entry->bar, where);
	}
}

int cmd_refresh(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	int r;

	(void)argv;
	if (argc)
		return usage_error(err, "refresh: expected nothing behind it");
	if (!options->root && udev_settle(UDEV_PATIENCE_MS) < 0)
		log_warn("udev is still busy: a device that comes later is given what is on file for it");
	r = machine_load(options, err, &machine);
	if (r == 0)
		r = machine_judge(&machine, err);
	if (r < 0)
		return r;
	tell_crashes(&machine.journal);
	r = policy_enforce(&machine, "refresh", options->json, err);
	return r < 0 ? r : EXIT_DONE;
}
