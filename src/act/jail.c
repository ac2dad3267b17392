/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail: the only user of libcap-ng and libseccomp. */
#include "act/jail.h"

#include <cap-ng.h>
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifdef __has_feature
#define CLANG_ASAN __has_feature(address_sanitizer)
#else
#define CLANG_ASAN 0
#endif
#if defined(__SANITIZE_ADDRESS__) || CLANG_ASAN
#define TALKS true
#else
#define TALKS false
#endif
const bool jail_talks = TALKS;

/* The kernel's overflow id, which "nobody" is everywhere; asking the user database would open files. */
#define NOBODY 65534

/* A bundle of the greatest size, 16 MiB, has some 70,000 entries, which take 420 MiB as JSON and as structs. */
#define PARSE_MEMORY_BYTES ((rlim_t)1 << 30)
#define PARSE_CPU_S 30
#define CPU_GRACE_S 5
#define PARSE_OUTPUT_BYTES 4096

/* A microtest maps at most twice 4 MiB; a stray loop must not take the host's memory. */
#define MEMORY_BYTES ((rlim_t)256 << 20)
/* Above every deadline: for a child whose parent cannot kill it. */
#define CPU_S 120

int jail_keep(struct err *err)
{
	static const unsigned int needed[] = {
		CAP_SETPCAP, CAP_SETUID, CAP_SETGID, /* a child gives up all */
		CAP_KILL,                            /* and is nobody's when it is ended */
		CAP_SYS_ADMIN,                       /* addresses of /proc/iomem; configuration space behind its first 64 bytes */
		CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, /* what others map, and have open */
		CAP_DAC_OVERRIDE, CAP_SYS_RAWIO,     /* a VFIO group that was given to somebody; one without an IOMMU */
		CAP_CHOWN, CAP_FOWNER,               /* a grant; a file that somebody else gave away */
	};
	enum { MUST = 4 }; /* so many of them: or no child could be let do anything */
	bool has[ELEMENTSOF(needed)];
	int r = 0;

	if (capng_get_caps_process() < 0)
		return err_set(err, -EPERM, "no-jail", "which capabilities there are cannot be read");
	for (size_t i = 0; i < ELEMENTSOF(needed); i++) {
		has[i] = capng_have_capability(CAPNG_PERMITTED, needed[i]);
		if (!has[i] && i < MUST && geteuid() == 0)
			return err_set(err, -EPERM, "no-jail", "the capability %s is missing: a child could not be jailed, or not be ended",
			               capng_capability_to_name(needed[i]));
	}
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(needed); i++)
		if (has[i])
			r = capng_update(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET), needed[i]);
	/* Whoever may not take from the bounding set was given no more than it has. */
	if (r == 0)
		r = capng_apply(has[0] ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
	return r < 0 ? err_set(err, -EPERM, "no-jail", "cannot drop capabilities (libcap-ng says %d)", r) : 0;
}

