/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-publication: what is published is read back as it was; what is malformed, or somebody else's, is refused by name. */
#include "tree.h"

#include "base/cleanup.h"
#include "observe/publication.h"

static const char good[] =
	"{\"schema\": 1, \"devices\": [{\"device\": \"0000:01:00.0\", \"vendor\": \"0x1af4\", \"device_id\": \"0x1110\",\n"
	"\"revision\": \"0x01\", \"subsystem_vendor\": \"0x1028\", \"subsystem_device\": \"0x0a01\", \"class\": \"0x010802\",\n"
	"\"ports\": [{\"device\": \"0000:00:01.0\", \"vendor\": \"0x1b36\", \"device_id\": \"0x000c\", \"revision\": \"0x03\"}],\n"
	"\"path\": \"safe\", \"guest\": \"guest-decides\", \"later\": {}, \"bars\": [\n"
	"{\"bar\": 2, \"base\": \"0x382000000000\", \"size\": 16384, \"verdict\": \"safe\", \"scope\": \"hardware\", \"granted\": true, \"backend\": \"grant\", \"on_request\": false,\n"
	" \"group\": \"pciwc\", \"reason\": null, \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 4096, \"verdict\": \"unknown\", \"granted\": false, \"backend\": null, \"on_request\": false},\n"
	"  {\"offset\": 4096, \"size\": 8192, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": true}]},\n"
	"{\"bar\": 4, \"verdict\": \"unknown\", \"scope\": \"unknown\", \"granted\": false, \"backend\": null, \"on_request\": false,\n"
	" \"reason\": \"not-probed\", \"ranges\": []}]}]}\n";

static int parse(const char *text, struct err *err, struct publication *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("policy.json", text, strlen(text), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "policy.json");

	return publication_from_json(&top, err, ret);
}

static void round_trip(void **state)
{
	_cleanup_(publication_done) struct publication first = { 0 }, again = { 0 };
	const struct pci_address address = { .bus = 1 }, other = { .bus = 2 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse(good, &err, &first), 0);

	_cleanup_(json_done) struct json_object *o = publication_to_json(&first);
	_cleanup_free_ char *text = json_text(o);

	assert_int_equal(parse(text, &err, &again), 0);

	const struct published_device *device = publication_find(&again, &address);

	assert_non_null(device);
	assert_int_equal(device->vendor, 0x1af4);
	assert_int_equal(device->device, 0x1110);
	assert_int_equal(device->revision, 1);
	assert_true(device->card.is_known);
	assert_int_equal(device->card.subsystem_vendor, 0x1028);
	assert_int_equal(device->card.subsystem_device, 0x0a01);
	assert_int_equal(device->card.class, 0x010802);

	assert_true(device->ports.is_known);
	assert_int_equal(device->ports.n, 1);
	assert_int_equal(device->ports.at[0].address.slot, 1);
	assert_int_equal(device->ports.at[0].vendor, 0x1b36);
	assert_int_equal(device->ports.at[0].device, 0x000c);
	assert_int_equal(device->ports.at[0].revision, 3);

	const struct published_bar *bar = published_device_bar(device, 2);

	assert_non_null(bar);
	assert_int_equal(again.at[0].path, VERDICT_SAFE);
	assert_int_equal(again.at[0].guest, GUEST_DECIDES);
	assert_true(bar->has_place);
	assert_int_equal(bar->base, 0x382000000000);
	assert_int_equal(bar->size_bytes, 16384);
	assert_int_equal(bar->kind, VERDICT_SAFE);
	assert_int_equal(bar->scope, SCOPE_HARDWARE);
	assert_int_equal(bar->backend, BACKEND_GRANT);
	assert_false(bar->on_request);
	assert_string_equal(bar->group, "pciwc");
	assert_null(bar->reason);
	assert_int_equal(bar->n, 2);
	assert_false(bar->at[0].is_granted);
	assert_int_equal(bar->at[0].backend, BACKEND_NONE);
	assert_int_equal(bar->at[1].offset, 4096);
	assert_int_equal(bar->at[1].size_bytes, 8192);
	assert_true(bar->at[1].is_granted);
	assert_int_equal(bar->at[1].backend, BACKEND_VARIANT);
	assert_true(bar->at[1].on_request);
	bar = published_device_bar(device, 4);
	assert_non_null(bar);
	assert_string_equal(bar->reason, "not-probed");
	assert_false(bar->has_place);
	assert_int_equal(bar->backend, BACKEND_NONE);
	assert_null(published_device_bar(device, 0));
	assert_null(publication_find(&again, &other));
}

