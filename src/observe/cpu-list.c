/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpu-list: a bit a CPU. */
#include "observe/cpu-list.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

/* "3" or "0-3" */
static int span_add(char *span, struct cpu_list *list)
{
	char *dash = strchr(span, '-');
	uint64_t first, last;
	int r;

	if (dash)
		*dash = '\0';
	r = parse_u64(span, 10, 0, CPU_LIST_MAX - 1, &first);
	if (r == 0)
		r = parse_u64(dash ? dash + 1 : span, 10, first, CPU_LIST_MAX - 1, &last);
	for (uint64_t cpu = first; r == 0 && cpu <= last; cpu++) {
		list->n += !cpu_list_has(list, cpu);
		list->bits[cpu / 8] |= (uint8_t)(1u << cpu % 8);
	}
	return r < 0 ? -EINVAL : 0;
}

int cpu_list_parse(const char *text, struct cpu_list *ret)
{
	struct cpu_list list = { 0 };

	for (const char *at = text;; at++) {
		char span[16];
		size_t length = strcspn(at, ",");

		if (length >= sizeof(span))
			return -EINVAL;
		memcpy(span, at, length);
		span[length] = '\0';
		if (span_add(span, &list) < 0)
			return -EINVAL;
		at += length;
		if (!*at)
			break;
	}
	*ret = list;
	return 0;
}

bool cpu_list_has(const struct cpu_list *list, uint64_t cpu)
{
	return cpu < CPU_LIST_MAX && (list->bits[cpu / 8] >> cpu % 8 & 1);
}

void cpu_list_remove(struct cpu_list *list, uint64_t cpu)
{
	if (!cpu_list_has(list, cpu))
		return;
	list->bits[cpu / 8] &= (uint8_t)~(1u << cpu % 8);
	list->n--;
}
