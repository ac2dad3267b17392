/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: the rows of `policy show`. */
#include "model/policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/strs.h"

struct write *policy_add(struct policy *policy, enum write_kind kind, const char *path, mode_t mode)
{
	char *copy = NULL;
	struct write *write = NULL;

	if (str_set(&copy, path) == 0)
		write = array_add(policy);
	if (!write) {
		free(copy);
		return NULL;
	}
	write->kind = kind;
	write->path = copy;
	write->mode = mode;
	return write;
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->n; i++) {
		free(policy->at[i].path);
		free(policy->at[i].text);
		free(policy->at[i].from);
		free(policy->at[i].group);
	}
	free(policy->at);
	*policy = (struct policy){ 0 };
}

const struct write *policy_find(const struct policy *policy, enum write_kind kind, const struct pci_address *address, unsigned int bar)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == kind && policy->at[i].bar == bar &&
		    !pci_address_compare(&policy->at[i].address, address))
			return &policy->at[i];
	return NULL;
}

bool policy_has(const struct policy *policy, enum write_kind kind, const struct pci_address *address, unsigned int bar)
{
	return policy_find(policy, kind, address, bar);
}

struct json_object *policy_to_json(const struct policy *policy)
{
	struct json_object *o = json_new_object(), *writes = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < policy->n; i++) {
		const struct write *write = &policy->at[i];
		struct json_object *row = json_new_object();
		char mode[16];

		json_put_string(row, "path", write->path);
		if (write->mode) {
			snprintf(mode, sizeof(mode), "%04o", (unsigned int)write->mode);
			json_put_string(row, "mode", mode);
		}
		if (write->group)
			json_put_string(row, "group", write->group);
		if (write->text)
			json_put_string(row, write->kind == WRITE_TEXT || write->kind == WRITE_MARK ? "text" : "value", write->text);
		json_push(writes, row);
	}
	json_put(o, "writes", writes);
	return o;
}
