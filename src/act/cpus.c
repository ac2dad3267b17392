/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus: reads which CPUs are near a device, and which are one core. */
#include "act/cpus.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* The kernel's "0-3,8"; whatever else stands there ends the list. */
static void parse_list(const char *list, cpu_set_t *ret)
{
	char *at = (char *)list;

	CPU_ZERO(ret);
	while (at && *at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		for (; first <= last && first < CPU_SETSIZE; first++)
			CPU_SET(first, ret);
		if (*at == ',')
			at++;
	}
}

static int first_of(const cpu_set_t *set)
{
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET((unsigned int)i, set))
			return i;
	return -1;
}

static void take_away(cpu_set_t *set, const cpu_set_t *what)
{
	cpu_set_t both;

	CPU_AND(&both, set, what);
	CPU_XOR(set, set, &both);
}

/* The CPUs of this one's core; at least itself. */
static void read_core(const struct sysroot *root, int cpu, cpu_set_t *ret)
{
	_cleanup_free_ char *list = NULL;
	char path[80];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/core_cpus_list", cpu);
	if (sysroot_text(root, path, 4096, &list) < 0)
		CPU_ZERO(ret);
	else
		parse_list(list, ret);
	CPU_SET((unsigned int)cpu, ret);
}

struct cpus cpus_choose(const struct sysroot *root, int dir, const cpu_set_t *allowed)
{
	_cleanup_free_ char *list = NULL;
	struct cpus cpus = { .own = -1, .peer = -1 };
	cpu_set_t near, core, near_cores, other_cores, others;

	if (attr_text(dir, "local_cpulist", 4096, &list) < 0)
		return cpus;
	parse_list(list, &near);
	CPU_AND(&near, &near, allowed);
	cpus.own = first_of(&near);
	if (cpus.own < 0)
		return cpus;
	read_core(root, cpus.own, &core);
	near_cores = near;
	take_away(&near_cores, &core);
	other_cores = *allowed;
	take_away(&other_cores, &core);
	others = *allowed;
	CPU_CLR((unsigned int)cpus.own, &others);

	const cpu_set_t *choices[] = { &near_cores, &other_cores, &others };

	for (unsigned int i = 0; i < ELEMENTSOF(choices) && cpus.peer < 0; i++)
		cpus.peer = first_of(choices[i]);
	return cpus;
}
