/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies put on a fake machine, replaced and taken back; every file that a kill could leave behind is taken from
 * there.
 */
#include "apply.h"
#include "pcitree.h"

#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "act/apply.h"
#include "act/resume.h"
#include "act/taken.h"
#include "act/verify.h"
#include "base/cleanup.h"
#include "base/strs.h"
#include "decide/event.h"
#include "decide/fingerprint.h"
#include "observe/publication.h"

#define WC DEVICE_DIR "resource2_wc"
#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define PUBLICATION "run/pciwc/policy.json"
#define MARK "run/pciwc/unsafe/0000:09:00.0"
#define APPROVAL_TEXT                                                                                 \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\"," \
	"\"bars\":[{\"bar\":2,\"group\":\"users\",\"mode\":\"0660\"}]}\n"

/* ---- a kill at any change ---- */

static int calls_left = -1; /* negative: never */

static bool is_killed(void)
{
	if (calls_left == 0)
		_exit(0);
	if (calls_left > 0)
		calls_left--;
	return false;
}

/* ---- a disk that takes nothing ---- */

static const char *no_room_for; /* the file whose new text gets no name */
static bool is_full;            /* nothing is ever on it for good */
static bool is_blind;           /* no directory can be listed */

DIR *fdopendir(int fd)
{
	DIR *(*libc)(int fd) = (DIR * (*)(int fd)) dlsym(RTLD_NEXT, "fdopendir");

	if (!is_blind)
		return libc(fd);
	errno = EIO;
	return NULL;
}

/* In place of the C library's: every change of the file system that apply makes. */

