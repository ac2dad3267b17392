/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event: the obstacles are a table; the first that applies is the reason. */
#include "decide/event.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "decide/fingerprint.h"

const char *const event_wait_names[] = { [EVENT_READY] = NULL, [EVENT_FILES] = "files", [EVENT_DRIVER] = "driver" };

struct look {
	const struct evidence *evidence;
	const struct device *device;
	const struct approval *approval;
};

/* ---- what keeps the approval as a whole from being used ---- */

static bool is_unreadable(const struct look *look)
{
	return !look->approval->is_readable;
}

static bool is_another_device(const struct look *look)
{
	return look->device->vendor != look->approval->vendor || look->device->device != look->approval->device;
}

static bool is_locked_down(const struct look *look)
{
	return look->evidence->kernel->lockdown >= LOCKDOWN_INTEGRITY;
}

static bool has_crashed(const struct look *look)
{
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (journal_crash(look->evidence->journal, &look->device->address, bar))
			return true;
	return false;
}

/* Something of it was to be taken back, and could not be; or an earlier version wrote it. No refresh is begun for that: a revert would not last. */
static bool is_withdrawn(const struct look *look)
{
	const struct approval *approval = look->approval;

	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if ((approval->files | approval->pins) & (1u << bar) && !approval->bars[bar].fingerprint)
			return true;
	return false;
}

static const struct {
	const char *reason;
	bool (*applies)(const struct look *look);
} obstacles[] = {
	{ "unreadable", is_unreadable },
	{ "stale-device", is_another_device },
	{ "locked-down", is_locked_down },
	{ "crashed", has_crashed },
	{ "withdrawn", is_withdrawn },
};

/* ---- BARs ---- */

static bool is_approved(const struct approval *approval, unsigned int bar)
{
	return (approval->files | approval->pins) & (1u << bar) || approval->bars[bar].fingerprint;
}

/*
 * Linux before 7.2 announces a plugged device before it has placed its BARs and made its resourceN_wc: pci_scan_slot() sends
 * the event, pci_bus_add_device() makes the files (drivers/pci/bus.c).
 */
static bool is_complete(const struct look *look)
{
	for (unsigned int n = 0; n < BAR_MAX; n++) {
		const struct bar *bar = device_bar(look->device, n);

		if (!is_approved(look->approval, n))
			continue;
		if (!bar || !bar->base || ((look->approval->files | look->approval->pins) & (1u << n) && bar->wc_file != TRI_YES))
			return false;
	}
	return true;
}

/* A file that is not made yet will be root's alone. */
static unsigned int files_there(const struct device *device)
{
	unsigned int there = 0;

	for (size_t i = 0; i < device->n_bars; i++)
		there |= device->bars[i].wc_file == TRI_NO ? 0 : 1u << device->bars[i].index;
	return there;
}

static int judge_bar(const struct look *look, unsigned int n, struct event *event)
{
	const struct bar *bar = device_bar(look->device, n);
	const char *then = look->approval->bars[n].fingerprint ?: "";
	_cleanup_free_ char *now = bar ? fingerprint_of(look->evidence, look->device, bar) : NULL;

	if (bar && !now)
		return -ENOMEM;

	const struct fingerprint_part *changed = bar ? fingerprint_difference(then, now) : NULL;

	if (!bar || changed) {
		event->taken |= look->approval->files & (1u << n);
		snprintf(event->reason, sizeof(event->reason), "stale-%s", changed ? changed->name : "device");
		return 0;
	}
	event->given |= look->approval->files & (1u << n);
	event->pinned |= look->approval->pins & (1u << n);
	/* Of one that is given to nobody, nothing says where it was. */
	event->safe |= look->approval->safe_bars & (1u << n);
	return 0;
}

int event_judge(const struct evidence *evidence, const struct device *device, const struct approval *approval,
                struct event *ret)
{
	const struct look look = { evidence, device, approval };
	struct event event = { .taken = approval->files, .reason = "no-device" };
	int r = 0;

	if (!device) {
		*ret = event;
		return 0;
	}
	for (size_t i = 0; i < ELEMENTSOF(obstacles); i++)
		if (obstacles[i].applies(&look)) {
			snprintf(event.reason, sizeof(event.reason), "%s", obstacles[i].reason);
			*ret = event;
			return 0;
		}
	if (!is_complete(&look)) {
		event.wait = EVENT_FILES;
		event.taken &= files_there(look.device);
		snprintf(event.reason, sizeof(event.reason), "incomplete");
		*ret = event;
		return 0;
	}
	event = (struct event){ .reason = "approved" };
	for (unsigned int bar = 0; r == 0 && bar < BAR_MAX; bar++)
		if (is_approved(approval, bar))
			r = judge_bar(&look, bar, &event);
	if (r < 0)
		return r;
	/* What an approval says beside its BARs rests on the same: one part that changed may be anybody's. */
	if (str_eq(event.reason, "approved")) {
		event.path = approval->path;
		if (approval->has_variant && approval->path == VERDICT_SAFE && (!str_eq(device->driver, VARIANT_DRIVER) || !device->wc_ranges.n))
			event.wait = EVENT_DRIVER;
	} else {
		event.taken |= event.given;
		event.given = event.pinned = event.safe = 0;
	}
	*ret = event;
	return 0;
}
