/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-quirks-layers: which version of a file counts, and that nothing that once withheld is let go in silence. */
#include "tree.h"
#include "world.h"

#include "observe/quirks.h"

#define REST "\"hazards\":[\"ordering\"],\"why\":\"because\",\"references\":[\"https://example.org\"],\"confidence\":\"confirmed\",\"since\":\"2026-11-20\""
#define ENTRY(name, effect, match, more) "{\"name\":\"" name "\",\"effect\":\"" effect "\",\"match\":[" match "]," more REST "}"
#define DENY(name) ENTRY(name, "deny", "{\"arch\":\"x86_64\"}", "")
#define DENY_ELSEWHERE(name) ENTRY(name, "deny", "{\"arch\":\"arm\"}", "")
#define FILE_AT(serial, entries) "{\"schema\":1,\"serial\":" serial ",\"entries\":[" entries "]}"
#define FILE_OF(entries) FILE_AT("20261120", entries)
#define MEMORY(name) ENTRY(name, "memory", "{\"device\":\"1af4:1110\"}", "\"scratch\":\"whole\",")

#define USR QUIRKS_DISTRIBUTION_DIR "/"
#define VAR QUIRKS_UPDATE_DIR "/"
#define RUN QUIRKS_RUNTIME_DIR "/"
#define ETC QUIRKS_SITE_DIR "/"
#define GOOD_COPY QUIRKS_LAST_GOOD_DIR "/"

/* World and tree: a machine of literals, its database from files. */
struct fixture {
	struct tree tree;
	struct world world;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	tree_make(&f->tree);
	world_make(&f->world);
	/* A file of the distribution that says nothing of this machine: without any the whole database is missing. */
	tree_file(&f->tree, USR "00-other.json", FILE_OF(DENY_ELSEWHERE("other")));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	world_done(&f->world);
	tree_remove(&f->tree);
	free(f);
	return 0;
}

/* What becomes of the path that GOOD has, without a probe's findings against it. */
static enum verdict_kind verdict(struct fixture *f)
{
	char digest[DIGEST_TEXT];
	struct err err = { 0 };

	expectation_done(&f->world.expectation);
	device_verdict_done(&f->world.verdict);
	f->world.expectation = (struct expectation){ 0 };
	f->world.verdict = (struct device_verdict){ 0 };
	quirks_done(&f->world.quirks);
	assert_int_equal(quirks_load(&f->tree.root, NULL, &err, &f->world.quirks), 0);
	assert_int_equal(quirks_digest(&f->tree.root, NULL, &err, digest), 0);
	/* Whatever is there, nobody has to parse it to see that it is the same. */
	assert_string_equal(f->world.quirks.digest, digest);
	return world_judge(&f->world, GOOD)->path.kind;
}

static const char *held(struct fixture *f)
{
	return reason_text(&f->world.verdict.path.reasons, REASON_PATH_HELD);
}

static const struct quirk *entry(struct fixture *f, const char *name, enum quirk_layer layer)
{
	for (size_t i = 0; i < f->world.quirks.n; i++)
		if (!strcmp(f->world.quirks.at[i].name, name) && f->world.quirks.at[i].layer == layer)
			return &f->world.quirks.at[i];
	fail_msg("no entry %s in layer %s", name, quirk_layer_names[layer]);
	return NULL;
}

static void test_no_layers_but_usr(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(f->world.quirks.dirs.n, 5);
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNSAFE);
	assert_int_equal(entry(f, "a", LAYER_DISTRIBUTION)->state, QUIRK_ACTIVE);
}

/* Each layer adds files, whatever the others hold. */
static void test_every_layer_counts(void **state)
{
	static const struct {
		const char *path;
		enum quirk_layer layer;
	} rows[] = { { USR "30-a.json", LAYER_DISTRIBUTION }, { VAR "30-a.json", LAYER_UPDATE },
		     { RUN "30-a.json", LAYER_RUNTIME }, { ETC "30-a.json", LAYER_SITE } };
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(&f->tree, rows[i].path, FILE_OF(DENY("a")));
		assert_int_equal(verdict(f), VERDICT_UNSAFE);
		assert_int_equal(entry(f, "a", rows[i].layer)->state, QUIRK_ACTIVE);
		/* It replaced the one below, whose deny it repeats: nothing is to be said of that. */
		assert_string_equal(held(f), "");
		if (i)
			assert_int_equal(entry(f, "a", rows[i - 1].layer)->state, QUIRK_REPLACED);
	}
	/* A copy is no layer: beside its file it says nothing. */
	tree_file(&f->tree, GOOD_COPY "30-a.json", FILE_OF(DENY("b")));
	verdict(f);
	assert_null(quirks_find(&f->world.quirks, "b"));
}

