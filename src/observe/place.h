/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place: where a PCI function is now: the ports above it, its physical function, and its BARs, as sysfs tells anybody. */
#pragma once

#include "base/sysroot.h"
#include "observe/pci-path.h"

/*
 * Fills of *ret, which the caller gives to device_done, the address, the ports, is_vf and the BARs, without their wc_file.
 * What cannot be read goes into its gaps: "ports", "physfn", "BARs", "BAR 2". 0 or -ENOMEM.
 */
int place_read(const struct sysroot *root, const struct pci_address *address, struct device *ret, struct pci_kin *ret_kin);
/* Could this BAR not be read, so that none of that index is no fact? */
bool place_is_unread(const struct device *place, unsigned int bar);
