/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-lint: what json-c accepts in silence. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True when an object of text, which is valid JSON, has a key twice, or one spelled with an escape; ret_at is where, ret_key its (cut) name. */
bool json_lint_duplicate(const char *text, size_t size, size_t *ret_at, char ret_key[static 64]);

/* What text, which json-c took, has that is not for us: a 'string', a number by name (Infinity) or a long one; NULL: nothing. ret_at is where. */
const char *json_lint_foreign(const char *text, size_t size, size_t *ret_at);
