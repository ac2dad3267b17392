/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: what the verbs share that put a policy in force. */
#pragma once

#include "cli/cli.h"

/* Renders what the judged machine is to have, applies it and says what changed. 0 or a negative errno. */
int policy_enforce(const struct machine *machine, const char *did, bool json, struct err *err);
