/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-findings: what was measured here, and how it travels to machines of the same silicon. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utc.h"
#include "cli/findings.h"
#include "cli/table.h"
#include "decide/fingerprint.h"
#include "decide/path.h"
#include "decide/proof.h"
#include "decide/silicon.h"

static int out_of_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
}

/* ---- the list ---- */

/* "current", or why it says nothing of this machine as it is: the caller frees it, NULL when memory is out. */
static char *state_of(const struct machine *machine, const struct record *record)
{
	const struct device *device = devices_find(&machine->devices, &record->address);
	const struct bar *bar = device ? device_bar(device, record->bar) : NULL;
	const struct fingerprint_part *part;
	_cleanup_free_ char *key = NULL;

	if (!bar || proof_of_bar(&machine->evidence, device, bar) != record)
		return strdup("stale: another device is there, or none");
	if (journal_crash(&machine->journal, &record->address, record->bar))
		return strdup("held: the journal says that the host died in a probe of this BAR");
	if (!record->card.is_known)
		return strdup("stale: its device's subsystem and class were not kept");
	if (!str_eq(record->machine, machine->key)) {
		part = fingerprint_difference(record->machine ?: "", machine->key);
		return str_printf("stale: %s is another one", part ? part->changed : "the machine");
	}
	key = path_key(&machine->devices, device, bar, &machine->platform);
	if (!key)
		return NULL;
	if (record->bar_base != bar->base || record->bar_size_bytes != bar->size_bytes)
		return strdup("stale: its BAR has moved, or was resized");
	return strdup(str_eq(record->path_key, key) ? "current" : "stale: its path differs");
}

/* "5 pass, 1 not-exercised": of the tests, not of the steps that serve them. */
static char *summary_of(const struct record *record)
{
	_cleanup_(strs_done) struct strs words = { 0 };

	for (int o = OUTCOME_UNKNOWN; o < OUTCOMES; o++) {
		_cleanup_free_ char *word = NULL;
		size_t n = 0;

		for (size_t i = 0; i < record->n; i++)
			n += record->at[i].outcome == (enum outcome)o && step_infos[record->at[i].step].is_test;
		if (!n)
			continue;
		word = str_printf("%zu %s", n, outcome_names[o]);
		if (!word || strs_add(&words, word) < 0)
			return NULL;
	}
	return words.n ? strs_join(&words, ", ") : strdup("no test");
}

static int print_findings(const struct machine *machine, struct err *err)
{
	static const struct column columns[] = { { "ADDRESS", false }, { "BAR", true }, { "TESTS", false }, { "PROBED", false },
		                                 { "STATE", false } };
	_cleanup_(strs_done) struct strs cells = { 0 };

	for (size_t i = 0; i < machine->records.n; i++) {
		const struct record *record = &machine->records.at[i];
		_cleanup_free_ char *state = state_of(machine, record), *summary = summary_of(record);
		char address[PCI_ADDRESS_SIZE], bar[8], time[32];

		pci_address_format(&record->address, address);
		snprintf(bar, sizeof(bar), "%u", record->bar);
		utc_format(record_time_s(record), time);

		const char *row[ELEMENTSOF(columns)] = { address, bar, summary, time, state };

		for (size_t c = 0; c < ELEMENTSOF(row); c++)
			if (!row[c] || strs_add(&cells, row[c]) < 0)
				return out_of_memory(err);
	}
	if (cells.n)
		return table_print(columns, ELEMENTSOF(columns), &cells, err);
	puts("no findings: nothing was probed here");
	return 0;
}

static int print_findings_json(const struct machine *machine, struct err *err)
{
	struct json_object *o = json_new_object(), *records = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < machine->records.n; i++) {
		const struct record *record = &machine->records.at[i];
		_cleanup_free_ char *state = state_of(machine, record), *summary = summary_of(record);
		struct json_object *row = json_new_object();
		char address[PCI_ADDRESS_SIZE];

		pci_address_format(&record->address, address);
		json_put_string(row, "device", address);
		json_put_u64(row, "bar", record->bar);
		json_put_string(row, "tests", summary);
		json_put_u64(row, "time", record_time_s(record));
		json_put_string(row, "state", state);
		json_push(records, row);
	}
	json_put(o, "records", records);
	return print_json(o, err);
}

/* ---- export ---- */

static bool is_wanted(const struct record *record, const struct machine *machine, const struct targets *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		if (!pci_address_compare(&machine->devices.at[targets->at[i].device].address, &record->address) &&
		    (targets->at[i].bar < 0 || targets->at[i].bar == record->bar))
			return true;
	return !targets->n;
}

/*
 * What travels: of this machine as it is, on a path that others can have, and either a whole proof or a failure of the path.
 * *ret_why: why it stays, to be freed; NULL: it travels, and *ret_path is what it is then bound to.
 */
