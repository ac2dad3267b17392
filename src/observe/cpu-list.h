/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpu-list: which CPUs sysfs means by "0-3,8". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CPU_LIST_MAX 16384 /* numbers below it; CONFIG_NR_CPUS goes to 8192 */

struct cpu_list {
	uint8_t bits[CPU_LIST_MAX / 8];
	unsigned int n;
};

/* A list as Documentation/admin-guide/cputopology.rst has them. 0 or -EINVAL (*ret is untouched). */
int cpu_list_parse(const char *text, struct cpu_list *ret);
bool cpu_list_has(const struct cpu_list *list, uint64_t cpu);
/* One that is not in it stays out. */
void cpu_list_remove(struct cpu_list *list, uint64_t cpu);
