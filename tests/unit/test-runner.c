/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-runner: every way in which a child can end becomes a finding, and nothing of it is left. The program is its own
 * child (naughty.h).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "act/arch.h"
#include "act/jail.h"
#include "act/parts.h"
#include "act/patterns.h"
#include "base/cleanup.h"
#include "memory.h"
#include "naughty.h"

#define BAR_BYTES (1 << 20)
#define GUARD 4096

struct bench {
	FILE *bar, *save;
	struct runner runner;
};

static int setup(void **state)
{
	static struct bench bench;

	bench.bar = tmpfile();
	bench.save = tmpfile();
	if (!bench.bar || !bench.save || ftruncate(fileno(bench.bar), BAR_BYTES) < 0 ||
	    ftruncate(fileno(bench.save), BAR_BYTES) < 0)
		return -1;
	bench.runner = (struct runner){
		.exe = open("/proc/self/exe", O_PATH | O_CLOEXEC),
		.wc = fileno(bench.bar),
		.uc = fileno(bench.bar),
		.save = fileno(bench.save),
		.memtypes = -1,
		.cpu = -1,
		.device = -1,
		.scope = SCOPE_VIRTUAL,
		.request = { .is_virtual = 1, .insn = RUNNER_NO_INSN,
		             .bar_base = 0x382000000000,
		             .bar_size_bytes = BAR_BYTES,
		             .range_offset = GUARD,
		             .range_size_bytes = BAR_BYTES - 2 * GUARD,
		             .seed = 7 },
	};
	/* What a grandchild leaves behind comes to us, so that we can see that it is gone. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	*state = &bench;
	return bench.runner.exe < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	close(bench->runner.exe);
	fclose(bench->save);
	return fclose(bench->bar);
}

/* No descendant is alive: those that were killed but not reaped are reaped here. */
static void assert_alone(void)
{
	for (unsigned int i = 0; i < 1000; i++) {
		pid_t r = waitpid(-1, NULL, WNOHANG);

		if (r < 0 && errno == ECHILD)
			return;
		if (r == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	fail_msg("a process is left");
}

static struct finding run(const struct runner *runner, enum step step)
{
	struct finding finding;
	struct err err = { 0 };

	if (runner_step(runner, step, &err, &finding) < 0)
		fail_msg("%s: %s", err.id, err.text);
	assert_int_equal(finding.step, step);
	assert_int_equal(finding.scope, SCOPE_VIRTUAL);
	assert_true(finding.time_s > 0);
	assert_non_null(finding.text);
	return finding;
}

/* Runs a child in this mode, and expects this outcome, text and number (NULL: not looked at). */
static void expect(struct bench *bench, enum mode mode, enum outcome outcome, const char *text, const char *name,
                   double value)
{
	struct runner runner = bench->runner;

	runner.request.seed = MARK | mode;
	/* Long enough for a slow machine, unless the deadline itself is what is expected. */
	runner.deadline_ms = strstr(text, "within") ? 1000 : 20000;

	_cleanup_(finding_done) struct finding finding = run(&runner, STEP_SUBWORD);
	const struct number *number = name ? numbers_find(&finding.numbers, name) : NULL;

	if (finding.outcome != outcome || !strstr(finding.text, text))
		fail_msg("mode %d: outcome %d, \"%s\"", mode, finding.outcome, finding.text);
	if (name && (!number || number->value != value))
		fail_msg("mode %d: number %s is missing, or another", mode, name);
	assert_alone();
}

static void endings(void **state)
{
	static const struct {
		enum mode mode;
		enum outcome outcome;
		const char *text, *name;
		double value;
	} rows[] = {
		{ SAYS_PASS, OUTCOME_PASS, "all is well", "answer", 42 },
		{ TALKS_SLOWLY, OUTCOME_PASS, "all is well", "answer", 42 },
		{ CHECKS_WORLD, OUTCOME_PASS, "all is well", NULL, 0 },
		{ GRANDCHILD, OUTCOME_PASS, "all is well", NULL, 0 },
		{ SAYS_NOTHING, OUTCOME_DIED, "without an answer", "reply_bytes", 0 },
		{ BUS_ERROR, OUTCOME_DIED, "SIGBUS: the bus", "signal", SIGBUS },
		{ SEGMENT, OUTCOME_DIED, "SIGSEGV", "signal", SIGSEGV },
		{ ILLEGAL, OUTCOME_DIED, "died of SIG", NULL, 0 },
		{ KILLED, OUTCOME_DIED, "SIGKILL", "signal", SIGKILL },
		{ STOPS, OUTCOME_DIED, "no answer within 1000 ms", "deadline_ms", 1000 },
		{ CLOSES, OUTCOME_DIED, "no answer within 1000 ms", "deadline_ms", 1000 },
		{ DRIPS, OUTCOME_DIED, "no answer within 1000 ms", "deadline_ms", 1000 },
		{ HIDES, OUTCOME_DIED, "no answer within 1000 ms", "deadline_ms", 1000 },
		{ LINGERS, OUTCOME_DIED, "did not end within 1000 ms", "deadline_ms", 1000 },
		{ SHORT, OUTCOME_DIED, "short reply", "reply_bytes", sizeof(struct step_reply) - 1 },
		{ LONG, OUTCOME_DIED, "more than a reply", NULL, 0 },
		{ FLOODS, OUTCOME_DIED, "more than a reply", NULL, 0 },
		{ STATUS, OUTCOME_DIED, "status 3", "exit_status", 3 },
		{ BAD_MAGIC, OUTCOME_DIED, "garbage: bad magic", NULL, 0 },
		{ BAD_VERSION, OUTCOME_DIED, "garbage: another version", NULL, 0 },
		{ BAD_STEP, OUTCOME_DIED, "garbage: it answers another step", NULL, 0 },
		{ BAD_OUTCOME, OUTCOME_DIED, "garbage: no such outcome", NULL, 0 },
		{ BAD_RESERVED, OUTCOME_DIED, "garbage: reserved", NULL, 0 },
		{ BAD_TEXT, OUTCOME_DIED, "garbage: its text", NULL, 0 },
		{ EMPTY_TEXT, OUTCOME_DIED, "garbage: its text", NULL, 0 },
		{ ENDLESS_TEXT, OUTCOME_DIED, "garbage: its text", NULL, 0 },
		{ BAD_NAME, OUTCOME_DIED, "garbage: a number's name", NULL, 0 },
		{ BAD_NUMBER, OUTCOME_DIED, "garbage: a number is not finite", NULL, 0 },
		{ INFINITE_NUMBER, OUTCOME_DIED, "garbage: a number is not finite", NULL, 0 },
		{ TWICE, OUTCOME_DIED, "garbage: a number comes twice", NULL, 0 },
		{ TOO_MANY, OUTCOME_DIED, "garbage: too many numbers", NULL, 0 },
	};

	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++)
		expect(*state, rows[i].mode, rows[i].outcome, rows[i].text, rows[i].name, rows[i].value);
}

/* Sees the end of a child, and nothing of what it said before: it did so between poll's looks at the two. The linker puts it before poll(2). */
static bool poll_looked_too_early;

int __real_poll(struct pollfd *, nfds_t, int);
int __wrap_poll(struct pollfd *, nfds_t, int);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	if (!poll_looked_too_early || n != 2)
		return __real_poll(fds, n, timeout_ms);
	fds[0].revents = 0;
	return __real_poll(&fds[1], 1, timeout_ms);
}

static void said_at_the_end(void **state)
{
	poll_looked_too_early = true;
	expect(*state, SAYS_PASS, OUTCOME_PASS, "all is well", "answer", 42);
	expect(*state, SAYS_NOTHING, OUTCOME_DIED, "without an answer", "reply_bytes", 0);
	expect(*state, SHORT, OUTCOME_DIED, "short reply", "reply_bytes", sizeof(struct step_reply) - 1);
	expect(*state, LONG, OUTCOME_DIED, "more than a reply", NULL, 0);
	expect(*state, GRANDCHILD, OUTCOME_PASS, "all is well", NULL, 0);
	poll_looked_too_early = false;
}

/* The second reply is believed as little as the first: all of it, or nothing. */
static void series(void **state)
{
	static const struct {
		enum mode mode;
		const char *text; /* NULL: it is a good one */
	} rows[] = {
		{ SERIES, NULL },
		{ NO_SERIES, "short reply" },
		{ HALF_SERIES, "short reply" },
		{ SAYS_NOTHING, "without an answer" },
		{ BUS_ERROR, "SIGBUS" },
		{ FLOODS, "more than a reply" },
		{ SERIES_FAILED, "too many series" },
		{ SERIES_MAGIC, "bad magic" },
		{ SERIES_INSN, "another instruction" },
		{ SERIES_NONE, "or none" },
		{ SERIES_MANY, "too many series" },
		{ SERIES_SIZE, "not asked for" },
		{ SERIES_LARGE, "not asked for" },
		{ SERIES_STREAMS, "not asked for" },
		{ SERIES_KIND, "no kind" },
		{ SERIES_BATCHES, "too many" },
		{ SERIES_RESERVED, "reserved" },
		{ SERIES_INFINITE, "not finite" },
		{ SERIES_ZERO, "not above 0" },
		{ SERIES_ORDER, "not in order" },
		{ SERIES_P99, "not in order" },
		{ SERIES_BEHIND, "behind the last" },
		{ SERIES_TWICE, "comes twice" },
	};
	struct runner runner = ((struct bench *)*state)->runner;

	if (!arch_name)
		skip();
	runner.request.insn = 0;
	runner.deadline_ms = 20000;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct series_reply got = { .n = 99 };
		_cleanup_(finding_done) struct finding finding = { 0 };
		struct err err = { 0 };

		runner.request.seed = MARK | rows[i].mode;
		assert_int_equal(runner_series(&runner, &err, &finding, &got), 0);
		assert_int_equal(finding.outcome, rows[i].text ? OUTCOME_DIED : OUTCOME_PASS);
		if (rows[i].text && !strstr(finding.text, rows[i].text))
			fail_msg("mode %d: \"%s\"", rows[i].mode, finding.text);
		assert_int_equal(got.n, rows[i].text ? 0 : 3);
	}
	/* Who was not asked for it must not send it, and what is not asked for is no answer. */
	runner.request.bench_streams = 2;
	runner.request.seed = MARK | SERIES;

	_cleanup_(finding_done) struct finding other = { 0 };
	struct series_reply got;

	assert_int_equal(runner_series(&runner, NULL, &other, &got), 0);
	assert_int_equal(other.outcome, OUTCOME_DIED);
	expect(*state, SERIES, OUTCOME_DIED, "more than a reply", NULL, 0);
	runner.request.insn = RUNNER_NO_INSN;
	assert_int_equal(runner_series(&runner, NULL, &other, &got), -EINVAL);
}

