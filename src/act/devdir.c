/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devdir: opens it, and asks it what everybody asks. */
#include "act/devdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"

int devdir_open(const struct sysroot *root, const struct pci_address *address, int *ret)
{
	char path[64 + PCI_ADDRESS_SIZE], text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", text);

	int fd = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);

	if (fd < 0)
		return fd;
	*ret = fd;
	return 0;
}

int devdir_is(int dir, uint16_t vendor, uint16_t device)
{
	uint64_t its_vendor = 0, its_device = 0;
	int r = attr_u64(dir, "vendor", 16, &its_vendor);

	if (r == 0)
		r = attr_u64(dir, "device", 16, &its_device);
	if (r == -ENOENT)
		return -ENODEV;
	return r < 0 ? r : its_vendor == vendor && its_device == device ? 0 : -ENODEV;
}

int devdir_count(int dir, const char *name, uint64_t *ret)
{
	int r = attr_u64(dir, name, 10, ret);

	if (r == -ENOENT)
		*ret = 0;
	return r == -ENOENT ? 0 : r;
}

int devdir_undo(int dir, const char *name, const char *text)
{
	int r = attr_write(dir, name, text);

	return r < 0 && r != -ENODEV ? attr_write(dir, name, text) : r;
}

int devdir_driver(int dir, char **ret)
{
	_cleanup_free_ char *name = NULL;
	int r = attr_link_name(dir, "driver", &name);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = steal(&name);
	return 0;
}
