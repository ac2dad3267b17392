/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappers-look: reads /proc/PID/maps (proc_pid_maps(5)) and the links of /proc/PID/fd (proc_pid_fd(5)). */
#include "act/mappers-look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"

/* ---- which BAR ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

static void cut_deleted(char *path)
{
	static const char deleted[] = " (deleted)";

	if (ends_with(path, deleted))
		path[strlen(path) - strlen(deleted)] = '\0';
}

/* Is it one of the BAR's files, by its number, 0 where that is not known, or by its name. */
static bool is_file(const struct mappers_bar *bar, const char *path, dev_t dev, ino_t ino)
{
	char address[PCI_ADDRESS_SIZE], name[PCI_ADDRESS_SIZE + 32];

	pci_address_format(&bar->address, address);
	for (size_t i = 0; i < ELEMENTSOF(bar->files); i++) {
		snprintf(name, sizeof(name), "/%s/resource%u%s", address, bar->bar, i ? "_wc" : "");
		if ((ino && bar->files[i].ino == ino && bar->files[i].dev == dev) || ends_with(path, name))
			return true;
	}
	return false;
}

/* In both the mapping's offset is the physical address (drivers/char/mem.c, drivers/pci/mmap.c). */
static bool is_there(const struct mappers_bar *bar, const char *path, uint64_t offset, uint64_t length)
{
	return (!strcmp(path, "/dev/mem") || str_starts(path, "/proc/bus/pci/")) && bar->size_bytes &&
	       offset < bar->base + bar->size_bytes && bar->base < offset + length;
}

/* ---- who ---- */

static bool is_found(const struct mappers *found, pid_t pid, size_t bar)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->at[i].pid == pid && found->at[i].bar == bar)
			return true;
	return false;
}

static void add(struct mappers_scan *scan, int proc, size_t bar, bool is_open, const char *file)
{
	_cleanup_free_ char *comm = NULL;
	struct mapper *mapper;
	char path[32];

	if (is_found(&scan->found, scan->at, bar))
		return;
	scan->found.is_cut = scan->found.n == MAPPERS_NAMED;
	if (scan->found.is_cut)
		return;
	snprintf(path, sizeof(path), "%d/comm", (int)scan->at);
	mapper = &scan->found.at[scan->found.n];
	*mapper = (struct mapper){ .pid = scan->at, .bar = bar, .is_open = is_open };
	snprintf(mapper->comm, sizeof(mapper->comm), "%s", attr_text(proc, path, sizeof(mapper->comm) - 1, &comm) < 0 ? "?" : comm);
	snprintf(mapper->file, sizeof(mapper->file), "%s", file);
	/* Whoever is killed before leaves none that is half there. */
	scan->found.n++;
}

/* What one that maps nothing shows of itself, or has: it, or one of its threads, ends while it is looked at, or is the kernel's. */
static bool has_none(int r)
{
	return r == -ENOENT || r == -ESRCH || r == -ENODATA;
}

/* ---- mappings ---- */

static void look_at_line(struct mappers_scan *scan, int proc, char *line)
{
	unsigned long long start, end, offset, inode;
	unsigned int major, minor;
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %*4s %llx %x:%x %llu %n", &start, &end, &offset, &major, &minor, &inode, &path) != 6 || !path ||
	    !line[path])
		return;
	cut_deleted(line + path);
	for (size_t i = 0; i < scan->n_bars; i++)
		if (is_file(&scan->bars[i], line + path, makedev(major, minor), (ino_t)inode) ||
		    is_there(&scan->bars[i], line + path, offset, end - start))
			add(scan, proc, i, false, line + path);
}

/* 0, -ENODATA when there are none, or another negative errno. */
static int look_at_maps(struct mappers_scan *scan, int proc, const char *path)
{
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_fclose_ FILE *maps = fd < 0 ? NULL : fdopen(fd, "re");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	if (fd < 0)
		return -errno;
	if (!maps) {
		close(fd);
		return -ENOMEM;
	}
	for (bool is_first = true;; is_first = false) {
		errno = 0;
		if (getline(&line, &room, maps) < 0)
			return errno ? -errno : is_first ? -ENODATA : 0;
		look_at_line(scan, proc, line);
	}
}

/* ---- descriptors ---- */

/* Is it what this process, or one that it began, has open: parent is the fourth word of proc_pid_stat(5), behind a name in brackets. */
static bool is_own(const struct mappers_scan *scan, int proc)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	int parent = 0;

	if (!scan->own || scan->at == scan->own)
		return scan->own;
	snprintf(path, sizeof(path), "%d/stat", (int)scan->at);
	if (attr_text(proc, path, 4096, &text) < 0)
		return false;

	const char *end = strrchr(text, ')');

	return end && sscanf(end, ") %*c %d", &parent) == 1 && parent == scan->own;
}

/*
 * The number of what a descriptor means, 0 where it has none that could be a BAR's. A file system of a user's own making is not
 * asked: he could let the answer wait, and on it is no BAR. 0 or a negative errno.
 */
