/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes of a whole probe of which one call of the parent fails, memory among them, or which is killed there: at each in turn. It
 * ends, says why, puts the device back, and the next probe does it, or at least that. The child is the test's, which only passes.
 */
#include "calls.h"
#include "pcitree.h"

#include <sys/wait.h>
#include <time.h>

#include "act/journal.h"
#include "act/probe.h"
#include "act/runner.h"
#include "base/num.h"
#include "base/strs.h"

#define ENTRY "var/lib/pciwc/journal/0000:01:00.0-bar2.json"
#define RECORD "var/lib/pciwc/findings/0000:01:00.0-bar2.json"

static const enum step steps[] = { STEP_SAVE, STEP_TYPE, STEP_SPARSE, STEP_RESTORE };

/* In place of the C library's: the pauses of a probe are not waited for. */
int nanosleep(const struct timespec *asked, struct timespec *left)
{
	(void)asked;
	(void)left;
	return 0;
}

/* What STEP_SPARSE finds, and whether it has. */
static enum { NOTHING, CHILD_FAILS, PORT_ERROR } bad;
static bool is_found;
static struct tree *tree_of_port;

static unsigned int calls_before_steps; /* 0: no probe of which a call was to fail has come to a step yet */

int runner_step(const struct runner *runner, enum step step, struct err *err, struct finding *ret)
{
	(void)err;
	if (is_armed && !calls_before_steps)
		calls_before_steps = calls;
	*ret = (struct finding){ .step = step, .outcome = OUTCOME_PASS, .scope = runner->scope, .time_s = 1 };
	if (step == STEP_SPARSE && bad != NOTHING && is_armed) {
		is_found = true;
		is_armed = false;
		if (bad == PORT_ERROR)
			poke(tree_of_port, PORT_DIR "config", FAKE_AER + 0x04, 1u << 14, 4);
		else
			ret->outcome = OUTCOME_FAIL;
		is_armed = true;
	}
	return str_set(&ret->text, "as told");
}

int runner_series(const struct runner *runner, struct err *err, struct finding *ret, struct series_reply *ret_series)
{
	(void)runner;
	(void)ret;
	(void)ret_series;
	return err_set(err, -ENOSYS, "no-series", "nothing is measured here");
}

static int run(struct fake *fake, struct record *record, struct err *err)
{
	const struct plan plan = {
		.device = &fake->device,
		.bar = &fake->device.bars[0],
		.is_allowed = true,
		.range = { 0x1000, 0x4000 },
		.at = (enum step *)(uintptr_t)steps,
		.n = ELEMENTSOF(steps),
	};
	const struct probe_about about = { .scope = SCOPE_VIRTUAL, .path_key = "key", .machine = "machine" };

	*record = (struct record){ 0 };
	*err = (struct err){ 0 };
	return probe_run(&fake->tree->root, &plan, &about, NULL, err, record);
}

static void assert_given_back(const struct tree *tree, unsigned int n)
{
	if (!fake_is_untouched(tree))
		fail_msg("call %u fails (%s), and the device is not as it was", n, failed_what ?: "none");
}

/* Each step passed, or nothing is known of it, and it says why: a failed call is no fault of the hardware. */
static void assert_found(const struct record *record, bool has_failed, unsigned int n)
{
	size_t passed = 0;

	for (size_t i = 0; i < record->n; i++) {
		const struct finding *finding = &record->at[i];

		passed += finding->outcome == OUTCOME_PASS;
		if (finding->outcome == OUTCOME_FAIL || finding->outcome == OUTCOME_DIED || !finding->text || !finding->text[0])
			fail_msg("call %u fails (%s), and %s comes to %s: %s", n, failed_what ?: "none", step_infos[finding->step].name,
			         outcome_names[finding->outcome], finding->text ?: "");
	}
	assert_true(has_failed || passed == ELEMENTSOF(steps));
}

static void one_fails(void **state)
{
	bool has_failed = true;
	unsigned int n, refused = 0;

	(void)state;
	for (n = 1; has_failed; n++) {
		struct record record;
		struct fake fake;
		struct tree tree;
		struct err err;
		int r;

		tree_make(&tree);
		fake_make(&tree, &fake);
		arm(n);
		r = run(&fake, &record, &err);
		has_failed = end();
		if (r < 0 && !has_failed)
			fail_msg("%s: %s", err.id, err.text);
		if (r < 0 && r != -ENOMEM && !err.text[0])
			fail_msg("call %u fails (%s), and nobody says why", n, failed_what);
		refused += r < 0;
		assert_given_back(&tree, n);
		assert_found(&record, has_failed, n);
		record_done(&record);

		/* Once more, and nothing of the first is in its way; an entry that could not be removed goes with it. */
		if (run(&fake, &record, &err) < 0)
			fail_msg("call %u fails (%s), and the next probe: %s", n, failed_what ?: "none", err.text);
		assert_found(&record, false, n);
		record_done(&record);
		assert_given_back(&tree, n);
		assert_null(tree_text(&tree, ENTRY));
		assert_non_null(tree_text(&tree, RECORD));
		tree_remove(&tree);
	}
	assert_many(n, 500);
	assert_many(refused, 200);
	print_message("%u calls, %u of them needed\n", n - 1, refused);
}