static int drop_privileges(struct err *err)
{
	bool was_root = geteuid() == 0 || getuid() == 0;
	int r;

	capng_clear(CAPNG_SELECT_BOTH);
	if (was_root) {
		/* All in the order that works: bounding set, groups, user, then the capabilities that did it. */
		r = capng_change_id(NOBODY, NOBODY, (capng_flags_t)(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING));
		if (r < 0)
			return err_set(err, -EPERM, "no-jail", "cannot become nobody (libcap-ng says %d)", r);
		if (getuid() != NOBODY || geteuid() != NOBODY || getgid() != NOBODY || getegid() != NOBODY)
			return err_set(err, -EPERM, "no-jail", "cannot become nobody");
	} else {
		/* Without the right to it the bounding set stays; no_new_privs makes it worthless. */
		r = capng_apply(CAPNG_SELECT_CAPS);
		if (r < 0)
			return err_set(err, -EPERM, "no-jail", "cannot drop capabilities (libcap-ng says %d)", r);
	}
	if (capng_get_caps_process() < 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return err_set(err, -EPERM, "no-jail", "capabilities are left");
	return 0;
}

/*
 * Landlock, the line behind the list of system calls: no path leads anywhere, no port, and no signal to others. A kernel
 * without it, or that knows less of it, has the list alone. Each version of it (landlock_create_ruleset(2)) knows more:
 */
static int forbid_paths(struct err *err)
{
	/* include/uapi/linux/landlock.h: a file's rights, TCP's, abstract sockets and signals. */
	static const struct rights {
		uint64_t fs, net, scope;
	} by_version[] = { { 0x1fff, 0, 0 }, { 0x3fff, 0, 0 }, { 0x7fff, 0, 0 }, { 0x7fff, 3, 0 }, { 0xffff, 3, 0 }, { 0xffff, 3, 3 } };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u /* the version */);
	int rules, r = 0;

	if (version <= 0)
		return 0;
	if (version > (long)ELEMENTSOF(by_version))
		version = ELEMENTSOF(by_version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &by_version[version - 1], sizeof(by_version[0]), 0);
	if (rules < 0 || syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = err_errno(err, -errno, "no-jail", "cannot forbid paths");
	if (rules >= 0)
		close(rules);
	return r;
}

/* For good: what is open above the first_fd-th, privileges, and being looked into. */
static int renounce(unsigned int first_fd, struct err *err)
{
	int r;

	if (syscall(SYS_close_range, first_fd, ~0U, 0) < 0)
		return err_errno(err, -errno, "no-jail", "cannot close other descriptors");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(err, -errno, "no-jail", "cannot renounce new privileges");
	r = drop_privileges(err);
	if (r == 0)
		r = forbid_paths(err);
	if (r < 0)
		return r;
	/* A change of user has taken back what was set before. */
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_errno(err, -errno, "no-jail", "cannot forbid to be looked into") : 0;
}

static int tie_to_parent(int reply, struct err *err)
{
	struct pollfd end = { .fd = reply };

	/* A change of user would take it back. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(err, -errno, "no-jail", "cannot tie the child to its parent");
	/* Only the parent has the other end: without a reader it died before it could be heard of. */
	if (poll(&end, 1, 0) > 0 && end.revents & (POLLERR | POLLNVAL))
		return err_set(err, -ESRCH, "no-jail", "the parent is gone");
	return 0;
}

/*
 * Calls without a condition on their arguments; tests/unit/test-jail shows of each of a child's and a holder's what does
 * not work without it.
 */
static const int allowed[] = {
	SCMP_SYS(munmap),
	SCMP_SYS(brk),
	SCMP_SYS(rt_sigaction),  /* catches the unaligned store's signal, and no longer */
	SCMP_SYS(clock_gettime), /* where the clock is not readable without a call */
	SCMP_SYS(exit_group),
};

/* Who only holds what it has mapped waits, also after it was stopped, looks whether it is still there, and ends. */
static const int allowed_holding[] = {
#ifdef __NR_poll
	SCMP_SYS(poll),
#else
	SCMP_SYS(ppoll),
#endif
	SCMP_SYS(restart_syscall), SCMP_SYS(exit_group),
};

static const int allowed_talking[] = {
	SCMP_SYS(madvise),     SCMP_SYS(mprotect), SCMP_SYS(sigaltstack), SCMP_SYS(futex),  SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(sched_yield), SCMP_SYS(tgkill),   SCMP_SYS(prctl),       SCMP_SYS(munmap), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(ioctl), /* whether standard error is a terminal */
};

/* What a parser's memory needs beside these, and a hash its seed. */
static const int allowed_parsing[] = { SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(getrandom), SCMP_SYS(futex) };

/* What one kind of jailed process may do. */
struct leave {
	const int *calls, *more;
	size_t n_calls, n_more;
	bool has_memory; /* it may take more, and give it back */
	uint32_t other;  /* what any other call does */
	rlim_t descriptors, file_bytes, cpu_s, memory_bytes;
};

#define CALLS(list) .calls = (list), .n_calls = ELEMENTSOF(list)
#define MORE(list) .more = (list), .n_more = ELEMENTSOF(list)

static const struct leave leave_of_child = {
	CALLS(allowed), .has_memory = true, .other = SCMP_ACT_KILL_PROCESS, .cpu_s = CPU_S, .memory_bytes = MEMORY_BYTES,
};
/* An error is an answer that every C library knows; what it may ask for beside memory differs. */
static const struct leave leave_of_parser = {
	CALLS(allowed), MORE(allowed_parsing), .has_memory = true, .other = SCMP_ACT_ERRNO(EPERM),
	.file_bytes = PARSE_OUTPUT_BYTES, .cpu_s = PARSE_CPU_S, .memory_bytes = PARSE_MEMORY_BYTES,
};
/*
 * It lives as long as its device is pinned, and has whole BARs mapped, of any size, when it is shut: what it may not call
 * cannot take more. poll(2) takes no more descriptors than may be opened.
 */
static const struct leave leave_of_holder = {
	CALLS(allowed_holding), .has_memory = TALKS, .other = SCMP_ACT_KILL_PROCESS,
	.descriptors = 1, .cpu_s = RLIM_INFINITY, .memory_bytes = RLIM_INFINITY,
};

/* The descriptors that one process may use. */
struct use {
	int reply, list;
	const struct jail_view *views;
	size_t n_views;
};

static int set_limits(const struct leave *leave, struct err *err)
{
	const struct {
		__rlimit_resource_t what;
		rlim_t value;
		bool talks; /* holds for a sanitizer's build too */
	} limits[] = {
		{ RLIMIT_CORE, 0, true },
		{ RLIMIT_NOFILE, leave->descriptors, true }, /* what is open stays open */
		{ RLIMIT_NPROC, 0, true },
		{ RLIMIT_FSIZE, leave->file_bytes, true },
		{ RLIMIT_MEMLOCK, 0, true },
		{ RLIMIT_MSGQUEUE, 0, true },
		{ RLIMIT_CPU, leave->cpu_s, true },
		{ RLIMIT_AS, leave->memory_bytes, false }, /* a sanitizer's shadow is terabytes */
	};

	for (unsigned int i = 0; i < ELEMENTSOF(limits); i++) {
		/* SIGXCPU comes first: SIGKILL would not say whether it was this limit, or somebody else. */
		rlim_t grace = limits[i].what == RLIMIT_CPU ? CPU_GRACE_S : 0;
		struct rlimit limit = { .rlim_cur = limits[i].value, .rlim_max = limits[i].value + grace };

		if ((jail_talks && !limits[i].talks) || limits[i].value == RLIM_INFINITY)
			continue;
		if (setrlimit(limits[i].what, &limit) < 0)
			return err_errno(err, -errno, "no-jail", "cannot set resource limit %d", (int)limits[i].what);
	}
	return 0;
}

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/* The same call for one descriptor alone. */
static int allow_of(scmp_filter_ctx filter, int call, int fd)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)fd));
}

