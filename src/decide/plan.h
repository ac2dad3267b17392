/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: may this BAR be probed, where, and by which steps. The database is asked before anything is touched. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/plan.h"

/* i indexes device->bars and expectation->bars. 0 or -ENOMEM. */
int plan_bar(const struct evidence *evidence, const struct device *device, size_t i,
             const struct expectation *expectation, struct plan *ret);
