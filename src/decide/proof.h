/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof: what a record of findings proves of a path and a BAR, and how far that carries. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/verdict.h"

/* This BAR's record; NULL: it was not probed, or the device there is another one now. */
const struct record *proof_of_bar(const struct evidence *evidence, const struct device *device,
                                  const struct bar *bar);

/*
 * Adds a reason for everything in the record that keeps it from being a proof. *ret is SAFE (it proves the path it was
 * made on), UNKNOWN or UNSAFE (a test failed). 0 or -ENOMEM.
 */
int proof_weigh(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                struct nexts *nexts, enum verdict_kind *ret);

/* How the path of this BAR is proven by any record of this machine; BASIS_NONE: it is not. 0 or -ENOMEM. */
int proof_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                  enum basis *ret, const struct record **ret_record);
