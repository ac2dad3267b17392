/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mappers: the processes that have a BAR mapped, or its file open, and so can map it; nothing in the kernel keeps them out, so
 * they are looked for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

/* Which BAR is meant: what it is known by once its device has gone, too. */
struct mappers_bar {
	struct pci_address address;
	unsigned int bar;
	struct {
		dev_t dev;
		ino_t ino; /* 0: there is no such file */
	} files[2];                /* resourceN, resourceN_wc */
	uint64_t base, size_bytes; /* 0: not known */
};

struct mapper {
	pid_t pid;
	size_t bar;     /* of those that were asked for, from 0 */
	bool is_open;   /* not mapped, but open */
	char comm[64];  /* the name it gives itself: to be printed, never to be believed */
	char file[512]; /* what it maps, or has open */
};

#define MAPPERS_NAMED 16

struct mappers {
	struct mapper at[MAPPERS_NAMED];
	size_t n;
	bool is_cut; /* there are more, which are not named */
};

/* What a BAR is known by, of its device's directory. 0 or a negative errno, id "cannot-claim". */
int mappers_aim(int dir, const struct pci_address *address, unsigned int bar, struct err *err, struct mappers_bar *ret);
/*
 * Who has resourceN or resourceN_wc of one of the devices mapped or open, by inode, or by name (another mount of sysfs; a
 * device that was here before), or the BAR's addresses mapped through /dev/mem or /proc/bus/pci: each process once for each
 * BAR. A user can make a file of such a name and be listed: that refuses a probe and names him, no more. VFIO's mappings are
 * not looked for: the group is busy then. What this process and its own children have open is theirs. Not seen is a
 * descriptor that is on its way, in a socket's buffer or the like, and in no process.
 *
 * Reads /proc/PID/maps and /proc/PID/fd of every process: milliseconds to a second on a large machine. The kernel can keep who
 * reads the first waiting for as long as that process likes, so it is done apart (act/apart.h), and given up after 5 seconds
 * with one process, and 30 with all. -EACCES, id "cannot-claim", when a process cannot be looked into, or not in time, or when
 * other processes are hidden by a pid namespace; *ret then has who was found before.
 */
int mappers_find(const struct sysroot *root, const struct mappers_bar *bars, size_t n, struct err *err, struct mappers *ret);
/* The same here, for as long as it takes: for who trusts all of /proc. */
int mappers_find_here(const struct sysroot *root, const struct mappers_bar *bars, size_t n, struct err *err, struct mappers *ret);
/* Has this one process the BAR mapped: 1, 0 (also when it is gone), or a negative errno as above. */
int mappers_has(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar, pid_t pid,
                struct err *err);
/* Has anybody, as a refusal: -EBUSY, id "busy", naming the first and how many there are. */
int mappers_refuse(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                   struct err *err);