static int number_of(int fds, const char *name, dev_t *ret_dev, ino_t *ret_ino)
{
	/* What others' file systems answer who may not look, or when they are gone; sysfs does not. */
	static const int others[] = { ENOENT, EACCES, ENOTCONN, ESTALE };
	struct statx st;

	*ret_ino = 0;
	if (statx(fds, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &st) == 0) {
		*ret_dev = makedev(st.stx_dev_major, st.stx_dev_minor);
		*ret_ino = (ino_t)st.stx_ino;
		return 0;
	}
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (errno == others[i])
			return 0;
	return -errno;
}

static int look_at_descriptor(struct mappers_scan *scan, int proc, int fds, const char *name)
{
	char path[4097];
	ssize_t n = readlinkat(fds, name, path, sizeof(path) - 1);
	dev_t dev = 0;
	ino_t ino = 0;
	int r;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	path[n] = '\0';
	/* "socket:[4711]" */
	if (path[0] != '/')
		return 0;
	cut_deleted(path);
	r = number_of(fds, name, &dev, &ino);
	for (size_t i = 0; r == 0 && i < scan->n_bars; i++)
		if (is_file(&scan->bars[i], path, dev, ino) && !is_own(scan, proc))
			add(scan, proc, i, true, path);
	return r;
}

static int look_at_descriptors(struct mappers_scan *scan, int proc, const char *path)
{
	_cleanup_close_ int fds = openat(proc, path, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = fds < 0 ? -errno : dir_list(fds, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = look_at_descriptor(scan, proc, fds, names.at[i]);
	return has_none(r) ? 0 : r;
}

/* ---- processes ---- */

/* Threads may have descriptors of their own (unshare(2), CLONE_FILES). Where the kernel cannot tell, they are looked at. */
static bool has_same_descriptors(const struct mappers_scan *scan, const char *thread)
{
	return scan->own && syscall(SYS_kcmp, scan->at, (pid_t)atol(thread), KCMP_FILES, 0UL, 0UL) == 0;
}

/*
 * The other threads of a process. Where the first one has ended, they still have all that is mapped (fs/proc/base.c,
 * proc_mem_open: the mm is the thread's): one of them shows it.
 */
static int look_at_threads(struct mappers_scan *scan, int proc, bool has_maps)
{
	_cleanup_(strs_done) struct strs threads = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "%d/task", (int)scan->at);

	_cleanup_close_ int dir = openat(proc, path, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r = dir < 0 ? -errno : dir_list(dir, &threads);

	for (size_t i = 0; r == 0 && i < threads.n; i++) {
		if (atol(threads.at[i]) == scan->at)
			continue;
		if (!has_maps) {
			snprintf(path, sizeof(path), "%d/task/%.20s/maps", (int)scan->at, threads.at[i]);
			r = look_at_maps(scan, proc, path);
			has_maps = !has_none(r);
			r = has_maps ? r : 0;
		}
		if (r < 0 || scan->only || has_same_descriptors(scan, threads.at[i]))
			continue;
		snprintf(path, sizeof(path), "%d/task/%.20s/fd", (int)scan->at, threads.at[i]);
		r = look_at_descriptors(scan, proc, path);
	}
	return has_none(r) ? 0 : r;
}

static int look_into(struct mappers_scan *scan, int proc)
{
	const char *what = "maps";
	bool has_maps;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "%d/maps", (int)scan->at);
	r = look_at_maps(scan, proc, path);
	has_maps = r != -ESRCH && r != -ENODATA;
	if (has_none(r))
		r = 0;
	if (r == 0 && !scan->only) {
		what = "has open";
		snprintf(path, sizeof(path), "%d/fd", (int)scan->at);
		r = look_at_descriptors(scan, proc, path);
	}
	if (r == 0 && !(has_maps && scan->only))
		r = look_at_threads(scan, proc, has_maps);
	if (r < 0)
		return err_errno(&scan->err, r == -ENOMEM ? r : -EACCES, "cannot-claim", "what process %d %s cannot be read",
		                 (int)scan->at, what);
	return 0;
}

static int look_at_all(struct mappers_scan *scan, int proc)
{
	_cleanup_(strs_done) struct strs pids = { 0 };
	uint64_t pid;
	int r = dir_list(proc, &pids);

	if (r < 0)
		return err_errno(&scan->err, r, "cannot-claim", "/proc: who maps the BAR is not known");
	for (size_t i = 0; r == 0 && i < pids.n; i++) {
		if (parse_u64(pids.at[i], 10, 1, INT32_MAX, &pid) < 0)
			continue;
		scan->at = (pid_t)pid;
		r = look_into(scan, proc);
	}
	return r;
}

void mappers_look(int proc, void *shared)
{
	struct mappers_scan *scan = shared;

	scan->at = scan->only;
	scan->r = scan->only ? look_into(scan, proc) : look_at_all(scan, proc);
}
