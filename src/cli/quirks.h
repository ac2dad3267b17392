/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks: the verbs below `quirks`; argv[0..argc) are the words behind theirs. An exit code, or a negative errno with err. */
#pragma once

#include "cli/cli.h"

int quirks_list(const struct options *options, int argc, char **argv, struct err *err);
int quirks_query(const struct options *options, int argc, char **argv, struct err *err);
int quirks_check(const struct options *options, int argc, char **argv, struct err *err);
int quirks_stub(const struct options *options, int argc, char **argv, struct err *err);
int quirks_update(const struct options *options, int argc, char **argv, struct err *err);
int quirks_compile(const struct options *options, int argc, char **argv, struct err *err);
int quirks_status(const struct options *options, int argc, char **argv, struct err *err);
