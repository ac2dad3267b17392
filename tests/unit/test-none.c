/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-none: on an architecture that nobody has described every step is refused, and nothing of the BAR is mapped: a
 * list of system calls, made before the child begins, kills it if it tries. It is built with ARCH_NONE.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "act/arch.h"
#include "act/patterns.h"
#include "base/cleanup.h"

#define BAR_BYTES 65536

static void forbid_mapping(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = 0;

	for (int fd = CHILD_WC; fd <= CHILD_UC; fd++)
		r |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), 1,
		                      SCMP_A4_32(SCMP_CMP_EQ, (scmp_datum_t)fd));
	if (r || seccomp_load(filter))
		_exit(9);
	seccomp_release(filter);
}

static void refused(void **state)
{
	_cleanup_fclose_ FILE *bar = tmpfile(), *save = tmpfile();
	_cleanup_close_ int exe = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	struct runner runner = {
		.exe = exe, .wc = fileno(bar), .uc = fileno(bar), .save = fileno(save), .memtypes = -1, .cpu = -1,
		.peer_cpu = -1, .device = -1, .scope = SCOPE_VIRTUAL,
		.request = { .insn = RUNNER_NO_INSN, .bar_size_bytes = BAR_BYTES, .range_size_bytes = BAR_BYTES },
	};

	(void)state;
	assert_null(arch_name);
	assert_int_equal(arch_n_insns, 0);
	assert_int_equal(arch_proof, ARCH_PROOF_NONE);
	assert_int_equal(ftruncate(fileno(bar), BAR_BYTES), 0);
	assert_int_equal(ftruncate(fileno(save), BAR_BYTES), 0);
	for (enum step step = STEP_SAVE; step < STEPS; step++) {
		_cleanup_(finding_done) struct finding finding = { 0 };

		assert_int_equal(runner_step(&runner, step, NULL, &finding), 0);
		if (finding.outcome != OUTCOME_UNSUPPORTED || !strstr(finding.text, "refuses to probe"))
			fail_msg("%s: outcome %d, \"%s\"", step_infos[step].name, finding.outcome, finding.text);
	}

	/* The same child dies when it does map. */
	_cleanup_(finding_done) struct finding control = { 0 };

	runner.request.seed = 1;
	assert_int_equal(runner_step(&runner, STEP_SAVE, NULL, &control), 0);
	assert_int_equal(control.outcome, OUTCOME_DIED);
	assert_non_null(strstr(control.text, "SIGSYS"));
}

/* Whoever comes to an access nevertheless does not get to the memory. */
static void trapped(void **state)
{
	uint64_t word = 7;

	(void)state;
	signal(SIGILL, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	for (unsigned int i = 0; i < 3; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			if (i == 0)
				arch_store64(&word, 1);
			else if (i == 1)
				arch_load8(&word);
			else
				arch_complete(&word);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
	}
}

static void child(void)
{
	struct step_request request;
	int copy[2];

	if (read(CHILD_REQUEST, &request, sizeof(request)) != (ssize_t)sizeof(request) || pipe(copy) < 0)
		_exit(7);
	forbid_mapping();
	if (request.seed)
		mmap(NULL, 4096, PROT_READ, MAP_SHARED, CHILD_UC, 0);
	/* The real one reads its request itself. */
	if (write(copy[1], &request, sizeof(request)) < 0 || dup2(copy[0], CHILD_REQUEST) < 0)
		_exit(7);
	close(copy[0]);
	close(copy[1]);
	runner_child();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(refused), cmocka_unit_test(trapped) };

	if (argc == 2 && !strcmp(argv[1], RUNNER_CHILD_ARG))
		child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
