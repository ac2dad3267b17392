/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mappers: the processes that have a BAR mapped; nothing in the kernel keeps them out, so they are looked for. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

struct mapper {
	pid_t pid;
	char *comm; /* the name it gives itself: to be printed, never to be believed */
	char *file; /* what it maps */
};

struct mappers {
	struct mapper *at;
	size_t n;
};

void mappers_done(struct mappers *mappers);

/*
 * Who has resourceN or resourceN_wc of the device mapped, by inode, or by name (another mount of sysfs; a device that
 * was here before), or the BAR's addresses through /dev/mem or /proc/bus/pci. dir: the device's directory. A user can
 * make a file of such a name and be listed: that refuses a probe and names him, no more. VFIO's mappings are not looked
 * for: the group is busy then. Reads every /proc/PID/maps: milliseconds to a second on a large machine. -EACCES, id
 * "cannot-claim", when a process cannot be looked into, or when other processes are hidden by a pid namespace.
 */
int mappers_find(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                 struct err *err, struct mappers *ret);
/* Has this one process the BAR mapped: 1, 0 (also when it is gone), or a negative errno as above. */
int mappers_has(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar, pid_t pid,
                struct err *err);
/* The same as a refusal: -EBUSY, id "busy", naming the first and how many there are. */
int mappers_refuse(const struct sysroot *root, int dir, const struct pci_address *address, unsigned int bar,
                   struct err *err);
