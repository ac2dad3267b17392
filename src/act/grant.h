/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grant: group and mode of one resourceN_wc, given and taken back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "act/approvals.h"
#include "act/mappers.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"
#include "model/tri.h"

/* The group of this name on root's machine. -ENOENT, "no-such-group": there is none, or another negative errno. */
int grant_group(const struct sysroot *root, const char *name, struct err *err, gid_t *ret);

/*
 * Gives the row's group its mode, when the device is still the row's. *ret_changed: it was not so already. Ids
 * "no-such-device", "no-such-group", "vanished", "bad-policy"; then nothing is changed.
 */
int grant_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
/* Has the row's file its group and mode, and is it the row's device's. */
bool grant_is_so(const struct sysroot *root, const struct write *write);
/* Why it is not so, and what the file has instead; the caller frees it. NULL: memory is out. */
char *grant_fault(const struct sysroot *root, const struct write *write);
/* Is a BAR's file, of the approval's device, other than root:root 0600: 1, 0, or a negative errno for what could not be looked at. */
int grant_is_given(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err);
/*
 * Is what an approval has given another group's than the row's, or the row's group not to be found: then it is somebody's to
 * whom no policy gives it. false where it cannot be looked at, for the same keeps it from being given.
 */
bool grant_is_of_another(const struct sysroot *root, const struct approval *approval, const struct write *write);
/* BARs that were taken back; revoked_done frees it. */
struct revoked {
	struct mappers_bar *at;
	size_t n;
};

void revoked_done(struct revoked *revoked);
/*
 * Names who still has one of them mapped, or open, in warnings, for neither is taken back. It can take seconds, which a user
 * chooses (act/mappers.h): for the end, when nothing is left to do, and no lock is held.
 */
void revoked_warn(const struct sysroot *root, const struct revoked *revoked);
/* root:root 0600 again, and one more of *revoked. A device, or a file, that is no longer there took its grant along: 0. */
int grant_take(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err,
               struct revoked *revoked, bool *ret_changed);
