/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks: the database as it was loaded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/table.h"

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

static const char *const state_words[] = { "cannot-be-ruled-out", "loaded", "applies" };

static int print_quirks_json(const struct machine *machine, const char *layer, struct err *err)
{
	struct json_object *o = json_new_object(), *entries = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < machine->quirks.n; i++) {
		const struct quirk *quirk = &machine->quirks.at[i];
		struct json_object *entry = quirk_to_json(quirk);

		json_put_string(entry, "layer", layer);
		json_put_string(entry, "state", state_words[means_this_machine(machine, quirk)]);
		json_push(entries, entry);
	}
	json_put(o, "entries", entries);
	json_put_strs(o, "broken", &machine->quirks.broken);
	return print_json(o, err);
}

static int print_quirks(const struct machine *machine, struct err *err)
{
	static const char *const here_words[] = { "maybe", "no", "yes" };
	static const struct column columns[] = { { "NAME", false }, { "EFFECT", false }, { "HERE", false },
		                                 { "CONFIDENCE", false }, { "FILE", false } };
	_cleanup_(strs_done) struct strs cells = { 0 };

	for (size_t i = 0; i < machine->quirks.n; i++) {
		const struct quirk *quirk = &machine->quirks.at[i];
		const char *row[ELEMENTSOF(columns)] = { quirk->name, effect_names[quirk->effect],
			                                 here_words[means_this_machine(machine, quirk)],
			                                 confidence_names[quirk->confidence], quirk->file };

		for (size_t c = 0; c < ELEMENTSOF(row); c++)
			if (strs_add(&cells, row[c]) < 0)
				return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	}
	return table_print(columns, ELEMENTSOF(columns), &cells, err);
}

int cmd_quirks(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	int r;

	if (argc != 1 || strcmp(argv[0], "list"))
		return usage_error(err, "quirks%s%s: expected list", argc ? " " : "", argc ? argv[argc - 1] : "");
	r = machine_load(options, err, &machine);
	if (r < 0)
		return r;
	return options->json ? print_quirks_json(&machine, options->quirks ? "given" : "distribution", err)
	                     : print_quirks(&machine, err);
}