/* What an earlier version left out is not known; of what is there each word counts. */
static void without_place(void **state)
{
	_cleanup_(publication_done) struct publication publication = { 0 }, other = { 0 };
	const char *from = strstr(good, "\"ports\""), *upto = strstr(good, "\"path\"");
	struct err err = { 0 };
	char text[2048];

	(void)state;
	snprintf(text, sizeof(text), "%.*s%s", (int)(from - good), good, upto);
	assert_int_equal(parse(text, &err, &publication), 0);
	assert_false(publication.at[0].ports.is_known);
	snprintf(text, sizeof(text), "%.*s\"ports\": {}, %s", (int)(from - good), good, upto);
	assert_int_equal(parse(text, &err, &other), -EINVAL);
	assert_non_null(strstr(err.text, "devices[0].ports: expected an array"));

	_cleanup_(json_done) struct json_object *o = publication_to_json(&publication);
	_cleanup_free_ char *again = json_text(o);

	assert_null(strstr(again, "\"ports\""));
	/* Nor has one of whose ports some were read. */
	publication_done(&publication);
	assert_int_equal(parse(good, &err, &publication), 0);
	publication.at[0].ports.is_known = false;

	_cleanup_(json_done) struct json_object *some = publication_to_json(&publication);
	_cleanup_free_ char *none = json_text(some);

	assert_non_null(none);
	assert_null(strstr(none, "\"ports\""));
}