/* The real child's. */
static void real_series(void **state)
{
	struct runner runner = ((struct bench *)*state)->runner;
	_cleanup_(finding_done) struct finding finding = { 0 }, background = { 0 };
	struct series_reply got;

	if (!arch_name)
		skip();
	runner.request.insn = 1;
	runner.request.bench_size_bytes = 4096;
	assert_int_equal(runner_step(&runner, STEP_BACKGROUND, NULL, &background), 0);
	assert_int_equal(runner_series(&runner, NULL, &finding, &got), 0);
	if (finding.outcome != OUTCOME_PASS)
		fail_msg("%s", finding.text);
	assert_int_equal(got.n, 6);
	assert_non_null(numbers_find(&finding.numbers, "settled"));
}

static void jail(void **state)
{
	static const enum mode modes[] = { OPENS, CONNECTS, EXECUTES, FORKS, MAPS_CODE, WRITES_ELSEWHERE, READS_REQUEST,
		                           TRACES, SIGNALS };

	expect(*state, JAILED, OUTCOME_PASS, "all is well", NULL, 0);
	for (unsigned int i = 0; i < ELEMENTSOF(modes); i++) {
		/* A sanitizer's runtime needs prctl. */
		if (!jail_talks || modes[i] != TRACES)
			expect(*state, modes[i], OUTCOME_DIED, "SIGSYS", "signal", SIGSYS);
	}
}

