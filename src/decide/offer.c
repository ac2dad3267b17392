/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer: a row a backend; each gives what the site asks for, or says what is in the way and how to get past it. */
#include "decide/offer.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

struct offer {
	const struct evidence *evidence;
	const struct device *device;
	const struct bar *bar;
	struct bar_verdict *verdict;
	size_t n_before; /* parts of the device's other BARs that were given */
	bool can_pin;    /* nothing is in the way of a pin */
};

static int give(const struct offer *o, const struct wc_range *range)
{
	struct wc_range *given = array_add(&o->verdict->given);

	if (!given)
		return -ENOMEM;
	*given = *range;
	return 0;
}

static struct wc_range whole(const struct offer *o)
{
	return (struct wc_range){ .bar = o->bar->index, .size_bytes = o->bar->size_bytes };
}

/* A driver that has the BAR comes and goes; who may map it meanwhile is the kernel's to say. */
static bool has_wc_file(const struct offer *o)
{
	return o->bar->wc_file == TRI_YES && o->verdict->sysfs != SYSFS_LOCKED_DOWN;
}

/* ---- grant: the mode of resourceN_wc, of the BAR as a whole ---- */

static int offer_grant(const struct offer *o, const struct site_grant *asked)
{
	struct bar_verdict *verdict = o->verdict;
	struct wc_range range = whole(o);

	if (verdict->kind != VERDICT_SAFE)
		return 0;
	if (!has_wc_file(o))
		return reasons_add(&verdict->reasons,
		                   verdict->sysfs == SYSFS_LOCKED_DOWN ? REASON_LOCKED_DOWN : REASON_NO_WC, NULL,
		                   "safe, but resource%u_wc cannot be granted: %s", o->bar->index,
		                   surface_sysfs_names[verdict->sysfs]) ?:
		       nexts_add(&verdict->nexts, NULL, "Secure Boot's guarantees are given up",
		                 "boot without lockdown, or use a backend that does not need sysfs");
	return give(o, &range) ?: str_set(&verdict->group, asked->group);
}

/* ---- variant: parts of a BAR, for VFIO users, by the module's driver ---- */

static bool is_x86(const struct offer *o)
{
	const char *arch = o->evidence->platform->arch;

	return str_eq(arch, "x86_64") || str_eq(arch, "i386");
}

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

	if (is_x86(o) && range->size_bytes != o->bar->size_bytes)
		what = "on x86 a BAR has one memory type: no part of it can be granted, only the whole";
	else if (is_x86(o) && asked->on_request)
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

static int offer_variant(const struct offer *o, const struct site_grant *asked)
{
	static int (*const obstacles[])(const struct offer *o, const struct site_grant *asked, const struct wc_range *range) = {
		find_unproven, find_limits, find_driver, find_module,
	};
	struct wc_range range = whole(o);
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
	return o->verdict->reasons.n == n && is_proven(o->verdict, &range) ? give(o, &range) : 0;
}

/* ---- pin: the whole resourceN_wc held, so that what VFIO maps of it takes that type ---- */

/* Each obstacle adds a reason and a next step when it applies, and sets *ret_blocked; 0 or -ENOMEM. */

static int block(const struct offer *o, enum reason_id reason, const char *why, const char *risk, const char *next, bool *ret_blocked)
{
	int r = reasons_add(&o->verdict->reasons, reason, NULL, "it cannot be pinned: %s", why);

	*ret_blocked = true;
	return r < 0 ? r : nexts_add(&o->verdict->nexts, NULL, risk, next);
}

static int find_no_memtypes(const struct offer *o, bool *ret_blocked)
{
	if (!is_x86(o))
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
	if (has_wc_file(o))
		return 0;
	if (o->verdict->sysfs == SYSFS_LOCKED_DOWN)
		return block(o, REASON_LOCKED_DOWN, "the kernel is locked down and lets nobody map resourceN_wc", "Secure Boot's guarantees are given up",
		             "boot without lockdown, or use backend \"variant\", which does not need sysfs", ret_blocked);
	return block(o, REASON_NO_WC, "it has no resourceN_wc that could be held", "none", "see pciwc explain for why the BAR has none", ret_blocked);
}

/* A driver of the host's has mapped it already, and nobody opens it through VFIO. */
static int find_host_driver(const struct offer *o, bool *ret_blocked)
{
	if (!o->device->driver || o->device->vfio)
		return 0;

	_cleanup_free_ char *why = str_printf("the driver %s is bound to it: no VFIO user can have it", o->device->driver);

	return !why ? -ENOMEM : block(o, REASON_BUSY, why, "what the driver serves (a disk, a network, a screen) goes away",
	                              "give it to vfio-pci, then run pciwc policy apply", ret_blocked);
}

/*
 * Said of a BAR that is asked for before anything is probed, for a probe has a risk and this costs nothing. That the BAR
 * has registers or unproven pages keeps it from being safe as a whole, and is said there.
 */
static int find_unpinnable(struct offer *o)
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

static int offer_pin(const struct offer *o, const struct site_grant *asked)
{
	struct wc_range range = whole(o);

	(void)asked;
	return o->can_pin && o->verdict->kind == VERDICT_SAFE ? give(o, &range) : 0;
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
		r = find_unpinnable(&o);
	if (r < 0)
		return r;
	/* Of a BAR that is not safe a part may be, and only one backend gives parts. */
	if (!has_safe_range(verdict) || (verdict->kind != VERDICT_SAFE && verdict->backend != BACKEND_VARIANT))
		return 0;
	if (verdict->gain < evidence->site->minimum_gain)
		return say_gain(&o);
	if (!asked)
		return say_unasked(&o);
	for (const struct site_grant *row = asked; r == 0 && row; row = next_row(&o, row))
		r = offers[row->backend](&o, row);
	return r;
}
