/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-jail: what the jail lets through is what a microtest needs, and nothing else: each system call by its number, each
 * rule left out in turn, and what the kernel says of a child at work. The program is its own child.
 */
#include <setjmp.h>
#include <stddef.h>

#include "rules.h"

#include <cap-ng.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "act/arch.h"
#include "act/jail.h"
#include "act/port.h"
#include "act/runner.h"
#include "base/cleanup.h"

/* The kernel's list of memory types, where the step type reads it; -1: nowhere. */
#if defined(__x86_64__) || defined(__i386__)
#define LIST CHILD_MEMTYPES
#else
#define LIST (-1)
#endif

#define BAR_BYTES (4 << 20)
#define RANGE_OFFSET 65536 /* a page on each machine */
#define SMALL_BYTES 65536
#define MEDIUM_BYTES (2 * SMALL_BYTES) /* what is asked for by less than a mapping of its own */
#define LARGE_BYTES (BAR_BYTES - 2 * RANGE_OFFSET)
#define SEED 7

/* Of a machine whose clock cannot be read without a call; the linker puts it before the C library's. */
int __wrap_clock_gettime(clockid_t, struct timespec *);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	return (int)syscall(SYS_clock_gettime, clock, ret);
}

/* ---- the real child, with a rule left out: the upper half of its seed says which ---- */

struct bench {
	FILE *bar, *save, *list;
	struct runner runner;
};

static int setup(void **state)
{
	static struct bench bench;

	bench.bar = tmpfile();
	bench.save = tmpfile();
	bench.list = tmpfile();
	if (!bench.bar || !bench.save || !bench.list || ftruncate(fileno(bench.save), BAR_BYTES) < 0 ||
	    fputs("PAT: [mem 0x0000382000000000-0x0000382000400000] write-combining\n", bench.list) < 0 || fflush(bench.list))
		return -1;
	bench.runner = (struct runner){
		.exe = open("/proc/self/exe", O_PATH | O_CLOEXEC),
		.wc = fileno(bench.bar),
		.uc = fileno(bench.bar),
		.save = fileno(bench.save),
		.memtypes = LIST < 0 ? -1 : fileno(bench.list),
		.cpu = -1,
		.peer_cpu = -1,
		.device = -1,
		.scope = SCOPE_VIRTUAL,
		.request = { .is_virtual = 1, .insn = RUNNER_NO_INSN, .bar_base = 0x382000000000, .bar_size_bytes = BAR_BYTES,
		             .range_offset = RANGE_OFFSET },
	};
	*state = &bench;
	return bench.runner.exe < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	close(bench->runner.exe);
	fclose(bench->list);
	fclose(bench->save);
	return fclose(bench->bar);
}

static void be_child(void)
{
	struct step_request request;
	int copy[2];

	if (read(CHILD_REQUEST, &request, sizeof(request)) != (ssize_t)sizeof(request))
		_exit(7);
	rule_left_out = (unsigned int)(request.seed >> 32);
	request.seed &= UINT32_MAX;
	if (pipe(copy) < 0 || write(copy[1], &request, sizeof(request)) < 0 || dup2(copy[0], CHILD_REQUEST) < 0)
		_exit(7);
	close(copy[0]);
	close(copy[1]);
	runner_child();
}

/* A step of a real child, on what kind of a BAR. */
struct deed {
	enum step step;
	uint64_t range_bytes, bar_bytes; /* a BAR that ends inside of the range: SIGBUS */
};

static bool dies_of_jail(const struct bench *bench, const struct deed *deed, unsigned int left_out)
{
	struct runner runner = bench->runner;
	_cleanup_(finding_done) struct finding background = { 0 }, finding = { 0 };
	struct err err = { 0 };

	runner.request.range_size_bytes = deed->range_bytes;
	runner.request.seed = SEED;
	assert_int_equal(ftruncate(fileno(bench->bar), BAR_BYTES), 0);
	if (runner_step(&runner, STEP_BACKGROUND, &err, &background) < 0 || background.outcome != OUTCOME_PASS)
		fail_msg("%s", background.text ?: err.text);
	assert_int_equal(ftruncate(fileno(bench->bar), (off_t)deed->bar_bytes), 0);
	runner.request.seed |= (uint64_t)left_out << 32;
	if (runner_step(&runner, deed->step, &err, &finding) < 0)
		fail_msg("%s", err.text);
	return strstr(finding.text, "SIGSYS");
}

