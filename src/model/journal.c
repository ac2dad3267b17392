/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: an entry to and from its file. */
#include "model/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "model/names.h"

#define WORD_MAX 255

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

struct journal_entry *journal_left(struct journal *journal, const struct pci_address *address)
{
	for (size_t i = 0; i < journal->n; i++) {
		struct journal_entry *entry = &journal->at[i];

		if (!entry->is_crash && entry->before.is_known && !pci_address_compare(&entry->address, address))
			return entry;
	}
	return NULL;
}

void claim_before_done(struct claim_before *before)
{
	free(before->driver_override);
	free(before->power_control);
	*before = (struct claim_before){ 0 };
}

void journal_entry_done(struct journal_entry *entry)
{
	free(entry->boot_id);
	free(entry->path_key);
	claim_before_done(&entry->before);
	*entry = (struct journal_entry){ 0 };
}

void journal_done(struct journal *journal)
{
	for (size_t i = 0; i < journal->n; i++)
		journal_entry_done(&journal->at[i]);
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

static struct json_object *before_to_json(const struct claim_before *before)
{
	struct json_object *o = json_new_object();

	if (before->driver_override && before->driver_override[0])
		json_put_string(o, "driver_override", before->driver_override);
	if (before->power_control && before->power_control[0])
		json_put_string(o, "power_control", before->power_control);
	json_put_u64(o, "enable", before->enable_count);
	json_put_hex(o, "command", before->command, 4);
	return o;
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
	if (entry->path_key)
		json_put_string(o, "path_key", entry->path_key);
	if (entry->before.is_known)
		json_put(o, "before", before_to_json(&entry->before));
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

bool journal_is_word(const char *text)
{
	size_t n = 0;

	while (text[n] >= '!' && text[n] <= '~')
		n++;
	return !text[n] && n <= WORD_MAX;
}

static int word_from_json(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;
	const char *text;
	int r;

	if (!json_member(at, key, &member))
		return 0;
	r = json_string(&member, err, &text);
	if (r < 0)
		return r;
	return journal_is_word(text) ? str_set(ret, text) : json_expected(&member, err, "a word");
}

/* The key's own texts are escaped; what another file has here is looked at before anybody prints it. */
static int path_from_json(const struct json_at *at, struct err *err, char **ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			return json_expected(at, err, "a path's key");
	return str_set(ret, text);
}

static int before_from_json(const struct json_at *at, struct err *err, struct claim_before *ret)
{
	static const char *const keys[] = { "driver_override", "power_control", "enable", "command", NULL };
	_cleanup_(claim_before_done) struct claim_before before = { .is_known = true };
	uint64_t command = 0;
	int r = json_only(at, keys, err);

	if (r == 0)
		r = word_from_json(at, "driver_override", err, &before.driver_override);
	if (r == 0)
		r = word_from_json(at, "power_control", err, &before.power_control);
	if (r == 0)
		r = json_need_u64(at, "enable", INT32_MAX, err, &before.enable_count);
	if (r == 0)
		r = json_need_u64(at, "command", UINT16_MAX, err, &command);
	if (r < 0)
		return r;
	before.command = (uint16_t)command;
	*ret = before;
	before = (struct claim_before){ 0 };
	return 0;
}

int journal_entry_from_json(const struct json_at *at, struct err *err, struct journal_entry *ret)
{
	static const char *const keys[] = { "schema", "device", "bar", "step", "insn", "boot_id", "time",
		                            "deaths", "path_key", "before", NULL };
	_cleanup_(journal_entry_done) struct journal_entry entry = { 0 };
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
	if (r == 0 && json_member(at, "path_key", &member))
		r = path_from_json(&member, err, &entry.path_key);
	if (r == 0 && json_member(at, "before", &member))
		r = before_from_json(&member, err, &entry.before);
	if (r < 0)
		return r;
	entry.bar = (uint8_t)bar;
	entry.deaths = (unsigned int)deaths;
	*ret = entry;
	entry = (struct journal_entry){ 0 };
	return 0;
}
