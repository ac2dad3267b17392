/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loader: the child has two files in memory, what it is asked and what it answers, and nothing else. */
#include "act/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/jail.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "observe/quirks-check.h"

#define INSTALLED SBINDIR "/pciwc"
#define NOBODY 65534
#define PATIENCE_MS 120000 /* for what is limited to 30 s of a processor */
#define BUNDLE_MAX_BYTES (16 << 20)
#define ANSWER_MAX_BYTES 1024
#define ANSWER_TAKEN "takes "  /* and the serial */
#define ANSWER_FAULT "refuses " /* and why */
#define ANSWER_STARVED "starves"

static int program_open(const struct sysroot *root)
{
	int fd = root->live ? open(INSTALLED, O_RDONLY | O_CLOEXEC) : -1;

	return fd >= 0 ? fd : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

/* A file in memory with these bytes, to be read from its start. */
static int memory_file(const char *bytes, size_t size)
{
	_cleanup_close_ int fd = memfd_create("pciwc", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < size;) {
		ssize_t n = write(fd, bytes + done, size - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* Standard input and output only, and nobody's rights. */
static bool give_up_rights(int input, int output)
{
	return dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	       (jail_talks || dup2(output, STDERR_FILENO) >= 0) && syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0 &&
	       (geteuid() != 0 || (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	                           setresuid(NOBODY, NOBODY, NOBODY) == 0)) &&
	       prctl(PR_SET_PDEATHSIG, SIGKILL) == 0; /* last: a change of user takes it back */
}

static bool be_silent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0;
}

/* Never returns. */
static void become_child(int program, int input, int output, const char *const words[])
{
	char *const nothing[] = { NULL };

	if ((input < 0 ? be_silent() : give_up_rights(input, output)) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		fexecve(program, (char *const *)words, nothing);
	_exit(127);
}

/* Whoever is out of memory, or patience, or shuts the machine down, sends these; nothing that a process reads does. */
static bool is_from_others(int signal)
{
	return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

/*
 * The exit status; -ETIMEDOUT when it had to be killed; -ECHILD when a signal ended it, or -EINTR one that others send.
 * patience_ms -1: for ever.
 */
static int child_wait(pid_t pid, int patience_ms)
{
	_cleanup_close_ int watch = patience_ms < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ready = { .fd = watch, .events = POLLIN };
	int status, n = 1;

	if (watch >= 0)
		do
			n = poll(&ready, 1, patience_ms);
		while (n < 0 && errno == EINTR);
	if (n == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (n == 0)
		return -ETIMEDOUT;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return is_from_others(WTERMSIG(status)) ? -EINTR : -ECHILD;
}

static int run(const struct sysroot *root, int input, int output, int patience_ms, const char *const words[])
{
	_cleanup_close_ int program = program_open(root);
	pid_t pid = program < 0 ? -1 : fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_child(program, input, output, words);
	return child_wait(pid, patience_ms);
}

int loader_run(const struct sysroot *root, const char *const words[])
{
	return run(root, -1, -1, -1, words);
}

/* What it said, as far as its first line; "" is nothing. */
static int answer_read(int output, char **ret)
{
	size_t size;
	int r = lseek(output, 0, SEEK_SET) < 0 ? err_last() : fd_bytes(output, ANSWER_MAX_BYTES, ret, &size);

	if (r == 0)
		(*ret)[strcspn(*ret, "\n")] = '\0';
	return r;
}

int loader_check(const struct sysroot *root, const char *path, const char *bytes, size_t size, struct err *err,
                 uint64_t *ret_serial)
{
	const char *const words[] = { "pciwc", LOADER_CHILD_ARG, path, NULL };
	_cleanup_close_ int input = memory_file(bytes, size), output = memory_file("", 0);
	_cleanup_free_ char *answer = NULL;
	int r = input < 0 ? input : output < 0 ? output : run(root, input, output, PATIENCE_MS, words);

	if (r == -EINTR)
		return err_set(err, r, "failed", "the process that loads %s was killed by others, or for want of memory", path);
	if (r < 0 && r != -ECHILD)
		return err_errno(err, r, "failed", "cannot ask the installed pciwc whether it loads %s", path);
	/* It is given little time and memory: what makes it die is in the bundle. */
	if (r == -ECHILD)
		return err_set(err, -EINVAL, "bad-bundle", "%s: the installed pciwc dies of it", path);
	r = answer_read(output, &answer);
	if (r == 0 && str_starts(answer, ANSWER_TAKEN) && parse_u64(answer + strlen(ANSWER_TAKEN), 10, 1, UINT32_MAX, ret_serial) == 0)
		return 0;
	if (r == 0 && str_starts(answer, ANSWER_FAULT))
		return err_set(err, -EINVAL, "bad-bundle", "%s", answer + strlen(ANSWER_FAULT));
	if (r == 0 && str_starts(answer, ANSWER_STARVED))
		return err_set(err, -ENOMEM, "failed", "there is not enough memory to load %s", path);
	return err_set(err, r < 0 ? r : -EIO, "failed", "the installed pciwc does not say whether it loads %s", path);
}

/* ---- in the child ---- */

_Noreturn static void answer(const char *word, const char *text)
{
	char line[ANSWER_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s%s\n", word, text);

	_exit(write(STDOUT_FILENO, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1) == n ? 0 : 1);
}

void loader_child(const char *path)
{
	struct err err = { 0 };
	uint64_t serial;
	char *text, digits[24];
	size_t size;
	int r = fd_bytes(STDIN_FILENO, BUNDLE_MAX_BYTES, &text, &size);

	/* Without an answer: this is no fault of the bundle. */
	if (r < 0 || jail_enter(STDOUT_FILENO, STDERR_FILENO + 1, &err) < 0 || jail_parse(STDOUT_FILENO, &err) < 0)
		_exit(1);
	r = quirks_check_load(path, text, size, &err, &serial);
	if (r == -ENOMEM)
		answer(ANSWER_STARVED, "");
	if (r < 0)
		answer(ANSWER_FAULT, err.text);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)serial);
	answer(ANSWER_TAKEN, digits);
}
