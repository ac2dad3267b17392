/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-site: the administrator's file is taken whole or refused, and means exactly what it names. */
#include "tree.h"
#include "world.h"

#include "decide/site-check.h"
#include "observe/site.h"

static int site_of(const char *json, struct err *err, struct site *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("site.json", json, strlen(json), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "site.json");

	return site_from_json(&top, err, ret);
}

static void check_default(const struct site *site)
{
	assert_int_equal(site->scratch.n + site->readable.n + site->reset.n + site->grant.n + site->accept.n + site->lift.n, 0);
	assert_int_equal(site->minimum_containment, CONTAINMENT_NONE);
	assert_float_equal(site->minimum_gain, 1.2, 1e-9);
	assert_false(site->probe_at_boot);
	assert_int_equal(site->guests_unsafe, GUEST_REFUSE);
	assert_int_equal(site->guests_unknown, GUEST_ALLOW);
}

static void test_default(void **state)
{
	struct site site;
	struct err err = { 0 };

	(void)state;
	site_default(&site);
	check_default(&site);
	assert_null(site.file);
	/* An empty file asks for no more than none. */
	assert_int_equal(site_of("{\"schema\":1}", &err, &site), 0);
	check_default(&site);
	assert_string_equal(site.file, "site.json");
	site_done(&site);
}

static void test_all_of_it(void **state)
{
	struct site site;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		site_of("{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"offset\":\"0x200000\",\"size\":\"0x100000\"},"
	                "{\"device\":\"1af4:1110\",\"bar\":0,\"offset\":0,\"size\":4096}],"
	                "\"readable\":[{\"device\":\"0x0500\",\"bar\":5}],\"reset\":[{\"device\":\"10ee:*\"}],"
	                "\"grant\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"group\":\"pciwc\",\"backend\":\"grant\"}],"
	                "\"accept\":[{\"what\":\"virtual-platform\",\"reason\":\"a\"},{\"what\":\"entry:e\",\"reason\":\"b\"}],"
	                "\"lift\":[{\"entry\":\"l\",\"reason\":\"c\"}],\"minimum\":{\"containment\":\"dpc\",\"gain\":0},"
	                "\"guests\":{\"unsafe\":\"warn\",\"unknown\":\"refuse\"},\"probe_at_boot\":true}",
	                &err, &site),
		0);
	assert_int_equal(site.scratch.n, 2);
	assert_int_equal(site.scratch.at[0].range.offset, 0x200000);
	assert_int_equal(site.scratch.at[0].range.size_bytes, 0x100000);
	assert_int_equal(site.scratch.at[0].device.kind, SELECT_ADDRESS);
	assert_int_equal(site.scratch.at[1].device.kind, SELECT_ID);
	assert_int_equal(site.readable.at[0].device.kind, SELECT_CLASS);
	assert_int_equal(site.readable.at[0].bar, 5);
	assert_string_equal(site.reset.at[0].text, "10ee:*");
	assert_int_equal(site.grant.at[0].backend, BACKEND_GRANT);
	assert_string_equal(site.grant.at[0].group, "pciwc");
	assert_int_equal(site.minimum_containment, CONTAINMENT_DPC);
	assert_true(site.minimum_gain == 0);
	assert_true(site.probe_at_boot);
	assert_int_equal(site.guests_unsafe, GUEST_WARN);
	assert_int_equal(site.guests_unknown, GUEST_REFUSE);
	assert_string_equal(site_accepts(&site, "virtual-platform")->reason, "a");
	assert_string_equal(site_accepts_entry(&site, "e")->reason, "b");
	assert_string_equal(site_lifts(&site, "l")->reason, "c");
	/* By its whole name, and never the one for the other. */
	assert_null(site_accepts(&site, "virtual"));
	assert_null(site_accepts(&site, "e"));
	assert_null(site_accepts_entry(&site, "virtual-platform"));
	assert_null(site_accepts_entry(&site, "ee"));
	assert_null(site_accepts_entry(&site, "l"));
	assert_null(site_lifts(&site, "e"));
	site_done(&site);
}

