/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch: which ranges of a BAR a probe may write, and which part of one it does write. Pure. */
#pragma once

#include <stdbool.h>

#include "model/device.h"
#include "model/quirk.h"

/* Whole pages inside the BAR that do not meet MSI-X. Where MSI-X may lie anywhere none is. */
bool scratch_fits(const struct range *range, const struct device *device, const struct bar *bar);
/*
 * What is saved, written and put back: the range without a guard page inside each end, at most 4 MiB of it. false: no
 * page is left between them.
 */
bool scratch_inside(const struct range *scratch, struct range *ret);
