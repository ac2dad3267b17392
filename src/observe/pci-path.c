/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-path: the target of a function's link in sysfs, directory by directory. */
#include "observe/pci-path.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"

int pci_path_parse(const char *path, struct device *device, struct pci_kin *kin)
{
	_cleanup_free_ char *copy = strdup(path);
	struct { struct pci_address *at; size_t n; } ports = { 0 };
	char *rest, *name;

	if (!copy)
		return -ENOMEM;
	for (name = strtok_r(copy, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
		struct pci_address address, *port;
		char bus[32];

		/* A host bridge. One below a function (VMD) begins a hierarchy of its own. */
		if (str_starts(name, "pci") && strlen(name) < sizeof(bus) - 5) {
			snprintf(bus, sizeof(bus), "%s:00.0", name + 3);
			if (pci_address_parse(bus, &kin->root_bus) == 0) {
				kin->has_root_bus = true;
				ports.n = 0;
			}
			continue;
		}
		if (!kin->has_root_bus || pci_address_parse(name, &address) < 0 ||
		    !pci_address_compare(&address, &device->address))
			continue;
		port = array_add(&ports);
		if (!port) {
			free(ports.at);
			return -ENOMEM;
		}
		*port = address;
	}
	for (size_t i = 0; i < ports.n / 2; i++) {
		struct pci_address first = ports.at[i];

		ports.at[i] = ports.at[ports.n - 1 - i];
		ports.at[ports.n - 1 - i] = first;
	}
	free(device->ports);
	device->ports = ports.at;
	device->n_ports = ports.n;
	device->has_ports = kin->has_root_bus;
	return kin->has_root_bus ? 0 : gaps_add(&device->gaps, "ports", "no host bridge in its path: %s", path);
}
