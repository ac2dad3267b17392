/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-sysfs: what sysfs tells of one PCI function. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"
#include "observe/pci-path.h"

#define PCI_DEVICES "sys/bus/pci/devices"

/*
 * Fills *device, whose address is set; devices_fd is PCI_DEVICES. What cannot be read goes into its gaps. 0; -ENODEV
 * when the function went away meanwhile; or -ENOMEM.
 */
int pci_sysfs_read(const struct sysroot *root, int devices_fd, struct device *device, struct pci_kin *ret);

/* driver_override of the device whose directory dir is; *ret, which the caller frees, is untouched where it is not set. */
int pci_override_read(int dir, char **ret);
