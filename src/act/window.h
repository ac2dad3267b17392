/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window: the tested range of a BAR as memory, uncached or write-combined, never both: on x86 the second of two
 * mappings silently takes the type of the first.
 */
#pragma once

#include <stdint.h>

enum window_kind { WINDOW_NONE, WINDOW_UC, WINDOW_WC, WINDOW_READ /* uncached, and cannot be written */ };

struct window {
	int uc, wc;              /* resourceN and resourceN_wc, borrowed; -1: there is none */
	uint64_t offset, size_bytes; /* of the range in the BAR */
	enum window_kind kind;   /* what is mapped now */
	uint8_t *at;             /* the range's first byte; NULL when nothing is mapped */
	void *map;
	uint64_t map_bytes;
};

/*
 * Drops the present mapping and makes one of this kind, of the pages that hold the range and no others: a
 * write-combined page can be read by speculation, whatever lives in it. 0, or mmap(2)'s negative errno: EPERM is
 * lockdown, EINVAL an exclusive owner, EBADF a missing file. The caller has drained its stores before.
 */
int window_map(struct window *window, enum window_kind kind);
void window_unmap(struct window *window);
/* The pages, which may be larger than the range's unit: what is mapped, in one piece. */
void window_pages(const struct window *window, uint64_t *ret_offset, uint64_t *ret_size_bytes);
