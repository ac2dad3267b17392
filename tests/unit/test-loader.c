/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-loader: what a child says of a bundle, what becomes of one that says nothing, and that it can do nothing else. */
#include "act/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "act/jail.h"
#include "base/cleanup.h"

#define BUNDLE(serial, date, entries) "{\"schema\":1,\"serial\":" serial ",\"date\":\"" date "\",\"entries\":" entries "}"

static int ask(const char *path, const char *text, struct err *err, uint64_t *ret_serial)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };

	/* A captured machine: the program that is asked is this one. */
	assert_int_equal(sysroot_open("/proc", err, &root), 0);
	return loader_check(&root, path, text, strlen(text), err, ret_serial);
}

static void taken(void **state)
{
	struct err err = { 0 };
	uint64_t serial = 0;

	(void)state;
	assert_int_equal(ask("b", BUNDLE("20261120", "2026-11-20", "[]"), &err, &serial), 0);
	assert_int_equal(serial, 20261120);
}

static void refused(void **state)
{
	static const struct {
		const char *path, *text, *id, *says;
	} rows[] = {
		{ "b", "{", "bad-bundle", "b: line 1" },
		{ "b", BUNDLE("20261120", "2026-11-21", "[]"), "bad-bundle", "b: date" },
		{ "b", BUNDLE("20261120", "2026-11-20", "{}"), "bad-bundle", "b: entries" },
		{ "b", "{\"schema\":1,\"serial\":20261120,\"entries\":[]}", "bad-bundle", "b: date" },
		{ "b", "{\"schema\":2,\"serial\":20261120,\"date\":\"2026-11-20\",\"entries\":[]}", "bad-bundle", "b: schema" },
		/* Whom the child dies of; who does not answer; who answers with something else. */
		{ "die", "{}", "bad-bundle", "dies" },
		{ "spin", "{}", "bad-bundle", "dies" },
		/* What is not its doing. */
		{ "killed", "{}", "failed", "killed by others" },
		{ "silent", "{}", "failed", "does not say" },
		{ "other", "{}", "failed", "does not say" },
		{ "zero", "{}", "failed", "does not say" },
		{ "chatter", "{}", "failed", "does not say" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct err err = { 0 };
		uint64_t serial = 7;

		assert_true(ask(rows[i].path, rows[i].text, &err, &serial) < 0);
		if (strcmp(err.id, rows[i].id) != 0)
			fail_msg("%s: %s, expected %s: %s", rows[i].path, err.id, rows[i].id, err.text);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: expected %s in it", err.text, rows[i].says);
		assert_int_equal(serial, 7);
	}
}

/* Each bit that is missing is a deed that it could do. */
static void jailed(void **state)
{
	struct err err = { 0 };
	uint64_t serial = 0;

	(void)state;
	assert_int_equal(ask("deeds", "{}", &err, &serial), 0);
	assert_int_equal(serial, 0xff);
}

/* Memory that a jailed process is not given is not the bundle's fault; a sanitizer's build has no such limit. */
static void starved(void **state)
{
	static const char head[] = "{\"schema\":1,\"serial\":20261120,\"date\":\"2026-11-20\",\"entries\":[[]";
	size_t size = (size_t)15 << 20, at = sizeof(head) - 1;
	_cleanup_free_ char *text = malloc(size + 3);
	struct err err = { 0 };
	uint64_t serial = 7;

	(void)state;
	if (jail_talks)
		return;
	assert_non_null(text);
	memcpy(text, head, at);
	for (; at < size; at += 3)
		memcpy(text + at, ",[]", 3);
	memcpy(text + at - 3, "]}", 3);
	assert_true(ask("b", text, &err, &serial) < 0);
	assert_string_equal(err.id, "failed");
	assert_non_null(strstr(err.text, "memory"));
	assert_int_equal(serial, 7);
}

/* Who computes for too long is told so by SIGXCPU, before the SIGKILL that others could have sent as well. */
static void soft_limit(void **state)
{
	unsigned long long soft = 0, hard = 0;
	char word = 0, line[128];
	FILE *limits;
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		if (jail_enter(STDOUT_FILENO, STDERR_FILENO + 1, NULL) < 0 || jail_parse(STDOUT_FILENO, NULL) < 0)
			_exit(1);
		while (write(STDOUT_FILENO, "x", 1) == 1)
			;
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &word, 1), 1);
	/* As another user it is out of reach of prlimit(2). */
	snprintf(line, sizeof(line), "/proc/%d/limits", pid);
	limits = fopen(line, "r");
	assert_non_null(limits);
	while (fgets(line, sizeof(line), limits))
		if (sscanf(line, "Max cpu time %llu %llu", &soft, &hard) == 2)
			break;
	fclose(limits);
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(soft > 0 && soft < hard);
}

/* ---- the children ---- */

static void say(const char *text)
{
	_exit(write(STDOUT_FILENO, text, strlen(text)) < 0);
}

/* No memory beyond the limit, which a sanitizer's build does not have. */
static bool is_short_of_memory(void)
{
	void *volatile much = jail_talks ? NULL : malloc((size_t)2 << 30);
	bool is_short = !much;

	free(much);
	return is_short;
}

static void try_deeds(void)
{
	pid_t parent = getppid();
	char text[32];
	unsigned int failed = 0;
	struct stat st;

	if (jail_enter(STDOUT_FILENO, STDERR_FILENO + 1, NULL) < 0 || jail_parse(STDOUT_FILENO, NULL) < 0)
		_exit(1);
	failed |= (open("/proc/self/exe", O_RDONLY) < 0) << 0;
	failed |= (stat("/", &st) < 0) << 1;
	failed |= (socket(AF_INET, SOCK_STREAM, 0) < 0) << 2;
	failed |= (fork() < 0) << 3;
	failed |= (kill(parent, 0) < 0) << 4;
	failed |= (execl("/bin/true", "true", NULL) < 0) << 5;
	failed |= (setuid(0) < 0) << 6;
	failed |= is_short_of_memory() << 7;
	snprintf(text, sizeof(text), "takes %u\n", failed);
	say(text);
}

_Noreturn static void be_child(const char *path)
{
	if (!strcmp(path, "die"))
		kill(getpid(), SIGTRAP);
	if (!strcmp(path, "killed"))
		kill(getpid(), SIGKILL);
	while (!strcmp(path, "spin") && setrlimit(RLIMIT_CPU, &(struct rlimit){ 1, 2 }) == 0)
		;
	if (!strcmp(path, "silent"))
		_exit(0);
	if (!strcmp(path, "other"))
		say("takes a break\n");
	if (!strcmp(path, "zero"))
		say("takes 0\n");
	if (!strcmp(path, "chatter"))
		say(str_printf("takes 1%2000s\n", "") ?: "");
	if (!strcmp(path, "deeds"))
		try_deeds();
	loader_child(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(starved),
		cmocka_unit_test(soft_limit),
		cmocka_unit_test(jailed),
	};

	if (argc == 3 && !strcmp(argv[1], LOADER_CHILD_ARG))
		be_child(argv[2]);
	return cmocka_run_group_tests_name("loader", tests, NULL, NULL);
}
