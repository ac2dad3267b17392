/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * imported: what findings of other machines of the same silicon say of a path here. Pure. Only findings made on hardware,
 * and only on hardware: a virtual machine's path is the hypervisor's, whatever its devices look like.
 */
#pragma once

#include "decide/evidence.h"
#include "model/verdict.h"

enum fit {
	FIT_NONE,
	FIT_PROVES, /* the same path of the same silicon, and all tests that a proof needs passed */
	FIT_WARNS,  /* the same hardware, and a test of the path failed: nothing that passed outweighs that */
};

/*
 * Whether a record proves anything on this machine, whatever its path: *ret is SAFE, or UNKNOWN with a reason for
 * each thing that keeps it from that. 0 or -ENOMEM.
 */
int imported_weigh(const struct evidence *evidence, const struct import *import, const struct record *record,
                   struct reasons *reasons, enum verdict_kind *ret);

/* What the record is to the path of this BAR. *ret_failure is the test of FIT_WARNS, else NULL. 0 or -ENOMEM. */
int imported_fit(const struct evidence *evidence, const struct import *import, const struct record *record,
                 const struct device *device, const struct bar *bar, enum fit *ret, const struct finding **ret_failure);

/* What all that the site imports says of the path of one BAR; all borrowed. */
struct imported {
	const struct import *import; /* proves it, by this record; NULL: none */
	const struct record *record;
	const struct import *against; /* warns of it, by this test; NULL: none */
	const struct record *failed;
	const struct finding *failure;
};
int imported_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                     struct imported *ret);
