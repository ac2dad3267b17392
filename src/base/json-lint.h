/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-lint: what json-c accepts in silence. */
#pragma once

#include <stddef.h>

/*
 * What is wrong with a key of an object of text, which is valid JSON: it is there twice, is spelled with an escape, or is one of too many;
 * NULL: nothing. ret_at is where, ret_key its (cut) name.
 */
const char *json_lint_key(const char *text, size_t size, size_t *ret_at, char ret_key[static 64]);

/*
 * What text, which json-c took, has that is not for us: a 'string', a number by name (Infinity) or a long one, an escape that was not
 * understood; NULL: nothing. ret_at is where.
 */
const char *json_lint_foreign(const char *text, size_t size, size_t *ret_at);
