/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcitree: a fake root port 0000:00:08.0 with one device 0000:01:00.0 below it, whose BAR 2 is 64 KiB of prefetchable
 * memory, in a tree. Registers lie in plain files: what is written to them stays, and nothing else happens.
 */
#pragma once

#include "tree.h"

#include "model/device.h"

#define PORT_DIR "sys/devices/pci0000:00/0000:00:08.0/"
#define DEVICE_DIR PORT_DIR "0000:01:00.0/"
#define BAR_BASE 0x382000000000ull
#define BAR_BYTES 0x10000ull

/* Where the fake functions have their capabilities. */
#define FAKE_PM 0x40
#define FAKE_PCIE 0x50
#define FAKE_AER 0x100
#define FAKE_DPC 0x180
#define FAKE_SRIOV 0x200

struct fake {
	struct tree *tree;
	struct device device;
	struct pci_address port;
};

static inline void put16(unsigned char *config, unsigned int at, unsigned int value)
{
	config[at] = value & 0xff;
	config[at + 1] = (value >> 8) & 0xff;
}

static inline void put32(unsigned char *config, unsigned int at, uint32_t value)
{
	put16(config, at, value & 0xffff);
	put16(config, at + 2, value >> 16);
}

/* Writes size bytes of a register: path is the file. */
TREE_HELPER void poke(const struct tree *tree, const char *path, unsigned int at, uint32_t value, size_t size)
{
	unsigned char bytes[4] = { value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >> 24 };
	int fd = open(tree_path(tree, path), O_WRONLY);

	if (fd < 0 || pwrite(fd, bytes, size, at) != (ssize_t)size)
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
}