/* Each in the place of a word of the good one. */
static void malformed(void **state)
{
	static const struct {
		const char *was, *is, *says;
	} rows[] = {
		{ "\"schema\": 1", "\"schema\": 2", "schema" },
		{ "\"0000:01:00.0\"", "\"nowhere\"", "devices[0].device: expected a PCI address" },
		{ "\"vendor\": \"0x1af4\", ", "", "devices[0].vendor: missing" },
		{ "\"0x1110\"", "\"0x11100\"", "devices[0].device_id" },
		{ "\"revision\": \"0x01\", ", "", "devices[0].revision: missing" },
		{ "\"subsystem_vendor\": \"0x1028\", ", "", "devices[0].subsystem_vendor: missing" },
		{ "\"subsystem_device\": \"0x0a01\", ", "", "devices[0].subsystem_device: missing" },
		{ "\"class\": \"0x010802\",", "", "devices[0].class: missing" },
		{ "\"0x010802\"", "\"0x1010802\"", "devices[0].class" },
		{ "[{\"device\": \"0000:00:01.0\"", "[{\"device\": \"above\"", "devices[0].ports[0].device: expected a PCI address" },
		{ "\"revision\": \"0x03\"", "\"later\": 1", "devices[0].ports[0].revision: missing" },
		{ "\"0x000c\"", "\"0x1000c\"", "devices[0].ports[0].device_id" },
		{ "\"base\": \"0x382000000000\", ", "", "devices[0].bars[0].base: missing" },
		{ "\"size\": 16384, ", "", "devices[0].bars[0].size: missing" },
		{ "\"0x382000000000\"", "\"above\"", "devices[0].bars[0].base" },
		{ "\"path\": \"safe\"", "\"path\": \"good\"", "devices[0].path: expected one of unsafe, safe" },
		{ "\"bar\": 2", "\"bar\": 6", "devices[0].bars[0].bar" },
		{ "\"granted\": true, \"backend\"", "\"granted\": 1, \"backend\"", "devices[0].bars[0].granted" },
		{ "\"backend\": \"grant\"", "\"backend\": \"gift\"", "devices[0].bars[0].backend: expected one of grant, variant" },
		{ "\"backend\": \"grant\", ", "", "devices[0].bars[0].backend: missing, expected a word, or null" },
		{ "\"backend\": \"grant\"", "\"backend\": null", "devices[0].bars[0].backend: expected a word, for it is granted" },
		{ "\"on_request\": false,\n \"group\"", "\n \"group\"", "devices[0].bars[0].on_request: missing, expected true or false" },
		{ "\"size\": 4096, ", "", "devices[0].bars[0].ranges[0].size" },
		{ "\"size\": 8192, ", "\"size\": \"0xfffffffffffff000\", ", "devices[0].bars[0].ranges[1].size" },
		{ "false, \"backend\": null", "false, \"backend\": \"grant\"", "ranges[0].backend: expected null, for it is not granted" },
		{ "\"backend\": \"variant\", ", "", "devices[0].bars[0].ranges[1].backend: missing" },
		{ ", \"on_request\": true", "", "devices[0].bars[0].ranges[1].on_request: missing" },
		{ "\"ranges\": []", "\"ranges\": {}", "devices[0].bars[1].ranges: expected an array" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct publication publication = { 0 };
		struct err err = { 0 };
		const char *at = strstr(good, rows[i].was);
		char text[2048];

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, rows[i].is, at + strlen(rows[i].was));
		assert_int_equal(parse(text, &err, &publication), -EINVAL);
		if (!strstr(err.text, rows[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].says);
		assert_int_equal(publication.n, 0);
	}
}

static void files(void **state)
{
	static const char *const places[] = { "run/pciwc", "run" };
	struct tree *tree = *state;
	_cleanup_(publication_done) struct publication publication = { 0 };
	struct err none = { 0 }, theirs = { 0 }, err = { 0 };

	assert_int_equal(publication_load(&tree->root, &none, &publication), -ENOENT);
	assert_string_equal(none.id, "nothing-applied");
	tree_file(tree, "run/pciwc/policy.json", good);
	tree_mode(tree, "run/pciwc/policy.json", 0664);
	assert_int_equal(publication_load(&tree->root, &theirs, &publication), -EPERM);
	tree_mode(tree, "run/pciwc/policy.json", 0644);
	assert_int_equal(publication_load(&tree->root, &err, &publication), 0);
	assert_int_equal(publication.n, 1);
	publication_done(&publication);
	/* Who can write a directory on the way puts another one there, or takes it away. */
	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		theirs = (struct err){ 0 };
		tree_mode(tree, places[i], 0777);
		assert_int_equal(publication_load(&tree->root, &theirs, &publication), -EPERM);
		assert_string_equal(theirs.id, "untrusted-dir");
		tree_mode(tree, places[i], 0755);
	}
	/* Links are not followed. */
	theirs = (struct err){ 0 };
	assert_int_equal(rename(tree_path(tree, "run/pciwc/policy.json"), tree_path(tree, "run/pciwc/other")), 0);
	tree_link(tree, "run/pciwc/policy.json", "other");
	assert_int_equal(publication_load(&tree->root, &theirs, &publication), -ELOOP);
	assert_string_equal(theirs.id, "unreadable");
	theirs = (struct err){ 0 };
	assert_int_equal(rename(tree_path(tree, "run/pciwc/other"), tree_path(tree, "run/pciwc/policy.json")), 0);
	assert_int_equal(rename(tree_path(tree, "run/pciwc"), tree_path(tree, "run/other")), 0);
	tree_link(tree, "run/pciwc", "other");
	assert_int_equal(publication_load(&tree->root, &theirs, &publication), -ELOOP);
	assert_string_equal(theirs.id, "untrusted-dir");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(without_place),
		cmocka_unit_test(malformed),
		cmocka_unit_test_setup_teardown(files, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
