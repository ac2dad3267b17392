/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: an entry to and from its file. */
#include "model/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "model/names.h"

const struct journal_entry *journal_crash(const struct journal *journal, const struct pci_address *address,
                                          unsigned int bar)
{
	const struct journal_entry *worst = NULL;

	for (size_t i = 0; i < journal->n; i++) {
		const struct journal_entry *entry = &journal->at[i];

		if (entry->is_crash && entry->bar == bar && !pci_address_compare(&entry->address, address) &&
		    (!worst || entry->deaths > worst->deaths))
			worst = entry;
	}
	return worst;
}

void journal_done(struct journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		free(journal->at[i].boot_id);
	free(journal->at);
	*journal = (struct journal){ 0 };
}

void journal_entry_where(const struct journal_entry *entry, char ret[static JOURNAL_WHERE_SIZE])
{
	snprintf(ret, JOURNAL_WHERE_SIZE, "%s%s%s%s", entry->step ? step_infos[entry->step].name : "settling",
	         entry->insn[0] ? " (" : "", entry->insn, entry->insn[0] ? ")" : "");
}

/* "probing" is the outer entry: nothing runs, but the BAR has not settled. */
static const char *step_word(enum step step)
{
	return step == STEP_NONE ? "probing" : step_infos[step].name;
}

struct json_object *journal_entry_to_json(const struct journal_entry *entry)
{
	struct json_object *o = json_new_object();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&entry->address, address);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", entry->bar);
	json_put_string(o, "step", step_word(entry->step));
	if (entry->insn[0])
		json_put_string(o, "insn", entry->insn);
	json_put_string(o, "boot_id", entry->boot_id);
	json_put_u64(o, "time", entry->time_s);
	json_put_u64(o, "deaths", entry->deaths);
	return o;
}

static int step_parse(const struct json_at *at, struct err *err, enum step *ret)
{
	const char *names[STEPS], *text;
	int value, r = json_string(at, err, &text);

	if (r < 0)
		return r;
	if (!strcmp(text, "probing")) {
		*ret = STEP_NONE;
		return 0;
	}
	for (int s = 0; s < STEPS; s++)
		names[s] = step_infos[s].name;
	r = name_from_json(at, names, STEPS, err, &value);
	if (r == 0)
		*ret = (enum step)value;
	return r;
}

/* The word goes to terminals: it is one of those that the manuals have, as far as letters go. */
static int insn_parse(const struct json_at *at, struct err *err, char ret[static sizeof(((struct journal_entry *)0)->insn)])
{
	const size_t size = sizeof(((struct journal_entry *)0)->insn);
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	if (!*text || strlen(text) >= size || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._") != strlen(text))
		return json_expected(at, err, "an instruction's name");
	strcpy(ret, text);
	return 0;
}

int journal_entry_from_json(const struct json_at *at, struct err *err, struct journal_entry *ret)
{
	static const char *const keys[] = { "schema", "device", "bar", "step", "insn", "boot_id", "time",
		                            "deaths", NULL };
	struct journal_entry entry = { 0 };
	struct json_at member;
	const char *device, *boot_id;
	uint64_t bar = 0, deaths = 0, schema;
	int r = json_only(at, keys, err);

	if (r == 0 && json_member(at, "schema", &member))
		r = json_u64(&member, 1, 1, err, &schema);
	if (r == 0)
		r = json_need(at, "device", "a PCI address", err, &member);
	if (r == 0)
		r = json_string(&member, err, &device);
	if (r == 0 && pci_address_parse(device, &entry.address) < 0)
		r = json_expected(&member, err, "a PCI address");
	if (r == 0)
		r = json_need(at, "bar", "a BAR's number", err, &member);
	if (r == 0)
		r = json_u64(&member, 0, BAR_MAX - 1, err, &bar);
	if (r == 0)
		r = json_need(at, "step", "a step", err, &member);
	if (r == 0)
		r = step_parse(&member, err, &entry.step);
	if (r == 0 && json_member(at, "insn", &member))
		r = insn_parse(&member, err, entry.insn);
	if (r == 0)
		r = json_need(at, "time", "seconds since the epoch", err, &member);
	if (r == 0)
		r = json_u64(&member, 0, INT64_MAX, err, &entry.time_s);
	if (r == 0)
		r = json_need(at, "deaths", "a count", err, &member);
	if (r == 0)
		r = json_u64(&member, 0, 1000000, err, &deaths);
	if (r == 0)
		r = json_need(at, "boot_id", "a boot id", err, &member);
	if (r == 0)
		r = json_string(&member, err, &boot_id);
	if (r == 0)
		r = str_set(&entry.boot_id, boot_id);
	if (r < 0)
		return r;
	entry.bar = (uint8_t)bar;
	entry.deaths = (unsigned int)deaths;
	*ret = entry;
	return 0;
}
