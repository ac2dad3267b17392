/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deny: what can be said and done about a device on an unsafe path that a guest may get. Pure. */
#pragma once

#include <stdbool.h>

#include "decide/evidence.h"
#include "model/verdict.h"

/* The ways to keep guests from combining on this path, each with its risk: none unless it is unsafe. 0 or -ENOMEM. */
int deny_nexts(const struct evidence *evidence, const struct device *device, struct path_verdict *path);

/*
 * One line for the log whenever a driver is bound: NULL when nothing is to be said, for the path is not unsafe, or its driver
 * gives the device to no guest (is_vfio). The caller frees *ret. 0 or -ENOMEM.
 */
int deny_warning(const struct pci_address *address, enum verdict_kind path, bool is_vfio, enum guest_rule guest, char **ret);
/* The lines for the log behind that one: what can be done, each with its risk. 0 or -ENOMEM. */
int deny_remedies(const struct pci_address *address, enum guest_rule guest, struct strs *ret);