int chmod(const char *path, mode_t mode)
{
	return is_killed() ? -1 : (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	return is_killed() ? -1 : (int)syscall(SYS_fchownat, dir, path, uid, gid, flags);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (no_room_for && str_eq(to, no_room_for)) {
		errno = ENOSPC;
		return -1;
	}
	return is_killed() ? -1 : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int unlinkat(int dir, const char *path, int flags)
{
	return is_killed() ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int fsync(int fd)
{
	if (is_full) {
		errno = ENOSPC;
		return -1;
	}
	return is_killed() ? -1 : (int)syscall(SYS_fsync, fd);
}

/* The tree's owner has these; the group file says that "users" is his own, so that no privilege is needed. */
static void machine(void **state, struct fake *fake)
{
	char text[128];

	fake_make(*state, fake);
	snprintf(text, sizeof(text), "root:x:4242:\nusers:x:%u:alice,bob\nbad:x:-1:\nshort:x\n", getgid());
	tree_file(*state, "etc/group", text);
}

static void add_text(struct policy *policy, const char *path, const char *text)
{
	struct write *write = policy_add(policy, WRITE_TEXT, path, 0644);

	assert_non_null(write);
	assert_int_equal(str_set(&write->text, text), 0);
}

static struct write *add_grant(struct policy *policy)
{
	struct write *write = policy_add(policy, WRITE_GRANT, "/sys/bus/pci/devices/0000:01:00.0/resource2_wc", 0660);

	assert_non_null(write);
	assert_int_equal(str_set(&write->group, "users"), 0);
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	write->bar = 2;
	return write;
}

static void fill(struct policy *policy)
{
	add_text(policy, "/" APPROVAL, APPROVAL_TEXT);
	add_grant(policy);
	add_text(policy, "/" PUBLICATION, "{\"schema\":1}\n");
}

/* How many things are said to be taken back. */
static unsigned int told(const struct tree *tree, const struct policy *policy)
{
	_cleanup_(drifts_done) struct drifts taken = { 0 };
	struct err err = { 0 };

	if (policy_taken(&tree->root, policy, &err, &taken) < 0)
		fail_msg("%s: %s", err.id, err.text);
	return (unsigned int)taken.n;
}

/* How many of its rows are not in force. */
static unsigned int missing(const struct tree *tree, const struct policy *policy)
{
	_cleanup_(drifts_done) struct drifts drifts = { 0 };
	struct err err = { 0 };
	unsigned int n = 0;

	if (policy_verify(&tree->root, policy, &err, &drifts) < 0)
		fail_msg("%s: %s", err.id, err.text);
	for (size_t i = 0; i < drifts.n; i++)
		for (size_t k = 0; k < policy->n; k++)
			n += str_eq(drifts.at[i].path, policy->at[k].path);
	return n;
}

/* What is done is what was told before, no more and no less. */
static unsigned int apply(const struct tree *tree, const struct policy *policy)
{
	struct err err = { 0 };
	unsigned int changed = 99, expected = told(tree, policy) + missing(tree, policy);

	if (apply_policy(&tree->root, policy, &err, &changed) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(changed, expected);
	assert_int_equal(told(tree, policy), 0);
	return changed;
}

static unsigned int revert(const struct tree *tree)
{
	static const struct policy none;
	struct err err = { 0 };
	unsigned int changed = 99, expected = told(tree, &none) + (access(tree_path(tree, PUBLICATION), F_OK) == 0);

	if (policy_revert(&tree->root, &err, &changed) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(changed, expected);
	return changed;
}

static unsigned int mode_of(const struct tree *tree, const char *path)
{
	struct stat st;

	return lstat(tree_path(tree, path), &st) < 0 ? 0 : st.st_mode & 07777;
}

static void there_and_back(void **state)
{
	struct policy policy = { 0 };
	struct fake fake;

	machine(state, &fake);
	assert_int_equal(revert(*state), 0);
	fill(&policy);
	assert_int_equal(apply(*state, &policy), 3);
	assert_int_equal(mode_of(*state, WC), 0660);
	assert_int_equal(mode_of(*state, DEVICE_DIR "resource2"), 0644);
	assert_string_equal(tree_text(*state, APPROVAL), APPROVAL_TEXT);
	assert_int_equal(mode_of(*state, APPROVAL), 0644);
	assert_string_equal(tree_text(*state, PUBLICATION), "{\"schema\":1}\n");
	/* Twice is as good as once. */
	assert_int_equal(apply(*state, &policy), 0);

	/* What is not as it should be is put right. */
	tree_mode(*state, PUBLICATION, 0666);
	tree_mode(*state, WC, 0666);
	assert_int_equal(apply(*state, &policy), 2);
	assert_int_equal(mode_of(*state, PUBLICATION), 0644);
	assert_int_equal(mode_of(*state, WC), 0660);

	assert_int_equal(revert(*state), 3);
	assert_int_equal(mode_of(*state, WC), 0600);
	assert_null(tree_text(*state, APPROVAL));
	assert_null(tree_text(*state, PUBLICATION));
	assert_int_equal(revert(*state), 0);
	policy_done(&policy);
}

/* What a new policy no longer has is taken back, also when somebody still has it mapped. */
static void dropped(void **state)
{
	struct policy policy = { 0 }, none = { 0 };
	struct fake fake;

	machine(state, &fake);
	fill(&policy);
	apply(*state, &policy);
	add_text(&none, "/" PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
	tree_file(*state, "proc/4711/comm", "holder\n");
	tree_file(*state, "proc/4711/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource2_wc\n");
	assert_int_equal(apply(*state, &none), 3);
	assert_int_equal(mode_of(*state, WC), 0600);
	assert_null(tree_text(*state, APPROVAL));
	assert_string_equal(tree_text(*state, PUBLICATION), "{\"schema\":1,\"devices\":[]}\n");
	policy_done(&none);

	/* Another BAR of the same device stays. */
	apply(*state, &policy);
	tree_hollow(*state, DEVICE_DIR "resource4_wc", 4096);
	tree_mode(*state, DEVICE_DIR "resource4_wc", 0660);
	tree_file(*state, APPROVAL,
	          "{\"schema\":2,\"new\":{},\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\","
	          "\"bars\":[{\"bar\":4},{\"bar\":2}]}");
	assert_int_equal(apply(*state, &policy), 2);
	assert_int_equal(mode_of(*state, DEVICE_DIR "resource4_wc"), 0600);
	assert_int_equal(mode_of(*state, WC), 0660);
	assert_string_equal(tree_text(*state, APPROVAL), APPROVAL_TEXT);
	policy_done(&policy);
}

static bool is_revoked(const struct tree *tree)
{
	struct err err = { 0 };
	int lock = -1;

	if (mode_of(tree, WC) != 0600 || tree_text(tree, APPROVAL) || tree_text(tree, PUBLICATION) ||
	    lock_take(&tree->root, LOCK_POLICY, false, &err, &lock) < 0)
		return false;
	close(lock);
	return true;
}

/* Whoever lets the reader of his maps wait is waited for when all is revoked, and nobody else waits. */
static void stalled(void **state)
{
	struct policy policy = { 0 };
	struct tree *tree = *state;
	unsigned int changed;
	struct fake fake;
	bool is_done = false;
	int status;
	pid_t pid;

	machine(state, &fake);
	fill(&policy);
	apply(tree, &policy);
	tree_file(tree, "proc/4711/comm", "hostile\n");
	assert_int_equal(mkfifo(tree_path(tree, "proc/4711/maps"), 0644), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(60);
		_exit(policy_revert(&tree->root, NULL, &changed) == 0 ? 0 : 1);
	}
	for (int i = 0; i < 300 && !is_done; i++) {
		usleep(10000);
		is_done = is_revoked(tree);
	}
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	if (!is_done)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(is_done);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	policy_done(&policy);
}

/* An approval that cannot be read, or that others could have written, may have granted anything. */
static void unreadable_approvals(void **state)
{
	static const char *const texts[] = {
		"", "{}", "{\"device\":\"0000:02:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[]}",
		"{\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[{\"bar\":6}]}",
	};
	struct fake fake;

	machine(state, &fake);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree_file(*state, APPROVAL, texts[i]);
		tree_mode(*state, WC, 0660);
		assert_int_equal(revert(*state), 2);
		assert_int_equal(mode_of(*state, WC), 0600);
		assert_null(tree_text(*state, APPROVAL));
	}
	tree_file(*state, APPROVAL, "{\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[]}");
	tree_mode(*state, APPROVAL, 0666);
	tree_mode(*state, WC, 0660);
	assert_int_equal(revert(*state), 2);
	assert_int_equal(mode_of(*state, WC), 0600);
	/* No address, no approval. */
	tree_file(*state, "var/lib/pciwc/approvals/notes.json", "");
	tree_file(*state, "var/lib/pciwc/approvals/.0000:01:00.0.json.12", "");
	assert_int_equal(revert(*state), 0);
}

/* The device went, or another one is there: its file was never granted. */
static void vanished(void **state)
{
	struct policy policy = { 0 };
	struct err err = { 0 };
	struct fake fake;
	unsigned int changed = 7;

	machine(state, &fake);
	fill(&policy);
	apply(*state, &policy);
	tree_file(*state, DEVICE_DIR "device", "0x1111\n");
	assert_int_equal(apply_policy(&fake.tree->root, &policy, &err, &changed), -ENODEV);
	assert_string_equal(err.id, "vanished");
	assert_int_equal(changed, 7);
	tree_mode(*state, WC, 0640);
	assert_int_equal(revert(*state), 1); /* the approval; the publication went with the failure */
	assert_int_equal(mode_of(*state, WC), 0640);

	tree_file(*state, DEVICE_DIR "device", "0x1110\n");
	apply(*state, &policy);
	unlink(tree_path(*state, WC));
	assert_int_equal(revert(*state), 2);
	unlink(tree_path(*state, "sys/bus/pci/devices/0000:01:00.0"));
	tree_file(*state, APPROVAL, APPROVAL_TEXT);
	assert_int_equal(revert(*state), 1);
	policy_done(&policy);
}

static void assert_bad(struct fake *fake, const struct policy *policy, const char *id)
{
	struct err err = { 0 };
	unsigned int changed;

	assert_true(apply_policy(&fake->tree->root, policy, &err, &changed) < 0);
	assert_string_equal(err.id, id);
	assert_int_equal(mode_of(fake->tree, WC), 0600);
}

static void bad_grants(void **state)
{
	static const char *const groups[] = { "nobody-has-this", "bad", "short" };
	struct fake fake;

	machine(state, &fake);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct policy policy = { 0 };

		assert_int_equal(str_set(&add_grant(&policy)->group, groups[i]), 0);
		assert_bad(&fake, &policy, "no-such-group");
		policy_done(&policy);
	}

	struct policy policy = { 0 };
	struct write *write = add_grant(&policy);

	write->mode = 0666;
	assert_bad(&fake, &policy, "bad-policy");
	write->mode = 04660;
	assert_bad(&fake, &policy, "bad-policy");
	write->mode = 0660;
	write->bar = 4;
	assert_bad(&fake, &policy, "bad-policy");
	write->bar = 2;
	assert_int_equal(str_set(&write->path, "/sys/bus/pci/devices/0000:01:00.0/resource2"), 0);
	assert_bad(&fake, &policy, "bad-policy");
	policy_done(&policy);

	/* A link in the file's place leads nowhere. */
	add_grant(&policy);
	rename(tree_path(*state, WC), tree_path(*state, DEVICE_DIR "other"));
	tree_link(*state, WC, "other");

	struct err err = { 0 };
	unsigned int changed;

	assert_int_equal(apply_policy(&fake.tree->root, &policy, &err, &changed), -EPERM);
	assert_int_equal(mode_of(*state, DEVICE_DIR "other"), 0600);
	policy_done(&policy);
}

static void set_group(struct policy *policy, const char *group)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_GRANT && policy->at[i].bar == 2)
			assert_int_equal(str_set(&policy->at[i].group, group), 0);
}

/* Whose group there is not, or not any more, is nobody else's meanwhile; and it keeps no other from being given. */
static void no_such_group(void **state)
{
	struct policy policy = { 0 };
	struct tree *tree = *state;
	struct err err = { 0 };
	struct fake fake;
	unsigned int changed;
	struct write *write;

	machine(state, &fake);
	tree_hollow(tree, DEVICE_DIR "resource4_wc", 4096);
	tree_mode(tree, DEVICE_DIR "resource4_wc", 0600);
	fill(&policy);
	apply(tree, &policy);
	write = add_grant(&policy);
	write->bar = 4;
	assert_int_equal(str_set(&write->path, "/sys/bus/pci/devices/0000:01:00.0/resource4_wc"), 0);
	set_group(&policy, "nobody-has-this");
	assert_int_equal(told(tree, &policy), 1);
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), -ENOENT);
	assert_string_equal(err.id, "no-such-group");
	assert_non_null(strstr(err.text, "nobody-has-this"));
	assert_int_equal(mode_of(tree, WC), 0600);
	assert_int_equal(mode_of(tree, DEVICE_DIR "resource4_wc"), 0660);
	assert_non_null(tree_text(tree, APPROVAL));
	assert_null(tree_text(tree, PUBLICATION));
	assert_int_equal(told(tree, &policy), 0);
	set_group(&policy, "users");
	apply(tree, &policy);
	assert_int_equal(mode_of(tree, WC), 0660);
	policy_done(&policy);
}

