/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-list: a row for each candidate, in the five words that matter. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/table.h"

static int print_list_json(const struct machine *machine, const bool *is_shown, struct err *err)
{
	struct json_object *o = json_new_object(), *devices = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < machine->devices.n; i++)
		if (is_shown[i])
			json_push(devices, list_to_json(machine, i));
	json_put(o, "devices", devices);
	return print_json(o, err);
}

static const struct column columns[] = {
	{ "ADDRESS", false }, { "BAR", true },      { "SIZE", true },     { "PATH", false },    { "TARGET", false },
	{ "VERDICT", false }, { "GUEST", false },   { "VFIO", false },    { "GRANTED", false }, { "NAME", false },
};

static int add_row(const struct machine *machine, size_t device, size_t i, struct strs *cells)
{
	/* "fit" and "unfit" are what a target is called; path and BAR have the verdicts' own words. */
	static const char *const targets[] = { "unknown", "unfit", "fit" };
	const struct device *d = &machine->devices.at[device];
	const struct device_verdict *verdict = &machine->verdicts[device];
	const struct bar_verdict *bar = &verdict->bars[i];
	char address[PCI_ADDRESS_SIZE], index[8], size[16];

	pci_address_format(&d->address, address);
	snprintf(index, sizeof(index), "%u", d->bars[i].index);
	size_format(d->bars[i].size_bytes, size);

	const char *row[ELEMENTSOF(columns)] = {
		address,
		index,
		size,
		verdict_names[verdict->path.kind],
		targets[bar->target],
		verdict_names[bar->kind],
		guest_rule_names[bar->guest],
		surface_vfio_names[bar->vfio],
		bar->is_granted ? "yes" : "no",
		d->name ?: "",
	};

	for (size_t c = 0; c < ELEMENTSOF(row); c++)
		if (strs_add(cells, row[c]) < 0)
			return -ENOMEM;
	return 0;
}

/* What only root can read is missing from what decides: the verdicts may be better than they look, never worse. */
static void warn_of_gaps(const struct machine *machine, const bool *is_shown)
{
	size_t n = 0;

	for (size_t d = 0; d < machine->devices.n; d++)
		n += is_shown[d] && machine->devices.at[d].gaps.n;
	if (n)
		log_warn("%zu of these devices could not be read completely; pciwc explain says what is not known", n);
}

static int print_list(const struct machine *machine, const bool *is_shown, bool all, struct err *err)
{
	_cleanup_(strs_done) struct strs cells = { 0 };
	int r = 0;

	for (size_t d = 0; r == 0 && d < machine->devices.n; d++) {
		const struct device *device = &machine->devices.at[d];

		for (size_t i = 0; r == 0 && is_shown[d] && i < device->n_bars; i++)
			if (!device->bars[i].io && (device->bars[i].prefetchable || all))
				r = add_row(machine, d, i, &cells);
	}
	if (r < 0)
		return err_set(err, r, "out-of-memory", "out of memory");
	if (!cells.n) {
		puts("no prefetchable BAR: nothing here could be mapped write-combining");
		return 0;
	}
	warn_of_gaps(machine, is_shown);
	return table_print(columns, ELEMENTSOF(columns), &cells, err);
}

int cmd_list(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	struct targets targets = { 0 };
	int r = machine_load(options, err, &machine);

	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	free(targets.at);
	if (r == 0)
		r = machine_judge(&machine, err);
	if (r < 0)
		return r;
	machine_keep_candidates(&machine, options->all || argc);
	return options->json ? print_list_json(&machine, machine.is_selected, err)
	                     : print_list(&machine, machine.is_selected, options->all || argc, err);
}
