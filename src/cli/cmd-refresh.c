/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd-refresh: all is judged again by the database, kernel and site of now, from findings that are there, and put in force:
 * `policy apply` for nobody who waits for an answer, at boot and after a change.
 */
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
	unsigned int changed;
	int r;

	(void)argv;
	if (argc)
		return usage_error(err, "refresh: expected nothing behind it");
	r = policy_renew(options, err, &machine, &changed);
	tell_crashes(&machine.journal);
	if (r == 0)
		r = policy_report(options->json, "refresh", changed, err);
	return r < 0 ? r : EXIT_DONE;
}
