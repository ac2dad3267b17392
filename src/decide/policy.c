/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: the texts, modes and attributes of the backends publish, grant, variant, pin and deny. */
#include "decide/policy.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/strs.h"
#include "decide/fingerprint.h"
#include "model/publication.h"

#define DEVICES_DIR "/sys/bus/pci/devices"

static int set_text(struct write *write, struct json_object *document)
{
	write->text = json_text(document);
	return write->text ? 0 : -ENOMEM;
}

static bool has_grant(const struct device *device, const struct device_verdict *verdict, enum backend backend)
{
	for (size_t i = 0; i < device->n_bars; i++)
		if (bar_verdict_is_grantable(&verdict->bars[i]) && (!backend || verdict->bars[i].backend == backend))
			return true;
	return false;
}

/* ---- approvals: what is given, bound to what it was judged on; apply and the udev helper read them back ---- */

static struct json_object *parts_to_json(const struct wc_ranges *given)
{
	struct json_object *parts = json_new_array();

	for (size_t i = 0; i < given->n; i++) {
		struct json_object *part = json_new_object();

		json_put_u64(part, "offset", given->at[i].offset);
		json_put_u64(part, "size", given->at[i].size_bytes);
		json_put_string(part, "when", given->at[i].on_request ? "request" : "always");
		json_push(parts, part);
	}
	return parts;
}

static struct json_object *approved_bar_to_json(const struct evidence *evidence, const struct device *device,
                                                const struct bar *bar, const struct bar_verdict *verdict)
{
	_cleanup_free_ char *fingerprint = fingerprint_of(evidence, device, bar);
	struct json_object *o = fingerprint ? json_new_object() : NULL;

	if (!o)
		return NULL;
	json_put_u64(o, "bar", bar->index);
	json_put_string(o, "fingerprint", fingerprint);
	json_put_string(o, "backend", backend_names[verdict->backend]);
	if (verdict->backend == BACKEND_GRANT) {
		json_put_string(o, "group", verdict->group);
		json_put_string(o, "mode", "0660");
	} else if (verdict->backend == BACKEND_VARIANT) {
		json_put(o, "parts", parts_to_json(&verdict->given));
	}
	return o;
}

/* Once a device is on its way to the module's driver, only the approval that sent it there knows what was before. */
static void put_predecessor(struct json_object *o, const struct evidence *evidence, const struct device *device)
{
	const struct approval *underway = approvals_underway(evidence->approvals, device);
	/* A probe that was killed left its claim; what was there before it nobody knows. */
	bool was_claimed = str_eq(device->driver_override, CLAIMED_OVERRIDE);
	const struct predecessor now = { device->driver, was_claimed ? NULL : device->driver_override };

	json_put(o, "driver", predecessor_to_json(underway ? &underway->before : &now));
}

/* By number, whoever they are granted to. */
static struct json_object *safe_bars(const struct device *device, const struct device_verdict *verdict)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < device->n_bars; i++)
		if (verdict->bars[i].kind == VERDICT_SAFE)
			json_push(array, json_new_u64(device->bars[i].index));
	return array;
}

static int render_approval(const struct evidence *evidence, const struct device *device,
                           const struct device_verdict *verdict, struct policy *ret)
{
	_cleanup_(json_done) struct json_object *o = json_new_object();
	struct json_object *bars = json_new_array();
	char address[PCI_ADDRESS_SIZE], path[128];

	pci_address_format(&device->address, address);
	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_hex(o, "vendor", device->vendor, 4);
	json_put_hex(o, "device_id", device->device, 4);
	json_put_hex(o, "revision", device->revision, 2);
	json_put_string(o, "path", verdict_names[verdict->path.kind]);
	for (size_t i = 0; i < device->n_bars; i++)
		if (bar_verdict_is_grantable(&verdict->bars[i]))
			json_push(bars, approved_bar_to_json(evidence, device, &device->bars[i], &verdict->bars[i]));
	json_put(o, "bars", bars);
	json_put(o, "safe_bars", safe_bars(device, verdict));
	if (has_grant(device, verdict, BACKEND_VARIANT))
		put_predecessor(o, evidence, device);
	snprintf(path, sizeof(path), "%s/%s.json", APPROVALS_DIR, address);

	struct write *write = policy_add(ret, WRITE_TEXT, path, 0644);

	if (!write)
		return -ENOMEM;
	write->address = device->address;
	write->vendor = device->vendor;
	write->device = device->device;
	return set_text(write, o);
}

/* ---- marks: of what each bind is to be warned of ---- */

