/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-measure: counts values and the bytes of strings, in a text and in a tree. */
#include "base/json-measure.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

/* The code unit of the escape \uXXXX at text; -1 when there is none. */
static int unit_of(const char *text, size_t left)
{
	char digits[5] = "";

	if (left < 6 || text[0] != '\\' || text[1] != 'u')
		return -1;
	memcpy(digits, text + 2, 4);
	return (int)strtoul(digits, NULL, 16);
}

unsigned int json_escape_pair(const char *text, size_t left)
{
	int high = unit_of(text, left), low = high < 0 ? -1 : unit_of(text + 6, left - 6);

	if (high < 0xd800 || high >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
		return 0;
	return 0x10000u + (((unsigned int)high & 0x3ffu) << 10) + ((unsigned int)low & 0x3ffu);
}

/* The bytes of UTF-8 that an escape stands for; ret_length is its own. Half a pair becomes U+FFFD, of three bytes, too. */
static size_t escape_bytes(const char *text, size_t left, size_t *ret_length)
{
	int unit = unit_of(text, left);

	*ret_length = unit < 0 ? 2 : 6;
	if (unit < 0x80)
		return 1;
	if (json_escape_pair(text, left)) {
		*ret_length = 12;
		return 4;
	}
	return unit < 0x800 ? 2 : 3;
}

/* Adds the bytes of the string whose opening quote is at i; returns where it closes. */
static size_t measure_string(const char *text, size_t size, size_t i, size_t *bytes)
{
	for (i++; i < size && text[i] != '"';) {
		size_t length = 1;

		*bytes += text[i] == '\\' ? escape_bytes(text + i, size - i, &length) : 1;
		i += length;
	}
	return i;
}

struct json_measure json_measure_text(const char *text, size_t size)
{
	struct json_measure measure = { 0 };

	for (size_t i = 0; i < size; i++) {
		if (strchr(" \t\r\n,]}", text[i]))
			continue;
		if (text[i] == ':') {
			measure.values--; /* the string before it was a key */
			continue;
		}
		measure.values++;
		if (text[i] == '"') {
			i = measure_string(text, size, i, &measure.bytes);
		} else if (text[i] != '{' && text[i] != '[') {
			measure.nulls += text[i] == 'n';
			while (i + 1 < size && !strchr(" \t\r\n,]}:", text[i + 1]))
				i++;
		}
	}
	return measure;
}

/* NOLINTNEXTLINE(misc-no-recursion): 16 values deep at most */
static void add_tree(struct json_object *o, struct json_measure *measure)
{
	measure->values++;
	switch (json_object_get_type(o)) {
	case json_type_null:
		measure->nulls++;
		break;
	case json_type_string:
		measure->bytes += (size_t)json_object_get_string_len(o);
		break;
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++)
			add_tree(json_object_array_get_idx(o, i), measure);
		break;
	case json_type_object: {
		json_object_object_foreach(o, key, child) {
			measure->bytes += strlen(key);
			add_tree(child, measure);
		}
		break;
	}
	case json_type_boolean:
	case json_type_double:
	case json_type_int:
		break;
	}
}

struct json_measure json_measure_tree(struct json_object *o)
{
	struct json_measure measure = { 0 };

	add_tree(o, &measure);
	return measure;
}

bool json_measure_eq(struct json_measure a, struct json_measure b)
{
	return a.values == b.values && a.nulls == b.nulls && a.bytes == b.bytes;
}
