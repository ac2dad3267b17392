/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-pin: a pin that holds, ends and is missed, on a fake machine whose BAR is a file; what it has left is asked of the kernel. */
#include "pcitree.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "act/apply.h"
#include "act/pin.h"
#include "act/verify.h"

#define BAR "resource2_wc"
#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define LOCK "run/pciwc/pin-0000:01:00.0.lock"
#define LIST "sys/kernel/debug/x86/pat_memtype_list"
#define TEXT                                                                                                    \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":["     \
	"{\"bar\":2,\"backend\":\"pin\"}]}\n"
#define TYPED(type) "PAT: [mem 0x0000382000000000-0x0000382000010000] " type "\n"

static const struct pci_address address = { .bus = 1 };

static void fill(struct policy *policy)
{
	struct write *write = policy_add(policy, WRITE_TEXT, "/" APPROVAL, 0644);

	assert_non_null(write);
	assert_int_equal(str_set(&write->text, TEXT), 0);
	write = policy_add(policy, WRITE_PIN, "/sys/bus/pci/devices/0000:01:00.0/" BAR, 0);
	assert_non_null(write);
	assert_int_equal(str_set(&write->text, "pinned"), 0);
	write->address = address;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = 2;
	write->base = BAR_BASE;
	write->size_bytes = BAR_BYTES;
}

static void machine(void **state, struct policy *policy)
{
	struct fake fake;

	fake_make(*state, &fake);
	tree_hollow(*state, DEVICE_DIR BAR, BAR_BYTES);
	tree_file(*state, DEVICE_DIR "resource",
	          "0x0 0x0 0x0\n0x0 0x0 0x0\n0x0000382000000000 0x000038200000ffff 0x000000000014220c\n");
	tree_file(*state, DEVICE_DIR "uevent", "");
	tree_file(*state, "dev/null", "");
	tree_file(*state, LIST, TYPED("write-combining"));
	tree_dir(*state, "proc");
	unlink(tree_path(*state, LOCK));
	unlink(tree_path(*state, APPROVAL));
	*policy = (struct policy){ 0 };
	fill(policy);
}

static void is_mapped(const struct tree *tree, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/maps", (int)pid);
	tree_file(tree, path, "7f00-7f10 ---s 00000000 00:15 17 /sys/devices/pci0000:00/0000:01:00.0/" BAR "\n");
	snprintf(path, sizeof(path), "proc/%d/comm", (int)pid);
	tree_file(tree, path, "pciwc\n");
}

