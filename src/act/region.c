/* SPDX-License-Identifier: GPL-2.0-or-later */
/* region: /sys/.../resource, and /proc/iomem, whose indentation is its tree. */
#include "act/region.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"

#define IOMEM_MAX_BYTES (4 << 20)

int region_of_bar(int dir, unsigned int bar, uint64_t *ret_base, uint64_t *ret_size_bytes)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, "resource", 4096, &text);
	unsigned long long start, end;
	char *line = text;

	if (r < 0)
		return r;
	for (; bar && line; bar--) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	if (!line || !*line)
		return -ENXIO;
	if (sscanf(line, "%llx %llx", &start, &end) != 2)
		return -EINVAL;
	if (!start || end < start || end - start == UINT64_MAX)
		return -ENXIO;
	*ret_base = start;
	*ret_size_bytes = end - start + 1;
	return 0;
}

/*
 * Names by which firmware's screens reserve their memory (drivers/firmware/sysfb.c, drivers/video/fbdev,
 * drivers/gpu/drm).
 */
static bool is_framebuffer(const char *owner)
{
	static const char *const names[] = { "BOOTFB", "efifb", "simplefb", "simple-framebuffer", "vesafb", "vesadrm",
		                             "efidrm", "simpledrm", "ofdrm", "offb" };

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (str_starts(owner, names[i]))
			return true;
	return false;
}

struct line {
	unsigned int depth;
	unsigned long long start, end;
	const char *owner;
};

static bool parse_line(const char *text, struct line *ret)
{
	size_t blanks = strspn(text, " ");
	int used = 0;

	if (sscanf(text + blanks, "%llx-%llx : %n", &ret->start, &ret->end, &used) != 2 || !used)
		return false;
	ret->depth = (unsigned int)blanks;
	ret->owner = text + blanks + used;
	return true;
}

int region_refuse_owned(const struct sysroot *root, const struct pci_address *address, uint64_t base,
                        uint64_t size_bytes, struct err *err)
{
	_cleanup_free_ char *text = NULL;
	char name[PCI_ADDRESS_SIZE], *rest;
	size_t size;
	int r = sysroot_bytes(root, "/proc/iomem", IOMEM_MAX_BYTES, &text, &size);
	struct line own = { 0 }, line;
	bool found = false;

	if (r < 0)
		return err_errno(err, r, "cannot-claim", "%s/proc/iomem: who has a part of the BAR is not known",
		                 root->name);
	pci_address_format(address, name);
	for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
		if (!parse_line(at, &line))
			continue;
		if (!found) {
			found = line.start == base && line.end - line.start == size_bytes - 1 &&
			        str_eq(line.owner, name);
			own = line;
			continue;
		}
		if (line.depth <= own.depth)
			return 0;
		return err_set(err, -EBUSY, is_framebuffer(line.owner) ? "boot-vga" : "busy",
		               "%s: \"%s\" has 0x%llx-0x%llx of the BAR (/proc/iomem)", name, line.owner, line.start,
		               line.end);
	}
	if (!found)
		return err_set(err, -ENXIO, "cannot-claim",
		               "%s: /proc/iomem does not show the BAR at 0x%llx, so who has a part of it is not known",
		               name, (unsigned long long)base);
	return 0;
}
