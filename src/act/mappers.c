/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappers: reads /proc/PID/maps (proc_pid_maps(5)). */
#include "act/mappers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "act/region.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"

/* include/linux/proc_ns.h, PROC_PID_INIT_INO: the pid namespace that sees everybody. */
#define INITIAL_PID_NS 0xeffffffcU

struct target {
	char name[2][PCI_ADDRESS_SIZE + 32]; /* "/ADDRESS/resourceN", "/ADDRESS/resourceN_wc" */
	struct stat st[2];                   /* st_nlink 0: there is no such file */
	uint64_t base, size_bytes;           /* 0: not known */
};

void mappers_done(struct mappers *mappers)
{
	for (size_t i = 0; i < mappers->n; i++) {
		free(mappers->at[i].comm);
		free(mappers->at[i].file);
	}
	free(mappers->at);
	*mappers = (struct mappers){ 0 };
}

static int aim(int dir, const struct pci_address *address, unsigned int bar, struct err *err, struct target *ret)
{
	char text[PCI_ADDRESS_SIZE];
	int r;

	*ret = (struct target){ 0 };
	pci_address_format(address, text);
	for (size_t i = 0; i < 2; i++) {
		snprintf(ret->name[i], sizeof(ret->name[i]), "/%s/resource%u%s", text, bar, i ? "_wc" : "");
		if (fstatat(dir, strrchr(ret->name[i], '/') + 1, &ret->st[i], AT_SYMLINK_NOFOLLOW) < 0) {
			if (errno != ENOENT)
				return err_errno(err, -errno, "cannot-claim", "%s", ret->name[i] + 1);
			ret->st[i] = (struct stat){ 0 };
		}
	}
	r = region_of_bar(dir, bar, &ret->base, &ret->size_bytes);
	/* One that is not assigned is nowhere. */
	return r < 0 && r != -ENXIO ? err_errno(err, r, "cannot-claim", "where BAR %u is", bar) : 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* path loses its " (deleted)". */
static bool is_hit(const struct target *target, char *path, uint64_t offset, uint64_t length, dev_t dev, ino_t ino)
{
	static const char deleted[] = " (deleted)";

	if (ends_with(path, deleted))
		path[strlen(path) - strlen(deleted)] = '\0';
	for (size_t i = 0; i < 2; i++)
		if ((target->st[i].st_nlink && ino && target->st[i].st_dev == dev && target->st[i].st_ino == ino) ||
		    ends_with(path, target->name[i]))
			return true;
	/* In both the mapping's offset is the physical address (drivers/char/mem.c, drivers/pci/mmap.c). */
	if (!strcmp(path, "/dev/mem") || str_starts(path, "/proc/bus/pci/"))
		return target->size_bytes && offset < target->base + target->size_bytes &&
		       target->base < offset + length;
	return false;
}

/* 1 and *ret_file when these maps show the target, 0 when they do not, -ENODATA when there are none, or another negative errno. */
static int look(int dir, const char *path_of_maps, const struct target *target, char **ret_file)
{
	int fd = openat(dir, path_of_maps, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
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
		unsigned long long start, end, offset, inode;
		unsigned int major, minor;
		int path = 0;

		errno = 0;
		if (getline(&line, &room, maps) < 0)
			return errno ? -errno : is_first ? -ENODATA : 0;
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%llx-%llx %*4s %llx %x:%x %llu %n", &start, &end, &offset, &major, &minor, &inode,
		           &path) != 6 || !path || !line[path])
			continue;
		if (is_hit(target, line + path, offset, end - start, makedev(major, minor), (ino_t)inode)) {
			*ret_file = strdup(line + path);
			return *ret_file ? 1 : -ENOMEM;
		}
	}
}

static int add(struct mappers *mappers, int proc, const char *pid, char *file)
{
	_cleanup_free_ char *comm = NULL;
	char path[32];

	snprintf(path, sizeof(path), "%.20s/comm", pid);
	if (attr_text(proc, path, 64, &comm) < 0)
		comm = strdup("?");

	struct mapper *mapper = comm ? array_add(mappers) : NULL;

	if (!mapper) {
		free(file);
		return -ENOMEM;
	}
	*mapper = (struct mapper){ .pid = (pid_t)atol(pid), .comm = steal(&comm), .file = file };
	return 0;
}

