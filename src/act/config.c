/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config: reads of one register each, and both capability lists with an end to every walk. */
#include "act/config.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define STATUS_HAS_CAPS 0x0010
#define CAP_POINTER 0x34
/* As many as fit: a list that is longer goes in a circle. */
#define CAPS_MAX ((256 - 64) / 4)
#define EXT_CAPS_MAX ((4096 - 256) / 8)

int config_open(const struct sysroot *root, const struct pci_address *address, int flags, int *ret)
{
	char path[64 + PCI_ADDRESS_SIZE], text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", text);

	int fd = sysroot_fd(root, path, flags | O_NOFOLLOW);

	if (fd < 0)
		return fd == -ENOENT ? -ENODEV : fd;
	*ret = fd;
	return 0;
}

static int read_at(int fd, unsigned int offset, void *to, size_t size)
{
	ssize_t got = pread(fd, to, size, (off_t)offset);

	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -ENODEV;
}

int config_u8(int fd, unsigned int offset, uint8_t *ret)
{
	return read_at(fd, offset, ret, sizeof(*ret));
}

int config_u16(int fd, unsigned int offset, uint16_t *ret)
{
	uint16_t raw;
	int r = read_at(fd, offset, &raw, sizeof(raw));

	if (r == 0)
		*ret = le16toh(raw);
	return r;
}

int config_u32(int fd, unsigned int offset, uint32_t *ret)
{
	uint32_t raw;
	int r = read_at(fd, offset, &raw, sizeof(raw));

	if (r == 0)
		*ret = le32toh(raw);
	return r;
}

int config_write_u16(int fd, unsigned int offset, uint16_t value)
{
	uint16_t raw = htole16(value);
	ssize_t put = pwrite(fd, &raw, sizeof(raw), (off_t)offset);

	if (put < 0)
		return -errno;
	return put == sizeof(raw) ? 0 : -EIO;
}

/* What a walk ends with where a register could not be read. */
static int no_cap(int r)
{
	return r == -ENODEV ? 0 : r;
}

int config_cap(int fd, uint8_t id)
{
	uint16_t status = 0, header = 0;
	uint8_t at = 0;
	int r = config_u16(fd, CONFIG_STATUS, &status);

	if (r == 0 && (status == 0xffff || !(status & STATUS_HAS_CAPS)))
		return 0;
	if (r == 0)
		r = config_u8(fd, CAP_POINTER, &at);
	for (unsigned int i = 0; r == 0 && i < CAPS_MAX && (at &= 0xfc) >= 0x40; i++) {
		r = config_u16(fd, at, &header);
		if (r == 0 && (header & 0xff) == id)
			return at;
		at = (uint8_t)(header >> 8);
	}
	return no_cap(r);
}

int config_ext_cap(int fd, uint16_t id)
{
	uint16_t at = 0x100;
	uint32_t header = 0;

	for (unsigned int i = 0; i < EXT_CAPS_MAX && at >= 0x100; i++) {
		int r = config_u32(fd, at, &header);

		if (r < 0)
			return no_cap(r);
		if (header == 0 || header == 0xffffffff)
			return 0;
		if ((header & 0xffff) == id)
			return at;
		at = (header >> 20) & 0xffc;
	}
	return 0;
}
