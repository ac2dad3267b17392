/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * naughty: a child of the runner that misbehaves, in the way that the lowest byte of its request's seed says when the
 * seed has the mark; without the mark it is the real one.
 */
#pragma once

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "act/jail.h"
#include "act/patterns.h"

#define MARK ((uint64_t)0x6d697362 << 32)

enum mode {
	SAYS_PASS, SAYS_NOTHING, BUS_ERROR, SEGMENT, ILLEGAL, KILLED, STOPS, SHORT, LONG, BAD_MAGIC, BAD_VERSION,
	BAD_STEP, BAD_OUTCOME, BAD_RESERVED, BAD_TEXT, EMPTY_TEXT, ENDLESS_TEXT, BAD_NAME, BAD_NUMBER, TOO_MANY, CLOSES,
	FLOODS, STATUS, LINGERS, GRANDCHILD, TALKS_SLOWLY, HIDES, CHECKS_WORLD, DRIPS, INFINITE_NUMBER, TWICE,
	/* of the second reply */
	SERIES, NO_SERIES, HALF_SERIES, SERIES_FAILED, SERIES_MAGIC, SERIES_INSN, SERIES_NONE, SERIES_MANY, SERIES_SIZE,
	SERIES_LARGE, SERIES_STREAMS, SERIES_KIND, SERIES_BATCHES, SERIES_RESERVED, SERIES_INFINITE, SERIES_ZERO,
	SERIES_ORDER, SERIES_P99, SERIES_BEHIND, SERIES_TWICE, SERIES_END,
	/* inside the jail, from here on */
	JAILED, OPENS, CONNECTS, EXECUTES, FORKS, MAPS_CODE, WRITES_ELSEWHERE, READS_REQUEST, TRACES, SIGNALS
};

static struct step_reply good(uint32_t step)
{
	struct step_reply reply = { .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .step = step };

	reply_say(&reply, OUTCOME_PASS, "all is well");
	reply_number(&reply, "answer", 42);
	return reply;
}

static void say(const void *data, size_t size)
{
	if (write(CHILD_REPLY, data, size) != (ssize_t)size)
		_exit(9);
}

/* Only our own descriptors, no environment, and no signal blocked. */
static const char *bad_world(int argc, char **argv)
{
	sigset_t mask;

	if (argc != 2 || strcmp(argv[0], "pciwc") || environ[0])
		return "arguments or environment";
	for (int fd = 0; fd < 256; fd++)
		if ((fcntl(fd, F_GETFD) >= 0) != (fd < CHILD_FDS && fd != CHILD_MEMTYPES))
			return "descriptors";
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int i = 1; i < 32; i++)
		if (sigismember(&mask, i) > 0)
			return "blocked signals";
	return getpgrp() == getpid() ? NULL : "process group";
}

static void spoil(enum mode mode, struct step_reply *reply)
{
	switch (mode) {
	case BAD_MAGIC: reply->magic++; break;
	case BAD_VERSION: reply->version++; break;
	case BAD_STEP: reply->step++; break;
	case BAD_OUTCOME: reply->outcome = OUTCOME_UNKNOWN; break;
	case BAD_RESERVED: reply->reserved = 1; break;
	case BAD_TEXT: reply->text[1] = '\033'; break;
	case EMPTY_TEXT: reply->text[0] = '\0'; break;
	case ENDLESS_TEXT: memset(reply->text, 'x', sizeof(reply->text)); break;
	case BAD_NAME: reply->numbers[0].name[0] = 'A'; break;
	case BAD_NUMBER: reply->numbers[0].value = NAN; break;
	case INFINITE_NUMBER: reply->numbers[0].value = -INFINITY; break;
	case TWICE: reply->numbers[reply->n_numbers++] = reply->numbers[0]; break;
	case TOO_MANY: reply->n_numbers = REPLY_NUMBERS + 1; break;
	default: break;
	}
}

static void spoil_series(enum mode mode, struct series_reply *reply)
{
	struct series *last = &reply->at[reply->n - 1];

	switch (mode) {
	case SERIES_MAGIC: reply->magic++; break;
	case SERIES_INSN: reply->insn++; break;
	case SERIES_NONE: reply->n = 0; memset(reply->at, 0, sizeof(reply->at)); break;
	case SERIES_MANY: reply->n = BENCH_SERIES_MAX + 1; break;
	case SERIES_SIZE: last->size_bytes = 128; break;
	case SERIES_LARGE: last->size_bytes = 64 << 20; break;
	case SERIES_STREAMS: last->streams = 3; break;
	case SERIES_KIND: last->kind = BENCH_KINDS; break;
	case SERIES_BATCHES: last->batches = BENCH_BATCHES_MAX + 1; break;
	case SERIES_RESERVED: last->reserved = 1; break;
	case SERIES_INFINITE: last->p99_mbps = INFINITY; break;
	case SERIES_ZERO: last->min_mbps = 0; break;
	case SERIES_ORDER: last->low_mbps = last->median_mbps + 1; break;
	case SERIES_P99: last->p99_mbps = last->median_mbps - 1; break;
	case SERIES_BEHIND: reply->n--; break;
	case SERIES_TWICE: *last = reply->at[0]; break;
	default: break;
	}
}

