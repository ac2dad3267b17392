/* Knows how to run steps of a probe on two files of the test's choice, past everything that would refuse them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usage: step UC WC OFFSET SIZE STEP...    OFFSET and SIZE in bytes of both files; STEP: save background unaligned restore ...
 * Prints "STEP: OUTCOME: TEXT" and the step's numbers, each in a line. Exit: 0, 1 a child failed to answer, 2 usage. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/runner.h"

static const char *const names[STEPS] = {
	[STEP_SAVE] = "save",           [STEP_TYPE] = "type",           [STEP_BACKGROUND] = "background",
	[STEP_SUBWORD] = "subword",     [STEP_UNALIGNED] = "unaligned", [STEP_SPARSE] = "sparse",
	[STEP_WIDE64] = "wide64",       [STEP_WIDE128] = "wide128",     [STEP_ORDER] = "order",
	[STEP_DRAIN] = "drain",         [STEP_COHERENT] = "coherent",   [STEP_BURST] = "burst",
	[STEP_LIBC] = "libc",           [STEP_QUIET] = "quiet",         [STEP_BENCH] = "bench",
	[STEP_RESTORE] = "restore",
};
static const char *const outcomes[OUTCOMES] = {
	[OUTCOME_UNKNOWN] = "unknown",         [OUTCOME_PASS] = "pass",       [OUTCOME_FAIL] = "fail",
	[OUTCOME_NOT_EXERCISED] = "not-exercised", [OUTCOME_UNSUPPORTED] = "unsupported",
	[OUTCOME_SKIPPED] = "skipped",         [OUTCOME_DIED] = "died",
};

static int need(int fd, const char *what)
{
	if (fd >= 0)
		return fd;
	perror(what);
	exit(2);
}

static int run(const struct step_request *request, int uc, int wc, int save)
{
	int ask = need(memfd_create("request", 0), "memfd"), answer[2];
	struct step_reply reply;
	int status;

	if (write(ask, request, sizeof(*request)) != sizeof(*request) || lseek(ask, 0, SEEK_SET) < 0 || pipe(answer) < 0)
		return 1;

	pid_t pid = fork();

	if (pid == 0) {
		const int fds[] = { [CHILD_REQUEST] = ask, [CHILD_REPLY] = answer[1], [CHILD_STDERR] = STDERR_FILENO,
			            [CHILD_WC] = wc, [CHILD_UC] = uc, [CHILD_SAVE] = save };
		int high[6];

		for (int i = 0; i < 6; i++)
			high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 32);
		for (int i = 0; i < 6; i++)
			dup2(high[i], i);
		close(CHILD_MEMTYPES);
		execl("/usr/sbin/pciwc", "pciwc", RUNNER_CHILD_ARG, NULL);
		_exit(127);
	}
	close(ask);
	close(answer[1]);

	ssize_t got = read(answer[0], &reply, sizeof(reply));

	close(answer[0]);
	waitpid(pid, &status, 0);
	if (got != sizeof(reply) || reply.outcome >= OUTCOMES || reply.n_numbers > REPLY_NUMBERS)
		return 1;
	printf("%s: %s: %.256s\n", names[request->step], outcomes[reply.outcome], reply.text);
	for (uint32_t i = 0; i < reply.n_numbers; i++)
		printf("  %.32s %g\n", reply.numbers[i].name, reply.numbers[i].value);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 2;

	int uc = need(open(argv[1], O_RDWR | O_CLOEXEC), argv[1]), wc = need(open(argv[2], O_RDWR | O_CLOEXEC), argv[2]);
	int save = need(memfd_create("save", MFD_CLOEXEC), "memfd");
	struct stat st;
	struct step_request request = { .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .is_virtual = 1,
		                        .insn = RUNNER_NO_INSN, .seed = 12345,
		                        .range_offset = strtoull(argv[3], NULL, 0),
		                        .range_size_bytes = strtoull(argv[4], NULL, 0) };

	if (fstat(uc, &st) < 0 || ftruncate(save, (off_t)request.range_size_bytes) < 0)
		return 2;
	request.bar_size_bytes = (uint64_t)st.st_size;
	for (int i = 5; i < argc; i++) {
		request.step = STEP_NONE;
		for (uint32_t step = 0; step < STEPS; step++)
			if (names[step] && !strcmp(names[step], argv[i]))
				request.step = step;
		if (request.step == STEP_NONE)
			return 2;
		if (run(&request, uc, wc, save))
			return 1;
	}
	return 0;
}
