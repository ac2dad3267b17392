/* SPDX-License-Identifier: GPL-2.0-or-later */
/* offer-backend: the backends, for offer.c: what each looks at, and can say of a BAR that the site grants by it. */
#pragma once

#include "decide/offer.h"

struct offer {
	const struct evidence *evidence;
	const struct device *device;
	const struct bar *bar;
	struct bar_verdict *verdict;
	size_t n_before; /* parts of the device's other BARs that were given */
	bool can_pin;    /* nothing is in the way of a pin */
};

/* ---- what they share: 0 or -ENOMEM ---- */

int offer_give(const struct offer *o, const struct wc_range *range);
struct wc_range offer_whole(const struct offer *o);
/* A driver that has the BAR comes and goes; who may map it meanwhile is the kernel's to say. */
bool offer_has_wc_file(const struct offer *o);
bool offer_is_x86(const struct offer *o);

/* ---- a row of the site each: gives what it asks for, or says what is in the way; 0 or -ENOMEM ---- */

int offer_variant(const struct offer *o, const struct site_grant *asked);
int offer_pin(const struct offer *o, const struct site_grant *asked);
/*
 * Sets o->can_pin, or says why not. Said of a BAR that is asked for before anything is probed, for a probe has a risk and
 * this costs nothing. That the BAR has registers or unproven pages keeps it from being safe as a whole, and is said there.
 */
int offer_find_unpinnable(struct offer *o);