static void test_replaced(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a")));
	tree_file(&f->tree, ETC "30-a.json", FILE_OF(""));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), USR "30-a.json is replaced by");
	assert_says(held(f), ETC "30-a.json");
	assert_int_equal(entry(f, "a", LAYER_DISTRIBUTION)->state, QUIRK_REPLACED);
	/* A weaker entry of the same name is no successor, */
	tree_file(&f->tree, ETC "30-a.json", FILE_OF(ENTRY("a", "warn", "{\"arch\":\"x86_64\"}", "")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), "is replaced by");
	/* not even one that holds: accepting that would open what was denied. */
	tree_file(&f->tree, ETC "30-a.json", FILE_OF(ENTRY("a", "hold", "{\"arch\":\"x86_64\"}", "")));
	world_accept(&f->world, "entry:a");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), "is replaced by");
	/* The site lifts it by name. */
	world_lift(&f->world, "a");
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_says(reason_text(&f->world.verdict.path.reasons, REASON_LIFTED), "a cannot be ruled out");
}

/* An entry replaces those of its name below, whatever the files are called; within a layer a name twice is a fault. */
static void test_replaced_by_name(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a") "," DENY_ELSEWHERE("b")));
	tree_file(&f->tree, VAR "90-update.json", FILE_OF(DENY_ELSEWHERE("a") "," DENY_ELSEWHERE("c")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), "the entry of ");
	assert_says(held(f), USR "30-a.json is replaced by that of");
	assert_says(held(f), VAR "90-update.json");
	assert_int_equal(entry(f, "a", LAYER_DISTRIBUTION)->state, QUIRK_REPLACED);
	assert_int_equal(entry(f, "a", LAYER_UPDATE)->state, QUIRK_ACTIVE);
	assert_int_equal(entry(f, "b", LAYER_DISTRIBUTION)->state, QUIRK_ACTIVE);
	assert_int_equal(entry(f, "c", LAYER_UPDATE)->state, QUIRK_ACTIVE);
	assert_ptr_equal(quirks_find(&f->world.quirks, "a"), entry(f, "a", LAYER_UPDATE));
	/* The highest layer has it. */
	tree_file(&f->tree, ETC "10-mine.json", FILE_OF(DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNSAFE);
	assert_int_equal(entry(f, "a", LAYER_UPDATE)->state, QUIRK_REPLACED);
	assert_int_equal(entry(f, "a", LAYER_SITE)->state, QUIRK_ACTIVE);
	/* A word that this pciwc cannot read replaces nothing that it can. */
	tree_file(&f->tree, ETC "10-mine.json", FILE_OF(ENTRY("a", "deny", "{\"arch\":\"x86_64\"}", "\"newer\":1,")));
	tree_file(&f->tree, VAR "90-update.json", FILE_OF(DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNSAFE);
	assert_int_equal(entry(f, "a", LAYER_UPDATE)->state, QUIRK_ACTIVE);
	tree_file(&f->tree, ETC "10-mine.json", FILE_OF(""));
	/* Two of one layer are a fault of the second, whose entries then only hold. */
	tree_file(&f->tree, VAR "95-twin.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_UNSAFE);
	assert_int_equal(f->world.quirks.damaged.n, 1);
	assert_says(f->world.quirks.damaged.at[0], "a is taken by 90-update.json");
}

static void test_masked(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a") "," ENTRY("w", "warn", "{\"arch\":\"x86_64\"}", "")));
	tree_link(&f->tree, ETC "30-a.json", "/dev/null");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n + f->world.quirks.damaged.n, 0);
	assert_says(held(f), USR "30-a.json is masked by");
	assert_says(held(f), ETC "30-a.json");
	assert_string_equal(reason_text(&f->world.verdict.path.reasons, REASON_WARNED), "");
	assert_int_equal(entry(f, "w", LAYER_DISTRIBUTION)->state, QUIRK_MASKED);
	world_lift(&f->world, "a");
	assert_int_equal(verdict(f), VERDICT_SAFE);
}

/* What masks is a link to exactly /dev/null; any other link is a file that somebody else chose. */
static void test_other_links(void **state)
{
	static const char *const targets[] = { "/dev/null/", "../../../dev/null", "/dev//null", "/dev/zero", "30-b.json", "" };
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a")));
	tree_file(&f->tree, ETC "30-b.json", FILE_OF(""));
	for (size_t i = 0; targets[i][0]; i++) {
		tree_link(&f->tree, ETC "30-a.json", targets[i]);
		assert_int_equal(verdict(f), VERDICT_UNKNOWN);
		assert_int_equal(f->world.quirks.broken.n, 1);
		assert_says(f->world.quirks.broken.at[0], ETC "30-a.json");
		assert_says(held(f), ETC "30-a.json, which is broken");
	}
}

/* An entry that allows is gone with its file: what is hidden never allows. */
static void test_hidden_allows_nothing(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "40-m.json", FILE_OF(MEMORY("m")));
	verdict(f);
	assert_true(f->world.expectation.bars[0].is_memory);
	tree_link(&f->tree, ETC "40-m.json", "/dev/null");
	verdict(f);
	assert_false(f->world.expectation.bars[0].is_memory);
	assert_false(f->world.expectation.bars[0].has_scratch);
}

