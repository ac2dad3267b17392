/* SPDX-License-Identifier: GPL-2.0-or-later */
/* variant: a device bound to the module's driver and told which parts are write-combining, and given back as it was. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/approval.h"
#include "model/policy.h"
#include "model/tri.h"

/*
 * Binds the row's device to the module's driver, unless it is: only from the driver that the row names, and while nobody
 * uses the device: no probe runs, its VFIO group is not open, without a driver none of its BARs is mapped, and no virtual
 * function of it is enabled. *ret_changed: it was not so already. Ids "vanished", "busy", "bound", "cannot-claim",
 * "cannot-bind"; then the device has the driver that it had.
 */
int variant_bind(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
/* Writes the row's list, unless it is in force. Ids "vanished", "busy" (the device is open), "cannot-write". */
int variant_list(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
/* Has the approval's device what variant_take would take: 1, 0, or a negative errno for what could not be looked at. */
int variant_is_given(const struct sysroot *root, const struct approval *approval, struct err *err);
/*
 * The list empty, and the driver of before bound again, also after a bind that was killed half-way. A device that has
 * gone, or that somebody has given another driver, is left alone. Id "busy": somebody uses it.
 */
int variant_take(const struct sysroot *root, const struct approval *approval, struct err *err, bool *ret_changed);
/* Is the row as it should be: is the driver bound, is the list in force. */
bool variant_is_so(const struct sysroot *root, const struct write *write);
