/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: what was being done to a BAR when the host died; an entry that outlives its boot is such a death. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "model/device.h"
#include "model/finding.h"

#define JOURNAL_WHERE_SIZE 48

struct journal_entry {
	struct pci_address address;
	uint8_t bar;
	enum step step;   /* STEP_NONE: between steps, the BAR had not settled yet */
	char insn[24];    /* the instruction that the step was about; "": none */
	char *boot_id;    /* of the boot that wrote it */
	uint64_t time_s;  /* since the epoch */
	unsigned int deaths; /* hosts that died over this BAR before this entry was written */
	bool is_crash;    /* set on reading: another boot wrote it, so the host died (or was reset) meanwhile */
};

struct journal {
	struct journal_entry *at;
	size_t n;
};

/* The entry of this BAR that says the host died, the one with most deaths; NULL: none. */
const struct journal_entry *journal_crash(const struct journal *journal, const struct pci_address *address,
                                          unsigned int bar);
void journal_done(struct journal *journal);
/* "sparse", "wide128 (movntdq)", "settling" */
void journal_entry_where(const struct journal_entry *entry, char ret[static JOURNAL_WHERE_SIZE]);
struct json_object *journal_entry_to_json(const struct journal_entry *entry);
int journal_entry_from_json(const struct json_at *at, struct err *err, struct journal_entry *ret);