/* Registers stay untouchable, but are no longer said to be such. */
static void test_masked_registers(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "40-r.json", FILE_OF(ENTRY("r", "not-memory", "{\"device\":\"1af4:1110\"}", "")));
	tree_link(&f->tree, ETC "40-r.json", "/dev/null");
	verdict(f);
	assert_false(f->world.expectation.bars[0].is_not_memory);
	assert_true(f->world.expectation.bars[0].may_be_registers);
	assert_int_equal(f->world.verdict.bars[0].kind, VERDICT_UNKNOWN);
	world_lift(&f->world, "r");
	verdict(f);
	assert_false(f->world.expectation.bars[0].may_be_registers);
}

/* ---- releases: the distribution's and its updates ---- */

/* A package that came later has the word: nothing of the update counts any more, under whatever name. */
static void test_old_update(void **state)
{
	static const char *const names[] = { VAR "update.json", VAR "30-a.json" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		tree_file(&f->tree, names[i], FILE_AT("20261119", DENY_ELSEWHERE("a") "," MEMORY("m")));
		tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a")));
		assert_int_equal(verdict(f), VERDICT_UNSAFE);
		assert_false(f->world.expectation.bars[0].is_memory);
		assert_int_equal(entry(f, "a", LAYER_DISTRIBUTION)->state, QUIRK_ACTIVE);
		assert_int_equal(entry(f, "m", LAYER_UPDATE)->state, QUIRK_REPLACED);
		assert_int_equal(f->world.quirks.broken.n + f->world.quirks.damaged.n, 0);
		/* One that is not older counts, */
		tree_file(&f->tree, names[i], FILE_OF(DENY_ELSEWHERE("a") "," MEMORY("m")));
		assert_int_equal(verdict(f), VERDICT_UNKNOWN);
		assert_true(f->world.expectation.bars[0].is_memory);
		assert_int_equal(entry(f, "a", LAYER_UPDATE)->state, QUIRK_ACTIVE);
		/* whatever the date of what an administrator wrote, or of a file that is broken. */
		tree_file(&f->tree, ETC "50-mine.json", FILE_AT("20270101", DENY_ELSEWHERE("mine")));
		tree_file(&f->tree, USR "50-broken.json", FILE_AT("20270101", DENY_ELSEWHERE("b") ",{\"name\":\"c\",\"match\":[{\"arch\":\"arm\"}]}"));
		verdict(f);
		assert_true(f->world.expectation.bars[0].is_memory);
		unlink(tree_path(&f->tree, USR "50-broken.json"));
		/* So is one with a name that another of the distribution has, or that it has twice. */
		tree_file(&f->tree, USR "50-taken.json", FILE_AT("20270101", DENY_ELSEWHERE("b") "," DENY_ELSEWHERE("other")));
		tree_file(&f->tree, USR "60-twice.json", FILE_AT("20270101", DENY_ELSEWHERE("c") "," DENY_ELSEWHERE("c")));
		verdict(f);
		assert_true(f->world.expectation.bars[0].is_memory);
		assert_int_equal(f->world.quirks.damaged.n, 2);
		unlink(tree_path(&f->tree, USR "50-taken.json"));
		unlink(tree_path(&f->tree, USR "60-twice.json"));
		unlink(tree_path(&f->tree, names[i]));
	}
}

/* A serial that is no day would be the newest for ever: its file is broken. */
static void test_serials(void **state)
{
	static const struct {
		const char *file;
		bool is_good;
	} rows[] = {
		{ FILE_AT("20280229", DENY_ELSEWHERE("a")), true },  { FILE_AT("20270229", DENY_ELSEWHERE("a")), false },
		{ FILE_AT("99999999", DENY_ELSEWHERE("a")), false }, { FILE_AT("20261301", DENY_ELSEWHERE("a")), false },
		{ FILE_AT("20260001", DENY_ELSEWHERE("a")), false }, { FILE_AT("20260431", DENY_ELSEWHERE("a")), false },
		{ FILE_AT("20260400", DENY_ELSEWHERE("a")), false }, { FILE_AT("1", DENY_ELSEWHERE("a")), false },
		{ FILE_AT("20000229", DENY_ELSEWHERE("a")), true },  { FILE_AT("21000229", DENY_ELSEWHERE("a")), false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(&f->tree, USR "30-a.json", rows[i].file);
		verdict(f);
		if (f->world.quirks.damaged.n == rows[i].is_good)
			fail_msg("%s", rows[i].file);
	}
}

/* What the update denied and the package does not name is held; where the package names it, the later word stands. */
static void test_old_update_denies(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, VAR "update.json", FILE_AT("20261119", DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), VAR "update.json (20261119) is older than");
	assert_says(held(f), USR "00-other.json (20261120)");
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(entry(f, "a", LAYER_UPDATE)->state, QUIRK_OLDER);
	/* Its copy knows no more than it, */
	tree_file(&f->tree, GOOD_COPY "update.json", FILE_AT("20261119", DENY("a") "," DENY_ELSEWHERE("z")));
	unlink(tree_path(&f->tree, VAR "update.json"));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(entry(f, "a", LAYER_LAST_GOOD)->state, QUIRK_OLDER);
	assert_int_equal(entry(f, "z", LAYER_LAST_GOOD)->state, QUIRK_REPLACED);
	unlink(tree_path(&f->tree, GOOD_COPY "update.json"));
	/* and a broken one is not known to be older. */
	tree_file(&f->tree, VAR "update.json", FILE_AT("20261119", DENY("a") ",null"));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	/* The later word is that of the entry's own file, */
	tree_file(&f->tree, USR "30-a.json", FILE_AT("20261118", DENY_ELSEWHERE("a")));
	tree_file(&f->tree, VAR "update.json", FILE_AT("20261119", DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	/* and no word that itself does not count. */
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	tree_link(&f->tree, ETC "30-a.json", "/dev/null");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
}

/* ---- broken ---- */

static void test_broken_holds_what_it_may_deny(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "10-b.json", FILE_OF(ENTRY("b", "warn", "{\"arch\":\"x86_64\"}", "")));
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY("a") ",{\"name\":\"half\",\"effect\":\"deny\",\"match\":[{\"arch\":\"arm\"}]}"));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 0);
	assert_int_equal(f->world.quirks.damaged.n, 1);
	assert_says(held(f), "a (30-a.json) may still deny this path");
	assert_says(held(f), "hazards: missing");
	/* The rest works. */
	assert_says(reason_text(&f->world.verdict.path.reasons, REASON_WARNED), "b (10-b.json)");
	/* What it denies elsewhere does not concern this machine. */
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY_ELSEWHERE("a") ",{\"name\":\"half\",\"effect\":\"deny\",\"match\":[{\"arch\":\"arm\"}]}"));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(f->world.quirks.damaged.n, 1);
}

