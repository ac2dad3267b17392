/* SPDX-License-Identifier: GPL-2.0-or-later */
/* awake: the second half of a claim: the device has power, decodes its BARs, masters nothing, and its links are up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"
#include "model/journal.h"

struct awake {
	int dir;    /* the device's sysfs directory, borrowed; -1: nothing was taken */
	int config; /* the configuration space */
	bool is_bound; /* claimed below its driver; else one that it has now has come since */
	int physfn; /* of a virtual function: the configuration space of its physical function; else -1 */
	uint16_t vendor, device;
	uint8_t revision;
	char *power_control;   /* as it was; NULL: not changed */
	uint16_t command;      /* as it was */
	uint16_t command_now;  /* as it was made, and must stay */
	bool enabled;          /* we raised the sysfs enable count */
	bool command_changed;  /* we may have written COMMAND: memory decode on, bus mastering off */
	int pm;                /* where the power management capability is; 0: none */
	int physfn_sriov;      /* where SR-IOV is in physfn */
	uint8_t bar, n_bar_registers;
	uint32_t bar_registers[2]; /* the BAR's own, which a resize changes */
};

#define AWAKE_NONE { .dir = -1, .config = -1, .physfn = -1 }

/*
 * left: what a claim of somebody who was killed found, or NULL: as far as the device still is as that one left it, this is
 * what the release puts back. Of one without a driver the caller knows that it is; one with a driver is asked.
 *
 * Fills and changes *awake, which is AWAKE_NONE, as it goes: to be released also when this fails half-way.
 */
int awake_take(const struct sysroot *root, int dir, const struct device *device, const struct bar *bar, bool is_bound,
               const struct claim_before *left, struct err *err, struct awake *awake);
/* Is it still so? Ids "vanished", "changed", "not-decoding". */
int awake_check(const struct awake *awake, struct err *err);
/*
 * Puts COMMAND and the enable count back (unless is_foreign: another driver has them now) and lets it sleep again as it
 * could before. false: not all of it could be put back, and what not is logged.
 */
bool awake_release(const struct awake *awake, bool is_foreign);
void awake_done(struct awake *awake);
