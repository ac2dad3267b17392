/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: what was being done to a BAR when the host died; an entry that outlives its boot is such a death. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "model/device.h"
#include "model/finding.h"

#define JOURNAL_WHERE_SIZE 48

/* What a claim found of a device and changes: what whoever comes next puts back, when this one is killed. */
struct claim_before {
	bool is_known;
	char *driver_override; /* as sysfs shows it; NULL: not known */
	char *power_control;   /* likewise */
	uint64_t enable_count;
	uint16_t command;
};

struct journal_entry {
	struct pci_address address;
	uint8_t bar;
	enum step step;   /* STEP_NONE: between steps, the BAR had not settled yet */
	char insn[24];    /* the instruction that the step was about; "": none */
	char *boot_id;    /* of the boot that wrote it */
	char *path_key;   /* the path to the BAR, as path_key() has it; NULL: an older version wrote it, or it cannot be read */
	uint64_t time_s;  /* since the epoch */
	unsigned int deaths; /* hosts that died over this BAR before this entry was written */
	struct claim_before before; /* not known: an older version wrote it */
	bool is_crash;    /* set on reading: another boot wrote it, so the host died (or was reset) meanwhile */
};

struct journal {
	struct journal_entry *at;
	size_t n;
};

/* The entry of this BAR that says the host died, the one with most deaths; NULL: none. */
const struct journal_entry *journal_crash(const struct journal *journal, const struct pci_address *address,
                                          unsigned int bar);
/* An entry of this boot for any BAR of this device, of a pciwc that was killed (the caller holds the lock); NULL: none. */
struct journal_entry *journal_left(struct journal *journal, const struct pci_address *address);
/* May it stand in an entry, and go into sysfs again: printable ASCII, no space, at most 255 bytes. */
bool journal_is_word(const char *text);
void claim_before_done(struct claim_before *before);
void journal_entry_done(struct journal_entry *entry);
void journal_done(struct journal *journal);
/* "sparse", "wide128 (movntdq)", "settling" */
void journal_entry_where(const struct journal_entry *entry, char ret[static JOURNAL_WHERE_SIZE]);
struct json_object *journal_entry_to_json(const struct journal_entry *entry);
int journal_entry_from_json(const struct json_at *at, struct err *err, struct journal_entry *ret);