/* What stands in for a name that cannot be read is the place in the file, which the next edit gives to another: no lift has it. */
static void test_nameless(void **state)
{
	static const char *const names[] = { "", "\"name\":7,", "\"name\":\"A b\"," };
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		_cleanup_free_ char *text = str_printf(FILE_OF("{%s\"effect\":\"deny\",\"match\":[{\"arch\":\"x86_64\"}]}"), names[i]);

		assert_non_null(text);
		tree_file(&f->tree, USR "30-a.json", text);
		world_lift(&f->world, "30-a.json:entries[0]");
		assert_int_equal(verdict(f), VERDICT_UNKNOWN);
		assert_says(held(f), "30-a.json:entries[0]");
		for (size_t n = 0; n < f->world.verdict.path.nexts.n; n++)
			assert_null(strstr(f->world.verdict.path.nexts.at[n].text, "\"lift\""));
	}
}

/* A key that cannot be read is as unknown as a fact; what can be read beside it may still rule the machine out. */
static void test_half_an_alternative(void **state)
{
	static const struct {
		const char *match;
		enum verdict_kind kind;
	} rows[] = {
		{ "{\"arch\":\"arm\",\"port\":\"1def\"}", VERDICT_SAFE },
		{ "{\"arch\":\"x86_64\",\"port\":\"1def\"}", VERDICT_UNKNOWN },
		{ "{\"port\":\"1def\"}", VERDICT_UNKNOWN },
		{ "{\"port\":\"1def\",\"suspect\":{\"arch\":\"arm\"}}", VERDICT_SAFE },
		{ "{\"port\":\"1def\",\"suspect\":{\"arch\":7}}", VERDICT_UNKNOWN },
		/* an exception that is not understood excepts nobody */
		{ "{\"arch\":\"x86_64\",\"not\":{\"arch\":\"x86_64\",\"port\":7}}", VERDICT_UNKNOWN },
		{ "{\"arch\":\"arm\",\"not\":7}", VERDICT_SAFE },
		{ "7", VERDICT_UNKNOWN },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *text = str_printf(FILE_OF("{\"name\":\"a\",\"effect\":\"deny\",\"match\":[%s]," REST "}"), rows[i].match);

		assert_non_null(text);
		tree_file(&f->tree, USR "30-a.json", text);
		if (verdict(f) != rows[i].kind)
			fail_msg("%s: %s", rows[i].match, verdict_names[f->world.verdict.path.kind]);
		if (rows[i].kind == VERDICT_UNKNOWN)
			assert_says(held(f), "a (30-a.json)");
	}
}

static void test_nothing_readable_holds_all(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, ETC "30-a.json", "{");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	assert_says(reason_text(&f->world.verdict.path.reasons, REASON_DATABASE_BROKEN), ETC "30-a.json");
	/* A mask takes nothing away that nobody knows. */
	tree_file(&f->tree, VAR "30-a.json", "{");
	tree_link(&f->tree, ETC "30-a.json", "/dev/null");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
}

