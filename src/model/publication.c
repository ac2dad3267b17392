/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publication: to JSON and back. */
#include "model/publication.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"
#include "model/names.h"

static void published_bar_done(struct published_bar *bar)
{
	free(bar->group);
	free(bar->reason);
	free(bar->at);
}

static void published_device_done(struct published_device *device)
{
	for (size_t i = 0; i < device->n; i++)
		published_bar_done(&device->at[i]);
	free(device->at);
	free(device->ports.at);
}

void publication_done(struct publication *publication)
{
	for (size_t i = 0; i < publication->n; i++)
		published_device_done(&publication->at[i]);
	free(publication->at);
	*publication = (struct publication){ 0 };
}

static void ungrant_bar(struct published_bar *bar)
{
	bar->is_granted = bar->on_request = false;
	bar->backend = BACKEND_NONE;
	free(steal(&bar->group));
	for (size_t i = 0; i < bar->n; i++) {
		bar->at[i].is_granted = bar->at[i].on_request = false;
		bar->at[i].backend = BACKEND_NONE;
	}
}

void publication_ungrant(struct publication *publication)
{
	for (size_t d = 0; d < publication->n; d++)
		for (size_t i = 0; i < publication->at[d].n; i++)
			ungrant_bar(&publication->at[d].at[i]);
}

/* ---- to JSON ---- */

static void put_grant(struct json_object *o, bool is_granted, enum backend backend, bool on_request)
{
	json_put_bool(o, "granted", is_granted);
	json_put_string(o, "backend", is_granted ? backend_names[backend] : NULL);
	json_put_bool(o, "on_request", is_granted && on_request);
}

struct json_object *published_range_to_json(const struct published_range *range)
{
	struct json_object *o = json_new_object();

	json_put_u64(o, "offset", range->offset);
	json_put_u64(o, "size", range->size_bytes);
	json_put_string(o, "verdict", verdict_names[range->kind]);
	put_grant(o, range->is_granted, range->backend, range->on_request);
	return o;
}

static struct json_object *published_bar_to_json(const struct published_bar *bar)
{
	struct json_object *o = json_new_object(), *ranges = json_new_array();

	json_put_u64(o, "bar", bar->bar);
	if (bar->has_place) {
		json_put_hex(o, "base", bar->base, 1);
		json_put_u64(o, "size", bar->size_bytes);
	}
	json_put_string(o, "verdict", verdict_names[bar->kind]);
	json_put_string(o, "scope", scope_names[bar->scope]);
	put_grant(o, bar->is_granted, bar->backend, bar->on_request);
	json_put_string(o, "group", bar->group);
	json_put_string(o, "reason", bar->reason);
	for (size_t i = 0; i < bar->n; i++)
		json_push(ranges, published_range_to_json(&bar->at[i]));
	json_put(o, "ranges", ranges);
	return o;
}

static void put_identity(struct json_object *o, const struct pci_address *address, uint16_t vendor, uint16_t device, uint8_t revision)
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	json_put_string(o, "device", text);
	json_put_hex(o, "vendor", vendor, 4);
	json_put_hex(o, "device_id", device, 4);
	json_put_hex(o, "revision", revision, 2);
}

static void put_ports(struct json_object *o, const struct published_ports *ports)
{
	struct json_object *array;

	if (!ports->is_known)
		return;
	array = json_new_array();
	for (size_t i = 0; i < ports->n; i++) {
		const struct published_port *port = &ports->at[i];
		struct json_object *row = json_new_object();

		put_identity(row, &port->address, port->vendor, port->device, port->revision);
		json_push(array, row);
	}
	json_put(o, "ports", array);
}

struct json_object *publication_to_json(const struct publication *publication)
{
	struct json_object *o = json_new_object(), *devices = json_new_array();

	json_put_u64(o, "schema", 1);
	for (size_t d = 0; d < publication->n; d++) {
		const struct published_device *device = &publication->at[d];
		struct json_object *row = json_new_object(), *bars = json_new_array();

		put_identity(row, &device->address, device->vendor, device->device, device->revision);
		card_put(row, &device->card);
		put_ports(row, &device->ports);
		json_put_string(row, "path", verdict_names[device->path]);
		json_put_string(row, "guest", guest_rule_names[device->guest]);
		for (size_t i = 0; i < device->n; i++)
			json_push(bars, published_bar_to_json(&device->at[i]));
		json_put(row, "bars", bars);
		json_push(devices, row);
	}
	json_put(o, "devices", devices);
	return o;
}

