/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runner: starts the child, listens until its deadline, and sees that nothing of it is left. */
#include "act/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "act/arch.h"
#include "act/jail.h"
#include "act/peer.h"
#include "act/reply.h"
#include "base/cleanup.h"
#include "decide/scratch.h"

/* linux/close_range.h, which older C libraries do not bring */
#define CLOSE_RANGE_CLOEXEC_FLAG (1u << 2)
/* Descriptors are first moved here, out of the way of the fixed ones. */
#define HIGH_FD 32
/* From fork to exec, which may have to wait for a disk. */
#define START_MS 10000
/* How often a device is looked for; what is plugged in next takes longer to get its address. */
#define WATCH_MS 20

int request_check(const struct step_request *request, struct err *err)
{
	const char *fault = NULL;

	if (request->magic != RUNNER_MAGIC || request->version != RUNNER_VERSION)
		fault = "not of this version";
	else if (request->step == STEP_NONE || request->step >= STEPS)
		fault = "no such step";
	else if (request->is_virtual > 1)
		fault = "is_virtual is no flag";
	else if (request->insn != RUNNER_NO_INSN && request->insn >= arch_n_insns)
		fault = "no such instruction";
	else if (request->bench_streams && !bench_is_streams(request->bench_streams))
		fault = "no such number of streams";
	else if (request->range_offset % RANGE_UNIT_BYTES || request->range_size_bytes % RANGE_UNIT_BYTES)
		fault = "the range is not whole pages";
	else if (!request->range_size_bytes || request->range_size_bytes > RANGE_MAX_BYTES)
		fault = "the range is empty or longer than 4 MiB";
	else if (request->range_offset > request->bar_size_bytes ||
	         request->range_size_bytes > request->bar_size_bytes - request->range_offset)
		fault = "the range is not inside the BAR";
	else if (request->bar_base > UINT64_MAX - request->bar_size_bytes)
		fault = "the BAR is not inside the address space";
	/* sysfs maps from the page that the BAR begins on; a file, at 0, has its pages for itself. */
	else if (request->bar_base && !scratch_has_pages(request->bar_base, request->bar_size_bytes, (uint64_t)sysconf(_SC_PAGESIZE)))
		fault = "the BAR does not begin and end on pages of this kernel";
	return fault ? err_set(err, -EINVAL, "bad-request", "request to the child: %s", fault) : 0;
}

/* ---- in the new process, before it becomes the child: system calls only ---- */

static int move_high(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
}

/* Gives each descriptor its number, and lets exec close all others. */
static int place_fds(const struct runner *runner, enum step step, int request, int reply, int *exe, int *started)
{
	const int from[CHILD_FDS] = {
		[CHILD_REQUEST] = request,
		[CHILD_REPLY] = reply,
		/* The number must not be free for something else, and writing to a request fails. */
		[CHILD_STDERR] = jail_talks ? STDERR_FILENO : request,
		[CHILD_WC] = runner->wc,
		[CHILD_UC] = runner->uc,
		[CHILD_SAVE] = runner->save,
		[CHILD_MEMTYPES] = step == STEP_TYPE ? runner->memtypes : -1,
	};
	int high[CHILD_FDS];

	*exe = move_high(*exe);
	*started = move_high(*started);
	if (*exe < 0 || *started < 0)
		return -errno;
	for (unsigned int i = 0; i < CHILD_FDS; i++) {
		high[i] = move_high(from[i]);
		if (high[i] < 0 && from[i] >= 0)
			return -errno;
	}
	for (int i = 0; i < CHILD_FDS; i++) {
		if (high[i] < 0)
			close(i);
		else if (dup2(high[i], i) < 0)
			return -errno;
	}
	return syscall(SYS_close_range, CHILD_FDS, ~0U, CLOSE_RANGE_CLOEXEC_FLAG) < 0 ? -errno : 0;
}