/* What an update may have denied is said by the copy that was kept of it. */
static void test_last_good(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, VAR "30-a.json", "{");
	tree_file(&f->tree, GOOD_COPY "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(f->world.quirks.broken.n, 0);
	assert_int_equal(f->world.quirks.damaged.n, 1);
	tree_file(&f->tree, GOOD_COPY "30-a.json", FILE_OF(DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(held(f), "stands in for");
	assert_says(held(f), VAR "30-a.json, which is broken");
	/* An entry of which nothing could be read is then told by the copy. */
	tree_file(&f->tree, VAR "30-a.json", FILE_OF("null"));
	tree_file(&f->tree, GOOD_COPY "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	/* A copy that is broken itself tells nothing. */
	tree_file(&f->tree, VAR "30-a.json", "{");
	tree_file(&f->tree, GOOD_COPY "30-a.json", "[]");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
}

/* Who takes an update away, and leaves its copy, takes away what it permitted, and not what it denied. */
static void test_update_gone(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, GOOD_COPY "update.json", FILE_OF(DENY("a") "," MEMORY("m")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_false(f->world.expectation.bars[0].is_memory);
	assert_int_equal(f->world.quirks.broken.n, 0);
	assert_int_equal(f->world.quirks.damaged.n, 1);
	assert_says(f->world.quirks.damaged.at[0], VAR "update.json");
	assert_says(held(f), GOOD_COPY "update.json stands in for");
	assert_says(held(f), VAR "update.json, which is gone");
	/* What it denies elsewhere does not concern this machine. */
	tree_file(&f->tree, GOOD_COPY "update.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	/* A file of its name in another layer is none of the update. */
	tree_file(&f->tree, GOOD_COPY "update.json", FILE_OF(DENY("a")));
	tree_file(&f->tree, ETC "update.json", FILE_OF(""));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	unlink(tree_path(&f->tree, ETC "update.json"));
	/* Of a copy that is broken, too, what can be read holds, or else everything. */
	tree_file(&f->tree, GOOD_COPY "update.json", FILE_OF(DENY_ELSEWHERE("a") ",{\"name\":\"b\",\"match\":[{\"arch\":\"arm\"}]}"));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	tree_file(&f->tree, GOOD_COPY "update.json", "{");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	/* The next update mends it. */
	tree_file(&f->tree, VAR "update.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(f->world.quirks.broken.n + f->world.quirks.damaged.n, 0);
	/* Without both nobody remembers it. */
	unlink(tree_path(&f->tree, VAR "update.json"));
	unlink(tree_path(&f->tree, GOOD_COPY "update.json"));
	assert_int_equal(verdict(f), VERDICT_SAFE);
}

/* Masked, or not to be looked for, it is no less gone. */
static void test_update_gone_otherwise(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, GOOD_COPY "update.json", FILE_OF(DENY("a")));
	tree_file(&f->tree, VAR "update.json", FILE_OF(DENY("a")));
	assert_int_equal(verdict(f), VERDICT_UNSAFE);
	tree_link(&f->tree, VAR "update.json", "/dev/null");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.damaged.n, 1);
	unlink(tree_path(&f->tree, VAR "update.json"));
	/* Copies that nobody may believe are not none. */
	tree_mode(&f->tree, QUIRKS_LAST_GOOD_DIR, 0777);
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	assert_says(f->world.quirks.broken.at[0], QUIRKS_LAST_GOOD_DIR);
	/* Beside a good update they would say nothing. */
	tree_file(&f->tree, VAR "update.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	assert_int_equal(f->world.quirks.broken.n, 0);
	tree_mode(&f->tree, QUIRKS_LAST_GOOD_DIR, 0755);
}

/* ---- the digest: what changes nothing in it changes nothing in what is judged ---- */

static void change_text(struct tree *tree) { tree_file(tree, USR "30-a.json", FILE_OF(DENY("a")) " "); }
static void change_name(struct tree *tree) { assert_int_equal(rename(tree_path(tree, USR "30-a.json"), tree_path(tree, USR "31-a.json")), 0); }
static void change_mode(struct tree *tree) { tree_mode(tree, USR "30-a.json", 0666); }
static void change_directory(struct tree *tree) { tree_mode(tree, QUIRKS_SITE_DIR, 0777); }
static void change_away(struct tree *tree) { unlink(tree_path(tree, USR "30-a.json")); }
static void change_layer(struct tree *tree) { tree_file(tree, RUN "30-a.json", FILE_OF(DENY("a"))); }
static void change_mask(struct tree *tree) { tree_link(tree, ETC "30-a.json", "/dev/null"); }
static void change_to_link(struct tree *tree) { tree_link(tree, ETC "30-a.json", "/dev/zero"); }
static void change_copy(struct tree *tree) { tree_file(tree, GOOD_COPY "30-a.json", FILE_OF(DENY("a"))); }
static void change_broken(struct tree *tree) { tree_file(tree, ETC "10-b.json", "{"); }
static void change_nothing(struct tree *tree) { tree_file(tree, USR "30-a.json", FILE_OF(DENY("a"))); }
static void change_other(struct tree *tree) { tree_file(tree, USR "README", "no file of the database"); }

static void test_digest(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct tree *tree);
		bool is_same;
	} rows[] = {
		{ "a byte", change_text, false },      { "a name", change_name, false },   { "who may write it", change_mode, false },
		{ "who may write its directory", change_directory, false },                { "a file that goes", change_away, false },
		{ "the same in another layer", change_layer, false },                      { "a mask", change_mask, false },
		{ "a link that is none", change_to_link, false },                          { "a copy", change_copy, false },
		{ "a broken file", change_broken, false },                                 { "nothing", change_nothing, true },
		{ "another file", change_other, true },
	};
	char digests[ELEMENTSOF(rows)][DIGEST_TEXT];
	(void)state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct tree tree;
		struct err err = { 0 };
		char before[DIGEST_TEXT];

		tree_make(&tree);
		tree_file(&tree, USR "30-a.json", FILE_OF(DENY("a")));
		tree_file(&tree, ETC "40-b.json", FILE_OF(DENY("b")));
		assert_int_equal(quirks_digest(&tree.root, NULL, &err, before), 0);
		rows[i].change(&tree);
		assert_int_equal(quirks_digest(&tree.root, NULL, &err, digests[i]), 0);
		if (!strcmp(before, digests[i]) != rows[i].is_same)
			fail_msg("%s: %s", rows[i].name, digests[i]);
		for (size_t n = 0; n < i; n++)
			if (!rows[i].is_same && !strcmp(digests[n], digests[i]))
				fail_msg("%s: as with %s", rows[i].name, rows[n].name);
		tree_mode(&tree, QUIRKS_SITE_DIR, 0755);
		tree_remove(&tree);
	}
}

/* A directory that is not there is like none other. */
static void test_digest_of_one_directory(void **state)
{
	struct fixture *f = *state;
	char given[DIGEST_TEXT], missing[DIGEST_TEXT];
	struct quirks quirks = { 0 };
	struct err err = { 0 };

	assert_int_equal(quirks_digest(&f->tree.root, tree_path(&f->tree, "no"), &err, missing), 0);
	assert_int_equal(quirks_load(&f->tree.root, tree_path(&f->tree, "no"), &err, &quirks), 0);
	assert_string_equal(quirks.digest, missing);
	quirks_done(&quirks);
	assert_int_equal(quirks_digest(&f->tree.root, tree_path(&f->tree, QUIRKS_DISTRIBUTION_DIR), &err, given), 0);
	assert_int_equal(quirks_load(&f->tree.root, tree_path(&f->tree, QUIRKS_DISTRIBUTION_DIR), &err, &quirks), 0);
	assert_string_equal(quirks.digest, given);
	assert_string_not_equal(given, missing);
	quirks_done(&quirks);
}

/* How old an update is does not depend on whether its format is known; of one that does not say it nobody knows it. */
static void test_newer_update(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_AT("20261120", ENTRY("a", "warn", "{\"arch\":\"x86_64\"}", "")));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	tree_file(&f->tree, VAR "update.json", "{\"schema\":2,\"serial\":20261121,\"entries\":[" DENY("a") "]}");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	tree_file(&f->tree, VAR "update.json", "{\"schema\":2,\"entries\":[" DENY("a") "]}");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	/* The package has said since what is to be said of this name. */
	tree_file(&f->tree, VAR "update.json", "{\"schema\":2,\"serial\":20261119,\"entries\":[" DENY("a") "]}");
	assert_int_equal(verdict(f), VERDICT_SAFE);
	/* And a package of a newer format is as new as it says. */
	tree_file(&f->tree, USR "30-a.json", "{\"schema\":2,\"serial\":20261122,\"entries\":[]}");
	tree_file(&f->tree, VAR "update.json", FILE_AT("20261121", DENY("b")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(entry(f, "b", LAYER_UPDATE)->state, QUIRK_REPLACED);
}

/* A good file of the same name in another layer is another's word: it does not say what the broken one denied. */
static void test_broken_beside_good(void **state)
{
	static const char *const places[] = { USR "30-a.json", VAR "30-a.json", RUN "30-a.json", ETC "30-a.json" };
	struct fixture *f = *state;

	for (size_t broken = 0; broken < ELEMENTSOF(places); broken++)
		for (size_t good = 0; good < ELEMENTSOF(places); good++) {
			if (good == broken)
				continue;
			tree_file(&f->tree, places[broken], "{");
			tree_file(&f->tree, places[good], FILE_OF(DENY_ELSEWHERE("a")));
			if (verdict(f) != VERDICT_UNKNOWN)
				fail_msg("%s broken, %s good: %s", places[broken], places[good], verdict_names[f->world.verdict.path.kind]);
			assert_int_equal(f->world.quirks.broken.n, 1);
			assert_says(f->world.quirks.broken.at[0], places[broken]);
			/* An entry of which nothing could be read may mean every machine. */
			tree_file(&f->tree, places[broken], FILE_OF("null"));
			if (verdict(f) != VERDICT_UNKNOWN)
				fail_msg("an entry of %s, %s good", places[broken], places[good]);
			/* What could be read holds where it may deny, and no more. */
			tree_file(&f->tree, places[broken], FILE_OF(DENY_ELSEWHERE("half") ",{\"name\":\"b\",\"match\":[{\"arch\":\"arm\"}]}"));
			assert_int_equal(verdict(f), VERDICT_SAFE);
			assert_int_equal(f->world.quirks.damaged.n, 1);
			unlink(tree_path(&f->tree, places[broken]));
			unlink(tree_path(&f->tree, places[good]));
		}
	/* A copy is that of an update, and says nothing of what an administrator wrote. */
	tree_file(&f->tree, ETC "30-a.json", "{");
	tree_file(&f->tree, GOOD_COPY "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
}

/* ---- newer ---- */

#define NEWER(words) "{\"name\":\"a\"," words "," REST "}"

static void test_newer(void **state)
{
	static const struct {
		const char *file;
		enum verdict_kind kind;
	} rows[] = {
		/* a key of the entry that may change its meaning */
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"x86_64\"}],\"unless\":7")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"arm\"}],\"unless\":7")), VERDICT_SAFE },
		/* what allows does nothing then */
		{ FILE_OF(NEWER("\"effect\":\"allow-after-probe\",\"match\":[{\"arch\":\"x86_64\"}],\"unless\":7")), VERDICT_SAFE },
		/* an effect */
		{ FILE_OF(NEWER("\"effect\":\"burn\",\"match\":[{\"arch\":\"x86_64\"}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"burn\",\"match\":[{\"arch\":\"arm\"}]")), VERDICT_SAFE },
		/* a match key, a field of one, a word of one */
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"moon\":\"full\"}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"moon\":\"full\",\"arch\":\"arm\"}]")), VERDICT_SAFE },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"dmi\":{\"moon\":\"x\"}}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"pdp11\"}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"kernel\":{\"moon\":\"x\"}}]")), VERDICT_UNKNOWN },
		/* another way to write an id, a class, a release, an option; more nesting */
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"port\":\"1def:e100/2\"}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"port\":{\"id\":\"1def:e10?\"}}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"port\":\"1def:e100/2\",\"arch\":\"arm\"}]")), VERDICT_SAFE },
		{ FILE_OF(NEWER("\"effect\":\"warn\",\"match\":[{\"class\":\"05-06\"}]")), VERDICT_SAFE },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"kernel\":{\"min\":\"6.9-rc1\"}}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"kconfig\":\"PCI_IOV\"}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"x86_64\",\"not\":{\"not\":{\"pat\":false}}}]")), VERDICT_UNKNOWN },
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"arm\",\"suspect\":{\"not\":{\"pat\":false}}}]")), VERDICT_SAFE },
		/* of scratch and references; what permits does nothing then */
		{ FILE_OF(NEWER("\"effect\":\"memory\",\"match\":[{\"class\":\"05\"}],\"scratch\":\"half\"")), VERDICT_SAFE },
		{ FILE_OF(NEWER("\"effect\":\"memory\",\"match\":[{\"class\":\"05\"}],\"scratch\":[{\"offset\":0,\"size\":4096,\"every\":2}]")), VERDICT_SAFE },
		{ FILE_OF("{\"name\":\"a\",\"effect\":\"deny\",\"hazards\":[\"ordering\"],\"match\":[{\"arch\":\"x86_64\"}],\"why\":\"w\",\"references\":[\"doi:10.1\"],"
		          "\"confidence\":\"confirmed\",\"since\":\"2026-11-20\"}"), VERDICT_UNKNOWN },
		/* a schema, a key of the file */
		{ "{\"schema\":2,\"serial\":20261120,\"entries\":[" DENY("a") "]}", VERDICT_UNKNOWN },
		{ "{\"schema\":2,\"serial\":20261120,\"entries\":[" DENY_ELSEWHERE("a") "]}", VERDICT_SAFE },
		{ "{\"schema\":1,\"serial\":20261120,\"mood\":1,\"entries\":[" DENY("a") "]}", VERDICT_UNKNOWN },
		/* the rest of the file works */
		{ FILE_OF(NEWER("\"effect\":\"deny\",\"match\":[{\"arch\":\"arm\"}],\"unless\":7") "," DENY("b")), VERDICT_UNSAFE },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(&f->tree, USR "30-a.json", rows[i].file);
		if (verdict(f) != rows[i].kind)
			fail_msg("%s: %s", rows[i].file, verdict_names[f->world.verdict.path.kind]);
		assert_int_equal(entry(f, "a", LAYER_DISTRIBUTION)->state, QUIRK_NEWER_FORMAT);
		/* It is no fault of the file. */
		assert_int_equal(f->world.quirks.broken.n + f->world.quirks.damaged.n, 0);
	}
}

