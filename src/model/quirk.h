/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk: an entry of the database: whom it means, what it says of them, and on whose word. pciwc-quirks(5) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/strs.h"
#include "model/hazard.h"

enum effect {
	EFFECT_NONE,
	/* of the path, or with a device-scoped key of a BAR */
	EFFECT_DENY,              /* unsafe; only the site lifts it, by name */
	EFFECT_HOLD,              /* unknown until the site accepts it by name */
	EFFECT_NO_WC,             /* there is no way to map WC here */
	EFFECT_WARN,              /* said, decides nothing */
	EFFECT_ALLOW_AFTER_PROBE, /* known good elsewhere: the site may accept it as proof */
	/* of a BAR or range */
	EFFECT_MEMORY,     /* tolerates WC; `scratch` may be written */
	EFFECT_VENDOR_WC,  /* a doorbell that the vendor documents as WC */
	EFFECT_NOT_MEMORY, /* registers, doorbells: never touched */
	EFFECTS
};
extern const char *const effect_names[EFFECTS];

enum confidence { CONFIDENCE_UNKNOWN, CONFIDENCE_UNVERIFIED, CONFIDENCE_REPORTED, CONFIDENCE_CONFIRMED };
extern const char *const confidence_names[];

/* ---- whom an entry means ---- */

enum match_key {
	MATCH_ARCH,
	MATCH_CPU,
	MATCH_SOC_ID,
	MATCH_DT_COMPATIBLE,
	MATCH_DT_BRIDGE_COMPATIBLE,
	MATCH_DMI,
	MATCH_ACPI_MCFG,
	MATCH_ACPI_FADT,
	MATCH_PORT,
	MATCH_HOST_BRIDGE,
	MATCH_DEVICE,
	MATCH_SUBSYSTEM,
	MATCH_CLASS,
	MATCH_REVISION,
	MATCH_BAR,
	MATCH_KERNEL,
	MATCH_CMDLINE,
	MATCH_PAT,
	MATCH_HYPERVISOR,
	MATCH_KEYS
};

/* How a key, or a field of one, is written. */
enum value_kind {
	VALUE_TEXT,   /* a string or strings: any of them; DMI ones may end in "*" */
	VALUE_NAME,   /* the same, or true: whatever its name */
	VALUE_RANGE,  /* an integer, or {"min":,"max":} */
	VALUE_MASKED, /* an integer, or {"value":,"mask":} */
	VALUE_ID,     /* "1def:e101", "10ee:*", "1af4:1000-107f": vendor << 16 | device */
	VALUE_CLASS,  /* "03", "0302", "030200": a prefix of the class code */
	VALUE_NUMBER, /* an integer of a list */
	VALUE_RELEASE, /* {"min":"6.9","max":"6.11.5"}: major << 32 | minor << 16 | patch */
	VALUE_FLAG,   /* true or false */
	VALUE_FIELDS, /* an object of fields */
};

struct match_field {
	const char *name;
	enum value_kind kind;
	bool is_required;
};

struct match_key_info {
	const char *name;
	const char *unknown_not; /* "not NAME": how an unknown fact below `not` is told of */
	enum value_kind kind;
	bool of_device; /* makes the entry speak of BARs, not of the path */
	const struct match_field *fields; /* of VALUE_FIELDS, ends with a NULL name; for VALUE_ID: the object form */
	const struct match_field *or_fields; /* an object that has the first of these has no others; NULL: no such choice */
	const char *const *words; /* of VALUE_TEXT, the only ones there are, ends with NULL; NULL: free text */
};
extern const struct match_key_info match_key_infos[MATCH_KEYS];

/* One comparison: the value is among texts (none: any name), or (value & mask) is within min..max. */
struct criterion {
	const char *field; /* of the key's info; NULL: the value itself */
	struct strs texts;
	uint64_t min, max, mask;
};

struct form { /* all criteria hold */
	struct criterion *at;
	size_t n;
};

struct term { /* any form holds */
	enum match_key key;
	struct form *at;
	size_t n;
};

struct terms { /* all terms hold */
	struct term *at;
	size_t n;
};

struct alternative { /* terms hold and not(nots); suspect only matters when that is unknown */
	struct terms terms, nots, suspect;
};

struct range {
	uint64_t offset, size_bytes;
};

struct quirk {
	char *name, *file, *why, *since, *fact;
	enum effect effect;
	enum confidence confidence;
	enum hazard *hazards;
	size_t n_hazards;
	struct alternative *match; /* any of them */
	size_t n_match;
	bool of_device; /* speaks of BARs, not of the path */
	struct {
		struct range *at; /* size 0: the whole BAR */
		size_t n;
	} scratch; /* where a probe may write, the first that fits; none: nowhere */
	/*
	 * scratch "cmb": what it calls memory is the controller memory buffer, nothing else of the BAR; BAR 0's registers,
	 * which may be read for it, say where (decide/cmb.h)
	 */
	bool is_cmb;
	struct strs references;
};

struct quirks {
	struct quirk *at; /* in the order of files' names */
	size_t n;
	struct strs broken; /* one message a file that could not be used: what it denies is not known, so all is held */
};

/* One entry, checked completely. 0, or -EINVAL with err naming file and element, or -ENOMEM. */
int quirk_from_json(const struct json_at *at, struct err *err, struct quirk *ret);
void quirk_done(struct quirk *quirk);
/* The entry of this name, borrowed; NULL: there is none. */
const struct quirk *quirks_find(const struct quirks *quirks, const char *name);
void quirks_done(struct quirks *quirks);
struct json_object *quirk_to_json(const struct quirk *quirk); /* the row of `quirks list` */
