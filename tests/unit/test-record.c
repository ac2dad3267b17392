/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-record: findings and journal entries come back from their files as they went, and nothing else does. */
#include "world.h"

#include "model/finding.h"
#include "model/journal.h"

static char *text_of(struct json_object *o)
{
	char *text = json_text(o);

	json_done(&o);
	assert_non_null(text);
	return text;
}

static int record_of(const char *json, struct err *err, struct record *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("record.json", json, strlen(json), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "record.json");

	return record_from_json(&top, err, ret);
}

static int entry_of(const char *json, struct err *err, struct journal_entry *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("entry.json", json, strlen(json), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "entry.json");

	return journal_entry_from_json(&top, err, ret);
}

/* text with the first `from` replaced; the world frees it. */
static const char *with(struct world *w, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("%s is not in %s", from, text);
	return world_own(w, str_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from)));
}

static void test_record_round_trip(void **state)
{
	struct world w;
	struct record back;
	struct err err = { 0 };

	(void)state;
	world_make(&w);
	w.record[0].address = address_of("10000:e1:1f.7");
	w.record[0].revision = 0xa1;
	w.record[0].card = (struct card){ 0x1028, 0x0a01, 0x010802, true };
	w.record[0].range = (struct range){ UINT64_C(0x123456000), UINT64_C(0x7ffffffff000) };
	w.finding[F_SPARSE].outcome = OUTCOME_FAIL;
	w.finding[F_SPARSE].text = TEXT("byte 3 of \"line\" 7\nis wrong");
	w.finding[F_SPARSE].time_s = 1795000000;
	w.gain.value = 3.1234;

	_cleanup_free_ char *text = text_of(record_to_json(&w.record[0]));

	assert_int_equal(record_of(text, &err, &back), 0);
	assert_int_equal(pci_address_compare(&back.address, &w.record[0].address), 0);
	assert_int_equal(back.bar, 2);
	assert_int_equal(back.vendor, 0x1af4);
	assert_int_equal(back.device, 0x1110);
	assert_int_equal(back.revision, 0xa1);
	assert_int_equal(back.card.subsystem_vendor, 0x1028);
	assert_int_equal(back.card.subsystem_device, 0x0a01);
	assert_int_equal(back.card.class, 0x010802);
	assert_true(back.card.is_known);
	assert_int_equal(back.range.offset, w.record[0].range.offset);
	assert_int_equal(back.range.size_bytes, w.record[0].range.size_bytes);
	assert_string_equal(back.path_key, w.record[0].path_key);
	assert_string_equal(back.machine, w.record[0].machine);
	assert_int_equal(back.bar_base, w.record[0].bar_base);
	assert_int_equal(back.bar_size_bytes, WORLD_SIZE);
	assert_string_equal(back.boot_id, "boot");
	assert_true(back.errors_observed);
	assert_int_equal(back.containment, CONTAINMENT_AER);
	assert_int_equal(back.n, FINDINGS);
	for (size_t i = 0; i < FINDINGS; i++) {
		assert_int_equal(back.at[i].step, w.finding[i].step);
		assert_int_equal(back.at[i].outcome, w.finding[i].outcome);
		assert_int_equal(back.at[i].scope, w.finding[i].scope);
		assert_string_equal(back.at[i].text, w.finding[i].text);
		assert_int_equal(back.at[i].time_s, w.finding[i].time_s);
	}
	assert_float_equal(numbers_find(&record_find(&back, STEP_BENCH)->numbers, "gain")->value, 3.1234, 1e-9);
	assert_null(record_find(&back, STEP_NONE));

	/* And once more: the text is the same. */
	_cleanup_free_ char *again = text_of(record_to_json(&back));

	assert_string_equal(text, again);
	record_done(&back);
	world_done(&w);
}

