/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail: gives up everything but the descriptors that are open, and the system calls that a microtest needs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A sanitizer's build: its reports go to standard error, which such a jail leaves writable, together with the calls
 * that the sanitizer's runtime makes. A report is cut off behind its head, where it wants to open a file.
 */
extern const bool jail_talks;

/* What may be mapped of a descriptor: these bytes, whole pages, in one piece. */
struct jail_view {
	int fd;
	uint64_t offset, size_bytes;
};

/*
 * For the process that has children in jails: of what root may, it and all that it executes keep what a probe and the policy
 * behind it need, for good. 0, or a negative errno with err: also where root lacks one without which no child could be jailed, or ended.
 */
int jail_keep(struct err *err);

/*
 * All others return 0, or a negative errno with err naming what could not be given up: then the process must not go on.
 *
 * jail_enter is for a single-threaded process that has called nothing of the kind yet, since what it gives up is a
 * thread's own. Closes every descriptor from first_fd on; then no new privileges, no dump, no capability (nor a bounding
 * set, where that may be dropped), user and group nobody (when it was root), no path (where the kernel has Landlock), and
 * SIGKILL at the parent's death. A thread that is started then has nothing more either.
 *
 * jail_shut is for all threads: resource limits (no core, no further process or thread, ...), and last the list of
 * system calls: write to reply, read from list (-1: there is none), memory that is not executable, the views, signals'
 * handlers, a clock, and the end. Any other call, by any thread, kills the process.
 *
 * jail_parse, in place of jail_shut, is for a process that has read what it is to parse, and whose answer goes to reply:
 * memory (1 GiB), time (30 s of a processor), and nothing else: any other call fails with EPERM.
 *
 * jail_hold is enter and shut at once for a single-threaded process that outlives its parent and only holds what it has
 * mapped: it may write to reply, read from list, wait for a descriptor (poll), and end.
 */
int jail_enter(int reply, unsigned int first_fd, struct err *err);
int jail_shut(int reply, int list, const struct jail_view views[], size_t n_views, struct err *err);
int jail_parse(int reply, struct err *err);
int jail_hold(int reply, int list, unsigned int first_fd, struct err *err);
