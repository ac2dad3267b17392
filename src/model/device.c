/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device: addresses in and out of text, searching a list, and the DEVICE and BAR of the JSON output. */
#include "model/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/num.h"

#define CLASS_BRIDGE_PCI 0x0604 /* PCI-to-PCI bridge (PCI Code and ID Assignment 1.16, 1.5) */

/* PCIe 6.0, 7.5.3.2, Device/Port Type. */
static const char *const pcie_type_names[16] = {
	[0] = "endpoint",      [1] = "legacy-endpoint",     [4] = "root-port",
	[5] = "upstream-port", [6] = "downstream-port",     [7] = "pcie-to-pci",
	[8] = "pci-to-pcie",   [9] = "rc-integrated",       [10] = "rc-event-collector",
};

/* ---- addresses ---- */

/* One field of an address: 1 to digits hexadecimal digits. */
static int field(const char *text, size_t length, size_t digits, uint64_t max, uint64_t *ret)
{
	char copy[16];

	if (length == 0 || length > digits || length >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	/* The parser of numbers takes "0x": an address does not. */
	if (memchr(copy, 'x', length) || memchr(copy, 'X', length))
		return -EINVAL;
	return parse_u64(copy, 16, 0, max, ret) < 0 ? -EINVAL : 0;
}

int pci_address_parse(const char *text, struct pci_address *ret)
{
	const char *dot = strchr(text, '.'), *last = strrchr(text, ':');
	uint64_t domain = 0, bus, slot, function;

	if (!dot || !last || last > dot)
		return -EINVAL;

	const char *first = strchr(text, ':'), *bus_text = text;

	if (first != last) {
		if (field(text, (size_t)(first - text), 8, UINT32_MAX, &domain) < 0)
			return -EINVAL;
		bus_text = first + 1;
	}
	if (field(bus_text, (size_t)(last - bus_text), 2, 0xff, &bus) < 0 ||
	    field(last + 1, (size_t)(dot - last - 1), 2, 0x1f, &slot) < 0 ||
	    field(dot + 1, strlen(dot + 1), 1, 7, &function) < 0)
		return -EINVAL;
	*ret = (struct pci_address){ .domain = (uint32_t)domain, .bus = (uint8_t)bus, .slot = (uint8_t)slot,
		                     .function = (uint8_t)function };
	return 0;
}

void pci_address_format(const struct pci_address *address, char ret[static PCI_ADDRESS_SIZE])
{
	snprintf(ret, PCI_ADDRESS_SIZE, "%04x:%02x:%02x.%x", address->domain, address->bus, address->slot,
	         address->function);
}

int pci_address_compare(const struct pci_address *a, const struct pci_address *b)
{
	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->bus != b->bus)
		return a->bus < b->bus ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return (a->function > b->function) - (a->function < b->function);
}

/* ---- questions ---- */

bool device_is_bridge(const struct device *device)
{
	return device->class >> 8 == CLASS_BRIDGE_PCI;
}

bool device_is_identified(const struct device *device)
{
	return device->vendor && device->vendor != 0xffff && device->has_revision;
}

bool bar_is_candidate(const struct bar *bar)
{
	return bar->prefetchable && !bar->io;
}

bool device_has_candidate(const struct device *device)
{
	for (size_t i = 0; i < device->n_bars; i++)
		if (bar_is_candidate(&device->bars[i]))
			return true;
	return false;
}

bool device_knows_msix(const struct device *device)
{
	return device->caps.config_bytes >= 256;
}

static int compare_key(const void *key, const void *element)
{
	return pci_address_compare(key, &((const struct device *)element)->address);
}

const struct device *devices_find(const struct devices *devices, const struct pci_address *address)
{
	return devices->n ? bsearch(address, devices->at, devices->n, sizeof(*devices->at), compare_key) : NULL;
}

const struct bar *device_bar(const struct device *device, unsigned int index)
{
	for (size_t i = 0; i < device->n_bars; i++)
		if (device->bars[i].index == index)
			return &device->bars[i];
	return NULL;
}

const struct device *device_root_port(const struct devices *devices, const struct device *device)
{
	return device->n_ports ? devices_find(devices, &device->ports[device->n_ports - 1]) : NULL;
}

/* ---- the end ---- */

void device_done(struct device *device)
{
	free(device->name);
	free(device->driver);
	free(device->driver_override);
	wc_ranges_done(&device->wc_ranges);
	free(device->ports);
	gaps_done(&device->gaps);
	*device = (struct device){ 0 };
}

void devices_done(struct devices *devices)
{
	for (size_t i = 0; i < devices->n; i++)
		device_done(&devices->at[i]);
	free(devices->at);
	*devices = (struct devices){ 0 };
}

/* ---- JSON ---- */

static void put_address(struct json_object *o, const char *key, const struct pci_address *address)
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	json_put_string(o, key, text);
}

static void put_id(struct json_object *o, const char *key, bool known, uint64_t value, unsigned int digits)
{
	if (known)
		json_put_hex(o, key, value, digits);
	else
		json_put_null(o, key);
}

