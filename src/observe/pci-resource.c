/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-resource: a line a BAR, written by the kernel, or in a captured root by anybody. */
#include "observe/pci-resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

/* include/linux/ioport.h, IORESOURCE_*: the third number of a line of "resource". */
#define RESOURCE_IO 0x00000100
#define RESOURCE_MEM 0x00000200
#define RESOURCE_PREFETCH 0x00002000
#define RESOURCE_MEM_64 0x00100000
#define RESOURCE_UNSET 0x20000000

#define RESOURCE_LINES_MAX 64 /* the kernel writes 7 to 17 (DEVICE_COUNT_RESOURCE, include/linux/pci.h) */
#define MEMORY_BAR_MIN 16     /* PCI 3.0, 6.2.5.1 */

/* "0xSTART 0xEND 0xFLAGS": false when the line is anything else. */
static bool parse_line(char *line, uint64_t ret[static 3])
{
	char *rest;

	for (size_t i = 0; i < 3; i++) {
		const char *word = strtok_r(i ? NULL : line, " ", &rest);

		if (!word || strncmp(word, "0x", 2) || parse_u64(word, 16, 0, UINT64_MAX, &ret[i]) < 0)
			return false;
	}
	return !strtok_r(NULL, " ", &rest);
}

/* Why these numbers cannot be a BAR; NULL when they can. */
static const char *bar_fault(const struct bar *bar, uint64_t start, uint64_t end, uint64_t flags)
{
	if (!(flags & RESOURCE_MEM) == !(flags & RESOURCE_IO))
		return "it is neither memory nor I/O";
	if (end < start)
		return "it ends before it starts";
	/* A BAR decodes address bits, so its size is a power of two (PCI 3.0, 6.2.5.1); 0 is all of 2^64. */
	if (!bar->size_bytes || bar->size_bytes & (bar->size_bytes - 1))
		return "its size is no power of two";
	if (bar->io)
		return NULL;
	if (bar->size_bytes < MEMORY_BAR_MIN)
		return "it is smaller than a memory BAR can be";
	if (bar->width == 64 && bar->index == BAR_MAX - 1)
		return "it is a 64-bit BAR without an upper half";
	return NULL;
}

static int add_bar(struct device *device, unsigned int index, const uint64_t line[static 3])
{
	uint64_t start = line[0], end = line[1], flags = line[2];
	const struct bar *last = device->n_bars ? &device->bars[device->n_bars - 1] : NULL;
	char what[8];

	if (!start && !end && !flags)
		return 0;
	snprintf(what, sizeof(what), "BAR %u", index);

	struct bar bar = { .index = (uint8_t)index, .size_bytes = end - start + 1, .io = flags & RESOURCE_IO };

	if (!bar.io) {
		bar.width = flags & RESOURCE_MEM_64 ? 64 : 32;
		bar.prefetchable = flags & RESOURCE_PREFETCH;
	}
	/* The kernel then counts from 0: a size without an address. */
	bar.base = flags & RESOURCE_UNSET ? 0 : start;

	const char *fault = bar_fault(&bar, start, end, flags);

	if (!fault && last && last->width == 64 && last->index + 1U == index)
		fault = "it is the upper half of the BAR before it";
	if (fault)
		return gaps_add(&device->gaps, what, "%s: 0x%llx 0x%llx 0x%llx", fault, (unsigned long long)start,
		                (unsigned long long)end, (unsigned long long)flags);
	device->bars[device->n_bars++] = bar;
	return 0;
}

int pci_resource_parse(const char *text, struct device *device)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest, *line;
	unsigned int n = 0;

	if (!copy)
		return -ENOMEM;
	device->n_bars = 0;
	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++) {
		uint64_t numbers[3];
		int r = 0;

		if (!parse_line(line, numbers))
			r = gaps_add(&device->gaps, "BARs", "line %u of its resource file is garbage", n + 1);
		else if (n < BAR_MAX)
			r = add_bar(device, n, numbers);
		if (r < 0)
			return r;
		if (n >= RESOURCE_LINES_MAX)
			break;
	}
	/* Six BARs and the expansion ROM are always listed. */
	if (n <= BAR_MAX)
		return gaps_add(&device->gaps, "BARs", "its resource file ends after %u lines", n);
	if (n >= RESOURCE_LINES_MAX) {
		device->n_bars = 0;
		return gaps_add(&device->gaps, "BARs", "its resource file has more than %d lines", RESOURCE_LINES_MAX);
	}
	return 0;
}
