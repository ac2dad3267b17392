/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apart: a look that others can keep waiting is had in a process of its own, which is not waited for beyond its time. */
#pragma once

#include <stddef.h>

/* Zeroed memory that this process and those that it begins share; NULL: there is none. apart_memory_done frees it, also NULL. */
void *apart_memory(size_t size_bytes);
void apart_memory_done(void *memory, size_t size_bytes);
/*
 * look(dir, shared) in a process that has dir, standard error, and no other descriptor: a lock that is held here it does not hold
 * on. 0: it came to its end. -ETIMEDOUT: it did not within patience_ms, and is killed; -ECHILD: it died; or a negative errno.
 */
int apart_run(void (*look)(int dir, void *shared), int dir, void *shared, int patience_ms);
