/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev: what the helper of the udev rule does besides properties. */
#pragma once

#include "cli/cli.h"

/*
 * Says, on stderr and in the machine's log, that the device is bound to a VFIO driver and its path unsafe, and what can be done;
 * nothing where it is not so. An exit code, or a negative errno with err.
 */
int udev_warn(const struct options *options, const struct pci_address *address, struct err *err);
