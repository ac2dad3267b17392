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

/* Who changes them on and on is not waited for. */
#define ROUNDS 5

/* *ret_is_stale: what it was judged by is another by now. */
static int renew(const struct options *options, bool is_first, struct err *err, unsigned int *changed, bool *ret_is_stale)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	unsigned int n = 0;
	int r = policy_renew(options, err, &machine, &n);

	if (is_first)
		tell_crashes(&machine.journal);
	*changed += n;
	return r < 0 ? r : machine_is_stale(options, &machine, err, ret_is_stale);
}

/* Who watches the files starts this once for a change, and not again for one that comes while it runs. */
int cmd_refresh(const struct options *options, int argc, char **argv, struct err *err)
{
	unsigned int changed = 0;
	bool is_stale = true;
	int r = 0;

	(void)argv;
	if (argc)
		return usage_error(err, "refresh: expected nothing behind it");
	for (int round = 0; r == 0 && is_stale && round < ROUNDS; round++)
		r = renew(options, round == 0, err, &changed, &is_stale);
	if (r == 0 && is_stale)
		log_warn("the database, the site file or what it imports changed each time that it was judged by, %d times: run pciwc refresh once that ends", ROUNDS);
	if (r == 0)
		r = policy_report(options->json, "refresh", changed, err);
	return r < 0 ? r : EXIT_DONE;
}
