/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-quirk: an entry is read completely or refused by name; a file is taken whole or holds everything. */
#include "tree.h"
#include "world.h"

#include "model/quirk-match.h"
#include "observe/quirks.h"

#define REST "\"why\":\"because\",\"references\":[\"https://example.org\"],\"confidence\":\"confirmed\",\"since\":\"2026-11-20\""
#define DENY(match) "{\"name\":\"a\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":" match "," REST "}"
#define MEMORY(more) "{\"name\":\"a\",\"effect\":\"memory\",\"hazards\":[],\"match\":[{\"class\":\"05\"}]," more "," REST "}"
#define EFFECT(effect, hazards, match) \
	"{\"name\":\"a\",\"effect\":\"" effect "\",\"hazards\":[" hazards "],\"match\":[{" match "}]," REST "}"

static const struct {
	const char *json, *says;
} bad[] = {
	{ "[]", "an object" },
	{ "{}", "name: missing" },
	{ "{\"name\":\"A\"}", "a-z, 0-9" },
	{ "{\"name\":\"a\",\"color\":1}", "color: unknown key" },
	{ EFFECT("allow", "\"ordering\"", "\"arch\":\"arm\""), "effect: expected one of" },
	{ EFFECT("none", "\"ordering\"", "\"arch\":\"arm\""), "effect: expected one of" },
	{ EFFECT("deny", "\"gremlins\"", "\"arch\":\"arm\""), "closed vocabulary" },
	{ EFFECT("deny", "\"none\"", "\"arch\":\"arm\""), "closed vocabulary" },
	/* what withholds says of what */
	{ EFFECT("deny", "", "\"arch\":\"arm\""), "at least one hazard" },
	{ EFFECT("warn", "", "\"arch\":\"arm\""), "at least one hazard" },
	{ EFFECT("vendor-wc", "", "\"class\":\"05\""), "at least one hazard" },
	/* effects of a BAR ask about a device, those of a path do not */
	{ EFFECT("memory", "", "\"arch\":\"arm\""), "device-scoped" },
	{ EFFECT("not-memory", "", "\"port\":\"1234:*\""), "device-scoped" },
	{ EFFECT("allow-after-probe", "", "\"device\":\"1234:*\""), "no device-scoped" },
	{ DENY("[{\"class\":\"05\"},{\"arch\":\"arm\"}]"), "match[1]: expected alternatives" },
	{ DENY("[{\"arch\":\"arm\",\"not\":{\"class\":\"05\"}}]"), "no device-scoped key" },
	{ DENY("[{\"arch\":\"arm\",\"suspect\":{\"bar\":[1]}}]"), "no device-scoped key" },
	/* the match language */
	{ DENY("{}"), "match: expected a list" },
	{ DENY("[]"), "match: expected a list" },
	{ DENY("[{}]"), "match[0]: expected at least one match key" },
	{ DENY("[{\"suspect\":{\"arch\":\"arm\"}}]"), "at least one match key" },
	{ DENY("[{\"arch\":\"arm\",\"not\":{}}]"), "match[0].not: expected at least one" },
	{ DENY("[{\"arch\":\"arm\",\"not\":{\"not\":{\"pat\":false}}}]"), "no nesting" },
	{ DENY("[{\"arch\":\"arm\",\"suspect\":{\"not\":{\"pat\":false}}}]"), "no nesting" },
	{ DENY("[{\"arch\":\"arm\",\"not\":[]}]"), "an object of match keys" },
	{ DENY("[{\"prot\":\"1234:5678\"}]"), "match[0].prot: expected a known match key" },
	{ DENY("[{\"arch\":\"armv7l\"}]"), "a word of the list" },
	{ DENY("[{\"arch\":[\"arm\",\"x86\"]}]"), "a word of the list" },
	{ DENY("[{\"arch\":true}]"), "non-empty string" },
	{ DENY("[{\"arch\":[]}]"), "at least one string" },
	{ DENY("[{\"cmdline\":\"\"}]"), "non-empty string" },
	{ DENY("[{\"kconfig\":\"CONFIG_PCI\"}]"), "options such as" },
	{ DENY("[{\"kconfig\":\"PCI=y\"}]"), "options such as" },
	{ DENY("[{\"kconfig\":[\"CONFIG_PCI=\"]}]"), "options such as" },
	{ DENY("[{\"kconfig\":[]}]"), "string" },
	{ DENY("[{\"hypervisor\":false}]"), "true, or strings" },
	{ DENY("[{\"hypervisor\":\"KVM\"}]"), "hypervisor: expected a word of the list" },
	{ DENY("[{\"hypervisor\":[\"kvm\",\"hyperv\"]}]"), "a word of the list" },
	{ DENY("[{\"bridge_property\":\"acme,No-Wc\"}]"), "bridge_property: expected names such as" },
	{ DENY("[{\"bridge_property\":[\"acme,no-wc\",\"acme,no_wc\"]}]"), "names such as" },
	{ DENY("[{\"bridge_property\":\"no-wc\"}]"), "names such as" },
	{ DENY("[{\"bridge_property\":\"a,234567890123456789012345678901234567890123456789012345678901234\"}]"), "at most 64" },
	{ DENY("[{\"bridge_property\":true}]"), "string" },
	{ DENY("[{\"cpu\":{}}]"), "implementer: missing" },
	{ DENY("[{\"cpu\":{\"implementer\":\"0x41\"}}]"), "part: missing" },
	{ DENY("[{\"cpu\":{\"family\":6}}]"), "family: expected a field of cpu" },
	{ DENY("[{\"cpu\":{\"vendor\":\"x\",\"part\":1}}]"), "part: expected a field of cpu" },
	{ DENY("[{\"cpu\":{\"vendor\":\"x\",\"model\":{\"min\":3,\"max\":2}}}]"), "model.max: expected an integer" },
	{ DENY("[{\"cpu\":{\"vendor\":\"x\",\"model\":{}}}]"), "\"min\" or \"max\"" },
	{ DENY("[{\"cpu\":{\"vendor\":\"x\",\"model\":{\"value\":1,\"mask\":1}}}]"), "value: unknown key" },
	{ DENY("[{\"soc_id\":{\"revision\":1}}]"), "id: missing" },
	{ DENY("[{\"acpi_mcfg\":{\"oem_table_id\":\"x\"}}]"), "oem_id: missing" },
	{ DENY("[{\"dmi\":{}}]"), "at least one field" },
	{ DENY("[{\"dmi\":{\"serial\":\"x\"}}]"), "a field of dmi" },
	{ DENY("[{\"dmi\":{\"processor_id\":{\"value\":1}}}]"), "mask: missing" },
	{ DENY("[{\"port\":\"1234\"}]"), "an id such as" },
	{ DENY("[{\"port\":\"1234:567\"}]"), "an id such as" },
	{ DENY("[{\"port\":\"0x12:5678\"}]"), "an id such as" },
	{ DENY("[{\"port\":\"1234:5678-1234\"}]"), "an id such as" },
	{ DENY("[{\"port\":\"*:*\"}]"), "an id such as" },
	{ DENY("[{\"port\":{\"revision\":1}}]"), "id: missing" },
	{ DENY("[{\"port\":[]}]"), "at least one element" },
	{ DENY("[{\"class\":\"5\"}]"), "hexadecimal digits" },
	{ DENY("[{\"class\":\"0x0x05\"}]"), "hexadecimal digits" },
	{ DENY("[{\"class\":\"05000000\"}]"), "hexadecimal digits" },
	{ DENY("[{\"kernel\":{}}]"), "\"min\" or \"max\"" },
	{ DENY("[{\"kernel\":{\"min\":\"6\"}}]"), "a release such as" },
	{ DENY("[{\"kernel\":{\"min\":\"6.\"}}]"), "a release such as" },
	{ DENY("[{\"kernel\":{\"min\":\"6.1.2.3\"}}]"), "a release such as" },
	{ DENY("[{\"kernel\":{\"min\":\"6.1-rc1\"}}]"), "a release such as" },
	{ DENY("[{\"kernel\":{\"min\":\"6.12\",\"max\":\"6.2\"}}]"), "not above" },
	{ DENY("[{\"pat\":1}]"), "true or false" },
	/* scratch */
	{ MEMORY("\"scratch\":\"all\""), "\"whole\"" },
	{ MEMORY("\"scratch\":[]"), "\"whole\"" },
	{ MEMORY("\"scratch\":[{\"offset\":0,\"size\":\"0x800\"}]"), "scratch[0].size: expected" },
	{ MEMORY("\"scratch\":[{\"offset\":\"0x10\",\"size\":\"0x1000\"}]"), "multiples of 0x1000" },
	{ MEMORY("\"scratch\":[{\"offset\":0}]"), "size: missing" },
	{ "{\"name\":\"a\",\"effect\":\"not-memory\",\"hazards\":[],\"match\":[{\"class\":\"05\"}],\"scratch\":\"whole\"," REST "}",
	  "only with the effect memory" },
	/* on whose word */
	{ "{\"name\":\"a\",\"effect\":\"memory\",\"hazards\":[],\"match\":[{\"class\":\"05\"}],\"why\":\"w\","
	  "\"references\":[\"https://e\"],\"confidence\":\"unverified\",\"since\":\"s\"}", "confidence for an entry that allows" },
	{ "{\"name\":\"a\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"arm\"}],\"why\":\"w\","
	  "\"references\":[],\"confidence\":\"confirmed\",\"since\":\"s\"}", "at least one string" },
	{ "{\"name\":\"a\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"arm\"}],\"why\":\"w\","
	  "\"references\":[\"ftp://e\"],\"confidence\":\"confirmed\",\"since\":\"s\"}", "https://" },
	{ "{\"name\":\"a\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"arm\"}],\"why\":\"\","
	  "\"references\":[\"https://e\"],\"confidence\":\"confirmed\",\"since\":\"s\"}", "why: expected" },
};