/* Only root can give it to another group, and anybody who owns it can take it back. */
static void another_group(void **state)
{
	struct policy policy = { 0 };
	struct tree *tree = *state;
	struct fake fake;
	struct stat st;
	char text[128];

	machine(state, &fake);
	fill(&policy);
	apply(tree, &policy);
	snprintf(text, sizeof(text), "users:x:%u:\n", getgid() + 1);
	tree_file(tree, "etc/group", text);
	assert_int_equal(told(tree, &policy), 1);
	if (geteuid() == 0) {
		assert_int_equal(apply(tree, &policy), 2);
		assert_int_equal(stat(tree_path(tree, WC), &st), 0);
		assert_int_equal(st.st_gid, getgid() + 1);
		assert_int_equal(mode_of(tree, WC), 0660);
	} else {
		struct err err = { 0 };
		unsigned int changed;

		assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), -EPERM);
		assert_int_equal(mode_of(tree, WC), 0600);
	}
	policy_done(&policy);
}

/* The same by an event. */
static void resumed_without_group(void **state)
{
	static const struct pci_address address = { .bus = 1 };
	_cleanup_(approval_done) struct approval approval = { 0 };
	_cleanup_(revoked_done) struct revoked revoked = { 0 };
	struct event event = { .given = 1u << 2 };
	struct policy policy = { 0 };
	struct tree *tree = *state;
	struct err err = { 0 };
	struct fake fake;

	machine(state, &fake);
	fill(&policy);
	apply(tree, &policy);
	assert_int_equal(approval_read(&tree->root, &address, &err, &approval), 0);
	assert_int_equal(resume_device(&tree->root, &approval, &event, &revoked, &err), 0);
	assert_int_equal(event.given, 1u << 2);
	assert_int_equal(mode_of(tree, WC), 0660);
	assert_int_equal(revoked.n, 0);
	tree_file(tree, "etc/group", "root:x:0:\n");
	assert_int_equal(resume_device(&tree->root, &approval, &event, &revoked, &err), -ENOENT);
	assert_string_equal(err.id, "no-such-group");
	assert_int_equal(event.given, 0);
	assert_int_equal(mode_of(tree, WC), 0600);
	assert_int_equal(revoked.n, 1);
	/* An approval that names none. */
	tree_mode(tree, WC, 0660);
	str_set(&approval.bars[2].group, NULL);
	event.given = 1u << 2;
	err = (struct err){ 0 };
	assert_int_equal(resume_device(&tree->root, &approval, &event, &revoked, &err), -EINVAL);
	assert_string_equal(err.id, "bad-policy");
	assert_int_equal(mode_of(tree, WC), 0600);
	policy_done(&policy);
}

/* A grant that fails leaves what stands before it in the order, and no publication that cannot be read. */
static void stops(void **state)
{
	struct policy policy = { 0 };
	struct err err = { 0 };
	struct fake fake;
	unsigned int changed;

	machine(state, &fake);
	fill(&policy);
	unlink(tree_path(*state, WC));
	assert_int_equal(apply_policy(&fake.tree->root, &policy, &err, &changed), -ENOENT);
	assert_string_equal(err.id, "no-such-device");
	assert_non_null(tree_text(*state, APPROVAL));
	assert_null(tree_text(*state, PUBLICATION));
	policy_done(&policy);
}

#define PUBLISHED                                                                                                  \
	"{\"schema\":1,\"devices\":[{\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\","         \
	"\"revision\":\"0x01\",\"path\":\"unsafe\",\"guest\":\"guest-decides\",\"bars\":[{\"bar\":2,\"verdict\":\"safe\"," \
	"\"scope\":\"hardware\",\"granted\":true,\"backend\":\"grant\",\"on_request\":false,\"group\":\"users\","            \
	"\"reason\":null,\"ranges\":[{\"offset\":0,\"size\":4096,\"verdict\":\"safe\",\"granted\":true,"                    \
	"\"backend\":\"grant\",\"on_request\":false}]}]}]}\n"

