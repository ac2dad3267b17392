/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-resource: the sysfs file "resource" of a function, which lists its BARs. */
#pragma once

#include "model/device.h"

/*
 * Fills the device's bars from the file's text, except their wc_file. A line that cannot be true becomes a gap and no
 * bar. 0 or -ENOMEM.
 */
int pci_resource_parse(const char *text, struct device *device);
