/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-json: loading is strict and names the bad element; output is whole or absent, and UTF-8. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/json.h"

static struct json_object *load(const char *text)
{
	struct err err = { 0 };
	struct json_object *o = NULL;

	if (json_parse("f.json", text, strlen(text), &err, &o) < 0)
		fail_msg("%s: %s", text, err.text);
	return o;
}

/* ---- parsing ---- */

static void test_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "expected JSON" },
		{ "{", "expected JSON" },
		{ "{\"a\":1}x", "JSON" },
		{ "{\"a\":1} {}", "JSON" },
		{ "{\n\"a\":1,\n}", "line 3" },
		{ "{\"a\":1 /* no */}", "expected JSON" },
		{ "{'a':1}", "expected JSON" },
		{ "{\"b\":1,\n'a':1,'a':2}", "line 2" },
		{ "[Infinity]", "expected JSON" },
		{ "[-Infinity]", "expected JSON" },
		{ "[1,\n0.0000000000000000000000000000000001]", "line 2: a number of more than 31 characters" },
		/* U+1D800, U+1DFFF and U+10DA00, which json-c takes for half a pair */
		{ "[1,\n\"\\\\\\ud836\\udc00\"]", "line 2: an escape of a character that json-c misreads" },
		{ "{\"a\":\n\"\\ud83d\\ude00x\\uD837\\uDFFF\\n\"}", "line 2: an escape of a character that json-c misreads" },
		{ "\"\\ud800\\udbf6\\ude00\"", "line 1: an escape of a character that json-c misreads" },
		{ "[1,]", "expected JSON" },
		{ "{\"a\":01}", "expected JSON" },
		{ "{\"a\":NaN}", "expected JSON" },
		{ "{\"a\":\"\xff\"}", "expected JSON" },
		{ "{\"a\":1,\n\"b\":2,\n\"a\":3}", "line 3: the key \"a\" appears twice" },
		{ "{\"o\":{\"k\":1,\"k\":2}}", "\"k\" appears twice" },
		{ "[{\"k\":1},{\"l\":1,\"l\":2}]", "\"l\" appears twice" },
		{ "{\"a\":1,\"\\u0061\":2}", "escape" },
		{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "expected JSON" }, /* 17 deep */
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct err err = { 0 };
		struct json_object *o = NULL;
		int r = json_parse("f.json", rows[i].text, strlen(rows[i].text), &err, &o);

		if (r != -EINVAL || o)
			fail_msg("taken: %s", rows[i].text);
		assert_string_equal(err.id, "bad-json");
		assert_ptr_equal(strstr(err.text, "f.json: line "), err.text);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" is not in \"%s\"", rows[i].text, rows[i].says, err.text);
	}
}

static void test_accepted(void **state)
{
	static const char *const texts[] = {
		"{}", " [ ] \n", "1", "\"x\"", "null", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "[{\"a\":1},{\"a\":2}]",
		"{\"a\":\"b\",\"b\":\"a:\"}", "{\"a\":\"\\\"a\\\":\"}", "{\"a\":[\"a\",\"a\"]}", "[\"It's \\\"I\\\" 'N'\"]",
		/* what escapes stand for is as long as what was read: json-c lost nothing */
		"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\", \"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\u0000\"]",
		"[\"\\ud835\\udfff\", \"\\ud838\\udc00\", \"\\\\ud836\\ude00\", \"\xf0\x9d\xa8\x80\"]",
		"[\"\\ud800\", \"\\ud800\\u0041\", \"\\ud800\\ud83d\\ude00\", \"\\udc00\", \"\\ud800\\n\", \"\\ud800\\\"\"]",
		"\t{ \"a\" : [ true,false , null,-0,1e5,-2.5E-1 ] , \"b\":{ } }\r\n", "[\"0123456789012345678901234567890123456789 caf\xc3\xa9\"]",
		"[9223372036854775807, 99999999999999999999]", "{\"\":\"\"}",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		struct json_object *o = NULL;
		struct err err = { 0 };

		if (json_parse("f", texts[i], strlen(texts[i]), &err, &o) < 0)
			fail_msg("%s: %s", texts[i], err.text);
		json_done(&o);
	}
}

