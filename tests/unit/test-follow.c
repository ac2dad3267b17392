/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-follow: what the policy makes of a probe, on a fake machine: nothing is safe there, and nobody's word is lost. */
#include "pcitree.h"

#include <sys/wait.h>

#include "act/lock.h"
#include "base/cleanup.h"
#include "cli/policy.h"

#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define PUBLICATION "run/pciwc/policy.json"
#define TEXT                                                                                                    \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":["     \
	"{\"bar\":2,\"backend\":\"grant\"}]}\n"

/* Of main's, which no test has. */
int usage_error(struct err *err, const char *format, ...)
{
	(void)format;
	return err_set(err, -EINVAL, "usage", "usage");
}

struct scene {
	struct tree *tree;
	char quirks[4096];
	struct options options;
	struct machine machine;
};

/* As a probe has it when it comes to its end. */
static void scene_make(struct tree *tree, struct scene *ret)
{
	struct fake fake;
	struct err err = { 0 };

	fake_make(tree, &fake);
	tree_file(tree, "proc/sys/kernel/arch", "x86_64\n");
	tree_file(tree, "proc/sys/kernel/osrelease", "6.12.48\n");
	tree_file(tree, "etc/group", "root:x:0:\n");
	tree_dir(tree, "quirks");
	*ret = (struct scene){ .tree = tree, .options = { .root = tree->dir, .quirks = ret->quirks } };
	snprintf(ret->quirks, sizeof(ret->quirks), "%s", tree_path(tree, "quirks"));
	if (machine_load(&ret->options, &err, &ret->machine) < 0 || machine_judge(&ret->machine, &err) < 0)
		fail_msg("%s: %s", err.id, err.text);
}

static int follow(struct scene *scene)
{
	struct err err = { 0 };
	int r = policy_follow(&scene->options, &scene->machine, &err);

	if (r < 0)
		print_message("%s: %s\n", err.id, err.text);
	return r;
}

static bool is_there(const struct scene *scene, const char *path)
{
	return access(tree_path(scene->tree, path), F_OK) == 0;
}

static void nothing_lapsed(void **state)
{
	struct scene scene;

	scene_make(*state, &scene);
	assert_int_equal(follow(&scene), 0);
	assert_false(is_there(&scene, PUBLICATION));
	machine_done(&scene.machine);
}

static void lapsed(void **state)
{
	struct scene scene;

	scene_make(*state, &scene);
	tree_file(*state, APPROVAL, TEXT);
	assert_int_equal(follow(&scene), 0);
	assert_false(is_there(&scene, APPROVAL));
	assert_true(is_there(&scene, PUBLICATION));
	/* It is judged by what is on file then. */
	assert_int_equal(scene.machine.approvals.n, 0);
	machine_done(&scene.machine);
}

/* Who judged before the probe's end, and writes behind it, is waited for: what he gives is what has lapsed. */
static void lapsed_meanwhile(void **state)
{
	struct err err = { 0 };
	struct scene scene;
	int lock = -1, status = 0;
	pid_t pid;

	scene_make(*state, &scene);
	assert_int_equal(lock_take(&scene.tree->root, LOCK_POLICY, true, &err, &lock), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(lock);
		_exit(follow(&scene) == 0 ? 0 : 1);
	}
	usleep(500000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	tree_file(*state, APPROVAL, TEXT);
	close(lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(is_there(&scene, APPROVAL));
	assert_true(is_there(&scene, PUBLICATION));
	machine_done(&scene.machine);
}

/* What is judged by can change while a probe runs, or a policy is applied: each part of it is looked at. */
static void stale(void **state)
{
	static const struct { const char *file, *text; } changes[] = {
		{ "etc/pciwc/imports/a.json", "something" },
		{ "etc/pciwc/imports/b.json", "something" },
		{ "etc/pciwc/imports/b.json", "something else" },
		{ "etc/pciwc/site.json", "{\"schema\":1}" },
		{ "quirks/50-new.json", "{}" },
	};
	static const char site[] = "{\"schema\":1,\"imports\":[{\"file\":\"/etc/pciwc/imports/a.json\",\"reason\":\"x\"},"
				   "{\"file\":\"/etc/pciwc/imports/b.json\",\"reason\":\"x\"}]}";
	struct tree *tree = *state;
	struct scene scene;
	bool is_stale = true;
	struct err err = { 0 };

	tree_file(tree, "etc/pciwc/site.json", site);
	scene_make(tree, &scene);
	for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
		assert_int_equal(machine_is_stale(&scene.options, &scene.machine, &err, &is_stale), 0);
		assert_false(is_stale);
		tree_file(tree, changes[i].file, changes[i].text);
		assert_int_equal(machine_is_stale(&scene.options, &scene.machine, &err, &is_stale), 0);
		if (!is_stale)
			fail_msg("%s: its change is not seen", changes[i].file);
		assert_int_equal(machine_refuse_stale(&scene.options, &scene.machine, &err), -ESTALE);
		err = (struct err){ 0 };
		machine_done(&scene.machine);
		scene.machine = (struct machine){ 0 };
		assert_int_equal(machine_load(&scene.options, &err, &scene.machine), 0);
	}
	machine_done(&scene.machine);
}

/* What was found bad is taken back also where nothing can be judged anew: the site file has a fault since the probe began. */
static void lapsed_beside_a_fault(void **state)
{
	struct scene scene;

	scene_make(*state, &scene);
	tree_file(*state, APPROVAL, TEXT);
	tree_file(*state, "etc/pciwc/site.json", "{");
	assert_int_equal(follow(&scene), -EINVAL);
	assert_false(is_there(&scene, APPROVAL));
	assert_true(is_there(&scene, PUBLICATION));
	machine_done(&scene.machine);
}

/* Without the lock nobody can tell: an error, and nothing is written. */
static void not_to_be_locked(void **state)
{
	struct scene scene;

	scene_make(*state, &scene);
	tree_file(*state, APPROVAL, TEXT);
	tree_dir(*state, "run/pciwc/" LOCK_POLICY);
	assert_int_equal(follow(&scene), -EISDIR);
	assert_true(is_there(&scene, APPROVAL));
	assert_false(is_there(&scene, PUBLICATION));
	machine_done(&scene.machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_lapsed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(lapsed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(lapsed_meanwhile, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(lapsed_beside_a_fault, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(stale, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(not_to_be_locked, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
