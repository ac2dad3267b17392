/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings on disk: what is written is read back, and nothing else is. */
#include "tree.h"

#include <stdbool.h>

#include "act/store.h"

#define FINDINGS "var/lib/pciwc/findings/"

static struct finding found = { .step = STEP_SPARSE, .outcome = OUTCOME_FAIL, .scope = SCOPE_VIRTUAL,
	                        .text = (char *)"three bytes are wrong", .time_s = 1700000000 };

static struct record record_of(unsigned int bus)
{
	return (struct record){
		.address = { .bus = (uint8_t)bus },
		.bar = 2,
		.vendor = 0x1af4,
		.device = 0x1110,
		.revision = 1,
		.range = { 0x1000, 0x4000 },
		.path_key = (char *)"key",
		.machine = (char *)"machine",
		.boot_id = (char *)"boot",
		.errors_observed = true,
		.containment = CONTAINMENT_AER,
		.at = &found,
		.n = 1,
	};
}

static void write_record(const struct tree *tree, unsigned int bus)
{
	struct record record = record_of(bus);
	struct err err = { 0 };

	if (store_write(&tree->root, &record, &err) < 0)
		fail_msg("%s", err.text);
}

static void read_all(const struct tree *tree, struct records *records, struct strs *broken)
{
	struct err err = { 0 };

	*records = (struct records){ 0 };
	*broken = (struct strs){ 0 };
	if (store_read(&tree->root, &err, records, broken) < 0)
		fail_msg("%s", err.text);
}

static void round_trip(void **state)
{
	struct records records;
	struct strs broken;
	struct stat st;

	read_all(*state, &records, &broken);
	assert_int_equal(records.n, 0);
	write_record(*state, 2);
	write_record(*state, 1);
	write_record(*state, 1);
	assert_int_equal(stat(tree_path(*state, FINDINGS "0000:01:00.0-bar2.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	read_all(*state, &records, &broken);
	assert_int_equal(records.n, 2);
	assert_int_equal(broken.n, 0);
	assert_int_equal(records.at[0].address.bus, 1);
	assert_int_equal(records.at[1].address.bus, 2);
	assert_int_equal(records.at[0].containment, CONTAINMENT_AER);
	assert_int_equal(records.at[0].range.offset, 0x1000);
	assert_int_equal(records.at[0].n, 1);
	assert_int_equal(records.at[0].at[0].outcome, OUTCOME_FAIL);
	assert_string_equal(records.at[0].at[0].text, "three bytes are wrong");
	records_done(&records);
	strs_done(&broken);
}

static void broken_ones(void **state)
{
	struct records records;
	struct strs broken;

	write_record(*state, 1);
	write_record(*state, 2);
	write_record(*state, 3);
	tree_file(*state, FINDINGS "0000:04:00.0-bar2.json", "{");
	/* A proof that is copied to another BAR proves nothing of it. */
	if (rename(tree_path(*state, FINDINGS "0000:02:00.0-bar2.json"),
	           tree_path(*state, FINDINGS "0000:02:00.0-bar4.json")) < 0)
		fail();
	tree_mode(*state, FINDINGS "0000:03:00.0-bar2.json", 0664);
	tree_file(*state, FINDINGS "notes.txt", "");
	read_all(*state, &records, &broken);
	assert_int_equal(records.n, 1);
	assert_int_equal(records.at[0].address.bus, 1);
	assert_int_equal(broken.n, 3);
	assert_non_null(strstr(broken.at[0], "0000:02:00.0-bar4.json: it speaks of another BAR than its name"));
	assert_non_null(strstr(broken.at[1], "0000:03:00.0-bar2.json: mode 0664"));
	assert_non_null(strstr(broken.at[2], "0000:04:00.0-bar2.json"));
	records_done(&records);
	strs_done(&broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(broken_ones, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
