/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domain: which PCI devices of the host a libvirt domain gets: <hostdev type='pci'> and <interface type='hostdev'>. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "model/device.h"

struct host_devices {
	struct pci_address *at;
	size_t n;
};

/*
 * Reads the domain's XML. A document type, deeper nesting than libvirt's, or an address that is none is refused: -EINVAL
 * with err, "bad-domain"; -ENOMEM. The caller frees ret->at.
 */
int domain_read(const char *xml, size_t size, struct err *err, struct host_devices *ret);
