/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify: where the system is not what the policy says. Changes nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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
/* Is there one of this file. */
bool drifts_has(const struct drifts *drifts, const char *path);
/* Takes text, which may be NULL: -ENOMEM then. Control characters of either become others. */
int drifts_add(struct drifts *drifts, const char *path, char *text);
/*
 * A drift for each thing that apply would take back (act/taken.h), for each row that is not in force, and for what others
 * give, or set (act/foreign.h). 0 or a negative errno.
 */
int policy_verify(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret);