static void test_bad_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct quirk quirk = { .name = TEXT("untouched") };
		struct err err = { 0 };

		if (quirk_of(bad[i].json, &err, &quirk) != -EINVAL)
			fail_msg("accepted: %s", bad[i].json);
		assert_string_equal(quirk.name, "untouched");
		assert_says(err.text, "quirks/50-test.json");
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s\n  says \"%s\", expected \"%s\"", bad[i].json, err.text, bad[i].says);
	}
}

static void test_good_entry(void **state)
{
	struct quirk quirk;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(quirk_of("{\"name\":\"acme-1\",\"effect\":\"deny\",\"hazards\":[\"sparse-byte-enables\",\"ordering\"],"
	                          "\"match\":[{\"port\":[\"1def:e101\",{\"id\":\"10ee:*\",\"revision\":2}],"
	                          "\"not\":{\"arch\":\"arm\"},\"suspect\":{\"pat\":false}}],\"why\":\"it breaks\","
	                          "\"references\":\"https://example.org/1\",\"confidence\":\"reported\",\"since\":\"2026-11-20\","
	                          "\"fact\":\"acme-fact\"}",
	                          &err, &quirk),
	                 0);
	assert_string_equal(quirk.name, "acme-1");
	assert_string_equal(quirk.file, "50-test.json");
	assert_string_equal(quirk.why, "it breaks");
	assert_string_equal(quirk.fact, "acme-fact");
	assert_int_equal(quirk.effect, EFFECT_DENY);
	assert_int_equal(quirk.confidence, CONFIDENCE_REPORTED);
	assert_int_equal(quirk.n_hazards, 2);
	assert_int_equal(quirk.hazards[0], HAZARD_SPARSE_BYTE_ENABLES);
	assert_false(quirk.of_device);
	assert_int_equal(quirk.n_match, 1);
	assert_int_equal(quirk.match[0].terms.n, 1);
	assert_int_equal(quirk.match[0].terms.at[0].n, 2);
	assert_int_equal(quirk.match[0].nots.n, 1);
	assert_int_equal(quirk.match[0].suspect.n, 1);

	_cleanup_(json_done) struct json_object *o = quirk_to_json(&quirk);
	_cleanup_free_ char *text = json_text(o);

	assert_says(text, "\"name\": \"acme-1\"");
	assert_says(text, "\"effect\": \"deny\"");
	assert_says(text, "sparse-byte-enables");
	quirk_done(&quirk);
}

