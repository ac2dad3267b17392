/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-answer: what a program is told: how to map what is granted, and that another device at that place, or one elsewhere, has nothing of it. */
#include "tree.h"

#include "base/cleanup.h"
#include "observe/answer.h"

#define ROOT_PORT "sys/devices/pci0000:00/0000:00:01.0/"
#define PORT ROOT_PORT "0000:01:00.0/"
#define DEVICE PORT "0000:02:00.0/"
#define LINKS "sys/bus/pci/devices/"
#define MARK "run/pciwc/unsafe/0000:02:00.0"

static const struct pci_address address = { .bus = 2 };

/* BAR 0: a part by request, a part always; BAR 2: whole, by the kernel's file; BAR 4: whole, through VFIO. */
static const char published[] =
	"{\"schema\": 1, \"devices\": [{\"device\": \"0000:02:00.0\", \"vendor\": \"0x1af4\", \"device_id\": \"0x1110\",\n"
	"\"revision\": \"0x01\", \"subsystem_vendor\": \"0x1af4\", \"subsystem_device\": \"0x1100\", \"class\": \"0x050000\",\n"
	"\"ports\": [{\"device\": \"0000:01:00.0\", \"vendor\": \"0x1b36\", \"device_id\": \"0x000e\", \"revision\": \"0x02\"},\n"
	" {\"device\": \"0000:00:01.0\", \"vendor\": \"0x1b36\", \"device_id\": \"0x000c\", \"revision\": \"0x01\"}],\n"
	"\"path\": \"safe\", \"bars\": [\n"
	"{\"bar\": 0, \"base\": \"0x1000000000\", \"size\": 32768, \"verdict\": \"unsafe\", \"scope\": \"hardware\", \"granted\": false, \"backend\": null, \"on_request\": false,\n"
	" \"reason\": \"target-msix\", \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 4096, \"verdict\": \"unsafe\", \"granted\": false, \"backend\": null, \"on_request\": false},\n"
	"  {\"offset\": 4096, \"size\": 8192, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": true},\n"
	"  {\"offset\": 12288, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false},\n"
	"  {\"offset\": 16384, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false}]},\n"
	"{\"bar\": 2, \"base\": \"0x1000010000\", \"size\": 8192, \"verdict\": \"safe\", \"scope\": \"hardware\", \"granted\": true, \"backend\": \"grant\", \"on_request\": false,\n"
	" \"group\": \"pciwc\", \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"grant\", \"on_request\": false},\n"
	"  {\"offset\": 4096, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"grant\", \"on_request\": false}]},\n"
	"{\"bar\": 4, \"base\": \"0x1000020000\", \"size\": 32768, \"verdict\": \"safe\", \"scope\": \"hardware\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false,\n"
	" \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false},\n"
	"  {\"offset\": 4096, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false},\n"
	"  {\"offset\": 8192, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": true},\n"
	"  {\"offset\": 16384, \"size\": 4096, \"verdict\": \"safe\", \"granted\": true, \"backend\": \"variant\", \"on_request\": false}]}]}]}\n";

#define NONE "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define BAR_0 "0x0000001000000000 0x0000001000007fff 0x000000000014220c\n" NONE
#define BAR_2 "0x0000001000010000 0x0000001000011fff 0x000000000014220c\n" NONE
#define BAR_4 "0x0000001000020000 0x0000001000027fff 0x000000000014220c\n" NONE

static void port(struct tree *tree, const char *name, const char *place, const char *device, const char *revision)
{
	char path[160], target[160];
	const char *const rows[][2] = { { "vendor", "0x1b36\n" }, { "device", device }, { "revision", revision } };

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		snprintf(path, sizeof(path), "sys/devices/%s/%s", place, rows[i][0]);
		tree_file(tree, path, rows[i][1]);
	}
	snprintf(path, sizeof(path), LINKS "%s", name);
	snprintf(target, sizeof(target), "../../../devices/%s", place);
	tree_link(tree, path, target);
}

