/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-state: one content as journal entry, approval, findings and publication: what is on disk of an earlier pciwc. */
#include <string.h>

#include "tests/fuzz/mutate.h"

#include "act/approvals.h"
#include "act/journal.h"
#include "act/store.h"
#include "base/cleanup.h"
#include "observe/answer.h"

#define NAME "0000:01:00.0"

static void check_approvals(const struct sysroot *root)
{
	_cleanup_(approvals_done) struct approvals approvals = { 0 };
	struct err err = { 0 };

	MUST(approvals_read(root, &err, &approvals) == 0 && approvals.n == 1);
	/* What cannot be read may have granted everything. */
	MUST(approvals.at[0].is_readable || (approvals.at[0].files == (1u << BAR_MAX) - 1 && approvals.at[0].has_variant));
}

static void check_journal(const struct sysroot *root)
{
	_cleanup_(journal_done) struct journal journal = { 0 };
	struct err err = { 0 };

	MUST(journal_read(root, &err, &journal) == 0 && journal.n == 1);
	MUST(journal.at[0].bar == 2 && journal.at[0].boot_id);
}

static void check_findings(const struct sysroot *root)
{
	_cleanup_(records_done) struct records records = { 0 };
	_cleanup_(strs_done) struct strs broken = { 0 };
	struct err err = { 0 };

	MUST(store_read(root, &err, &records, &broken) == 0 && records.n + broken.n == 1);
}

static void check_publication(const struct sysroot *root)
{
	const struct pci_address address = { .bus = 1 };
	_cleanup_(answer_done) struct answer answer = { 0 };
	struct err err = { 0 };
	int r = answer_read(root, &address, 2, &err, &answer);

	MUST(r == 0 || err.text[0]);
	/* The device is not there: whatever was published of it, nothing is granted. */
	for (size_t i = 0; r == 0 && i < answer.bar->n; i++)
		MUST(!answer.bar->at[i].is_granted);
	MUST(r < 0 || !answer.bar->is_granted);
	if (r == 0)
		json_done(&(struct json_object *){ answer_to_json(&answer) });
}

INPUT_IS_JSON

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct err err = { 0 };

	fuzz_write("var/lib/pciwc/approvals/" NAME ".json", data, size);
	fuzz_write("var/lib/pciwc/journal/" NAME "-bar2.json", data, size);
	fuzz_write("var/lib/pciwc/findings/" NAME "-bar2.json", data, size);
	fuzz_write("run/pciwc/policy.json", data, size);
	MUST(sysroot_open(fuzz_dir(), &err, &root) == 0);
	check_approvals(&root);
	check_journal(&root);
	check_findings(&root);
	check_publication(&root);
	return 0;
}
