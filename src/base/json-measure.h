/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json-measure: how much a document holds. When memory is short json-c 0.16 leaves out a member, or a part of a string or of its text,
 * without a word: what comes out of it is measured, and is whole only when it holds as much as what went in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct json_measure {
	size_t values; /* of each kind, null among them */
	size_t nulls;  /* a value that json-c lost in an array reads as one */
	size_t bytes;  /* of keys and strings, as they are in memory */
};

/* The measure of JSON text; of other text it is any. */
struct json_measure json_measure_text(const char *text, size_t size);
/* The measure of a tree; NULL is null. */
struct json_measure json_measure_tree(struct json_object *o);
/* The code point, above U+FFFF, of the surrogate pair that is escaped at text (\uD83D\uDE00); 0: there is none. */
unsigned int json_escape_pair(const char *text, size_t left);
bool json_measure_eq(struct json_measure a, struct json_measure b);
