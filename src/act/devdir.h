/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devdir: the directory of one PCI device in sysfs; what is opened through it is that device's, not its successor's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/sysroot.h"
#include "model/device.h"

/* The caller closes *ret. -ENOENT: no such device. */
int devdir_open(const struct sysroot *root, const struct pci_address *address, int *ret);
/* Is it a device with these ids. */
bool devdir_is(int dir, uint16_t vendor, uint16_t device);
/* The bound driver's name, NULL for none; the caller frees it. */
int devdir_driver(int dir, char **ret);
