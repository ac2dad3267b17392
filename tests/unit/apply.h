/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply: puts a policy in force as the verbs do: the lock is taken first, and given back. */
#pragma once

#include "tree.h"

#include "act/apply.h"

static inline int apply_policy(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *ret_changed)
{
	int lock = -1, r = lock_take(root, LOCK_POLICY, true, err, &lock);

	if (r == 0)
		r = policy_apply(root, policy, &lock, err, ret_changed);
	assert_int_equal(lock, -1);
	return r;
}