static void put_index(struct json_object *o, const char *key, int value)
{
	if (value >= 0)
		json_put_u64(o, key, (uint64_t)value);
	else
		json_put_null(o, key);
}

static void put_count(struct json_object *o, const char *key, unsigned int value)
{
	put_index(o, key, value ? (int)value : -1);
}

const char *link_speed_name(uint8_t speed)
{
	static const char *const names[] = { NULL,        "2.5 GT/s",  "5.0 GT/s",  "8.0 GT/s",
		                             "16.0 GT/s", "32.0 GT/s", "64.0 GT/s", "128.0 GT/s" };

	return speed < ELEMENTSOF(names) ? names[speed] : NULL;
}

static struct json_object *link_to_json(const struct link *link)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "speed", link_speed_name(link->speed));
	put_count(o, "width", link->width);
	json_put_string(o, "max_speed", link_speed_name(link->max_speed));
	put_count(o, "max_width", link->max_width);
	return o;
}

static struct json_object *msix_to_json(const struct caps *caps)
{
	struct json_object *o = json_new_object();

	json_put_u64(o, "table_bar", caps->msix_table_bar);
	json_put_hex(o, "table_offset", caps->msix_table_offset, 0);
	json_put_u64(o, "pba_bar", caps->msix_pba_bar);
	json_put_hex(o, "pba_offset", caps->msix_pba_offset, 0);
	return o;
}

/* A capability is absent only where the space that would list it was readable. */
static enum tri standard_cap(const struct caps *caps, uint16_t at)
{
	return at ? TRI_YES : caps->config_bytes >= 256 ? TRI_NO : TRI_UNKNOWN;
}

static enum tri extended_cap(const struct caps *caps, uint16_t at)
{
	if (at)
		return TRI_YES;
	/* Without PCI Express there is no extended space that could hide one. */
	return caps->config_bytes >= 4096 || (caps->config_bytes >= 256 && !caps->pcie) ? TRI_NO : TRI_UNKNOWN;
}

static struct json_object *caps_to_json(const struct caps *caps)
{
	struct json_object *o = json_new_object();

	tri_put(o, "pm", standard_cap(caps, caps->pm));
	json_put_string(o, "pcie", caps->pcie ? pcie_type_names[caps->pcie_type & 0xf] : NULL);
	put_count(o, "mps", caps->mps_bytes);
	if (caps->msix)
		json_put(o, "msix", msix_to_json(caps));
	else
		json_put_null(o, "msix");
	tri_put(o, "aer", extended_cap(caps, caps->aer));
	tri_put(o, "acs", extended_cap(caps, caps->acs));
	tri_put(o, "dpc", extended_cap(caps, caps->dpc));
	tri_put(o, "sriov", extended_cap(caps, caps->sriov));
	return o;
}

/* No function has vendor 0: then nothing could be read. What alone could not be has a gap of its name. */
static bool is_known(const struct device *device, const char *id)
{
	return !gaps_have(&device->gaps, id) && (device->vendor || device->class);
}

struct json_object *device_to_json(const struct device *device)
{
	struct json_object *o = json_new_object(), *ports = json_new_array();
	bool has_subsystem = device->subsystem_vendor || device->subsystem_device;

	put_address(o, "address", &device->address);
	put_id(o, "vendor", is_known(device, "vendor"), device->vendor, 4);
	put_id(o, "device", is_known(device, "device"), device->device, 4);
	put_id(o, "subsystem_vendor", has_subsystem, device->subsystem_vendor, 4);
	put_id(o, "subsystem_device", has_subsystem, device->subsystem_device, 4);
	put_id(o, "class", is_known(device, "class"), device->class, 6);
	put_id(o, "revision", is_known(device, "revision"), device->revision, 2);
	json_put_string(o, "name", device->name);
	json_put_string(o, "driver", device->driver);
	put_index(o, "iommu_group", device->iommu_group);
	put_index(o, "numa_node", device->numa_node);
	json_put_bool(o, "boot_vga", device->boot_vga);
	json_put_bool(o, "vf", device->is_vf);
	for (size_t i = 0; i < device->n_ports; i++) {
		char text[PCI_ADDRESS_SIZE];

		pci_address_format(&device->ports[i], text);
		json_push(ports, json_new_string(text));
	}
	json_put(o, "ports", ports);
	if (device->has_host_bridge)
		put_address(o, "host_bridge", &device->host_bridge);
	else
		json_put_null(o, "host_bridge");
	json_put(o, "link", link_to_json(&device->caps.link));
	json_put(o, "capabilities", caps_to_json(&device->caps));
	if (device->gaps.n)
		json_put(o, "gaps", gaps_to_json(&device->gaps));
	return o;
}

struct json_object *bar_to_json(const struct bar *bar)
{
	struct json_object *o = json_new_object();

	json_put_u64(o, "index", bar->index);
	put_id(o, "base", bar->base != 0, bar->base, 0);
	json_put_u64(o, "size", bar->size_bytes);
	json_put_bool(o, "io", bar->io);
	json_put_bool(o, "prefetchable", bar->prefetchable);
	put_count(o, "width", bar->width);
	tri_put(o, "wc_file", bar->wc_file);
	return o;
}
