/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappers: asks for a look at /proc, and waits for it no longer than it has patience. */
#include "act/mappers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/apart.h"
#include "act/mappers-look.h"
#include "act/region.h"
#include "base/cleanup.h"

/* include/linux/proc_ns.h, PROC_PID_INIT_INO: the pid namespace that sees everybody. */
#define INITIAL_PID_NS 0xeffffffcU

#define PATIENCE_MS 5000 /* with one process */

/* ---- which BAR ---- */

int mappers_aim(int dir, const struct pci_address *address, unsigned int bar, struct err *err, struct mappers_bar *ret)
{
	struct mappers_bar aim = { .address = *address, .bar = bar };
	struct stat st;
	char file[32];
	int r;

	for (size_t i = 0; i < ELEMENTSOF(aim.files); i++) {
		snprintf(file, sizeof(file), "resource%u%s", bar, i ? "_wc" : "");
		if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			aim.files[i].dev = st.st_dev;
			aim.files[i].ino = st.st_ino;
		} else if (errno != ENOENT) {
			return err_errno(err, -errno, "cannot-claim", "%s", file);
		}
	}
	r = region_of_bar(dir, bar, &aim.base, &aim.size_bytes);
	/* One that is not assigned is nowhere. */
	if (r < 0 && r != -ENXIO)
		return err_errno(err, r, "cannot-claim", "where BAR %u is", bar);
	*ret = aim;
	return 0;
}

/* ---- apart ---- */

static int sees_everybody(const struct sysroot *root, struct err *err)
{
	struct stat st;

	if (!root->live)
		return 0;
	if (fstatat(root->fd, "proc/self/ns/pid", &st, 0) < 0)
		return err_errno(err, -errno, "cannot-claim", "/proc/self/ns/pid");
	if (st.st_ino != INITIAL_PID_NS)
		return err_set(err, -EACCES, "cannot-claim",
		               "a pid namespace hides other processes: run it on the host, not in a container");
	return 0;
}

/* In a process of its own, or in this one. */
static int run(int proc, struct mappers_scan *scan, bool is_apart, struct err *err)
{
	_cleanup_free_ char *comm = NULL;
	char path[32];
	int r = 0;

	if (is_apart)
		r = apart_run(mappers_look, proc, scan, &scan->at, PATIENCE_MS);
	else
		mappers_look(proc, scan);
	if (r == -ETIMEDOUT) {
		snprintf(path, sizeof(path), "%d/comm", (int)scan->at);
		(void)attr_text(proc, path, 64, &comm);
		return err_set(err, -EACCES, "cannot-claim", "what process %d (%s) maps cannot be read: it took longer than %d s",
		               (int)scan->at, comm ?: "?", PATIENCE_MS / 1000);
	}
	if (r == -ETIME)
		return err_set(err, -EACCES, "cannot-claim", "who maps the BAR is not known: to look at all processes took longer than %d s",
		               APART_PATIENCES * PATIENCE_MS / 1000);
	if (r < 0)
		return err_errno(err, r == -ECHILD ? -EIO : r, "cannot-claim", "the process that looks for who maps the BAR");
	return scan->r < 0 ? err_set(err, scan->r, scan->err.id, "%s", scan->err.text) : 0;
}

static int find(const struct sysroot *root, const struct mappers_bar *bars, size_t n, pid_t only, bool is_apart, struct err *err,
                struct mappers *ret)
{
	_cleanup_close_ int proc = sysroot_fd(root, "/proc", O_DIRECTORY | O_RDONLY);
	struct mappers_scan *scan;
	int r = sees_everybody(root, err);

	*ret = (struct mappers){ 0 };
	if (r == 0 && proc < 0)
		r = err_errno(err, proc, "cannot-claim", "%s/proc: who maps the BAR is not known", root->name);
	if (r < 0)
		return r;
	scan = apart_memory(sizeof(*scan));
	if (!scan)
		return err_errno(err, -ENOMEM, "cannot-claim", "who maps the BAR is not known");
	*scan = (struct mappers_scan){ .bars = bars, .n_bars = n, .only = only, .own = root->live ? getpid() : 0 };
	r = run(proc, scan, is_apart, err);
	*ret = scan->found;
	apart_memory_done(scan, sizeof(*scan));
	return r;
}

int mappers_find(const struct sysroot *root, const struct mappers_bar *bars, size_t n, struct err *err, struct mappers *ret)
{
	return find(root, bars, n, 0, true, err, ret);
}

int mappers_find_here(const struct sysroot *root, const struct mappers_bar *bars, size_t n, struct err *err, struct mappers *ret)
{
	return find(root, bars, n, 0, false, err, ret);
}

int mappers_has(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar, pid_t pid,
                struct err *err)
{
	struct mappers_bar aim;
	struct mappers mappers = { 0 };
	int r = mappers_aim(dir, address, bar, err, &aim);

	if (r == 0)
		r = find(root, &aim, 1, pid, true, err, &mappers);
	return r < 0 ? r : mappers.n > 0;
}

int mappers_refuse(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                   struct err *err)
{
	struct mappers_bar aim;
	struct mappers mappers = { 0 };
	int r = mappers_aim(dir, address, bar, err, &aim);

	if (r == 0)
		r = mappers_find(root, &aim, 1, err, &mappers);
	if (r < 0 || !mappers.n)
		return r;
	return err_set(err, -EBUSY, "busy", "process %d (%s) has it %s: %s%s", (int)mappers.at[0].pid, mappers.at[0].comm,
	               mappers.at[0].is_open ? "open" : "mapped", mappers.at[0].file, mappers.n > 1 ? ", and others do" : "");
}
