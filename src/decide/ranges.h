/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ranges: what each page of a BAR is, by declaration or by proof; a proof never spreads to pages it did not touch. Pure. */
#pragma once

#include "model/expectation.h"
#include "model/verdict.h"

/*
 * Cuts the BAR into ranges of one role each, ascending; proven is what a passed probe touched, or NULL. A range of
 * memory has the kind SAFE, one of MSI-X UNSAFE, any other UNKNOWN. The caller frees *ret. 0 or -ENOMEM.
 */
int ranges_of_bar(const struct bar *bar, const struct caps *caps, const struct bar_expectation *expectation,
                  const struct range *proven, struct bar_range **ret, size_t *ret_n);

/* SAFE: all of it is memory. UNSAFE: a page is known not to be. */
enum verdict_kind ranges_target(const struct bar_range *ranges, size_t n);
