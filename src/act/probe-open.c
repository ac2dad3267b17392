/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe-open: the BAR's two files, the copy, the memtype list, CPUs near the device, and a seed. */
#include "act/probe-open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "act/cpus.h"
#include "act/memtype.h"
#include "base/cleanup.h"
#include "base/strs.h"

#define SEED_BITS 53 /* what a finding's number keeps exactly */

/*
 * No O_SYNC: the mapping's type is the file's own (drivers/pci/mmap.c); O_SYNC only matters to /dev/mem. O_RDWR because
 * the mapping is written through; the kernel lets an unprivileged child map it.
 */
static int open_resource(int dir, const struct bar *bar, const char *suffix, struct err *err, int *ret)
{
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "resource%u%s", bar->index, suffix);

	_cleanup_close_ int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_errno(err, -errno, "cannot-claim", "%s", name);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != bar->size_bytes)
		return err_set(err, -ESTALE, "vanished", "%s is not as large as the BAR: it was resized", name);
	*ret = steal_fd(&fd);
	return 0;
}

int probe_open_child(uint64_t copy_bytes, struct err *err, struct runner *runner)
{
	runner->save = memfd_create("pciwc-save", MFD_CLOEXEC);
	if (runner->save < 0 || ftruncate(runner->save, (off_t)copy_bytes) < 0)
		return err_errno(err, -errno, "no-child", "memory for a copy of the range");
	/* This very program, whatever root it works on, and though its file may have been replaced meanwhile. */
	runner->exe = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	return runner->exe < 0 ? err_errno(err, -errno, "no-child", "/proc/self/exe") : 0;
}

/* Is the device's link what it was when the ceiling was made of it? A function may have none of its own to show. */
static bool is_same_link(int dir, const struct link *link)
{
	const char *name = link_speed_name(link->speed);
	_cleanup_free_ char *speed = NULL;
	uint64_t width;

	if (!link->speed && !link->width)
		return true;
	return name && attr_text(dir, "current_link_speed", 64, &speed) >= 0 && str_starts(speed, name) &&
	       attr_u64(dir, "current_link_width", 10, &width) >= 0 && width == link->width;
}

/*
 * A device that was asleep, or that adapts its link, may be on a faster one by now: then nothing is known. What changes
 * during a step is an error of that step (errors.h).
 */
static void tell_ceiling(int dir, const struct plan *plan, const struct probe_about *about,
                         struct step_request *request)
{
	if (about->scope == SCOPE_HARDWARE && is_same_link(dir, &plan->device->caps.link))
		memcpy(request->ceiling_mbps, about->ceiling.bound_mbps, sizeof(request->ceiling_mbps));
}

/* What every child is given, whatever BAR it is about; its files are the caller's. */
static int open_rest(const struct sysroot *root, int dir, const struct bar *bar, const struct range *range,
                     enum scope scope, struct err *err, struct runner *runner)
{
	cpu_set_t allowed;
	uint64_t seed;
	int r = probe_open_child(range->size_bytes, err, runner);

	if (r < 0)
		return r;
	/* A fresh one each time: what an earlier probe left behind must not look like this one's background. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return err_errno(err, -errno, "no-child", "a random seed");
	if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
		struct cpus cpus = cpus_choose(root, dir, &allowed);

		runner->cpu = cpus.own;
		runner->peer_cpu = cpus.peer;
	}
	runner->device = dir;
	runner->scope = scope;
	runner->request = (struct step_request){
		.is_virtual = scope == SCOPE_VIRTUAL,
		.insn = RUNNER_NO_INSN,
		.bar_base = bar->base,
		.bar_size_bytes = bar->size_bytes,
		.range_offset = range->offset,
		.range_size_bytes = range->size_bytes,
		.seed = seed >> (64 - SEED_BITS),
	};
	return 0;
}

int probe_open(const struct sysroot *root, int dir, const struct plan *plan, const struct probe_about *about,
               struct err *err, struct runner *runner)
{
	int r = open_resource(dir, plan->bar, "_wc", err, &runner->wc);

	if (r == 0)
		r = open_resource(dir, plan->bar, "", err, &runner->uc);
	if (r == 0)
		r = open_rest(root, dir, plan->bar, &plan->range, about->scope, err, runner);
	if (r < 0)
		return r;
	r = sysroot_fd(root, MEMTYPE_LIST, O_RDONLY | O_NOFOLLOW);
	runner->memtypes = r < 0 ? -1 : r;
	tell_ceiling(dir, plan, about, &runner->request);
	return 0;
}

int probe_open_page(const struct sysroot *root, int dir, const struct bar *bar, enum scope scope, struct err *err,
                    struct runner *runner)
{
	const struct range page = { 0, RANGE_UNIT_BYTES };
	int r = open_resource(dir, bar, "", err, &runner->uc);

	return r < 0 ? r : open_rest(root, dir, bar, &page, scope, err, runner);
}

void probe_close(struct runner *runner)
{
	close_fd(&runner->exe);
	close_fd(&runner->wc);
	close_fd(&runner->uc);
	close_fd(&runner->save);
	close_fd(&runner->memtypes);
	*runner = (struct runner)PROBE_CLOSED;
}
