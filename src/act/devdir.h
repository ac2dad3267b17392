/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devdir: the directory of one PCI device in sysfs; what is opened through it is that device's, not its successor's. */
#pragma once

#include <stdint.h>

#include "base/sysroot.h"
#include "model/device.h"

/* The caller closes *ret. -ENOENT: no such device. */
int devdir_open(const struct sysroot *root, const struct pci_address *address, int *ret);
/*
 * 0: it is a device with these ids; -ENODEV: it is another one, or has gone. Any other negative errno: it could not be
 * asked, and may be either.
 */
int devdir_is(int dir, uint16_t vendor, uint16_t device);
/* A decimal number that not every device has: 0 then. 0 or a negative errno. */
int devdir_count(int dir, const char *name, uint64_t *ret);
/*
 * attr_write for what undoes a change: a second time where it failed, for nobody comes after who would do it. -ENODEV: it
 * has gone, with what was to be undone.
 */
int devdir_undo(int dir, const char *name, const char *text);
/* The bound driver's name, NULL for none; the caller frees it. */
int devdir_driver(int dir, char **ret);
