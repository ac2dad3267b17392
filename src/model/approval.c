/* SPDX-License-Identifier: GPL-2.0-or-later */
/* approval: from JSON and back. What is known of it must be taken back, whatever else a newer version wrote there. */
#include "model/approval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "model/names.h"
#include "model/words.h"

/* The ways there and back are act/variant.c's: at each step either the driver or driver_override tells. */
bool approval_is_underway(const struct approval *approval, const char *driver, const char *override)
{
	const struct predecessor *before = &approval->before;

	if (!approval->has_variant)
		return false;
	if (str_eq(driver, VARIANT_DRIVER) || str_eq(override, VARIANT_DRIVER))
		return true;
	/* On its way back its old driver is bound by name, whether it was before or not. */
	if (!before->driver || !str_eq(override, before->driver))
		return false;
	return !driver || (str_eq(driver, before->driver) && !str_eq(override, before->override));
}

void approval_done(struct approval *approval)
{
	for (unsigned int bar = 0; bar < BAR_MAX; bar++) {
		free(approval->bars[bar].fingerprint);
		free(approval->bars[bar].group);
	}
	free(approval->before.driver);
	free(approval->before.override);
	*approval = (struct approval){ 0 };
}

void approvals_done(struct approvals *approvals)
{
	for (size_t i = 0; i < approvals->n; i++)
		approval_done(&approvals->at[i]);
	free(approvals->at);
	*approvals = (struct approvals){ 0 };
}

const struct approval *approvals_find(const struct approvals *approvals, const struct pci_address *address)
{
	for (size_t i = 0; approvals && i < approvals->n; i++)
		if (!pci_address_compare(&approvals->at[i].address, address))
			return &approvals->at[i];
	return NULL;
}

const struct approval *approvals_underway(const struct approvals *approvals, const struct device *device)
{
	const struct approval *approval = approvals_find(approvals, &device->address);
	bool is = approval && approval->is_readable && approval->vendor == device->vendor && approval->device == device->device &&
	          approval_is_underway(approval, device->driver, device->driver_override);

	return is ? approval : NULL;
}

/* A name that becomes a path, or the content of an attribute: one word without a slash; null: none. */
static int name_member(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;
	const char *text;
	int r = json_need(at, key, "a driver's name, or null", err, &member);

	if (r < 0 || json_kind(&member) == JSON_NULL)
		return r;
	r = json_string(&member, err, &text);
	if (r == 0 && (!*text || strpbrk(text, "/ \n") || text[0] == '.'))
		r = json_expected(&member, err, "a driver's name, or null");
	return r < 0 ? r : str_set(ret, text);
}

static int before_from_json(const struct json_at *at, struct err *err, struct predecessor *ret)
{
	int r = name_member(at, "name", err, &ret->driver);

	return r < 0 ? r : name_member(at, "override", err, &ret->override);
}

/* A text that may be missing. */
static int text_member(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;
	const char *text;

	if (!json_member(at, key, &member))
		return 0;

	int r = json_string(&member, err, &text);

	return r < 0 ? r : str_set(ret, text);
}

static int bar_from_json(const struct json_at *at, struct err *err, struct approval *approval)
{
	struct json_at backend;
	uint64_t bar;
	int by = BACKEND_GRANT, r = json_need_u64(at, "bar", BAR_MAX - 1, err, &bar);

	if (r == 0 && json_member(at, "backend", &backend))
		r = name_from_json(&backend, backend_names, BACKENDS, err, &by);
	if (r < 0)
		return r;
	if (by == BACKEND_GRANT)
		approval->files |= 1u << bar;
	else if (by == BACKEND_PIN)
		approval->pins |= 1u << bar;
	else
		approval->variants |= 1u << bar;
	approval->has_variant = approval->variants;
	r = text_member(at, "fingerprint", err, &approval->bars[bar].fingerprint);
	return r < 0 ? r : text_member(at, "group", err, &approval->bars[bar].group);
}