static int pin(const struct runner *runner, enum step step)
{
	int peer = peer_steps[step] ? runner->peer_cpu : -1;
	cpu_set_t set;

	if (runner->cpu < 0)
		return 0;
	if (runner->cpu >= CPU_SETSIZE || peer >= CPU_SETSIZE)
		return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET((unsigned int)runner->cpu, &set);
	/* The child stays on one of them, and its peer takes the other. */
	if (peer >= 0)
		CPU_SET((unsigned int)peer, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

_Noreturn static void become_child(const struct runner *runner, enum step step, int request, int reply, int started)
{
	char *argv[] = { (char *)"pciwc", (char *)RUNNER_CHILD_ARG, NULL }, *environment[] = { NULL };
	int exe = runner->exe, r;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* A group of its own, so that what it may start dies with it; and the parent's death is its own. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = pin(runner, step);
	if (r >= 0)
		r = place_fds(runner, step, request, reply, &exe, &started);
	if (r >= 0) {
		fexecve(exe, argv, environment);
		r = -errno;
	}
	if (write(started, &r, sizeof(r)) < 0)
		_exit(126);
	_exit(127);
}

/* ---- in the parent ---- */

struct child {
	pid_t pid;
	int pidfd; /* readable when it has ended */
	int reply; /* the end we read, not blocking */
};

static void close_pipe(int (*pipe)[2])
{
	close_fd(&(*pipe)[0]);
	close_fd(&(*pipe)[1]);
}

static void close_end(int *fd)
{
	close(*fd);
	*fd = -1;
}

/* Waits for its end, leaves nothing of its group running, and reaps it. */
static int bury(const struct child *child, siginfo_t *ret)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	/* Not reaped yet, so that the group's number cannot be another's. */
	kill(-child->pid, SIGKILL);
	waitid(P_PID, (id_t)child->pid, &info, WEXITED);
	*ret = info;
	return 0;
}

/* Learns whether exec worked: the pipe is closed by it, or brings the errno. */
static int await_start(int started)
{
	struct pollfd end = { .fd = started, .events = POLLIN };
	int failure = 0, r;
	ssize_t got;

	do
		r = poll(&end, 1, START_MS);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return -ETIMEDOUT;
	do
		got = read(started, &failure, sizeof(failure));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(failure) ? failure : 0;
}

static int start(const struct runner *runner, const struct step_request *request, struct err *err, struct child *ret)
{
	_cleanup_(close_pipe) int ask[2] = { -1, -1 }, answer[2] = { -1, -1 }, started[2] = { -1, -1 };
	siginfo_t info;

	if (pipe2(ask, O_CLOEXEC) < 0 || pipe2(answer, O_CLOEXEC) < 0 || pipe2(started, O_CLOEXEC) < 0)
		return err_errno(err, -errno, "no-child", "a pipe to the child");
	/* Shorter than a pipe's buffer: it never blocks. */
	if (write(ask[1], request, sizeof(*request)) != (ssize_t)sizeof(*request) ||
	    fcntl(answer[0], F_SETFL, O_NONBLOCK) < 0)
		return err_errno(err, -errno, "no-child", "a request to the child");
	close_end(&ask[1]);

	struct child child = { .pid = fork() };

	if (child.pid < 0)
		return err_errno(err, -errno, "no-child", "fork");
	if (child.pid == 0)
		become_child(runner, request->step, ask[0], answer[1], started[1]);
	close_end(&answer[1]);
	close_end(&started[1]);

	int r = await_start(started[0]);

	child.pidfd = r < 0 ? -1 : (int)syscall(SYS_pidfd_open, child.pid, 0);
	if (child.pidfd < 0) {
		r = r < 0 ? r : -errno;
		kill(child.pid, SIGKILL);
		bury(&child, &info);
		return err_errno(err, r, "no-child", "starting the child");
	}
	child.reply = steal_fd(&answer[0]);
	*ret = child;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes what the child says; false when it has closed its end, or says more than it was asked for. */
static bool hear(const struct child *child, struct ending *ending)
{
	ssize_t got = read(child->reply, ending->said + ending->said_bytes,
	                   ending->asked_bytes + 1 - ending->said_bytes);

	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	ending->said_bytes += (size_t)got;
	return got > 0 && ending->said_bytes <= ending->asked_bytes;
}

/* A mapping outlives its device, and then means whatever is plugged in next at that address. */
static bool is_gone(int device)
{
	return device >= 0 && faccessat(device, "vendor", F_OK, 0) < 0 && (errno == ENOENT || errno == ENODEV);
}

/* Until the child has ended and is heard out, or must be ended: too late, too much said, or its device gone. */
static void listen_to(const struct child *child, int device, struct ending *ending)
{
	struct pollfd fds[] = { { .fd = child->reply, .events = POLLIN }, { .fd = child->pidfd, .events = POLLIN } };
	int64_t deadline = now_ms() + ending->deadline_ms;

	while (ending->said_bytes <= ending->asked_bytes) {
		int64_t left = deadline - now_ms();

		ending->is_late = left <= 0;
		ending->is_bereft = is_gone(device);
		if (ending->is_late || ending->is_bereft)
			return;
		if (device >= 0 && left > WATCH_MS)
			left = WATCH_MS;
		if (poll(fds, ELEMENTSOF(fds), (int)left) <= 0)
			continue;
		if (fds[0].revents) {
			if (!hear(child, ending))
				fds[0].fd = -1;
		} else if (fds[1].revents) {
			/* poll looked at the pipe before it looked at the end: between the two all may have been said. */
			hear(child, ending);
			return;
		}
	}
}

/* From its start to its end, and all that it said. */
static int run_child(const struct runner *runner, const struct step_request *request, struct err *err,
                     struct ending *ending)
{
	struct child child = { .reply = -1, .pidfd = -1 };
	int r = request_check(request, err);

	if (r == 0)
		r = start(runner, request, err, &child);
	if (r < 0)
		return r;
	ending->deadline_ms = runner->deadline_ms ?: step_infos[request->step].deadline_ms;
	ending->asked_bytes = sizeof(struct step_reply) +
	                      (request_wants_series(request) ? sizeof(struct series_reply) : 0);
	listen_to(&child, runner->device, ending);
	/* Harmless when it has ended: the descriptor never means another process. */
	syscall(SYS_pidfd_send_signal, child.pidfd, SIGKILL, NULL, 0);
	r = bury(&child, &ending->info);
	close(child.reply);
	close(child.pidfd);
	return r < 0 ? err_errno(err, r, "no-child", "waiting for the child") : 0;
}

/* series: NULL, or where they go. */
static int run(const struct runner *runner, enum step step, struct err *err, struct finding *ret,
               struct series_reply *series)
{
	struct step_request request = runner->request;
	_cleanup_(finding_done) struct finding finding = { .step = step, .scope = runner->scope,
		                                           .time_s = (uint64_t)time(NULL) };
	struct ending ending = { 0 };
	int r;

	request.magic = RUNNER_MAGIC;
	request.version = RUNNER_VERSION;
	request.step = step;
	if (step == STEP_BENCH && !series)
		request.insn = RUNNER_NO_INSN;
	r = run_child(runner, &request, err, &ending);
	if (r == 0)
		r = reply_to_finding(&ending, step, &finding);
	if (r == 0 && series)
		r = reply_to_series(&ending, &request, &finding, series);
	/* That it failed is not forgotten for want of memory for what it says. */
	if (r < 0 && outcome_is_bad(finding.outcome))
		ret->outcome = finding.outcome;
	if (r < 0)
		return r;
	*ret = finding;
	finding = (struct finding){ 0 };
	return 0;
}

int runner_step(const struct runner *runner, enum step step, struct err *err, struct finding *ret)
{
	return run(runner, step, err, ret, NULL);
}

int runner_series(const struct runner *runner, struct err *err, struct finding *ret, struct series_reply *ret_series)
{
	struct series_reply series = { 0 };
	int r;

	if (runner->request.insn == RUNNER_NO_INSN)
		return err_set(err, -EINVAL, "bad-request", "request to the child: no instruction to measure");
	r = run(runner, STEP_BENCH, err, ret, &series);
	if (r == 0)
		*ret_series = series;
	return r;
}
