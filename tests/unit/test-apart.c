/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-apart: who looks in a process of its own is waited for while it gets on, and not for ever. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "act/apart.h"

#define PATIENCE_MS 1000
#define EACH_MS (PATIENCE_MS / 8)

struct shared {
	int at;
	int n;         /* how many things are looked at */
	int each_ms;   /* and for how long each */
	pid_t pid;     /* who looks */
	bool has_dir;  /* did it have what it was given, */
	bool has_more; /* and any other descriptor but standard error */
};

static void look(int dir, void *data)
{
	struct shared *shared = data;

	shared->pid = getpid();
	shared->has_dir = faccessat(dir, "self", F_OK, 0) == 0;
	for (int fd = 3; fd < 1024; fd++)
		shared->has_more = shared->has_more || fcntl(fd, F_GETFD) >= 0;
	for (int i = 1; i <= shared->n; i++) {
		shared->at = i;
		usleep((useconds_t)shared->each_ms * 1000);
	}
}

static void die(int dir, void *data)
{
	(void)dir;
	(void)data;
	abort();
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Also how long it took, in patiences. */
static int run(void (*how)(int dir, void *shared), int n, int each_ms, struct shared *ret, double *ret_took)
{
	struct shared *shared = apart_memory(sizeof(*shared));
	int proc = open("/proc", O_DIRECTORY | O_RDONLY);
	double from = now();
	int r;

	assert_non_null(shared);
	assert_true(proc >= 0);
	shared->n = n;
	shared->each_ms = each_ms;
	r = apart_run(how, proc, shared, &shared->at, PATIENCE_MS);
	*ret_took = (now() - from) * 1000 / PATIENCE_MS;
	*ret = *shared;
	/* Whatever came of it, nobody is left. */
	assert_true(!ret->pid || (kill(ret->pid, 0) < 0 && errno == ESRCH));
	apart_memory_done(shared, sizeof(*shared));
	close(proc);
	return r;
}

static void looks(void **state)
{
	struct shared shared;
	double took;

	(void)state;
	assert_int_equal(run(look, 3, 0, &shared, &took), 0);
	assert_int_equal(shared.at, 3);
	assert_true(shared.pid != getpid() && shared.has_dir && !shared.has_more);
	assert_int_equal(run(die, 0, 0, &shared, &took), -ECHILD);
}

/* It is with each in turn that patience is had, whatever all of them take; but not with as many as somebody may have. */
static void gets_on(void **state)
{
	struct shared shared;
	double took;

	(void)state;
	assert_int_equal(run(look, 16, EACH_MS, &shared, &took), 0);
	assert_int_equal(shared.at, 16);
	assert_true(took > 1.9);
	assert_int_equal(run(look, 1000, EACH_MS, &shared, &took), -ETIME);
	assert_true(took >= APART_PATIENCES && shared.at < 1000);
}

static void stalls(void **state)
{
	struct shared shared;
	double took;

	(void)state;
	assert_int_equal(run(look, 2, 100 * PATIENCE_MS, &shared, &took), -ETIMEDOUT);
	assert_int_equal(shared.at, 1);
	assert_true(took >= 1 && took < APART_PATIENCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(looks), cmocka_unit_test(gets_on), cmocka_unit_test(stalls) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
