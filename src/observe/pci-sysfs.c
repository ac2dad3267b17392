/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci-sysfs: opens a function's directory once and reads its attributes relative to it, so that neither a machine of
 * thousands of functions nor a captured root with links that lead elsewhere is a problem.
 */
#include "observe/pci-sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "observe/pci-caps.h"
#include "observe/pci-resource.h"

#define CLASS_DISPLAY 0x03

/* ---- small attributes ---- */

/* An attribute that could not be read is a gap, but for want of memory. r is 0, or why. */
static int unread(struct gaps *gaps, const char *name, int r)
{
	return r == 0 || r == -ENOMEM ? r : gaps_add(gaps, name, "%s", strerror(-r));
}

/* The same of one that need not be there. */
static int unread_optional(struct gaps *gaps, const char *name, int r)
{
	return r == -ENOENT ? 0 : unread(gaps, name, r);
}

static int read_id(int dir, const char *name, uint64_t max, struct gaps *gaps, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, name, 64, &text);

	if (r == 0)
		r = parse_u64(text, 16, 0, max, ret);
	return unread(gaps, name, r);
}

static int read_ids(int dir, struct device *device)
{
	const uint64_t none = UINT64_MAX;
	uint64_t vendor = 0, ident = 0, subsystem_vendor = 0, subsystem_device = 0, class = 0, revision = none;
	struct {
		const char *name;
		uint64_t max, *value;
	} rows[] = {
		{ "vendor", 0xffff, &vendor },
		{ "device", 0xffff, &ident },
		{ "subsystem_vendor", 0xffff, &subsystem_vendor },
		{ "subsystem_device", 0xffff, &subsystem_device },
		{ "class", 0xffffff, &class },
		{ "revision", 0xff, &revision },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		int r = read_id(dir, rows[i].name, rows[i].max, &device->gaps, rows[i].value);

		if (r < 0)
			return r;
	}
	device->vendor = (uint16_t)vendor;
	device->device = (uint16_t)ident;
	device->subsystem_vendor = (uint16_t)subsystem_vendor;
	device->subsystem_device = (uint16_t)subsystem_device;
	device->class = (uint32_t)class;
	device->has_revision = revision != none;
	device->revision = device->has_revision ? (uint8_t)revision : 0;
	return 0;
}

/* A link such as driver: *ret is NULL when there is none. */
static int read_link(int dir, const char *name, struct gaps *gaps, char **ret)
{
	return unread_optional(gaps, name, attr_link_name(dir, name, ret));
}

static bool ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/*
 * Every vfio device has a directory vfio-dev since Linux 6.1 (drivers/vfio/vfio_main.c, vfio_device_class). Before that
 * only the name tells: vfio-pci, or a variant's, which all end like it (drivers/vfio/pci: "mlx5_vfio_pci",
 * "nvgrace-gpu-vfio-pci").
 */
static bool is_vfio(int dir, const char *driver)
{
	return !strcmp(driver, "vfio-pci") || ends(driver, "-vfio-pci") || ends(driver, "_vfio_pci") ||
	       faccessat(dir, "vfio-dev", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What is not set reads "(null)" (drivers/base/driver.c, driver_set_override). */
int pci_override_read(int dir, char **ret)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, "driver_override", 4096, &text);

	if (r == 0 && *text && strcmp(text, "(null)") != 0)
		*ret = steal(&text);
	return r;
}

static int read_override(int dir, struct device *device)
{
	return unread_optional(&device->gaps, "driver_override", pci_override_read(dir, &device->driver_override));
}

static int read_wc_ranges(int dir, struct device *device)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, "wc_ranges", 4096, &text);

	if (r == 0)
		r = wc_ranges_parse(text, &device->wc_ranges);
	return unread(&device->gaps, "wc_ranges", r);
}