/* ---- from JSON ---- */

/* One of names; names[0] too, for unknown is an answer here. */
static int need_word(const struct json_at *at, const char *key, const char *const names[], size_t n, struct err *err,
                     int *ret)
{
	struct json_at member;
	const char *text = NULL;
	int r = json_need(at, key, "a word", err, &member);

	if (r == 0)
		r = json_string(&member, err, &text);
	if (r < 0)
		return r;
	if (str_eq(text, names[0])) {
		*ret = 0;
		return 0;
	}
	return name_from_json(&member, names, n, err, ret);
}

static int need_flag(const struct json_at *at, const char *key, struct err *err, bool *ret)
{
	struct json_at member;
	int r = json_need(at, key, "true or false", err, &member);

	return r < 0 ? r : json_flag(&member, err, ret);
}

/* Absent or null: *ret stays NULL. */
static int take_text(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;
	const char *text;
	int r;

	if (!json_member(at, key, &member) || json_kind(&member) == JSON_NULL)
		return 0;
	r = json_string(&member, err, &text);
	return r < 0 ? r : str_set(ret, text);
}

static int need_array(const struct json_at *at, const char *key, struct err *err, struct json_at *ret)
{
	int r = json_need(at, key, "an array", err, ret);

	return r < 0 ? r : json_kind(ret) == JSON_ARRAY ? 0 : json_expected(ret, err, "an array");
}

/* "granted" and what belongs to it: what is granted has a backend, and what is not has none. */
static int grant_from_json(const struct json_at *at, struct err *err, bool *ret_is_granted, enum backend *ret_backend,
                           bool *ret_on_request)
{
	struct json_at backend;
	int by = BACKEND_NONE, r = need_flag(at, "granted", err, ret_is_granted);

	if (r == 0)
		r = json_need(at, "backend", "a word, or null", err, &backend);
	if (r == 0 && json_kind(&backend) != JSON_NULL)
		r = name_from_json(&backend, backend_names, BACKENDS, err, &by);
	if (r == 0 && *ret_is_granted != (by != BACKEND_NONE))
		r = json_expected(&backend, err, *ret_is_granted ? "a word, for it is granted" : "null, for it is not granted");
	if (r == 0)
		r = need_flag(at, "on_request", err, ret_on_request);
	*ret_backend = (enum backend)by;
	return r;
}

static int range_from_json(const struct json_at *at, struct err *err, struct published_range *range)
{
	int kind = 0, r = json_need_u64(at, "offset", UINT64_MAX, err, &range->offset);

	if (r == 0)
		r = json_need_u64(at, "size", UINT64_MAX - range->offset, err, &range->size_bytes);
	if (r == 0)
		r = need_word(at, "verdict", verdict_names, VERDICTS, err, &kind);
	if (r == 0)
		r = grant_from_json(at, err, &range->is_granted, &range->backend, &range->on_request);
	range->kind = (enum verdict_kind)kind;
	return r;
}

/* Both, or none: an earlier version wrote neither. */
static int place_from_json(const struct json_at *at, struct err *err, struct published_bar *bar)
{
	struct json_at member;
	int r;

	if (!json_member(at, "base", &member) && !json_member(at, "size", &member))
		return 0;
	r = json_need_u64(at, "base", UINT64_MAX, err, &bar->base);
	if (r == 0)
		r = json_need_u64(at, "size", UINT64_MAX, err, &bar->size_bytes);
	bar->has_place = r == 0;
	return r;
}

static int bar_from_json(const struct json_at *at, struct err *err, struct published_bar *bar)
{
	struct json_at ranges, element;
	int kind = 0, scope = 0;
	uint64_t index;
	int r = json_need_u64(at, "bar", BAR_MAX - 1, err, &index);

	if (r < 0)
		return r;
	bar->bar = (uint8_t)index;
	r = place_from_json(at, err, bar);
	if (r == 0)
		r = need_word(at, "verdict", verdict_names, VERDICTS, err, &kind);
	if (r == 0)
		r = need_word(at, "scope", scope_names, SCOPES, err, &scope);
	if (r == 0)
		r = grant_from_json(at, err, &bar->is_granted, &bar->backend, &bar->on_request);
	if (r == 0)
		r = take_text(at, "group", err, &bar->group);
	if (r == 0)
		r = take_text(at, "reason", err, &bar->reason);
	if (r == 0)
		r = need_array(at, "ranges", err, &ranges);
	bar->kind = (enum verdict_kind)kind;
	bar->scope = (enum scope)scope;
	for (size_t i = 0; r == 0 && i < json_length(&ranges); i++) {
		struct published_range *range = array_add(bar);

		if (!range)
			return -ENOMEM;
		element = json_element(&ranges, i);
		r = range_from_json(&element, err, range);
	}
	return r;
}

