/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-sysfs: what sysfs tells of one PCI function. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

#define PCI_DEVICES "sys/bus/pci/devices"

/* What one function says of others; settled when all have been read. */
struct pci_kin {
	struct pci_address root_bus; /* domain and bus of its host bridge: "pciDDDD:BB" in its path */
	struct pci_address physfn;   /* of a virtual function */
	bool has_root_bus, has_physfn;
};

/*
 * Fills *device, whose address is set; devices_fd is PCI_DEVICES. What cannot be read goes into its gaps. 0; -ENODEV
 * when the function went away meanwhile; or -ENOMEM.
 */
int pci_sysfs_read(const struct sysroot *root, int devices_fd, struct device *device, struct pci_kin *ret);

/* The bridges in a path such as "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0". 0 or -ENOMEM. */
int pci_path_parse(const char *path, struct device *device, struct pci_kin *kin);
/* driver_override of the device whose directory dir is; *ret, which the caller frees, is untouched where it is not set. */
int pci_override_read(int dir, char **ret);
