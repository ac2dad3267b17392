/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-quirks-cache: what is remembered says what its sources say, to the letter, or is not used at all. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/digest.h"
#include "model/quirk-pack.h"
#include "observe/quirks-cache.h"
#include "observe/quirks.h"

#define USR QUIRKS_DISTRIBUTION_DIR "/"
#define CACHE QUIRKS_CACHE_DIR "/" QUIRKS_CACHE_FILE
#define REST "\"why\":\"because\",\"references\":[\"https://example.org\",\"https://example.com\"],\"confidence\":\"confirmed\",\"since\":\"2026-11-20\""
#define FILE_OF(serial, entries) "{\"schema\":1,\"serial\":" serial ",\"entries\":[" entries "]}"
#define DENY(name, arch) "{\"name\":\"" name "\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"" arch "\"}]," REST "}"

/* Each key, each way to write a value, and all that an entry can have. */
static const char everything[] = FILE_OF("20261120",
	"{\"name\":\"all-paths\",\"effect\":\"deny\",\"hazards\":[\"ordering\",\"slow-read\"],\"fact\":\"a-fact\",\"match\":["
	"{\"arch\":[\"aarch64\",\"arm\"],\"cpu\":{\"implementer\":\"0x41\",\"part\":{\"min\":1,\"max\":\"0xd0c\"},\"variant\":3,\"revision\":{\"min\":2}},"
	"\"not\":{\"soc_id\":{\"id\":[\"jep106:0a01\",\"x\"],\"revision\":{\"max\":3}}},\"suspect\":{\"dt_compatible\":\"acme,soc\"}},"
	"{\"cpu\":[{\"vendor\":\"GenuineIntel\",\"family\":6,\"model\":{\"max\":143}},{\"vendor\":\"AuthenticAMD\"}]},"
	"{\"dmi\":{\"sys_vendor\":\"A*\",\"processor_id\":{\"value\":\"0x10\",\"mask\":\"0xf0\"}},\"acpi_mcfg\":{\"oem_id\":\"A\",\"oem_revision\":1}},"
	"{\"acpi_fadt\":{\"oem_id\":\"B\",\"oem_table_id\":\"C\"},\"port\":[\"1def:e101\",{\"id\":\"10ee:*\",\"revision\":{\"max\":2}}],\"host_bridge\":\"1af4:1000-107f\"},"
	"{\"kernel\":{\"min\":\"6.9\",\"max\":\"6.11.5\"},\"cmdline\":[\"a=\",\"b\"],\"kconfig\":[\"CONFIG_A=y\",\"CONFIG_B=m\"],\"pat\":false,\"hypervisor\":true},"
	"{\"hypervisor\":[\"kvm\"],\"dt_bridge_compatible\":\"x\",\"bridge_property\":\"x,y\"}]," REST "},"
	"{\"name\":\"a-bar\",\"effect\":\"memory\",\"hazards\":[],\"scratch\":[{\"offset\":\"0x1000\",\"size\":\"0x2000\"},{\"offset\":0,\"size\":4096}],"
	"\"match\":[{\"device\":\"1af4:1110\",\"subsystem\":\"1af4:*\",\"class\":\"0500\",\"revision\":{\"min\":1},\"bar\":[2,4]}]," REST "},"
	"{\"name\":\"a-cmb\",\"effect\":\"memory\",\"hazards\":[],\"scratch\":\"cmb\",\"match\":[{\"class\":\"010802\"}]," REST "}");

/* ---- sameness, field by field ---- */

static void same_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void same_strs(const struct strs *a, const struct strs *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->at[i], b->at[i]);
}

static void same_terms(const struct terms *a, const struct terms *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t t = 0; t < a->n; t++) {
		assert_int_equal(a->at[t].key, b->at[t].key);
		assert_int_equal(a->at[t].n, b->at[t].n);
		for (size_t f = 0; f < a->at[t].n; f++) {
			assert_int_equal(a->at[t].at[f].n, b->at[t].at[f].n);
			for (size_t i = 0; i < a->at[t].at[f].n; i++) {
				const struct criterion *x = &a->at[t].at[f].at[i], *y = &b->at[t].at[f].at[i];

				same_text(x->field, y->field);
				same_strs(&x->texts, &y->texts);
				assert_int_equal(x->min, y->min);
				assert_int_equal(x->max, y->max);
				assert_int_equal(x->mask, y->mask);
			}
		}
	}
}

