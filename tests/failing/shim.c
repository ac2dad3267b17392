/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shim: preloaded into pciwc, lets the n-th call of one kind fail, once, between the start and the end of main.
 *
 * Memory is asked for through malloc(3) and its like, which this file stands before. All other kinds are system calls:
 * a filter traps those that libc makes, so that the calls inside stdio and readdir count, too, and those of a sanitizer
 * do not; the handler of the signal does what was asked for, or gives the errno back.
 *
 *   FAIL_CALL    the kind: alloc, or one of the table below
 *   FAIL_AT      which of them fails, from 1; 0: none
 *   FAIL_ERRNO   with what
 *   FAIL_LOG     a file that gets a line a call, "NEAR WHOLE": hashes of the stack's innermost frames, and of all, which
 *                are equal where calls are made in the same way
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define CALLS_MAX (1 << 20)
#define STACK_MAX 48
#define NEAR 7 /* frames, the shim's own not counted */
#define NUMBERS_MAX 8

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "no system calls are known of this architecture"
#endif

/* A call of an older name that this architecture does not have is -1, which no call is. */
#ifndef SYS_open
#define SYS_open -1
#define SYS_mkdir -1
#define SYS_unlink -1
#define SYS_rename -1
#define SYS_chmod -1
#define SYS_chown -1
#define SYS_fork -1
#define SYS_vfork -1
#define SYS_readlink -1
#define SYS_stat -1
#define SYS_lstat -1
#define SYS_access -1
#endif

static const struct {
	const char *name;
	long numbers[NUMBERS_MAX]; /* 0 behind the last: read(2) of x86 is always the first */
} kinds[] = {
	{ "open", { SYS_openat, SYS_openat2, SYS_open } },
	{ "read", { SYS_read, SYS_pread64, SYS_getdents64, SYS_readlinkat, SYS_readlink } },
	{ "stat", { SYS_newfstatat, SYS_fstat, SYS_statx, SYS_faccessat, SYS_faccessat2, SYS_stat, SYS_lstat, SYS_access } },
	{ "write", { SYS_write, SYS_pwrite64, SYS_writev } },
	{ "sync", { SYS_fsync, SYS_fdatasync } },
	{ "rename", { SYS_renameat, SYS_renameat2, SYS_rename } },
	{ "mkdir", { SYS_mkdirat, SYS_mkdir } },
	{ "unlink", { SYS_unlinkat, SYS_unlink } },
	{ "chmod", { SYS_fchmod, SYS_fchmodat, SYS_chmod } },
	{ "chown", { SYS_fchownat, SYS_fchown, SYS_chown } },
	{ "lock", { SYS_flock, SYS_fcntl } },
	{ "mmap", { SYS_mmap } },
	{ "fork", { SYS_clone, SYS_clone3, SYS_fork, SYS_vfork } },
	{ "ioctl", { SYS_ioctl } },
};

static const char *kind;
static int (*real_main)(int, char **, char **);
static unsigned long at, calls;
static int with_errno;
static const char *log_name;
static volatile int is_armed, is_inside;
static Dl_info own; /* this file, in memory */
static struct made {
	uint64_t near, whole;
} *made;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);

static void die(const char *why)
{
	fprintf(stderr, "shim: %s\n", why);
	_exit(99);
}

/* ---- counting ---- */

/* Places in the program and its libraries, wherever they were loaded. */
static struct made hash_stack(void)
{
	void *stack[STACK_MAX];
	int n = backtrace(stack, STACK_MAX), counted = 0;
	struct made hash = { 0, 0xcbf29ce484222325 };

	for (int i = 0; i < n; i++) {
		Dl_info info;

		if (!dladdr(stack[i], &info) || info.dli_fbase == own.dli_fbase)
			continue;
		hash.whole = (hash.whole ^ ((uintptr_t)stack[i] - (uintptr_t)info.dli_fbase)) * 0x100000001b3;
		hash.whole ^= hash.whole >> 29;
		if (++counted <= NEAR)
			hash.near = hash.whole;
	}
	return hash;
}

/* Whether this call is the one that fails. */
static int count(void)
{
	if (!is_armed || is_inside)
		return 0;
	is_inside = 1;
	calls++;
	if (made && calls <= CALLS_MAX)
		made[calls - 1] = hash_stack();
	is_inside = 0;
	return calls == at;
}

/* ---- memory ---- */

static void find_real(void)
{
	if (real_malloc)
		return;
	real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
}

static int is_refused(void)
{
	find_real();
	if (!kind || strcmp(kind, "alloc") != 0 || !count())
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return is_refused() ? NULL : real_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return is_refused() ? NULL : real_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

/*
 * json-c's parser, up to 0.16, does not look at its copy of a key, and reads what a null pointer points to: nobody can stand between. It
 * is the only call that never fails here.
 */
static int is_key_of_json_c(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) && info.dli_sname && !strcmp(info.dli_sname, "json_tokener_parse_ex");
}

static char *copy(const char *text, size_t n, int may_fail)
{
	char *to;

	find_real();
	to = may_fail ? malloc(n + 1) : real_malloc(n + 1);
	if (!to)
		return NULL;
	to[n] = '\0';
	return memcpy(to, text, n);
}

/* A sanitizer's strdup takes memory behind malloc's back. */
char *strndup(const char *text, size_t max)
{
	return copy(text, strnlen(text, max), 1);
}

char *strdup(const char *text)
{
	return copy(text, strlen(text), !kind || !is_key_of_json_c(__builtin_return_address(0)));
}

/* ---- system calls ---- */

static long raw_call(long number, const long a[6])
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a[0];
	register long x1 __asm__("x1") = a[1];
	register long x2 __asm__("x2") = a[2];
	register long x3 __asm__("x3") = a[3];
	register long x4 __asm__("x4") = a[4];
	register long x5 __asm__("x5") = a[5];

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

