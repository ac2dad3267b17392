/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch: which ranges of a BAR a probe may write, and which part of one it does write. Pure. */
#pragma once

#include <stdbool.h>

#include "model/device.h"
#include "model/quirk.h"

/* The most that is tested of a BAR: more proves nothing more, and takes longer. */
#define SCRATCH_MAX_BYTES (UINT64_C(4) << 20)

/* Whole pages inside the BAR that do not meet MSI-X. Where MSI-X may lie anywhere none is. */
bool scratch_fits(const struct range *range, const struct device *device, const struct bar *bar);
/*
 * What is saved, written and put back: the range without a guard page inside each end, at most SCRATCH_MAX_BYTES of it. false: no
 * page is left between them.
 */
bool scratch_inside(const struct range *scratch, struct range *ret);
