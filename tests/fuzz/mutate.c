/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutate: one change to a document, of which the rest stays as it is: bytes changed at random leave no JSON behind the first
 * few, and what is behind the parser is never reached.
 */
#include "tests/fuzz/mutate.h"

#include <json-c/json.h>
#include <string.h>

#include "act/patterns.h"
#include "base/cleanup.h"

#define VALUES_MAX 1024
#define BYTES_ONE_IN 16 /* so often bytes are changed, as without this: the parser is looked at, too */

/* A value, where it is: the member `key` of an object, or the element `at` of an array; above NULL: the document itself. */
struct value {
	struct json_object *above, *o;
	const char *key; /* of the object */
	size_t at;
};

struct values {
	size_t n;
	struct value at[VALUES_MAX];
};

static uint64_t state;

static uint32_t dice(size_t n)
{
	return (uint32_t)(mix64(state++) % (n ?: 1));
}

static void collect(struct json_object *above, struct json_object *o, const char *key, size_t at, struct values *ret)
{
	if (ret->n == VALUES_MAX)
		return;
	ret->at[ret->n++] = (struct value){ above, o, key, at };
	if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, member)
			collect(o, member, name, 0, ret);
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			collect(o, json_object_array_get_idx(o, i), NULL, i, ret);
	}
}

static struct json_object *copy(struct json_object *o)
{
	struct json_object *ret = NULL;

	MUST(!o || json_object_deep_copy(o, &ret, NULL) == 0);
	return ret;
}

/* Takes over by; of the document itself there is nothing above that could hold another. */
static void replace(const struct value *value, struct json_object *by)
{
	if (!value->above) {
		json_object_put(by);
		return;
	}
	if (value->key) {
		/* The key is the object's own, and goes with the old member. */
		_cleanup_free_ char *key = strdup(value->key);

		MUST(key);
		json_object_object_add(value->above, key, by);
	} else {
		json_object_array_put_idx(value->above, value->at, by);
	}
}

static struct json_object *number(void)
{
	static const int64_t edges[] = { 0, 1, 5, 6, 255, 256, 4096, 65535, 65536, INT32_MAX, UINT32_MAX, INT64_C(1) << 53, INT64_MAX };
	/* Unsigned, for one more than the greatest is the least. */
	uint64_t n = (uint64_t)edges[dice(ELEMENTSOF(edges))] + dice(3) - 1;

	return json_object_new_int64((int64_t)(dice(4) ? n : -n));
}

static struct json_object *word(void)
{
	static const char *const words[] = { "",    "0x0", "0xffffffffffffffff", "0x10000000000000000", "-1", "*",      "/",   "../x", "/dev/null",
		                             "a b", "\n",  "\x1b[1m",            "0000:01:00.0",        "~",  "1.5e3", "null", "safe", "pass" };

	return json_object_new_string(words[dice(ELEMENTSOF(words))]);
}

/* Any value of any kind. */
static struct json_object *anything(void)
{
	switch (dice(8)) {
	case 0: return NULL;
	case 1: return json_object_new_boolean((json_bool)dice(2));
	case 2: return json_object_new_double(dice(2) ? 0.5 : 1e300);
	case 3: return json_object_new_object();
	case 4: return json_object_new_array();
	case 5: return word();
	default: return number();
	}
}

/* ---- the changes ---- */

static void retype(const struct values *values, const struct value *value)
{
	(void)values;
	replace(value, anything());
}

static void drop(const struct values *values, const struct value *value)
{
	(void)values;
	if (value->above && value->key)
		json_object_object_del(value->above, value->key);
	else if (value->above)
		json_object_array_del_idx(value->above, value->at, 1);
}

/* Another value of the document in its place. */
static void put_other(const struct values *values, const struct value *value)
{
	replace(value, copy(values->at[dice(values->n)].o));
}

/* Below another name that the document has. */
static void rename_member(const struct values *values, const struct value *value)
{
	const struct value *other = &values->at[dice(values->n)];

	if (value->key && other->key && strcmp(value->key, other->key) != 0) {
		_cleanup_free_ char *key = strdup(other->key);
		struct json_object *o = copy(value->o);

		MUST(key);
		json_object_object_del(value->above, value->key);
		json_object_object_add(value->above, key, o);
	}
}

/* A value of the document once more, in an array or an object of it. */
static void add(const struct values *values, const struct value *value)
{
	const struct value *other = &values->at[dice(values->n)];

	if (json_object_is_type(value->o, json_type_array))
		json_object_array_add(value->o, copy(other->o));
	else if (json_object_is_type(value->o, json_type_object) && other->key)
		json_object_object_add(value->o, other->key, copy(other->o));
}

/* A little of it: a letter, a number beside it. */
static void nudge(const struct values *values, const struct value *value)
{
	(void)values;
	switch (json_object_get_type(value->o)) {
	case json_type_string: {
		uint8_t text[256];
		size_t n = (size_t)json_object_get_string_len(value->o);

		if (n >= sizeof(text) - 16)
			return;
		memcpy(text, json_object_get_string(value->o), n);
		n = LLVMFuzzerMutate(text, n, sizeof(text) - 1);
		replace(value, json_object_new_string_len((const char *)text, (int)n));
		return;
	}
	case json_type_int:
		replace(value, dice(2) ? number() : json_object_new_int64((int64_t)((uint64_t)json_object_get_int64(value->o) + dice(5) - 2)));
		return;
	default:
		replace(value, anything());
	}
}

static void (*const changes[])(const struct values *values, const struct value *value) = {
	nudge, nudge, retype, drop, put_other, rename_member, add,
};

/* ---- libFuzzer's side ---- */

static size_t write_out(struct json_object *o, uint8_t *data, size_t max_size)
{
	size_t n = 0;
	const char *text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &n);

	if (!text || n > max_size)
		return 0;
	memcpy(data, text, n);
	return n;
}

size_t mutate_json(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	_cleanup_free_ struct values *values = calloc(1, sizeof(*values));
	_cleanup_(json_done) struct json_object *o = fuzz_json(data, size);
	size_t n;

	MUST(values);
	state = mix64(seed);
	if (!o || dice(BYTES_ONE_IN) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (unsigned int more = 1 + dice(3); more--;) {
		values->n = 0;
		collect(NULL, o, NULL, 0, values);
		changes[dice(ELEMENTSOF(changes))](values, &values->at[dice(values->n)]);
	}
	n = write_out(o, data, max_size);
	return n ?: LLVMFuzzerMutate(data, size, max_size);
}

/* Something of the second document in the place of something of the first. */
size_t cross_json(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *ret, size_t max_size, unsigned int seed)
{
	_cleanup_free_ struct values *values = calloc(2, sizeof(*values));
	_cleanup_(json_done) struct json_object *o = fuzz_json(one, one_size), *other = fuzz_json(two, two_size);

	MUST(values);
	state = mix64(seed);
	if (!o || !other)
		return 0;
	collect(NULL, o, NULL, 0, &values[0]);
	collect(NULL, other, NULL, 0, &values[1]);
	replace(&values[0].at[dice(values[0].n)], copy(values[1].at[dice(values[1].n)].o));
	return write_out(o, ret, max_size);
}