/* What known-good machines and plain memory do not need. */
static void test_hazards_may_be_empty(void **state)
{
	static const char *const good[] = {
		EFFECT("allow-after-probe", "", "\"arch\":\"arm\""),
		EFFECT("memory", "", "\"class\":\"05\""),
		EFFECT("not-memory", "", "\"class\":\"05\""),
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(good); i++) {
		struct quirk quirk;
		struct err err = { 0 };

		if (quirk_of(good[i], &err, &quirk) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(quirk.n_hazards, 0);
		quirk_done(&quirk);
	}
}

static void test_scratch(void **state)
{
	struct quirk quirk;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(quirk_of(MEMORY("\"scratch\":\"whole\""), &err, &quirk), 0);
	assert_int_equal(quirk.scratch.n, 1);
	assert_int_equal(quirk.scratch.at[0].size_bytes, 0);
	quirk_done(&quirk);
	assert_int_equal(quirk_of(MEMORY("\"scratch\":[{\"offset\":\"0x1000\",\"size\":\"0x2000\"},{\"offset\":0,\"size\":4096}]"),
	                          &err, &quirk),
	                 0);
	assert_int_equal(quirk.scratch.n, 2);
	assert_int_equal(quirk.scratch.at[0].offset, 0x1000);
	assert_int_equal(quirk.scratch.at[1].size_bytes, 0x1000);
	quirk_done(&quirk);
	assert_int_equal(quirk_of(MEMORY("\"scratch\":\"cmb\""), &err, &quirk), 0);
	assert_true(quirk.is_cmb);
	assert_int_equal(quirk.scratch.n, 0);
	quirk_done(&quirk);
	assert_int_equal(quirk_of(MEMORY("\"fact\":\"x\""), &err, &quirk), 0);
	assert_false(quirk.is_cmb);
	assert_int_equal(quirk.scratch.n, 0);
	quirk_done(&quirk);
}

static void test_release(void **state)
{
	static const struct {
		const char *text, *rest; /* rest NULL: none */
		uint64_t code;
	} releases[] = {
		{ "6.12.48+deb13", "+deb13", UINT64_C(0x6000c0030) },
		{ "6.12", "", UINT64_C(0x6000c0000) },
		{ "7", "", UINT64_C(0x700000000) },
		{ "7.x", ".x", UINT64_C(0x700000000) },
		{ "7.1.", ".", UINT64_C(0x700010000) },
		{ "7.1.2.3", ".3", UINT64_C(0x700010002) },
		{ "", NULL, 0 },
		{ "v6.1", NULL, 0 },
		{ "-6.1", NULL, 0 },
		{ " 6.1", NULL, 0 },
		{ "99999.1", NULL, 0 },
		{ "6.999999", NULL, 0 },
	};
	uint64_t code;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(releases); i++) {
		const char *rest = release_parse(releases[i].text, 0, &code);

		if (!str_eq(rest, releases[i].rest) || (rest && code != releases[i].code))
			fail_msg("%s: rest %s, code 0x%llx", releases[i].text, rest ?: "(none)", (unsigned long long)code);
	}
	assert_non_null(release_parse("6.12", 0xffff, &code));
	assert_int_equal(code, UINT64_C(0x6000cffff));
}

