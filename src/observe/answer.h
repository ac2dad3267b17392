/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer: asks what is published of a BAR, whether its device is still the one that was judged, and whether its path was marked since. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/answer.h"

/*
 * Is it another device than the one that was judged, or elsewhere: by its ids, those of the ports above it, and the BARs'
 * addresses and sizes? TRI_UNKNOWN: one of these cannot be read, or was not published. 0 or -ENOMEM.
 */
int answer_find_change(const struct sysroot *root, const struct published_device *device, enum tri *ret);

/*
 * Has somebody marked its path as unsafe? Whoever did that writes the publication last, so that a mark counts, whatever is
 * published; and is looked at after that was read. TRI_UNKNOWN: it cannot be told, or others than root could have removed it.
 * 0 or -ENOMEM.
 */
int answer_find_mark(const struct sysroot *root, const struct pci_address *address, enum tri *ret);

/*
 * Needs no privileges. 0, also when the device is another one or cannot be read (answer->changed), or its path is marked as
 * unsafe (answer->marked); -ENODEV
 * ("no-such-bar") when nothing is published of this BAR; otherwise as publication_load.
 */
int answer_read(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err,
                struct answer *ret);
