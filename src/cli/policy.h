/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: what the verbs share that put a policy in force. */
#pragma once

#include "cli/cli.h"

/*
 * Waits for udev, takes the policy's lock, and only then loads and judges the machine, so that no older judgement follows a
 * newer one; then puts in force what the machine is to have. *ret_changed: how many places were not so already. ret is the
 * caller's to release also after an error, and then says as much as was found out. 0 or a negative errno.
 */
int policy_renew(const struct options *options, struct err *err, struct machine *ret, unsigned int *ret_changed);
/* Prints what came of it: did is the verb. 0 or a negative errno. */
int policy_report(bool json, const char *did, unsigned int changed, struct err *err);
/*
 * After a probe: waits for the policy's lock, and judges again a machine that was judged before it. Where a BAR that an approval gives, or programs are told of,
 * is not safe any more, the policy is renewed (at boot only what it takes back: the next unit gives), which the log says, and machine has what is on file then; otherwise nothing
 * is written. 0, or a negative errno with err.
 */
int policy_follow(const struct options *options, struct machine *machine, struct err *err);
