/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-verify: each way in which a system can drift from its policy, a row each: the file is named, and what is wrong with it. */
#include "apply.h"
#include "pcitree.h"

#include <sys/stat.h>

#include "act/verify.h"
#include "base/cleanup.h"
#include "base/strs.h"

#define WC DEVICE_DIR "resource2_wc"
#define FILE_OF_WC "/sys/bus/pci/devices/0000:01:00.0/resource2_wc"
#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define APPROVAL_TEXT                                                                                 \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\"," \
	"\"bars\":[{\"bar\":2,\"group\":\"users\",\"mode\":\"0660\"}]}\n"
#define PUBLICATION "run/pciwc/policy.json"
#define MARK "run/pciwc/unsafe/0000:02:00.0"
#define RULE "etc/udev/rules.d/70-other.rules"
#define OWN "usr/lib/udev/rules.d/60-pciwc.rules"
#define OWN_TEXT "ENV{PCIWC_PIN}==\"1\", TAG+=\"systemd\"\nIMPORT{program}=\"pciwc udev $kernel\"\n"

static void add(struct policy *policy, enum write_kind kind, const char *path, mode_t mode, const char *text)
{
	struct write *write = policy_add(policy, kind, path, mode);

	assert_non_null(write);
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = 2;
	assert_int_equal(str_set(kind == WRITE_GRANT ? &write->group : &write->text, text), 0);
}

/* What is there when all is well: a grant, and another rule that only reads. */
static void make(struct tree *tree, struct policy *policy)
{
	struct fake fake;
	struct err err = { 0 };
	unsigned int changed;
	char text[128];

	fake_make(tree, &fake);
	snprintf(text, sizeof(text), "users:x:%u:\n", getgid());
	tree_file(tree, "etc/group", text);
	tree_file(tree, OWN, OWN_TEXT);
	tree_file(tree, RULE, "# ENV{PCIWC_PATH}=\"safe\" and resource2_wc\nENV{PCIWC_PATH}==\"safe\", ENV{PCIWC_PIN} != \"1\", GROUP=\"users\"\nATTR{resource}==\"x\"\n");
	add(policy, WRITE_MARK, "/" MARK, 0644, "unsafe\n");
	add(policy, WRITE_TEXT, "/" APPROVAL, 0644, APPROVAL_TEXT);
	add(policy, WRITE_GRANT, FILE_OF_WC, 0660, "users");
	add(policy, WRITE_TEXT, "/" PUBLICATION, 0644, "{\"schema\":1}\n");
	if (apply_policy(&tree->root, policy, &err, &changed) < 0)
		fail_msg("%s", err.text);
}

static void nothing(struct tree *tree) { (void)tree; }
static void a_mode(struct tree *tree) { tree_mode(tree, WC, 0640); }
static void a_resize(struct tree *tree) { tree_mode(tree, WC, 0600); }
static void no_file(struct tree *tree) { unlink(tree_path(tree, WC)); }
static void no_group(struct tree *tree) { tree_file(tree, "etc/group", "others:x:1:\n"); }
static void another_device(struct tree *tree) { tree_file(tree, DEVICE_DIR "device", "0x1111\n"); }
static void another_group(struct tree *tree)
{
	char text[128];

	snprintf(text, sizeof(text), "users:x:%u:\n", getgid() + 1);
	tree_file(tree, "etc/group", text);
}
static void no_approval(struct tree *tree) { unlink(tree_path(tree, APPROVAL)); }
static void another_approval(struct tree *tree) { tree_file(tree, APPROVAL, "{}"); }
static void a_forgotten_approval(struct tree *tree)
{
	tree_file(tree, "var/lib/pciwc/approvals/0000:09:00.0.json",
	          "{\"schema\":1,\"device\":\"0000:09:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[]}");
}
static void no_publication(struct tree *tree) { unlink(tree_path(tree, PUBLICATION)); }
static void no_mark(struct tree *tree) { unlink(tree_path(tree, MARK)); }
static void a_foreign_mark(struct tree *tree) { tree_file(tree, "run/pciwc/unsafe/0000:03:00.0", ""); }
static void an_open_file(struct tree *tree)
{
	tree_file(tree, DEVICE_DIR "resource4_wc", "");
	tree_mode(tree, DEVICE_DIR "resource4_wc", 0604);
}
static void a_closed_file(struct tree *tree)
{
	tree_file(tree, DEVICE_DIR "resource4_wc", "");
	tree_mode(tree, DEVICE_DIR "resource4_wc", 0600);
}
static void a_rule_that_sets(struct tree *tree) { tree_file(tree, RULE, "\nENV{PCIWC_REASON}!=\"\", ENV{PCIWC_PATH} = \"safe\"\n"); }
static void a_rule_that_adds(struct tree *tree) { tree_file(tree, "run/udev/rules.d/99-x.rules", "ENV{PCIWC_SAFE_BARS}+=\"0\"\n"); }
static void a_rule_of_files(struct tree *tree) { tree_file(tree, "lib/udev/rules.d/1.rules", "RUN+=\"/bin/chmod 0666 /sys$devpath/resource2_wc\"\n"); }
static void a_line_of_tmpfiles(struct tree *tree) { tree_file(tree, "etc/tmpfiles.d/x.conf", "z /sys/bus/pci/devices/*/resource*_wc 0660 root users -\n"); }
static void a_file_that_is_none(struct tree *tree) { tree_file(tree, "etc/udev/rules.d/70-other.rules.dpkg-old", "ENV{PCIWC_PATH}=\"safe\"\n"); }
static void a_rule_that_is_none(struct tree *tree) { tree_dir(tree, "etc/udev/rules.d/50-x.rules"); }
static void an_endless_rule(struct tree *tree) { tree_hollow(tree, "etc/udev/rules.d/50-x.rules", 1 << 30); }
static void a_hidden_rule(struct tree *tree)
{
	tree_file(tree, "usr/lib/udev/rules.d/70-other.rules", "ENV{PCIWC_PATH}=\"safe\"\n");
}
static void another_rule_of_ours(struct tree *tree) { tree_file(tree, "etc/udev/rules.d/60-pciwc.rules", "# nothing\n"); }
static void a_mask(struct tree *tree) { tree_link(tree, "etc/udev/rules.d/60-pciwc.rules", "/dev/null"); }
static void a_copy_of_ours(struct tree *tree) { tree_file(tree, "etc/udev/rules.d/60-pciwc.rules", OWN_TEXT); }