/* Each key is compared with those before it: so many that this would take long are no file of ours. */
static void test_many_keys(void **state)
{
	(void)state;
	for (size_t n = 1024; n <= 1025; n++) {
		_cleanup_(json_done) struct json_object *o = NULL;
		_cleanup_free_ char *text = NULL;
		struct err err = { 0 };
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		assert_non_null(out);
		fprintf(out, "[{\"o\":{\"a\":0}},{\n");
		for (size_t i = 0; i < n; i++)
			fprintf(out, "%s\"k%zu\":{\"k0\":0}", i ? "," : "", i);
		fprintf(out, "}]");
		fclose(out);
		assert_int_equal(json_parse("f", text, size, &err, &o), n == 1024 ? 0 : -EINVAL);
		if (n > 1024)
			assert_string_equal(err.text, "f: line 2: the key \"k1024\" is one more than the 1024 that an object may have");
	}
}

/* ---- typed reading ---- */

static void test_names_the_place(void **state)
{
	_cleanup_(json_done) struct json_object *o = load("{\"entries\":[{\"why\":\"w\"},{\"why\":7}]}");
	struct json_at top = json_top(o, "f.json"), entries, element, why;
	struct err err = { 0 };
	const char *text = NULL;

	(void)state;
	assert_true(json_member(&top, "entries", &entries));
	assert_int_equal(json_length(&entries), 2);
	element = json_element(&entries, 0);
	assert_int_equal(json_need(&element, "why", "a sentence", &err, &why), 0);
	assert_int_equal(json_string(&why, &err, &text), 0);
	assert_string_equal(text, "w");
	element = json_element(&entries, 1);
	assert_true(json_member(&element, "why", &why));
	assert_int_equal(json_string(&why, &err, &text), -EINVAL);
	assert_string_equal(err.text, "f.json: entries[1].why: expected a non-empty string");
	assert_string_equal(text, "w");
	err = (struct err){ 0 };
	assert_int_equal(json_need(&element, "name", "a name", &err, &why), -EINVAL);
	assert_string_equal(err.text, "f.json: entries[1].name: missing, expected a name");
	assert_false(json_member(&element, "name", &why));
}

static void test_only(void **state)
{
	static const char *const keys[] = { "schema", "why", NULL };
	_cleanup_(json_done) struct json_object *o = load("{\"schema\":1,\"wy\":2}");
	_cleanup_(json_done) struct json_object *array = load("[]");
	struct json_at at = json_top(o, "f");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_only(&at, keys, &err), -EINVAL);
	assert_non_null(strstr(err.text, "f: wy: unknown key"));
	at = json_top(array, "f");
	err = (struct err){ 0 };
	assert_int_equal(json_only(&at, keys, &err), -EINVAL);
	assert_string_equal(err.text, "f: expected an object");
}

static void test_u64(void **state)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		int r;
		uint64_t value;
	} rows[] = {
		{ "7", 0, 9, 0, 7 },
		{ "\"7\"", 0, 9, 0, 7 },
		{ "\"0x10\"", 0, 99, 0, 16 },
		{ "\"0xffffffffffffffff\"", 0, UINT64_MAX, 0, UINT64_MAX },
		{ "10", 0, 9, -EINVAL, 0 },
		{ "-1", 0, UINT64_MAX, -EINVAL, 0 },
		{ "1.0", 0, 9, -EINVAL, 0 },
		{ "1e1", 0, 99, -EINVAL, 0 },
		{ "\"x\"", 0, 9, -EINVAL, 0 },
		{ "\"-1\"", 0, 9, -EINVAL, 0 },
		{ "true", 0, 9, -EINVAL, 0 },
		{ "null", 0, 9, -EINVAL, 0 },
		{ "[1]", 0, 9, -EINVAL, 0 },
		/* json-c clamps these to its limits in silence */
		{ "9223372036854775806", 0, UINT64_MAX, 0, 9223372036854775806u },
		{ "9223372036854775807", 0, UINT64_MAX, -EINVAL, 0 },
		{ "9223372036854775808", 0, UINT64_MAX, -EINVAL, 0 },
		{ "99999999999999999999999", 0, UINT64_MAX, -EINVAL, 0 },
		{ "-99999999999999999999999", 0, UINT64_MAX, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(json_done) struct json_object *o = load(rows[i].text);
		struct json_at at = json_top(o, "f");
		uint64_t value = 7777;
		int r = json_u64(&at, rows[i].min, rows[i].max, NULL, &value);

		if (r != rows[i].r)
			fail_msg("%s: %d", rows[i].text, r);
		assert_int_equal(value, r == 0 ? rows[i].value : 7777);
	}
}

