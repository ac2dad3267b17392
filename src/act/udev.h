/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev: the only user of libudev. */
#pragma once

#include "base/sysroot.h"
#include "model/device.h"

/* How long a person, or a boot, may be kept waiting for it. */
#define UDEV_PATIENCE_MS 10000

/*
 * Waits until udev has handled all events, at most timeout_ms: a rule that runs now may bind a driver to the device, or set
 * the mode of the very attribute that is granted. 0, also where no udev runs; -ETIMEDOUT when it is still busy.
 */
int udev_settle(int timeout_ms);
/*
 * Has the kernel say once more that the device changed, so that udev runs its rules anew. On a captured machine nothing is
 * done. 0 or a negative errno.
 */
int udev_change(const struct sysroot *root, const struct pci_address *address);