static void same_quirk(const struct quirk *a, const struct quirk *b)
{
	same_text(a->name, b->name);
	same_text(a->file, b->file);
	same_text(a->why, b->why);
	same_text(a->since, b->since);
	same_text(a->fact, b->fact);
	same_text(a->held_because, b->held_because);
	same_text(a->by, b->by);
	assert_int_equal(a->layer, b->layer);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->effect, b->effect);
	assert_int_equal(a->confidence, b->confidence);
	assert_int_equal(a->of_device, b->of_device);
	assert_int_equal(a->is_cmb, b->is_cmb);
	assert_int_equal(a->n_hazards, b->n_hazards);
	for (size_t i = 0; i < a->n_hazards; i++)
		assert_int_equal(a->hazards[i], b->hazards[i]);
	assert_int_equal(a->scratch.n, b->scratch.n);
	for (size_t i = 0; i < a->scratch.n; i++) {
		assert_int_equal(a->scratch.at[i].offset, b->scratch.at[i].offset);
		assert_int_equal(a->scratch.at[i].size_bytes, b->scratch.at[i].size_bytes);
	}
	same_strs(&a->references, &b->references);
	assert_int_equal(a->n_match, b->n_match);
	for (size_t i = 0; i < a->n_match; i++) {
		same_terms(&a->match[i].terms, &b->match[i].terms);
		same_terms(&a->match[i].nots, &b->match[i].nots);
		same_terms(&a->match[i].suspect, &b->match[i].suspect);
		same_strs(&a->match[i].unreadable, &b->match[i].unreadable);
	}
}

static void same_quirks(const struct quirks *a, const struct quirks *b)
{
	same_strs(&a->broken, &b->broken);
	same_strs(&a->damaged, &b->damaged);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		same_quirk(&a->at[i], &b->at[i]);
	assert_int_equal(a->files.n, b->files.n);
	for (size_t i = 0; i < a->files.n; i++) {
		assert_string_equal(a->files.at[i].path, b->files.at[i].path);
		same_text(a->files.at[i].fault, b->files.at[i].fault);
		assert_int_equal(a->files.at[i].state, b->files.at[i].state);
		assert_int_equal(a->files.at[i].serial, b->files.at[i].serial);
		assert_int_equal(a->files.at[i].n_entries, b->files.at[i].n_entries);
	}
}

/* ---- a database, and its cache ---- */

static int setup(void **state)
{
	tree_setup(state);
	tree_file(*state, USR "10-all.json", everything);
	tree_file(*state, USR "20-deny.json", FILE_OF("20261120", DENY("deny-it", "x86_64")));
	tree_file(*state, QUIRKS_SITE_DIR "/20-deny.json", FILE_OF("20261121", DENY("deny-it", "arm")));
	return 0;
}

/* Makes the cache; how many files are in it. */
static size_t make(const struct tree *tree, char **ret, size_t *ret_size)
{
	_cleanup_(quirks_cache_done) struct quirks_cache cache;
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	struct err err = { 0 };

	quirks_cache_make(&cache);
	assert_int_equal(quirks_load_by(&cache, &tree->root, NULL, &err, &quirks), 0);
	assert_int_equal(quirks_cache_bytes(&cache, &err, ret, ret_size), 0);
	tree_bytes(tree, CACHE, *ret, *ret_size);
	return cache.slots.n;
}

/* How many of the entries were recalled; and what is loaded is what would be without a cache. */
static size_t recalled(const struct tree *tree)
{
	_cleanup_(quirks_done) struct quirks plain = { 0 }, quirks = { 0 };
	struct quirks_cache none = { 0 };
	struct err err = { 0 };
	size_t n = 0;

	assert_int_equal(quirks_load_by(&none, &tree->root, NULL, &err, &plain), 0);
	assert_int_equal(quirks_load(&tree->root, NULL, &err, &quirks), 0);
	same_quirks(&quirks, &plain);
	for (size_t i = 0; i < quirks.n; i++)
		n += quirks.at[i].block != NULL;
	return n;
}

static void test_same(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	assert_int_equal(recalled(tree), 0);
	assert_int_equal(make(tree, &bytes, &size), 3);
	assert_int_equal(recalled(tree), 5);
}

/* A source that changes is read anew, whatever its size and times are; the others are still recalled. */
static void test_source_changes(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	make(tree, &bytes, &size);
	tree_file(tree, USR "20-deny.json", FILE_OF("20261120", DENY("deny-me", "x86_64")));
	assert_int_equal(recalled(tree), 4);
	unlink(tree_path(tree, USR "10-all.json"));
	assert_int_equal(recalled(tree), 1);
	/* The same bytes under another name are the same entries, of another file. */
	tree_file(tree, USR "15-all.json", everything);
	assert_int_equal(recalled(tree), 4);
}

