/* SPDX-License-Identifier: GPL-2.0-or-later */
/* taken: which of what was given a policy takes back; apply.c does it, and who asks first is told. Changes nothing. */
#pragma once

#include <stdbool.h>

#include "act/approvals.h"
#include "act/verify.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"

/*
 * resourceN_wc of this BAR, the module's driver, the approval itself. A file is also taken from a group that the policy does not
 * give it to: what stands in the way of giving it to another one, such as that there is none, must not leave it there.
 */
bool taken_file(const struct sysroot *root, const struct approval *approval, const struct policy *policy, unsigned int bar);
bool taken_driver(const struct approval *approval, const struct policy *policy);
bool taken_approval(const struct approval *approval, const struct policy *policy);
/* The pin of a device that has an approval: one process pins all of a device, so with one BAR less it ends, and begins anew. */
bool taken_pin(const struct approval *approval, const struct policy *policy);
/*
 * What an approval may say from before that on: nothing by which an event gives, or a pin begins, what is taken back, nor of what else the
 * policy does not approve any more; but all that has to be taken back, and what was there before. *ret borrows from the approval.
 * 1: it says more; 0: it does not, or is not readable, so that no event gives anything of it; or -ENOMEM.
 */
int taken_rest(const struct approval *approval, const struct policy *policy, struct approval *ret);
/* Any pin, whatever is on file of its device. What cannot be looked at may be a good one. */
bool taken_unapproved_pin(const struct sysroot *root, const struct policy *policy, const struct pci_address *address);

/*
 * A row for each of these that there is, for each pin that ends for another one to begin, and for each mark that goes: its
 * path, and what becomes of it, or why that cannot be told. *ret is the caller's, drifts_done frees it. 0 or a negative errno.
 */
int policy_taken(const struct sysroot *root, const struct policy *policy, struct err *err, struct drifts *ret);
