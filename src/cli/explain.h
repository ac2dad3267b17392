/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain: what `explain` prints, which is also what `probe` prints in the end. */
#pragma once

#include "cli/cli.h"

/* The targets, or without any the selected devices. */
int explain_machine(const struct machine *machine, const struct targets *targets, const struct options *options,
                    struct err *err);
