/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk: an entry of the database: whom it means, what it says of them, and on whose word. pciwc-quirks(5) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
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

enum confidence { CONFIDENCE_UNKNOWN, CONFIDENCE_UNVERIFIED, CONFIDENCE_REPORTED, CONFIDENCE_CONFIRMED, CONFIDENCES };
extern const char *const confidence_names[CONFIDENCES];

/* ---- whom an entry means ---- */

enum match_key {
	MATCH_ARCH,
	MATCH_CPU,
	MATCH_SOC_ID,
	MATCH_DT_COMPATIBLE,
	MATCH_DT_BRIDGE_COMPATIBLE,
	MATCH_BRIDGE_PROPERTY,
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
	MATCH_KCONFIG,
	MATCH_PAT,
	MATCH_HYPERVISOR,
	MATCH_KEYS
};

/* How a key, or a field of one, is written. */
enum value_kind {
	VALUE_TEXT,   /* a string or strings: any of them; DMI ones may end in "*" */
	VALUE_PROPERTY, /* texts that can be names of properties in firmware: "vendor,name" */
	VALUE_NAME,   /* the same, or true: whatever its name */
	VALUE_RANGE,  /* an integer, or {"min":,"max":} */
	VALUE_MASKED, /* an integer, or {"value":,"mask":} */
	VALUE_ID,     /* "1def:e101", "10ee:*", "1af4:1000-107f": vendor << 16 | device */
	VALUE_CLASS,  /* "03", "0302", "030200": a prefix of the class code */
	VALUE_NUMBER, /* an integer of a list */
	VALUE_RELEASE, /* {"min":"6.9","max":"6.11.5"}: major << 32 | minor << 16 | patch */
	VALUE_OPTION, /* "CONFIG_X=y", or a list of such: any of them */
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
	struct strs unreadable; /* keys that this pciwc could not read: as unknown as a fact that could not be read */
};

/* ---- where an entry comes from, and whether it counts ---- */

enum quirk_layer {
	LAYER_NONE,
	LAYER_LAST_GOOD,    /* a copy that an update kept: it only stands in for a broken file */
	LAYER_DISTRIBUTION, /* lowest */
	LAYER_UPDATE,
	LAYER_RUNTIME,
	LAYER_SITE,
	LAYER_GIVEN, /* --quirks */
	LAYERS
};
extern const char *const quirk_layer_names[LAYERS];

enum quirk_state {
	QUIRK_NONE,
	QUIRK_ACTIVE,
	/* Of these nothing allows or denies any more, but what it would withhold is held until the site lifts it by name. */
	QUIRK_REPLACED, /* a file, or an entry, of the same name in a higher layer stands for it, or a later release */
	QUIRK_MASKED,   /* a link to /dev/null in a higher layer does */
	QUIRK_BROKEN,   /* its file is: what of it could be read */
	QUIRK_NEWER_FORMAT, /* it has words that came with a newer pciwc: what of it could be read */
	/* Of this nothing is left: a later release has an entry of its name. */
	QUIRK_OLDER,
	QUIRK_STATES
};
extern const char *const quirk_state_names[QUIRK_STATES];

struct range {
	uint64_t offset, size_bytes;
};

struct quirk {
	char *name, *file, *why, *since, *fact;
	enum quirk_layer layer;
	enum quirk_state state;
	uint64_t serial;    /* of its file; 0: unknown */
	char *held_because; /* names both files, or file and fault; NULL when active */
	char *by;           /* the path of what replaced or masked it; NULL: nothing did */
	enum effect effect; /* EFFECT_NONE: a word of a newer format, or unreadable: it may withhold */
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
	/* Where all of it is but held_because and by, which are on their own always; NULL: each part is (quirk-pack.h). */
	void *block;
};

/* One file of one layer, or one link that masks. */
struct quirk_file {
	char *name, *path;
	enum quirk_layer layer;
	enum quirk_state state;
	bool is_mask;
	char *by;    /* the path of what replaced or masked it; NULL: nothing did */
	char *fault; /* why it is broken, or what of it is newer; NULL: neither */
	uint64_t serial; /* 0: unknown */
	size_t n_entries;
};

/* One directory that was looked at. */
struct quirk_dir {
	char *path;
	enum quirk_layer layer;
	bool is_there;
};

struct quirks {
	struct quirk *at; /* active ones in the order of files' names, then the others */
	size_t n;
	struct {
		struct quirk_file *at;
		size_t n;
	} files; /* in the order of names, the highest layer first */
	struct {
		struct quirk_dir *at;
		size_t n;
	} dirs;             /* lowest first */
	struct strs broken; /* one message each: what it denies is not known at all, so everything is held */
	char digest[DIGEST_TEXT]; /* of the bytes of all files, with their layers and names, or of why one has none; "": not loaded */
	struct strs damaged; /* one message a broken file of which enough is known to hold no more than it may deny */
};

/* One entry, checked completely. 0, or -EINVAL with err naming file and element, or -ENOMEM. */
int quirk_from_json(const struct json_at *at, struct err *err, struct quirk *ret);
/*
 * An entry that could not be read completely: name, effect and match as far as they can be; it is never active. Of a name
 * that cannot be read FILE:PLACE stands in. *ret_is_void: nothing of whom it means could be read. 0 or -ENOMEM.
 */
int quirk_salvage(const struct json_at *at, struct quirk *ret, bool *ret_is_void);
/* Is this a name that an entry can have, and not what stands in for one that could not be read. */
bool quirk_is_name(const char *text);
/* Does it keep WC from somebody: deny, hold, no-wc, not-memory, and what is not understood. */
bool quirk_withholds(const struct quirk *quirk);
/* Does it count, and say of a path whether WC works there. */
bool quirk_is_knowledge(const struct quirk *quirk);
void quirk_done(struct quirk *quirk);
/* The entry of this name, an active one rather than another, borrowed; NULL: there is none. */
const struct quirk *quirks_find(const struct quirks *quirks, const char *name);
void quirks_done(struct quirks *quirks);
struct json_object *quirk_to_json(const struct quirk *quirk); /* QUIRK, and the row of `quirks list` */
