/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries that outlive their boot, and what is made of files that are broken, foreign or hostile. */
#include "tree.h"

#include <stdbool.h>

#include "act/barfile.h"
#include "act/journal.h"

#define BOOT "11111111-2222-3333-4444-555555555555"
#define PATH "root=0000:00:01.0 ports=1b36:000c-00,mps128"
#define DIR_MODE 0755
#define ENTRY "var/lib/pciwc/journal/0000:01:00.0-bar2.json"

static void boot(const struct tree *tree, const char *id)
{
	tree_file(tree, "proc/sys/kernel/random/boot_id", id);
}

static struct journal_entry entry_of(enum step step)
{
	return (struct journal_entry){ .address = { .bus = 1 }, .bar = 2, .step = step, .boot_id = (char *)BOOT,
		                       .path_key = (char *)PATH, .time_s = 1700000000, .deaths = 1 };
}

static void write_entry(const struct tree *tree, enum step step)
{
	struct journal_entry entry = entry_of(step);
	struct err err = { 0 };

	if (journal_write(&tree->root, &entry, &err) < 0)
		fail_msg("%s", err.text);
}

static void read_all(const struct tree *tree, struct journal *journal)
{
	struct err err = { 0 };

	*journal = (struct journal){ 0 };
	if (journal_read(&tree->root, &err, journal) < 0)
		fail_msg("%s", err.text);
}

static void instruction(void **state)
{
	struct tree *tree = *state;
	struct journal_entry entry = entry_of(STEP_WIDE128);
	char where[JOURNAL_WHERE_SIZE];
	struct journal journal;

	boot(tree, BOOT "\n");
	strcpy(entry.insn, "vmovntdq-512");
	assert_int_equal(journal_write(&tree->root, &entry, NULL), 0);
	read_all(tree, &journal);
	assert_int_equal(journal.n, 1);
	assert_false(journal.at[0].is_crash);
	assert_string_equal(journal.at[0].insn, "vmovntdq-512");
	journal_entry_where(&journal.at[0], where);
	assert_string_equal(where, "wide128 (vmovntdq-512)");
	journal_done(&journal);
	entry = entry_of(STEP_NONE);
	journal_entry_where(&entry, where);
	assert_string_equal(where, "settling");

	/* It is printed: no control character, and nothing that does not fit. */
	static const char *const bad[] = { "", "\\u001b[2J", "a b", "abcdefghijklmnopqrstuvwxyz" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"wide128\",\"insn\":\"%s\","
		                             "\"boot_id\":\"" BOOT "\",\"time\":1,\"deaths\":0}", bad[i]);
		tree_file(tree, ENTRY, text);
		read_all(tree, &journal);
		assert_int_equal(journal.n, 1);
		/* What cannot be read is a crash. */
		assert_true(journal.at[0].is_crash);
		journal_done(&journal);
	}
}

static void round_trip(void **state)
{
	struct tree *tree = *state;
	struct journal_entry other = entry_of(STEP_NONE);
	struct pci_address address = { .bus = 1 };
	struct journal journal;
	struct stat st;

	read_all(tree, &journal);
	assert_int_equal(journal.n, 0);
	boot(tree, BOOT "\n");
	write_entry(tree, STEP_NONE);
	write_entry(tree, STEP_SPARSE);
	assert_int_equal(stat(tree_path(tree, ENTRY), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	other.address.slot = 3;
	assert_int_equal(journal_write(&tree->root, &other, NULL), 0);
	read_all(tree, &journal);
	assert_int_equal(journal.n, 2);
	assert_int_equal(journal.at[0].step, STEP_SPARSE);
	assert_int_equal(journal.at[0].bar, 2);
	assert_int_equal(journal.at[0].time_s, 1700000000);
	assert_int_equal(journal.at[0].deaths, 1);
	assert_string_equal(journal.at[0].path_key, PATH);
	assert_int_equal(journal.at[1].step, STEP_NONE);
	assert_false(journal.at[0].is_crash);
	assert_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);

	/* The next boot. */
	boot(tree, "99999999-2222-3333-4444-555555555555\n");
	read_all(tree, &journal);
	assert_true(journal.at[0].is_crash);
	assert_non_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);

	assert_int_equal(journal_remove(&tree->root, &address, 2, NULL), 0);
	assert_int_equal(journal_remove(&tree->root, &address, 2, NULL), 0);
	read_all(tree, &journal);
	assert_int_equal(journal.n, 1);
	assert_int_equal(journal.at[0].address.slot, 3);
	journal_done(&journal);
}