static int identity_from_json(const struct json_at *at, struct err *err, struct pci_address *ret_address, uint16_t *ret_vendor,
                              uint16_t *ret_device, uint8_t *ret_revision)
{
	uint64_t vendor = 0, ident = 0, revision = 0;
	struct json_at member;
	const char *address;
	int r = json_need(at, "device", "a PCI address", err, &member);

	if (r == 0)
		r = json_string(&member, err, &address);
	if (r == 0 && pci_address_parse(address, ret_address) < 0)
		r = json_expected(&member, err, "a PCI address");
	if (r == 0)
		r = json_need_u64(at, "vendor", UINT16_MAX, err, &vendor);
	if (r == 0)
		r = json_need_u64(at, "device_id", UINT16_MAX, err, &ident);
	if (r == 0)
		r = json_need_u64(at, "revision", UINT8_MAX, err, &revision);
	*ret_vendor = (uint16_t)vendor;
	*ret_device = (uint16_t)ident;
	*ret_revision = (uint8_t)revision;
	return r;
}

/* One of an earlier version says nothing of them. */
static int ports_from_json(const struct json_at *at, struct err *err, struct published_ports *ports)
{
	struct json_at array, element;
	int r;

	if (!json_member(at, "ports", &array))
		return 0;
	r = need_array(at, "ports", err, &array);
	for (size_t i = 0; r == 0 && i < json_length(&array); i++) {
		struct published_port *port = array_add(ports);

		if (!port)
			return -ENOMEM;
		element = json_element(&array, i);
		r = identity_from_json(&element, err, &port->address, &port->vendor, &port->device, &port->revision);
	}
	ports->is_known = r == 0;
	return r;
}

static int device_from_json(const struct json_at *at, struct err *err, struct published_device *device)
{
	struct json_at member, bars, element;
	int path = 0, guest = 0, r = identity_from_json(at, err, &device->address, &device->vendor, &device->device, &device->revision);

	if (r == 0)
		r = card_from_json(at, err, &device->card);
	if (r == 0)
		r = ports_from_json(at, err, &device->ports);
	if (r == 0)
		r = need_word(at, "path", verdict_names, VERDICTS, err, &path);
	/* One of an earlier version says nothing of guests. */
	if (r == 0 && json_member(at, "guest", &member))
		r = need_word(at, "guest", guest_rule_names, GUEST_RULES, err, &guest);
	if (r == 0)
		r = need_array(at, "bars", err, &bars);
	device->path = (enum verdict_kind)path;
	device->guest = (enum guest_rule)guest;
	for (size_t i = 0; r == 0 && i < json_length(&bars); i++) {
		struct published_bar *bar = array_add(device);

		if (!bar)
			return -ENOMEM;
		element = json_element(&bars, i);
		r = bar_from_json(&element, err, bar);
	}
	return r;
}

int publication_from_json(const struct json_at *at, struct err *err, struct publication *ret)
{
	_cleanup_(publication_done) struct publication publication = { 0 };
	struct json_at devices, element;
	uint64_t schema;
	int r = json_need_u64(at, "schema", 1, err, &schema);

	if (r == 0)
		r = need_array(at, "devices", err, &devices);
	for (size_t i = 0; r == 0 && i < json_length(&devices); i++) {
		struct published_device *device = array_add(&publication);

		if (!device)
			return -ENOMEM;
		element = json_element(&devices, i);
		r = device_from_json(&element, err, device);
	}
	if (r < 0)
		return r;
	*ret = publication;
	publication = (struct publication){ 0 };
	return 0;
}

struct published_device *publication_find(const struct publication *publication, const struct pci_address *address)
{
	for (size_t i = 0; i < publication->n; i++)
		if (!pci_address_compare(&publication->at[i].address, address))
			return &publication->at[i];
	return NULL;
}

struct published_bar *published_device_bar(const struct published_device *device, unsigned int bar)
{
	for (size_t i = 0; i < device->n; i++)
		if (device->at[i].bar == bar)
			return &device->at[i];
	return NULL;
}
