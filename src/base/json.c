/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json: strict reading with json-c, and typed access that names the bad element. */
#include "base/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json-lint.h"
#include "base/json-measure.h"
#include "base/num.h"

#define DEPTH_MAX 16

void json_done(struct json_object **o)
{
	if (*o)
		json_object_put(*o);
	*o = NULL;
}

static void free_tokener(struct json_tokener **t)
{
	if (*t)
		json_tokener_free(*t);
}

static unsigned int line_of(const char *text, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

/* No text here is too large for it, so both are the same: 0.18 exchanged the numbers of the two, which a build does not see. */
static bool is_short_of_memory(enum json_tokener_error e)
{
#if JSON_C_VERSION_NUM >= 17 << 8
	if (e == json_tokener_error_memory)
		return true;
#endif
	return e == json_tokener_error_size;
}

int json_parse(const char *file, const char *text, size_t size, struct err *err, struct json_object **ret)
{
	_cleanup_(free_tokener) struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	_cleanup_(json_done) struct json_object *o = NULL;
	char key[64];
	size_t at;

	if (!tokener)
		return -ENOMEM;
	if (size > 64 << 20)
		return err_set(err, -EFBIG, "bad-json", "%s: larger than 64 MiB", file);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* The terminating NUL tells the parser that nothing follows: without it a number at the end stays open. */
	o = json_tokener_parse_ex(tokener, text, (int)size + 1);

	enum json_tokener_error e = json_tokener_get_error(tokener);

	at = json_tokener_get_parse_end(tokener);
	if (is_short_of_memory(e))
		return -ENOMEM;
	if (e != json_tokener_success)
		return err_set(err, -EINVAL, "bad-json", "%s: line %u: %s, expected JSON", file,
		               line_of(text, at < size ? at : size), json_tokener_error_desc(e));
	if (at > size)
		at = size;

	struct json_measure tree = json_measure_tree(o), read = json_measure_text(text, at);
	const char *foreign, *wrong;
	size_t bad;

	/* json-c takes 'strings' even when it is told to be strict: the look for duplicates would not see them. */
	foreign = json_lint_foreign(text, at, &bad);
	if (foreign)
		return err_set(err, -EINVAL, "bad-json", "%s: line %u: %s, expected JSON", file, line_of(text, bad), foreign);
	/* json-c silently keeps the last of two equal keys; a reader would trust the first. */
	wrong = json_lint_key(text, at, &bad, key);
	if (wrong)
		return err_set(err, -EINVAL, "bad-json", "%s: line %u: the key \"%s\" %s", file, line_of(text, bad), key, wrong);
	if (!json_measure_eq(tree, read))
		return -ENOMEM;
	for (; at < size; at++)
		if (!strchr(" \t\r\n", text[at]) || !text[at])
			return err_set(err, -EINVAL, "bad-json", "%s: line %u: something follows the JSON value", file,
			               line_of(text, at));
	*ret = steal(&o);
	return 0;
}

struct json_at json_top(struct json_object *o, const char *file)
{
	return (struct json_at){ .o = o, .file = file };
}

int json_expected(const struct json_at *at, struct err *err, const char *what)
{
	return err_set(err, -EINVAL, "bad-file", "%s: %s%sexpected %s", at->file, at->path, at->path[0] ? ": " : "",
	               what);
}

enum json_kind json_kind(const struct json_at *at)
{
	switch (json_object_get_type(at->o)) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_double:
	case json_type_int:
		return JSON_NUMBER;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	case json_type_null:
		break;
	}
	return JSON_NULL;
}

/* A path that grows too long keeps its end readable: messages are for people. */
static void name_child(const struct json_at *parent, struct json_at *child, const char *key, size_t index)
{
	size_t before = strnlen(parent->path, 54), length;
	char number[24];

	/* By hand: it is done for each element of a file, and almost never read. */
	if (!key) {
		snprintf(number, sizeof(number), "[%zu]", index);
		length = strlen(number);
	} else {
		length = strnlen(key, 60);
	}
	memcpy(child->path, parent->path, before);
	if (key && before)
		child->path[before++] = '.';
	memcpy(child->path + before, key ?: number, length);
	child->path[before + length] = '\0';
}

bool json_member(const struct json_at *at, const char *key, struct json_at *ret)
{
	struct json_object *o;

	if (json_kind(at) != JSON_OBJECT || !json_object_object_get_ex(at->o, key, &o))
		return false;

	struct json_at member = { .o = o, .file = at->file };

	name_child(at, &member, key, 0);
	*ret = member;
	return true;
}

