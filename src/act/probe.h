/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe: one BAR from claim to findings: claim, save, journal, step, check, restore, release. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/finding.h"
#include "model/kernel.h"
#include "model/plan.h"
#include "model/platform.h"

struct probe_progress {
	void (*step)(void *data, const struct plan *plan, size_t i); /* plan->at[i] begins */
	void (*done)(void *data, const struct finding *finding);     /* and this is what came of it */
	void *data;
};

/*
 * Executes an allowed plan on the live machine. 0 and the record, which is in the store already, and in which a died or
 * failed step is a finding; a negative errno with err when the device could not be claimed (ids of claim_take) or the
 * journal not be written: then nothing was touched; or "interrupted", after everything was put back. path_key and machine
 * go into the record.
 */
int probe_run(const struct sysroot *root, const struct plan *plan, enum scope scope, const char *path_key,
              const char *machine, const struct probe_progress *progress, struct err *err, struct record *ret);