/* The device is at place, below /sys/devices; the ports are where they were when it was judged. */
static void machine_with(struct tree *tree, const char *place)
{
	char path[160];
	const char *const rows[][2] = {
		{ "vendor", "0x1af4\n" },           { "device", "0x1110\n" }, { "revision", "0x01\n" }, { "subsystem_vendor", "0x1af4\n" },
		{ "subsystem_device", "0x1100\n" }, { "class", "0x050000\n" }, { "resource", BAR_0 BAR_2 BAR_4 NONE },
	};

	tree_file(tree, "run/pciwc/policy.json", published);
	port(tree, "0000:00:01.0", "pci0000:00/0000:00:01.0", "0x000c\n", "0x01\n");
	port(tree, "0000:01:00.0", "pci0000:00/0000:00:01.0/0000:01:00.0", "0x000e\n", "0x02\n");
	port(tree, "0000:02:00.0", place, "0x1110\n", "0x01\n");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		snprintf(path, sizeof(path), "sys/devices/%s/%s", place, rows[i][0]);
		tree_file(tree, path, rows[i][1]);
	}
}

static void machine(struct tree *tree)
{
	machine_with(tree, "pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0");
}

static void ask(struct tree *tree, unsigned int bar, struct answer *ret)
{
	struct err err = { 0 };

	if (answer_read(&tree->root, &address, bar, &err, ret) < 0)
		fail_msg("%s", err.text);
}

static void hows(void **state)
{
	static const struct {
		unsigned int bar;
		uint64_t offset, size;
		enum how how;
	} rows[] = {
		{ 0, 0, 4096, HOW_UNCACHED },
		{ 0, 4096, 8192, HOW_VFIO_REQUEST },
		{ 0, 8192, 4096, HOW_VFIO_REQUEST },
		{ 0, 12288, 4096, HOW_VFIO },
		{ 0, 0, 8192, HOW_UNCACHED },       /* over the edge of what is granted */
		{ 0, 8192, 8192, HOW_UNCACHED },    /* over two kinds */
		{ 0, 12288, 8192, HOW_UNCACHED },   /* over two ranges of one kind: the driver sees two */
		{ 0, 16384, 8192, HOW_UNCACHED },   /* over the end of the BAR */
		{ 0, 20480, 4096, HOW_UNCACHED },
		{ 0, 4096, 0, HOW_UNCACHED },
		{ 0, 4096, UINT64_MAX - 4095, HOW_UNCACHED },
		{ 0, UINT64_MAX, UINT64_MAX, HOW_UNCACHED },
		{ 2, 0, 4096, HOW_SYSFS },
		{ 2, 0, 8192, HOW_SYSFS },          /* the whole BAR is granted: its ranges do not matter */
		{ 2, 0, 12288, HOW_UNCACHED },
		{ 4, 0, 8192, HOW_VFIO },
		{ 4, 4096, 8192, HOW_UNCACHED },    /* over two kinds, of a BAR that is granted whole */
		{ 4, 8192, 8192, HOW_UNCACHED },    /* over a hole, of which nothing is said */
		{ 4, 8192, 12288, HOW_UNCACHED },
		{ 4, 16384, 4096, HOW_VFIO },
	};

	machine(*state);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(answer_done) struct answer answer = { 0 };

		ask(*state, rows[i].bar, &answer);
		assert_int_equal(answer.changed, TRI_NO);
		if (answer_how(&answer, rows[i].offset, rows[i].size) != rows[i].how)
			fail_msg("row %zu: %s, expected %s", i, how_names[answer_how(&answer, rows[i].offset, rows[i].size)],
			         how_names[rows[i].how]);
	}
}