/* ---- files ---- */

#define FILE_OF(entries) "{\"schema\":1,\"serial\":20261120,\"entries\":[" entries "]}"
#define NAMED(name) \
	"{\"name\":\"" name "\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"arm\"}]," REST "}"

static void load(const struct tree *tree, const char *dir, struct quirks *ret)
{
	struct err err = { 0 };

	assert_int_equal(quirks_load(&tree->root, tree_path(tree, dir), &err, ret), 0);
}

static size_t n_active(const struct quirks *quirks)
{
	size_t n = 0;

	while (n < quirks->n && quirks->at[n].state == QUIRK_ACTIVE)
		n++;
	/* The others come last. */
	for (size_t i = n; i < quirks->n; i++) {
		assert_int_not_equal(quirks->at[i].state, QUIRK_ACTIVE);
		assert_non_null(quirks->at[i].held_because);
	}
	return n;
}

static void test_load(void **state)
{
	const struct tree *tree = *state;
	struct quirks quirks;

	tree_file(tree, "q/30-b.json", FILE_OF(NAMED("b")));
	tree_file(tree, "q/10-a.json", FILE_OF(NAMED("z") "," NAMED("a")));
	tree_file(tree, "q/schema.json", "{}");
	tree_file(tree, "q/README.md", "words");
	tree_file(tree, "q/.30-b.json", "an editor's");
	tree_file(tree, "q/40-empty.json", FILE_OF(""));
	load(tree, "q", &quirks);
	assert_int_equal(quirks.broken.n, 0);
	assert_int_equal(quirks.n, 3);
	assert_string_equal(quirks.at[0].name, "z");
	assert_string_equal(quirks.at[2].name, "b");
	assert_string_equal(quirks.at[2].file, "30-b.json");
	quirks_done(&quirks);
}