/* A process, or one of its threads, ends while it is looked at, or is the kernel's: it maps nothing then. */
static bool has_none(int r)
{
	return r == -ENOENT || r == -ESRCH || r == -ENODATA;
}

/*
 * The other threads of a process whose first one shows nothing: where that one has ended, they still have all that is mapped
 * (fs/proc/base.c, proc_mem_open: the mm is the thread's).
 */
static int look_at_threads(int proc, const char *pid, const struct target *target, char **ret_file)
{
	_cleanup_(strs_done) struct strs threads = { 0 };
	char path[32];

	snprintf(path, sizeof(path), "%.20s/task", pid);

	_cleanup_close_ int dir = openat(proc, path, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r = dir < 0 ? -errno : dir_list(dir, &threads);

	for (size_t i = 0; r == 0 && i < threads.n; i++) {
		if (!strcmp(threads.at[i], pid))
			continue;
		snprintf(path, sizeof(path), "%.20s/maps", threads.at[i]);
		r = look(dir, path, target, ret_file);
		if (!has_none(r))
			return r;
		r = 0;
	}
	return r;
}

static int look_into(int proc, const char *pid, const struct target *target, struct err *err, struct mappers *mappers)
{
	char path[32], *file = NULL;

	snprintf(path, sizeof(path), "%.20s/maps", pid);

	int r = look(proc, path, target, &file);

	if (r == -ESRCH || r == -ENODATA)
		r = look_at_threads(proc, pid, target, &file);
	if (r == 1)
		return add(mappers, proc, pid, file);
	if (r < 0 && !has_none(r))
		return err_errno(err, r == -ENOMEM ? r : -EACCES, "cannot-claim", "what process %s maps cannot be read",
		                 pid);
	return 0;
}

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

int mappers_find(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                 struct err *err, struct mappers *ret)
{
	_cleanup_(mappers_done) struct mappers mappers = { 0 };
	_cleanup_(strs_done) struct strs pids = { 0 };
	_cleanup_close_ int proc = sysroot_fd(root, "/proc", O_DIRECTORY | O_RDONLY);
	struct target target;
	uint64_t pid;
	int r = sees_everybody(root, err);

	if (r < 0)
		return r;
	r = proc < 0 ? proc : sysroot_list(root, "/proc", &pids);
	if (r < 0)
		return err_errno(err, r, "cannot-claim", "%s/proc: who maps the BAR is not known", root->name);
	r = aim(dir, address, bar, err, &target);
	if (r < 0)
		return r;
	for (size_t i = 0; i < pids.n; i++) {
		if (parse_u64(pids.at[i], 10, 1, INT32_MAX, &pid) < 0)
			continue;
		r = look_into(proc, pids.at[i], &target, err, &mappers);
		if (r < 0)
			return r;
	}
	*ret = mappers;
	mappers = (struct mappers){ 0 };
	return 0;
}

int mappers_has(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar, pid_t pid,
                struct err *err)
{
	_cleanup_(mappers_done) struct mappers mappers = { 0 };
	_cleanup_close_ int proc = sysroot_fd(root, "/proc", O_DIRECTORY | O_RDONLY);
	struct target target;
	char text[16];
	int r = sees_everybody(root, err);

	if (r == 0 && proc < 0)
		r = err_errno(err, proc, "cannot-claim", "%s/proc: who maps the BAR is not known", root->name);
	if (r == 0)
		r = aim(dir, address, bar, err, &target);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%d", (int)pid);
	r = look_into(proc, text, &target, err, &mappers);
	return r < 0 ? r : mappers.n > 0;
}

int mappers_refuse(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                   struct err *err)
{
	_cleanup_(mappers_done) struct mappers mappers = { 0 };
	int r = mappers_find(root, dir, address, bar, err, &mappers);

	if (r < 0 || !mappers.n)
		return r;
	return err_set(err, -EBUSY, "busy", "process %d (%s) has it mapped: %s%s", (int)mappers.at[0].pid,
	               mappers.at[0].comm, mappers.at[0].file, mappers.n > 1 ? ", and others do" : "");
}
