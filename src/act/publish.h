/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publish: the publication of a policy, and the marks of unsafe paths, where it is not the row of an apply that writes them. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"


/* Is what the policy publishes what is published. */
bool is_published(const struct sysroot *root, const struct policy *policy);
/* Nothing is: readers learn that nothing is granted. *changed grows by what changed. 0 or a negative errno with err. */
int unpublish(const struct sysroot *root, struct err *err, unsigned int *changed);
/*
 * After a failure, or where nothing is to be given: what was published before may be granted no longer, and what is, nobody can
 * rely on now; but whether a path is safe is true all the same, and keeps guests from those that are not, or has who gives them
 * one warned. Where even that cannot be written, nothing is published. The first error, with err: a mark is missing, or what is published is not true.
 */
int publish_paths(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *changed);
