/* SPDX-License-Identifier: GPL-2.0-or-later */
/* marks: the files that say of which devices the path is unsafe (model/policy.h, MARKS_DIR). */
#pragma once

#include "base/err.h"
#include "base/strs.h"
#include "base/sysroot.h"
#include "model/policy.h"

/* The paths of what lies there and is none of the policy's marks. 0 or a negative errno. */
int marks_foreign(const struct sysroot *root, const struct policy *policy, struct err *err, struct strs *ret);
/* Removes those; *changed grows by their number. All of them, also after one failed: the first error. */
int marks_sweep(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *changed);