/* The real child through all its steps, jailed; the BAR is as it was. */
static void all_steps(void **state)
{
	struct bench *bench = *state;
	static uint8_t before[BAR_BYTES], after[BAR_BYTES];

	for (unsigned int i = 0; i < BAR_BYTES; i++)
		before[i] = (uint8_t)mix64(i);
	assert_int_equal(pwrite(fileno(bench->bar), before, BAR_BYTES, 0), BAR_BYTES);
	for (enum step step = STEP_SAVE; step < STEPS; step++) {
		struct runner runner = bench->runner;
		uint32_t insns[PARTS_MAX];
		const char *why;

		/* On one CPU: what a second one makes of it is test-peer's. */
		runner.cpu = sched_getcpu();
		runner.peer_cpu = -1;
		if (step == STEP_WIDE128 && parts_of_step(step, true, insns, &why))
			runner.request.insn = insns[0];

		_cleanup_(finding_done) struct finding finding = run(&runner, step);

		if (arch_name && memory_outcomes[step] && finding.outcome != memory_outcomes[step])
			fail_msg("%s: outcome %d, \"%s\"", step_infos[step].name, finding.outcome, finding.text);
		if (!arch_name)
			assert_int_equal(finding.outcome, OUTCOME_UNSUPPORTED);
		if (step == STEP_BENCH && arch_name)
			assert_non_null(numbers_find(&finding.numbers, "gain"));
	}
	assert_int_equal(pread(fileno(bench->bar), after, BAR_BYTES, 0), BAR_BYTES);
	assert_memory_equal(before, after, BAR_BYTES);
	assert_alone();
}

