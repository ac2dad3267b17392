/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-path: what hangs on what, by where sysfs has a function. */
#pragma once

#include "model/device.h"

/* What one function says of others; settled when all have been read. */
struct pci_kin {
	struct pci_address root_bus; /* domain and bus of its host bridge: "pciDDDD:BB" in its path */
	struct pci_address physfn;   /* of a virtual function */
	bool has_root_bus, has_physfn;
};

/*
 * Fills the ports of *device, whose address is set, with the bridges in a path such as
 * "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0", and root_bus. 0 or -ENOMEM.
 */
int pci_path_parse(const char *path, struct device *device, struct pci_kin *kin);
