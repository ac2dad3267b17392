/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks: the database as it was loaded: which files count, which entries, and how old it is. */
#include "cli/quirks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "act/signature.h"
#include "act/update.h"
#include "base/cleanup.h"
#include "cli/table.h"
#include "observe/quirks.h"

#define REASON_MAX 4096

/* Does any device's path or BAR here match; the strongest answer of all devices. */
static enum tri means_this_machine(const struct machine *machine, const struct quirk *quirk)
{
	enum tri best = TRI_NO;

	for (size_t d = 0; d < machine->devices.n; d++) {
		const struct expectation *expectation = &machine->expectations[d];

		for (size_t i = 0; i < 1 + BAR_MAX; i++) {
			const struct matches *matches = i ? &expectation->bars[i - 1].matches : &expectation->path;

			for (size_t m = 0; m < matches->n; m++)
				if (matches->at[m].quirk == quirk)
					best = tri_or(best, matches->at[m].result);
		}
	}
	return best;
}

static const char *const here_words[] = { [TRI_UNKNOWN] = "maybe", [TRI_NO] = "no", [TRI_YES] = "yes" };

static void put_broken(struct json_object *o, const struct quirks *quirks)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < quirks->broken.n; i++)
		json_push(list, json_new_string(quirks->broken.at[i]));
	for (size_t i = 0; i < quirks->damaged.n; i++)
		json_push(list, json_new_string(quirks->damaged.at[i]));
	json_put(o, "broken", list);
}

static struct json_object *files_to_json(const struct quirks *quirks)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < quirks->files.n; i++) {
		const struct quirk_file *file = &quirks->files.at[i];
		struct json_object *o = json_new_object();

		json_put_string(o, "name", file->name);
		json_put_string(o, "path", file->path);
		json_put_string(o, "layer", quirk_layer_names[file->layer]);
		json_put_string(o, "state", quirk_state_names[file->state]);
		json_put_bool(o, "masks", file->is_mask);
		json_put_string(o, "by", file->by);
		json_put_string(o, "fault", file->fault);
		if (file->serial)
			json_put_u64(o, "serial", file->serial);
		else
			json_put_null(o, "serial");
		json_put_u64(o, "entries", file->n_entries);
		json_push(list, o);
	}
	return list;
}

static int list_json(const struct machine *machine, struct err *err)
{
	struct json_object *o = json_new_object(), *entries = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < machine->quirks.n; i++) {
		const struct quirk *quirk = &machine->quirks.at[i];
		struct json_object *entry = quirk_to_json(quirk);

		json_put_string(entry, "layer", quirk_layer_names[quirk->layer]);
		json_put_string(entry, "state", quirk_state_names[quirk->state]);
		json_put_string(entry, "by", quirk->by);
		json_put_string(entry, "here", here_words[means_this_machine(machine, quirk)]);
		json_push(entries, entry);
	}
	json_put(o, "entries", entries);
	json_put(o, "files", files_to_json(&machine->quirks));
	put_broken(o, &machine->quirks);
	return print_json(o, err);
}

/* "replaced by /etc/pciwc/quirks.d/30-soc-acme.json" */
static char *state_text(const struct quirk *quirk)
{
	bool has_by = quirk->by && (quirk->state == QUIRK_REPLACED || quirk->state == QUIRK_MASKED);

	return str_printf("%s%s%s", quirk_state_names[quirk->state], has_by ? " by " : "", has_by ? quirk->by : "");
}

int quirks_list(const struct options *options, int argc, char **argv, struct err *err)
{
	static const struct column columns[] = { { "NAME", false },       { "EFFECT", false }, { "HERE", false },
		                                 { "CONFIDENCE", false }, { "FILE", false },   { "LAYER", false },
		                                 { "STATE", false } };
	_cleanup_(machine_done) struct machine machine = { 0 };
	_cleanup_(strs_done) struct strs cells = { 0 };
	int r;

	if (argc)
		return usage_error(err, "quirks list %s: expected no argument", argv[0]);
	r = machine_load(options, err, &machine);
	if (r < 0)
		return r;
	if (options->json)
		return list_json(&machine, err);
	for (size_t i = 0; i < machine.quirks.n; i++) {
		const struct quirk *quirk = &machine.quirks.at[i];
		_cleanup_free_ char *state = state_text(quirk);
		const char *row[ELEMENTSOF(columns)] = { quirk->name, effect_names[quirk->effect],
			                                 here_words[means_this_machine(&machine, quirk)],
			                                 confidence_names[quirk->confidence], quirk->file,
			                                 quirk_layer_names[quirk->layer], state };

		for (size_t c = 0; c < ELEMENTSOF(row); c++)
			if (!state || strs_add(&cells, row[c]) < 0)
				return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	}
	return table_print(columns, ELEMENTSOF(columns), &cells, err);
}

