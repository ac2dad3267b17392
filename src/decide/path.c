/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path: keys are text, so that a person can read in the findings file what a proof was bound to. */
#include "decide/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const char *window_class(const struct bar *bar)
{
	if (!bar->prefetchable)
		return "other";
	return bar->width == 64 ? "pref64" : "pref32";
}

void path_print_text(FILE *out, const char *text)
{
	if (!text)
		putc('?', out);
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c == 0x7f || strchr(";=,/?%", c))
			fprintf(out, "%%%02x", c);
		else
			putc(c, out);
	}
}

void path_print_cpus(FILE *out, const struct platform *platform)
{
	if (platform->x86.vendor) {
		path_print_text(out, platform->x86.vendor);
		fprintf(out, "-%u-%u-%u", platform->x86.family, platform->x86.model, platform->x86.stepping);
	}
	for (size_t i = 0; i < platform->midrs.n; i++)
		fprintf(out, "%s0x%08llx", i ? "," : "", (unsigned long long)platform->midrs.at[i]);
}

char *path_key_finish(FILE *out, char **text)
{
	bool failed = ferror(out);

	if (fclose(out) != 0 || failed) {
		free(*text);
		return NULL;
	}
	return *text;
}

/* A port whose identity cannot be read is like no other: its address stands in for it. */
static void print_port(FILE *out, const struct devices *devices, const struct pci_address *address, const char *end)
{
	const struct device *port = devices_find(devices, address);
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	if (port && device_is_identified(port))
		fprintf(out, "%04x:%04x-%02x,mps%u%s", port->vendor, port->device, port->revision, port->caps.mps_bytes, end);
	else
		fprintf(out, "unknown-%s%s", text, end);
}

char *path_key(const struct devices *devices, const struct device *device, const struct bar *bar,
               const struct platform *platform)
{
	const struct device *root = device_root_port(devices, device);
	const struct pci_address *first = root ? &root->address : &device->address;
	char address[PCI_ADDRESS_SIZE], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	pci_address_format(first, address);
	fprintf(out, "root=%s ports=", address);
	if (!device->n_ports)
		fputs(device->has_ports ? "integrated" : "unknown", out);
	/* From the root port down to the device, which is last in the array. */
	for (size_t i = device->n_ports; i--;)
		print_port(out, devices, &device->ports[i], i ? "/" : "");
	fprintf(out, " segment=%04x window=%s above4g=%s mps=%u cpu=", device->address.domain, window_class(bar),
	        bar->base >> 32 ? "yes" : "no", device->caps.mps_bytes);
	path_print_cpus(out, platform);
	fprintf(out, " map=sysfs-wc");
	return path_key_finish(out, &text);
}

const char *path_key_rest(const char *key)
{
	const char *rest = strchr(key, ' ');

	return rest ? rest : key;
}

/* A virtual function has its payload size from the physical one, which may be unread, or not known. */
static bool has_mps(const struct device *function)
{
	return !gaps_have(&function->gaps, "capabilities") && !gaps_have(&function->gaps, "physfn") &&
	       (!function->caps.pcie || function->caps.mps_bytes);
}

const struct pci_address *path_find_unread(const struct devices *devices, const struct device *device)
{
	for (size_t i = 0; i < device->n_ports; i++) {
		const struct device *port = devices_find(devices, &device->ports[i]);

		if (!port || !device_is_identified(port) || !has_mps(port))
			return &device->ports[i];
	}
	return has_mps(device) && !gaps_have(&device->gaps, "BARs") ? NULL : &device->address;
}

bool path_is_shareable(const struct device *device)
{
	return device->n_ports > 0;
}