static int weigh_export(const struct machine *machine, const struct record *record, char **ret_path, char **ret_why)
{
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	/* What a captured machine brought along was measured when it was no capture. */
	struct evidence evidence = machine->evidence;
	_cleanup_free_ char *state = state_of(machine, record), *path = NULL;
	enum verdict_kind kind = VERDICT_UNKNOWN;
	bool has_failed = false;

	evidence.is_replay = false;
	if (!state)
		return -ENOMEM;
	if (strcmp(state, "current") != 0) {
		*ret_why = steal(&state);
		return 0;
	}

	const struct device *device = devices_find(&machine->devices, &record->address);
	int r = silicon_path(&machine->devices, device, device_bar(device, record->bar), &machine->platform, &path);

	if (r == 0)
		r = proof_weigh(&evidence, record, &reasons, &nexts, &kind);
	if (r < 0)
		return r;
	for (size_t i = 0; i < record->n; i++)
		has_failed |= proof_fails_path(&record->at[i]);
	if (!path)
		*ret_why = strdup("its path is like no other: integrated in the root complex, or not known completely");
	else if (kind != VERDICT_SAFE && !has_failed)
		*ret_why = strdup(reasons.n ? reasons.at[0].text : "it proves nothing");
	else
		*ret_path = steal(&path);
	return *ret_path || *ret_why ? 0 : -ENOMEM;
}

static int add_record(const struct record *record, char *path, struct import *import)
{
	struct record *slot = array_add(import);

	if (!slot) {
		free(path);
		return -ENOMEM;
	}
	/* The rest is borrowed: unborrow() gives it back. Machine, boot, card and the BAR's place stay at home. */
	*slot = *record;
	slot->path_key = path;
	slot->machine = NULL;
	slot->boot_id = NULL;
	slot->card = (struct card){ 0 };
	slot->bar_base = slot->bar_size_bytes = 0;
	return 0;
}

static void unborrow(struct import *import)
{
	for (size_t i = 0; i < import->n; i++) {
		free(import->at[i].path_key);
		import->at[i] = (struct record){ 0 };
	}
	import_done(import);
}

static int gather(const struct machine *machine, const struct targets *targets, struct import *import, size_t *ret_left_out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < machine->records.n; i++) {
		const struct record *record = &machine->records.at[i];
		_cleanup_free_ char *why = NULL;
		char address[PCI_ADDRESS_SIZE], *path = NULL;

		if (!is_wanted(record, machine, targets))
			continue;
		r = weigh_export(machine, record, &path, &why);
		if (r < 0)
			return r;
		pci_address_format(&record->address, address);
		if (why) {
			log_warn("%s BAR %u is left out: %s", address, record->bar, why);
			++*ret_left_out;
		} else {
			r = add_record(record, path, import);
		}
	}
	return r;
}

/* Never over a file that is there, nor through a link: root may be asked to write where others can. */
static int write_new(const char *file, const char *text, struct err *err)
{
	_cleanup_close_ int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t size = strlen(text);
	int r = 0;

	if (fd < 0)
		return err_errno(err, -errno, "cannot-write", "%s", file);
	for (ssize_t put; r == 0 && size; text += put, size -= (size_t)put) {
		put = write(fd, text, size);
		if (put < 0) {
			r = -errno;
			put = 0;
		}
	}
	if (r == 0 && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (r < 0)
		unlink(file);
	return r < 0 ? err_errno(err, r, "cannot-write", "%s", file) : 0;
}

static int put_out(const struct import *import, const char *file, struct err *err)
{
	_cleanup_(json_done) struct json_object *o = import_to_json(import);
	_cleanup_free_ char *text = json_text(o);

	if (!text)
		return out_of_memory(err);
	if (file)
		return write_new(file, text, err);
	fputs(text, stdout);
	return 0;
}

static int export(const struct options *options, struct machine *machine, int argc, char **argv, struct err *err)
{
	_cleanup_(unborrow) struct import import = { .microtests = MICROTESTS_VERSION };
	struct targets targets = { 0 };
	size_t left_out = 0;
	int r = machine_targets(machine, argc, argv, err, &targets);

	if (r == 0)
		r = silicon_of(&machine->platform, &import.silicon);
	if (r == 0 && !silicon_is_known(&import.silicon))
		r = err_set(err, -ENODATA, "unknown-silicon",
		            "this machine does not say what it is (CPU, and model and firmware version, or device tree): its "
		            "findings can prove nothing elsewhere");
	if (r == 0)
		r = gather(machine, &targets, &import, &left_out);
	if (r == 0 && targets.n && !import.n && !left_out)
		log_warn("no findings of what was named: nothing was probed there");
	if (r == 0)
		r = put_out(&import, options->output, err);
	r = r == 0 && targets.n && (left_out || !import.n) ? EXIT_NOT_SAFE : r;
	free(targets.at);
	return r;
}

int cmd_findings(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	bool is_export = argc && !strcmp(argv[0], "export"), is_import = argc && !strcmp(argv[0], "import");
	int r;

	if (argc && !is_export && !is_import)
		return usage_error(err, "findings: %s: expected export, import, or nothing", argv[0]);
	if (options->output && !is_export)
		return usage_error(err, "findings: -o is of export");
	if (options->install && !is_import)
		return usage_error(err, "findings: --install is of import");
	r = machine_load(options, err, &machine);
	if (r < 0)
		return r;
	if (is_export)
		return export(options, &machine, argc - 1, argv + 1, err);
	if (is_import)
		return findings_import(options, &machine, argc - 1, argv + 1, err);
	return options->json ? print_findings_json(&machine, err) : print_findings(&machine, err);
}