/* Never to be executed: memory of no file, or exactly these bytes of one. */
static int allow_maps(scmp_filter_ctx filter, const struct leave *leave, const struct use *use)
{
	const struct scmp_arg_cmp is_data = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = 0;

	if (leave->has_memory)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, is_data,
		                     SCMP_A4(SCMP_CMP_MASKED_EQ, UINT32_MAX, UINT32_MAX));
	for (size_t i = 0; i < use->n_views && r >= 0; i++) {
		const struct jail_view *view = &use->views[i];

		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 4, is_data,
		                     SCMP_A4(SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)view->fd),
		                     SCMP_A1(SCMP_CMP_EQ, view->size_bytes, 0), SCMP_A5(SCMP_CMP_EQ, view->offset, 0));
	}
	return r;
}

static int add_rules(scmp_filter_ctx filter, const struct leave *leave, const struct use *use)
{
	int r = allow(filter, leave->calls, leave->n_calls);

	if (r >= 0)
		r = allow(filter, leave->more, leave->n_more);
	if (r >= 0)
		r = allow_of(filter, SCMP_SYS(write), use->reply);
	if (r >= 0)
		r = allow_maps(filter, leave, use);
	if (r >= 0 && use->list >= 0)
		r = allow_of(filter, SCMP_SYS(pread64), use->list);
	if (r >= 0 && jail_talks)
		r = allow(filter, allowed_talking, ELEMENTSOF(allowed_talking));
	if (r >= 0 && jail_talks)
		r = allow_of(filter, SCMP_SYS(write), STDERR_FILENO);
	return r;
}

static int forbid_calls(const struct leave *leave, const struct use *use, struct err *err)
{
	scmp_filter_ctx filter = seccomp_init(leave->other);
	int r;

	if (!filter)
		return err_set(err, -ENOMEM, "no-jail", "no memory for the list of system calls");
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r >= 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r >= 0)
		r = add_rules(filter, leave, use);
	if (r >= 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r < 0 ? err_errno(err, r, "no-jail", "cannot forbid system calls") : 0;
}

static int shut(const struct leave *leave, const struct use *use, struct err *err)
{
	int r = set_limits(leave, err);

	return r < 0 ? r : forbid_calls(leave, use, err);
}

int jail_enter(int reply, unsigned int first_fd, struct err *err)
{
	int r = renounce(first_fd, err);

	return r < 0 ? r : tie_to_parent(reply, err);
}

int jail_shut(int reply, int list, const struct jail_view views[], size_t n_views, struct err *err)
{
	return shut(&leave_of_child, &(struct use){ reply, list, views, n_views }, err);
}

int jail_parse(int reply, struct err *err)
{
	return shut(&leave_of_parser, &(struct use){ .reply = reply, .list = -1 }, err);
}

int jail_hold(int reply, int list, unsigned int first_fd, struct err *err)
{
	int r = renounce(first_fd, err);

	return r < 0 ? r : shut(&leave_of_holder, &(struct use){ .reply = reply, .list = list }, err);
}
