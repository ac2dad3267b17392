/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memtype: which memory type x86 has for physical addresses, by the kernel's own list. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MEMTYPE_LIST "/sys/kernel/debug/x86/pat_memtype_list"

struct memtype {
	uint64_t start, end; /* end is behind the last byte */
	char name[32];
};

struct memtype_search {
	uint64_t start, end;      /* what is looked for */
	/* A line of it that is another type; the line that covers it and is WC. No name: none. */
	struct memtype wrong, wc;
};

/* Reads the list, an fd of MEMTYPE_LIST, from its beginning: 0, or -1 when it cannot be read to its end. */
int memtype_find(int fd, struct memtype_search *search);
