/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer: the publication held against sysfs. Without libpci, for libpciwc is linked into other people's programs. */
#include "observe/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "model/policy.h"
#include "observe/publication.h"

/* One id that differs decides; one that cannot be read, or that an earlier version did not publish, leaves it open. */
int answer_find_change(const struct sysroot *root, const struct published_device *device, enum tri *ret)
{
	const struct card *card = &device->card;
	const struct {
		const char *name;
		uint64_t was;
		bool is_known;
	} ids[] = {
		{ "vendor", device->vendor, true },
		{ "device", device->device, true },
		{ "revision", device->revision, true },
		{ "subsystem_vendor", card->subsystem_vendor, card->is_known },
		{ "subsystem_device", card->subsystem_device, card->is_known },
		{ "class", card->class, card->is_known },
	};
	char address[PCI_ADDRESS_SIZE], path[64];
	enum tri changed = TRI_NO;

	pci_address_format(&device->address, address);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", address);

	_cleanup_close_ int dir = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);

	if (dir < 0)
		changed = TRI_UNKNOWN;
	for (size_t i = 0; dir >= 0 && i < ELEMENTSOF(ids); i++) {
		uint64_t is;
		int r = attr_u64(dir, ids[i].name, 16, &is);

		if (r == -ENOMEM)
			return r;
		changed = tri_or(changed, r < 0 || !ids[i].is_known ? TRI_UNKNOWN : tri_of(is != ids[i].was));
	}
	*ret = changed;
	return 0;
}

enum tri answer_find_mark(const struct sysroot *root, const struct pci_address *address)
{
	_cleanup_close_ int dir = -1;
	char name[PCI_ADDRESS_SIZE];
	struct stat st;
	int r = sysroot_trusted(root, MARKS_DIR, NULL, &dir);

	if (r < 0)
		return r == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	pci_address_format(address, name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return TRI_YES;
	return errno == ENOENT ? TRI_NO : TRI_UNKNOWN;
}

int answer_read(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err,
                struct answer *ret)
{
	_cleanup_(answer_done) struct answer answer = { 0 };
	enum tri changed = TRI_UNKNOWN;
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
		r = answer_confirm(&answer, changed, answer_find_mark(root, address));
	if (r < 0)
		return r;
	*ret = answer;
	answer = (struct answer){ 0 };
	return 0;
}
