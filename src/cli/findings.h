/* SPDX-License-Identifier: GPL-2.0-or-later */
/* findings: the half of the verb that looks at what came from elsewhere. */
#pragma once

#include "cli/cli.h"

/* `findings import [--install] FILE`: argv holds the words behind "import". */
int findings_import(const struct options *options, const struct machine *machine, int argc, char **argv, struct err *err);