static const struct {
	const char *json, *says;
} bad[] = {
	{ "[]", "an object" },
	{ "{}", "schema: missing" },
	{ "{\"schema\":2}", "schema: expected" },
	{ "{\"schema\":1,\"scrach\":[]}", "scrach: unknown key" },
	{ "{\"schema\":1,\"scratch\":{}}", "scratch: expected an array" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2}]}", "scratch[0].offset: missing" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":6,\"offset\":0,\"size\":4096}]}", "scratch[0].bar" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"offset\":1,\"size\":4096}]}", "offset: expected a multiple" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"offset\":0,\"size\":0}]}", "size: expected" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"offset\":\"0x8000000000000000\",\"size\":4096}]}", "offset" },
	{ "{\"schema\":1,\"scratch\":[{\"device\":\"0000:01:00.0\",\"bar\":2,\"offset\":0,\"size\":4096,\"sise\":1}]}", "sise: unknown key" },
	{ "{\"schema\":1,\"reset\":[{\"device\":\"all\"}]}", "reset[0].device: expected an address" },
	{ "{\"schema\":1,\"reset\":[{\"device\":\"*:*\"}]}", "expected an address" },
	{ "{\"schema\":1,\"reset\":[{\"device\":\"05\"}]}", "expected an address" },
	{ "{\"schema\":1,\"reset\":[{\"device\":\"\"}]}", "non-empty" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"group\":\"g\",\"backend\":\"publish\"}]}", "backend: expected one of grant" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"group\":\"g\",\"backend\":\"pin\"}]}", "grant[0].group: unknown key" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"group\":\"g\",\"backend\":\"variant\"}]}", "group" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"group\":\"g\",\"backend\":\"none\"}]}", "backend" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"grant\"}]}", "group: missing" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":4096}]}", "size: missing" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"size\":4096}]}", "offset: missing" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":1,\"size\":4096}]}", "multiple of 0x1000" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":0,\"size\":0}]}", "size" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"when\":\"never\"}]}", "when: expected one of always, request" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"displaces\":\"\"}]}", "displaces" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"variant\",\"mode\":\"always\"}]}", "mode: unknown key" },
	{ "{\"schema\":1,\"grant\":[{\"device\":\"1:2.0\",\"bar\":2,\"backend\":\"grant\",\"group\":\"g\",\"when\":\"always\"}]}", "when: unknown key" },
	{ "{\"schema\":1,\"accept\":[{\"what\":\"everything\",\"reason\":\"x\"}]}", "virtual-platform" },
	{ "{\"schema\":1,\"accept\":[{\"what\":\"entry:\",\"reason\":\"x\"}]}", "entry:NAME" },
	{ "{\"schema\":1,\"accept\":[{\"what\":\"entry:x\"}]}", "reason: missing" },
	{ "{\"schema\":1,\"lift\":[{\"entry\":\"x\",\"reason\":\"\"}]}", "reason: expected" },
	{ "{\"schema\":1,\"lift\":[{\"what\":\"x\",\"reason\":\"y\"}]}", "what: unknown key" },
	{ "{\"schema\":1,\"minimum\":{\"containment\":\"some\"}}", "containment: expected one of none, aer, dpc" },
	{ "{\"schema\":1,\"minimum\":{\"containment\":\"unknown\"}}", "containment" },
	{ "{\"schema\":1,\"minimum\":{\"gain\":-1}}", "gain: expected" },
	{ "{\"schema\":1,\"minimum\":{\"gain\":\"1.5\"}}", "gain: expected" },
	{ "{\"schema\":1,\"guests\":{\"unsafe\":\"none\"}}", "guests.unsafe: expected one of allow, warn, refuse" },
	{ "{\"schema\":1,\"probe_at_boot\":1}", "probe_at_boot: expected true" },
};

