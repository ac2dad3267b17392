/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuinfo: /proc/cpuinfo, whose keys and shape each architecture chose for itself. */
#pragma once

#include <stdbool.h>

#include "base/sysroot.h"

/* The lines of the first processor. The caller frees *ret. */
int cpuinfo_first(const struct sysroot *root, char **ret);

/* The value of "key : value", which the caller frees; NULL when there is no such line. 0 or -ENOMEM. */
int cpuinfo_value(const char *lines, const char *key, char **ret);
/* The same as a number of at most 16 bits; UINT64_MAX when it is none, or missing. */
uint64_t cpuinfo_number(const char *lines, const char *key);
/* Is word among the blank-separated words of the value. */
bool cpuinfo_has_word(const char *lines, const char *key, const char *word);
