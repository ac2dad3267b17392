/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer-variant: parts of a BAR, for VFIO users, by the module's driver. */
#include "decide/offer-backend.h"

#include <errno.h>

#include "base/cleanup.h"

/* Is every byte of it in a range that is safe. The ranges ascend. */
static bool is_proven(const struct bar_verdict *verdict, const struct wc_range *range)
{
	uint64_t reached = range->offset, end = range->offset + range->size_bytes;

	for (size_t i = 0; i < verdict->n_ranges && reached < end; i++) {
		const struct range *its = &verdict->ranges[i].range;

		if (verdict->ranges[i].kind == VERDICT_SAFE && reached >= its->offset && reached - its->offset < its->size_bytes)
			reached = its->offset + its->size_bytes;
	}
	return reached >= end;
}

static bool overlaps_given(const struct bar_verdict *verdict, const struct wc_range *range)
{
	for (size_t i = 0; i < verdict->given.n; i++) {
		const struct wc_range *its = &verdict->given.at[i];

		if (range->offset < its->offset + its->size_bytes && its->offset < range->offset + range->size_bytes)
			return true;
	}
	return false;
}

/* Each obstacle adds a reason, and mostly a next step, when it applies; 0 or -ENOMEM. */

static int find_unproven(const struct offer *o, const struct site_grant *asked, const struct wc_range *range)
{
	struct bar_verdict *verdict = o->verdict;

	if (range->offset > o->bar->size_bytes || range->size_bytes > o->bar->size_bytes - range->offset)
		return reasons_add(&verdict->reasons, REASON_TARGET_UNKNOWN, NULL, "the part that the site asks for leaves the BAR") ?:
		       nexts_add(&verdict->nexts, NULL, "none", "correct \"offset\" and \"size\" in the site file's \"grant\"");
	/* Why the whole is not safe was said already. */
	if (is_proven(verdict, range) || (!asked->range.size_bytes && verdict->kind != VERDICT_SAFE))
		return 0;
	return reasons_add(&verdict->reasons, REASON_TARGET_PARTLY, NULL,
	                   "the part 0x%llx + 0x%llx that the site asks for is not proven as a whole",
	                   (unsigned long long)range->offset, (unsigned long long)range->size_bytes) ?:
	       nexts_add(&verdict->nexts, "pciwc --json explain", "none", "ask for what \"ranges\" says is safe");
}

static int find_limits(const struct offer *o, const struct site_grant *asked, const struct wc_range *range)
{
	struct bar_verdict *verdict = o->verdict;
	uint64_t page_bytes = o->evidence->kernel->page_bytes;
	const char *what = NULL;

	if (offer_is_x86(o) && range->size_bytes != o->bar->size_bytes)
		what = "on x86 a BAR has one memory type: no part of it can be granted, only the whole";
	else if (offer_is_x86(o) && asked->on_request)
		what = "on x86 the memory type is chosen before the device is opened: it cannot be on request";
	else if (overlaps_given(verdict, range))
		what = "the site asks for some of it twice";
	else if (page_bytes && (range->offset | range->size_bytes) & (page_bytes - 1))
		what = "its ends do not lie on pages of this kernel";
	else if (o->n_before + verdict->given.n == WC_RANGES_MAX)
		what = "the module takes no more parts of a device";
	if (!what)
		return 0;
	return reasons_add(&verdict->reasons, REASON_NO_BACKEND, NULL, "%s", what) ?:
	       nexts_add(&verdict->nexts, NULL, "none", "ask for something else in the site file's \"grant\"");
}

/* What it has now is what taking back would give it, unless an approval that is there tells what was before. */
static int find_unread(const struct offer *o, const struct site_grant *asked, const struct wc_range *range)
{
	const struct gaps *gaps = &o->device->gaps;
	const char *what = gaps_have(gaps, "driver") ? "driver" : gaps_have(gaps, "driver_override") ? "driver_override" : NULL;

	(void)asked;
	(void)range;
	if (!what || approvals_underway(o->evidence->approvals, o->device))
		return 0;
	return reasons_add(&o->verdict->reasons, REASON_UNREADABLE, NULL, "its %s cannot be read: nobody could give it back", what) ?:
	       nexts_add(&o->verdict->nexts, "pciwc --json list", "none", "see \"gaps\" for why, then run pciwc policy apply");
}

