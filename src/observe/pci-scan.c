/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-scan: which PCI functions a machine has, and what takes two of them to know. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "observe/pci-sysfs.h"
#include "observe/pci.h"

#define CLASS_HOST_BRIDGE 0x0600

static int add_function(struct devices *devices, const struct pci_address *address)
{
	struct device *device = array_add(devices);

	if (!device)
		return -ENOMEM;
	device->address = *address;
	device->iommu_group = device->numa_node = -1;
	return 0;
}

/* Not by libpci, which takes an error in the middle of a directory for its end: a port that denies would be missing. */
static int list_devices(const struct sysroot *root, struct devices *devices, struct err *err)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_list(root, PCI_DEVICES, &names);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s/%s", root->name, PCI_DEVICES);
	for (size_t i = 0; i < names.n; i++) {
		struct pci_address address;

		if (pci_address_parse(names.at[i], &address) < 0)
			return err_set(err, -EIO, "unreadable", "%s/%s/%s: expected a PCI address", root->name, PCI_DEVICES,
			               names.at[i]);
		if (add_function(devices, &address) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int compare_devices(const void *a, const void *b)
{
	return pci_address_compare(&((const struct device *)a)->address, &((const struct device *)b)->address);
}

/* A captured root can spell one address in two ways; a machine cannot. */
static void drop_twins(struct devices *devices)
{
	size_t kept = 0;

	for (size_t i = 0; i < devices->n; i++) {
		if (kept && !compare_devices(&devices->at[kept - 1], &devices->at[i]))
			device_done(&devices->at[i]);
		else
			devices->at[kept++] = devices->at[i];
	}
	devices->n = kept;
}

/* ---- kin: what takes two functions to know ---- */

static bool is_host_bridge(const struct device *device)
{
	return device && device->class >> 8 == CLASS_HOST_BRIDGE;
}

/* Function 0 of the root bus, else the first host bridge on that bus. */
static void find_host_bridge(const struct devices *devices, struct device *device, const struct pci_address *root_bus)
{
	const struct device *bridge = devices_find(devices, root_bus);

	if (!is_host_bridge(bridge))
		bridge = NULL;
	for (size_t i = 0; !bridge && i < devices->n; i++) {
		const struct device *other = &devices->at[i];

		if (other->address.domain == root_bus->domain && other->address.bus == root_bus->bus &&
		    is_host_bridge(other))
			bridge = other;
	}
	device->has_host_bridge = bridge;
	if (bridge)
		device->host_bridge = bridge->address;
}

/*
 * A virtual function's payload size and link are its physical function's; its own registers for them read as zero
 * (PCIe 6.0, 9.3.5.4 and 9.3.5.6).
 */
static void lend_to_vf(const struct devices *devices, struct device *vf, const struct pci_kin *kin)
{
	const struct device *pf = kin->has_physfn ? devices_find(devices, &kin->physfn) : NULL;

	vf->caps.mps_bytes = pf ? pf->caps.mps_bytes : 0;
	vf->caps.link = pf ? pf->caps.link : (struct link){ 0 };
}

struct kins {
	struct pci_kin *at; /* parallel to the devices */
	size_t n;
};

static void kins_done(struct kins *kins)
{
	free(kins->at);
}

static void settle(struct devices *devices, const struct kins *kins)
{
	const struct device *last = NULL;
	const struct pci_address *last_bus = NULL;

	for (size_t i = 0; i < devices->n; i++) {
		struct device *device = &devices->at[i];
		const struct pci_kin *kin = &kins->at[i];

		if (device->is_vf)
			lend_to_vf(devices, device, kin);
		if (!kin->has_root_bus)
			continue;
		/* Neighbours mostly have the same host bridge. */
		if (last_bus && !pci_address_compare(last_bus, &kin->root_bus)) {
			device->has_host_bridge = last->has_host_bridge;
			device->host_bridge = last->host_bridge;
		} else {
			find_host_bridge(devices, device, &kin->root_bus);
		}
		last = device;
		last_bus = &kin->root_bus;
	}
}

/* Fills every device; one that goes away meanwhile is dropped. */
static int read_all(const struct sysroot *root, int devices_fd, struct devices *devices)
{
	_cleanup_(kins_done) struct kins kins = { 0 };
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < devices->n; i++) {
		struct pci_kin *kin = array_add(&kins);

		if (!kin)
			return -ENOMEM;
		r = pci_sysfs_read(root, devices_fd, &devices->at[i], kin);
		if (r < 0 && r != -ENODEV)
			return r;
		if (r == -ENODEV) {
			device_done(&devices->at[i]);
			kins.n--;
		} else if (kept++ != i) {
			devices->at[kept - 1] = devices->at[i];
			devices->at[i] = (struct device){ 0 };
		}
	}
	devices->n = kept;
	settle(devices, &kins);
	return 0;
}

/* The function and what it hangs on, by address alone. */
static int list_path(const struct sysroot *root, int devices_fd, const struct pci_address *address, struct devices *devices)
{
	_cleanup_(devices_done) struct devices first = { 0 };
	struct pci_kin kin = { 0 };
	int r = add_function(&first, address);

	if (r == 0)
		r = pci_sysfs_read(root, devices_fd, &first.at[0], &kin);
	if (r == 0)
		r = add_function(devices, address);
	for (size_t i = 0; r == 0 && i < first.at[0].n_ports; i++)
		r = add_function(devices, &first.at[0].ports[i]);
	if (r == 0 && kin.has_physfn)
		r = add_function(devices, &kin.physfn);
	return r;
}

int pci_scan_path(const struct sysroot *root, const struct pci_address *address, struct err *err, struct devices *ret)
{
	_cleanup_(devices_done) struct devices devices = { 0 };
	_cleanup_close_ int fd = sysroot_fd(root, PCI_DEVICES, O_RDONLY | O_DIRECTORY);
	char text[PCI_ADDRESS_SIZE];
	int r = fd < 0 ? fd : list_path(root, fd, address, &devices);

	pci_address_format(address, text);
	if (r == 0) {
		qsort(devices.at, devices.n, sizeof(*devices.at), compare_devices);
		drop_twins(&devices);
		r = read_all(root, fd, &devices);
	}
	if (r == -ENODEV || r == -ENOENT || (r == 0 && !devices_find(&devices, address)))
		return err_set(err, -ENODEV, "no-such-device", "%s: no such device", text);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s/%s/%s", root->name, PCI_DEVICES, text);
	*ret = devices;
	devices = (struct devices){ 0 };
	return 0;
}

int pci_scan(const struct sysroot *root, struct err *err, struct devices *ret)
{
	_cleanup_(devices_done) struct devices devices = { 0 };
	_cleanup_close_ int bus = sysroot_fd(root, "sys/bus/pci", O_RDONLY | O_DIRECTORY);
	_cleanup_close_ int devices_fd = -1;
	int r;

	if (bus == -ENOENT && !sysroot_has(root, "sys"))
		return err_set(err, -ENOENT, "bad-root", "%s/sys: missing: not the root of a machine", root->name);
	if (bus == -ENOENT) {
		*ret = (struct devices){ 0 };
		return 0;
	}
	if (bus < 0)
		return err_errno(err, bus, "unreadable", "%s/sys/bus/pci", root->name);
	devices_fd = openat(bus, "devices", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (devices_fd < 0)
		return err_errno(err, -errno, "unreadable", "%s/%s", root->name, PCI_DEVICES);
	r = list_devices(root, &devices, err);
	if (r < 0)
		return r;
	if (devices.n)
		qsort(devices.at, devices.n, sizeof(*devices.at), compare_devices);
	drop_twins(&devices);
	r = read_all(root, devices_fd, &devices);
	if (r == 0)
		r = pci_name(&devices, err);
	if (r < 0)
		return r;
	*ret = devices;
	devices = (struct devices){ 0 };
	return 0;
}
