/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks-check: is a file of the database fit to be shipped. */
#include "cli/quirks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/lint.h"
#include "observe/quirks-check.h"

static int faults_take(struct faults *faults, bool is_error, const struct strs *lines)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < lines->n; i++)
		r = faults_add(faults, is_error, lines->at[i]);
	return r;
}

/* Without a word of the command line: what is installed, or --quirks. */
static int check_installed(const struct options *options, struct err *err, struct machine *machine, struct faults *faults)
{
	const struct quirks *quirks = &machine->quirks;
	int r = machine_database(options, err, machine);

	if (r == 0)
		r = faults_take(faults, true, &quirks->broken);
	if (r == 0)
		r = faults_take(faults, true, &quirks->damaged);
	for (size_t i = 0; r == 0 && i < quirks->n; i++)
		if (quirks->at[i].state == QUIRK_NEWER_FORMAT)
			r = faults_add(faults, true, quirks->at[i].held_because);
	return r < 0 ? r : lint_quirks(quirks, faults);
}

static int check_paths(int argc, char **argv, struct err *err, struct quirks *quirks, struct faults *faults)
{
	_cleanup_(strs_done) struct strs errors = { 0 }, warnings = { 0 };
	_cleanup_(lookup_done) struct lookup names = { 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < argc; i++)
		r = quirks_check_read(argv[i], err, &errors, &warnings, &names, quirks);
	if (r == 0)
		r = faults_take(faults, true, &errors);
	if (r == 0)
		r = faults_take(faults, false, &warnings);
	return r < 0 ? r : lint_quirks(quirks, faults);
}

static int print_faults(const struct options *options, const struct quirks *quirks, const struct faults *faults,
                        bool is_fit, struct err *err)
{
	struct json_object *o, *list;

	if (!options->json) {
		for (size_t i = 0; i < faults->n; i++)
			printf("%s: %s\n", faults->at[i].is_error ? "error" : "warning", faults->at[i].text);
		printf("%zu entries in %zu files: %s\n", quirks->n, quirks->files.n, is_fit ? "fit" : "not fit");
		return 0;
	}
	o = json_new_object();
	list = json_new_array();
	json_put_u64(o, "schema", 1);
	json_put_bool(o, "fit", is_fit);
	json_put_u64(o, "entries", quirks->n);
	json_put_u64(o, "files", quirks->files.n);
	for (size_t i = 0; i < faults->n; i++) {
		struct json_object *fault = json_new_object();

		json_put_string(fault, "severity", faults->at[i].is_error ? "error" : "warning");
		json_put_string(fault, "text", faults->at[i].text);
		json_push(list, fault);
	}
	json_put(o, "faults", list);
	return print_json(o, err);
}

int quirks_check(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	_cleanup_(faults_done) struct faults faults = { 0 };
	bool is_fit = true;
	int r = argc ? check_paths(argc, argv, err, &machine.quirks, &faults)
	             : check_installed(options, err, &machine, &faults);

	if (r < 0)
		return err_errno(err, r, "failed", "quirks check");
	for (size_t i = 0; i < faults.n; i++)
		is_fit &= !faults.at[i].is_error && !options->strict;
	r = print_faults(options, &machine.quirks, &faults, is_fit, err);
	return r < 0 ? r : is_fit ? EXIT_DONE : EXIT_FAILED;
}
