/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place: a link and a file. Without libpci, for libpciwc is linked into other people's programs. */
#include "observe/place.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "observe/pci-resource.h"

#define RESOURCE_MAX_BYTES 16384

/* What could not be read is a gap, but for want of memory. */
static int unread(struct device *place, const char *what, int r)
{
	return r == 0 || r == -ENOMEM ? r : gaps_add(&place->gaps, what, "errno %d", -r);
}

static int read_ports(const struct sysroot *root, const char *dir, struct device *place, struct pci_kin *kin)
{
	_cleanup_free_ char *target = NULL;
	int r = unread(place, "ports", sysroot_link(root, dir, &target));

	return target ? pci_path_parse(target, place, kin) : r;
}

static int read_physfn(const struct sysroot *root, const char *dir, struct device *place, struct pci_kin *kin)
{
	_cleanup_free_ char *name = NULL;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "%s/physfn", dir);
	r = sysroot_link_name(root, path, &name);
	if (r == -ENOENT)
		return 0;
	place->is_vf = name;
	kin->has_physfn = name && pci_address_parse(name, &kin->physfn) == 0;
	return unread(place, "physfn", r == 0 && !kin->has_physfn ? -EINVAL : r);
}

static int read_bars(const struct sysroot *root, const char *dir, struct device *place)
{
	_cleanup_free_ char *text = NULL;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "%s/resource", dir);
	r = unread(place, "BARs", sysroot_text(root, path, RESOURCE_MAX_BYTES, &text));
	return text ? pci_resource_parse(text, place) : r;
}

int place_read(const struct sysroot *root, const struct pci_address *address, struct device *ret, struct pci_kin *ret_kin)
{
	_cleanup_(device_done) struct device place = { .address = *address };
	struct pci_kin kin = { 0 };
	char name[PCI_ADDRESS_SIZE], dir[64];
	int r;

	pci_address_format(address, name);
	snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s", name);
	r = read_ports(root, dir, &place, &kin);
	if (r == 0)
		r = read_physfn(root, dir, &place, &kin);
	if (r == 0)
		r = read_bars(root, dir, &place);
	if (r < 0)
		return r;
	*ret = place;
	*ret_kin = kin;
	place = (struct device){ 0 };
	return 0;
}

bool place_is_unread(const struct device *place, unsigned int bar)
{
	char what[8];

	snprintf(what, sizeof(what), "BAR %u", bar);
	return gaps_have(&place->gaps, "BARs") || gaps_have(&place->gaps, what);
}
