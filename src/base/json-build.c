/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-build: output that is whole or absent. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json-measure.h"
#include "base/json.h"

static char poison; /* its address marks a parent that lost a child; it holds nothing */

static void mark(struct json_object *o)
{
	json_object_set_userdata(o, &poison, NULL);
}

struct json_object *json_new_object(void)
{
	return json_object_new_object();
}

struct json_object *json_new_array(void)
{
	return json_object_new_array();
}

/* The bytes of the UTF-8 character at text (RFC 3629, 4); 0 when there is none: what is left is no UTF-8. */
static size_t utf8_length(const char *text)
{
	const unsigned char *b = (const unsigned char *)text;
	size_t n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than needed, a surrogate, or beyond the last code point. */
	if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) || (b[0] == 0xf0 && b[1] < 0x90) ||
	    (b[0] == 0xf4 && b[1] > 0x8f))
		return 0;
	return n;
}

static bool is_utf8(const char *text)
{
	for (size_t n; *text; text += n) {
		n = utf8_length(text);
		if (!n)
			return false;
	}
	return true;
}

/* Firmware writes its names in whatever it likes ("AMD Ryzen\xae"); JSON that is no UTF-8 is no JSON. */
struct json_object *json_new_string(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	_cleanup_free_ char *clean = NULL;
	char *to;

	if (is_utf8(text))
		return json_object_new_string(text);
	to = clean = malloc(3 * strlen(text) + 1);
	if (!clean)
		return NULL;
	while (*text) {
		size_t n = utf8_length(text);

		to = mempcpy(to, n ? text : replacement, n ?: strlen(replacement));
		text += n ?: 1;
	}
	*to = '\0';
	return json_object_new_string(clean);
}

void json_put(struct json_object *o, const char *key, struct json_object *child)
{
	if (!o)
		json_object_put(child);
	else if (!child)
		mark(o);
	else if (json_object_object_add(o, key, child) < 0) {
		json_object_put(child);
		mark(o);
	}
}

void json_put_null(struct json_object *o, const char *key)
{
	if (o && json_object_object_add(o, key, NULL) < 0)
		mark(o);
}

void json_put_string(struct json_object *o, const char *key, const char *text)
{
	if (text)
		json_put(o, key, json_new_string(text));
	else
		json_put_null(o, key);
}

struct json_object *json_new_u64(uint64_t value)
{
	return json_object_new_uint64(value);
}

void json_put_u64(struct json_object *o, const char *key, uint64_t value)
{
	json_put(o, key, json_new_u64(value));
}

void json_put_double(struct json_object *o, const char *key, double value)
{
	char text[64];

	snprintf(text, sizeof(text), "%.4f", value);
	json_put(o, key, json_object_new_double_s(value, text));
}

void json_put_bool(struct json_object *o, const char *key, bool value)
{
	json_put(o, key, json_object_new_boolean(value));
}

void json_put_hex(struct json_object *o, const char *key, uint64_t value, unsigned int digits)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%0*llx", (int)digits, (unsigned long long)value);
	json_put_string(o, key, text);
}

void json_put_strs(struct json_object *o, const char *key, const struct strs *strs)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < strs->n; i++)
		json_push(array, json_new_string(strs->at[i]));
	json_put(o, key, array);
}

void json_push(struct json_object *array, struct json_object *child)
{
	if (!array)
		json_object_put(child);
	else if (!child)
		mark(array);
	else if (json_object_array_add(array, child) < 0) {
		json_object_put(child);
		mark(array);
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): 16 values deep at most */
static bool is_whole(struct json_object *o)
{
	if (json_object_get_userdata(o) == &poison)
		return false;
	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, child) {
			(void)key;
			if (!is_whole(child))
				return false;
		}
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			if (!is_whole(json_object_array_get_idx(o, i)))
				return false;
	}
	return true;
}

static char *print(struct json_object *o)
{
	const int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json_object_to_json_string_ext(o, flags);

	return text ? str_printf("%s\n", text) : NULL;
}

/* json-c prints on when it could not get memory for a part: the text is read again, holds as much, and is printed the same. */
char *json_text(struct json_object *o)
{
	_cleanup_free_ char *text = o && is_whole(o) ? print(o) : NULL;
	_cleanup_(json_done) struct json_object *again = NULL;
	_cleanup_free_ char *same = NULL;

	if (!text || json_parse("output", text, strlen(text), NULL, &again) < 0 ||
	    !json_measure_eq(json_measure_tree(o), json_measure_tree(again)))
		return NULL;
	same = print(again);
	return same && !strcmp(text, same) ? steal(&text) : NULL;
}
