/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loader: the child reads its standard input, and has nothing else. */
#include "act/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define INSTALLED SBINDIR "/pciwc"
#define NOBODY 65534
#define PATIENCE_MS 60000
#define CPU_SECONDS 30
#define OUTPUT_MAX 65536

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

/* Standard input and output only, little time, and nobody's rights. */
static bool give_up_rights(int input, int output)
{
	const struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS }, none = { 0, 0 }, few = { OUTPUT_MAX, OUTPUT_MAX };

	return dup2(input, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0 &&
	       syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0 && setrlimit(RLIMIT_CPU, &cpu) == 0 &&
	       setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_FSIZE, &few) == 0 &&
	       (geteuid() != 0 || (setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	                           setresuid(NOBODY, NOBODY, NOBODY) == 0));
}

static bool be_silent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0;
}

/* Never returns. A change of user takes the signal at the parent's death back, so that comes last. */
static void child_run(int program, int input, int output, const char *const words[])
{
	char *const nothing[] = { NULL };

	if ((input < 0 ? be_silent() : give_up_rights(input, output)) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		fexecve(program, (char *const *)words, nothing);
	_exit(127);
}

/* The exit status; -ETIMEDOUT when it had to be killed; -ECHILD when a signal ended it. */
static int child_wait(pid_t pid)
{
	_cleanup_close_ int watch = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ready = { .fd = watch, .events = POLLIN };
	int status, n = 1;

	if (watch >= 0)
		do
			n = poll(&ready, 1, PATIENCE_MS);
		while (n < 0 && errno == EINTR);
	if (n == 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (n == 0)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

static int child(const struct sysroot *root, int input, int output, const char *const words[])
{
	_cleanup_close_ int program = program_open(root);
	pid_t pid = program < 0 ? -1 : fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_run(program, input, output, words);
	return child_wait(pid);
}

int loader_run(const struct sysroot *root, const char *const words[])
{
	return child(root, -1, -1, words);
}

/* The first line of what it said. */
static void first_line(int output, char **ret)
{
	size_t size;

	if (lseek(output, 0, SEEK_SET) == 0 && fd_bytes(output, OUTPUT_MAX, ret, &size) == 0)
		(*ret)[strcspn(*ret, "\n")] = '\0';
}

int loader_check(const struct sysroot *root, const char *bytes, size_t size, struct err *err)
{
	static const char *const words[] = { "pciwc", "quirks", "load", NULL };
	_cleanup_close_ int input = memory_file(bytes, size), output = memory_file("", 0);
	_cleanup_free_ char *said = NULL;
	int r = input < 0 ? input : output < 0 ? output : child(root, input, output, words);

	if (r == 0)
		return 0;
	if (output >= 0)
		first_line(output, &said);
	if (r < 0)
		return err_set(err, -EINVAL, "not-loaded", "the installed pciwc did not finish loading it: %s", strerror(-r));
	return err_set(err, -EINVAL, "not-loaded", "the installed pciwc does not load it (status %d): %.300s", r,
	               said && *said ? said : "it said nothing");
}