static void assert_withdrawn(const struct answer *answer, enum verdict_kind kind, const char *reason)
{
	assert_int_equal(answer->bar->kind, kind);
	assert_false(answer->bar->is_granted);
	assert_null(answer->bar->group);
	assert_string_equal(answer->bar->reason, reason);
	assert_int_not_equal(answer->bar->n, 0);
	for (size_t i = 0; i < answer->bar->n; i++) {
		assert_int_equal(answer->bar->at[i].kind, kind);
		assert_false(answer->bar->at[i].is_granted);
		assert_int_equal(published_range_how(&answer->bar->at[i]), HOW_UNCACHED);
		assert_int_equal(answer_how(answer, answer->bar->at[i].offset, answer->bar->at[i].size_bytes), HOW_UNCACHED);
	}
	assert_int_equal(answer->bar->at[1].offset, 4096);
	assert_int_equal(answer->bar->at[1].size_bytes, answer->bar->bar == 0 ? 8192 : 4096);
}

static void assert_nothing(const struct answer *answer, const char *reason)
{
	assert_withdrawn(answer, VERDICT_UNKNOWN, reason);
}

static void another_device(void **state)
{
	static const struct {
		const char *file, *text; /* NULL: it is not there */
		enum tri changed;
	} rows[] = {
		{ DEVICE "vendor", "0x8086\n", TRI_YES },
		{ DEVICE "device", "0x1111\n", TRI_YES },
		{ DEVICE "revision", "0x02\n", TRI_YES },
		{ DEVICE "subsystem_vendor", "0x1028\n", TRI_YES },
		{ DEVICE "subsystem_device", "0x1101\n", TRI_YES },
		{ DEVICE "class", "0x058000\n", TRI_YES },
		/* Where the BARs are: one that moved, is of another size, gone, or not prefetchable any more. */
		{ DEVICE "resource", "0x0000001000008000 0x000000100000ffff 0x000000000014220c\n" NONE BAR_2 BAR_4 NONE, TRI_YES },
		{ DEVICE "resource", BAR_0 "0x0000001000010000 0x0000001000010fff 0x000000000014220c\n" NONE BAR_4 NONE, TRI_YES },
		{ DEVICE "resource", BAR_0 BAR_2 NONE NONE NONE, TRI_YES },
		{ DEVICE "resource", BAR_0 BAR_2 "0x0000001000020000 0x0000001000027fff 0x0000000000140204\n" NONE NONE, TRI_YES },
		{ DEVICE "resource", BAR_0 BAR_2 "garbage\n" NONE NONE, TRI_UNKNOWN },
		{ DEVICE "resource", BAR_0 BAR_2 "0x0000001000020000 0x0000001000026fff 0x000000000014220c\n" NONE NONE, TRI_UNKNOWN },
		{ DEVICE "resource", "", TRI_UNKNOWN },
		{ DEVICE "resource", NULL, TRI_UNKNOWN },
		/* What is above it: the path is another one with any other port. */
		{ PORT "device", "0x000f\n", TRI_YES },
		{ PORT "revision", "0x03\n", TRI_YES },
		{ ROOT_PORT "vendor", "0x8086\n", TRI_YES },
		{ ROOT_PORT "revision", NULL, TRI_UNKNOWN },
		{ PORT "vendor", "none\n", TRI_UNKNOWN },
		{ DEVICE "revision", "none\n", TRI_UNKNOWN },
		{ DEVICE "vendor", NULL, TRI_UNKNOWN },
		{ DEVICE "revision", NULL, TRI_UNKNOWN },
		{ DEVICE "subsystem_vendor", NULL, TRI_UNKNOWN },
		{ DEVICE "subsystem_device", NULL, TRI_UNKNOWN },
		{ DEVICE "class", NULL, TRI_UNKNOWN },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		for (unsigned int bar = 0; bar <= 4; bar += 2) {
			_cleanup_(answer_done) struct answer answer = { 0 };

			machine(*state);
			if (rows[i].text)
				tree_file(*state, rows[i].file, rows[i].text);
			else
				unlink(tree_path(*state, rows[i].file));
			ask(*state, bar, &answer);
			assert_int_equal(answer.changed, rows[i].changed);
			assert_nothing(&answer, rows[i].changed == TRI_YES ? "device-changed" : "unreadable");
		}
}

/* The same model at the same address: behind another port, behind one less or more, or nobody can tell behind which. */
static void another_path(void **state)
{
	static const struct {
		const char *place;
		enum tri changed;
	} rows[] = {
		{ "pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0", TRI_NO },
		{ "pci0000:00/0000:00:02.0/0000:01:00.0/0000:02:00.0", TRI_YES },
		{ "pci0000:00/0000:00:01.0/0000:02:00.0", TRI_YES },
		{ "pci0000:00/0000:02:00.0", TRI_YES },
		{ "pci0000:00/0000:00:01.0/0000:01:00.0/0000:03:00.0/0000:02:00.0", TRI_YES },
		{ "0000:02:00.0", TRI_UNKNOWN },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(answer_done) struct answer answer = { 0 };

		machine_with(*state, rows[i].place);
		ask(*state, 2, &answer);
		if (answer.changed != rows[i].changed)
			fail_msg("%s: %u", rows[i].place, answer.changed);
		if (answer.changed != TRI_NO)
			assert_nothing(&answer, answer.changed == TRI_YES ? "device-changed" : "unreadable");
	}
}

/* An earlier version did not say which card it judged, or where that was: it may be another one, or anywhere; where an id differs it is. */
static void without_parts(void **state)
{
	static const struct {
		const char *from, *upto;
	} rows[] = {
		{ "\"subsystem_vendor\"", "\"ports\"" },
		{ "\"ports\": ", "\"path\"" },
		{ "\"base\": \"0x1000010000\"", "\"verdict\": \"safe\", \"scope\": \"hardware\", \"granted\": true, \"backend\": \"grant\"" },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(answer_done) struct answer answer = { 0 }, other = { 0 };
		struct tree *tree = *state;
		const char *from = strstr(published, rows[i].from), *upto = strstr(published, rows[i].upto);
		_cleanup_free_ char *earlier = str_printf("%.*s%s", (int)(from - published), published, upto);

		assert_non_null(earlier);
		machine(tree);
		tree_file(tree, "run/pciwc/policy.json", earlier);
		ask(tree, 2, &answer);
		assert_int_equal(answer.changed, TRI_UNKNOWN);
		assert_nothing(&answer, "unreadable");
		tree_file(tree, DEVICE "revision", "0x02\n");
		ask(tree, 2, &other);
		assert_int_equal(other.changed, TRI_YES);
		assert_nothing(&other, "device-changed");
	}
}

/* One that differs decides, though another one cannot be read; none at all is no device of ours either. */
static void partly_read(void **state)
{
	_cleanup_(answer_done) struct answer answer = { 0 }, gone = { 0 };

	machine(*state);
	tree_file(*state, DEVICE "device", "0x1111\n");
	unlink(tree_path(*state, DEVICE "vendor"));
	ask(*state, 2, &answer);
	assert_int_equal(answer.changed, TRI_YES);
	unlink(tree_path(*state, LINKS "0000:02:00.0"));
	ask(*state, 2, &gone);
	assert_int_equal(gone.changed, TRI_UNKNOWN);
	assert_nothing(&gone, "unreadable");
}

/* Who was to publish it, and was killed before, has left the mark. */
static void marked(void **state)
{
	_cleanup_(answer_done) struct answer answer = { 0 }, other = { 0 }, changed = { 0 };
	struct tree *tree = *state;

	machine(tree);
	tree_file(tree, "run/pciwc/unsafe/0000:03:00.0", "");
	ask(tree, 2, &other);
	assert_int_equal(other.marked, TRI_NO);
	assert_int_equal(other.bar->kind, VERDICT_SAFE);
	tree_file(tree, MARK, "");
	ask(tree, 2, &answer);
	assert_int_equal(answer.changed, TRI_NO);
	assert_int_equal(answer.marked, TRI_YES);
	assert_withdrawn(&answer, VERDICT_UNSAFE, "path-unsafe");
	/* Of another device nothing is known. */
	tree_file(tree, DEVICE "revision", "0x02\n");
	ask(tree, 2, &changed);
	assert_nothing(&changed, "device-changed");
}

/* A link is a mark, wherever it leads. */
static void marked_by_a_link(void **state)
{
	_cleanup_(answer_done) struct answer answer = { 0 };

	machine(*state);
	tree_link(*state, MARK, "nowhere");
	ask(*state, 2, &answer);
	assert_withdrawn(&answer, VERDICT_UNSAFE, "path-unsafe");
}

/* What was published of such a path knows why. */
static void marked_and_published(void **state)
{
	_cleanup_(answer_done) struct answer answer = { 0 };
	_cleanup_free_ char *unsafe = strdup(published);
	struct tree *tree = *state;

	assert_non_null(unsafe);
	memcpy(strstr(unsafe, "\"path\": \"safe\","), "\"path\":\"unsafe\",", strlen("\"path\":\"unsafe\","));
	machine(tree);
	tree_file(tree, "run/pciwc/policy.json", unsafe);
	tree_file(tree, MARK, "");
	ask(tree, 0, &answer);
	assert_int_equal(answer.marked, TRI_YES);
	assert_string_equal(answer.bar->reason, "target-msix");
}

/* Marks that cannot be looked at, or that others could have removed, may have been there. */
static void marks_unreadable(void **state)
{
	_cleanup_(answer_done) struct answer none = { 0 }, theirs = { 0 };
	struct tree *tree = *state;

	machine(tree);
	tree_file(tree, "run/pciwc/unsafe", "");
	ask(tree, 2, &none);
	assert_int_equal(none.marked, TRI_UNKNOWN);
	assert_nothing(&none, "unreadable");
	assert_int_equal(unlink(tree_path(tree, "run/pciwc/unsafe")), 0);
	tree_file(tree, "run/pciwc/unsafe/0000:03:00.0", "");
	tree_mode(tree, "run/pciwc/unsafe", 0777);
	ask(tree, 2, &theirs);
	assert_int_equal(theirs.marked, TRI_UNKNOWN);
	assert_nothing(&theirs, "unreadable");
}

static void not_published(void **state)
{
	struct tree *tree = *state;
	const struct pci_address other = { .bus = 3 };
	struct answer answer = { 0 };
	struct err none = { 0 }, bar = { 0 }, device = { 0 };

	assert_int_equal(answer_read(&tree->root, &address, 2, &none, &answer), -ENOENT);
	assert_string_equal(none.id, "nothing-applied");
	machine(tree);
	assert_int_equal(answer_read(&tree->root, &address, 3, &bar, &answer), -ENODEV);
	assert_string_equal(bar.id, "no-such-bar");
	assert_non_null(strstr(bar.text, "0000:02:00.0:3"));
	assert_int_equal(answer_read(&tree->root, &other, 2, &device, &answer), -ENODEV);
	assert_null(answer.bar);
	assert_int_equal(answer_read(&tree->root, &other, 2, NULL, &answer), -ENODEV);
}

static void document(void **state)
{
	_cleanup_(answer_done) struct answer answer = { 0 };

	machine(*state);
	ask(*state, 0, &answer);

	_cleanup_(json_done) struct json_object *o = answer_to_json(&answer);
	_cleanup_free_ char *text = json_text(o);

	assert_non_null(strstr(text, "\"changed\": false"));
	assert_non_null(strstr(text, "\"how\": \"uncached\""));
	assert_non_null(strstr(text, "\"how\": \"vfio-on-request\""));
	assert_non_null(strstr(text, "\"how\": \"vfio\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hows), TEST(another_device), TEST(another_path), TEST(without_parts), TEST(partly_read), TEST(marked), TEST(marked_by_a_link),
		TEST(marked_and_published), TEST(marks_unreadable), TEST(not_published), TEST(document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
