/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict: what we conclude, why, and what the user can do next. Zero is unknown, and unknown is never granted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/device.h"
#include "model/finding.h"
#include "model/import.h"
#include "model/kernel.h"
#include "model/quirk.h"
#include "model/words.h"

enum basis { BASIS_NONE, BASIS_PROBED, BASIS_EQUIVALENT, BASIS_IMPORTED, BASIS_ACCEPTED };
extern const char *const basis_names[];

/* Stable words for programs; the text beside each is for people. The table is in verdict.c. */
enum reason_id {
	REASON_NONE,
	REASON_PATH_DENIED,
	REASON_PATH_HELD,
	REASON_PATH_UNPROVEN,
	REASON_PATH_PROVEN,
	REASON_DATABASE_BROKEN,
	REASON_VIRTUAL_PLATFORM,
	REASON_REPLAY,
	REASON_NO_WC,
	REASON_TARGET_DENIED,
	REASON_TARGET_HELD,
	REASON_TARGET_UNKNOWN,
	REASON_TARGET_NOT_MEMORY,
	REASON_TARGET_MSIX,
	REASON_TARGET_PARTLY,
	REASON_TARGET_FIT,
	REASON_NOT_PREFETCHABLE,
	REASON_NOT_PROBED,
	REASON_TYPE_UNCONFIRMED,
	REASON_TEST_FAILED,
	REASON_TEST_DIED,
	REASON_NOT_EXERCISED,
	REASON_ERRORS_UNOBSERVED,
	REASON_CONTAINMENT,
	REASON_CRASHED,
	REASON_STALE,
	REASON_BUSY,
	REASON_UNREADABLE,
	REASON_LOCKED_DOWN,
	REASON_WARNED,
	REASON_LIFTED,
	REASON_ACCEPTED,
	REASON_GAIN_LOW,
	REASON_NOT_ASKED,
	REASON_GRANTED,
	REASON_IMPORTED,
	REASON_IMPORT_FAILED,
	REASON_NO_BACKEND,
	REASONS
};
extern const char *const reason_names[REASONS]; /* "path-denied", ... */

/* A verdict only gets worse: safe, unknown, unsafe. */
static inline void verdict_demote(enum verdict_kind *kind, enum verdict_kind to)
{
	if (*kind == VERDICT_SAFE || to == VERDICT_UNSAFE)
		*kind = to;
}

struct reason {
	enum reason_id id;
	char *text;
	struct strs references;
};

struct reasons {
	struct reason *at;
	size_t n;
};

struct next {
	char *command; /* NULL: nothing to type */
	char *text;    /* what it needs */
	char *risk;    /* what it may cost; "none" */
};

struct nexts {
	struct next *at;
	size_t n;
};

__attribute__((format(printf, 4, 5))) int reasons_add(struct reasons *reasons, enum reason_id id,
                                                      const struct strs *references /* or NULL */,
                                                      const char *format, ...);
/* The first that withholds something, not one that says what is proven, accepted or only worth knowing; or NULL. */
const struct reason *reasons_against(const struct reasons *reasons);
bool reasons_has(const struct reasons *reasons, enum reason_id id);
/* Does nothing when the same next is there already. command may be NULL. */
int nexts_add(struct nexts *nexts, const char *command, const char *risk, const char *text);

struct bar_range {
	struct range range;
	const char *role; /* "memory", "msix", "unknown" */
	enum verdict_kind kind;
};

enum surface_sysfs { SYSFS_UNKNOWN, SYSFS_AVAILABLE, SYSFS_MISSING, SYSFS_LOCKED_DOWN, SYSFS_BUSY };
extern const char *const surface_sysfs_names[];

/* What VFIO maps of a BAR. */
enum surface_vfio { VFIO_UNKNOWN, VFIO_UNCACHED, VFIO_PARTLY_WC, VFIO_WC };
extern const char *const surface_vfio_names[];

struct bar_verdict {
	enum verdict_kind target; /* SAFE: fit, UNSAFE: unfit */
	enum verdict_kind kind;
	enum scope scope;
	enum basis path_basis;       /* of the path that this BAR's window has */
	const struct record *record; /* its own probe, when that proves what it touched; borrowed from the evidence, or NULL */
	double gain;       /* median WC / median UC; 0: not measured */
	/* What the site asks for, by which backend, and what of it is safe, worth it and possible: `policy apply` grants it. */
	enum backend backend;
	unsigned int n_asked;
	struct wc_ranges given; /* parts of this BAR; of BACKEND_GRANT: all of it */
	char *group;            /* whom the site grants it; NULL */
	bool is_granted;        /* by whatever backend, now */
	enum surface_sysfs sysfs;
	enum surface_vfio vfio;
	enum guest_rule guest;
	struct bar_range *ranges;
	size_t n_ranges;
	struct reasons reasons;
	struct nexts nexts;
};

struct path_verdict {
	enum verdict_kind kind;
	enum basis basis;
	/* What it rests on, borrowed from the evidence: */
	const struct record *record; /* whose tests passed; NULL: of BASIS_NONE and BASIS_ACCEPTED */
	const struct import *import; /* of BASIS_IMPORTED: where that record is from */
	const struct quirk *entry;   /* of BASIS_ACCEPTED: whose word the site takes */
	enum scope scope;
	struct reasons reasons;
	struct nexts nexts;
};

/* What is concluded of one device; `bars` runs parallel to the device's own. */
struct device_verdict {
	struct path_verdict path;
	struct bar_verdict bars[BAR_MAX];
};

bool nexts_has(const struct nexts *nexts, const char *command, const char *text);
void reasons_done(struct reasons *reasons);
void nexts_done(struct nexts *nexts);
void path_verdict_done(struct path_verdict *path);
bool bar_verdict_is_grantable(const struct bar_verdict *verdict); /* all of what the site asks for, or some */
void bar_verdict_done(struct bar_verdict *bar);
void device_verdict_done(struct device_verdict *verdict);
struct json_object *reasons_to_json(const struct reasons *reasons);
struct json_object *nexts_to_json(const struct nexts *nexts);