static int read_driver(int dir, struct device *device)
{
	int r = read_link(dir, "driver", &device->gaps, &device->driver);

	device->vfio = device->driver && is_vfio(dir, device->driver);
	if (r == 0)
		r = read_override(dir, device);
	if (r == 0 && str_eq(device->driver, VARIANT_DRIVER))
		r = read_wc_ranges(dir, device);
	return r;
}

static int read_iommu_group(int dir, struct device *device)
{
	_cleanup_free_ char *name = NULL;
	uint64_t group;
	int r = read_link(dir, "iommu_group", &device->gaps, &name);

	device->iommu_group = -1;
	if (r < 0 || !name)
		return r;
	if (parse_u64(name, 10, 0, INT32_MAX, &group) < 0)
		return gaps_add(&device->gaps, "iommu_group", "\"%s\" is no number", name);
	device->iommu_group = (int)group;
	return 0;
}

/* -1 is what the kernel writes for "none"; a kernel without NUMA has no such file. */
static int read_numa_node(int dir, struct device *device)
{
	_cleanup_free_ char *text = NULL;
	uint64_t node = 0;
	int r = attr_text(dir, "numa_node", 16, &text);

	device->numa_node = -1;
	if (r == 0 && !strcmp(text, "-1"))
		return 0;
	if (r == 0)
		r = parse_u64(text, 10, 0, INT32_MAX, &node);
	if (r == 0)
		device->numa_node = (int)node;
	return unread_optional(&device->gaps, "numa_node", r);
}

static int read_boot_vga(int dir, struct device *device)
{
	uint64_t value;

	if (device->class >> 16 != CLASS_DISPLAY)
		return 0;

	int r = attr_u64(dir, "boot_vga", 10, &value);

	if (r == 0)
		device->boot_vga = value != 0;
	return unread_optional(&device->gaps, "boot_vga", r);
}

static int read_physfn(int dir, struct device *device, struct pci_kin *kin)
{
	_cleanup_free_ char *name = NULL;
	int r = read_link(dir, "physfn", &device->gaps, &name);

	if (r < 0 || !name)
		return r;
	device->is_vf = true;
	kin->has_physfn = pci_address_parse(name, &kin->physfn) == 0;
	return 0;
}

/* ---- BARs ---- */

/* Only a prefetchable memory BAR can have a resourceN_wc (drivers/pci/pci-sysfs.c, pci_create_resource_files). */
static void find_wc_files(int dir, struct device *device)
{
	for (size_t i = 0; i < device->n_bars; i++) {
		struct bar *bar = &device->bars[i];
		struct stat st;
		char name[24];

		bar->wc_file = TRI_NO;
		if (!bar_is_candidate(bar))
			continue;
		snprintf(name, sizeof(name), "resource%u_wc", bar->index);
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			bar->wc_file = TRI_YES;
			bar->is_open = st.st_mode & (S_IWGRP | S_IWOTH);
		} else if (errno != ENOENT) {
			bar->wc_file = TRI_UNKNOWN;
		}
	}
}

static int read_bars(int dir, struct device *device)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, "resource", 16384, &text);

	if (r < 0)
		return r == -ENOMEM ? r : gaps_add(&device->gaps, "BARs", "its resource file: %s", strerror(-r));
	r = pci_resource_parse(text, device);
	if (r < 0)
		return r;
	find_wc_files(dir, device);
	return 0;
}

/* ---- configuration space ---- */

struct config_file {
	int fd;
	uint8_t header[CONFIG_HEADER]; /* always defined, so read at once */
};

static int config_file_read(void *data, unsigned int at, uint8_t ret[static 4])
{
	const struct config_file *file = data;

	if (at + 4 <= sizeof(file->header)) {
		memcpy(ret, file->header + at, 4);
		return 0;
	}

	ssize_t n = pread(file->fd, ret, 4, at);

	return n < 0 ? -errno : n < 4 ? -ENODATA : 0;
}

