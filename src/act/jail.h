/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail: gives up everything but the descriptors that are open, and the system calls that a microtest needs. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * A sanitizer's build: its reports go to standard error, which such a jail leaves writable, together with the calls
 * that the sanitizer's runtime makes. A report is cut off behind its head, where it wants to open a file.
 */
extern const bool jail_talks;

/*
 * For a single-threaded process that has called nothing of the kind yet. Closes every descriptor from first_fd on; then
 * no new privileges, no core, no dump, no capability (nor a bounding set, where that may be dropped), user and group
 * nobody (when it was root), SIGKILL at the parent's death, resource limits, and last the list of system calls: write
 * to reply, read from list, memory that is not executable, signals' return, clocks, and the end. Any other call kills.
 * 0, or a negative errno with err naming what could not be given up: then the process must not go on.
 */
int jail_enter(int reply, int list, unsigned int first_fd, struct err *err);
