/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match: which quirks mean this device's path and BARs; a fact that is unknown is neither yes nor no. Pure. */
#pragma once

#include "model/device.h"
#include "model/expectation.h"
#include "model/kernel.h"
#include "model/platform.h"
#include "model/quirk.h"
#include "model/site.h"

/* The host bridges of a machine, and what may be one: the functions of class 0600, or of none that is known; borrowed. */
struct bridges {
	const struct device **at;
	size_t n;
};
int bridges_of(const struct devices *devices, struct bridges *ret); /* 0 or -ENOMEM */
void bridges_done(struct bridges *bridges);

/* What a quirk can be compared with; all borrowed. */
struct facts {
	const struct platform *platform;
	const struct kernel *kernel;
	const struct devices *devices;
	const struct device *device;   /* NULL: of the machine alone */
	const struct bar *bar;         /* NULL: of the device alone */
	const struct bridges *bridges; /* of these devices, for who asks often; NULL: they are looked for at each question */
	const struct device *const *ports; /* those of device, likewise; a NULL among them: it is not listed */
};

/*
 * TRI_YES: an alternative holds. TRI_UNKNOWN: none holds, but one fails only on facts that could not be read, and its
 * `suspect` does not rule this machine out. matched (may be NULL) receives the facts of the alternative that matched, or of
 * all that are unknown; the caller frees it with matched_done. 0 or -ENOMEM.
 */
int match_quirk(const struct quirk *quirk, const struct facts *facts, struct matched *matched, enum tri *ret);

/* The same of one alternative; *ret_is_cleared (may be NULL): it is no only because `suspect` rules the machine out. */
enum tri match_alternative(const struct alternative *alternative, const struct facts *facts, bool *ret_is_cleared);
enum tri match_term(const struct term *term, const struct facts *facts);
/* Could it hold, whatever the device and the BAR are where facts has none: false only where match_alternative would say no. */
bool match_may(const struct alternative *alternative, const struct facts *facts);

struct candidates;
/*
 * All that database and site say of one device, its path and its BARs; machine is the facts without one, and candidates those
 * of the database for them (decide/candidates.h). 0 or -ENOMEM.
 */
int expect_device(const struct candidates *candidates, const struct site *site, const struct facts *machine,
                  const struct device *device, struct expectation *ret);
