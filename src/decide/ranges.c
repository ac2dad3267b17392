/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ranges: cut points, then a role for what lies between two of them. */
#include "decide/ranges.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE UINT64_C(0x1000)
#define CUTS_MAX 8 /* both ends of the BAR, of the proven range, of MSI-X table and PBA */

struct layer {
	uint64_t start, end;
	const char *role;
	enum verdict_kind kind;
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t layers_of(const struct bar *bar, const struct caps *caps, const struct bar_expectation *expectation,
                        const struct range *proven, struct layer ret[static 4])
{
	size_t n = 0;
	bool is_memory = expectation->is_memory && !expectation->is_not_memory;

	/* Lowest first: what comes later overrides what lies below it. */
	ret[n++] = (struct layer){ 0, bar->size_bytes,
		                   is_memory                   ? "memory"
		                   : expectation->is_not_memory ? "registers"
		                                                : "unknown",
		                   is_memory ? VERDICT_SAFE : expectation->is_not_memory ? VERDICT_UNSAFE : VERDICT_UNKNOWN };
	if (proven && proven->offset < bar->size_bytes && proven->size_bytes <= bar->size_bytes - proven->offset)
		ret[n++] = (struct layer){ proven->offset, proven->offset + proven->size_bytes, "memory", VERDICT_SAFE };
	if (caps->msix && caps->msix_table_bar == bar->index)
		ret[n++] = (struct layer){ caps->msix_table_offset & ~(PAGE - 1),
			                   (caps->msix_table_offset + (uint64_t)caps->msix_table_bytes + PAGE - 1) & ~(PAGE - 1),
			                   "msix", VERDICT_UNSAFE };
	if (caps->msix && caps->msix_pba_bar == bar->index)
		ret[n++] = (struct layer){ caps->msix_pba_offset & ~(PAGE - 1),
			                   (caps->msix_pba_offset + (uint64_t)caps->msix_pba_bytes + PAGE - 1) & ~(PAGE - 1),
			                   "msix", VERDICT_UNSAFE };
	return n;
}

int ranges_of_bar(const struct bar *bar, const struct caps *caps, const struct bar_expectation *expectation,
                  const struct range *proven, struct bar_range **ret, size_t *ret_n)
{
	struct layer layers[4];
	size_t n_layers = layers_of(bar, caps, expectation, proven, layers), n_cuts = 0, n = 0;
	uint64_t cuts[CUTS_MAX];
	struct bar_range *ranges = calloc(CUTS_MAX, sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < n_layers; i++) {
		cuts[n_cuts++] = layers[i].start < bar->size_bytes ? layers[i].start : bar->size_bytes;
		cuts[n_cuts++] = layers[i].end < bar->size_bytes ? layers[i].end : bar->size_bytes;
	}
	qsort(cuts, n_cuts, sizeof(cuts[0]), compare);
	for (size_t c = 0; c + 1 < n_cuts; c++) {
		const struct layer *top = NULL;

		if (cuts[c] == cuts[c + 1])
			continue;
		for (size_t i = 0; i < n_layers; i++)
			if (layers[i].start <= cuts[c] && layers[i].end >= cuts[c + 1])
				top = &layers[i];
		if (!top)
			continue;
		/* Neighbours of one role are one range. */
		if (n && ranges[n - 1].role == top->role && ranges[n - 1].kind == top->kind)
			ranges[n - 1].range.size_bytes += cuts[c + 1] - cuts[c];
		else
			ranges[n++] = (struct bar_range){ { cuts[c], cuts[c + 1] - cuts[c] }, top->role, top->kind };
	}
	*ret = ranges;
	*ret_n = n;
	return 0;
}

enum verdict_kind ranges_target(const struct bar_range *ranges, size_t n)
{
	enum verdict_kind kind = n ? VERDICT_SAFE : VERDICT_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		if (ranges[i].kind == VERDICT_UNSAFE)
			return VERDICT_UNSAFE;
		if (ranges[i].kind == VERDICT_UNKNOWN)
			kind = VERDICT_UNKNOWN;
	}
	return kind;
}
