/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pages: what mmap(2) maps when it is asked for some bytes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* Widens offset and size to whole pages of this machine; false: it has no bytes, or goes beyond 64 bits. */
static inline bool pages_widen(uint64_t *offset, uint64_t *size)
{
	uint64_t below = (uint64_t)sysconf(_SC_PAGESIZE) - 1, start = *offset & ~below, end;

	if (!*size || __builtin_add_overflow(*offset, *size, &end) || __builtin_add_overflow(end, below, &end))
		return false;
	*offset = start;
	*size = (end & ~below) - start;
	return true;
}