/* What is known of a path stays known when a grant fails, and no grant is. */
static void paths_stay(void **state)
{
	struct policy policy = { 0 };
	struct publication publication = { 0 };
	struct err err = { 0 };
	struct fake fake;
	unsigned int changed;

	machine(state, &fake);
	add_text(&policy, "/" APPROVAL, APPROVAL_TEXT);
	add_grant(&policy);
	add_text(&policy, "/" PUBLICATION, PUBLISHED);
	apply(*state, &policy);
	unlink(tree_path(*state, WC));
	assert_int_equal(apply_policy(&fake.tree->root, &policy, &err, &changed), -ENOENT);
	err = (struct err){ 0 };
	if (publication_load(&fake.tree->root, &err, &publication) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(publication.n, 1);
	assert_int_equal(publication.at[0].path, VERDICT_UNSAFE);
	assert_int_equal(publication.at[0].guest, GUEST_DECIDES);
	assert_int_equal(publication.at[0].n, 1);
	assert_int_equal(publication.at[0].at[0].kind, VERDICT_SAFE);
	assert_false(publication.at[0].at[0].is_granted);
	assert_null(publication.at[0].at[0].group);
	assert_int_equal(publication.at[0].at[0].n, 1);
	assert_false(publication.at[0].at[0].at[0].is_granted);
	publication_done(&publication);
	policy_done(&policy);
}

static void add_pin_of_another(struct policy *policy)
{
	struct write *write = policy_add(policy, WRITE_PIN, "/sys/bus/pci/devices/0000:01:00.0/resource2_wc", 0);

	assert_non_null(write);
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1111;
	write->bar = 2;
}

/* A pin is given when the lock is free: what others published meanwhile stays when it fails, and only what is ours does not. */
static void pin_fails(void **state)
{
	for (int by_others = 0; by_others < 2; by_others++) {
		struct policy policy = { 0 };
		struct err err = { 0 };
		struct fake fake;
		unsigned int changed;

		machine(state, &fake);
		add_text(&policy, "/" PUBLICATION, PUBLISHED);
		if (by_others)
			add_text(&policy, "/" PUBLICATION, "{\"schema\":1,\"later\":\"granted\"}\n");
		add_pin_of_another(&policy);
		assert_int_equal(apply_policy(&fake.tree->root, &policy, &err, &changed), -ENODEV);
		assert_string_equal(err.id, "vanished");
		assert_non_null(tree_text(*state, PUBLICATION));
		assert_true(!strstr(tree_text(*state, PUBLICATION), "later") == !by_others);
		assert_null(strstr(tree_text(*state, PUBLICATION), "\"granted\":true"));
		policy_done(&policy);
	}
}

/* What applies (policy) or reverts (NULL) dies before its n-th change; false: it came to its end. */
static bool dies_at(const struct tree *tree, const struct policy *policy, int n)
{
	unsigned int changed;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		calls_left = n;
		if (policy)
			apply_policy(&tree->root, policy, NULL, &changed);
		else
			policy_revert(&tree->root, NULL, &changed);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 0;
}

/* Whatever is granted is known to an approval, so that it can be taken back. */
static void assert_recovers(const struct tree *tree, const struct policy *policy)
{
	assert_true(mode_of(tree, WC) == 0600 || (mode_of(tree, WC) == 0660 && tree_text(tree, APPROVAL)));
	apply(tree, policy);
	assert_int_equal(mode_of(tree, WC), 0660);
	revert(tree);
	assert_int_equal(mode_of(tree, WC), 0600);
	assert_null(tree_text(tree, APPROVAL));
	assert_null(tree_text(tree, PUBLICATION));
}

static void killed(void **state)
{
	struct policy policy = { 0 }, none = { 0 };
	const struct policy *const runs[] = { &policy, &none, NULL };
	struct fake fake;
	int deaths = 0;

	machine(state, &fake);
	fill(&policy);
	add_text(&none, "/" PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		for (int n = 0;; n++) {
			if (i > 0)
				apply(*state, &policy);
			if (!dies_at(*state, runs[i], n))
				break;
			assert_recovers(*state, &policy);
			deaths++;
		}
		revert(*state);
	}
	assert_true(deaths > 15);
	policy_done(&policy);
	policy_done(&none);
}

/* Whether it is still the device cannot be asked: its grant is not forgotten. */
static void unasked(void **state)
{
	struct policy policy = { 0 };
	struct err err = { 0 };
	struct fake fake;
	unsigned int changed = 7;

	machine(state, &fake);
	fill(&policy);
	apply(*state, &policy);
	unlink(tree_path(*state, DEVICE_DIR "device"));
	tree_link(*state, DEVICE_DIR "device", "device");
	assert_int_equal(policy_revert(&fake.tree->root, &err, &changed), -ELOOP);
	assert_string_equal(err.id, "unreadable");
	assert_int_equal(mode_of(*state, WC), 0660);
	assert_string_equal(tree_text(*state, APPROVAL), APPROVAL_TEXT);
	unlink(tree_path(*state, DEVICE_DIR "device"));
	tree_file(*state, DEVICE_DIR "device", "0x1110\n");
	assert_int_equal(revert(*state), 2);
	assert_int_equal(mode_of(*state, WC), 0600);
	policy_done(&policy);
}

/* Who may only take back: what the policy no longer has goes, what it has anew is for somebody else to give. */
static void taken(void **state)
{
	struct policy policy = { 0 }, less = { 0 };
	unsigned int changed = 99;
	struct err err = { 0 };
	struct fake fake;
	int lock = -1;

	machine(state, &fake);
	fill(&policy);
	assert_int_equal(lock_take(&((struct tree *)*state)->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_int_equal(policy_take(&((struct tree *)*state)->root, &policy, &lock, &err, &changed), 0);
	assert_int_equal(lock, -1);
	assert_int_equal(mode_of(*state, WC), 0600);
	assert_int_equal(mode_of(*state, APPROVAL), 0);
	apply(*state, &policy);
	assert_int_equal(mode_of(*state, WC), 0660);
	/* What is in force, and may be, stays. */
	assert_int_equal(lock_take(&((struct tree *)*state)->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_int_equal(policy_take(&((struct tree *)*state)->root, &policy, &lock, &err, &changed), 0);
	assert_int_equal(mode_of(*state, WC), 0660);
	assert_int_equal(mode_of(*state, APPROVAL), 0644);
	/* An event gives what the approval says: it is the one of now. */
	free(policy.at[0].text);
	policy.at[0].text = strdup(APPROVAL_TEXT "\n");
	policy.at[0].vendor = 0x1af4;
	assert_int_equal(lock_take(&((struct tree *)*state)->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_int_equal(policy_take(&((struct tree *)*state)->root, &policy, &lock, &err, &changed), 0);
	assert_string_equal(tree_text(*state, APPROVAL), APPROVAL_TEXT "\n");
	add_text(&less, "/" PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
	/* Nor does it take back somebody's word that a path is unsafe. */
	tree_file(*state, MARK, "");
	assert_int_equal(lock_take(&((struct tree *)*state)->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_int_equal(policy_take(&((struct tree *)*state)->root, &less, &lock, &err, &changed), 0);
	assert_int_equal(mode_of(*state, WC), 0600);
	assert_int_equal(mode_of(*state, APPROVAL), 0);
	assert_int_equal(mode_of(*state, PUBLICATION), 0644);
	assert_non_null(tree_text(*state, MARK));
	apply(*state, &less);
	assert_null(tree_text(*state, MARK));
	policy_done(&less);
	policy_done(&policy);
}

/* Whose driver could not be given back keeps the approval that says which it was, though it is to have another one. */
static void stuck(void **state)
{
	static const char before[] =
		"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\","
		"\"driver\":{\"name\":\"vfio-pci\",\"override\":\"vfio-pci\"},\"bars\":[{\"bar\":2,\"backend\":\"variant\"}]}\n";
	struct tree *tree = *state;
	struct policy policy = { 0 };
	unsigned int changed = 99;
	struct err err = { 0 };
	struct fake fake;
	int lock = -1;

	machine(state, &fake);
	fake_bind(tree, "pciwc-vfio-pci"); /* of a module without a list of ranges */
	tree_file(tree, APPROVAL, before);
	fill(&policy);
	policy.at[0].vendor = 0x1af4;
	policy.at[0].address.bus = 1;
	assert_int_equal(lock_take(&tree->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_true(policy_take(&tree->root, &policy, &lock, &err, &changed) < 0);
	assert_string_equal(tree_text(tree, APPROVAL), before);
	/* Once it can be, it is, and the approval is the one of now. */
	tree_file(tree, DEVICE_DIR "driver_override", "(null)\n");
	fake_bind(tree, "vfio-pci");
	assert_int_equal(lock_take(&tree->root, LOCK_POLICY, true, &err, &lock), 0);
	assert_int_equal(policy_take(&tree->root, &policy, &lock, &err, &changed), 0);
	assert_string_equal(tree_text(tree, APPROVAL), APPROVAL_TEXT);
	policy_done(&policy);
}

/* ---- what an event makes of what was taken back in part ---- */

#define OTHER_DIR PORT_DIR "0000:02:00.0/"
#define OTHER_APPROVAL "var/lib/pciwc/approvals/0000:02:00.0.json"

/* Two devices with BARs 0 and 2, what each is approved of, and all that an event looks at. */
struct scene {
	struct tree *tree;
	struct fake fake;
	struct device device[2];
	struct devices devices;
	struct platform platform;
	struct kernel kernel;
	struct journal journal;
	struct evidence evidence;
	char *approved[2], *less[2]; /* both BARs; BAR 2 alone */
};

/* as: how each BAR is approved, behind its fingerprint. */
static char *approval_text(const struct scene *s, unsigned int d, const char *const as[2])
{
	_cleanup_free_ char *of[2] = { 0 };
	char address[PCI_ADDRESS_SIZE], *text;

	pci_address_format(&s->device[d].address, address);
	for (unsigned int i = 0; i < 2; i++) {
		_cleanup_free_ char *fingerprint = fingerprint_of(&s->evidence, &s->device[d], &s->device[d].bars[i]);

		of[i] = as[i] ? str_printf("{\"bar\":%u,\"fingerprint\":\"%s\",%s}", 2 * i, fingerprint, as[i]) : str_printf("%s", "");
	}
	text = str_printf("{\"schema\":1,\"device\":\"%s\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"path\":\"safe\","
	                  "\"safe_bars\":[%s2],\"bars\":[%s%s%s],\"driver\":{\"name\":\"vfio-pci\",\"override\":null}}\n",
	                  address, as[0] ? "0," : "", of[0], as[0] ? "," : "", of[1]);
	free(of[1]);
	assert_non_null(text);
	return text;
}

#define GRANTED "\"backend\":\"grant\",\"group\":\"users\""
#define PINNED "\"backend\":\"pin\""
#define BY_DRIVER "\"backend\":\"variant\",\"parts\":[]"

static void scene_make(void **state, struct scene *s, const char *first_0, const char *first_2)
{
	const char *const first[2] = { first_0, first_2 }, *const second[2] = { GRANTED, GRANTED }, *const less[2] = { NULL, GRANTED };

	*s = (struct scene){ .tree = *state };
	machine(state, &s->fake);
	tree_link(s->tree, "sys/bus/pci/devices/0000:02:00.0", "../../../devices/pci0000:00/0000:00:08.0/0000:02:00.0");
	tree_file(s->tree, OTHER_DIR "vendor", "0x1af4\n");
	tree_file(s->tree, OTHER_DIR "device", "0x1110\n");
	tree_file(s->tree, OTHER_DIR "driver_override", "(null)\n");
	tree_file(s->tree, OTHER_DIR "resource", tree_text(s->tree, DEVICE_DIR "resource"));
	tree_hollow(s->tree, DEVICE_DIR "resource0_wc", 4096);
	tree_hollow(s->tree, OTHER_DIR "resource0_wc", 4096);
	tree_hollow(s->tree, OTHER_DIR "resource2_wc", 4096);
	for (unsigned int d = 0; d < 2; d++) {
		s->device[d] = s->fake.device;
		s->device[d].address.bus = (uint8_t)(1 + d);
		s->device[d].n_bars = 2;
		s->device[d].bars[1] = s->device[d].bars[0];
		s->device[d].bars[0].index = 0;
		s->device[d].bars[0].base += BAR_BYTES;
	}
	s->devices = (struct devices){ s->device, 2 };
	s->evidence = (struct evidence){ .platform = &s->platform, .kernel = &s->kernel, .devices = &s->devices, .journal = &s->journal,
		                         .database = "1", .site_digest = "2", .imports_digest = "3" };
	s->approved[0] = approval_text(s, 0, first);
	s->less[0] = approval_text(s, 0, less);
	s->approved[1] = approval_text(s, 1, second);
	s->less[1] = approval_text(s, 1, less);
}

static void scene_done(struct scene *s)
{
	for (unsigned int d = 0; d < 2; d++) {
		free(s->approved[d]);
		free(s->less[d]);
	}
}

/* All that was approved is in force. */
static void scene_put(const struct scene *s)
{
	tree_file(s->tree, APPROVAL, s->approved[0]);
	tree_file(s->tree, OTHER_APPROVAL, s->approved[1]);
	tree_mode(s->tree, DEVICE_DIR "resource0_wc", strstr(s->approved[0], "\"bar\":0") && !strstr(s->approved[0], PINNED) ? 0660 : 0600);
	tree_mode(s->tree, WC, strstr(s->approved[0], BY_DRIVER) ? 0600 : 0660);
	tree_mode(s->tree, OTHER_DIR "resource0_wc", 0660);
	tree_mode(s->tree, OTHER_DIR "resource2_wc", 0660);
}

/* As `pciwc udev` does it. */
static struct event run_event(const struct scene *s, unsigned int d)
{
	_cleanup_(approval_done) struct approval approval = { 0 };
	_cleanup_(revoked_done) struct revoked revoked = { 0 };
	struct event event = { .reason = "not-approved" };
	struct err err = { 0 };
	int r = approval_read(&s->tree->root, &s->device[d].address, &err, &approval);

	if (r == -ENOENT)
		return event;
	assert_int_equal(r, 0);
	assert_int_equal(event_judge(&s->evidence, &s->device[d], &approval, &event), 0);
	assert_int_equal(resume_device(&s->tree->root, &approval, &event, &revoked, &err), 0);
	return event;
}

/* Neither an event nor who begins a pin puts back what was taken. */
static void assert_stays_taken(const struct scene *s, unsigned int d)
{
	struct event event = run_event(s, d);

	assert_int_equal(event.given | event.pinned | event.safe, 0);
	assert_int_equal(event.path, VERDICT_UNKNOWN);
	assert_int_equal(mode_of(s->tree, d ? OTHER_DIR "resource0_wc" : DEVICE_DIR "resource0_wc"), 0600);
}

static struct write *own(struct policy *policy, const struct scene *s, unsigned int d)
{
	struct write *write = &policy->at[policy->n - 1];

	write->address = s->device[d].address;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	return write;
}

static void add_grants_of(struct policy *policy, const struct scene *s, unsigned int d, const char *approval, bool has_first)
{
	char address[PCI_ADDRESS_SIZE], path[128];

	pci_address_format(&s->device[d].address, address);
	snprintf(path, sizeof(path), "/var/lib/pciwc/approvals/%s.json", address);
	add_text(policy, path, approval);
	own(policy, s, d);
	for (unsigned int bar = has_first ? 0 : 2; bar <= 2; bar += 2) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u_wc", address, bar);
		assert_non_null(policy_add(policy, WRITE_GRANT, path, 0660));
		own(policy, s, d)->bar = (uint8_t)bar;
		assert_int_equal(str_set(&policy->at[policy->n - 1].group, "users"), 0);
	}
}

static int take_policy(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *ret_changed)
{
	int lock = -1, r = lock_take(root, LOCK_POLICY, true, err, &lock);

	return r < 0 ? r : policy_take(root, policy, &lock, err, ret_changed);
}

static int revert_policy(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *ret_changed)
{
	(void)policy;
	return policy_revert(root, err, ret_changed);
}

static int (*const takers[])(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *ret_changed) = {
	apply_policy, take_policy, revert_policy,
};

/* Whoever keeps a device's driver from being given back keeps nothing else of it: what is left is on file, and no event gives it. */
static void taken_in_part(void **state)
{
	static const char *const backends[] = { GRANTED, PINNED };

	for (size_t i = 0; i < ELEMENTSOF(backends) * 2 * ELEMENTSOF(takers); i++) {
		_cleanup_(approval_done) struct approval approval = { 0 };
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct err err = { 0 };
		unsigned int changed;
		struct scene s;

		scene_make(state, &s, backends[i % 2], BY_DRIVER);
		scene_put(&s);
		add_text(&policy, "/" PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
		fake_bind(s.tree, "pciwc-vfio-pci"); /* of a module without a list of ranges */
		s.device[0].driver = (char *)(uintptr_t)"pciwc-vfio-pci";
		assert_true(run_event(&s, 0).given | run_event(&s, 0).pinned);
		/* Nor does who keeps the disk full meanwhile. */
		no_room_for = i / 2 % 2 ? "0000:01:00.0.json" : NULL;
		assert_int_equal(takers[i / 4](&s.tree->root, &policy, &err, &changed), -ENOENT);
		no_room_for = NULL;
		assert_string_equal(err.id, "cannot-write");
		assert_stays_taken(&s, 0);
		/* What was there before is not forgotten, nor what an event could not see to. */
		assert_int_equal(approval_read(&s.tree->root, &s.device[0].address, &err, &approval), 0);
		assert_int_equal(approval.files | approval.pins, 1u << 0);
		assert_true(approval.has_variant);
		assert_string_equal(approval.before.driver, "vfio-pci");
		assert_int_equal(told(s.tree, &policy), 2);
		tree_file(s.tree, DEVICE_DIR "driver_override", "(null)\n");
		fake_bind(s.tree, "vfio-pci");
		revert(s.tree);
		assert_null(tree_text(s.tree, APPROVAL));
		unlink(tree_path(s.tree, DEVICE_DIR "driver"));
		scene_done(&s);
	}
}

/* And of no other device that is to have less: its approval is the one of now, and so is what it has. */
static void another_is_stuck(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct err err = { 0 };
		unsigned int changed;
		struct scene s;

		scene_make(state, &s, GRANTED, BY_DRIVER);
		scene_put(&s);
		fake_bind(s.tree, "pciwc-vfio-pci");
		add_grants_of(&policy, &s, 1, s.less[1], false);
		assert_int_equal(takers[i](&s.tree->root, &policy, &err, &changed), -ENOENT);
		assert_string_equal(tree_text(s.tree, OTHER_APPROVAL), s.less[1]);
		assert_int_equal(run_event(&s, 1).given, 1u << 2);
		assert_int_equal(mode_of(s.tree, OTHER_DIR "resource0_wc"), 0600);
		assert_int_equal(mode_of(s.tree, OTHER_DIR "resource2_wc"), 0660);
		assert_stays_taken(&s, 0);
		unlink(tree_path(s.tree, DEVICE_DIR "driver"));
		scene_done(&s);
	}
}

/* No room for one approval: it gives less by its old one all the same, and the others are those of now. */
static void no_room(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct err err = { 0 };
		unsigned int changed;
		struct scene s;

		scene_make(state, &s, GRANTED, GRANTED);
		scene_put(&s);
		add_grants_of(&policy, &s, 0, s.less[0], false);
		add_grants_of(&policy, &s, 1, s.less[1], false);
		no_room_for = "0000:01:00.0.json";
		assert_int_equal(takers[i](&s.tree->root, &policy, &err, &changed), -ENOSPC);
		no_room_for = NULL;
		assert_string_equal(err.id, "cannot-write");
		assert_string_equal(tree_text(s.tree, OTHER_APPROVAL), s.less[1]);
		assert_int_equal(run_event(&s, 1).given, 1u << 2);
		assert_int_equal(mode_of(s.tree, OTHER_DIR "resource0_wc"), 0600);
		assert_int_equal(mode_of(s.tree, OTHER_DIR "resource2_wc"), 0660);
		assert_int_equal(mode_of(s.tree, WC), 0660);
		assert_int_equal(run_event(&s, 0).given, 0);
		assert_int_equal(mode_of(s.tree, DEVICE_DIR "resource0_wc"), 0600);
		scene_done(&s);
	}
}

/* Nothing can be written at all: what would give again what goes, goes as a whole. */
static void no_disk(void **state)
{
	for (size_t i = 0; i < ELEMENTSOF(takers); i++) {
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct err err = { 0 };
		unsigned int changed;
		struct scene s;

		scene_make(state, &s, GRANTED, GRANTED);
		scene_put(&s);
		add_grants_of(&policy, &s, 0, s.less[0], false);
		add_grants_of(&policy, &s, 1, s.approved[1], true);
		tree_dir(s.tree, "run/pciwc");
		is_full = true;
		assert_int_equal(takers[i](&s.tree->root, &policy, &err, &changed), -ENOSPC);
		is_full = false;
		assert_string_equal(err.id, "cannot-write");
		assert_stays_taken(&s, 0);
		assert_int_equal(mode_of(s.tree, WC), 0600);
		/* Of which nothing goes that stays. */
		if (takers[i] != revert_policy)
			assert_string_equal(tree_text(s.tree, OTHER_APPROVAL), s.approved[1]);
		assert_int_equal(mode_of(s.tree, OTHER_DIR "resource0_wc"), takers[i] == revert_policy ? 0600 : 0660);
		scene_done(&s);
	}
}

/* Which approvals there are is not known: none is replaced by one that does not say what the old one gave. */
static void unlisted(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct err err = { 0 };
		unsigned int changed;
		struct scene s;

		scene_make(state, &s, GRANTED, GRANTED);
		scene_put(&s);
		add_grants_of(&policy, &s, 0, s.less[0], false);
		is_blind = true;
		assert_int_equal(takers[i](&s.tree->root, &policy, &err, &changed), -EIO);
		is_blind = false;
		assert_string_equal(err.id, "unreadable");
		assert_string_equal(tree_text(s.tree, APPROVAL), s.approved[0]);
		apply(s.tree, &policy);
		assert_int_equal(mode_of(s.tree, DEVICE_DIR "resource0_wc"), 0600);
		scene_done(&s);
	}
}

/* Whatever it is killed at: what was taken back comes back by no event, and what was not is known. */
static void killed_in_part(void **state)
{
	struct policy policy = { 0 }, none = { 0 };
	const struct policy *const runs[] = { &policy, &none, NULL };
	struct scene s;
	int deaths = 0;

	scene_make(state, &s, GRANTED, GRANTED);
	add_grants_of(&policy, &s, 0, s.less[0], false);
	add_text(&none, "/" PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
	for (size_t i = 0; i < ELEMENTSOF(runs); i++)
		for (int n = 0;; n++) {
			bool is_killed_now, was_given;

			scene_put(&s);
			is_killed_now = dies_at(s.tree, runs[i], n);
			was_given = mode_of(s.tree, DEVICE_DIR "resource0_wc") == 0660;
			assert_true(!was_given || tree_text(s.tree, APPROVAL));
			assert_true(!(run_event(&s, 0).given & 1u) || was_given);
			revert(s.tree);
			assert_int_equal(mode_of(s.tree, DEVICE_DIR "resource0_wc"), 0600);
			assert_int_equal(mode_of(s.tree, WC), 0600);
			assert_null(tree_text(s.tree, APPROVAL));
			if (!is_killed_now)
				break;
			deaths++;
		}
	assert_true(deaths > 30);
	policy_done(&policy);
	policy_done(&none);
	scene_done(&s);
}

/* What an approval may still say, by what the policy has: bit N of given: BAR N's fingerprint. */
static void rest_of_each(void **state)
{
	static const struct {
		const char *approved, *group;
		unsigned int has, given, safe;
		enum write_kind kind;
		enum verdict_kind path;
	} rows[] = {
		{ GRANTED, "users", 5, 5, 5, WRITE_GRANT, VERDICT_SAFE },
		{ GRANTED, "others", 5, 0, 5, WRITE_GRANT, VERDICT_SAFE },
		{ GRANTED, "users", 4, 4, 4, WRITE_GRANT, VERDICT_SAFE },
		{ GRANTED, "users", 5, 0, 5, WRITE_PIN, VERDICT_SAFE },
		{ GRANTED, "users", 0, 0, 0, WRITE_GRANT, VERDICT_UNKNOWN },
		{ PINNED, "users", 5, 5, 5, WRITE_PIN, VERDICT_SAFE },
		{ PINNED, "users", 4, 4, 4, WRITE_PIN, VERDICT_SAFE },
		{ PINNED, "users", 0, 0, 0, WRITE_PIN, VERDICT_UNKNOWN },
		{ BY_DRIVER, "users", 5, 5, 5, WRITE_DRIVER, VERDICT_SAFE },
		{ BY_DRIVER, "users", 0, 5, 0, WRITE_DRIVER, VERDICT_UNKNOWN },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_(approval_done) struct approval approval = { 0 };
		_cleanup_(policy_done) struct policy policy = { 0 };
		struct approval rest = { 0 };
		struct err err = { 0 };
		unsigned int given = 0;
		struct scene s;

		scene_make(state, &s, rows[i].approved, rows[i].approved);
		scene_put(&s);
		if (rows[i].has)
			add_grants_of(&policy, &s, 0, rows[i].has == 5 ? s.approved[0] : s.less[0], rows[i].has == 5);
		for (size_t k = 0; k < policy.n; k++) {
			policy.at[k].kind = policy.at[k].kind == WRITE_GRANT ? rows[i].kind : policy.at[k].kind;
			if (policy.at[k].group)
				assert_int_equal(str_set(&policy.at[k].group, rows[i].group), 0);
		}
		assert_int_equal(approval_read(&s.tree->root, &s.device[0].address, &err, &approval), 0);
		assert_int_equal(taken_rest(&approval, &policy, &rest), rows[i].given != 5 || rows[i].safe != 5);
		for (unsigned int bar = 0; bar < BAR_MAX; bar++)
			given |= rest.bars[bar].fingerprint ? 1u << bar : 0;
		assert_int_equal(given, rows[i].given);
		assert_int_equal(rest.safe_bars, rows[i].safe);
		assert_int_equal(rest.path, rows[i].path);
		/* On disk it is the same, and nothing more can be taken off it. */
		assert_int_equal(approval_write(&s.tree->root, &rest, &err), 0);
		approval_done(&approval);
		assert_int_equal(approval_read(&s.tree->root, &s.device[0].address, &err, &approval), 0);
		assert_false(taken_rest(&approval, &policy, &rest));
		assert_int_equal(approval.files | approval.pins | approval.variants, 5);
		assert_int_equal(approval.vendor << 16 | approval.device, 0x1af41110);
		assert_string_equal(approval.has_variant ? approval.before.driver : "vfio-pci", "vfio-pci");
		scene_done(&s);
	}
}

/* The paths of what differs, joined by spaces. */
static const char *drift(const struct tree *tree, const struct policy *policy)
{
	static char text[1024];
	struct drifts drifts = { 0 };
	struct err err = { 0 };

	text[0] = '\0';
	if (policy_verify(&tree->root, policy, &err, &drifts) < 0)
		fail_msg("%s: %s", err.id, err.text);
	for (size_t i = 0; i < drifts.n; i++) {
		assert_true(drifts.at[i].text && drifts.at[i].text[0]);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", drifts.at[i].path);
	}
	drifts_done(&drifts);
	return text;
}

static void verified(void **state)
{
	struct policy policy = { 0 }, none = { 0 };
	struct fake fake;

	machine(state, &fake);
	fill(&policy);
	assert_string_equal(drift(*state, &none), "");
	assert_string_equal(drift(*state, &policy), "/" APPROVAL " /sys/bus/pci/devices/0000:01:00.0/resource2_wc /" PUBLICATION);
	apply(*state, &policy);
	assert_string_equal(drift(*state, &policy), "");
	tree_mode(*state, WC, 0600);
	assert_string_equal(drift(*state, &policy), "/sys/bus/pci/devices/0000:01:00.0/resource2_wc");
	tree_mode(*state, WC, 0660);
	tree_file(*state, PUBLICATION, "{\"schema\":1,\"devices\":[]}\n");
	assert_string_equal(drift(*state, &policy), "/" PUBLICATION);
	unlink(tree_path(*state, PUBLICATION));
	assert_string_equal(drift(*state, &policy), "/" PUBLICATION);
	/* What somebody else could have written is not what was published, whatever it says. */
	tree_file(*state, PUBLICATION, "{\"schema\":1}\n");
	tree_mode(*state, PUBLICATION, 0666);
	assert_string_equal(drift(*state, &policy), "/" PUBLICATION);
	tree_mode(*state, PUBLICATION, 0644);
	assert_string_equal(drift(*state, &policy), "");
	/* Nothing of the device is granted any more, and what was still is. */
	assert_string_equal(drift(*state, &none), "/sys/bus/pci/devices/0000:01:00.0/resource2_wc /" APPROVAL);
	/* Another device is there. */
	tree_file(*state, DEVICE_DIR "device", "0x1111\n");
	assert_string_equal(drift(*state, &policy), "/sys/bus/pci/devices/0000:01:00.0/resource2_wc");
	policy_done(&policy);
}

/* What is told of an approval, each row's path and words. */
static void said_of(const struct tree *tree, const char *const (*wanted)[2], size_t n)
{
	static const struct policy none;
	_cleanup_(drifts_done) struct drifts taken = { 0 };
	struct err err = { 0 };

	assert_int_equal(policy_taken(&tree->root, &none, &err, &taken), 0);
	assert_int_equal(taken.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(taken.at[i].path, wanted[i][0]);
		if (!strstr(taken.at[i].text, wanted[i][1]))
			fail_msg("%s: %s, and not: %s", taken.at[i].path, taken.at[i].text, wanted[i][1]);
	}
}

#define SYSFS "/sys/bus/pci/devices/0000:01:00.0/"

static void told_of_each(void **state)
{
	static const char *const file[][2] = { { SYSFS "resource2_wc", "to be root's alone again" }, { "/" APPROVAL, "to be removed" } };
	static const char *const gone[][2] = { { "/" APPROVAL, "to be removed" } };
	static const char *const driver[][2] = { { SYSFS "driver_override", "gets again: vfio?pci" }, { "/" APPROVAL, "to be removed" } };
	static const char *const odd[][2] = { { SYSFS "resource2_wc", "cannot be told: " }, { "/" APPROVAL, "to be removed" } };
	static const char *const marks[][2] = { { "/" MARK, "to be removed" } };
	const struct tree *tree = *state;
	struct policy policy = { 0 };
	struct fake fake;

	machine(state, &fake);
	fill(&policy);
	apply(tree, &policy);
	said_of(tree, file, ELEMENTSOF(file));
	/* A link stands for a file that cannot be looked at. */
	unlink(tree_path(tree, WC));
	tree_link(tree, WC, "resource2");
	said_of(tree, odd, ELEMENTSOF(odd));
	/* What has gone took its grant along. */
	unlink(tree_path(tree, WC));
	said_of(tree, gone, ELEMENTSOF(gone));
	/* Whatever an approval says of a driver, no terminal sees a control character. */
	tree_file(tree, APPROVAL,
	          "{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[{\"bar\":2,\"backend\":\"variant\"}],"
	          "\"driver\":{\"name\":\"vfio\\u0007pci\",\"override\":null}}\n");
	tree_file(tree, DEVICE_DIR "driver_override", "pciwc-vfio-pci\n");
	said_of(tree, driver, ELEMENTSOF(driver));
	tree_file(tree, DEVICE_DIR "driver_override", "(null)\n");
	unlink(tree_path(tree, APPROVAL));
	tree_file(tree, MARK, "");
	said_of(tree, marks, ELEMENTSOF(marks));
	policy_done(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_and_back, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(dropped, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(stalled, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unreadable_approvals, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(vanished, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bad_grants, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(no_such_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(another_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(resumed_without_group, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(stops, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(paths_stay, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(pin_fails, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unasked, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(taken, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(stuck, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(taken_in_part, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(another_is_stuck, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(no_room, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(no_disk, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unlisted, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed_in_part, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(rest_of_each, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(told_of_each, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(verified, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