static const struct deed deeds[] = {
	{ STEP_TYPE, SMALL_BYTES, BAR_BYTES },
	{ STEP_UNALIGNED, SMALL_BYTES, BAR_BYTES },
	{ STEP_SAVE, SMALL_BYTES, BAR_BYTES },
	{ STEP_QUIET, SMALL_BYTES, BAR_BYTES },
	{ STEP_UNALIGNED, SMALL_BYTES, RANGE_OFFSET + SMALL_BYTES / 2 },
	{ STEP_LIBC, MEDIUM_BYTES, BAR_BYTES },
	{ STEP_LIBC, LARGE_BYTES, BAR_BYTES },
};

/* How many there are at most: asked of one who adds them and no more. Those that not each step has are the last. */
static unsigned int count_rules(void)
{
	const struct jail_view views[3] = { { .fd = CHILD_UC }, { .fd = CHILD_WC }, { .fd = CHILD_SAVE } };
	unsigned int n = 0;
	int reply[2];
	pid_t pid;

	assert_int_equal(pipe(reply), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(reply[1], CHILD_REPLY);
		n_rules = 0;
		if (jail_shut(CHILD_REPLY, LIST, views, ELEMENTSOF(views), NULL) < 0 ||
		    write(CHILD_REPLY, &n_rules, sizeof(n_rules)) < 0)
			_exit(1);
		_exit(0);
	}
	close(reply[1]);
	assert_int_equal(read(reply[0], &n, sizeof(n)), sizeof(n));
	close(reply[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return n;
}

/* Without it something that a step does kills the child. */
static void each_rule_is_needed(void **state)
{
	const struct bench *bench = *state;
	unsigned int n;

	/* A sanitizer needs others, and some of these twice. */
	if (!arch_name || jail_talks)
		skip();
	n = count_rules();
	assert_true(n >= 10);
	for (size_t i = 0; i < ELEMENTSOF(deeds); i++)
		assert_false(dies_of_jail(bench, &deeds[i], 0));
	for (unsigned int left_out = 1; left_out <= n; left_out++) {
		size_t i = 0;

		while (i < ELEMENTSOF(deeds) && !dies_of_jail(bench, &deeds[i], left_out))
			i++;
		if (i == ELEMENTSOF(deeds))
			fail_msg("rule %u of %u: no step needs it", left_out, n);
	}
}

/* ---- a process in the jail that does one thing ---- */

static void go_to_jail(const struct bench *bench, int reply, bool is_shut)
{
	const int from[CHILD_FDS] = { [CHILD_REQUEST] = STDIN_FILENO,           [CHILD_REPLY] = reply,
		                      [CHILD_STDERR] = STDERR_FILENO,           [CHILD_WC] = fileno(bench->bar),
		                      [CHILD_UC] = fileno(bench->bar),          [CHILD_SAVE] = fileno(bench->save),
		                      [CHILD_MEMTYPES] = fileno(bench->list) };
	const struct jail_view views[] = { { CHILD_UC, RANGE_OFFSET, SMALL_BYTES },
		                           { CHILD_WC, RANGE_OFFSET, SMALL_BYTES },
		                           { CHILD_SAVE, 0, SMALL_BYTES } };
	int high[CHILD_FDS];

	for (int i = 0; i < CHILD_FDS; i++)
		high[i] = fcntl(from[i], F_DUPFD, 100);
	for (int i = 0; i < CHILD_FDS; i++)
		if (high[i] < 0 || dup2(high[i], i) < 0)
			_exit(9);
	if (jail_enter(CHILD_REPLY, CHILD_FDS, NULL) < 0 ||
	    (is_shut && jail_shut(CHILD_REPLY, CHILD_MEMTYPES, views, ELEMENTSOF(views), NULL) < 0))
		_exit(9);
}

/* How it ends that does this, waitpid(2)'s; what was not the end of it ends with status 0 or 1. */
static int end_of(const struct bench *bench, void (*deed)(const struct bench *, const long *), const long *arguments, bool is_shut)
{
	int reply[2], status = 0;
	pid_t pid;

	assert_int_equal(pipe(reply), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 1; i < 32; i++)
			signal(i, SIG_DFL); /* a sanitizer, or cmocka, makes an exit of a death */
		go_to_jail(bench, reply[1], is_shut);
		deed(bench, arguments);
		_exit(0);
	}
	close(reply[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(reply[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) > 1)
		fail_msg("no jail");
	return status;
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void call(const struct bench *bench, const long *a)
{
	(void)bench;
	syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
}

static bool is_among(const char *const names[], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/*
 * The kernel's own return from a probe that it has put into a program: no filter is asked (kernel/seccomp.c, the two
 * passthrough calls), and who was not led there by the kernel gets SIGILL or an error.
 */
static bool is_never_asked(long number)
{
#ifdef __x86_64__
	return number == 335 || number == 336;
#else
	return number < 0;
#endif
}

/* Each number that a system call has or may get kills, but for these; what has a condition is not met by zeros. */
static void each_other_call_kills(void **state)
{
	static const char *const listed[] = { "munmap", "brk", "rt_sigaction", "clock_gettime", "exit_group" };
	static const char *const talking[] = { "madvise", "mprotect", "sigaltstack", "futex", "getpid", "gettid", "getuid", "sched_yield",
		                               "tgkill", "prctl", "rt_sigprocmask", "rt_sigreturn", "ioctl" };
	unsigned int n_known = 0, n_let = 0;

	for (long number = 0; number < 600; number++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);
		bool is_listed = name && is_among(listed, ELEMENTSOF(listed), name);

		n_known += name != NULL;
		n_let += is_listed;
		is_listed |= name && jail_talks && is_among(talking, ELEMENTSOF(talking), name);
		if (!is_never_asked(number) && is_killed(end_of(*state, call, (const long[7]){ number }, true)) == is_listed)
			fail_msg("call %ld, %s: %s", number, name ?: "unknown", is_listed ? "kills" : "does not kill");
		free(name);
	}
	assert_int_equal(n_let, ELEMENTSOF(listed));
	assert_true(n_known > 250);
}

#define RW (PROT_READ | PROT_WRITE)
#define DATA (MAP_PRIVATE | MAP_ANONYMOUS)
#define TEXT ((long)(intptr_t)"x")

/* What has a condition: only where it is met. */
static void arguments(void **state)
{
	static char byte;
	const struct {
		const char *name;
		bool kills;
		long a[7];
	} rows[] = {
		{ "write: the reply", false, { SYS_write, CHILD_REPLY, TEXT, 1 } },
		{ "write: the request", true, { SYS_write, CHILD_REQUEST, TEXT, 1 } },
		/* Nothing, where it may: it can be a file, and a child may make none longer. */
		{ "write: standard error", !jail_talks, { SYS_write, CHILD_STDERR, TEXT, !jail_talks } },
		{ "write: the BAR", true, { SYS_write, CHILD_UC, TEXT, 1 } },
		{ "write: the copy", true, { SYS_write, CHILD_SAVE, TEXT, 1 } },
		{ "write: none", true, { SYS_write, -1, TEXT, 1 } },
		{ "pread: the list", false, { SYS_pread64, CHILD_MEMTYPES, (long)(intptr_t)&byte, 1, 0 } },
		{ "pread: the BAR", true, { SYS_pread64, CHILD_WC, (long)(intptr_t)&byte, 1, 0 } },
		{ "pread: the request", true, { SYS_pread64, CHILD_REQUEST, (long)(intptr_t)&byte, 1, 0 } },
		{ "mmap: the range, uncached", false, { SYS_mmap, 0, SMALL_BYTES, RW, MAP_SHARED, CHILD_UC, RANGE_OFFSET } },
		{ "mmap: the range, combined", false, { SYS_mmap, 0, SMALL_BYTES, RW, MAP_SHARED, CHILD_WC, RANGE_OFFSET } },
		{ "mmap: the copy", false, { SYS_mmap, 0, SMALL_BYTES, RW, MAP_SHARED, CHILD_SAVE, 0 } },
		{ "mmap: before the range", true, { SYS_mmap, 0, SMALL_BYTES, RW, MAP_SHARED, CHILD_UC, 0 } },
		{ "mmap: behind the range", true, { SYS_mmap, 0, SMALL_BYTES, RW, MAP_SHARED, CHILD_WC, RANGE_OFFSET + SMALL_BYTES } },
		{ "mmap: more than the range", true, { SYS_mmap, 0, 2 * SMALL_BYTES, RW, MAP_SHARED, CHILD_UC, RANGE_OFFSET } },
		{ "mmap: the range's length, wrapped", true,
		  { SYS_mmap, 0, SMALL_BYTES | 1L << 32, RW, MAP_SHARED, CHILD_UC, RANGE_OFFSET } },
		{ "mmap: more of the copy", true, { SYS_mmap, 0, 2 * SMALL_BYTES, RW, MAP_SHARED, CHILD_SAVE, 0 } },
		{ "mmap: the list", true, { SYS_mmap, 0, SMALL_BYTES, PROT_READ, MAP_SHARED, CHILD_MEMTYPES, 0 } },
		{ "mmap: code of the range", true, { SYS_mmap, 0, SMALL_BYTES, RW | PROT_EXEC, MAP_SHARED, CHILD_UC, RANGE_OFFSET } },
		{ "mmap: memory", false, { SYS_mmap, 0, SMALL_BYTES, RW, DATA, -1, 0 } },
		{ "mmap: code", true, { SYS_mmap, 0, SMALL_BYTES, RW | PROT_EXEC, DATA, -1, 0 } },
		{ "mmap: a file as if it was memory", true, { SYS_mmap, 0, 4096, RW, MAP_SHARED, CHILD_UC, 0 } },
#ifdef __x86_64__
		{ "another ABI's getpid", true, { SYS_getpid | 0x40000000 } },
#endif
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		int status = end_of(*state, call, rows[i].a, true);

		if (rows[i].kills ? !is_killed(status) : status != 0)
			fail_msg("%s: status 0x%x", rows[i].name, status);
	}
}

#ifdef __x86_64__
static void call_by_32_bits(const struct bench *bench, const long *arguments)
{
	long result = 20; /* getpid */

	(void)bench;
	(void)arguments;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
}
#endif

static void eat_memory(const struct bench *bench, const long *arguments)
{
	(void)bench;
	(void)arguments;
	for (int i = 0; i < 1024; i++)
		if (mmap(NULL, 1 << 20, RW, DATA, -1, 0) == MAP_FAILED)
			_exit(0);
	_exit(1);
}

/* A fault of another store than the one that is tried: its handler never comes back, for the jail does not let it. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	_exit(info->si_code == BUS_ADRERR ? 0 : 1);
}

static void fault_later(const struct bench *bench, const long *arguments)
{
	struct machine machine = { .window = { .uc = CHILD_UC, .wc = CHILD_WC, .offset = RANGE_OFFSET, .size_bytes = SMALL_BYTES } };
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct port port = port_machine(&machine);
	struct port_fault fault;

	(void)bench;
	(void)arguments;
	sigaction(SIGBUS, &action, NULL);
	if (port.ops->remap(&machine, WINDOW_UC) < 0)
		_exit(1);
	port.ops->try_store(&machine, 0, 8, 1, &fault);
	port.ops->store(&machine, SMALL_BYTES - 8, 8, 1);
	_exit(1);
}

static void deeds_in_jail(void **state)
{
	const struct bench *bench = *state;

#ifdef __x86_64__
	/* A kernel without them (CONFIG_IA32_EMULATION, ia32_emulation=0, some hosts of guests) ends who tries with a fault. */
	if (end_of(bench, call_by_32_bits, NULL, false) == 0)
		assert_true(is_killed(end_of(bench, call_by_32_bits, NULL, true)));
	else
		assert_true(WIFSIGNALED(end_of(bench, call_by_32_bits, NULL, true)));
#endif
	if (!jail_talks)
		assert_int_equal(end_of(bench, eat_memory, NULL, true), 0);
	if (!arch_name)
		skip();
	assert_int_equal(ftruncate(fileno(bench->bar), RANGE_OFFSET + SMALL_BYTES / 2), 0);
	assert_int_equal(end_of(bench, fault_later, NULL, true), 0);
	assert_int_equal(ftruncate(fileno(bench->bar), BAR_BYTES), 0);
}

/* Were the list of system calls not there: no path leads anywhere, for reading or writing, though all may read these. */
static void walk(const struct bench *bench, const long *arguments)
{
	(void)bench;
	(void)arguments;
	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES || open("/", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES ||
	    open("/proc/self/status", O_RDONLY) >= 0 || open("/dev/null", O_RDWR) >= 0 || open("/dev/zero", O_RDONLY) >= 0)
		_exit(1);
}

static void no_path(void **state)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	if (version <= 0)
		skip();
	assert_int_equal(end_of(*state, walk, NULL, false), 0);
}

/* ---- a real child at work, as the kernel sees it ---- */

static char *slurp(pid_t pid, const char *name)
{
	static char text[8192];
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "r");
	text[0] = '\n';
	text[file ? 1 + fread(text + 1, 1, sizeof(text) - 2, file) : 0] = '\0';
	if (file)
		fclose(file);
	return text;
}

/* Stopped in the midst of a step, of this helper's; or 0: it was over before. */
static pid_t stop_child(pid_t helper)
{
	char name[64];

	snprintf(name, sizeof(name), "task/%d/children", (int)helper);
	for (;;) {
		pid_t pid = (pid_t)strtol(slurp(helper, name), NULL, 10);

		if (waitpid(helper, NULL, WNOHANG) == helper)
			return 0;
		if (pid <= 0 || !strstr(slurp(pid, "status"), "\nSeccomp:\t2\n"))
			continue;
		kill(pid, SIGSTOP);
		while (strstr(slurp(pid, "status"), "\nState:\tR"))
			;
		if (strstr(slurp(pid, "status"), "\nState:\tT"))
			return pid;
	}
}

_Noreturn static void help(const struct bench *bench)
{
	struct runner runner = bench->runner;
	struct finding finding = { 0 };

	runner.request.range_size_bytes = LARGE_BYTES;
	runner.request.seed = SEED;
	if (runner_step(&runner, STEP_BACKGROUND, NULL, &finding) < 0)
		_exit(9);
	_exit(finding.outcome == OUTCOME_DIED && strstr(finding.text, "SIGKILL") ? 0 : 1);
}

static void has_line(const char *text, const char *line)
{
	char whole[128];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text, whole))
		fail_msg("no \"%s\" in %s", line, text);
}