static void say_series(enum mode mode, const struct step_request *request, struct step_reply *reply)
{
	struct series_reply series = { .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .insn = request->insn, .n = 3 };

	for (unsigned int i = 0; i < series.n; i++)
		series.at[i] = (struct series){ .size_bytes = 64 << 2 * i, .streams = 1, .kind = i % 2, .batches = 8,
			                        .median_mbps = 100, .low_mbps = 90, .high_mbps = 110, .min_mbps = 80,
			                        .p99_mbps = 105 };
	spoil_series(mode, &series);
	if (mode == SERIES_FAILED)
		reply_say(reply, OUTCOME_FAIL, "it failed");
	say(reply, sizeof(*reply));
	if (mode != NO_SERIES)
		say(&series, sizeof(series) - (mode == HALF_SERIES));
}

static void spawn(void)
{
	if (fork() == 0)
		for (;;)
			pause();
}

static void break_out(enum mode mode)
{
	char *argv[] = { NULL };
	char byte;

	switch (mode) {
	case OPENS: close(open("/etc/passwd", O_RDONLY)); break;
	case CONNECTS: close(socket(AF_UNIX, SOCK_STREAM, 0)); break;
	case EXECUTES: execve("/bin/true", argv, argv); break;
	case FORKS: spawn(); break;
	case MAPS_CODE: mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); break;
	case WRITES_ELSEWHERE: say(&byte, write(CHILD_UC, "x", 1) == 1); break;
	case READS_REQUEST: say(&byte, read(CHILD_REQUEST, &byte, 1) == 1); break;
	case TRACES: prctl(PR_SET_DUMPABLE, 1); break;
	case SIGNALS: kill(getppid(), 0); break;
	default: break;
	}
}

static void misbehave(enum mode mode, const struct step_request *request, int argc, char **argv)
{
	struct step_reply reply = good(request->step);
	const char *fault;

	/* A sanitizer would turn a death into an exit. */
	signal(SIGBUS, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	if (mode >= JAILED) {
		if (jail_enter(CHILD_REPLY, CHILD_FDS, NULL) < 0 || jail_shut(CHILD_REPLY, CHILD_MEMTYPES, NULL, 0, NULL) < 0)
			_exit(8);
		break_out(mode);
		say(&reply, sizeof(reply));
		_exit(0);
	}
	if (mode >= SERIES && mode < SERIES_END) {
		say_series(mode, request, &reply);
		return;
	}
	spoil(mode, &reply);
	switch (mode) {
	case SAYS_NOTHING: return;
	case BUS_ERROR: raise(SIGBUS); return;
	case SEGMENT: raise(SIGSEGV); return;
	case ILLEGAL: __builtin_trap();
	case KILLED: raise(SIGKILL); return;
	case STOPS: raise(SIGSTOP); return;
	case SHORT: say(&reply, sizeof(reply) - 1); return;
	case LONG: say(&reply, sizeof(reply)); say("x", 1); return;
	case DRIPS: /* each byte in time, and all of them never */
		for (;; nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL))
			say("x", 1);
	case CLOSES: close(CHILD_REPLY); for (;;) pause();
	case FLOODS: for (;;) say(&reply, sizeof(reply));
	case STATUS: say(&reply, sizeof(reply)); _exit(3);
	case LINGERS: say(&reply, sizeof(reply)); for (;;) pause();
	case GRANDCHILD: spawn(); break;
	case HIDES: signal(SIGTERM, SIG_IGN); spawn(); for (;;) pause();
	case CHECKS_WORLD:
		fault = bad_world(argc, argv);
		if (fault)
			reply_say(&reply, OUTCOME_FAIL, "%s", fault);
		break;
	case TALKS_SLOWLY:
		for (size_t i = 0; i < sizeof(reply); i += 100) {
			say((char *)&reply + i, sizeof(reply) - i < 100 ? sizeof(reply) - i : 100);
			nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
		}
		return;
	default: break;
	}
	say(&reply, sizeof(reply));
}

static void child(int argc, char **argv)
{
	struct step_request request;
	int copy[2];

	if (read(CHILD_REQUEST, &request, sizeof(request)) != (ssize_t)sizeof(request))
		_exit(7);
	if ((request.seed & ~(uint64_t)0xff) == MARK) {
		misbehave((enum mode)(request.seed & 0xff), &request, argc, argv);
		_exit(0);
	}
	/* The real one reads its request itself. */
	if (pipe(copy) < 0 || write(copy[1], &request, sizeof(request)) < 0 || dup2(copy[0], CHILD_REQUEST) < 0)
		_exit(7);
	close(copy[0]);
	close(copy[1]);
	runner_child();
}
