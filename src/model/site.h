/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site: the administrator's choices. pciwc-site(5). Without a file nothing is granted, written to or probed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "model/device.h"
#include "model/quirk.h"
#include "model/words.h"

/* Which devices a row means: one address, or an id "1af4:1110", or a class prefix "0x0500". */
struct selector {
	char *text; /* as the file has it */
	enum { SELECT_NONE, SELECT_ADDRESS, SELECT_ID, SELECT_CLASS } kind;
	struct pci_address address;
	uint64_t min, max; /* of an id (vendor << 16 | device) or of a class */
};

enum containment { CONTAINMENT_UNKNOWN, CONTAINMENT_NONE, CONTAINMENT_AER, CONTAINMENT_DPC, CONTAINMENTS };
extern const char *const containment_names[CONTAINMENTS];

/* What the libvirt hook does with a guest that gets a device. */
enum guest_choice { GUEST_CHOICE_NONE, GUEST_ALLOW, GUEST_WARN, GUEST_REFUSE, GUEST_CHOICES };
extern const char *const guest_choice_names[GUEST_CHOICES];

struct site_scratch {
	struct selector device;
	uint8_t bar;
	struct range range; /* bytes; page-aligned */
};

struct site_bar { /* "readable" */
	struct selector device;
	uint8_t bar;
};

struct site_grant {
	struct selector device;
	uint8_t bar;
	enum backend backend;
	char *group;        /* BACKEND_GRANT */
	struct range range; /* BACKEND_VARIANT: the part that is asked for; of 0 bytes: the whole BAR */
	bool on_request;    /* BACKEND_VARIANT: only for a VFIO user who asks */
	char *displaces;    /* BACKEND_VARIANT: the VFIO driver, not vfio-pci itself, that may give way; NULL: none */
};

struct site_choice { /* "accept", "lift" and "imports" */
	char *what, *reason; /* of an import `what` is the file, an absolute path */
};

struct site {
	char *file; /* where it was read; NULL: there is none */
	struct { struct site_scratch *at; size_t n; } scratch;
	struct { struct site_bar *at; size_t n; } readable;
	struct { struct selector *at; size_t n; } reset;
	struct { struct site_grant *at; size_t n; } grant;
	struct { struct site_choice *at; size_t n; } accept, lift, imports;
	enum containment minimum_containment; /* default CONTAINMENT_NONE: nothing is asked for */
	double minimum_gain;                  /* default 1.2 */
	bool probe_at_boot;
	enum guest_choice guests_unsafe;  /* of a device on an unsafe path; default GUEST_REFUSE */
	enum guest_choice guests_unknown; /* of one on a path that is not known; default GUEST_ALLOW */
};

void site_default(struct site *ret);
int site_from_json(const struct json_at *at, struct err *err, struct site *ret);
/*
 * The same; but with errors, each wrong element is noted there ("FILE: grant[1].bar: expected ...") and the rest is read:
 * then 0, and with errors *ret is good for release only.
 */
int site_check(const struct json_at *at, struct err *err, struct strs *errors, struct site *ret);
void site_done(struct site *site);

bool selector_matches(const struct selector *selector, const struct device *device);
/* The choice whose `what` is exactly this, or names this entry; NULL: not made. */
const struct site_choice *site_accepts(const struct site *site, const char *what);
const struct site_choice *site_accepts_entry(const struct site *site, const char *entry);
/* An entry whose name could not be read nobody lifts. */
const struct site_choice *site_lifts(const struct site *site, const char *entry);
/*
 * What it grants of this BAR: the first row that names it, then the others of the same backend, for parts of a BAR are
 * rows of their own. after: the one before; NULL begins. NULL: no more.
 */
const struct site_grant *site_grant(const struct site *site, const struct device *device, unsigned int bar,
                                    const struct site_grant *after);
