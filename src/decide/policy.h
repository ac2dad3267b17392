/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: from verdicts to the files and attributes that grant what is granted. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/policy.h"
#include "model/verdict.h"

/*
 * The rows in the order in which apply carries them out: approvals, marks of unsafe paths, grants, drivers and their lists, pins, the publication. verdicts runs parallel to
 * evidence->devices. 0 or -ENOMEM.
 */
int policy_render(const struct evidence *evidence, const struct device_verdict *verdicts, struct policy *ret);
