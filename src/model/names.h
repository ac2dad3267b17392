/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names: finds a word in a name table. */
#pragma once

#include <stddef.h>

#include "base/json.h"

/* The index of name among names[0..n); -1 when it is none, or names[0] (which stands for zero, unknown). */
int name_find(const char *const names[], size_t n, const char *name);
/* A JSON string that must be one of names[1..n): -EINVAL and "expected one of a, b, c". */
int name_from_json(const struct json_at *at, const char *const names[], size_t n, struct err *err, int *ret);