/* fcntl(2) counts where it locks only: its other uses are of those who count descriptors. */
static void on_trap(int signal, siginfo_t *info, void *context)
{
	mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
	int saved = errno;
	long number = info->si_syscall, result;
#if defined(__x86_64__)
	const long a[6] = { m->gregs[REG_RDI], m->gregs[REG_RSI], m->gregs[REG_RDX],
		            m->gregs[REG_R10], m->gregs[REG_R8],  m->gregs[REG_R9] };
#else
	const long a[6] = { (long)m->regs[0], (long)m->regs[1], (long)m->regs[2],
		            (long)m->regs[3], (long)m->regs[4], (long)m->regs[5] };
#endif
	int is_counted = number != SYS_fcntl || a[1] == F_SETLK || a[1] == F_SETLKW;

	(void)signal;
	result = is_counted && count() ? -with_errno : raw_call(number, a);
	errno = saved;
#if defined(__x86_64__)
	m->gregs[REG_RAX] = result;
#else
	m->regs[0] = (unsigned long long)result;
#endif
}

struct text {
	uintptr_t start, end;
};

/* The executable part of the libc: of whoever has "libc.so" in its name. */
static int find_libc(struct dl_phdr_info *info, size_t size, void *data)
{
	struct text *text = data;

	(void)size;
	if (!strstr(info->dlpi_name, "/libc.so"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X)) {
			text->start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			text->end = text->start + info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, field)
#define JUMP(how, value, yes, no) BPF_JUMP(BPF_JMP | (how) | BPF_K, value, yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define PLACE offsetof(struct seccomp_data, instruction_pointer)

static void trap(const long *numbers)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART };
	struct text text = { 0 };
	struct sock_filter filter[NUMBERS_MAX + 16];
	unsigned short n = 0;
	unsigned char listed = 0;

	dl_iterate_phdr(find_libc, &text);
	if (!text.end)
		die("no libc.so is loaded");
	while (listed < NUMBERS_MAX && (!listed || numbers[listed]))
		listed++;
	filter[n++] = (struct sock_filter)LOAD(offsetof(struct seccomp_data, arch));
	filter[n++] = (struct sock_filter)JUMP(BPF_JEQ, ARCH, 1, 0);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	filter[n++] = (struct sock_filter)LOAD(offsetof(struct seccomp_data, nr));
	for (unsigned char i = 0; i < listed; i++)
		filter[n++] = (struct sock_filter)JUMP(BPF_JEQ, (uint32_t)numbers[i], (uint8_t)(listed - i), 0);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	/* start <= place < end, in halves */
	filter[n++] = (struct sock_filter)LOAD(PLACE + 4);
	filter[n++] = (struct sock_filter)JUMP(BPF_JGE, (uint32_t)(text.start >> 32), 0, 8);
	filter[n++] = (struct sock_filter)JUMP(BPF_JGT, (uint32_t)(text.end >> 32), 7, 0);
	filter[n++] = (struct sock_filter)JUMP(BPF_JEQ, (uint32_t)(text.start >> 32), 0, 2);
	filter[n++] = (struct sock_filter)LOAD(PLACE);
	filter[n++] = (struct sock_filter)JUMP(BPF_JGE, (uint32_t)text.start, 0, 4);
	filter[n++] = (struct sock_filter)LOAD(PLACE + 4);
	filter[n++] = (struct sock_filter)JUMP(BPF_JEQ, (uint32_t)(text.end >> 32), 0, 3);
	filter[n++] = (struct sock_filter)LOAD(PLACE);
	filter[n++] = (struct sock_filter)JUMP(BPF_JGE, (uint32_t)text.end, 0, 1);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_TRAP);

	struct sock_fprog program = { .len = n, .filter = filter };

	if (sigaction(SIGSYS, &action, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die("no filter of system calls");
}

/* ---- around main ---- */

static void arm(void)
{
	const char *text;
	void *warm[2];
	size_t i;

	kind = getenv("FAIL_CALL");
	if (!kind)
		return;
	text = getenv("FAIL_AT");
	at = text ? strtoul(text, NULL, 10) : 0;
	text = getenv("FAIL_ERRNO");
	with_errno = text ? atoi(text) : EIO;
	log_name = getenv("FAIL_LOG");
	/* The unwinder loads its library when it is first used. */
	if (log_name) {
		backtrace(warm, 2);
		dladdr(&own, &own);
		made = real_calloc(CALLS_MAX, sizeof(*made));
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[i].name, kind) != 0; i++)
		;
	if (i < sizeof(kinds) / sizeof(kinds[0]))
		trap(kinds[i].numbers);
	else if (strcmp(kind, "alloc") != 0)
		die("no such kind of call");
	is_armed = 1;
}

static void disarm(void)
{
	FILE *log;

	if (!kind)
		return;
	is_armed = 0;
	if (!log_name)
		return;
	log = fopen(log_name, "we");
	if (!log)
		die("no log");
	for (unsigned long i = 0; i < calls && i < CALLS_MAX; i++)
		fprintf(log, "%016llx %016llx\n", (unsigned long long)made[i].near, (unsigned long long)made[i].whole);
	fclose(log);
	free(made);
}

static int armed_main(int argc, char **argv, char **envp)
{
	int r;

	arm();
	r = real_main(argc, argv, envp);
	disarm();
	return r;
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end)
{
	typedef int start(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

	find_real();
	real_main = main;
	return ((start *)dlsym(RTLD_NEXT, "__libc_start_main"))(armed_main, argc, argv, init, fini, rtld_fini, stack_end);
}