TREE_HELPER uint32_t peek(const struct tree *tree, const char *path, unsigned int at, size_t size)
{
	unsigned char bytes[4] = { 0 };
	int fd = open(tree_path(tree, path), O_RDONLY);

	if (fd < 0 || pread(fd, bytes, size, at) != (ssize_t)size)
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The text of a file as it stands. */
TREE_HELPER const char *tree_text(const struct tree *tree, const char *path)
{
	static char texts[4][8192];
	static unsigned int turn;
	char *text = texts[turn++ % 4];
	int fd = open(tree_path(tree, path), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(texts[0]) - 1);

	if (n < 0)
		return NULL;
	close(fd);
	text[n] = '\0';
	return text;
}

/* Is what a claim changes of the device, but for its driver_override, as fake_make makes it? */
TREE_HELPER bool fake_is_released(const struct tree *tree)
{
	return tree_text(tree, DEVICE_DIR "enable")[0] == '0' && !strncmp(tree_text(tree, DEVICE_DIR "power/control"), "auto", 4) &&
	       peek(tree, DEVICE_DIR "config", 0x04, 2) == 0x0404;
}

/* And that, too. */
TREE_HELPER bool fake_is_untouched(const struct tree *tree)
{
	const char *override = tree_text(tree, DEVICE_DIR "driver_override");

	/* What unsets it on a real kernel stands here as it was written. */
	return (!strcmp(override, "(null)\n") || !strcmp(override, "\n")) && fake_is_released(tree);
}

/* As one leaves the device that is killed while it probes it; entry, at path, says how it was before. */
TREE_HELPER void fake_leave_claimed(struct tree *tree, const char *path, const char *entry)
{
	tree_file(tree, path, entry);
	tree_file(tree, DEVICE_DIR "driver_override", "pciwc-claimed\n");
	tree_file(tree, DEVICE_DIR "enable", "1\n");
	tree_file(tree, DEVICE_DIR "power/control", "on\n");
	poke(tree, DEVICE_DIR "config", 0x04, 0x0402, 2);
}

TREE_HELPER void fake_caps(unsigned char *config, unsigned int pcie_type)
{
	put16(config, 0x06, 0x0010);
	config[0x34] = FAKE_PM;
	put16(config, FAKE_PM, FAKE_PCIE << 8 | 0x01);
	put16(config, FAKE_PCIE, 0x0010);
	put16(config, FAKE_PCIE + 2, pcie_type << 4 | 2);
	put16(config, FAKE_PCIE + 0x12, 0x2041); /* active, x4, 2.5 GT/s */
	put32(config, FAKE_AER, FAKE_DPC << 20 | 0x10001);
	put32(config, FAKE_DPC, 0x1001d);
}

TREE_HELPER void fake_port(const struct tree *tree)
{
	unsigned char config[4096] = { 0 };

	put16(config, 0x00, 0x1b36);
	put16(config, 0x02, 0x000c);
	put16(config, 0x04, 0x0007);
	config[0x0e] = 1;
	fake_caps(config, 4);
	put32(config, FAKE_PCIE + 0x0c, 0x00100041);
	tree_bytes(tree, PORT_DIR "config", config, sizeof(config));
	tree_link(tree, "sys/bus/pci/devices/0000:00:08.0", "../../../devices/pci0000:00/0000:00:08.0");
	tree_dir(tree, "sys/bus/pci_express/drivers/aer/0000:00:08.0:pcie002");
}

TREE_HELPER void fake_device(const struct tree *tree)
{
	unsigned char config[4096] = { 0 };
	char text[512];

	put16(config, 0x00, 0x1af4);
	put16(config, 0x02, 0x1110);
	put16(config, 0x04, 0x0404); /* bus master, INTx off; memory off */
	config[0x08] = 1;
	put32(config, 0x18, 0x0000000c);
	put32(config, 0x1c, 0x00003820);
	fake_caps(config, 0);
	put32(config, FAKE_AER, 0x10001);
	put32(config, FAKE_DPC, 0);
	tree_bytes(tree, DEVICE_DIR "config", config, sizeof(config));
	tree_file(tree, DEVICE_DIR "vendor", "0x1af4\n");
	tree_file(tree, DEVICE_DIR "device", "0x1110\n");
	tree_file(tree, DEVICE_DIR "revision", "0x01\n");
	tree_file(tree, DEVICE_DIR "subsystem_vendor", "0x1af4\n");
	tree_file(tree, DEVICE_DIR "subsystem_device", "0x1100\n");
	tree_file(tree, DEVICE_DIR "class", "0x050000\n");
	snprintf(text, sizeof(text), "0x0 0x0 0x0\n0x0 0x0 0x0\n0x%llx 0x%llx 0x14220c\n", BAR_BASE,
	         BAR_BASE + BAR_BYTES - 1);
	tree_file(tree, DEVICE_DIR "resource", text);
	tree_file(tree, DEVICE_DIR "driver_override", "(null)\n");
	tree_file(tree, DEVICE_DIR "enable", "0\n");
	tree_file(tree, DEVICE_DIR "power/control", "auto\n");
	tree_file(tree, DEVICE_DIR "power/runtime_status", "active\n");
	tree_file(tree, DEVICE_DIR "power_state", "D0\n");
	tree_hollow(tree, DEVICE_DIR "resource2", BAR_BYTES);
	tree_hollow(tree, DEVICE_DIR "resource2_wc", BAR_BYTES);
	tree_mode(tree, DEVICE_DIR "resource2_wc", 0600);
	tree_link(tree, "sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:00:08.0/0000:01:00.0");
}

TREE_HELPER void fake_iomem(const struct tree *tree, const char *child)
{
	char text[1024];

	snprintf(text, sizeof(text),
	         "00000000-00000fff : Reserved\n%llx-%llx : PCI Bus 0000:00\n  %llx-%llx : PCI Bus 0000:01\n"
	         "    %llx-%llx : 0000:01:00.0\n%s%llx-%llx : 0000:02:00.0\n",
	         BAR_BASE, BAR_BASE + 0xffffffff, BAR_BASE, BAR_BASE + BAR_BYTES - 1, BAR_BASE,
	         BAR_BASE + BAR_BYTES - 1, child, BAR_BASE + 0x100000, BAR_BASE + 0x1fffff);
	tree_file(tree, "proc/iomem", text);
}

TREE_HELPER void fake_bind(const struct tree *tree, const char *driver)
{
	char target[256];

	snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
	tree_link(tree, DEVICE_DIR "driver", target);
}

static struct pci_address fake_ports[1];

/* The tree, and the device as a scan of it says. */
TREE_HELPER void fake_make(struct tree *tree, struct fake *ret)
{
	*ret = (struct fake){ .tree = tree, .port = { .slot = 8 } };
	fake_port(tree);
	fake_device(tree);
	fake_iomem(tree, "");
	tree_file(tree, "proc/1/maps", "");
	tree_file(tree, "proc/1/comm", "init\n");
	tree_file(tree, "proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	fake_ports[0] = ret->port;
	ret->device = (struct device){
		.address = { .bus = 1 },
		.vendor = 0x1af4,
		.device = 0x1110,
		.subsystem_vendor = 0x1af4,
		.subsystem_device = 0x1100,
		.class = 0x050000,
		.revision = 1,
		.iommu_group = -1,
		.numa_node = -1,
		.ports = fake_ports,
		.n_ports = 1,
		.caps = { .config_bytes = 4096, .pm = FAKE_PM, .pcie = FAKE_PCIE, .aer = FAKE_AER },
		.n_bars = 1,
		.bars = { { .index = 2, .width = 64, .prefetchable = true, .wc_file = TRI_YES, .base = BAR_BASE,
		            .size_bytes = BAR_BYTES } },
	};
}
