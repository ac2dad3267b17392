/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: the texts and modes of the backends publish and grant. */
#include "decide/policy.h"

#include <errno.h>
#include <stdio.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/strs.h"
#include "model/publication.h"

#define APPROVALS_DIR "/var/lib/pciwc/approvals"
#define DEVICES_DIR "/sys/bus/pci/devices"

static int set_text(struct write *write, struct json_object *document)
{
	write->text = json_text(document);
	return write->text ? 0 : -ENOMEM;
}

static bool has_grant(const struct device *device, const struct device_verdict *verdict)
{
	for (size_t i = 0; i < device->n_bars; i++)
		if (verdict->bars[i].is_grantable)
			return true;
	return false;
}

/* What may be granted, bound to what it was judged on: apply and the udev helper read it back. */
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
	json_put_string(o, "machine", evidence->machine);
	for (size_t i = 0; i < device->n_bars; i++) {
		struct json_object *bar;

		if (!verdict->bars[i].is_grantable)
			continue;
		bar = json_new_object();
		json_put_u64(bar, "bar", device->bars[i].index);
		json_put_hex(bar, "base", device->bars[i].base, 0);
		json_put_u64(bar, "size", device->bars[i].size_bytes);
		json_put_string(bar, "group", verdict->bars[i].group);
		json_put_string(bar, "mode", "0660");
		json_push(bars, bar);
	}
	json_put(o, "bars", bars);
	snprintf(path, sizeof(path), "%s/%s.json", APPROVALS_DIR, address);

	struct write *write = policy_add(ret, WRITE_TEXT, path, 0644);

	return write ? set_text(write, o) : -ENOMEM;
}

static int render_grants(const struct device *device, const struct device_verdict *verdict, struct policy *ret)
{
	char address[PCI_ADDRESS_SIZE], path[128];

	pci_address_format(&device->address, address);
	for (size_t i = 0; i < device->n_bars; i++) {
		if (!verdict->bars[i].is_grantable)
			continue;
		snprintf(path, sizeof(path), "%s/%s/resource%u_wc", DEVICES_DIR, address, device->bars[i].index);

		struct write *write = policy_add(ret, WRITE_GRANT, path, 0660);

		if (!write || str_set(&write->group, verdict->bars[i].group) < 0)
			return -ENOMEM;
		write->address = device->address;
		write->vendor = device->vendor;
		write->device = device->device;
		write->bar = device->bars[i].index;
	}
	return 0;
}

/* Nothing of a smaller range is granted when its BAR is not: the backends grant whole BARs. */
static int publish_ranges(const struct bar_verdict *verdict, struct published_bar *ret)
{
	for (size_t i = 0; i < verdict->n_ranges; i++) {
		struct published_range *range = array_add(ret);

		if (!range)
			return -ENOMEM;
		*range = (struct published_range){ .offset = verdict->ranges[i].range.offset,
			                           .size_bytes = verdict->ranges[i].range.size_bytes,
			                           .kind = verdict->ranges[i].kind,
			                           .is_granted = ret->is_granted,
			                           .backend = ret->backend,
			                           .on_request = ret->on_request };
	}
	return 0;
}

static int publish_bar(const struct bar *bar, const struct bar_verdict *verdict, struct published_device *ret)
{
	const struct reason *against = reasons_against(&verdict->reasons);
	struct published_bar *row = array_add(ret);
	int r = row ? 0 : -ENOMEM;

	if (r < 0)
		return r;
	row->bar = bar->index;
	row->kind = verdict->kind;
	row->scope = verdict->scope;
	row->is_granted = verdict->is_grantable;
	row->backend = verdict->is_grantable ? BACKEND_GRANT : BACKEND_NONE;
	if (verdict->is_grantable)
		r = str_set(&row->group, verdict->group);
	if (r == 0 && against)
		r = str_set(&row->reason, reason_names[against->id]);
	return r < 0 ? r : publish_ranges(verdict, row);
}

static int publish_device(const struct device *device, const struct device_verdict *verdict, struct publication *ret)
{
	struct published_device *row;
	int r = 0;

	if (!device_has_candidate(device))
		return 0;
	row = array_add(ret);
	if (!row)
		return -ENOMEM;
	row->address = device->address;
	row->vendor = device->vendor;
	row->device = device->device;
	row->revision = device->revision;
	row->path = verdict->path.kind;
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
		r = publish_device(&evidence->devices->at[d], &verdicts[d], &publication);
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
		if (has_grant(&devices->at[d], &verdicts[d]))
			r = render_approval(evidence, &devices->at[d], &verdicts[d], &policy);
	for (size_t d = 0; r == 0 && d < devices->n; d++)
		r = render_grants(&devices->at[d], &verdicts[d], &policy);
	if (r == 0)
		r = render_publication(evidence, verdicts, &policy);
	if (r < 0)
		return r;
	*ret = policy;
	policy = (struct policy){ 0 };
	return 0;
}
