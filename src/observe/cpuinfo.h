/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuinfo: /proc/cpuinfo, whose keys and shape each architecture chose for itself. */
#pragma once

#include <stdbool.h>

#include "base/sysroot.h"

/* The lines of the first processor. The caller frees *ret. */
int cpuinfo_first(const struct sysroot *root, char **ret);

/* The value of "key : value"; NULL when there is no such line, or memory is out. The caller frees it. */
char *cpuinfo_value(const char *lines, const char *key);
/* Is word among the blank-separated words of the value. */
bool cpuinfo_has_word(const char *lines, const char *key, const char *word);