/* Both numbers: what is forbidden cannot be raised again. */
static void has_limit(const char *text, const char *name, unsigned long soft, unsigned long hard)
{
	unsigned long is_soft = ~0UL, is_hard = ~0UL;
	const char *line = strstr(text, name);

	if (!line || sscanf(line + strlen(name), "%lu %lu", &is_soft, &is_hard) != 2 || is_soft != soft || is_hard != hard)
		fail_msg("%s: %lu %lu, expected %lu %lu", name, is_soft, is_hard, soft, hard);
}

/* Its descriptors are the request, the reply, and these files. */
static void check_descriptors(pid_t pid, const struct bench *bench)
{
	const int files[CHILD_FDS] = { [CHILD_WC] = fileno(bench->bar), [CHILD_UC] = fileno(bench->bar),
		                       [CHILD_SAVE] = fileno(bench->save) };
	struct stat is, want;
	char path[64];

	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		if ((stat(path, &is) == 0) != (fd < CHILD_MEMTYPES)) /* the last, which is for another step */
			fail_msg("descriptor %d", fd);
		if (fd >= CHILD_MEMTYPES || (fd == CHILD_STDERR && jail_talks))
			continue;
		if (fd <= CHILD_STDERR)
			assert_true(S_ISFIFO(is.st_mode));
		else
			assert_true(fstat(files[fd], &want) == 0 && is.st_dev == want.st_dev && is.st_ino == want.st_ino);
	}
}

