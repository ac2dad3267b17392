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
 * What is saved, written and put back: the range without a guard page inside each end, of that the pages which this kernel can
 * map (of page_bytes, 0: not known, and 4 KiB), at most SCRATCH_MAX_BYTES. false: no page is left.
 */
bool scratch_inside(const struct range *scratch, uint64_t page_bytes, struct range *ret);
/*
 * Does a BAR begin and end on pages of this kernel? Else a mapping of it begins before it, or ends behind it, with what
 * lies there: sysfs rounds (drivers/pci/mmap.c).
 */
bool scratch_has_pages(uint64_t base, uint64_t size_bytes, uint64_t page_bytes);
