/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window: mmap(2) of one of the two files of a BAR. */
#include "act/window.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

void window_unmap(struct window *window)
{
	if (window->map)
		munmap(window->map, window->map_bytes);
	window->map = NULL;
	window->map_bytes = 0;
	window->at = NULL;
	window->kind = WINDOW_NONE;
}

void window_pages(const struct window *window, uint64_t *ret_offset, uint64_t *ret_size_bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = window->offset & ~(page - 1);

	*ret_offset = start;
	*ret_size_bytes = ((window->offset + window->size_bytes + page - 1) & ~(page - 1)) - start;
}

int window_map(struct window *window, enum window_kind kind)
{
	uint64_t start, size_bytes;
	int fd = kind == WINDOW_WC ? window->wc : window->uc;

	window_unmap(window);
	if (kind == WINDOW_NONE)
		return 0;
	if (fd < 0)
		return -EBADF;

	window_pages(window, &start, &size_bytes);

	int access = kind == WINDOW_READ ? PROT_READ : PROT_READ | PROT_WRITE;
	void *map = mmap(NULL, size_bytes, access, MAP_SHARED, fd, (off_t)start);

	if (map == MAP_FAILED)
		return -errno;
	window->map = map;
	window->map_bytes = size_bytes;
	window->at = (uint8_t *)map + (window->offset - start);
	window->kind = kind;
	return 0;
}