static void check_child(pid_t pid, const struct bench *bench)
{
	static const char *const always[] = { "NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1", "CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
		                              "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000" };
	static const char *const of_root[] = { "CapBnd:\t0000000000000000", "Groups:\t ", "Uid:\t65534\t65534\t65534\t65534",
		                               "Gid:\t65534\t65534\t65534\t65534" };
	static const char *const nothing[] = { "Max core file size", "Max open files", "Max processes", "Max file size", "Max locked memory",
		                               "Max msgqueue size" };
	char *text = slurp(pid, "status");

	for (size_t i = 0; i < ELEMENTSOF(always); i++)
		has_line(text, always[i]);
	for (size_t i = 0; i < ELEMENTSOF(of_root) && geteuid() == 0; i++)
		has_line(text, of_root[i]);
	text = slurp(pid, "limits");
	for (size_t i = 0; i < ELEMENTSOF(nothing); i++)
		has_limit(text, nothing[i], 0, 0);
	has_limit(text, "Max cpu time", 120, 125);
	if (!jail_talks)
		has_limit(text, "Max address space", 256 << 20, 256 << 20);
	assert_int_equal(strlen(slurp(pid, "environ")), geteuid() == 0 ? 1 : 0);
	if (geteuid() == 0)
		check_descriptors(pid, bench);
}

