/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume: the rows of an approval, as `policy apply` would carry them out. */
#include "act/resume.h"

#include <errno.h>
#include <stdio.h>

#include "act/grant.h"
#include "act/pin.h"
#include "base/cleanup.h"

#define FILE_MODE 0660

/* What is another group's is taken from that first: whether the one that it is for can be found, or not. */
static int give(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err, struct revoked *revoked)
{
	char address[PCI_ADDRESS_SIZE], path[64 + PCI_ADDRESS_SIZE];
	const struct write write = { .kind = WRITE_GRANT, .path = path, .mode = FILE_MODE, .group = approval->bars[bar].group,
		                     .address = approval->address, .vendor = approval->vendor, .device = approval->device,
		                     .bar = (uint8_t)bar };
	bool is_changed;
	int r = 0;

	pci_address_format(&approval->address, address);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u_wc", address, bar);
	if (grant_is_of_another(root, approval, &write))
		r = grant_take(root, approval, bar, err, revoked, &is_changed);
	return r < 0 ? r : grant_give(root, &write, err, &is_changed);
}

int resume_device(const struct sysroot *root, const struct approval *approval, struct event *event, struct revoked *revoked,
                  struct err *err)
{
	bool is_changed;
	int r = 0;

	/* Whoever starts pins reads of this event that it is not wanted. */
	if (approval->pins & ~event->pinned)
		r = pin_take(root, &approval->address, err, &is_changed);
	for (unsigned int bar = 0; bar < BAR_MAX; bar++) {
		int q = event->taken & (1u << bar)   ? grant_take(root, approval, bar, err, revoked, &is_changed)
		        : event->given & (1u << bar) ? give(root, approval, bar, err, revoked)
		                                     : 0;

		if (q < 0) {
			event->given &= ~(1u << bar);
			snprintf(event->reason, sizeof(event->reason), "failed");
		}
		r = r < 0 ? r : q;
	}
	return r;
}