static void test_bad_records(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} bad[] = {
		{ "\"schema\": 1", "\"schema\": 0", "schema" },
		{ "\"schema\": 1", "\"schema\": 2", "schema" },
		{ "\"schema\": 1,", "", "schema: missing" },
		{ "\"schema\": 1", "\"schema\": 1, \"color\": 2", "color: unknown key" },
		{ "0000:01:00.0", "0000:01:00", "device: expected a PCI address" },
		{ "\"bar\": 2", "\"bar\": 6", "bar" },
		{ "\"bar\": 2", "\"bar\": \"two\"", "bar" },
		{ "\"0x1af4\"", "\"0x1af41\"", "vendor" },
		{ "\"0x1af4\"", "null", "vendor" },
		{ "\"subsystem_vendor\": \"0x1af4\",", "", "subsystem_vendor: missing" },
		{ "\"subsystem_device\": \"0x1100\",", "", "subsystem_device: missing" },
		{ "\"class\": \"0x050000\",", "", "class: missing" },
		{ "\"0x1100\"", "\"0x11000\"", "subsystem_device" },
		{ "\"0x050000\"", "\"0x1050000\"", "class" },
		{ "\"offset\"", "\"ofset\"", "ofset" },
		{ "\"offset\": 4096", "\"offset\": -1", "offset" },
		{ "\"path_key\": \"", "\"path_key\": \"\", \"x\": \"", "x: unknown key" },
		{ "\"boot_id\": \"boot\"", "\"boot_id\": \"\"", "boot_id" },
		{ "\"boot_id\": \"boot\"", "\"boot_id\": 5", "boot_id" },
		{ "\"errors_observed\": true", "\"errors_observed\": \"true\"", "errors_observed" },
		{ "\"containment\": \"aer\"", "\"containment\": \"unknown\"", "containment" },
		{ "\"findings\": [", "\"findings\": {}, \"x\": [", "x" },
		{ "\"step\": \"save\"", "\"step\": \"none\"", "findings[0].step" },
		{ "\"step\": \"save\"", "\"step\": \"dance\"", "findings[0].step" },
		{ "\"outcome\": \"pass\"", "\"outcome\": \"unknown\"", "outcome" },
		{ "\"outcome\": \"pass\"", "\"outcome\": \"Pass\"", "outcome" },
		{ "\"scope\": \"hardware\"", "\"scope\": \"unknown\"", "scope" },
		{ "\"scope\": \"hardware\",", "", "scope: missing" },
		{ "\"time\": 0", "\"time\": -5", "time" },
		{ "\"gain\": 3.5000", "\"gain\": \"3.5\"", "gain" },
		{ "\"gain\": 3.5000", "\"gain\": 1e300", "gain" },
	};
	struct world w;

	(void)state;
	world_make(&w);

	_cleanup_free_ char *text = text_of(record_to_json(&w.record[0]));

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct record record = { .bar = 77 };
		struct err err = { 0 };

		if (record_of(with(&w, text, bad[i].from, bad[i].to), &err, &record) != -EINVAL)
			fail_msg("accepted: %s", bad[i].to);
		assert_int_equal(record.bar, 77);
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s: %s", bad[i].to, err.text);
	}
	world_done(&w);
}

/* A record that holds nothing can be read, and proves nothing (test-judge). */
static void test_empty_record(void **state)
{
	struct world w;
	struct record back;
	struct err err = { 0 };

	(void)state;
	world_make(&w);
	w.record[0].n = 0;

	_cleanup_free_ char *text = text_of(record_to_json(&w.record[0]));

	assert_int_equal(record_of(text, &err, &back), 0);
	assert_int_equal(back.n, 0);
	record_done(&back);
	world_done(&w);
}

/* An earlier version did not say on which card it found what it found, and what does not travel is not said. */
static void test_record_without_card(void **state)
{
	struct world w;
	struct record back;
	struct err err = { 0 };

	(void)state;
	world_make(&w);
	w.record[0].card = (struct card){ 0 };

	_cleanup_free_ char *text = text_of(record_to_json(&w.record[0]));

	assert_null(strstr(text, "subsystem"));
	assert_null(strstr(text, "class"));
	assert_int_equal(record_of(text, &err, &back), 0);
	assert_false(back.card.is_known);
	record_done(&back);
	world_done(&w);
}

