/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event: what a device that comes, or changes, is given of what is on file for it. Its approval holds or does not; nothing
 * is judged anew. Pure.
 */
#pragma once

#include "decide/evidence.h"

/* What an event waits for: another event tells the rest. */
enum event_wait {
	EVENT_READY,
	EVENT_FILES,  /* the kernel has not made the files, or placed the BARs, yet */
	EVENT_DRIVER, /* another driver than the approval's is bound, or its list is not in force */
};
extern const char *const event_wait_names[];

#define EVENT_REASON_SIZE 32

struct event {
	enum verdict_kind path;
	unsigned int safe;    /* bit N: BAR N is given, was judged safe, and that still holds */
	unsigned int given;   /* bit N: resourceN_wc is to have its group and mode */
	unsigned int taken;   /* bit N: it must not have them: that approval does not hold */
	unsigned int pinned;  /* bit N: resourceN_wc is to be held; a pin that holds others is to end */
	enum event_wait wait;
	/* One word: "approved", "stale-kernel", ...; never a text that comes from a device. */
	char reason[EVENT_REASON_SIZE];
};

/*
 * evidence: of this device and its ports at least; its quirks, site, records and imports are not looked at. device: NULL
 * when it is not there. 0 or -ENOMEM.
 */
int event_judge(const struct evidence *evidence, const struct device *device, const struct approval *approval,
                struct event *ret);
