/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apart: its end is seen by a pipe, which every kernel closes then, and which nobody else has. */
#include "act/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

/* To die takes no time, but where a kernel before 5.3 waits for the memory of somebody else. */
#define DEATH_MS 1000

/* How often in each patience it is asked what is being looked at. */
#define GLANCES 5

void *apart_memory(size_t size_bytes)
{
	void *memory = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void apart_memory_done(void *memory, size_t size_bytes)
{
	if (memory)
		munmap(memory, size_bytes);
}

_Noreturn static void be_apart(void (*look)(int dir, void *shared), int dir, void *shared, int end, pid_t parent)
{
	/* Who is left behind would be looking for nobody. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || dup2(dir, STDIN_FILENO) < 0 || dup2(end, STDOUT_FILENO) < 0 ||
	    syscall(SYS_close_range, STDERR_FILENO + 1u, ~0u, 0u) < 0)
		_exit(EXIT_FAILURE);
	look(STDIN_FILENO, shared);
	_exit(EXIT_SUCCESS);
}

/* Has the other end of this pipe been closed within this time. */
static bool is_closed(int fd, int patience_ms)
{
	struct pollfd end = { .fd = fd };
	int n;

	do
		n = poll(&end, 1, patience_ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static int wait_for_end(int end, const int *at, int patience_ms)
{
	int last = __atomic_load_n(at, __ATOMIC_RELAXED);

	for (int i = 0, same = 0; i < APART_PATIENCES * GLANCES; i++) {
		if (is_closed(end, patience_ms / GLANCES))
			return 0;

		int now = __atomic_load_n(at, __ATOMIC_RELAXED);

		same = now == last ? same + 1 : 0;
		last = now;
		if (same == GLANCES)
			return -ETIMEDOUT;
	}
	return -ETIME;
}

int apart_run(void (*look)(int dir, void *shared), int dir, void *shared, const int *at, int patience_ms)
{
	pid_t parent = getpid(), pid;
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		be_apart(look, dir, shared, ends[1], parent);

	_cleanup_close_ int end = ends[0];
	int r = pid < 0 ? -errno : 0;

	close(ends[1]);
	if (r < 0)
		return r;
	r = wait_for_end(end, at, patience_ms);
	if (r < 0)
		kill(pid, SIGKILL);
	/* One that cannot even die is nobody's to wait for: it has nothing of ours, and init takes it. */
	if (r < 0 && !is_closed(end, DEATH_MS))
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return r < 0 ? r : WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS ? 0 : -ECHILD;
}