/* What an event wants to know, and taking back does not need: an earlier version did not write it. */
static int safe_from_json(const struct json_at *at, struct err *err, struct approval *approval)
{
	struct json_at member;
	uint64_t bar;
	int path = VERDICT_UNKNOWN, r = 0;

	if (json_member(at, "path", &member))
		r = name_from_json(&member, verdict_names, VERDICTS, err, &path);
	approval->path = (enum verdict_kind)path;
	if (r < 0 || !json_member(at, "safe_bars", &member))
		return r;
	if (json_kind(&member) != JSON_ARRAY)
		return json_expected(&member, err, "an array");
	for (size_t i = 0; r == 0 && i < json_length(&member); i++) {
		struct json_at element = json_element(&member, i);

		r = json_u64(&element, 0, BAR_MAX - 1, err, &bar);
		if (r == 0)
			approval->safe_bars |= 1u << bar;
	}
	return r;
}

static int bars_from_json(const struct json_at *at, struct err *err, struct approval *approval)
{
	struct json_at bars;
	int r = json_need(at, "bars", "an array", err, &bars);

	if (r == 0 && json_kind(&bars) != JSON_ARRAY)
		r = json_expected(&bars, err, "an array");
	for (size_t i = 0; r == 0 && i < json_length(&bars); i++) {
		struct json_at element = json_element(&bars, i);

		r = bar_from_json(&element, err, approval);
	}
	return r;
}

int approval_from_json(const struct json_at *at, struct err *err, struct approval *ret)
{
	_cleanup_(approval_done) struct approval approval = { .address = ret->address, .is_readable = true };
	uint64_t vendor = 0, device = 0;
	struct pci_address address;
	struct json_at member;
	const char *text;
	int r = json_need(at, "device", "a PCI address", err, &member);

	if (r == 0)
		r = json_string(&member, err, &text);
	if (r == 0 && (pci_address_parse(text, &address) < 0 || pci_address_compare(&address, &ret->address) != 0))
		r = json_expected(&member, err, "the address that the file is named after");
	if (r == 0)
		r = json_need_u64(at, "vendor", UINT16_MAX, err, &vendor);
	if (r == 0)
		r = json_need_u64(at, "device_id", UINT16_MAX, err, &device);
	if (r == 0)
		r = bars_from_json(at, err, &approval);
	if (r == 0)
		r = safe_from_json(at, err, &approval);
	if (r == 0 && approval.has_variant)
		r = json_need(at, "driver", "what was bound before", err, &member) ?:
		    before_from_json(&member, err, &approval.before);
	if (r < 0)
		return r;
	approval.vendor = (uint16_t)vendor;
	approval.device = (uint16_t)device;
	*ret = approval;
	approval = (struct approval){ 0 };
	return 0;
}

struct json_object *predecessor_to_json(const struct predecessor *before)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "name", before->driver);
	json_put_string(o, "override", before->override);
	return o;
}

static struct json_object *approved_bar_to_json(const struct approval *approval, unsigned int bar, enum backend backend)
{
	struct json_object *o = json_new_object();

	json_put_u64(o, "bar", bar);
	if (approval->bars[bar].fingerprint)
		json_put_string(o, "fingerprint", approval->bars[bar].fingerprint);
	json_put_string(o, "backend", backend_names[backend]);
	if (approval->bars[bar].group)
		json_put_string(o, "group", approval->bars[bar].group);
	return o;
}

static struct json_object *bars_to_json(const struct approval *approval)
{
	const unsigned int by[BACKENDS] = { [BACKEND_GRANT] = approval->files, [BACKEND_PIN] = approval->pins,
		                            [BACKEND_VARIANT] = approval->variants };
	struct json_object *bars = json_new_array();

	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		for (unsigned int backend = 0; backend < BACKENDS; backend++)
			if (by[backend] & (1u << bar))
				json_push(bars, approved_bar_to_json(approval, bar, (enum backend)backend));
	return bars;
}

struct json_object *approval_to_json(const struct approval *approval)
{
	struct json_object *o = json_new_object(), *safe = json_new_array();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&approval->address, address);
	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_hex(o, "vendor", approval->vendor, 4);
	json_put_hex(o, "device_id", approval->device, 4);
	if (approval->path)
		json_put_string(o, "path", verdict_names[approval->path]);
	json_put(o, "bars", bars_to_json(approval));
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (approval->safe_bars & (1u << bar))
			json_push(safe, json_new_u64(bar));
	json_put(o, "safe_bars", safe);
	if (approval->has_variant)
		json_put(o, "driver", predecessor_to_json(&approval->before));
	return o;
}