static int render_mark(const struct device *device, const struct device_verdict *verdict, struct policy *ret)
{
	char address[PCI_ADDRESS_SIZE], path[128];
	struct write *write;

	if (verdict->path.kind != VERDICT_UNSAFE || device_is_bridge(device))
		return 0;
	pci_address_format(&device->address, address);
	snprintf(path, sizeof(path), "%s/%s", MARKS_DIR, address);
	write = policy_add(ret, WRITE_MARK, path, 0644);
	if (!write)
		return -ENOMEM;
	write->address = device->address;
	write->vendor = device->vendor;
	write->device = device->device;
	write->text = str_printf("its path is unsafe: pciwc explain %s\n", address);
	return write->text ? 0 : -ENOMEM;
}

/* ---- attributes of a device ---- */

static struct write *add_attribute(struct policy *policy, enum write_kind kind, const struct device *device,
                                   const char *name, mode_t mode)
{
	char address[PCI_ADDRESS_SIZE], path[128];

	pci_address_format(&device->address, address);
	snprintf(path, sizeof(path), "%s/%s/%s", DEVICES_DIR, address, name);

	struct write *write = policy_add(policy, kind, path, mode);

	if (write) {
		write->address = device->address;
		write->vendor = device->vendor;
		write->device = device->device;
	}
	return write;
}

static int render_grants(const struct device *device, const struct device_verdict *verdict, struct policy *ret)
{
	char name[32];

	for (size_t i = 0; i < device->n_bars; i++) {
		const struct bar_verdict *bar = &verdict->bars[i];

		if (!bar_verdict_is_grantable(bar) || bar->backend != BACKEND_GRANT)
			continue;
		snprintf(name, sizeof(name), "resource%u_wc", device->bars[i].index);

		struct write *write = add_attribute(ret, WRITE_GRANT, device, name, 0660);

		if (!write || str_set(&write->group, bar->group) < 0)
			return -ENOMEM;
		write->bar = device->bars[i].index;
	}
	return 0;
}

static int render_pins(const struct device *device, const struct device_verdict *verdict, struct policy *ret)
{
	char name[32];

	for (size_t i = 0; i < device->n_bars; i++) {
		const struct bar *bar = &device->bars[i];

		if (!bar_verdict_is_grantable(&verdict->bars[i]) || verdict->bars[i].backend != BACKEND_PIN)
			continue;
		snprintf(name, sizeof(name), "resource%u_wc", bar->index);

		struct write *write = add_attribute(ret, WRITE_PIN, device, name, 0);

		if (!write || str_set(&write->text, "pinned") < 0)
			return -ENOMEM;
		write->bar = bar->index;
		write->base = bar->base;
		write->size_bytes = bar->size_bytes;
	}
	return 0;
}

/* The driver first, for the list is its attribute. */
static int render_variant(const struct device *device, const struct device_verdict *verdict, struct policy *ret)
{
	_cleanup_(wc_ranges_done) struct wc_ranges all = { 0 };
	struct write *driver, *ranges;

	if (!has_grant(device, verdict, BACKEND_VARIANT))
		return 0;
	for (size_t i = 0; i < device->n_bars; i++) {
		const struct bar_verdict *bar = &verdict->bars[i];

		for (size_t n = 0; bar->backend == BACKEND_VARIANT && n < bar->given.n; n++) {
			struct wc_range *range = array_add(&all);

			if (!range)
				return -ENOMEM;
			*range = bar->given.at[n];
		}
	}
	driver = add_attribute(ret, WRITE_DRIVER, device, "driver_override", 0);
	if (!driver || str_set(&driver->text, VARIANT_DRIVER) < 0 || str_set(&driver->from, device->driver) < 0)
		return -ENOMEM;
	ranges = add_attribute(ret, WRITE_RANGES, device, "wc_ranges", 0);
	if (!ranges)
		return -ENOMEM;
	ranges->text = wc_ranges_text(&all);
	return ranges->text ? 0 : -ENOMEM;
}

/* ---- the publication ---- */

/* The part of what is given that begins at or behind `at`, or spans it; NULL: none. */
static const struct wc_range *given_from(const struct bar_verdict *verdict, uint64_t at)
{
	const struct wc_range *next = NULL;

	for (size_t i = 0; i < verdict->given.n; i++) {
		const struct wc_range *given = &verdict->given.at[i];

		if (given->offset + given->size_bytes > at && (!next || given->offset < next->offset))
			next = given;
	}
	return next;
}

/* A range of one role is published in pieces that are given as a whole, or not at all. */
static int publish_range(const struct bar_verdict *verdict, const struct bar_range *range, struct published_bar *ret)
{
	uint64_t end = range->range.offset + range->range.size_bytes, upto;

	for (uint64_t at = range->range.offset; at < end; at = upto) {
		const struct wc_range *given = given_from(verdict, at);
		bool is_given = given && given->offset <= at;
		struct published_range *piece = array_add(ret);

		if (!piece)
			return -ENOMEM;
		upto = !given ? end : is_given ? given->offset + given->size_bytes : given->offset;
		if (upto > end)
			upto = end;
		*piece = (struct published_range){ .offset = at,
			                           .size_bytes = upto - at,
			                           .kind = range->kind,
			                           .is_granted = is_given,
			                           .backend = is_given ? verdict->backend : BACKEND_NONE,
			                           .on_request = is_given && given->on_request };
	}
	return 0;
}