static void test_typed(void **state)
{
	_cleanup_(json_done) struct json_object *o =
		load("{\"s\":\"\",\"z\":\"a\\u0000b\",\"f\":1,\"t\":true,\"d\":1.5,\"l\":[\"a\",\"b\"],\"e\":[],\"m\":[\"a\",1]}");
	struct json_at top = json_top(o, "f"), at;
	_cleanup_(strs_done) struct strs strs = { 0 };
	const char *text;
	double d = 0;
	bool flag = false;

	(void)state;
	assert_true(json_member(&top, "s", &at));
	assert_int_equal(json_string(&at, NULL, &text), -EINVAL);
	assert_true(json_member(&top, "z", &at));
	assert_int_equal(json_string(&at, NULL, &text), -EINVAL);
	assert_true(json_member(&top, "f", &at));
	assert_int_equal(json_flag(&at, NULL, &flag), -EINVAL);
	assert_true(json_member(&top, "t", &at));
	assert_int_equal(json_flag(&at, NULL, &flag), 0);
	assert_true(flag);
	assert_int_equal(json_double(&at, 0, 9, NULL, &d), -EINVAL);
	assert_true(json_member(&top, "d", &at));
	assert_int_equal(json_double(&at, 2, 9, NULL, &d), -EINVAL);
	assert_int_equal(json_double(&at, 1, 9, NULL, &d), 0);
	assert_true(d == 1.5);
	assert_true(json_member(&top, "l", &at));
	assert_int_equal(json_strs(&at, NULL, &strs), 0);
	assert_int_equal(strs.n, 2);
	assert_string_equal(strs.at[1], "b");
	assert_true(json_member(&top, "e", &at));
	assert_int_equal(json_strs(&at, NULL, &strs), -EINVAL);
	assert_true(json_member(&top, "m", &at));
	assert_int_equal(json_strs(&at, NULL, &strs), -EINVAL);
	assert_null(json_nth(&top, 99, &at));
	assert_string_equal(json_nth(&top, 2, &at), "f");
}

/* ---- building ---- */

static void test_built(void **state)
{
	_cleanup_(json_done) struct json_object *o = json_new_object();
	_cleanup_free_ char *text = NULL;
	struct json_object *again = NULL;
	struct err err = { 0 };

	(void)state;
	json_put_string(o, "null", NULL);
	json_put_u64(o, "big", UINT64_MAX);
	json_put_hex(o, "hex", 0x1af4, 8);
	json_put_hex(o, "zero", 0, 0);
	json_put_double(o, "gain", 1.0 / 3);
	json_put_bool(o, "yes", true);
	json_put_string(o, "url", "https://x/y");
	text = json_text(o);
	assert_non_null(text);
	assert_non_null(strstr(text, "\"null\": null"));
	assert_non_null(strstr(text, "18446744073709551615"));
	assert_non_null(strstr(text, "\"0x00001af4\""));
	assert_non_null(strstr(text, "\"zero\": \"0x0\""));
	assert_non_null(strstr(text, "0.3333"));
	assert_null(strstr(text, "0.33333"));
	assert_non_null(strstr(text, "https://x/y"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_int_equal(json_parse("t", text, strlen(text), &err, &again), 0);
	json_done(&again);
}

/* A child that memory was too short for is NULL: the output is then absent, never short of a fact. */
static void test_poisoned(void **state)
{
	_cleanup_(json_done) struct json_object *o = json_new_object();
	_cleanup_(json_done) struct json_object *healthy = json_new_object();
	struct json_object *array = json_new_array(), *inner = json_new_object();
	_cleanup_free_ char *text = NULL;

	(void)state;
	json_put(inner, "lost", NULL);
	json_push(array, inner);
	json_put(o, "list", array);
	assert_null(json_text(o));
	assert_null(json_text(NULL));
	json_put_null(healthy, "fine");
	text = json_text(healthy);
	assert_non_null(text);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "plain", "\"plain\"" },
		{ "\xc2\xae \xe2\x82\xac \xf0\x9f\x98\x80", "\"\xc2\xae \xe2\x82\xac \xf0\x9f\x98\x80\"" },
		{ "R\xae", "\"R\xef\xbf\xbd\"" },
		{ "\xc0\x80" "a", "\"\xef\xbf\xbd\xef\xbf\xbd" "a\"" },             /* overlong */
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }, /* a surrogate */
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "cut\xe2\x82", "\"cut\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\x1b[31m\n", "\"\\u001b[31m\\n\"" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(json_done) struct json_object *o = json_new_object();
		_cleanup_free_ char *text = NULL;

		json_put_string(o, "k", rows[i].text);
		text = json_text(o);
		assert_non_null(text);
		if (!strstr(text, rows[i].json))
			fail_msg("row %zu: %s", i, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_many_keys), cmocka_unit_test(test_names_the_place),
		cmocka_unit_test(test_only),     cmocka_unit_test(test_u64),      cmocka_unit_test(test_typed),
		cmocka_unit_test(test_built),    cmocka_unit_test(test_poisoned), cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
