/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-peer: a second CPU carries out orders, the jail holds for its thread too, and the two CPUs are well chosen. */
#include "tree.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "act/arch.h"
#include "act/cpus.h"
#include "act/jail.h"
#include "act/peer.h"
#include "act/port.h"
#include "base/cleanup.h"

#define ROUNDS 2000

static struct peer peer;

/* This CPU alone, and *ret the others; false: there are none. */
static bool part(cpu_set_t *ret)
{
	cpu_set_t own;
	int cpu = sched_getcpu();

	CPU_ZERO(&own);
	assert_true(cpu >= 0);
	CPU_SET((unsigned int)cpu, &own);
	assert_int_equal(sched_getaffinity(0, sizeof(*ret), ret), 0);
	CPU_CLR((unsigned int)cpu, ret);
	return CPU_COUNT(ret) && sched_setaffinity(0, sizeof(own), &own) == 0;
}

static void wait_for(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0)
		assert_int_equal(errno, EINTR);
}

/* ---- orders ---- */

static void orders(void **state)
{
	_cleanup_fclose_ FILE *file = tmpfile();
	struct machine machine = { .window = { .uc = fileno(file), .wc = fileno(file), .size_bytes = 4096 } };
	cpu_set_t before, others;
	struct port port;

	(void)state;
	if (!arch_name)
		skip();
	CPU_ZERO(&others);
	assert_int_equal(peer_start(&peer, &others), -ENODEV);
	assert_false(port_machine(&machine).has_peer);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	if (!part(&others))
		skip();
	assert_int_equal(ftruncate(fileno(file), 4096), 0);
	assert_int_equal(peer_start(&peer, &others), 0);
	machine.peer = &peer;
	port = port_machine(&machine);
	assert_true(port.has_peer);
	/* Mappings come and go; the peer uses the present one. */
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t offset = i % 512 * 8;

		if (i % 500 == 0)
			assert_int_equal(port.ops->remap(port.state, i % 1000 ? WINDOW_UC : WINDOW_WC), 0);
		port.ops->peer_store(port.state, offset, i + 1);
		assert_int_equal(port_load(&port, offset, 8), i + 1);
		port_store(&port, offset, 8, ~(uint64_t)i);
		assert_true(port.ops->peer_load(port.state, offset) == ~(uint64_t)i);
	}
	window_unmap(&machine.window);
	sched_setaffinity(0, sizeof(before), &before);
}

/* A CPU that is none is an error, and no thread is left spinning. */
static void bad_cpu(void **state)
{
	cpu_set_t set;

	(void)state;
	if (!arch_name || sysconf(_SC_NPROCESSORS_CONF) >= CPU_SETSIZE)
		skip();
	CPU_ZERO(&set);
	CPU_SET(CPU_SETSIZE - 1, &set);
	assert_int_equal(peer_start(&peer, &set), -EINVAL);
}

/* ---- the jail ---- */

/* What the child's main thread does inside. */
enum crime { NOTHING, STARTS_THREAD, OTHER_CALLS };

static int is_shut;

static void *call_later(void *data)
{
	while (!__atomic_load_n(&is_shut, __ATOMIC_ACQUIRE))
		;
	/* Any call that the jail does not know. */
	link("/", "/");
	return data;
}

_Noreturn static void be_jailed(int reply, enum crime crime)
{
	uint64_t word = 7;
	cpu_set_t others;
	pthread_t thread;

	/* A sanitizer would make an exit of a death. */
	signal(SIGSYS, SIG_DFL);
	if (!part(&others) || jail_enter(reply, 100, NULL) < 0 || peer_start(&peer, &others) < 0)
		_exit(9);
	if (crime == OTHER_CALLS && pthread_create(&thread, NULL, call_later, NULL))
		_exit(9);
	if (jail_shut(reply, -1, NULL, 0, NULL) < 0 || peer_load(&peer, &word) != 7)
		_exit(8);
	__atomic_store_n(&is_shut, 1, __ATOMIC_RELEASE);
	if (crime == STARTS_THREAD)
		pthread_create(&thread, NULL, call_later, NULL);
	if (write(reply, "", 1) != 1)
		_exit(7);
	for (;;)
		peer_store(&peer, &word, 1);
}

static pid_t start_jailed(enum crime crime, int *ret_reply)
{
	int reply[2];
	pid_t pid;

	assert_int_equal(pipe(reply), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_jailed(reply[1], crime);
	close(reply[1]);
	*ret_reply = reply[0];
	return pid;
}

/* The line of a status file behind "name:" is this. */
static void assert_status(const char *status, const char *name, const char *want)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%s:\t%s\n", name, want);
	if (!strstr(status, line))
		fail_msg("a thread's status has no \"%s:\t%s\": %s", name, want, status);
}