/* A step is ended as soon as its device has gone, not at its deadline; as long as it is there, nothing happens. */
static void device_gone(void **state)
{
	struct runner runner = ((struct bench *)*state)->runner;
	char name[] = "/tmp/test-runner-XXXXXX";

	assert_non_null(mkdtemp(name));
	runner.device = open(name, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	assert_true(runner.device >= 0);

	int vendor = openat(runner.device, "vendor", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(vendor >= 0);
	close(vendor);
	runner.request.seed = MARK | SAYS_PASS;

	_cleanup_(finding_done) struct finding there = run(&runner, STEP_SUBWORD);

	assert_int_equal(there.outcome, OUTCOME_PASS);
	unlinkat(runner.device, "vendor", 0);
	runner.request.seed = MARK | STOPS;

	_cleanup_(finding_done) struct finding gone = run(&runner, STEP_SUBWORD);

	assert_int_equal(gone.outcome, OUTCOME_DIED);
	assert_string_equal(gone.text, "it was ended, for the device has gone");
	assert_alone();
	close(runner.device);
	rmdir(name);
}

/* The list of memory types reaches a jailed child, and is what decides on x86. */
static void memtypes(void **state)
{
	struct runner runner = ((struct bench *)*state)->runner;
	_cleanup_fclose_ FILE *list = tmpfile();

	if (arch_proof != ARCH_PROOF_LIST)
		skip();
	fprintf(list, "PAT: [mem 0x0000382000000000-0x0000382000100000] write-combining\n");
	fflush(list);
	runner.memtypes = fileno(list);

	_cleanup_(finding_done) struct finding finding = run(&runner, STEP_TYPE);

	assert_int_equal(finding.outcome, OUTCOME_PASS);
	assert_non_null(strstr(finding.text, "0x0000382000100000"));
}

/* A BAR that is shorter than its mapping: a real SIGBUS, caught in the jail, with its place. */
static void real_sigbus(void **state)
{
	struct bench *bench = *state;

	if (!arch_name)
		skip();
	assert_int_equal(ftruncate(fileno(bench->bar), 16 * GUARD), 0);

	_cleanup_(finding_done) struct finding finding = run(&bench->runner, STEP_BACKGROUND);

	assert_int_equal(ftruncate(fileno(bench->bar), BAR_BYTES), 0);
	assert_int_equal(finding.outcome, OUTCOME_DIED);
	assert_non_null(strstr(finding.text, "SIGBUS"));
	assert_true(numbers_find(&finding.numbers, "signal")->value == SIGBUS);
	assert_true(numbers_find(&finding.numbers, "fault_offset")->value == 15 * GUARD);
	assert_alone();
}

static void missing_files(void **state)
{
	struct bench *bench = *state;
	struct runner runner = bench->runner;

	if (!arch_name)
		skip();
	runner.wc = -1;

	_cleanup_(finding_done) struct finding no_wc = run(&runner, STEP_TYPE);

	assert_int_equal(no_wc.outcome, OUTCOME_SKIPPED);
	assert_non_null(strstr(no_wc.text, "no such file"));
	assert_int_equal(ftruncate(fileno(bench->save), GUARD), 0);

	_cleanup_(finding_done) struct finding no_copy = run(&bench->runner, STEP_SAVE);

	assert_int_equal(ftruncate(fileno(bench->save), BAR_BYTES), 0);
	assert_int_equal(no_copy.outcome, OUTCOME_SKIPPED);
	assert_non_null(strstr(no_copy.text, "too short"));
}

/* What cannot be started is an error, not a finding; and no descriptor leaks on any way. */
static void no_child(void **state)
{
	struct runner runner = ((struct bench *)*state)->runner;
	struct finding finding = { .step = STEP_NONE };
	struct err err = { 0 };
	int next = dup(0);

	close(next);
	runner.exe = fileno(((struct bench *)*state)->bar);
	assert_true(runner_step(&runner, STEP_TYPE, &err, &finding) < 0);
	assert_string_equal(err.id, "no-child");
	runner.exe = -1;
	assert_true(runner_step(&runner, STEP_TYPE, NULL, &finding) < 0);
	runner = ((struct bench *)*state)->runner;
	runner.cpu = 1 << 20;
	assert_true(runner_step(&runner, STEP_TYPE, NULL, &finding) < 0);
	runner.cpu = -1;
	runner.request.range_size_bytes = RANGE_MAX_BYTES + RANGE_UNIT_BYTES;
	runner.request.bar_size_bytes = 2 * RANGE_MAX_BYTES;
	err = (struct err){ 0 };
	assert_int_equal(runner_step(&runner, STEP_TYPE, &err, &finding), -EINVAL);
	assert_string_equal(err.id, "bad-request");
	assert_int_equal(finding.step, STEP_NONE);
	assert_alone();
	assert_int_equal(dup(0), next);
	close(next);
}

static void requests(void **state)
{
	const struct step_request good_one = { .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .step = STEP_TYPE,
		                               .insn = RUNNER_NO_INSN, .bar_base = 0x1000, .bar_size_bytes = 0x10000, .range_offset = 0x1000,
		                               .range_size_bytes = 0xf000 };
	struct step_request bad[14];

	(void)state;
	assert_int_equal(request_check(&good_one, NULL), 0);
	for (unsigned int i = 0; i < ELEMENTSOF(bad); i++)
		bad[i] = good_one;
	bad[0].magic = 0;
	bad[1].version++;
	bad[2].step = STEP_NONE;
	bad[3].step = STEPS;
	bad[4].is_virtual = 2;
	bad[5].range_offset = 0x1001;
	bad[6].range_size_bytes = 0;
	bad[7].range_size_bytes = 0x10000;
	bad[8].range_offset = UINT64_MAX - 0xfff;
	bad[9].bar_base = UINT64_MAX - 0xfff;
	bad[10].insn = arch_n_insns;
	bad[11].bench_streams = 3;
	bad[12].bar_base = 0x800;
	bad[13].bar_size_bytes = 0x10800;
	for (unsigned int i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(request_check(&bad[i], NULL), -EINVAL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(said_at_the_end),
		cmocka_unit_test(endings),  cmocka_unit_test(jail),        cmocka_unit_test(all_steps),
		cmocka_unit_test(memtypes), cmocka_unit_test(real_sigbus), cmocka_unit_test(missing_files),
		cmocka_unit_test(no_child), cmocka_unit_test(requests),    cmocka_unit_test(device_gone),
		cmocka_unit_test(series),   cmocka_unit_test(real_series),
	};

	if (argc == 2 && !strcmp(argv[1], RUNNER_CHILD_ARG))
		child(argc, argv);
	return cmocka_run_group_tests(tests, setup, teardown);
}