/* What an effect of the future says of a BAR may be that it holds registers: nothing is written there. */
static void test_newer_effect_of_bar(void **state)
{
	static const char *const effects[] = { "\"effect\":\"burn\",", "\"effect\":7,", "" };
	struct fixture *f = *state;

	tree_file(&f->tree, USR "40-m.json", FILE_OF(MEMORY("m")));
	for (size_t i = 0; i < ELEMENTSOF(effects); i++) {
		_cleanup_free_ char *text = str_printf(FILE_OF("{\"name\":\"a\",%s\"match\":[{\"device\":\"1af4:1110\"}]," REST "}"), effects[i]);

		assert_non_null(text);
		tree_file(&f->tree, USR "30-a.json", text);
		verdict(f);
		assert_true(f->world.expectation.bars[0].may_be_registers);
		assert_false(f->world.expectation.bars[0].has_scratch);
		assert_int_equal(f->world.verdict.bars[0].kind, VERDICT_UNKNOWN);
	}
	world_lift(&f->world, "a");
	verdict(f);
	assert_false(f->world.expectation.bars[0].may_be_registers);
	assert_true(f->world.expectation.bars[0].has_scratch);
}

/* ---- whom to trust ---- */

static void test_untrusted(void **state)
{
	struct fixture *f = *state;

	/* Who can write the file can have taken anything out of it; the one below does not say what it had. */
	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	tree_file(&f->tree, ETC "30-a.json", FILE_OF(""));
	tree_mode(&f->tree, ETC "30-a.json", 0664);
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	unlink(tree_path(&f->tree, USR "30-a.json"));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(f->world.quirks.broken.at[0], "lets others write");
	unlink(tree_path(&f->tree, ETC "30-a.json"));
	assert_int_equal(verdict(f), VERDICT_SAFE);
	/* Who can write the folder, or one above it, can take any file away. */
	static const char *const folders[] = {
		QUIRKS_SITE_DIR, "/etc/pciwc", "/etc", QUIRKS_UPDATE_DIR, "/var/lib/pciwc", "/var/lib", "/var",
		QUIRKS_RUNTIME_DIR, "/run/pciwc", "/run", QUIRKS_DISTRIBUTION_DIR, PKGDATADIR,
	};

	tree_dir(&f->tree, QUIRKS_UPDATE_DIR);
	tree_dir(&f->tree, QUIRKS_RUNTIME_DIR);
	/* The sticky bit keeps others' hands from the files that are there, and lets them add a link that masks one below. */
	static const mode_t modes[] = { 0757, 0775, 01777 };

	for (size_t i = 0; i < ELEMENTSOF(folders) * ELEMENTSOF(modes); i++) {
		const char *folder = folders[i % ELEMENTSOF(folders)];

		if (i >= ELEMENTSOF(folders) && !strstr(folder, "quirks.d"))
			continue;
		tree_mode(&f->tree, folder, modes[i / ELEMENTSOF(folders)]);
		assert_int_equal(verdict(f), VERDICT_UNKNOWN);
		/* In these the copies would be, too. */
		assert_int_equal(f->world.quirks.broken.n, str_starts("/var/lib/pciwc", folder) ? 2 : 1);
		assert_says(f->world.quirks.broken.at[0], folder);
		assert_says(f->world.quirks.broken.at[0], "lets others write");
		tree_mode(&f->tree, folder, 0755);
	}
	/* A folder that is none. */
	tree_file(&f->tree, RUN "x", "");
	unlink(tree_path(&f->tree, RUN "x"));
	rmdir(tree_path(&f->tree, QUIRKS_RUNTIME_DIR));
	tree_link(&f->tree, QUIRKS_RUNTIME_DIR, "/etc/pciwc/quirks.d");
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	assert_says(f->world.quirks.broken.at[0], QUIRKS_RUNTIME_DIR);
}