int json_need(const struct json_at *at, const char *key, const char *what, struct err *err, struct json_at *ret)
{
	if (json_member(at, key, ret))
		return 0;

	struct json_at missing = { .file = at->file };

	name_child(at, &missing, key, 0);
	return err_set(err, -EINVAL, "bad-file", "%s: %s: missing, expected %s", at->file, missing.path, what);
}

size_t json_length(const struct json_at *array)
{
	return json_kind(array) == JSON_ARRAY ? json_object_array_length(array->o) : 0;
}

struct json_at json_element(const struct json_at *array, size_t i)
{
	struct json_at element = { .o = json_object_array_get_idx(array->o, i), .file = array->file };

	name_child(array, &element, NULL, i);
	return element;
}

const char *json_nth(const struct json_at *object, size_t i, struct json_at *ret)
{
	if (json_kind(object) != JSON_OBJECT)
		return NULL;
	json_object_object_foreach(object->o, key, value) {
		if (i--)
			continue;

		struct json_at member = { .o = value, .file = object->file };

		name_child(object, &member, key, 0);
		*ret = member;
		return key;
	}
	return NULL;
}

int json_only(const struct json_at *at, const char *const keys[], struct err *err)
{
	if (json_kind(at) != JSON_OBJECT)
		return json_expected(at, err, "an object");
	json_object_object_foreach(at->o, key, value) {
		size_t i = 0;

		(void)value;
		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (!keys[i]) {
			struct json_at member = { .file = at->file };

			name_child(at, &member, key, 0);
			return err_set(err, -EINVAL, "bad-file", "%s: %s: unknown key, expected one of %s, ...", at->file,
			               member.path, keys[0]);
		}
	}
	return 0;
}

int json_string(const struct json_at *at, struct err *err, const char **ret)
{
	if (json_kind(at) != JSON_STRING || !json_object_get_string_len(at->o))
		return json_expected(at, err, "a non-empty string");

	const char *text = json_object_get_string(at->o);

	if (strlen(text) != (size_t)json_object_get_string_len(at->o))
		return json_expected(at, err, "a string without NUL");
	*ret = text;
	return 0;
}

int json_flag(const struct json_at *at, struct err *err, bool *ret)
{
	if (json_kind(at) != JSON_BOOL)
		return json_expected(at, err, "true or false");
	*ret = json_object_get_boolean(at->o);
	return 0;
}

int json_double(const struct json_at *at, double min, double max, struct err *err, double *ret)
{
	double value = json_kind(at) == JSON_NUMBER ? json_object_get_double(at->o) : NAN;
	char what[64];

	if (!(value >= min && value <= max)) {
		snprintf(what, sizeof(what), "a number from %g to %g", min, max);
		return json_expected(at, err, what);
	}
	*ret = value;
	return 0;
}

static int number_u64(const struct json_at *at, uint64_t *ret)
{
	switch (json_object_get_type(at->o)) {
	case json_type_int:
		/* Clamped values cannot be told from the limits themselves: the limits are refused too. */
		if (json_object_get_int64(at->o) < 0 || json_object_get_uint64(at->o) >= INT64_MAX)
			return -ERANGE;
		*ret = json_object_get_uint64(at->o);
		return 0;
	case json_type_string:
		return parse_u64(json_object_get_string(at->o), 0, 0, UINT64_MAX, ret);
	default:
		return -EINVAL;
	}
}

int json_u64(const struct json_at *at, uint64_t min, uint64_t max, struct err *err, uint64_t *ret)
{
	uint64_t value;
	char what[96];

	if (number_u64(at, &value) < 0 || value < min || value > max) {
		snprintf(what, sizeof(what), "an integer from 0x%llx to 0x%llx", (unsigned long long)min,
		         (unsigned long long)max);
		return json_expected(at, err, what);
	}
	*ret = value;
	return 0;
}

int json_need_u64(const struct json_at *at, const char *key, uint64_t max, struct err *err, uint64_t *ret)
{
	struct json_at member;
	int r = json_need(at, key, "an integer", err, &member);

	return r < 0 ? r : json_u64(&member, 0, max, err, ret);
}

int json_strs(const struct json_at *at, struct err *err, struct strs *ret)
{
	const char *text;
	int r;

	if (json_kind(at) != JSON_ARRAY) {
		r = json_string(at, err, &text);
		return r < 0 ? r : strs_add(ret, text);
	}
	if (!json_length(at))
		return json_expected(at, err, "at least one string");
	for (size_t i = 0; i < json_length(at); i++) {
		struct json_at element = json_element(at, i);

		r = json_string(&element, err, &text);
		if (r == 0)
			r = strs_add(ret, text);
		if (r < 0)
			return r;
	}
	return 0;
}
