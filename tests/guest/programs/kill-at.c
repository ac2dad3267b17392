/* Knows how to kill a program at one of the system calls by which it changes something, before the call is made or right after it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usage: kill-at list FILE COMMAND...          runs it to its end; FILE gets the calls that change something, a line each
 *        kill-at entry|exit N COMMAND...       kills whoever makes the Nth of them
 *
 * Its children count, too, and live on when their parent is killed: this waits for all of them. Exit: the command's status, 128 + its
 * signal, 99 when it made no Nth call, 2 usage. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A call of an older name that this architecture does not have is -1, which no call is. */
#ifndef SYS_open
#define SYS_open -1
#define SYS_creat -1
#define SYS_mkdir -1
#define SYS_rmdir -1
#define SYS_unlink -1
#define SYS_rename -1
#define SYS_link -1
#define SYS_symlink -1
#define SYS_chmod -1
#define SYS_chown -1
#define SYS_lchown -1
#endif
#ifndef SYS_renameat
#define SYS_renameat -1
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

struct call {
	pid_t pid;
	const uint64_t *arguments;
};

static int always(const struct call *call)
{
	(void)call;
	return 1;
}

static int changes(uint64_t flags)
{
	return (flags & (O_CREAT | O_TRUNC)) != 0;
}

static int opens_at(const struct call *call)
{
	return changes(call->arguments[2]);
}

static int opens(const struct call *call)
{
	return changes(call->arguments[1]);
}

static int opens_how(const struct call *call)
{
	return changes((uint64_t)ptrace(PTRACE_PEEKDATA, call->pid, (void *)(uintptr_t)call->arguments[2], NULL));
}

/* What is said on stdout and stderr changes nothing. */
static int is_no_message(const struct call *call)
{
	return call->arguments[0] > STDERR_FILENO;
}

static const struct {
	long number;
	const char *name;
	int (*counts)(const struct call *call);
} calls[] = {
	{ SYS_openat, "openat", opens_at },
	{ SYS_openat2, "openat2", opens_how },
	{ SYS_open, "open", opens },
	{ SYS_creat, "creat", always },
	{ SYS_write, "write", is_no_message },
	{ SYS_pwrite64, "pwrite64", is_no_message },
	{ SYS_writev, "writev", is_no_message },
	{ SYS_ftruncate, "ftruncate", always },
	{ SYS_fsync, "fsync", always },
	{ SYS_fdatasync, "fdatasync", always },
	{ SYS_flock, "flock", always },
	{ SYS_mkdirat, "mkdirat", always },
	{ SYS_mkdir, "mkdir", always },
	{ SYS_rmdir, "rmdir", always },
	{ SYS_unlinkat, "unlinkat", always },
	{ SYS_unlink, "unlink", always },
	{ SYS_renameat, "renameat", always },
	{ SYS_renameat2, "renameat2", always },
	{ SYS_rename, "rename", always },
	{ SYS_linkat, "linkat", always },
	{ SYS_link, "link", always },
	{ SYS_symlinkat, "symlinkat", always },
	{ SYS_symlink, "symlink", always },
	{ SYS_fchmod, "fchmod", always },
	{ SYS_fchmodat, "fchmodat", always },
	{ SYS_fchmodat2, "fchmodat2", always },
	{ SYS_chmod, "chmod", always },
	{ SYS_fchown, "fchown", always },
	{ SYS_fchownat, "fchownat", always },
	{ SYS_chown, "chown", always },
	{ SYS_lchown, "lchown", always },
	{ SYS_kill, "kill", always },
	{ SYS_pidfd_send_signal, "pidfd_send_signal", always },
};

static unsigned long at, seen; /* at 0: none is killed */
static int is_at_exit;
static pid_t marked; /* it is in the call at whose exit it is killed */
static FILE *list;

/* The name of a call that counts, or NULL. */
static const char *name_of(pid_t pid, const struct __ptrace_syscall_info *info)
{
	const struct call call = { pid, (const uint64_t *)info->entry.args };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == (long)info->entry.nr)
			return calls[i].counts(&call) ? calls[i].name : NULL;
	return NULL;
}

/* A process that is killed where it enters a call does not make it (ptrace_report_syscall_entry). */
static void look(pid_t pid)
{
	struct __ptrace_syscall_info info = { 0 };
	const char *name;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && pid == marked)
		kill(pid, SIGKILL);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	name = name_of(pid, &info);
	if (!name)
		return;
	seen++;
	if (list)
		fprintf(list, "%s\n", name);
	if (seen != at)
		return;
	if (is_at_exit)
		marked = pid;
	else
		kill(pid, SIGKILL);
}

/* Until the last of them has ended; the first one's status. */
static int follow(pid_t first)
{
	int status, end = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		int deliver = 0;

		if (pid < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			if (pid == first)
				end = status;
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			look(pid);
		else if (!(status >> 16) && WSTOPSIG(status) != SIGSTOP) /* by which a new one begins */
			deliver = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)deliver);
	}
	return WIFSIGNALED(end) ? 128 + WTERMSIG(end) : WEXITSTATUS(end);
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
	                     PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status;
	pid_t pid;

	if (argc < 4)
		return 2;
	if (!strcmp(argv[1], "list"))
		list = fopen(argv[2], "we");
	else
		at = strtoul(argv[2], NULL, 10);
	is_at_exit = !strcmp(argv[1], "exit");
	if (!list && (!at || (!is_at_exit && strcmp(argv[1], "entry") != 0)))
		return 2;

	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(intptr_t)options) < 0 ||
	    ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0) {
		perror("ptrace");
		return 2;
	}
	status = follow(pid);
	if (list)
		fclose(list);
	return at && seen < at ? 99 : status;
}
