/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci: the machine's PCI functions, read through sysfs, their names and who is meant, by libpci (the only user of it). */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

/*
 * All functions of the machine, sorted by address. A root without /sys/bus/pci gives an empty list (a machine without
 * PCI); one without /sys is an error "bad-root". What one function does not tell goes into its gaps.
 * 0 or a negative errno with err.
 */
int pci_scan(const struct sysroot *root, struct err *err, struct devices *ret);

/*
 * This function, the ports above it, and of a virtual function the physical one: all that its path depends on, and no
 * other function's configuration space. -ENODEV, id "no-such-device".
 */
int pci_scan_path(const struct sysroot *root, const struct pci_address *address, struct err *err, struct devices *ret);

/* Gives each its name, where pci.ids knows one. 0 or a negative errno with err. */
int pci_name(struct devices *devices, struct err *err);

/*
 * libpci's filter syntax: slot is "[[[[domain]:]bus]:][device][.[func]]", id "[vendor]:[device][:class[:prog-if]]";
 * either may be NULL. is_selected[i] is set for each device that matches. -EINVAL, id "usage", for a bad filter.
 */
int pci_select(const struct devices *devices, const char *slot, const char *id, struct err *err, bool *is_selected);
