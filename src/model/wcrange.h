/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wcrange: which parts of BARs the module's driver maps write-combining, and its list of them in sysfs. The grammar is
 * module/README.md's: "BAR OFFSET SIZE always|request[ registers][ unavailable]", a line each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VARIANT_DRIVER "pciwc-vfio-pci"
#define WC_RANGES_MAX 16 /* as many as the module takes */

struct wc_range {
	uint8_t bar;
	uint64_t offset, size_bytes; /* whole pages of the BAR */
	bool on_request;             /* only for a user who asks */
	bool is_unavailable;         /* the device is open, and somebody else had it mapped uncached before: x86 */
};

struct wc_ranges {
	struct wc_range *at;
	size_t n;
};

void wc_ranges_done(struct wc_ranges *ranges);
/* -EINVAL for what the module would not say. */
int wc_ranges_parse(const char *text, struct wc_ranges *ret);
/* As the module shows them, and takes them; is_unavailable is left out. The caller frees it; NULL: no memory. */
char *wc_ranges_text(const struct wc_ranges *ranges);
/* The same parts for the same users, in any order. */
bool wc_ranges_equal(const struct wc_ranges *a, const struct wc_ranges *b);
