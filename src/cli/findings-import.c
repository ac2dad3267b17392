/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings-import: says what a file of another machine would prove here, and puts it where the site file can name it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/lock.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "cli/findings.h"
#include "decide/imported.h"
#include "observe/imports.h"

#define IMPORTS_DIR "/etc/pciwc/imports"

static int out_of_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
}

/* The BARs here to whose path the record is `fit`: "0000:01:00.0:2"; and why it proves none, when it proves none. */
static int find_fits(const struct machine *machine, const struct import *import, const struct record *record,
                     enum fit fit, struct strs *ret)
{
	for (size_t d = 0; d < machine->devices.n; d++)
		for (size_t i = 0; i < machine->devices.at[d].n_bars; i++) {
			const struct device *device = &machine->devices.at[d];
			const struct finding *failure;
			char address[PCI_ADDRESS_SIZE];
			enum fit is;
			int r = bar_is_candidate(&device->bars[i]) ? imported_fit(&machine->evidence, import, record, device,
			                                                    &device->bars[i], &is, &failure)
			                                     : 1;

			if (r < 0)
				return r;
			if (r > 0 || is != fit)
				continue;
			pci_address_format(&device->address, address);

			_cleanup_free_ char *name = str_printf("%s:%u", address, device->bars[i].index);

			if (!name || strs_add(ret, name) < 0)
				return -ENOMEM;
		}
	return 0;
}

struct answer {
	struct strs proves, warns;
	struct reasons reasons; /* why it proves nothing */
};

static void answer_done(struct answer *answer)
{
	strs_done(&answer->proves);
	strs_done(&answer->warns);
	reasons_done(&answer->reasons);
}

static int ask(const struct machine *machine, const struct import *import, const struct record *record,
               struct answer *ret)
{
	enum verdict_kind kind;
	int r = find_fits(machine, import, record, FIT_PROVES, &ret->proves);

	if (r == 0)
		r = find_fits(machine, import, record, FIT_WARNS, &ret->warns);
	if (r == 0 && !ret->proves.n)
		r = imported_weigh(&machine->evidence, import, record, &ret->reasons, &kind);
	if (r == 0 && !ret->proves.n && !ret->reasons.n)
		r = reasons_add(&ret->reasons, REASON_PATH_UNPROVEN, NULL, "no prefetchable BAR here has such a path: %s",
		                record->path_key);
	return r;
}

static int print_answer(const struct record *record, const struct answer *answer)
{
	_cleanup_free_ char *proves = strs_join(&answer->proves, " "), *warns = strs_join(&answer->warns, " ");
	char address[PCI_ADDRESS_SIZE];

	if (!proves || !warns)
		return -ENOMEM;
	pci_address_format(&record->address, address);
	printf("%s BAR %u there: %s%s\n", address, record->bar,
	       answer->proves.n ? "proves the path of " : answer->warns.n ? "failed; holds the path of " : "proves nothing here",
	       answer->proves.n ? proves : warns);
	for (size_t i = 0; !answer->warns.n && i < answer->reasons.n; i++)
		printf("      %s: %s\n", reason_names[answer->reasons.at[i].id], answer->reasons.at[i].text);
	return 0;
}

static struct json_object *answer_to_json(const struct record *record, const struct answer *answer)
{
	struct json_object *o = json_new_object();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&record->address, address);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", record->bar);
	json_put_strs(o, "proves", &answer->proves);
	json_put_strs(o, "holds", &answer->warns);
	json_put(o, "reasons", reasons_to_json(&answer->reasons));
	return o;
}

/* The name that a file has among the imports: plain, and not hidden. */
static bool is_plain_name(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && n < 200 && name[0] != '.' && !strcmp(name + n - 5, ".json") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

/* Copies what was checked, not what the file holds by now. */
static int install(const struct machine *machine, const char *file, const char *text, struct err *err)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	_cleanup_close_ int lock = -1;
	int r;

	if (!is_plain_name(name))
		return usage_error(err, "%s: expected a name of letters, digits, . _ and - that ends in .json", file);
	if (machine->root.live && geteuid() != 0)
		return err_set(err, -EPERM, "not-root", "findings import --install: needs root");
	r = lock_take(&machine->root, LOCK_IMPORTS, true, err, &lock);
	if (r < 0)
		return r;
	sysroot_sweep(&machine->root, IMPORTS_DIR, name);
	return sysroot_replace(&machine->root, IMPORTS_DIR, name, 0644, text, err);
}

static void print_row(const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;

	printf("installed; it counts once the site file names it: \"imports\": [{\"file\": \"" IMPORTS_DIR
	       "/%s\", \"reason\": \"...\"}]\n", name);
}

static int print_import(const struct options *options, const struct machine *machine, const struct import *import,
                        struct err *err)
{
	struct json_object *o = options->json ? json_new_object() : NULL, *records = o ? json_new_array() : NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < import->n; i++) {
		_cleanup_(answer_done) struct answer answer = { 0 };

		r = ask(machine, import, &import->at[i], &answer);
		if (r == 0 && options->json)
			json_push(records, answer_to_json(&import->at[i], &answer));
		else if (r == 0)
			r = print_answer(&import->at[i], &answer);
	}
	if (!options->json) {
		if (r == 0 && !import->n)
			printf("%s holds no findings\n", import->file);
		return r < 0 ? out_of_memory(err) : 0;
	}
	json_put_u64(o, "schema", 1);
	json_put_string(o, "file", import->file);
	json_put_bool(o, "installed", options->install);
	json_put(o, "records", records);
	if (r == 0)
		return print_json(o, err);
	json_done(&o);
	return out_of_memory(err);
}

int findings_import(const struct options *options, const struct machine *machine, int argc, char **argv, struct err *err)
{
	_cleanup_(import_done) struct import import = { 0 };
	_cleanup_free_ char *text = NULL;
	int r;

	if (argc != 1)
		return usage_error(err, "findings import: expected one file");
	r = imports_look(argv[0], err, &import, &text);
	if (r == 0 && options->install)
		r = install(machine, argv[0], text, err);
	if (r == 0)
		r = print_import(options, machine, &import, err);
	if (r == 0 && options->install && !options->json)
		print_row(argv[0]);
	return r;
}
