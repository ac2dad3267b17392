/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apart: a look that others can keep waiting is had in a process of its own, which is not waited for when it gets no further. */
#pragma once

#include <stddef.h>

/* Zeroed memory that this process and those that it begins share; NULL: there is none. apart_memory_done frees it, also NULL. */
void *apart_memory(size_t size_bytes);
void apart_memory_done(void *memory, size_t size_bytes);
/* With how many things at most, or their worth, is patience had. */
#define APART_PATIENCES 6
/*
 * look(dir, shared) in a process that has dir, standard error, and no other descriptor: a lock that is held here it does not hold
 * on. *at, shared memory too, is what it is at, of many things, and never at one of them again.
 *
 * 0: it came to its end. -ETIMEDOUT: *at did not change within patience_ms; -ETIME: it had not looked at all of them within
 * APART_PATIENCES times that. In both it is killed. -ECHILD: it died; or a negative errno.
 */
int apart_run(void (*look)(int dir, void *shared), int dir, void *shared, const int *at, int patience_ms);
