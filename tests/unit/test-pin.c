/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-pin: a pin that holds, ends and is missed, on a fake machine whose BAR is a file; what it has left is asked of the kernel. */
#include "apply.h"
#include "pcitree.h"
#include "rules.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "act/apply.h"
#include "act/jail.h"
#include "act/pin.h"
#include "act/verify.h"
#include "base/cleanup.h"

#define BAR "resource2_wc"
#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define LOCK "run/pciwc/pin-0000:01:00.0.lock"
#define FOUND_BAD "var/lib/pciwc/found-bad"
#define LIST "sys/kernel/debug/x86/pat_memtype_list"
#define TEXT                                                                                                    \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":["     \
	"{\"bar\":2,\"backend\":\"pin\"}]}\n"
#define TYPED(type) "PAT: [mem 0x0000382000000000-0x0000382000010000] " type "\n"

static const struct pci_address address = { .bus = 1 };

static void add_pin(struct policy *policy, const char *file, unsigned int bar, uint64_t base)
{
	char path[128];
	struct write *write;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/0000:01:00.0/%s", file);
	write = policy_add(policy, WRITE_PIN, path, 0);
	assert_non_null(write);
	assert_int_equal(str_set(&write->text, "pinned"), 0);
	write->address = address;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = (uint8_t)bar;
	write->base = base;
	write->size_bytes = BAR_BYTES;
}

static void fill(struct policy *policy, const char *approval)
{
	struct write *write = policy_add(policy, WRITE_TEXT, "/" APPROVAL, 0644);

	assert_non_null(write);
	assert_int_equal(str_set(&write->text, approval), 0);
	add_pin(policy, BAR, 2, BAR_BASE);
}

static void machine(void **state, struct policy *policy)
{
	struct fake fake;

	fake_make(*state, &fake);
	tree_hollow(*state, DEVICE_DIR BAR, BAR_BYTES);
	tree_mode(*state, DEVICE_DIR BAR, 0600);
	tree_file(*state, DEVICE_DIR "resource",
	          "0x0 0x0 0x0\n0x0 0x0 0x0\n0x0000382000000000 0x000038200000ffff 0x000000000014220c\n");
	tree_file(*state, DEVICE_DIR "uevent", "");
	tree_file(*state, "dev/null", "");
	tree_file(*state, LIST, TYPED("write-combining"));
	tree_dir(*state, "proc");
	unlink(tree_path(*state, LOCK));
	unlink(tree_path(*state, APPROVAL));
	unlink(tree_path(*state, FOUND_BAD));
	*policy = (struct policy){ 0 };
	fill(policy, TEXT);
}

static void is_mapped(const struct tree *tree, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/maps", (int)pid);
	tree_file(tree, path, "7f00-7f10 ---s 00000000 00:15 17 /sys/devices/pci0000:00/0000:01:00.0/" BAR "\n");
	snprintf(path, sizeof(path), "proc/%d/comm", (int)pid);
	tree_file(tree, path, "pciwc\n");
}

static pid_t holder(const struct tree *tree)
{
	struct err err = { 0 };
	pid_t pid = 0;

	if (pin_holder(&tree->root, &address, &err, &pid) < 0)
		fail_msg("%s: %s", err.id, err.text);
	return pid;
}

