/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group: a device's VFIO group, held open without its device: as long as it is, no other VFIO user has the device. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"

/*
 * Of the device whose directory dir is, and which `driver` is bound to. Ids "busy": somebody else has it, then
 * -EBUSY; "cannot-claim": there is no group to hold. The caller closes *ret.
 */
int group_take(const struct sysroot *root, int dir, const char *driver, struct err *err, int *ret);