static void check_thread(const char *path, bool is_root, char *ret_cpus)
{
	_cleanup_fclose_ FILE *file = fopen(path, "r");
	char status[8192];

	assert_non_null(file);
	status[fread(status, 1, sizeof(status) - 1, file)] = '\0';
	assert_status(status, "NoNewPrivs", "1");
	assert_status(status, "Seccomp", "2");
	assert_status(status, "CapInh", "0000000000000000");
	assert_status(status, "CapPrm", "0000000000000000");
	assert_status(status, "CapEff", "0000000000000000");
	assert_status(status, "CapAmb", "0000000000000000");
	if (is_root) {
		assert_status(status, "CapBnd", "0000000000000000");
		assert_status(status, "Uid", "65534\t65534\t65534\t65534");
		assert_status(status, "Gid", "65534\t65534\t65534\t65534");
	}
	assert_int_equal(sscanf(strstr(status, "\nCpus_allowed_list:") ?: "", " Cpus_allowed_list: %31s", ret_cpus), 1);
}

static bool may_have_peer(void)
{
	cpu_set_t all;

	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	return arch_name && CPU_COUNT(&all) >= 2;
}

/* Both threads have nothing, one CPU each, and not the same one. */
static void both_are_jailed(void **state)
{
	char path[300], byte, cpus[2][32];
	unsigned int n = 0;
	struct dirent *entry;
	int reply, status;

	(void)state;
	if (!may_have_peer())
		skip();

	pid_t pid = start_jailed(NOTHING, &reply);

	assert_int_equal(read(reply, &byte, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);

	DIR *tasks = opendir(path);

	assert_non_null(tasks);
	while ((entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(n < 2);
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status", (int)pid, entry->d_name);
		check_thread(path, geteuid() == 0, cpus[n++]);
	}
	closedir(tasks);
	kill(pid, SIGKILL);
	wait_for(pid, &status);
	close(reply);
	assert_int_equal(n, 2);
	assert_string_not_equal(cpus[0], cpus[1]);
	for (unsigned int i = 0; i < 2; i++)
		assert_true(strspn(cpus[i], "0123456789") == strlen(cpus[i]));
}

/* No thread comes into the jail, and a call by any thread that was there before is the end of all. */
static void crimes(void **state)
{
	static const enum crime list[] = { STARTS_THREAD, OTHER_CALLS };
	int reply, status;

	(void)state;
	if (!may_have_peer())
		skip();
	for (unsigned int i = 0; i < ELEMENTSOF(list); i++) {
		pid_t pid = start_jailed(list[i], &reply);

		alarm(60);
		wait_for(pid, &status);
		alarm(0);
		close(reply);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("crime %d: status 0x%x", list[i], (unsigned int)status);
	}
}

/* ---- which CPUs ---- */

static void choice(void **state)
{
	static const struct {
		const char *near, *core; /* of the first CPU near the device; NULL: no such file */
		const char *allowed;     /* 1: CPU i is */
		int own, peer;
	} rows[] = {
		{ "0-7", "0-1", "11111111", 0, 2 },     /* not the same core's other thread */
		{ "4-7", "4", "11111111", 4, 5 },       /* of the same node before others */
		{ "2-3", "2,3", "11111111", 2, 0 },     /* another core, though farther away */
		{ "2-3", NULL, "11111111", 2, 3 },
		{ "2-3", "2-3", "00110000", 2, 3 },     /* one core is better than nothing */
		{ "2,5", "2", "00100100", 2, 5 },
		{ "0-7", "0", "10000000", 0, -1 },      /* alone */
		{ "0-3", "0", "00001111", -1, -1 },     /* none that is near may be used */
		{ NULL, "0", "11111111", -1, -1 },
		{ "garbage", "0", "11111111", -1, -1 },
		{ "0", "7-,x", "11000000", 0, 1 },
		{ "5000", "0", "11000000", -1, -1 },
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct tree tree;
		cpu_set_t allowed;
		char path[80];

		tree_make(&tree);
		CPU_ZERO(&allowed);
		for (unsigned int k = 0; rows[i].allowed[k]; k++)
			if (rows[i].allowed[k] == '1')
				CPU_SET(k, &allowed);
		tree_file(&tree, "device/vendor", "0x1af4\n");
		if (rows[i].near)
			tree_file(&tree, "device/local_cpulist", rows[i].near);
		snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%d/topology/core_cpus_list", rows[i].own);
		if (rows[i].core)
			tree_file(&tree, path, rows[i].core);

		int dir = sysroot_fd(&tree.root, "/device", O_RDONLY | O_DIRECTORY);
		struct cpus cpus = cpus_choose(&tree.root, dir, &allowed);

		close(dir);
		tree_remove(&tree);
		if (cpus.own != rows[i].own || cpus.peer != rows[i].peer)
			fail_msg("row %u: CPU %d and peer %d", i, cpus.own, cpus.peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_jailed), cmocka_unit_test(crimes), cmocka_unit_test(bad_cpu),
		cmocka_unit_test(orders),          cmocka_unit_test(choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