static pid_t hold(const struct tree *tree, const struct policy *policy)
{
	struct err err = { 0 };
	pid_t pid = 0;

	if (pin_hold(&tree->root, policy, &address, &err, &pid) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(pin_holder(&tree->root, &address), pid);
	return pid;
}

static int end(const struct tree *tree)
{
	struct err err = { 0 };
	bool is_changed = false;

	if (pin_take(&tree->root, &address, &err, &is_changed) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(pin_holder(&tree->root, &address), 0);
	return is_changed;
}

static void is_drift(const struct tree *tree, const struct policy *policy, const char *path, const char *text)
{
	struct drifts drifts = { 0 };
	bool is_found = false;

	assert_int_equal(policy_verify(&tree->root, policy, NULL, &drifts), 0);
	for (size_t i = 0; i < drifts.n; i++)
		is_found |= strstr(drifts.at[i].path, path) && strstr(drifts.at[i].text, text);
	if (!is_found)
		fail_msg("%zu drifts, none %s: %s", drifts.n, path, text);
	drifts_done(&drifts);
}

static bool has_status(pid_t pid, const char *line)
{
	char path[64], text[4096] = "\n";
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text + 1, sizeof(text) - 2);
	close(fd);
	assert_true(n > 0);
	return strstr(text, line) != NULL;
}

static void held_and_ended(void **state)
{
	struct policy policy;
	struct err err = { 0 };
	pid_t pid, again;

	machine(state, &policy);
	assert_int_equal(pin_holder(&((struct tree *)*state)->root, &address), 0);
	pid = hold(*state, &policy);
	assert_true(has_status(pid, "\nNoNewPrivs:\t1\n"));
	assert_true(has_status(pid, "\nSeccomp:\t2\n"));
	assert_true(has_status(pid, "\nCapEff:\t0000000000000000\n"));
	assert_true(has_status(pid, "\nCapPrm:\t0000000000000000\n"));
	if (geteuid() == 0)
		assert_true(has_status(pid, "\nUid:\t65534\t65534\t65534\t65534\n"));
	/* It waits, and does not turn round and round. */
	usleep(300000);
	assert_true(has_status(pid, "\nState:\tS "));
	assert_int_equal(pin_hold(&((struct tree *)*state)->root, &policy, &address, &err, &again), -EBUSY);
	assert_string_equal(err.id, "busy");
	assert_int_equal(end(*state), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(end(*state), 0);
	policy_done(&policy);
}

#define NOTHING "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define PLACED(start, end, flags) "0x000038200000" start " 0x000038200000" end " 0x0000000000" flags "\n"
#define LINES(bar_2, bar_4) NOTHING NOTHING bar_2 NOTHING bar_4

/* As the kernel does it: in place, for who has it open. */
static void rewrite(const struct tree *tree, const char *path, const char *text)
{
	int fd = open(tree_path(tree, path), O_WRONLY);

	if (fd < 0 || pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
}

/* It lets go of an address that is the BAR's no longer, and of nothing else. */
static void moved(void **state)
{
	static const struct {
		const char *lines;
		bool goes;
	} cases[] = {
		{ LINES(PLACED("0000", "ffff", "14220c"), PLACED("0000", "ffff", "000000")), false },
		{ LINES(PLACED("0000", "ffff", "04220c"), NOTHING), false },
		{ LINES(PLACED("0000", "1fff", "14220c"), NOTHING), true },
		{ LINES(PLACED("1000", "ffff", "14220c"), NOTHING), true },
		{ LINES(NOTHING, PLACED("0000", "ffff", "14220c")), true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tree *tree = *state;
		struct policy policy;
		int status = 0;
		pid_t pid;

		machine(state, &policy);
		tree_file(tree, DEVICE_DIR "resource", LINES(PLACED("0000", "ffff", "14220c"), NOTHING));
		pid = hold(tree, &policy);
		rewrite(tree, DEVICE_DIR "resource", cases[i].lines);
		usleep(cases[i].goes ? 1000000 : 300000);
		if ((waitpid(pid, &status, WNOHANG) == pid) != cases[i].goes)
			fail_msg("case %zu", i);
		if (cases[i].goes) {
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
			assert_int_equal(pin_holder(&tree->root, &address), 0);
		} else {
			assert_int_equal(end(tree), 1);
			assert_int_equal(waitpid(pid, &status, 0), pid);
		}
		policy_done(&policy);
	}
}

/* Nothing is held of what is not exactly what was judged. */
static void refused(void **state)
{
	static const struct {
		const char *file, *text; /* what is different; text NULL: the file is not there */
		const char *id;
	} cases[] = {
		{ DEVICE_DIR "device", "0x1111\n", "vanished" },
		{ DEVICE_DIR "vendor", NULL, "vanished" },
		{ DEVICE_DIR "resource", "0x0 0x0 0x0\n0x0 0x0 0x0\n0x0000382000010000 0x000038200001ffff 0x000000000014220c\n", "changed" },
		{ DEVICE_DIR "resource", "0x0 0x0 0x0\n0x0 0x0 0x0\n0x0000382000000000 0x000038200001ffff 0x000000000014220c\n", "changed" },
		{ DEVICE_DIR BAR, "short", "changed" },
		{ DEVICE_DIR BAR, NULL, "unreadable" },
		{ LIST, TYPED("uncached-minus"), "not-wc" },
		{ LIST, "PAT memtype list:\n", "not-wc" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy policy;
		struct err err = { 0 };
		pid_t pid = 4711;

		machine(state, &policy);
		unlink(tree_path(*state, cases[i].file));
		if (cases[i].text)
			tree_file(*state, cases[i].file, cases[i].text);
		assert_true(pin_hold(&((struct tree *)*state)->root, &policy, &address, &err, &pid) < 0);
		if (strcmp(err.id, cases[i].id) != 0)
			fail_msg("case %zu: %s: %s", i, err.id, err.text);
		assert_int_equal(pid, 4711);
		assert_int_equal(pin_holder(&((struct tree *)*state)->root, &address), 0);
		policy_done(&policy);
	}
}

/* A link to another BAR is not followed. */
static void link_refused(void **state)
{
	struct policy policy;
	struct err err = { 0 };
	pid_t pid;

	machine(state, &policy);
	tree_hollow(*state, DEVICE_DIR "resource4_wc", BAR_BYTES);
	tree_link(*state, DEVICE_DIR BAR, "resource4_wc");
	assert_int_equal(pin_hold(&((struct tree *)*state)->root, &policy, &address, &err, &pid), -ELOOP);
	policy_done(&policy);
}

static void drifted(void **state)
{
	const struct tree *tree = *state;
	struct policy policy, none = { 0 };
	struct drifts drifts = { 0 };
	unsigned int changed;
	struct err err = { 0 };
	pid_t pid;

	machine(state, &policy);
	/* The approval; that nobody holds it yet is said, and is no error. */
	assert_int_equal(policy_apply(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 1);
	is_drift(tree, &policy, BAR, "no process holds it");
	pid = hold(tree, &policy);
	is_drift(tree, &policy, BAR, "does not hold this BAR");
	is_mapped(tree, pid);
	assert_int_equal(policy_verify(&tree->root, &policy, NULL, &drifts), 0);
	assert_int_equal(drifts.n, 0);
	assert_int_equal(policy_apply(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(pin_holder(&tree->root, &address), pid);
	tree_file(tree, LIST, TYPED("uncached-minus"));
	is_drift(tree, &policy, BAR, "not write-combining");
	/* Where the list cannot be read nobody can tell. */
	unlink(tree_path(tree, LIST));
	assert_int_equal(policy_verify(&tree->root, &policy, NULL, &drifts), 0);
	assert_int_equal(drifts.n, 0);
	is_drift(tree, &none, LOCK, "the policy does not");
	/* Who could write there could have put anything there. */
	tree_mode(tree, "run/pciwc", 0777);
	assert_int_equal(pin_holder(&tree->root, &address), 0);
	tree_mode(tree, "run/pciwc", 0755);
	end(tree);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	policy_done(&policy);
}

static void reverted(void **state)
{
	const struct tree *tree = *state;
	struct policy policy;
	unsigned int changed;
	struct err err = { 0 };
	pid_t pid;

	machine(state, &policy);
	tree_file(tree, APPROVAL, TEXT);
	pid = hold(tree, &policy);
	assert_int_equal(policy_revert(&tree->root, &err, &changed), 0);
	assert_int_equal(changed, 2); /* the process, the approval */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pin_holder(&tree->root, &address), 0);
	assert_int_equal(access(tree_path(tree, APPROVAL), F_OK), -1);
	/* Of an approval that cannot be read all is taken for granted. */
	pid = hold(tree, &policy);
	tree_file(tree, APPROVAL, "{");
	assert_int_equal(policy_revert(&tree->root, &err, &changed), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	policy_done(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(held_and_ended, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(moved, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(link_refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(drifted, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(reverted, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
