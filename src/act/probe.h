/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe: one BAR from claim to findings: claim, save, journal, step, check, restore, release. */
#pragma once

#include "act/bench-run.h"
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

/* What a probe is told of the machine. */
struct probe_about {
	enum scope scope;
	const char *path_key, *machine; /* they go into the record */
	struct ceiling ceiling;         /* of the plan's BAR; all 0: unknown. Its bounds go to the children. */
};

/*
 * Executes an allowed plan on the live machine. 0 and the record, which is in the store already, and in which a died or
 * failed step is a finding; a negative errno with err when the device could not be claimed (ids of claim_take) or the
 * journal not be written: then nothing was touched; or "interrupted", after everything was put back.
 */
int probe_run(const struct sysroot *root, const struct plan *plan, const struct probe_about *about,
              const struct probe_progress *progress, struct err *err, struct record *ret);

/*
 * The same, and after the last test, when none has failed, the long benchmark. A plan without tests is for a BAR that
 * has passed them: its record is not kept, and that of the tests stays. It ends at an instruction that failed or died.
 */
int probe_bench(const struct sysroot *root, const struct plan *plan, const struct probe_about *about,
                struct bench_order *order, const struct probe_progress *progress, struct err *err, struct record *ret);
