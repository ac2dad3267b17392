/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply: makes the system what the policy says; twice is as good as once. */
#pragma once

#include "act/approvals.h"
#include "act/lock.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"

/*
 * *lock is LOCK_POLICY, taken before what the policy rests on was read: otherwise an older judgement could follow a newer one.
 * It is given back, and *lock -1, before the first event is announced, and whatever comes of it: what an event runs waits
 * for the lock, and so does a pin, which is given behind that.
 * Carries out the rows in order (approvals and marks first, grants, drivers and lists, the publication last), after taking back every grant of an
 * approval that the policy no longer has, or has for another group, and ending every pin and removing every mark that it has not. *ret_changed counts what
 * was not already so. A grant that fails keeps no other one from being given.
 * Before anything is taken back it is taken off the approvals on disk, so that no event gives it again, whatever of this fails. On an error what is granted is a subset of the old and the new policy together, never more, and what is published is the verdicts, with
 * nothing granted, or nothing at all where even that fails; an approval that was on disk is the policy's, or, where something of its device could not be taken
 * back, what was of it before, without what the policy does not have. Who still has what was taken back is named at the very end.
 */
int policy_apply(const struct sysroot *root, const struct policy *policy, int *lock, struct err *err, unsigned int *ret_changed);
/*
 * The same, but gives nothing: takes back what the policy no longer has, and publishes the verdicts with nothing granted. Who has
 * no CAP_CHOWN can do that, for the group that a file then has is root's own. No mark is removed: with one a path is unsafe, whatever is published,
 * and who judged before somebody else did may not know why it is there.
 */
int policy_take(const struct sysroot *root, const struct policy *policy, int *lock, struct err *err, unsigned int *ret_changed);
/*
 * Puts every attribute named in an approval back to root:root 0600, ends every pin, and removes approvals, publication and marks. What fails is
 * said, the rest is done all the same, and its approval is kept for the next try, and gives nothing.
 */
int policy_revert(const struct sysroot *root, struct err *err, unsigned int *ret_changed);
