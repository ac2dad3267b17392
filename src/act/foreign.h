/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreign: what others do to what a policy gives, or to what it does not give. Changes nothing. */
#pragma once

#include "act/verify.h"

/*
 * A drift for each resourceN_wc that is open to others than root, and not by this policy, nor, by what drifts has of it, by an
 * earlier one. 0 or a negative errno.
 */
int foreign_grants(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *drifts);
/*
 * A drift for each rule of udev, and each line of tmpfiles.d(5), that sets a property of pciwc or names a resourceN_wc, and
 * for a file that stands for pciwc's own rule. 0 or -ENOMEM: what cannot be read says nothing.
 */
int foreign_rules(const struct sysroot *root, struct drifts *drifts);