static pid_t hold(const struct tree *tree, const struct policy *policy)
{
	struct err err = { 0 };
	struct pin pin = { 0 };

	if (pin_hold(&tree->root, policy, &address, -1, &err, &pin) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(holder(tree), pin.pid);
	return pin.pid;
}

/* pin_judge: what a policy says, unless a probe has found something bad meanwhile; nobody probes, or changes the policy, while it judges. */
struct judged {
	const struct tree *tree;
	const struct policy *policy;
};

static int judge(void *data, struct err *err, struct policy *ret)
{
	static const char *const names[] = { LOCK_POLICY, LOCK_PROBE };
	const struct judged *judged = data;
	const struct policy *policy = judged->policy;

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		int lock;

		if (lock_take(&judged->tree->root, names[i], false, NULL, &lock) != -EWOULDBLOCK)
			return err_set(err, -EBADFD, "not-locked", "%s is not held", names[i]);
	}
	if (access(tree_path(judged->tree, FOUND_BAD), F_OK) == 0)
		return 0;
	for (size_t i = 0; i < policy->n; i++) {
		struct write *write = policy_add(ret, policy->at[i].kind, policy->at[i].path, policy->at[i].mode);
		char *path = write ? write->path : NULL;

		if (!write)
			return -ENOMEM;
		*write = policy->at[i];
		write->path = path;
		write->text = NULL;
		if (str_set(&write->text, policy->at[i].text) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int begin(const struct tree *tree, const struct policy *policy, struct err *err, struct pin *ret)
{
	struct judged judged = { tree, policy };

	return pin_begin(&tree->root, &address, judge, &judged, err, ret);
}

static int end(const struct tree *tree)
{
	struct err err = { 0 };
	bool is_changed = false;

	if (pin_take(&tree->root, &address, &err, &is_changed) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(holder(tree), 0);
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
	struct pin again;
	pid_t pid;
	int n_waiting = 0;

	machine(state, &policy);
	assert_int_equal(holder(*state), 0);
	pid = hold(*state, &policy);
	assert_true(has_status(pid, "\nNoNewPrivs:\t1\n"));
	assert_true(has_status(pid, "\nSeccomp:\t2\n"));
	assert_true(has_status(pid, "\nCapEff:\t0000000000000000\n"));
	assert_true(has_status(pid, "\nCapPrm:\t0000000000000000\n"));
	if (geteuid() == 0)
		assert_true(has_status(pid, "\nUid:\t65534\t65534\t65534\t65534\n"));
	/* It waits, but for its looks, and does not turn round and round. */
	for (int i = 0; i < 20; i++) {
		usleep(15000);
		n_waiting += has_status(pid, "\nState:\tS ");
	}
	assert_true(n_waiting > 10);
	assert_int_equal(pin_hold(&((struct tree *)*state)->root, &policy, &address, -1, &err, &again), -EBUSY);
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
			assert_int_equal(holder(tree), 0);
		} else {
			assert_int_equal(end(tree), 1);
			assert_int_equal(waitpid(pid, &status, 0), pid);
		}
		policy_done(&policy);
	}
}

/* It says that it holds, looks, is stopped and goes on, looks, and ends when the BAR moves: is it killed on the way. */
static bool dies_of_jail(void **state, unsigned int left_out)
{
	struct policy policy;
	struct pin pin = { 0 };
	int status = 0;

	machine(state, &policy);
	tree_file(*state, DEVICE_DIR "resource", LINES(PLACED("0000", "ffff", "14220c"), NOTHING));
	n_rules = 0;
	rule_left_out = left_out;
	if (pin_hold(&((struct tree *)*state)->root, &policy, &address, -1, NULL, &pin) == 0) {
		usleep(20000);
		kill(pin.pid, SIGSTOP);
		assert_int_equal(waitpid(pin.pid, &status, WUNTRACED), pin.pid);
		if (WIFSTOPPED(status)) {
			kill(pin.pid, SIGCONT);
			usleep(20000);
			rewrite(*state, DEVICE_DIR "resource", LINES(PLACED("1000", "ffff", "14220c"), NOTHING));
			assert_int_equal(waitpid(pin.pid, &status, 0), pin.pid);
		}
	} else {
		/* Nothing of it is left, and the parent was told nothing. */
		assert_int_equal(waitpid(-1, NULL, 0), -1);
		status = SIGSYS;
	}
	policy_done(&policy);
	if (!left_out && status)
		fail_msg("status 0x%x", status);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Five: to say that it holds, to wait, to go on with that, to look, to end. */
static void each_rule_is_needed(void **state)
{
	unsigned int n_idle = 0;

	/* A sanitizer needs others, and some of these twice. */
	if (jail_talks)
		skip();
	assert_false(dies_of_jail(state, 0));
	for (unsigned int i = 1; i <= 5; i++)
		if (!dies_of_jail(state, i))
			n_idle = i;
	assert_false(dies_of_jail(state, 6));
	rule_left_out = 0;
	if (n_idle)
		fail_msg("rule %u: nothing needs it", n_idle);
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
		struct pin pin = { .pid = 4711 };

		machine(state, &policy);
		unlink(tree_path(*state, cases[i].file));
		if (cases[i].text)
			tree_file(*state, cases[i].file, cases[i].text);
		assert_true(pin_hold(&((struct tree *)*state)->root, &policy, &address, -1, &err, &pin) < 0);
		if (strcmp(err.id, cases[i].id) != 0)
			fail_msg("case %zu: %s: %s", i, err.id, err.text);
		assert_int_equal(pin.pid, 4711);
		assert_int_equal(holder(*state), 0);
		policy_done(&policy);
	}
}

/* A link to another BAR is not followed. */
static void link_refused(void **state)
{
	struct policy policy;
	struct err err = { 0 };
	struct pin pin;

	machine(state, &policy);
	tree_hollow(*state, DEVICE_DIR "resource4_wc", BAR_BYTES);
	tree_link(*state, DEVICE_DIR BAR, "resource4_wc");
	assert_int_equal(pin_hold(&((struct tree *)*state)->root, &policy, &address, -1, &err, &pin), -ELOOP);
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
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 1);
	is_drift(tree, &policy, BAR, "no process holds it");
	pid = hold(tree, &policy);
	is_drift(tree, &policy, BAR, "does not hold this BAR");
	is_mapped(tree, pid);
	assert_int_equal(policy_verify(&tree->root, &policy, NULL, &drifts), 0);
	assert_int_equal(drifts.n, 0);
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(holder(tree), pid);
	tree_file(tree, LIST, TYPED("uncached-minus"));
	is_drift(tree, &policy, BAR, "not write-combining");
	/* Where the list cannot be read nobody can tell. */
	unlink(tree_path(tree, LIST));
	assert_int_equal(policy_verify(&tree->root, &policy, NULL, &drifts), 0);
	assert_int_equal(drifts.n, 0);
	is_drift(tree, &none, LOCK, "the policy does not");
	end(tree);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	policy_done(&policy);
}

/* What could not be looked at is neither held nor not, and nobody ends it for that. */
static void untold(void **state, const struct policy *policy, const char *id, const char *text)
{
	const struct tree *tree = *state;
	const struct write *write = &policy->at[1];
	struct policy none = { 0 };
	struct err err = { 0 }, why = { 0 };
	bool is_changed = true;
	pid_t pid = 4711;

	if (id) {
		assert_true(pin_holder(&tree->root, &address, &err, &pid) < 0);
		assert_string_equal(err.id, id);
		assert_non_null(strstr(err.text, text));
		assert_int_equal(pid, 4711);
		err = (struct err){ 0 };
		assert_true(pin_take(&tree->root, &address, &err, &is_changed) < 0);
		assert_string_equal(err.id, id);
		assert_false(is_changed);
		is_drift(tree, &none, LOCK, text);
	}
	assert_int_equal(pin_look(&tree->root, write, &why), TRI_UNKNOWN);
	assert_non_null(strstr(why.text, text));
	err = (struct err){ 0 };
	assert_int_equal(pin_give(&tree->root, write, &err, &is_changed), 0);
	assert_false(is_changed);
	is_drift(tree, policy, BAR, text);
}

static void not_to_be_told(void **state)
{
	const struct tree *tree = *state;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct policy policy;
	char maps[64];
	pid_t pid;
	int fd;

	machine(state, &policy);
	pid = hold(tree, &policy);
	/* Who could write there could have put anything there. */
	tree_mode(tree, "run/pciwc", 0777);
	untold(state, &policy, "untrusted-dir", "0777");
	tree_mode(tree, "run/pciwc", 0755);
	/* A process whose mappings cannot be read. */
	snprintf(maps, sizeof(maps), "proc/%d/maps", (int)pid);
	tree_dir(tree, maps);
	untold(state, &policy, NULL, "cannot be read");
	rmdir(tree_path(tree, maps));
	is_mapped(tree, pid);
	assert_int_equal(end(tree), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* A lock that is nobody's whom the kernel could name, as that of a process of another pid namespace. */
	fd = open(tree_path(tree, LOCK), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	untold(state, &policy, "hidden", "not visible");
	close(fd);
	/* A link in its place. */
	unlink(tree_path(tree, LOCK));
	tree_link(tree, LOCK, "nowhere");
	untold(state, &policy, "unreadable", LOCK);
	unlink(tree_path(tree, LOCK));
	assert_int_equal(holder(tree), 0);
	policy_done(&policy);
}

static void type_not_verified(void **state)
{
	const struct tree *tree = *state;
	struct policy policy;
	struct err err = { 0 };
	struct pin pin = { 0 };

	for (int has_list = 0; has_list < 2; has_list++) {
		machine(state, &policy);
		tree_file(tree, APPROVAL, TEXT);
		if (!has_list)
			unlink(tree_path(tree, LIST));
		assert_int_equal(begin(tree, &policy, &err, &pin), 0);
		assert_int_equal(pin.is_type_verified, has_list);
		is_mapped(tree, pin.pid);
		assert_int_equal(pin_look(&tree->root, &policy.at[1], &err), TRI_YES);
		if (has_list)
			assert_string_equal(err.text, "");
		else
			assert_non_null(strstr(err.text, "type is not verified"));
		err = (struct err){ 0 };
		assert_int_equal(end(tree), 1);
		assert_int_equal(waitpid(pin.pid, NULL, 0), pin.pid);
		policy_done(&policy);
	}
}

/* The kernel does not map it, with this errno; EACCES: only what may not be read. */
static int not_mapped;

void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (!not_mapped || size != BAR_BYTES || (not_mapped == EACCES && protection != PROT_NONE))
		return __real_mmap64(at, size, protection, flags, fd, offset);
	errno = not_mapped;
	return MAP_FAILED;
}

static void map_fails(void **state)
{
	static const struct {
		int error, r;
		const char *id;
	} rows[] = {
		{ EINVAL, -EBUSY, "busy" }, { ENOMEM, -ENOMEM, "cannot-map" }, { EPERM, -EPERM, "cannot-map" }, { EACCES, 0, "" },
	};
	const struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct policy policy;
		struct err err = { 0 };
		struct pin pin = { 0 };

		machine(state, &policy);
		tree_file(tree, APPROVAL, TEXT);
		not_mapped = rows[i].error;
		assert_int_equal(begin(tree, &policy, &err, &pin), rows[i].r);
		not_mapped = 0;
		assert_string_equal(err.id, rows[i].id);
		if (rows[i].r == 0) {
			is_mapped(tree, pin.pid);
			assert_int_equal(end(tree), 1);
		}
		assert_int_equal(holder(tree), 0);
		while (waitpid(-1, NULL, 0) > 0)
			;
		policy_done(&policy);
	}
}

/* Taken back before the pin. */
static void begun_too_late(void **state)
{
	const struct tree *tree = *state;
	struct policy policy;
	struct err err = { 0 };
	struct pin pin = { .pid = 4711 };

	machine(state, &policy);
	assert_int_equal(begin(tree, &policy, &err, &pin), -EPERM);
	assert_string_equal(err.id, "refused");
	assert_int_equal(pin.pid, 4711);
	assert_int_equal(holder(tree), 0);
	/* Nor is what the policy does not pin, whatever was approved. */
	tree_file(tree, APPROVAL, TEXT);
	tree_file(tree, FOUND_BAD, "");
	assert_int_equal(begin(tree, &policy, &err, &pin), -EPERM);
	assert_string_equal(err.id, "refused");
	assert_int_equal(pin.pid, 4711);
	assert_int_equal(holder(tree), 0);
	/* Nothing began: who is killed now leaves nobody who pins. */
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	policy_done(&policy);
}

#define TEXT_OF_BOTH                                                                                            \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":["     \
	"{\"bar\":2,\"backend\":\"pin\"},{\"bar\":4,\"backend\":\"pin\"}]}\n"
#define OTHER "resource4_wc"

/* The machine and policy of machine(), and a BAR 4 that is to be pinned, too. */
static void machine_of_both(void **state, struct policy *policy, struct policy *both)
{
	machine(state, policy);
	tree_hollow(*state, DEVICE_DIR OTHER, BAR_BYTES);
	tree_mode(*state, DEVICE_DIR OTHER, 0600);
	tree_file(*state, DEVICE_DIR "resource",
	          "0x0 0x0 0x0\n0x0 0x0 0x0\n0x0000382000000000 0x000038200000ffff 0x000000000014220c\n0x0 0x0 0x0\n"
	          "0x0000382000010000 0x000038200001ffff 0x000000000014220c\n");
	tree_file(*state, LIST, TYPED("write-combining") "PAT: [mem 0x0000382000010000-0x0000382000020000] write-combining\n");
	*both = (struct policy){ 0 };
	fill(both, TEXT_OF_BOTH);
	add_pin(both, OTHER, 4, BAR_BASE + BAR_BYTES);
}

static void maps_both(const struct tree *tree, pid_t pid)
{
	char path[64];

	is_mapped(tree, pid);
	snprintf(path, sizeof(path), "proc/%d/maps", (int)pid);
	tree_file(tree, path,
	          "7f00-7f10 ---s 00000000 00:15 17 /sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/" BAR "\n"
	          "7f10-7f20 ---s 00000000 00:15 18 /sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/" OTHER "\n");
}

/* A BAR that was taken back is held by whoever began before, whatever the approval says now: that is seen, and ended. */
static void held_too_much(void **state)
{
	const struct tree *tree = *state;
	struct policy policy, both;
	struct drifts drifts = { 0 };
	struct err err = { 0 };
	unsigned int changed;
	char maps[64];
	pid_t pid;

	machine_of_both(state, &policy, &both);
	tree_file(tree, APPROVAL, TEXT_OF_BOTH);
	pid = hold(tree, &both);
	maps_both(tree, pid);
	assert_int_equal(policy_verify(&tree->root, &both, NULL, &drifts), 0);
	assert_int_equal(drifts.n, 0);
	tree_file(tree, APPROVAL, TEXT);
	is_drift(tree, &policy, LOCK, "holds a BAR that the policy does not pin");
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(holder(tree), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* Who holds what he should, and no more, is left; so is one of whom nobody can tell, which verify says. */
	pid = hold(tree, &policy);
	snprintf(maps, sizeof(maps), "proc/%d/maps", (int)pid);
	tree_dir(tree, maps);
	is_drift(tree, &policy, LOCK, "cannot be told");
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(holder(tree), pid);
	rmdir(tree_path(tree, maps));
	is_mapped(tree, pid);
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(holder(tree), pid);
	assert_int_equal(end(tree), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	policy_done(&both);
	policy_done(&policy);
}

/* Who pins waits for who writes a newer policy, and finds it. */
static void begun_while_locked(void **state)
{
	const struct tree *tree = *state;
	struct policy policy, both;
	struct err err = { 0 };
	struct pin pin = { 0 };
	int lock = -1, status = 0;
	pid_t pid;

	machine_of_both(state, &policy, &both);
	tree_file(tree, APPROVAL, TEXT_OF_BOTH);
	assert_int_equal(lock_take(&tree->root, LOCK_POLICY, false, &err, &lock), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(lock);
		_exit(begin(tree, &both, &err, &pin) == -EPERM ? 0 : 1);
	}
	usleep(500000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(holder(tree), 0);
	tree_file(tree, APPROVAL, TEXT);
	close(lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(holder(tree), 0);
	/* What stays keeps nobody from the lock. */
	assert_int_equal(begin(tree, &policy, &err, &pin), 0);
	assert_int_equal(lock_take(&tree->root, LOCK_POLICY, false, &err, &lock), 0);
	close(lock);
	assert_int_equal(end(tree), 1);
	assert_int_equal(waitpid(pin.pid, NULL, 0), pin.pid);
	policy_done(&both);
	policy_done(&policy);
}

/*
 * While a BAR is probed none begins, whoever waits for the policy meanwhile is served, and what stays keeps nobody from probing.
 * What the probe has found is judged by, though the approval is the one that it was.
 */
static void begun_while_probed(void **state)
{
	const struct tree *tree = *state;

	for (int is_bad = 0; is_bad < 2; is_bad++) {
		struct policy policy;
		struct err err = { 0 };
		struct pin pin = { 0 };
		int probe = -1, lock = -1, status = 0;
		pid_t pid;

		machine(state, &policy);
		tree_file(tree, APPROVAL, TEXT);
		assert_int_equal(lock_take(&tree->root, LOCK_PROBE, false, &err, &probe), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			close(probe);
			_exit(begin(tree, &policy, &err, &pin) == (is_bad ? -EPERM : 0) ? 0 : 1);
		}
		usleep(500000);
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
		assert_int_equal(holder(tree), 0);
		assert_int_equal(lock_take(&tree->root, LOCK_POLICY, false, &err, &lock), 0);
		close(lock);
		if (is_bad)
			tree_file(tree, FOUND_BAD, "");
		close(probe);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_int_equal(holder(tree) > 0, !is_bad);
		assert_int_equal(lock_take(&tree->root, LOCK_PROBE, false, &err, &probe), 0);
		close(probe);
		assert_int_equal(end(tree), !is_bad);
		policy_done(&policy);
	}
}

/* Whatever signals it inherits, and whoever stops it: SIGTERM ends it. */
static void ended_by_a_signal(void **state)
{
	const struct tree *tree = *state;
	struct policy policy;
	sigset_t all, before;
	pid_t pid;
	int status = 0;

	machine(state, &policy);
	sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_SETMASK, &all, &before), 0);
	assert_true(signal(SIGTERM, SIG_IGN) != SIG_ERR);
	pid = hold(tree, &policy);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(end(tree), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	policy_done(&policy);
}

/* Somebody who heeds no signal is killed. */
static void killed(void **state)
{
	const struct tree *tree = *state;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct policy policy;
	pid_t pid;
	int status = 0;

	machine(state, &policy);
	tree_file(tree, LOCK, "");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(tree_path(tree, LOCK), O_RDWR);

		signal(SIGTERM, SIG_IGN);
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	for (int i = 0; i < 100 && holder(tree) != pid; i++)
		usleep(20000);
	assert_int_equal(holder(tree), pid);
	assert_int_equal(end(tree), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	policy_done(&policy);
}

static void reverted(void **state)
{
	const struct tree *tree = *state;
	struct policy policy, none = { 0 };
	unsigned int changed;
	struct err err = { 0 };
	pid_t pid;

	machine(state, &policy);
	tree_file(tree, APPROVAL, TEXT);
	pid = hold(tree, &policy);
	assert_int_equal(policy_revert(&tree->root, &err, &changed), 0);
	assert_int_equal(changed, 2); /* the process, the approval */
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(holder(tree), 0);
	assert_int_equal(access(tree_path(tree, APPROVAL), F_OK), -1);
	/* What no approval on file asks for ends, too, and at an apply that does not have it. */
	pid = hold(tree, &policy);
	assert_int_equal(policy_revert(&tree->root, &err, &changed), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	pid = hold(tree, &policy);
	assert_int_equal(apply_policy(&tree->root, &none, &err, &changed), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
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
		cmocka_unit_test_setup_teardown(each_rule_is_needed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(link_refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(drifted, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(not_to_be_told, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(type_not_verified, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(map_fails, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(begun_too_late, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(held_too_much, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(begun_while_locked, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(begun_while_probed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(ended_by_a_signal, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(reverted, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