static void test_bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct site site = { .minimum_gain = 7 };
		struct err err = { 0 };

		if (site_of(bad[i].json, &err, &site) != -EINVAL)
			fail_msg("accepted: %s", bad[i].json);
		assert_true(site.minimum_gain == 7);
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s\n  says \"%s\", expected \"%s\"", bad[i].json, err.text, bad[i].says);
	}
}

static void test_selectors(void **state)
{
	static const struct {
		const char *text;
		bool matches;
	} selectors[] = {
		{ "0000:01:00.0", true },  { "01:00.0", true },   { "0001:01:00.0", false }, { "01:00.1", false },
		{ "1af4:1110", true },     { "1af4:*", true },    { "1af4:1000-107f", false }, { "1af4:1100-11ff", true },
		{ "1af5:1110", false },    { "0x05", true },      { "0x0500", true },        { "0x050000", true },
		{ "0x0501", false },       { "0x06", false },
	};
	struct world w;

	(void)state;
	world_make(&w);
	for (size_t i = 0; i < ELEMENTSOF(selectors); i++) {
		_cleanup_free_ char *json = str_printf("{\"schema\":1,\"reset\":[{\"device\":\"%s\"}]}", selectors[i].text);
		struct site site;
		struct err err = { 0 };

		assert_int_equal(site_of(json, &err, &site), 0);
		if (selector_matches(&site.reset.at[0], &w.function[GOOD]) != selectors[i].matches)
			fail_msg("%s", selectors[i].text);
		site_done(&site);
	}

	/* One that was never filled means nothing. */
	struct selector none = { 0 };
	struct device zero = { 0 };

	assert_false(selector_matches(&none, &zero));
	world_done(&w);
}

static void test_variant(void **state)
{
	static const char text[] =
		"{\"schema\":1,\"grant\":["
		"{\"device\":\"0000:01:00.0\",\"bar\":2,\"backend\":\"variant\"},"
		"{\"device\":\"0000:01:00.0\",\"bar\":2,\"backend\":\"grant\",\"group\":\"g\"},"
		"{\"device\":\"1af4:1110\",\"bar\":2,\"backend\":\"variant\",\"offset\":\"0x1000\",\"size\":\"0x2000\","
		"\"when\":\"request\",\"displaces\":\"mlx5_vfio_pci\"},"
		"{\"device\":\"1af4:1110\",\"bar\":2,\"backend\":\"variant\",\"when\":\"always\"},"
		"{\"device\":\"1af4:1110\",\"bar\":4,\"backend\":\"pin\"}]}";
	const struct site_grant *row;
	struct site site;
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(site_of(text, NULL, &site), 0);
	/* The first row that names a BAR says by which backend, and those of another one are none of it. */
	row = site_grant(&site, &w.function[GOOD], 2, NULL);
	assert_ptr_equal(row, &site.grant.at[0]);
	assert_int_equal(row->backend, BACKEND_VARIANT);
	assert_true(!row->range.size_bytes && !row->on_request && !row->displaces && !row->group);
	row = site_grant(&site, &w.function[GOOD], 2, row);
	assert_ptr_equal(row, &site.grant.at[2]);
	assert_true(row->range.offset == 0x1000 && row->range.size_bytes == 0x2000 && row->on_request);
	assert_string_equal(row->displaces, "mlx5_vfio_pci");
	row = site_grant(&site, &w.function[GOOD], 2, row);
	assert_ptr_equal(row, &site.grant.at[3]);
	assert_false(row->on_request);
	assert_null(site_grant(&site, &w.function[GOOD], 2, row));
	row = site_grant(&site, &w.function[GOOD], 4, NULL);
	assert_int_equal(row->backend, BACKEND_PIN);
	assert_true(!row->range.size_bytes && !row->group);
	site_done(&site);
	world_done(&w);
}