/* One bad entry, and the whole file is a broken line: half of what it denies is none. What can be read of it still holds. */
static void test_broken_files(void **state)
{
	static const struct {
		const char *text, *says;
		size_t held; /* entries; 0: nothing can be read, so all is held */
	} files[] = {
		{ "{", "line 1", 0 },
		{ "[]", "an object", 0 },
		{ "{\"schema\":2,\"serial\":20261120}", "entries: missing", 0 },
		{ "{\"schema\":1,\"serial\":20261120,\"entries\":{}}", "entries: expected an array", 0 },
		{ "{\"schema\":1,\"schema\":1,\"serial\":20261120,\"entries\":[]}", "appears twice", 0 },
		{ "{\"serial\":20261120,\"entries\":[" NAMED("x") "]}", "schema: missing", 1 },
		{ "{\"schema\":1,\"entries\":[" NAMED("x") "]}", "serial: missing", 1 },
		{ FILE_OF(NAMED("x") ",{}"), "entries[1]", 2 },
		{ FILE_OF(NAMED("x") ",null"), "entries[1]", 2 },
		{ FILE_OF(NAMED("a")), "is taken by 10-a.json", 1 },
		{ FILE_OF(NAMED("x") "," NAMED("x")), "is taken by 20-bad.json", 2 },
	};
	const struct tree *tree = *state;

	tree_file(tree, "q/10-a.json", FILE_OF(NAMED("a")));
	tree_file(tree, "q/30-b.json", FILE_OF(NAMED("b")));
	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		struct quirks quirks;
		const struct strs *lines = files[i].held ? &quirks.damaged : &quirks.broken;

		tree_file(tree, "q/20-bad.json", files[i].text);
		load(tree, "q", &quirks);
		assert_int_equal(n_active(&quirks), 2);
		assert_int_equal(quirks.broken.n + quirks.damaged.n, 1);
		assert_int_equal(lines->n, 1);
		assert_says(lines->at[0], "20-bad.json");
		if (!strstr(lines->at[0], files[i].says))
			fail_msg("%s: %s", files[i].says, lines->at[0]);
		if (quirks.n != 2 + files[i].held)
			fail_msg("%s: %zu held", files[i].says, quirks.n - 2);
		for (size_t n = 2; n < quirks.n; n++)
			assert_int_equal(quirks.at[n].state, QUIRK_BROKEN);
		assert_int_equal(quirks.files.n, 3);
		assert_int_equal(quirks.files.at[1].state, QUIRK_BROKEN);
		quirks_done(&quirks);
	}
}

static void test_untrusted(void **state)
{
	const struct tree *tree = *state;
	struct quirks quirks;

	tree_file(tree, "q/10-a.json", FILE_OF(NAMED("a")));
	tree_file(tree, "q/20-b.json", FILE_OF(NAMED("b")));
	tree_mode(tree, "q/20-b.json", 0666);
	load(tree, "q", &quirks);
	assert_int_equal(quirks.n, 1);
	assert_says(quirks.broken.at[0], "lets others write");
	quirks_done(&quirks);
	/* A link could lead to a file that somebody else chose. */
	tree_link(tree, "q/20-b.json", "10-a.json");
	load(tree, "q", &quirks);
	assert_int_equal(quirks.broken.n, 1);
	quirks_done(&quirks);
	/* Who can remove a file removes its denials. */
	unlink(tree_path(tree, "q/20-b.json"));
	tree_mode(tree, "q", 0777);
	load(tree, "q", &quirks);
	assert_int_equal(quirks.n, 0);
	assert_int_equal(quirks.broken.n, 1);
	assert_says(quirks.broken.at[0], "lets others write");
	quirks_done(&quirks);
	tree_mode(tree, "q", 0755);
}

/* Without a database everything is held, and it is said why. */
static void test_no_database(void **state)
{
	const struct tree *tree = *state;
	struct quirks quirks;

	tree_dir(tree, "empty");
	load(tree, "empty", &quirks);
	assert_int_equal(quirks.broken.n, 1);
	assert_says(quirks.broken.at[0], "no quirk database");
	quirks_done(&quirks);
	load(tree, "missing", &quirks);
	assert_int_equal(quirks.n, 0);
	assert_int_equal(quirks.broken.n, 1);
	assert_says(quirks.broken.at[0], "missing");
	quirks_done(&quirks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_entries),
		cmocka_unit_test(test_good_entry),
		cmocka_unit_test(test_hazards_may_be_empty),
		cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_release),
		cmocka_unit_test_setup_teardown(test_load, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_broken_files, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_untrusted, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_no_database, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
