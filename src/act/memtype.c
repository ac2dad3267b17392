/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtype: reads the list line by line, without memory of its own: a sealed child does, too. */
#include "act/memtype.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * One line of /sys/kernel/debug/x86/pat_memtype_list (arch/x86/mm/pat/memtype.c, memtype_seq_show):
 * "PAT: [mem 0x0000382000000000-0x0000382001000000] write-combining"; older kernels: "write-combining @ 0x...-0x...".
 */
static bool memtype_parse(const char *line, struct memtype *ret)
{
	if (sscanf(line, "PAT: [mem 0x%" SCNx64 "-0x%" SCNx64 "] %31s", &ret->start, &ret->end, ret->name) == 3)
		return true;
	return sscanf(line, "%31s @ 0x%" SCNx64 "-0x%" SCNx64, ret->name, &ret->start, &ret->end) == 3;
}

static void consider(struct memtype_search *search, const char *line)
{
	struct memtype memtype;

	if (!memtype_parse(line, &memtype) || memtype.start >= search->end || memtype.end <= search->start)
		return;
	if (strcmp(memtype.name, "write-combining"))
		search->wrong = memtype;
	else if (memtype.start <= search->start && memtype.end >= search->end)
		search->wc = memtype;
}

int memtype_find(int fd, struct memtype_search *search)
{
	char line[256], chunk[4096];
	size_t used = 0;
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, chunk, sizeof(chunk), at);

		if (got <= 0)
			return (int)got;
		at += got;
		for (ssize_t i = 0; i < got; i++) {
			if (chunk[i] != '\n') {
				/* No line of the list is longer: the rest of such a one is not looked at. */
				if (used < sizeof(line) - 1)
					line[used++] = chunk[i];
				continue;
			}
			line[used] = '\0';
			used = 0;
			consider(search, line);
		}
	}
}
