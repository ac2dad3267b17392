/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ranges: cut points, then a role for what lies between two of them. */
#include "decide/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define PAGE UINT64_C(0x1000)
#define LAYERS_MAX 4
#define CUTS_MAX (2 * LAYERS_MAX) /* both ends of each */

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

static struct layer layer_of_bar(const struct bar *bar, const struct bar_expectation *expectation)
{
	if (expectation->is_not_memory)
		return (struct layer){ 0, bar->size_bytes, "registers", VERDICT_UNSAFE };
	if (expectation->is_memory && !expectation->may_be_registers)
		return (struct layer){ 0, bar->size_bytes, "memory", VERDICT_SAFE };
	return (struct layer){ 0, bar->size_bytes, "unknown", VERDICT_UNKNOWN };
}

/* Whole pages: a page that holds one byte of it is registers. One that does not lie in its BAR may be anywhere in it. */
static struct layer layer_of_msix(const struct bar *bar, uint64_t offset, uint64_t bytes)
{
	uint64_t start = offset & ~(PAGE - 1), end = (offset + bytes + PAGE - 1) & ~(PAGE - 1);

	if (offset + bytes > bar->size_bytes)
		return (struct layer){ 0, bar->size_bytes, "msix", VERDICT_UNSAFE };
	return (struct layer){ start, end, "msix", VERDICT_UNSAFE };
}

/* Lowest first: what comes later overrides what lies below it. */
static size_t layers_of(const struct bar *bar, const struct caps *caps, const struct bar_expectation *expectation,
                        const struct range *proven, struct layer ret[static LAYERS_MAX])
{
	size_t n = 0;

	ret[n++] = layer_of_bar(bar, expectation);
	if (proven && !expectation->is_not_memory && !expectation->may_be_registers && proven->offset < bar->size_bytes &&
	    proven->size_bytes <= bar->size_bytes - proven->offset) {
		/* A page of which a part was not touched is not proven. */
		uint64_t start = (proven->offset + PAGE - 1) & ~(PAGE - 1);
		uint64_t end = (proven->offset + proven->size_bytes) & ~(PAGE - 1);

		if (start < end)
			ret[n++] = (struct layer){ start, end, "memory", VERDICT_SAFE };
	}
	if (caps->msix && caps->msix_table_bar == bar->index)
		ret[n++] = layer_of_msix(bar, caps->msix_table_offset, caps->msix_table_bytes);
	if (caps->msix && caps->msix_pba_bar == bar->index)
		ret[n++] = layer_of_msix(bar, caps->msix_pba_offset, caps->msix_pba_bytes);
	return n;
}

int ranges_of_bar(const struct bar *bar, const struct caps *caps, const struct bar_expectation *expectation,
                  const struct range *proven, struct bar_range **ret, size_t *ret_n)
{
	struct layer layers[LAYERS_MAX];
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
		if (n && !strcmp(ranges[n - 1].role, top->role) && ranges[n - 1].kind == top->kind)
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
