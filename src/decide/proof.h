/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof: what a record of findings proves of a path and a BAR, and how far that carries. Pure. */
#pragma once

#include "decide/evidence.h"
#include "decide/fingerprint.h"
#include "decide/imported.h"
#include "model/verdict.h"

/* This BAR's record; NULL: it was not probed, or the device there is another one now. Unless record->card is known it may be. */
const struct record *proof_of_bar(const struct evidence *evidence, const struct device *device,
                                  const struct bar *bar);

/* Where it has none: by which of its ids the device that was probed at its address is another one. NULL: none was. */
const struct fingerprint_part *proof_of_another(const struct evidence *evidence, const struct device *device, const struct bar *bar);

/*
 * Adds a reason for everything in the record that keeps it from being a proof. *ret is SAFE (it proves the path it was
 * made on), UNKNOWN or UNSAFE (a test failed). 0 or -ENOMEM.
 */
int proof_weigh(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                struct nexts *nexts, enum verdict_kind *ret);

/* Is the failure of this step the path's: any device behind it would see the same. */
bool proof_is_of_path(enum step step);

/* Does this finding speak against the path: such a step failed, or a port told of an error during any. */
bool proof_fails_path(const struct finding *finding);

/* What would tell whether what the record holds is so still. 0 or -ENOMEM. */
int proof_next_probe(const struct record *record, struct nexts *nexts);

struct path_proof {
	enum basis basis;              /* BASIS_NONE: no record proves it */
	const struct record *record;   /* which one does, of BASIS_IMPORTED another machine's; borrowed, NULL: none */
	const struct record *failed;   /* a test of the path failed in this one, so that none proves it; NULL: in none */
	const struct finding *failure; /* that test */
	const struct journal_entry *death; /* the host died in a probe of a BAR on this path, so that nothing proves it; NULL: in none */
	struct imported imported;      /* of other machines; what it warns of is for the caller to weigh */
};

/* What all records of this machine together say of the path of this BAR. 0 or -ENOMEM. */
int proof_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                  struct path_proof *ret);