/* More rows of a BAR are more parts of it, and one that asks for nothing new is told. */
static void test_parts(void **state)
{
	static const char text[] =
		"{\"schema\":1,\"grant\":["
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":0,\"size\":\"0x1000\"},"
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":\"0x1000\",\"size\":\"0x1000\"},"
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":\"0x1000\",\"size\":\"0x2000\"},"
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":0,\"size\":\"0x1000\",\"when\":\"request\"},"
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"variant\",\"offset\":\"0x1000\",\"size\":\"0x1000\"},"
		"{\"device\":\"0000:02:00.0\",\"bar\":2,\"backend\":\"pin\"}]}";
	_cleanup_(strs_done) struct strs warnings = { 0 };
	struct site site;
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(site_of(text, NULL, &site), 0);
	assert_int_equal(site_warnings(&site, &w.devices, &w.quirks, &warnings), 0);
	assert_int_equal(warnings.n, 2);
	assert_string_equal(warnings.at[0], "grant[4]: asks for what grant[1] asks for already, of BAR 2 of 0000:02:00.0");
	assert_string_equal(warnings.at[1], "grant[5]: grants nothing of BAR 2 of 0000:02:00.0: grant[0] is before it, by backend variant");
	site_done(&site);
	world_done(&w);
}

static void test_grant_is_of_one_bar(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_non_null(site_grant(&w.site, &w.function[GOOD], 2, NULL));
	assert_null(site_grant(&w.site, &w.function[GOOD], 0, NULL));
	assert_null(site_grant(&w.site, &w.function[TWIN], 2, NULL));
	world_done(&w);
}

static void test_load(void **state)
{
	struct tree *tree = *state;
	struct site site = { 0 };
	struct err err = { 0 };

	/* Without the file: nothing is granted. */
	assert_int_equal(site_load(&tree->root, NULL, &err, &site), 0);
	check_default(&site);
	assert_null(site.file);
	tree_file(tree, "etc/pciwc/site.json", "{\"schema\":1,\"probe_at_boot\":true}");
	assert_int_equal(site_load(&tree->root, NULL, &err, &site), 0);
	assert_true(site.probe_at_boot);
	site_done(&site);
	/* One that is named must be there. */
	assert_int_equal(site_load(&tree->root, tree_path(tree, "other.json"), &err, &site), -ENOENT);
	assert_says(err.text, "other.json");
	tree_file(tree, "other.json", "{\"schema\":1}");
	err = (struct err){ 0 };
	assert_int_equal(site_load(&tree->root, tree_path(tree, "other.json"), &err, &site), 0);
	assert_false(site.probe_at_boot);
	site_done(&site);
}

static void test_untrusted(void **state)
{
	struct tree *tree = *state;
	struct site site = { 0 };
	struct err err = { 0 };

	char trusted[DIGEST_TEXT], untrusted[DIGEST_TEXT];

	tree_file(tree, "etc/pciwc/site.json", "{\"schema\":1}");
	assert_int_equal(site_digest(&tree->root, NULL, &err, trusted), 0);
	tree_mode(tree, "etc/pciwc/site.json", 0664);
	/* What was approved by the one is not approved by the other. */
	assert_int_equal(site_digest(&tree->root, NULL, &err, untrusted), 0);
	assert_string_not_equal(trusted, untrusted);
	assert_int_equal(site_load(&tree->root, NULL, &err, &site), -EPERM);
	assert_says(err.text, "lets others write");
	err = (struct err){ 0 };
	assert_int_equal(site_load(&tree->root, tree_path(tree, "etc/pciwc/site.json"), &err, &site), -EPERM);
	unlink(tree_path(tree, "etc/pciwc/site.json"));
	tree_file(tree, "etc/pciwc/real.json", "{\"schema\":1}");
	tree_link(tree, "etc/pciwc/site.json", "real.json");
	err = (struct err){ 0 };
	assert_true(site_load(&tree->root, NULL, &err, &site) < 0);
	unlink(tree_path(tree, "etc/pciwc/site.json"));
	tree_dir(tree, "etc/pciwc/site.json");
	err = (struct err){ 0 };
	assert_true(site_load(&tree->root, NULL, &err, &site) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_all_of_it),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_selectors),
		cmocka_unit_test(test_variant),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_grant_is_of_one_bar),
		cmocka_unit_test_setup_teardown(test_load, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_untrusted, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
