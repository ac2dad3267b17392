/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scratch: the bounds that hold for every scratch range, whoever declares it. */
#include "decide/scratch.h"

#include "base/cleanup.h"

#define PAGE UINT64_C(0x1000)

bool scratch_fits(const struct range *range, const struct device *device, const struct bar *bar)
{
	const struct caps *caps = &device->caps;
	uint64_t end = range->offset + range->size_bytes;

	if (end < range->offset || end > bar->size_bytes || (range->offset | range->size_bytes) & 0xfff)
		return false;
	if (!caps->msix)
		return device_knows_msix(device);

	const struct {
		uint8_t bar;
		uint32_t offset, bytes;
	} msix[] = { { caps->msix_table_bar, caps->msix_table_offset, caps->msix_table_bytes },
		     { caps->msix_pba_bar, caps->msix_pba_offset, caps->msix_pba_bytes } };

	for (size_t i = 0; i < ELEMENTSOF(msix); i++) {
		uint64_t from = msix[i].offset & ~(PAGE - 1), to = (uint64_t)msix[i].offset + msix[i].bytes;

		/* The page that it begins on is its own; one that does not lie in its BAR may be anywhere in it. */
		if (msix[i].bar == bar->index && (to > bar->size_bytes || (from < end && to > range->offset)))
			return false;
	}
	return true;
}

static uint64_t page_of(uint64_t page_bytes)
{
	return page_bytes > PAGE ? page_bytes : PAGE;
}

bool scratch_inside(const struct range *scratch, uint64_t page_bytes, struct range *ret)
{
	uint64_t page = page_of(page_bytes);

	if (scratch->size_bytes < 3 * PAGE)
		return false;

	uint64_t from = (scratch->offset + PAGE + page - 1) & ~(page - 1);
	uint64_t to = (scratch->offset + scratch->size_bytes - PAGE) & ~(page - 1);

	if (to <= from)
		return false;
	*ret = (struct range){ from, to - from < SCRATCH_MAX_BYTES ? to - from : SCRATCH_MAX_BYTES };
	return true;
}

bool scratch_has_pages(uint64_t base, uint64_t size_bytes, uint64_t page_bytes)
{
	return !((base | size_bytes) & (page_of(page_bytes) - 1));
}
