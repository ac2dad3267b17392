/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-site: is the site file right, and does it mean what it seems to; before anything acts by it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act/grant.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "decide/site-check.h"
#include "observe/imports.h"
#include "observe/pci.h"
#include "observe/quirks.h"
#include "observe/site.h"

static int check_groups(const struct sysroot *root, const struct site *site, struct strs *ret)
{
	for (size_t i = 0; i < site->grant.n; i++) {
		const char *group = site->grant.at[i].group;
		struct err why = { 0 };
		gid_t gid;

		if (!group || grant_group(root, group, &why, &gid) != -ENOENT)
			continue;

		_cleanup_free_ char *text = str_printf("grant[%zu]: there is no group %s on this machine", i, group);
		int r = text ? strs_add(ret, text) : -ENOMEM;

		if (r < 0)
			return r;
	}
	return 0;
}

static int find_warnings(const struct options *options, const struct sysroot *root, const struct site *site,
                         struct err *err, struct strs *ret)
{
	_cleanup_(devices_done) struct devices devices = { 0 };
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	_cleanup_(imports_done) struct imports imports = { 0 };
	_cleanup_(strs_done) struct strs broken = { 0 };
	int r = pci_scan(root, err, &devices);

	if (r == 0)
		r = quirks_load(root, options->quirks, err, &quirks);
	if (r == 0)
		r = site_warnings(site, &devices, &quirks, ret);
	/* A captured machine may have come without its groups. */
	if (r == 0 && (root->live || sysroot_has(root, "/etc/group") > 0))
		r = check_groups(root, site, ret);
	if (r == 0)
		r = imports_read(root, site, &imports, &broken);
	for (size_t i = 0; r == 0 && i < broken.n; i++) {
		_cleanup_free_ char *text = str_printf("%s: on hardware every path is unknown until it can be read", broken.at[i]);

		r = text ? strs_add(ret, text) : -ENOMEM;
	}
	return r;
}

/* Every line is one that main would print, and they are told apart by the exit code. */
static int print_check(const struct options *options, const char *file, const struct strs *errors,
                       const struct strs *warnings, struct err *err)
{
	struct json_object *o;
	int r = 0;

	for (size_t i = 0; i < errors->n; i++)
		log_warn("%s", errors->at[i]);
	for (size_t i = 0; i < warnings->n; i++)
		log_warn("%s: warning: %s", file, warnings->at[i]);
	if (options->json) {
		o = json_new_object();
		json_put_u64(o, "schema", 1);
		json_put_string(o, "file", file);
		json_put_strs(o, "errors", errors);
		json_put_strs(o, "warnings", warnings);
		r = print_json(o, err);
	} else if (!errors->n) {
		printf("%s: good%s\n", file, warnings->n ? ", but see the warnings" : "");
	}
	return r < 0 ? r : errors->n ? EXIT_FAILED : EXIT_DONE;
}

int cmd_site(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(strs_done) struct strs errors = { 0 }, warnings = { 0 };
	_cleanup_(site_done) struct site site = { 0 };
	const char *file = argc == 2 ? argv[1] : options->site;
	int r;

	if (argc < 1 || argc > 2 || strcmp(argv[0], "check"))
		return usage_error(err, "site%s%s: expected check, and at most a file", argc ? " " : "", argc ? argv[argc - 1] : "");
	if (argc == 2 && options->site)
		return usage_error(err, "site check %s: expected a file, or --site, not both", argv[1]);
	r = sysroot_open(options->root, err, &root);
	if (r == 0)
		r = site_load_all(&root, file, err, &errors, &site);
	/* What is wrong may mean anything: only a file that is right is held against the machine. */
	if (r == 0 && !errors.n && site.file)
		r = find_warnings(options, &root, &site, err, &warnings);
	if (r == 0 && !site.file && !errors.n)
		r = strs_add(&warnings, "there is no such file: nothing is granted, written to or probed");
	if (r < 0)
		return r;

	_cleanup_free_ char *name = str_printf("%s%s", file ? "" : root.name, file ?: SITE_FILE);

	return name ? print_check(options, name, &errors, &warnings, err) : -ENOMEM;
}
