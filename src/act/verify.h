/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: where the system is not what the policy says. Changes nothing. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"

/* One place that differs: the file, and how it should be. */
struct drift {
	char *path, *text;
};

struct drifts {
	struct drift *at;
	size_t n;
};

void drifts_done(struct drifts *drifts);
/* Takes text, which may be NULL: -ENOMEM then. */
int drifts_add(struct drifts *drifts, const char *path, char *text);
/*
 * A drift for each row that is not in force, and for each device that an approval names and the policy does not: what it
 * granted may still be; and for each pin that the policy does not have, or that holds a BAR that it does not pin; and for
 * each mark that is none of its; and for what others give, or set (act/foreign.h). 0 or a negative errno.
 */
int policy_verify(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret);
