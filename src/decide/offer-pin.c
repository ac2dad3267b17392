/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer-pin: the whole resourceN_wc held, so that what VFIO maps of it takes that type. */
#include "decide/offer-backend.h"

#include <errno.h>

#include "base/cleanup.h"

/* Each obstacle adds a reason and a next step when it applies, and sets *ret_blocked; 0 or -ENOMEM. */

static int block(const struct offer *o, enum reason_id reason, const char *why, const char *risk, const char *next, bool *ret_blocked)
{
	int r = reasons_add(&o->verdict->reasons, reason, NULL, "it cannot be pinned: %s", why);

	*ret_blocked = true;
	return r < 0 ? r : nexts_add(&o->verdict->nexts, NULL, risk, next);
}

static int find_no_memtypes(const struct offer *o, bool *ret_blocked)
{
	if (!offer_is_x86(o))
		return block(o, REASON_NO_BACKEND, "only on x86 does a mapping that is there first decide the memory type of VFIO's",
		             "it needs a kernel module, which taints the kernel", "backend \"variant\" of the site file's \"grant\"", ret_blocked);
	if (o->evidence->kernel->pat == TRI_YES)
		return 0;
	return block(o, REASON_NO_WC, o->evidence->kernel->pat == TRI_NO ? "this machine's PAT is off, or missing" : "it is not known whether this machine's PAT is on",
	             "none", "see nopat on the kernel's command line; pciwc platform says what is known", ret_blocked);
}

/*
 * Under strict devmem a region that a driver has requested is nobody else's to map. In 6.x vfio-pci requests it with its first
 * mapping, and what it then maps is uncached; from 7.2 on it comes when the device is opened, and the type
 * stays (seen with Debian's 6.1, 6.12, 7.2 and 7.3-rc7; kernels between are not known).
 */
static int find_strict_devmem(const struct offer *o, bool *ret_blocked)
{
	const struct kernel *kernel = o->evidence->kernel;

	if (kernel_strict_devmem(kernel) == TRI_NO || kernel_at_least(kernel, 7, 2) == TRI_YES)
		return 0;

	_cleanup_free_ char *why = str_printf("Linux %s %s older than 7.2 and %s strict devmem (CONFIG_IO_STRICT_DEVMEM): VFIO then maps it uncached",
	                                      kernel->release ?: "of an unknown release", kernel->version[0] ? "is" : "may be",
	                                      kernel->strict_devmem == TRI_YES ? "has" : "may have");

	return !why ? -ENOMEM
	            : block(o, REASON_NO_BACKEND, why, "root's programs can then map what drivers use: one protection of the kernel less",
	                    "boot with iomem=relaxed on the kernel's command line, or a kernel of 7.2 or newer", ret_blocked);
}

static int find_no_file(const struct offer *o, bool *ret_blocked)
{
	if (offer_has_wc_file(o))
		return 0;
	if (o->verdict->sysfs == SYSFS_LOCKED_DOWN)
		return block(o, REASON_LOCKED_DOWN, "the kernel is locked down and lets nobody map resourceN_wc", "Secure Boot's guarantees are given up",
		             "boot without lockdown, or use backend \"variant\", which does not need sysfs", ret_blocked);
	return block(o, REASON_NO_WC, "it has no resourceN_wc that could be held", "none", "see pciwc explain for why the BAR has none", ret_blocked);
}

/* A driver of the host's has mapped it already, and nobody opens it through VFIO. */
static int find_host_driver(const struct offer *o, bool *ret_blocked)
{
	if (gaps_have(&o->device->gaps, "driver"))
		return block(o, REASON_UNREADABLE, "whether a driver is bound to it cannot be read", "none",
		             "see \"gaps\" of pciwc --json list for why, then run pciwc policy apply", ret_blocked);
	if (!o->device->driver || o->device->vfio)
		return 0;

	_cleanup_free_ char *why = str_printf("the driver %s is bound to it: no VFIO user can have it", o->device->driver);

	return !why ? -ENOMEM : block(o, REASON_BUSY, why, "what the driver serves (a disk, a network, a screen) goes away",
	                              "give it to vfio-pci, then run pciwc policy apply", ret_blocked);
}

int offer_find_unpinnable(struct offer *o)
{
	static int (*const obstacles[])(const struct offer *o, bool *ret_blocked) = {
		find_no_memtypes, find_strict_devmem, find_no_file, find_host_driver,
	};
	bool is_blocked = false;

	for (size_t i = 0; i < ELEMENTSOF(obstacles); i++) {
		int r = obstacles[i](o, &is_blocked);

		if (r < 0)
			return r;
		/* Where there are no memory types the rest has no meaning. */
		if (is_blocked && i == 0)
			break;
	}
	o->can_pin = !is_blocked;
	return 0;
}

int offer_pin(const struct offer *o, const struct site_grant *asked)
{
	struct wc_range range = offer_whole(o);

	(void)asked;
	return o->can_pin && o->verdict->kind == VERDICT_SAFE ? offer_give(o, &range) : 0;
}
