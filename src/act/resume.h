/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume: what is on file for one device, in force again after it came, or its driver changed. */
#pragma once

#include "act/grant.h"
#include "base/err.h"
#include "base/sysroot.h"
#include "decide/event.h"
#include "model/approval.h"

/*
 * Gives and takes what the event says, of files alone: no driver is bound. What cannot be given is taken off event->given, and
 * the reason then says "failed". The caller holds LOCK_POLICY, and warns of what *revoked then has more when it does not
 * any longer. 0, or the first error.
 */
int resume_device(const struct sysroot *root, const struct approval *approval, struct event *event, struct revoked *revoked,
                  struct err *err);