static int find_driver(const struct offer *o, const struct site_grant *asked, const struct wc_range *range)
{
	const struct device *device = o->device;
	struct bar_verdict *verdict = o->verdict;
	char address[PCI_ADDRESS_SIZE];

	(void)range;
	if (!device->driver || str_eq(device->driver, "vfio-pci") || str_eq(device->driver, VARIANT_DRIVER) ||
	    (device->vfio && str_eq(device->driver, asked->displaces)))
		return 0;
	if (device->vfio)
		return reasons_add(&verdict->reasons, REASON_BUSY, NULL,
		                   "%s is bound to it, a VFIO driver that can do more than map it", device->driver) ?:
		       nexts_add(&verdict->nexts, NULL, "what that driver adds, as the migration of guests, is lost",
		                 "name it in the grant's \"displaces\", if the device is worth more without it");
	pci_address_format(&device->address, address);

	_cleanup_free_ char *command = str_printf("sudo driverctl set-override %s vfio-pci", address);

	if (!command)
		return -ENOMEM;
	return reasons_add(&verdict->reasons, REASON_BUSY, NULL, "the driver %s is bound to it: no VFIO user can have it",
	                   device->driver) ?:
	       nexts_add(&verdict->nexts, command, "what the driver serves (a disk, a network, a screen) goes away",
	                 "give it to vfio-pci, then run pciwc policy apply");
}

static int find_module(const struct offer *o, const struct site_grant *asked, const struct wc_range *range)
{
	static const struct {
		const char *reason, *command, *risk, *text;
	} states[] = {
		[VARIANT_UNKNOWN] = { "it is not known whether the module " VARIANT_DRIVER " is there", "modinfo " VARIANT_DRIVER, "none",
		                      "see whether the module is there, then load it" },
		[VARIANT_MISSING] = { "the module " VARIANT_DRIVER " is not there for this kernel", "make -C module && sudo make -C module modules_install",
		                      "a module that the distribution has not built taints the kernel, and Secure Boot asks for its signature",
		                      "build it in pciwc's source (DKMS does it for each new kernel); of a kernel that it does not know it says which, and does not build" },
		[VARIANT_INSTALLED] = { "the module " VARIANT_DRIVER " is not loaded", "sudo modprobe " VARIANT_DRIVER,
		                        "a module that the distribution has not built taints the kernel", "load it, then run pciwc policy apply" },
	};
	const struct kernel *kernel = o->evidence->kernel;
	struct bar_verdict *verdict = o->verdict;

	(void)asked;
	(void)range;
	if (kernel->variant == VARIANT_LOADED)
		return 0;
	return reasons_add(&verdict->reasons, REASON_NO_BACKEND, NULL, "%s (%s)", states[kernel->variant].reason,
	                   kernel->release ?: "of an unknown release") ?:
	       nexts_add(&verdict->nexts, states[kernel->variant].command, states[kernel->variant].risk,
	                 states[kernel->variant].text);
}

int offer_variant(const struct offer *o, const struct site_grant *asked)
{
	static int (*const obstacles[])(const struct offer *o, const struct site_grant *asked, const struct wc_range *range) = {
		find_unproven, find_limits, find_unread, find_driver, find_module,
	};
	struct wc_range range = offer_whole(o);
	size_t n = o->verdict->reasons.n;

	range.on_request = asked->on_request;
	if (asked->range.size_bytes) {
		range.offset = asked->range.offset;
		range.size_bytes = asked->range.size_bytes;
	}
	for (size_t i = 0; i < ELEMENTSOF(obstacles); i++) {
		int r = obstacles[i](o, asked, &range);

		if (r < 0)
			return r;
	}
	/* Nothing was in the way, and nothing that was said before is. */
	return o->verdict->reasons.n == n && is_proven(o->verdict, &range) ? offer_give(o, &range) : 0;
}