/* path: the only one that is named; NULL: none is. */
static const struct {
	void (*change)(struct tree *tree);
	const char *path, *says;
} rows[] = {
	{ nothing, NULL, NULL },
	{ a_mode, FILE_OF_WC, "mode 0640" },
	{ a_mode, FILE_OF_WC, "an earlier policy or somebody else has set that" },
	{ a_resize, FILE_OF_WC, "anew when the BAR is resized: pciwc refresh" },
	{ no_file, FILE_OF_WC, "resource2_wc is not there" },
	{ no_group, FILE_OF_WC, "there is no group \"users\"" },
	{ another_device, FILE_OF_WC, "1af4:1110 is no longer there" },
	{ another_group, FILE_OF_WC, "not of group users with mode 0660: it has mode 0660" },
	{ no_approval, "/" APPROVAL, "missing" },
	{ another_approval, "/" APPROVAL, "not what was published or approved" },
	{ a_forgotten_approval, "/var/lib/pciwc/approvals/0000:09:00.0.json", "nothing of it is granted" },
	{ no_publication, "/" PUBLICATION, "missing" },
	{ no_mark, "/" MARK, "nobody is warned" },
	{ a_foreign_mark, "/run/pciwc/unsafe/0000:03:00.0", "not unsafe" },
	{ an_open_file, "/sys/bus/pci/devices/0000:01:00.0/resource4_wc", "open to others (mode 0604" },
	{ a_closed_file, NULL, NULL },
	{ a_rule_that_sets, "/" RULE, "line 2 sets a property" },
	{ a_rule_that_adds, "/run/udev/rules.d/99-x.rules", "line 1 sets a property" },
	{ a_rule_of_files, "/lib/udev/rules.d/1.rules", "line 1 acts on a resourceN_wc" },
	{ a_line_of_tmpfiles, "/etc/tmpfiles.d/x.conf", "line 1 acts on a resourceN_wc" },
	{ a_file_that_is_none, NULL, NULL },
	{ a_rule_that_is_none, NULL, NULL },
	{ an_endless_rule, "/etc/udev/rules.d/50-x.rules", "cannot be looked at: " },
	{ a_hidden_rule, NULL, NULL },
	{ another_rule_of_ours, "/etc/udev/rules.d/60-pciwc.rules", "stands for /usr/lib/udev/rules.d/60-pciwc.rules" },
	{ a_mask, "/etc/udev/rules.d/60-pciwc.rules", "stands for" },
	{ a_copy_of_ours, NULL, NULL },
};

static void test_drifts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct drifts drifts = { 0 };
		struct policy policy = { 0 };
		struct err err = { 0 };
		struct tree tree;

		tree_make(&tree);
		make(&tree, &policy);
		rows[i].change(&tree);
		if (policy_verify(&tree.root, &policy, &err, &drifts) < 0)
			fail_msg("row %zu: %s", i, err.text);
		for (size_t n = 0; n < drifts.n; n++)
			if (!rows[i].path || n || strcmp(drifts.at[n].path, rows[i].path) != 0 || !strstr(drifts.at[n].text, rows[i].says))
				fail_msg("row %zu: %s: %s", i, drifts.at[n].path, drifts.at[n].text);
		if (drifts.n != (rows[i].path ? 1 : 0))
			fail_msg("row %zu: %zu drifts", i, drifts.n);
		drifts_done(&drifts);
		policy_done(&policy);
		tree_remove(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drifts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
