/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-explain: every verdict with why, on whose word, and what to do next. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/proof-print.h"

static void explain_text(const struct machine *machine, const struct targets *targets, bool all)
{
	bool is_proven = false, is_any = targets->n;

	for (size_t i = 0; i < targets->n; i++)
		explain_print(machine, targets->at[i].device, targets->at[i].bar, all);
	for (size_t i = 0; i < machine->devices.n; i++) {
		if (!machine->is_selected[i])
			continue;
		if (!targets->n)
			explain_print(machine, i, -1, all);
		is_any = true;
		is_proven |= machine->verdicts[i].path.basis != BASIS_NONE;
	}
	if (!is_any)
		puts("no prefetchable BAR: nothing here could be mapped write-combining");
	if (is_proven)
		proofs_print(stdout, evidence_scope(&machine->evidence));
}

int explain_machine(const struct machine *machine, const struct targets *targets, const struct options *options,
                    struct err *err)
{
	struct json_object *o, *devices;

	if (!options->json) {
		explain_text(machine, targets, options->all);
		return 0;
	}
	o = json_new_object();
	devices = json_new_array();
	json_put_u64(o, "schema", 1);
	json_put(o, "platform", platform_to_json(&machine->platform));
	json_put(o, "kernel", kernel_to_json(&machine->kernel));
	for (size_t i = 0; i < machine->devices.n; i++)
		if (machine->is_selected[i])
			json_push(devices, explain_to_json(machine, i));
	json_put(o, "devices", devices);
	return print_json(o, err);
}

int cmd_explain(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	struct targets targets = { 0 };
	int r = machine_load(options, err, &machine);

	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	if (r == 0)
		r = machine_judge(&machine, err);
	machine_keep_candidates(&machine, r < 0 || options->all || argc);
	if (r == 0)
		r = explain_machine(&machine, &targets, options, err);
	free(targets.at);
	return r;
}
