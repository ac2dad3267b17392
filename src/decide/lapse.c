/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lapse: what was said on disk, BAR by BAR, against what is judged now. */
#include "decide/lapse.h"

static bool is_approved(const struct approval *approval, const struct device *device, unsigned int bar)
{
	if (!approval)
		return false;
	/* All that it may have given. */
	if (!approval->is_readable)
		return true;
	return approval->vendor == device->vendor && approval->device == device->device &&
	       ((approval->files | approval->pins | approval->safe_bars) & (1u << bar) || approval->bars[bar].fingerprint);
}

/* What is published of this very device; NULL: nothing. */
static const struct published_device *find_published(const struct publication *publication, const struct device *device)
{
	const struct published_device *row = publication_find(publication, &device->address);

	return row && row->vendor == device->vendor && row->device == device->device ? row : NULL;
}

static bool is_published(const struct published_device *published, unsigned int bar)
{
	const struct published_bar *row = published ? published_device_bar(published, bar) : NULL;

	if (!row)
		return false;
	for (size_t i = 0; i < row->n; i++)
		if (row->at[i].is_granted || row->at[i].kind == VERDICT_SAFE)
			return true;
	return row->is_granted || row->kind == VERDICT_SAFE;
}

/* What is not published is unknown. Of a bridge no path is. */
static bool is_path_worse(const struct published_device *published, const struct device *device, enum verdict_kind now)
{
	enum verdict_kind then = published ? published->path : VERDICT_UNKNOWN;

	if (device_is_bridge(device))
		return false;
	return then == VERDICT_SAFE ? now != VERDICT_SAFE : now == VERDICT_UNSAFE && then != VERDICT_UNSAFE;
}

bool lapse_find(const struct evidence *evidence, const struct device_verdict *verdicts, const struct publication *published,
                struct lapse *ret)
{
	for (size_t d = 0; d < evidence->devices->n; d++) {
		const struct device *device = &evidence->devices->at[d];
		const struct approval *approval = approvals_find(evidence->approvals, &device->address);
		const struct published_device *row = published ? find_published(published, device) : NULL;

		for (size_t i = 0; i < device->n_bars; i++) {
			unsigned int bar = device->bars[i].index;

			if (verdicts[d].bars[i].kind == VERDICT_SAFE ||
			    (!is_approved(approval, device, bar) && !is_published(row, bar)))
				continue;
			*ret = (struct lapse){ .address = device->address, .bar = bar };
			return true;
		}
		if (published && is_path_worse(row, device, verdicts[d].path.kind)) {
			*ret = (struct lapse){ .address = device->address, .is_path = true };
			return true;
		}
	}
	return false;
}
