/* SPDX-License-Identifier: GPL-2.0-or-later */
/* approvals: what earlier policies granted, as it lies on disk: a file a device, "ADDRESS.json". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

#define APPROVALS_DIR "/var/lib/pciwc/approvals"

struct approval {
	struct pci_address address;
	bool is_readable; /* otherwise what it granted is not known, and bars is all of them */
	uint16_t vendor, device;
	unsigned int bars; /* bit N: resourceN_wc */
};

struct approvals {
	struct approval *at;
	size_t n;
};

void approvals_done(struct approvals *approvals);
/*
 * All of them; one that cannot be read, or that others could have written, is logged. A missing directory holds none.
 */
int approvals_read(const struct sysroot *root, struct err *err, struct approvals *ret);
/* Removes the file, durably; 0 also when there is none. */
int approval_remove(const struct sysroot *root, const struct pci_address *address, struct err *err);