/* Nothing that has a fault is remembered. */
static void test_faults(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	tree_file(tree, USR "30-broken.json", FILE_OF("20261120", "{\"name\":\"x\"}"));
	tree_file(tree, USR "31-newer.json", FILE_OF("20261120", DENY("y", "mips128")));
	tree_file(tree, USR "32-no-json.json", "{");
	assert_int_equal(make(tree, &bytes, &size), 3);
	recalled(tree);
}

/* Each bit pattern of a byte that is wrong is below a digest: at most the file that it belongs to is parsed instead. */
static void test_each_byte(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size, n_less = 0;

	make(tree, &bytes, &size);
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= (char)(1 << i % 8);
		tree_bytes(tree, CACHE, bytes, size);
		n_less += recalled(tree) < 5;
		bytes[i] ^= (char)(1 << i % 8);
	}
	assert_int_equal(n_less, size);
}

static void test_each_length(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	make(tree, &bytes, &size);
	for (size_t i = 0; i < size; i++) {
		tree_bytes(tree, CACHE, bytes, i);
		assert_true(recalled(tree) < 5);
	}
}

/* The layout is that of one build: a digest that leaves the build out is not believed. */
static void test_other_build(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	uint64_t slots = 3;
	size_t size;

	make(tree, &bytes, &size);
	assert_memory_equal(bytes + 8 + DIGEST_BYTES, &slots, sizeof(slots));
	assert_int_equal(digest_of("other", 5, bytes + 8 + DIGEST_BYTES, 8 + 3 * (2 * DIGEST_BYTES + 16), (unsigned char *)bytes + 8), 0);
	tree_bytes(tree, CACHE, bytes, size);
	assert_int_equal(recalled(tree), 0);
}

static void test_untrusted(void **state)
{
	const struct tree *tree = *state;
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	make(tree, &bytes, &size);
	assert_int_equal(recalled(tree), 5);
	assert_int_equal(chmod(tree_path(tree, CACHE), 0664), 0);
	assert_int_equal(recalled(tree), 0);
	assert_int_equal(chmod(tree_path(tree, CACHE), 0644), 0);
	for (int i = 0; i < 2; i++) {
		const char *dir = tree_path(tree, i ? "/var/cache" : QUIRKS_CACHE_DIR);

		assert_int_equal(chmod(dir, 0777), 0);
		assert_int_equal(recalled(tree), 0);
		assert_int_equal(chmod(dir, 0755), 0);
	}
	assert_int_equal(recalled(tree), 5);
	tree_bytes(tree, "/elsewhere", bytes, size);
	tree_link(tree, CACHE, "/elsewhere");
	assert_int_equal(recalled(tree), 0);
}

/* Digests apart: whatever the bytes of an entry are, reading them stays within them, and within what entries can be. */
static void test_entry_of_any_bytes(void **state)
{
	const struct tree *tree = *state;
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	struct err err = { 0 };
	size_t n_refused = 0;

	assert_int_equal(quirks_load(&tree->root, NULL, &err, &quirks), 0);
	for (size_t q = 0; q < quirks.n; q++) {
		struct pack pack = { 0 };

		quirk_pack(&quirks.at[q], &pack);
		assert_false(pack.is_failed);
		for (size_t i = 0; i < pack.n * 256; i++) {
			/* On its own, so that a step too far is seen. */
			_cleanup_free_ char *bytes = malloc(pack.n);
			struct quirk quirk;

			assert_non_null(bytes);
			memcpy(bytes, pack.at, pack.n);
			bytes[i / 256] = (char)i;

			struct unpack in = { bytes, pack.n, false };

			if (quirk_unpack(&in, "x.json", &quirk) < 0) {
				n_refused++;
				continue;
			}
			assert_true(quirk.effect < EFFECTS);
			assert_true(quirk.n_match > 0);
			json_done(&(struct json_object *){ quirk_to_json(&quirk) });
			quirk_done(&quirk);
		}
		for (size_t i = 0; i < pack.n; i++) {
			_cleanup_free_ char *bytes = malloc(i + 1);
			struct unpack in = { bytes, i, false };
			struct quirk quirk;

			assert_non_null(bytes);
			memcpy(bytes, pack.at, i);
			assert_int_equal(quirk_unpack(&in, "x.json", &quirk), -EINVAL);
		}
		free(pack.at);
	}
	assert_true(n_refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_source_changes, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_each_byte, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_each_length, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_other_build, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_untrusted, setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_entry_of_any_bytes, setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