/* A link masks on the word of who made it. */
static void test_foreign_mask(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, USR "30-a.json", FILE_OF(DENY_ELSEWHERE("a")));
	tree_link(&f->tree, ETC "30-a.json", "/dev/null");
	assert_int_equal(verdict(f), VERDICT_SAFE);
	if (geteuid() != 0)
		return;
	assert_int_equal(lchown(tree_path(&f->tree, ETC "30-a.json"), 12345, 0), 0);
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_int_equal(f->world.quirks.broken.n, 1);
	assert_says(f->world.quirks.broken.at[0], "owned by uid 12345");
}

/* Other layers make no database. */
static void test_no_distribution(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, ETC "30-a.json", FILE_OF(""));
	unlink(tree_path(&f->tree, USR "00-other.json"));
	assert_int_equal(verdict(f), VERDICT_UNKNOWN);
	assert_says(f->world.quirks.broken.at[0], "no quirk database there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_layers_but_usr, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_layer_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replaced_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_masked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_links, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hidden_allows_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_masked_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_update, setup, teardown),
		cmocka_unit_test_setup_teardown(test_serials, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_update_denies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken_holds_what_it_may_deny, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nameless, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_an_alternative, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_readable_holds_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_gone_otherwise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newer_update, setup, teardown),
		cmocka_unit_test(test_digest),
		cmocka_unit_test_setup_teardown(test_digest_of_one_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_broken_beside_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newer_effect_of_bar, setup, teardown),
		cmocka_unit_test_setup_teardown(test_untrusted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_mask, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_distribution, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
