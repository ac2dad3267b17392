/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding: what the hardware did in one step of a probe; data, never an error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "model/card.h"
#include "model/device.h"
#include "model/hazard.h"
#include "model/quirk.h"
#include "model/site.h"
#include "model/words.h"

/* In the order in which they run. */
enum step {
	STEP_NONE,
	STEP_LOCATE,     /* where a controller memory buffer is, by the registers of BAR 0 */
	STEP_SAVE,       /* the scratch range's contents are copied away */
	STEP_TYPE,       /* is the mapping what was asked for */
	STEP_BACKGROUND, /* the range is filled with a hash of the offset */
	STEP_SUBWORD,
	STEP_UNALIGNED,
	STEP_SPARSE,
	STEP_WIDE64,
	STEP_WIDE128,
	STEP_ORDER,
	STEP_DRAIN,
	STEP_COHERENT,
	STEP_BURST, /* before whatever stores without end */
	STEP_LIBC,
	STEP_QUIET,
	STEP_BENCH,
	STEP_RESTORE,
	STEP_CONCEAL,    /* what STEP_LOCATE changed in these registers is put back; in no plan: the end of the claim */
	STEPS
};

struct step_info {
	const char *name;
	const char *does;             /* for progress and `probe --plan` */
	const enum hazard *catches;   /* ends with HAZARD_NONE; NULL: none */
	unsigned int deadline_ms;     /* of the child */
	bool is_test;                 /* its outcome decides a verdict; otherwise it serves the tests */
};
extern const struct step_info step_infos[STEPS];

enum outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_NOT_EXERCISED, /* correct, but nothing shows that stores combined here */
	OUTCOME_UNSUPPORTED,   /* the CPU, the kernel or the machine does not have what it takes */
	OUTCOME_SKIPPED,       /* it could not be made, or not to its end; with what it takes it could be */
	OUTCOME_DIED, /* the child was killed, ran out of time, or replied garbage */
	OUTCOMES
};
extern const char *const outcome_names[OUTCOMES];
/* Does it speak against the BAR or its path? */
bool outcome_is_bad(enum outcome outcome);

struct number {
	char *name; /* "bad_offset", "wc_median_mbps": the unit is in the name */
	double value;
};

struct numbers {
	struct number *at;
	size_t n;
};
int numbers_add(struct numbers *numbers, const char *name, double value);
const struct number *numbers_find(const struct numbers *numbers, const char *name);
/* Of a step that failed: a port above the device told of an error, so that any device behind it is concerned. */
#define NUMBER_PORT_ERRORS "port_errors"

struct finding {
	enum step step;
	enum outcome outcome;
	enum scope scope;
	char *text; /* one sentence */
	struct numbers numbers;
	uint64_t time_s; /* since the epoch; 0: unknown */
};

/* All that one probe of one BAR measured, with what it depends on: the file findings/ADDRESS-barN.json. */
struct record {
	struct pci_address address;
	uint8_t bar;
	uint16_t vendor, device;
	uint8_t revision;
	struct card card;
	struct range range;    /* what was touched */
	char *path_key;        /* path_key() when it was probed */
	uint64_t bar_base;     /* where the BAR was, and how large; 0: an earlier version wrote it, or model/import.h */
	uint64_t bar_size_bytes;
	char *machine;         /* fingerprint_machine(): findings of another machine prove nothing here; NULL: model/import.h */
	char *boot_id;         /* NULL likewise */
	bool errors_observed;  /* error registers could be read before and after */
	enum containment containment;
	struct finding *at;
	size_t n;
};

struct records {
	struct record *at;
	size_t n;
};

/* Names the BAR that it is of, and where that is now. */
void record_bind(struct record *record, const struct device *device, const struct bar *bar);
uint64_t record_time_s(const struct record *record); /* of its last finding; 0: unknown */
const struct finding *record_find(const struct record *record, enum step step); /* NULL: did not run */
void finding_done(struct finding *finding);
void record_done(struct record *record);
void records_done(struct records *records);
struct json_object *finding_to_json(const struct finding *finding);
struct json_object *record_to_json(const struct record *record);
int record_from_json(const struct json_at *at, struct err *err, struct record *ret);
