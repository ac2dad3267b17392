/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer: a row a backend; each gives what the site asks for, or says what is in the way and how to get past it. */
#include "decide/offer-backend.h"

#include <errno.h>

#include "base/array.h"

int offer_give(const struct offer *o, const struct wc_range *range)
{
	struct wc_range *given = array_add(&o->verdict->given);

	if (!given)
		return -ENOMEM;
	*given = *range;
	return 0;
}

struct wc_range offer_whole(const struct offer *o)
{
	return (struct wc_range){ .bar = o->bar->index, .size_bytes = o->bar->size_bytes };
}

bool offer_has_wc_file(const struct offer *o)
{
	return o->bar->wc_file == TRI_YES && o->verdict->sysfs != SYSFS_LOCKED_DOWN;
}

bool offer_is_x86(const struct offer *o)
{
	const char *arch = o->evidence->platform->arch;

	return str_eq(arch, "x86_64") || str_eq(arch, "i386");
}

/* ---- grant: the mode of resourceN_wc, of the BAR as a whole ---- */

static int offer_grant(const struct offer *o, const struct site_grant *asked)
{
	struct bar_verdict *verdict = o->verdict;
	struct wc_range range = offer_whole(o);

	if (verdict->kind != VERDICT_SAFE)
		return 0;
	if (!offer_has_wc_file(o))
		return reasons_add(&verdict->reasons,
		                   verdict->sysfs == SYSFS_LOCKED_DOWN ? REASON_LOCKED_DOWN : REASON_NO_WC, NULL,
		                   "safe, but resource%u_wc cannot be granted: %s", o->bar->index,
		                   surface_sysfs_names[verdict->sysfs]) ?:
		       nexts_add(&verdict->nexts, NULL, "Secure Boot's guarantees are given up",
		                 "boot without lockdown, or use a backend that does not need sysfs");
	return offer_give(o, &range) ?: str_set(&verdict->group, asked->group);
}

/* ---- all of them ---- */

static int (*const offers[BACKENDS])(const struct offer *o, const struct site_grant *asked) = {
	[BACKEND_GRANT] = offer_grant,
	[BACKEND_VARIANT] = offer_variant,
	[BACKEND_PIN] = offer_pin,
};

static bool has_safe_range(const struct bar_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_ranges; i++)
		if (verdict->ranges[i].kind == VERDICT_SAFE)
			return true;
	return false;
}

static int say_gain(const struct offer *o)
{
	struct bar_verdict *verdict = o->verdict;
	double minimum = o->evidence->site->minimum_gain;
	int r = verdict->gain > 0
	                ? reasons_add(&verdict->reasons, REASON_GAIN_LOW, NULL,
	                              "safe, but not worth it: gain %.2f is below the minimum of %.2f", verdict->gain, minimum)
	                : reasons_add(&verdict->reasons, REASON_GAIN_LOW, NULL,
	                              "safe, but its gain was not measured, and the minimum is %.2f", minimum);

	return r < 0 ? r : nexts_add(&verdict->nexts, NULL, "none", "nothing to do; or lower \"minimum\".\"gain\" in the site file");
}

static int say_unasked(const struct offer *o)
{
	struct bar_verdict *verdict = o->verdict;
	int r = reasons_add(&verdict->reasons, REASON_NOT_ASKED, NULL, "safe; the site file grants it to nobody") ?:
	        nexts_add(&verdict->nexts, NULL, "members of the group can write to the device's memory",
	                  "name it in the site file's \"grant\", then run pciwc policy apply");

	if (r < 0 || !o->device->vfio)
		return r;
	return nexts_add(&verdict->nexts, NULL, "it needs a kernel module, which taints the kernel",
	                 "its VFIO user (DPDK, a guest) maps it uncached: backend \"variant\" of the site file's \"grant\" changes that");
}

/* A new approval would take the place of one that may be the only one to tell what the device had before. */
static int say_unread(const struct offer *o)
{
	struct bar_verdict *verdict = o->verdict;

	return reasons_add(&verdict->reasons, REASON_UNREADABLE, NULL, "safe, but the approval on file cannot be read: what it granted is not known") ?:
	       nexts_add(&verdict->nexts, "sudo pciwc refresh", "none", "mend what keeps it from being read, and judge again") ?:
	       nexts_add(&verdict->nexts, NULL, "which driver the device had before is not known any more",
	                 "or give the device the driver that it is to have, remove the file, and run pciwc refresh");
}

static bool is_unread(const struct offer *o)
{
	const struct approval *approval = approvals_find(o->evidence->approvals, &o->device->address);

	return approval && approval->unread;
}

/* Does an earlier row say the same, in whatever words it names the device. */
static bool is_repeated(const struct offer *o, const struct site_grant *row)
{
	const struct site *site = o->evidence->site;

	for (const struct site_grant *before = site_grant(site, o->device, o->bar->index, NULL); before && before != row;
	     before = site_grant(site, o->device, o->bar->index, before))
		if (before->range.offset == row->range.offset && before->range.size_bytes == row->range.size_bytes &&
		    before->on_request == row->on_request)
			return true;
	return false;
}

/* The row after this one that asks for something more; only variant gives parts, and so has more than one. */
static const struct site_grant *next_row(const struct offer *o, const struct site_grant *row)
{
	if (row->backend != BACKEND_VARIANT)
		return NULL;
	do
		row = site_grant(o->evidence->site, o->device, o->bar->index, row);
	while (row && is_repeated(o, row));
	return row;
}

int offer_bar(const struct evidence *evidence, const struct device *device, size_t i, struct device_verdict *of_device)
{
	const struct bar *bar = &device->bars[i];
	struct bar_verdict *verdict = &of_device->bars[i];
	struct offer o = { evidence, device, bar, verdict, 0, false };
	const struct site_grant *asked = site_grant(evidence->site, device, bar->index, NULL);
	int r = 0;

	for (size_t n = 0; n < i; n++)
		if (of_device->bars[n].backend == BACKEND_VARIANT)
			o.n_before += of_device->bars[n].given.n;
	verdict->backend = asked ? asked->backend : BACKEND_NONE;
	for (const struct site_grant *row = asked; row; row = next_row(&o, row))
		verdict->n_asked++;
	if (verdict->backend == BACKEND_PIN)
		r = offer_find_unpinnable(&o);
	if (r < 0)
		return r;
	/* Of a BAR that is not safe a part may be, and only one backend gives parts. */
	if (!has_safe_range(verdict) || (verdict->kind != VERDICT_SAFE && verdict->backend != BACKEND_VARIANT))
		return 0;
	if (verdict->gain < evidence->site->minimum_gain)
		return say_gain(&o);
	if (!asked)
		return say_unasked(&o);
	if (is_unread(&o))
		return say_unread(&o);
	for (const struct site_grant *row = asked; r == 0 && row; row = next_row(&o, row))
		r = offers[row->backend](&o, row);
	return r;
}
