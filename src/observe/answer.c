/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer: the publication held against sysfs. Without libpci, for libpciwc is linked into other people's programs. */
#include "observe/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "model/policy.h"
#include "observe/place.h"
#include "observe/publication.h"

/* An attribute of a function, in hexadecimal. */
struct id {
	const char *name;
	uint64_t was;
	bool is_known;
};

/* One that differs decides; one that cannot be read, or that an earlier version did not publish, leaves it open. */
static int compare_ids(const struct sysroot *root, const struct pci_address *address, const struct id *ids, size_t n, enum tri *changed)
{
	char name[PCI_ADDRESS_SIZE], path[64];

	pci_address_format(address, name);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", name);

	_cleanup_close_ int dir = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);

	if (dir < 0)
		*changed = tri_or(*changed, TRI_UNKNOWN);
	for (size_t i = 0; dir >= 0 && i < n; i++) {
		uint64_t is;
		int r = attr_u64(dir, ids[i].name, 16, &is);

		if (r == -ENOMEM)
			return r;
		*changed = tri_or(*changed, r < 0 || !ids[i].is_known ? TRI_UNKNOWN : tri_of(is != ids[i].was));
	}
	return 0;
}

/* The same ports: what is behind others is on another path, which nobody has judged. */
static int compare_ports(const struct sysroot *root, const struct published_ports *ports, const struct device *place, enum tri *changed)
{
	bool is_known = ports->is_known && place->has_ports;
	int r = 0;

	*changed = tri_or(*changed, !is_known ? TRI_UNKNOWN : tri_of(ports->n != place->n_ports));
	for (size_t i = 0; r == 0 && is_known && i < ports->n && i < place->n_ports; i++) {
		const struct published_port *port = &ports->at[i];
		const struct id ids[] = {
			{ "vendor", port->vendor, true },
			{ "device", port->device, true },
			{ "revision", port->revision, true },
		};

		*changed = tri_or(*changed, tri_of(pci_address_compare(&port->address, &place->ports[i]) != 0));
		r = compare_ids(root, &port->address, ids, ELEMENTSOF(ids), changed);
	}
	return r;
}

/* A BAR that was moved or resized is decoded by another window, or has pages that nobody has looked at. */
static enum tri compare_bar(const struct published_bar *bar, const struct device *place)
{
	const struct bar *now = device_bar(place, bar->bar);

	if (!bar->has_place || (!now && place_is_unread(place, bar->bar)))
		return TRI_UNKNOWN;
	return tri_of(!now || !bar_is_candidate(now) || now->base != bar->base || now->size_bytes != bar->size_bytes);
}

int answer_find_change(const struct sysroot *root, const struct published_device *device, enum tri *ret)
{
	const struct card *card = &device->card;
	const struct id ids[] = {
		{ "vendor", device->vendor, true },
		{ "device", device->device, true },
		{ "revision", device->revision, true },
		{ "subsystem_vendor", card->subsystem_vendor, card->is_known },
		{ "subsystem_device", card->subsystem_device, card->is_known },
		{ "class", card->class, card->is_known },
	};
	_cleanup_(device_done) struct device place = { 0 };
	struct pci_kin kin;
	enum tri changed = TRI_NO;
	int r = compare_ids(root, &device->address, ids, ELEMENTSOF(ids), &changed);

	if (r == 0)
		r = place_read(root, &device->address, &place, &kin);
	if (r == 0)
		r = compare_ports(root, &device->ports, &place, &changed);
	if (r < 0)
		return r;
	for (size_t i = 0; i < device->n; i++)
		changed = tri_or(changed, compare_bar(&device->at[i], &place));
	*ret = changed;
	return 0;
}

int answer_find_mark(const struct sysroot *root, const struct pci_address *address, enum tri *ret)
{
	_cleanup_close_ int dir = -1;
	char name[PCI_ADDRESS_SIZE];
	struct stat st;
	int r = sysroot_trusted(root, MARKS_DIR, NULL, &dir);

	if (r == -ENOMEM)
		return r;
	pci_address_format(address, name);
	if (r == 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	*ret = r == 0 ? TRI_YES : r == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	return 0;
}

int answer_read(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err,
                struct answer *ret)
{
	_cleanup_(answer_done) struct answer answer = { 0 };
	enum tri changed = TRI_UNKNOWN, marked = TRI_UNKNOWN;
	char text[PCI_ADDRESS_SIZE];
	int r = publication_load(root, err, &answer.publication);

	if (r < 0)
		return r;
	answer.device = publication_find(&answer.publication, address);
	answer.bar = answer.device ? published_device_bar(answer.device, bar) : NULL;
	if (!answer.bar) {
		pci_address_format(address, text);
		return err_set(err, -ENODEV, "no-such-bar",
		               "%s:%u: nothing is published of it: no prefetchable BAR when pciwc policy apply ran", text, bar);
	}
	r = answer_find_change(root, answer.device, &changed);
	if (r == 0)
		r = answer_find_mark(root, address, &marked);
	if (r == 0)
		r = answer_confirm(&answer, changed, marked);
	if (r < 0)
		return r;
	*ret = answer;
	answer = (struct answer){ 0 };
	return 0;
}
