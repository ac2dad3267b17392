/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child: the other side of the runner: reads its request, jails itself, runs one microtest, answers, ends. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/arch.h"
#include "act/jail.h"
#include "act/patterns.h"
#include "act/peer.h"
#include "act/reply.h"
#include "base/cleanup.h"

/* What the handler of a deadly signal must reach. */
static struct step_reply reply;
static struct series_reply series;
static bool wants_series;
static struct machine machine;
static struct peer peer;

_Noreturn static void answer(void)
{
	if (write(CHILD_REPLY, &reply, sizeof(reply)) != (ssize_t)sizeof(reply))
		_exit(1);
	if (reply.outcome != OUTCOME_PASS)
		series = (struct series_reply){ .magic = series.magic, .version = series.version, .insn = series.insn };
	if (wants_series && write(CHILD_REPLY, &series, sizeof(series)) != (ssize_t)sizeof(series))
		_exit(1);
	_exit(0);
}

/* The instruction that this child is about; NULL: none. */
static const struct insn *insn;

/*
 * A pattern that says "unsupported" before it has finished means: should this be the last store, it is one that the CPU
 * does not have, or, where the manual makes it depend on the memory type, one that this memory does not take.
 */
static bool is_refusal(int signal)
{
	return insn && reply.outcome == OUTCOME_UNSUPPORTED &&
	       (signal == SIGILL || (signal == SIGBUS && insn->flags & INSN_DIRECT));
}

/*
 * Signals here come from an access of our own, or from one of memset or memcpy, which hold nothing: formatting is safe. A
 * second one, in here, kills for good (the handler is gone after the first).
 */
static void on_death(int signal, siginfo_t *info, void *context __attribute__((unused)))
{
	uint64_t offset = (uint64_t)(uintptr_t)info->si_addr - (uint64_t)(uintptr_t)machine.window.at;
	bool is_inside = machine.window.at && offset < machine.window.size_bytes;
	const char *kind = machine.window.kind == WINDOW_WC ? "write-combined" : "uncached";

	reply.n_numbers = 0;
	reply_number(&reply, "signal", signal);
	reply_number(&reply, "si_code", info->si_code);
	if (is_refusal(signal))
		answer();
	if (is_inside) {
		reply_number(&reply, "fault_offset", (double)offset);
		reply_say(&reply, OUTCOME_DIED, "died of %s (code %d), at offset 0x%llx of the %s range",
		          signal_story(signal), info->si_code, (unsigned long long)offset, kind);
	} else {
		reply_say(&reply, OUTCOME_DIED, "died of %s (code %d)", signal_story(signal), info->si_code);
	}
	answer();
}

static void catch_deaths(void)
{
	static const int deadly[] = { SIGBUS, SIGSEGV, SIGILL, SIGTRAP };
	struct sigaction action = { .sa_sigaction = on_death, .sa_flags = SA_SIGINFO | (int)SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
}

/* Exactly one request, and nothing behind it. */
static int read_request(struct step_request *ret)
{
	unsigned char data[sizeof(*ret) + 1];
	size_t used = 0;

	while (used < sizeof(data)) {
		ssize_t got = read(CHILD_REQUEST, data + used, sizeof(data) - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_last();
		if (got == 0)
			break;
		used += (size_t)got;
	}
	if (used != sizeof(*ret))
		return -EINVAL;
	memcpy(ret, data, sizeof(*ret));
	return request_check(ret, NULL);
}

/*
 * A measurement must not wander; the parent has narrowed the choice already, if it had one. *ret_others: what it left
 * beside this CPU.
 */
static void stay_here(cpu_set_t *ret_others)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(ret_others);
	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(*ret_others), ret_others) < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned int)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		CPU_CLR((unsigned int)cpu, ret_others);
	else
		CPU_ZERO(ret_others);
}

/* The range of both files, and its copy; no other page of the BAR. list -1: there is none. */
static int shut_jail(int list, struct err *err)
{
	struct jail_view views[] = { { .fd = CHILD_UC }, { .fd = CHILD_WC }, { CHILD_SAVE, 0, machine.window.size_bytes } };

	for (unsigned int i = 0; i < 2; i++)
		window_pages(&machine.window, &views[i].offset, &views[i].size_bytes);
	return jail_shut(CHILD_REPLY, list, views, ELEMENTSOF(views), err);
}

/* The peer comes when privileges are gone, for they are a thread's own, and before no thread can come any more. */
static int enter_jail(enum step step, int list, struct err *err)
{
	cpu_set_t others;
	int r;

	stay_here(&others);
	catch_deaths();
	r = jail_enter(CHILD_REPLY, CHILD_FDS, err);
	if (r < 0)
		return r;
	r = peer_steps[step] ? peer_start(&peer, &others) : -ENODEV;
	/* Without a second CPU the microtest says what it could not do. */
	if (r < 0 && r != -ENODEV)
		return err_errno(err, r, "no-jail", "the second CPU");
	machine.peer = r == 0 ? &peer : NULL;
	return shut_jail(list, err);
}

static bool has_room(uint64_t size_bytes)
{
	struct stat st;

	return fstat(CHILD_SAVE, &st) == 0 && st.st_size >= 0 && (uint64_t)st.st_size >= size_bytes;
}

static bool is_open(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0;
}

_Noreturn void runner_child(void)
{
	struct step_request request;
	struct err err = { 0 };

	/* Started by hand, or by something that is not our parent: nothing to say, and nobody to say it to. */
	if (read_request(&request) < 0)
		_exit(2);
	reply = (struct step_reply){ .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .step = request.step };
	series = (struct series_reply){ .magic = RUNNER_MAGIC, .version = RUNNER_VERSION, .insn = request.insn };
	wants_series = request_wants_series(&request);
	machine = (struct machine){
		.window = { .uc = is_open(CHILD_UC) ? CHILD_UC : -1,
		            .wc = is_open(CHILD_WC) ? CHILD_WC : -1,
		            .offset = request.range_offset,
		            .size_bytes = request.range_size_bytes },
	};

	struct trial trial = {
		.address = request.bar_base + request.range_offset,
		.size_bytes = request.range_size_bytes,
		.seed = request.seed,
		.is_virtual = request.is_virtual,
		/* Where an emulator's bus combines nothing, repetition proves nothing either. */
		.thinning = request.is_virtual ? 16 : 1,
		.insn = request.insn == RUNNER_NO_INSN ? NULL : &arch_insns[request.insn],
		.save = CHILD_SAVE,
		.memtypes = is_open(CHILD_MEMTYPES) ? CHILD_MEMTYPES : -1,
		.reply = &reply,
		.series = wants_series ? &series : NULL,
		.bench_streams = request.bench_streams,
		.bench_size_bytes = request.bench_size_bytes,
	};

	insn = trial.insn;
	memcpy(trial.ceiling_mbps, request.ceiling_mbps, sizeof(trial.ceiling_mbps));
	if (!arch_name || !patterns[request.step])
		reply_say(&reply, OUTCOME_UNSUPPORTED,
		          "the stores and barriers of this architecture are not known: pciwc refuses to probe on it");
	else if (!has_room(request.range_size_bytes))
		reply_say(&reply, OUTCOME_SKIPPED, "there is no copy, or too short a one, to keep the contents in");
	else if (enter_jail(request.step, trial.memtypes, &err) < 0)
		reply_say(&reply, OUTCOME_SKIPPED, "no jail, nothing touched: %.200s", err.text);
	else {
		trial.port = port_machine(&machine);
		patterns[request.step](&trial);
	}
	answer();
}