/* What a probe found bad is never forgotten in favour of what an earlier one found good. */
static void bad_is_not_lost(void **state)
{
	unsigned int n, found = 0;

	(void)state;
	for (bad = CHILD_FAILS; bad <= PORT_ERROR; bad++) {
		bool has_failed = true;

		for (n = calls_before_steps; has_failed; n++) {
			struct record record;
			struct fake fake;
			struct tree tree;
			struct err err;

			tree_make(&tree);
			fake_make(&tree, &fake);
			tree_of_port = &tree;
			assert_int_equal(run(&fake, &record, &err), 0);
			record_done(&record);
			is_found = false;
			arm(n);
			(void)run(&fake, &record, &err);
			has_failed = end();
			record_done(&record);
			found += is_found;

			const char *kept = tree_text(&tree, RECORD);

			/* Of an error whose register could not be read it is known that it was not. */
			if (is_found && kept && !strstr(kept, "\"fail\"") && !strstr(kept, "\"errors_observed\": false"))
				fail_msg("call %u fails (%s), and on file is still: %s", n, failed_what ?: "none", kept);
			tree_remove(&tree);
		}
	}
	bad = NOTHING;
	assert_many(found, 500);
	print_message("found bad %u times\n", found);
}

#define LEFT                                                                                                          \
	"{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"sparse\",\"time\":1,\"deaths\":0,"                           \
	"\"boot_id\":\"11111111-2222-3333-4444-555555555555\",\"before\":{\"driver_override\":\"mine\","              \
	"\"power_control\":\"auto\",\"enable\":0,\"command\":\"0x0404\"}}"

/* As it was before, its driver_override somebody's. */
static bool is_as_before(const struct tree *tree)
{
	return !strncmp(tree_text(tree, DEVICE_DIR "driver_override"), "mine", 4) && fake_is_released(tree);
}

/* Whatever fails before it has the device, what the killed one had changed is put back, by this probe or by the next one. */
static void one_fails_after_a_kill(void **state)
{
	unsigned int n, later = 0;

	(void)state;
	calls_before_steps = 0;
	for (n = 1; !calls_before_steps || n <= calls_before_steps; n++) {
		struct record record;
		struct fake fake;
		struct tree tree;
		struct err err;

		tree_make(&tree);
		fake_make(&tree, &fake);
		fake_leave_claimed(&tree, ENTRY, LEFT);
		arm(n);
		(void)run(&fake, &record, &err);
		assert_true(end());
		record_done(&record);
		later += !is_as_before(&tree);
		if (run(&fake, &record, &err) < 0)
			fail_msg("call %u fails (%s), and the next probe: %s", n, failed_what ?: "none", err.text);
		record_done(&record);
		if (!is_as_before(&tree))
			fail_msg("call %u fails (%s), and how the device was is lost", n, failed_what ?: "none");
		assert_null(tree_text(&tree, ENTRY));
		tree_remove(&tree);
	}
	assert_many(n, 200);
	print_message("%u calls, after %u of them the next probe does it\n", n - 1, later);
}

static void dies(void)
{
	_exit(EXIT_SUCCESS);
}

/* A probe in a process that ends before its n-th call, as by SIGKILL; false: it made fewer. */
static bool killed_at(struct fake *fake, unsigned int n)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		struct record record;
		struct err err;

		interlude = dies;
		arm(n);
		(void)run(fake, &record, &err);
		_exit(EXIT_FAILURE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* To fork a process with a sanitizer's memory takes as long as ten without: one call in so many, or as many as the argument says. */
static uint64_t every = 10;

/* Wherever it was killed, the next probe finds from the journal how the device was, and leaves it so. */
static void killed_anywhere(void **state)
{
	bool was_killed = true;
	unsigned int n, claimed = 0;

	(void)state;
	for (n = 1; was_killed; n += (unsigned int)every) {
		struct record record;
		struct fake fake;
		struct tree tree;
		struct err err;

		tree_make(&tree);
		fake_make(&tree, &fake);
		was_killed = killed_at(&fake, n);
		claimed += !fake_is_untouched(&tree);
		if (run(&fake, &record, &err) < 0)
			fail_msg("killed at call %u, and the next probe: %s", n, err.text);
		assert_found(&record, false, n);
		record_done(&record);
		if (!fake_is_untouched(&tree))
			fail_msg("killed at call %u, and behind the next probe the device is not as it was", n);
		assert_null(tree_text(&tree, ENTRY));
		assert_non_null(tree_text(&tree, RECORD));
		tree_remove(&tree);
	}
	assert_many(n, 500);
	assert_many(claimed, 500 / (unsigned int)every);
	print_message("killed at one in %u of %u calls, %u times with the device claimed\n", (unsigned int)every, n - (unsigned int)every, claimed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_fails), cmocka_unit_test(one_fails_after_a_kill),
		                            cmocka_unit_test(bad_is_not_lost), cmocka_unit_test(killed_anywhere) };

	if (argc > 2 || (argc == 2 && parse_u64(argv[1], 10, 1, 100, &every) < 0)) {
		fprintf(stderr, "usage: test-probe-calls [EVERY]\n");
		return 2;
	}

	return cmocka_run_group_tests(tests, NULL, NULL);
}