static void at_work(void **state)
{
	const struct bench *bench = *state;
	pid_t child = 0, helper = 0;
	int status = 0;

	if (!arch_name)
		skip();
	/* Whoever was done before it could be stopped gives way to another. */
	for (unsigned int i = 0; i < 100 && !child; i++) {
		helper = fork();
		assert_true(helper >= 0);
		if (helper == 0)
			help(bench);
		child = stop_child(helper);
	}
	assert_true(child > 0);
	check_child(child, bench);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	assert_int_equal(status, 0);
}

/* Who has children in jails is root still, and may what a probe needs: in a process of its own, for it is for good. */
static void keeps(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();

	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = { 0 };
		unsigned long long may = 0, most = 0, ever = 0;
		char line[256];

		if (jail_keep(&err) < 0)
			_exit(1);

		FILE *file = fopen("/proc/self/status", "re");

		while (file && fgets(line, sizeof(line), file)) {
			(void)sscanf(line, "CapEff: %llx", &may);
			(void)sscanf(line, "CapPrm: %llx", &most);
			(void)sscanf(line, "CapBnd: %llx", &ever);
		}
		/* chown, dac_override, dac_read_search, fowner, kill, setgid, setuid, setpcap; sys_rawio, sys_ptrace, sys_admin: what this process had of them */
		_exit(may & ~0x2a01efull || most & ~0x2a01efull || ever & ~0x2a01efull || !may ? 2 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Where one is missing without which a child could not be jailed, or ended, nothing is begun. */
static void keeps_what_it_must(void **state)
{
	static const struct {
		unsigned int capability;
		const char *name; /* NULL: it may be missing */
	} rows[] = { { CAP_SETPCAP, "setpcap" }, { CAP_SETUID, "setuid" }, { CAP_SETGID, "setgid" }, { CAP_KILL, "kill" }, { CAP_SYS_PTRACE, NULL } };

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			struct err err = { 0 };
			int r = capng_get_caps_process();

			if (r == 0)
				r = capng_update(CAPNG_DROP, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED), rows[i].capability);
			if (r == 0)
				r = capng_apply(CAPNG_SELECT_CAPS);
			if (r < 0)
				_exit(1);
			r = jail_keep(&err);
			_exit(rows[i].name ? r != -EPERM || strcmp(err.id, "no-jail") != 0 || !strstr(err.text, rows[i].name) : r != 0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			fail_msg("capability %u: status %x", rows[i].capability, (unsigned int)status);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_needed),
		cmocka_unit_test(each_other_call_kills),
		cmocka_unit_test(arguments),
		cmocka_unit_test(deeds_in_jail),
		cmocka_unit_test(no_path),
		cmocka_unit_test(at_work),
		cmocka_unit_test(keeps),
		cmocka_unit_test(keeps_what_it_must),
	};

	if (argc == 2 && !strcmp(argv[1], RUNNER_CHILD_ARG))
		be_child();
	return cmocka_run_group_tests_name("jail", tests, setup, teardown);
}