/* ---- status ---- */

struct shelf_status {
	size_t files, active, masks, broken;
	uint64_t serial, oldest; /* the highest of those that count, and the lowest; 0: none */
};

static struct shelf_status shelf_status(const struct quirks *quirks, enum quirk_layer layer)
{
	struct shelf_status status = { 0 };

	for (size_t i = 0; i < quirks->files.n; i++) {
		const struct quirk_file *file = &quirks->files.at[i];
		bool counts = !file->is_mask && (file->state == QUIRK_ACTIVE || (file->state == QUIRK_NEWER_FORMAT && !file->by));

		if (file->layer != layer)
			continue;
		status.files++;
		status.active += counts;
		status.masks += file->is_mask;
		status.broken += file->state == QUIRK_BROKEN;
		if (counts && file->serial > status.serial)
			status.serial = file->serial;
		if (counts && file->serial && (!status.oldest || file->serial < status.oldest))
			status.oldest = file->serial;
	}
	return status;
}

/* Whole days since the date YYYYMMDD; -1: it is none, or in the future. */
static long serial_age(uint64_t serial)
{
	struct tm date = { .tm_year = (int)(serial / 10000) - 1900, .tm_mon = (int)(serial / 100 % 100) - 1,
		           .tm_mday = (int)(serial % 100), .tm_hour = 12 };
	struct tm given = date;
	time_t then = timegm(&date), now = time(NULL);

	if (date.tm_mon != given.tm_mon || date.tm_mday != given.tm_mday || then < 0 || then - 12 * 3600 > now)
		return -1;
	return (long)((now - then + 12 * 3600) / 86400);
}

static void put_number(struct json_object *o, const char *key, bool is_known, uint64_t value)
{
	if (is_known)
		json_put_u64(o, key, value);
	else
		json_put_null(o, key);
}

/* The update that counts, and what was refused since it came; error NULL: nothing was. The caller frees it. */
static void update_status(const struct machine *machine, uint64_t *ret_serial, char **ret_error)
{
	const struct quirks *quirks = &machine->quirks;

	for (size_t i = 0; i < quirks->files.n; i++) {
		const struct quirk_file *file = &quirks->files.at[i];

		if (file->layer == LAYER_UPDATE && !file->by && !strcmp(file->name, QUIRKS_UPDATE_FILE) && file->state != QUIRK_BROKEN)
			*ret_serial = file->serial;
	}
	(void)sysroot_text(&machine->root, QUIRKS_UPDATE_DIR "/" QUIRKS_UPDATE_FILE UPDATE_REASON, REASON_MAX, ret_error);
}

static struct json_object *update_to_json(const struct machine *machine)
{
	struct json_object *o = json_new_object();
	_cleanup_free_ char *error = NULL, *keys = str_printf("%s" KEYS_DIR, machine->root.name);
	uint64_t serial = 0;

	update_status(machine, &serial, &error);
	put_number(o, "serial", serial, serial);
	json_put(o, "keys", keys ? json_new_string(keys) : NULL); /* NULL is no null, but a lack of memory */
	json_put_string(o, "error", error);
	return o;
}