/* Whatever cannot be read counts as a crash of the BAR that the name says. */
static void unreadable(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "{\"device\":\"0000:01:00.0\"}",
		/* a terminal's word */
		"{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"sparse\",\"boot_id\":\"" BOOT "\",\"time\":1,\"deaths\":0,\"path_key\":\"\\u001b[2J\"}",
		/* of another BAR */
		"{\"device\":\"0000:01:00.0\",\"bar\":0,\"step\":\"sparse\",\"boot_id\":\"" BOOT "\",\"time\":1,\"deaths\":0}",
	};
	struct pci_address address = { .bus = 1 };
	struct tree *tree = *state;
	struct journal journal;

	boot(tree, BOOT);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_file(tree, ENTRY, texts[i]);
		read_all(tree, &journal);
		assert_int_equal(journal.n, 1);
		assert_non_null(journal_crash(&journal, &address, 2));
		journal_done(&journal);
	}
	/* One that others could have written says nothing, and that is said. */
	write_entry(tree, STEP_SAVE);
	tree_mode(tree, ENTRY, 0666);
	read_all(tree, &journal);
	assert_non_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);
	/* A link does not lead anywhere. */
	unlink(tree_path(tree, ENTRY));
	tree_file(tree, "elsewhere", "{}");
	tree_link(tree, ENTRY, "../../../../elsewhere");
	read_all(tree, &journal);
	assert_non_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);
}

/* Who writes over an entry, or removes it, must have known what it says. */
static void needed(void **state)
{
	struct pci_address address = { .bus = 1 }, other = { .bus = 2 };
	struct tree *tree = *state;
	struct journal journal = { 0 };
	struct err err = { 0 };

	tree_dir(tree, "proc/sys/kernel/random/boot_id");
	write_entry(tree, STEP_SPARSE);
	read_all(tree, &journal);
	assert_non_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);
	assert_int_equal(journal_read_known(&tree->root, &other, &err, &journal), 0);
	assert_int_equal(journal.n, 1);
	journal_done(&journal);
	assert_int_equal(journal_read_known(&tree->root, &address, &err, &journal), -EISDIR);
	assert_string_equal(err.id, "unreadable");
	assert_non_null(strstr(err.text, "/proc/sys/kernel/random/boot_id: Is a directory"));
	assert_int_equal(journal_read_known(&tree->root, NULL, NULL, &journal), -EISDIR);
	/* What is no entry, whenever it is read, is nobody's loss. */
	tree_file(tree, ENTRY, "{");
	assert_int_equal(journal_read_known(&tree->root, NULL, NULL, &journal), 0);
	assert_non_null(journal_crash(&journal, &address, 2));
	journal_done(&journal);
}

static void other_names(void **state)
{
	struct tree *tree = *state;
	struct journal journal;

	boot(tree, BOOT);
	tree_file(tree, "var/lib/pciwc/journal/.0000:01:00.0-bar2.json.17", "half");
	tree_file(tree, "var/lib/pciwc/journal/README", "");
	tree_file(tree, "var/lib/pciwc/journal/0000:01:00.0-bar7.json", "");
	tree_file(tree, "var/lib/pciwc/journal/01:00.0-bar2.json", "");
	read_all(tree, &journal);
	assert_int_equal(journal.n, 0);
	journal_done(&journal);
}

static void foreign_directory(void **state)
{
	struct journal_entry entry = entry_of(STEP_SAVE);
	struct tree *tree = *state;
	struct journal journal = { 0 };
	struct err err = { 0 };

	write_entry(tree, STEP_NONE);
	tree_mode(tree, "var/lib/pciwc/journal", 0777);
	assert_int_equal(journal_read(&tree->root, &err, &journal), -EPERM);
	assert_string_equal(err.id, "untrusted-dir");
	assert_int_equal(journal_write(&tree->root, &entry, NULL), -EPERM);
	tree_mode(tree, "var/lib/pciwc/journal", DIR_MODE);
}

static void names(void **state)
{
	static const struct {
		const char *name;
		bool is_good;
	} rows[] = {
		{ "0000:01:00.0-bar2.json", true },   { "10000:e1:1f.7-bar5.json", true }, { "0000:01:00.0-bar6.json", false },
		{ "0000:01:00.0-bar.json", false },   { "0000:01:00.0-bar22.json", false }, { "0000:01:00.0.json", false },
		{ "0000:01:00.0-BAR2.json", false },  { "-bar2.json", false },              { "", false },
		{ "0000:01:0A.0-bar2.json", false },  { "../0000:01:00.0-bar2.json", false }, { ".json", false },
	};
	struct pci_address address;
	char again[BARFILE_NAME_SIZE];
	unsigned int bar;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(barfile_parse(rows[i].name, &address, &bar), rows[i].is_good);
		if (!rows[i].is_good)
			continue;
		barfile_name(&address, bar, again);
		assert_string_equal(again, rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(instruction, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unreadable, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(needed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(other_names, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(foreign_directory, tree_setup, tree_teardown),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
