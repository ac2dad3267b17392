/* SPDX-License-Identifier: GPL-2.0-or-later */
/* region: where a BAR lies now, and who has a part of it in the kernel's own book. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

/* The BAR's CPU address and size by the device's `resource` file. dir: the device's directory. -ENXIO: unassigned, or no such BAR. */
int region_of_bar(int dir, unsigned int bar, uint64_t *ret_base, uint64_t *ret_size_bytes);

/*
 * Refuses a BAR in which /proc/iomem shows an owner below the device itself: a driver, a firmware framebuffer. 0, or
 * -EBUSY, id "boot-vga" or "busy"; or "cannot-claim" when the file does not show this BAR (then nothing is known).
 */
int region_refuse_owned(const struct sysroot *root, const struct pci_address *address, uint64_t base,
                        uint64_t size_bytes, struct err *err);
