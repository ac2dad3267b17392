/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-lint: what json-c accepts in silence. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True when an object of text, which is valid JSON, has a key twice, or one spelled with an escape; ret_at is where, ret_key its (cut) name. */
bool json_lint_duplicate(const char *text, size_t size, size_t *ret_at, char ret_key[static 64]);

/* True when text, which json-c took, has a 'string' or a number by name (Infinity): ret_at is where. */
bool json_lint_foreign(const char *text, size_t size, size_t *ret_at);
