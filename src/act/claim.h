/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim: use of a device by nobody else while it is probed, and everything put back afterwards. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "act/awake.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/card.h"
#include "model/device.h"
#include "model/journal.h"

struct claim {
	const struct sysroot *root; /* borrowed */
	struct pci_address address;
	uint16_t vendor, device;
	uint8_t revision;
	struct card card;
	uint8_t bar;
	int dir;   /* the device's sysfs directory; -1: nothing is claimed */
	int group; /* the VFIO group, held open; -1: the device has no driver */
	char *driver;          /* that was bound, and must stay so; NULL: none */
	char *driver_override; /* as it was; NULL: not changed */
	uint64_t bar_base, bar_size_bytes; /* CPU address, by the `resource` file */
	struct awake awake;
};

#define CLAIM_NONE { .dir = -1, .group = -1, .awake = AWAKE_NONE }

/*
 * What a claim of it will find, and change: for the journal, so that it is put back also by another process. Not known
 * where one that was killed has left it, where its driver_override is no word that the journal can hold, or where it is not
 * there. A read that fails is an error: err id "unreadable".
 */
int claim_look(const struct sysroot *root, const struct pci_address *address, struct err *err, struct claim_before *ret);
/*
 * Takes the device for a probe of one BAR, or says why not: err ids "bound", "busy", "cannot-claim", "boot-vga",
 * "vanished", "not-decoding", "link-down", "has-vfs". Nothing is left changed on failure. The order of what it does is
 * in the comment of claim.c. Live root only. Another pciwc is kept out by the caller's lock. left: what one that was
 * killed found, or NULL; as far as the device still is as that one left it, the release puts that back.
 */
int claim_take(const struct sysroot *root, const struct device *device, const struct bar *bar,
               const struct claim_before *left, struct err *err, struct claim *ret);
/*
 * Is it still the same device, at the same place, decoding, with the same driver or none? 0, or an errno with err, ids
 * "vanished", "changed", "bound", "not-decoding". A few small reads: called before and after each step.
 */
int claim_check(const struct claim *claim, struct err *err);
/*
 * Has nobody else the BAR mapped or open, or a part of it in /proc/iomem? Looks into all processes (act/mappers.h). Ids
 * "busy", "boot-vga", "cannot-claim".
 */
int claim_check_shared(const struct claim *claim, struct err *err);
/* Puts everything back, in the reverse order; what could not be put back is logged by name. Safe on CLAIM_NONE. */
void claim_release(struct claim *claim);