/* The kernel wakes a suspended function for this, as it does for lspci; the function goes back to sleep by itself. */
static int read_config(int dir, struct device *device)
{
	_cleanup_close_ int fd = openat(dir, "config", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct config_file file = { .fd = fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return gaps_add(&device->gaps, "capabilities", "its configuration space: %s", strerror(errno));

	ssize_t n = pread(fd, file.header, sizeof(file.header), 0);

	if (n != CONFIG_HEADER)
		return gaps_add(&device->gaps, "capabilities", "its configuration space: %s",
		                n < 0 ? strerror(errno) : "shorter than its header");

	/* The file's size is the space's, whoever asks; what others than root may read of it ends after the header. */
	struct config_source source = { .read = config_file_read, .data = &file,
		                        .size_bytes = CONFIG_STANDARD };

	if (st.st_size > CONFIG_STANDARD)
		source.size_bytes = CONFIG_EXTENDED;
	return pci_caps_read(&source, &device->gaps, &device->caps);
}

static bool is_within(const struct device *device, unsigned int index, uint32_t offset, uint32_t size)
{
	const struct bar *bar = device_bar(device, index);

	return bar && !bar->io && (uint64_t)offset + size <= bar->size_bytes;
}

/*
 * MSI-X must lie within its BARs, or nobody knows where it is: then it may be in any, as if the space behind the header
 * had not been readable.
 */
static int check_msix(struct device *device)
{
	struct caps *caps = &device->caps;

	if (!caps->msix ||
	    (is_within(device, caps->msix_table_bar, caps->msix_table_offset, caps->msix_table_bytes) &&
	     is_within(device, caps->msix_pba_bar, caps->msix_pba_offset, caps->msix_pba_bytes)))
		return 0;
	caps->msix = 0;
	caps->config_bytes = CONFIG_HEADER;
	return gaps_add(&device->gaps, "MSI-X", "it does not lie within BAR %u and BAR %u, as it claims",
	                caps->msix_table_bar, caps->msix_pba_bar);
}

/* ---- the path ---- */

static int read_path(int devices_fd, const char *name, struct device *device, struct pci_kin *kin)
{
	char target[4096];
	ssize_t n = readlinkat(devices_fd, name, target, sizeof(target) - 1);

	if (n < 0)
		return gaps_add(&device->gaps, "ports", "its link in %s: %s", PCI_DEVICES, strerror(errno));
	target[n] = '\0';
	return pci_path_parse(target, device, kin);
}

/* ---- all of it ---- */

int pci_sysfs_read(const struct sysroot *root, int devices_fd, struct device *device, struct pci_kin *ret)
{
	char name[PCI_ADDRESS_SIZE], path[sizeof(PCI_DEVICES) + PCI_ADDRESS_SIZE];
	struct pci_kin kin = { 0 };
	int r;

	pci_address_format(&device->address, name);
	snprintf(path, sizeof(path), "%s/%s", PCI_DEVICES, name);

	_cleanup_close_ int dir = sysroot_fd(root, path, O_RDONLY | O_DIRECTORY);

	device->iommu_group = device->numa_node = -1;
	if (dir == -ENOENT && root->live)
		return -ENODEV;
	if (dir < 0) {
		*ret = kin;
		return gaps_add(&device->gaps, "device", "%s: %s", path, strerror(-dir));
	}
	r = read_path(devices_fd, name, device, &kin);
	if (r == 0)
		r = read_ids(dir, device);
	if (r == 0)
		r = read_driver(dir, device);
	if (r == 0)
		r = read_iommu_group(dir, device);
	if (r == 0)
		r = read_numa_node(dir, device);
	if (r == 0)
		r = read_boot_vga(dir, device);
	if (r == 0)
		r = read_physfn(dir, device, &kin);
	if (r == 0)
		r = read_bars(dir, device);
	if (r == 0)
		r = read_config(dir, device);
	if (r == 0)
		r = check_msix(device);
	if (r == 0)
		*ret = kin;
	return r;
}