static void test_journal_round_trip(void **state)
{
	(void)state;
	for (enum step step = STEP_NONE; step < STEPS; step++) {
		struct journal_entry entry = { .address = address_of("0000:01:00.0"), .bar = 4, .step = step,
			                       .boot_id = TEXT("b-1"), .time_s = 1795000000, .deaths = 3,
			                       .before = { .is_known = step % 2, .driver_override = TEXT("(null)"),
			                                   .power_control = TEXT("auto"), .enable_count = 2,
			                                   .command = 0x0106 } };
		struct journal_entry back;
		struct err err = { 0 };
		_cleanup_free_ char *text = text_of(journal_entry_to_json(&entry));

		assert_int_equal(entry_of(text, &err, &back), 0);
		assert_int_equal(pci_address_compare(&back.address, &entry.address), 0);
		assert_int_equal(back.bar, 4);
		assert_int_equal(back.step, step);
		assert_string_equal(back.boot_id, "b-1");
		assert_int_equal(back.time_s, 1795000000);
		assert_int_equal(back.deaths, 3);
		/* Whether it is a crash is decided by who reads it. */
		assert_false(back.is_crash);
		assert_int_equal(back.before.is_known, step % 2);
		if (back.before.is_known) {
			assert_string_equal(back.before.driver_override, "(null)");
			assert_string_equal(back.before.power_control, "auto");
			assert_int_equal(back.before.enable_count, 2);
			assert_int_equal(back.before.command, 0x0106);
		}
		journal_entry_done(&back);
	}
}

static void test_bad_journal(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} bad[] = {
		{ "0000:01:00.0", "nvme0", "device" },
		{ "\"bar\": 4", "\"bar\": 6", "bar" },
		{ "\"step\": \"sparse\"", "\"step\": \"none\"", "step" },
		{ "\"step\": \"sparse\"", "\"step\": 3", "step" },
		{ "\"boot_id\": \"b-1\"", "\"boot_id\": \"\"", "boot_id" },
		{ "\"boot_id\": \"b-1\",", "", "boot_id: missing" },
		{ "\"time\": 5", "\"time\": \"now\"", "time" },
		{ "\"deaths\": 0", "\"deaths\": -1", "deaths" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"is_crash\": false", "is_crash: unknown key" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"schema\": 2", "schema" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"before\": {\"enable\": 0}", "before.command: missing" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"before\": {\"command\": 1}", "before.enable: missing" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"before\": {\"enable\": 0, \"command\": 65536}", "before.command" },
		{ "\"deaths\": 0", "\"deaths\": 0, \"before\": {\"enable\": 0, \"command\": 1, \"driver_override\": \"a b\"}",
		  "before.driver_override: expected a word" },
	};
	struct journal_entry entry = { .address = address_of("0000:01:00.0"), .bar = 4, .step = STEP_SPARSE,
		                       .boot_id = TEXT("b-1"), .time_s = 5 };
	_cleanup_free_ char *text = text_of(journal_entry_to_json(&entry));
	struct world w = { 0 };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		struct journal_entry back = { .bar = 77 };
		struct err err = { 0 };

		if (entry_of(with(&w, text, bad[i].from, bad[i].to), &err, &back) != -EINVAL)
			fail_msg("accepted: %s", bad[i].to);
		assert_int_equal(back.bar, 77);
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s: %s", bad[i].to, err.text);
	}
	world_done(&w);
}

/* Of several the one that tells of most deaths; never one of another BAR, or of this boot. */
static void test_journal_crash(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_null(journal_crash(&w.journal, &w.function[GOOD].address, 2));
	world_crash(&w, GOOD, 0);
	world_crash(&w, GOOD, 2);
	world_crash(&w, GOOD, 1);
	assert_int_equal(journal_crash(&w.journal, &w.function[GOOD].address, 2)->deaths, 2);
	assert_null(journal_crash(&w.journal, &w.function[GOOD].address, 0));
	assert_null(journal_crash(&w.journal, &w.function[TWIN].address, 2));
	w.crash[0].is_crash = w.crash[1].is_crash = w.crash[2].is_crash = false;
	assert_null(journal_crash(&w.journal, &w.function[GOOD].address, 2));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_round_trip), cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_empty_record),      cmocka_unit_test(test_journal_round_trip),
		cmocka_unit_test(test_bad_journal),       cmocka_unit_test(test_record_without_card),
		cmocka_unit_test(test_journal_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