static int publish_bar(const struct bar *bar, const struct bar_verdict *verdict, struct published_device *ret)
{
	const struct reason *against = reasons_against(&verdict->reasons);
	const struct wc_range *given = given_from(verdict, 0);
	struct published_bar *row = array_add(ret);
	int r = row ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	row->bar = bar->index;
	row->has_place = true;
	row->base = bar->base;
	row->size_bytes = bar->size_bytes;
	row->kind = verdict->kind;
	row->scope = verdict->scope;
	row->is_granted = given && !given->offset && given->size_bytes == bar->size_bytes;
	row->backend = row->is_granted ? verdict->backend : BACKEND_NONE;
	row->on_request = row->is_granted && given->on_request;
	if (row->is_granted)
		r = str_set(&row->group, verdict->group);
	if (r == 0 && against)
		r = str_set(&row->reason, reason_names[against->id]);
	for (size_t i = 0; r == 0 && i < verdict->n_ranges; i++)
		r = publish_range(verdict, &verdict->ranges[i], row);
	return r;
}

/* One that could not be read may be any, so that none of them is known. */
static int publish_ports(const struct devices *devices, const struct device *device, struct published_ports *ret)
{
	for (size_t i = 0; i < device->n_ports; i++) {
		const struct device *port = devices_find(devices, &device->ports[i]);
		struct published_port *row;

		if (!port || !device_is_identified(port))
			return 0;
		row = array_add(ret);
		if (!row)
			return -ENOMEM;
		*row = (struct published_port){ port->address, port->vendor, port->device, port->revision };
	}
	ret->is_known = device->has_ports;
	return 0;
}

/*
 * On an unsafe path it matters what a guest may make of any BAR; and of a port on one nobody has to look for what is behind it, which may
 * come later.
 */
static int publish_device(const struct evidence *evidence, const struct device *device, const struct device_verdict *verdict,
                          struct publication *ret)
{
	struct published_device *row;
	int r;

	if (!device_has_candidate(device) && verdict->path.kind != VERDICT_UNSAFE)
		return 0;
	row = array_add(ret);
	if (!row)
		return -ENOMEM;
	row->address = device->address;
	row->vendor = device->vendor;
	row->device = device->device;
	row->revision = device->revision;
	row->card = card_of(device);
	row->path = verdict->path.kind;
	row->guest = evidence->kernel->guest;
	r = publish_ports(evidence->devices, device, &row->ports);
	for (size_t i = 0; r == 0 && i < device->n_bars; i++)
		if (bar_is_candidate(&device->bars[i]))
			r = publish_bar(&device->bars[i], &verdict->bars[i], row);
	return r;
}

static int render_publication(const struct evidence *evidence, const struct device_verdict *verdicts,
                              struct policy *ret)
{
	_cleanup_(publication_done) struct publication publication = { 0 };
	_cleanup_(json_done) struct json_object *o = NULL;
	struct write *write;
	int r = 0;

	for (size_t d = 0; r == 0 && d < evidence->devices->n; d++)
		r = publish_device(evidence, &evidence->devices->at[d], &verdicts[d], &publication);
	if (r < 0)
		return r;
	o = publication_to_json(&publication);
	write = policy_add(ret, WRITE_TEXT, PUBLICATION_FILE, 0644);
	return write ? set_text(write, o) : -ENOMEM;
}

int policy_render(const struct evidence *evidence, const struct device_verdict *verdicts, struct policy *ret)
{
	_cleanup_(policy_done) struct policy policy = { 0 };
	const struct devices *devices = evidence->devices;
	int r = 0;

	for (size_t d = 0; r == 0 && d < devices->n; d++)
		if (has_grant(&devices->at[d], &verdicts[d], BACKEND_NONE))
			r = render_approval(evidence, &devices->at[d], &verdicts[d], &policy);
	for (size_t d = 0; r == 0 && d < devices->n; d++)
		r = render_mark(&devices->at[d], &verdicts[d], &policy);
	for (size_t d = 0; r == 0 && d < devices->n; d++)
		r = render_grants(&devices->at[d], &verdicts[d], &policy);
	for (size_t d = 0; r == 0 && d < devices->n; d++)
		r = render_variant(&devices->at[d], &verdicts[d], &policy);
	/* Behind the drivers: no user of VFIO opens a device while it changes them, and each open needs the pin before it. */
	for (size_t d = 0; r == 0 && d < devices->n; d++)
		r = render_pins(&devices->at[d], &verdicts[d], &policy);
	if (r == 0)
		r = render_publication(evidence, verdicts, &policy);
	if (r < 0)
		return r;
	*ret = policy;
	policy = (struct policy){ 0 };
	return 0;
}