static int status_json(const struct machine *machine, uint64_t serial, size_t active, struct err *err)
{
	const struct quirks *quirks = &machine->quirks;
	struct json_object *o = json_new_object(), *list = json_new_array();
	long age = serial ? serial_age(serial) : -1;

	json_put_u64(o, "schema", 1);
	put_number(o, "serial", serial, serial);
	put_number(o, "age_days", age >= 0, (uint64_t)age);
	json_put_u64(o, "active", active);
	json_put_u64(o, "withheld", quirks->n - active);
	for (size_t i = 0; i < quirks->dirs.n; i++) {
		const struct quirk_dir *dir = &quirks->dirs.at[i];
		struct shelf_status status = shelf_status(quirks, dir->layer);
		struct json_object *row = json_new_object();

		json_put_string(row, "layer", quirk_layer_names[dir->layer]);
		json_put_string(row, "path", dir->path);
		json_put_bool(row, "present", dir->is_there);
		json_put_u64(row, "files", status.files);
		json_put_u64(row, "active", status.active);
		json_put_u64(row, "masks", status.masks);
		json_put_u64(row, "broken", status.broken);
		put_number(row, "serial", status.serial, status.serial);
		put_number(row, "oldest_serial", status.oldest, status.oldest);
		json_push(list, row);
	}
	json_put(o, "layers", list);
	json_put(o, "update", update_to_json(machine));
	put_broken(o, quirks);
	return print_json(o, err);
}

static void print_update(const struct machine *machine)
{
	_cleanup_free_ char *error = NULL;
	uint64_t serial = 0;

	update_status(machine, &serial, &error);
	if (serial)
		printf("the update installed has serial %llu\n", (unsigned long long)serial);
	if (error)
		printf("the last update was refused: %s\n", error);
}

int quirks_status(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	const struct quirks *quirks = &machine.quirks;
	uint64_t serial = 0;
	size_t active = 0;
	int r;

	if (argc)
		return usage_error(err, "quirks status %s: expected no argument", argv[0]);
	r = machine_database(options, err, &machine);
	if (r < 0)
		return r;
	for (size_t i = 0; i < quirks->n; i++)
		active += quirks->at[i].state == QUIRK_ACTIVE;
	for (int layer = LAYER_NONE; layer < LAYERS; layer++) {
		struct shelf_status status = shelf_status(quirks, (enum quirk_layer)layer);

		serial = status.serial > serial ? status.serial : serial;
	}
	if (options->json)
		return status_json(&machine, serial, active, err);

	long age = serial ? serial_age(serial) : -1;

	printf("%zu entries count, %zu do not; ", active, quirks->n - active);
	if (!serial)
		printf("no serial is known\n");
	else if (age < 0)
		printf("serial %llu, which is no day so far\n", (unsigned long long)serial);
	else
		printf("serial %llu, %ld %s old\n", (unsigned long long)serial, age, age == 1 ? "day" : "days");
	for (size_t i = 0; i < quirks->dirs.n; i++) {
		const struct quirk_dir *dir = &quirks->dirs.at[i];
		struct shelf_status status = shelf_status(quirks, dir->layer);

		printf("  %-12s %s: ", quirk_layer_names[dir->layer], dir->path);
		if (!dir->is_there)
			printf("not there\n");
		else
			printf("%zu %s: %zu count, %zu mask, %zu broken\n", status.files, status.files == 1 ? "file" : "files",
			       status.active, status.masks, status.broken);
		if (dir->layer == LAYER_DISTRIBUTION && status.oldest != status.serial)
			printf("  its files are of different releases, with serials from %llu to %llu: expected one for all\n",
			       (unsigned long long)status.oldest, (unsigned long long)status.serial);
	}
	print_update(&machine);
	return 0;
}

/* ---- the verb ---- */

static const struct {
	const char *name;
	int (*run)(const struct options *options, int argc, char **argv, struct err *err);
} verbs_of_quirks[] = {
	{ "list", quirks_list },     { "query", quirks_query },   { "check", quirks_check },    { "stub", quirks_stub },
	{ "status", quirks_status }, { "update", quirks_update }, { "compile", quirks_compile },
};

int cmd_quirks(const struct options *options, int argc, char **argv, struct err *err)
{
	char names[80] = "";

	for (size_t i = 0; i < ELEMENTSOF(verbs_of_quirks); i++) {
		size_t used = strlen(names);

		if (argc && !strcmp(argv[0], verbs_of_quirks[i].name))
			return verbs_of_quirks[i].run(options, argc - 1, argv + 1, err);
		snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "", verbs_of_quirks[i].name);
	}
	return usage_error(err, "quirks%s%s: expected one of %s", argc ? " " : "", argc ? argv[0] : "", names);
}
