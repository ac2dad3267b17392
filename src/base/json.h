/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json: the only door to json-c. Loading is strict and names the bad element ("quirks/30-soc.json: entries[3].why:
 * expected a string"); building never fails half-way: an element that memory was too short for is found by json_text.
 * What json-c itself loses when memory is short is found in both ways, by measuring.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strs.h"

struct json_object;

void json_done(struct json_object **o);

/*
 * Parses text (UTF-8, one value, no comments, no duplicate keys, depth at most 16). file is for messages only.
 * The caller puts *ret with json_done. -EINVAL and err when it is no such text, -ENOMEM when not all of it could be kept.
 */
int json_parse(const char *file, const char *text, size_t size, struct err *err, struct json_object **ret);

/* ---- reading: a place is a value and how to name it ---- */

struct json_at {
	struct json_object *o; /* borrowed from the document */
	const char *file;
	char path[128]; /* "entries[3].match[0]", "" at the top */
};

struct json_at json_top(struct json_object *o, const char *file);

/* -EINVAL with err "FILE: PATH: expected WHAT". */
int json_expected(const struct json_at *at, struct err *err, const char *what);

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_kind json_kind(const struct json_at *at);

/* The member key of an object: true, and *ret set, when it is there. */
bool json_member(const struct json_at *at, const char *key, struct json_at *ret);
/* The same, but required: -EINVAL "FILE: PATH.key: expected WHAT" when it is missing. */
int json_need(const struct json_at *at, const char *key, const char *what, struct err *err, struct json_at *ret);
size_t json_length(const struct json_at *array);
struct json_at json_element(const struct json_at *array, size_t i);
/* The i-th member of an object, in the order of the file: its key, or NULL behind the last. */
const char *json_nth(const struct json_at *object, size_t i, struct json_at *ret);

/* Refuses a value that is no object, and members that are not among keys (NULL-terminated). */
int json_only(const struct json_at *at, const char *const keys[], struct err *err);

/* Typed values: -EINVAL and err when the type or the range is another one. Strings are borrowed from the document. */
int json_string(const struct json_at *at, struct err *err, const char **ret); /* not empty */
int json_flag(const struct json_at *at, struct err *err, bool *ret);
int json_double(const struct json_at *at, double min, double max, struct err *err, double *ret);
/* A JSON integer, or a string "0x.." or of digits: numbers beyond 2^53 and addresses are written as strings. */
int json_u64(const struct json_at *at, uint64_t min, uint64_t max, struct err *err, uint64_t *ret);
/* The member key, which must be there, at most max. */
int json_need_u64(const struct json_at *at, const char *key, uint64_t max, struct err *err, uint64_t *ret);
/* One string, or a non-empty array of strings: appended to ret. */
int json_strs(const struct json_at *at, struct err *err, struct strs *ret);

/* ---- building: each takes over the child; a NULL child (out of memory) poisons the parent ---- */

struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text); /* not NULL; what is no UTF-8 in it becomes U+FFFD */
struct json_object *json_new_u64(uint64_t value);
void json_put(struct json_object *o, const char *key, struct json_object *child);
void json_put_null(struct json_object *o, const char *key);
void json_put_string(struct json_object *o, const char *key, const char *text); /* NULL text is null */
void json_put_u64(struct json_object *o, const char *key, uint64_t value);
void json_put_double(struct json_object *o, const char *key, double value); /* 4 significant decimals */
void json_put_bool(struct json_object *o, const char *key, bool value);
void json_put_hex(struct json_object *o, const char *key, uint64_t value, unsigned int digits); /* "0x%0*x" */
void json_put_strs(struct json_object *o, const char *key, const struct strs *strs);
void json_push(struct json_object *array, struct json_object *child);

/* The text, pretty-printed and ending in a newline, which the caller frees; NULL when memory was too short anywhere. */
char *json_text(struct json_object *o);
