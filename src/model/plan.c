/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: printed by `probe --plan`, executed by `probe`. */
#include "model/plan.h"

#include <stdlib.h>

void plan_done(struct plan *plan)
{
	free(plan->at);
	reasons_done(&plan->reasons);
	nexts_done(&plan->nexts);
	*plan = (struct plan){ 0 };
}

struct json_object *plan_to_json(const struct plan *plan)
{
	struct json_object *o = json_new_object(), *steps = json_new_array(), *range = json_new_object();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&plan->device->address, address);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", plan->bar->index);
	json_put_bool(o, "allowed", plan->is_allowed);
	json_put_u64(range, "offset", plan->range.offset);
	json_put_u64(range, "size", plan->range.size_bytes);
	if (plan->is_allowed && plan->range.size_bytes)
		json_put(o, "range", range);
	else
		json_done(&range);
	if (plan->is_allowed && !plan->range.size_bytes)
		json_put_string(o, "scratch", "cmb");
	for (size_t i = 0; i < plan->n; i++) {
		struct json_object *step = json_new_object();

		json_put_string(step, "step", step_infos[plan->at[i]].name);
		json_put_string(step, "does", step_infos[plan->at[i]].does);
		json_push(steps, step);
	}
	json_put(o, "steps", steps);
	json_put(o, "reasons", reasons_to_json(&plan->reasons));
	json_put(o, "next", nexts_to_json(&plan->nexts));
	return o;
}
