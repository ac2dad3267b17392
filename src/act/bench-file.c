/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-file: which files may be benched, and the benchmark on one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "act/arch.h"
#include "act/bench-run.h"
#include "act/interrupt.h"
#include "act/probe-open.h"
#include "base/cleanup.h"
#include "base/log.h"

/* Names that older kernel headers lack. */
#define MAGIC_XFS 0x58465342
#define MAGIC_ZFS 0x2fc12fc1
#define MAGIC_BCACHEFS 0xca451a4e

/* Their files hold data. A BAR, a register or a setting is a regular file, too: in sysfs, procfs and their like. */
static const uint32_t plain[] = {
	EXT4_SUPER_MAGIC, MAGIC_XFS, BTRFS_SUPER_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC, F2FS_SUPER_MAGIC,
	OVERLAYFS_SUPER_MAGIC, MAGIC_ZFS, MAGIC_BCACHEFS,
};

static int refuse(const char *path, const char *why, struct err *err)
{
	return err_set(err, -EINVAL, "bad-file", "%s: %s", path, why);
}

/* Looked at before it is opened, for opening a device may already do something. */
static int check_file(int fd, const char *path, struct err *err, uint64_t *ret_size_bytes)
{
	struct statfs fs;
	struct stat st;
	bool is_plain = false;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return err_errno(err, -errno, "bad-file", "%s", path);
	if (S_ISLNK(st.st_mode))
		return refuse(path, "a symbolic link; expected the file itself", err);
	if (!S_ISREG(st.st_mode))
		return refuse(path, "expected a regular file", err);
	for (size_t i = 0; i < ELEMENTSOF(plain); i++)
		is_plain |= (uint32_t)fs.f_type == plain[i];
	if (!is_plain)
		return refuse(path, "expected a file on a disk's file system or tmpfs: others may hold registers", err);
	if (st.st_size < RANGE_UNIT_BYTES || st.st_size % RANGE_UNIT_BYTES)
		return refuse(path, "expected a size that is a multiple of 4096 bytes, and not 0", err);
	*ret_size_bytes = (uint64_t)st.st_size;
	return 0;
}

static int open_file(const char *path, struct err *err, int *ret, uint64_t *ret_size_bytes)
{
	_cleanup_close_ int look = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char again[64];
	int r;

	if (look < 0)
		return err_errno(err, -errno, "bad-file", "%s", path);
	r = check_file(look, path, err, ret_size_bytes);
	if (r < 0)
		return r;
	/* The very file that was looked at, whatever bears its name by now. */
	snprintf(again, sizeof(again), "/proc/self/fd/%d", look);
	*ret = open(again, O_RDWR | O_CLOEXEC);
	return *ret < 0 ? err_errno(err, -errno, "bad-file", "%s: it must be writable", path) : 0;
}

static int prepare(int file, uint64_t size_bytes, struct err *err, struct runner *runner)
{
	uint64_t range_bytes = size_bytes < RANGE_MAX_BYTES ? size_bytes : RANGE_MAX_BYTES;
	int r = probe_open_child(range_bytes, err, runner);

	if (r < 0)
		return r;
	runner->wc = runner->uc = file;
	/* All children on one CPU, so that their figures can be compared. */
	runner->cpu = sched_getcpu();
	runner->request = (struct step_request){ .insn = RUNNER_NO_INSN, .bar_size_bytes = size_bytes,
		                                 .range_size_bytes = range_bytes, .seed = (uint64_t)getpid() };
	return 0;
}

/* A step that only serves: 0, or what it said as an error of this id. */
static int serve(const struct runner *runner, enum step step, const char *id, struct err *err)
{
	_cleanup_(finding_done) struct finding finding = { 0 };
	int r = runner_step(runner, step, err, &finding);

	if (r < 0)
		return r;
	if (finding.outcome == OUTCOME_PASS)
		return 0;
	return err_set(err, -EIO, id, "%s: %s", step_infos[step].name, finding.text);
}

static int measure(const struct runner *runner, struct bench_order *order, struct interrupt *interrupt, struct err *err)
{
	struct bench_turn turn = { 0 };
	int r = serve(runner, STEP_BACKGROUND, "failed", err);

	while (r == 0 && bench_next(order, false, &turn)) {
		_cleanup_(finding_done) struct finding finding = { 0 };
		struct series_reply series;
		struct runner mine = *runner;

		if (interrupt_came(interrupt))
			return err_set(err, -EINTR, "interrupted", "interrupted by signal %d", interrupt->signal);
		bench_prepare(order, turn.insn, &mine);
		r = runner_series(&mine, err, &finding, &series);
		if (r < 0)
			return r;
		bench_tell(order, turn.insn, &finding, &series);
		/* What it left of the background is not known. */
		if (finding.outcome != OUTCOME_PASS)
			r = serve(runner, STEP_BACKGROUND, "failed", err);
	}
	return r;
}

int bench_file(const char *path, struct bench_order *order, struct err *err)
{
	struct runner runner = PROBE_CLOSED;
	_cleanup_close_ int file = -1, save = -1, exe = -1;
	struct interrupt interrupt = { 0 };
	struct err other = { 0 };
	uint64_t size_bytes = 0;
	int r = open_file(path, err, &file, &size_bytes), q;

	if (r == 0)
		r = prepare(file, size_bytes, err, &runner);
	save = runner.save;
	exe = runner.exe;
	if (r < 0)
		return r;
	order->cpu = runner.cpu;
	order->range_bytes = runner.request.range_size_bytes;
	interrupt_hold(&interrupt);
	r = serve(&runner, STEP_SAVE, "failed", err);
	if (r == 0) {
		r = measure(&runner, order, &interrupt, err);
		q = serve(&runner, STEP_RESTORE, "not-restored", &other);
		if (q < 0) {
			log_warn("%s: its contents were NOT put back: %s", path, other.text);
			if (r == 0) {
				*err = other;
				r = q;
			}
		}
	}
	interrupt_release(&interrupt);
	return r;
}
