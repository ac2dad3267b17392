/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel: reads what this kernel can map and what it enforces. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"
#include "model/kernel.h"
#include "model/platform.h"

/* release: what --kernel says, or NULL: then /proc/sys/kernel/osrelease. */
int kernel_read(const struct sysroot *root, const struct platform *platform, const struct devices *devices,
                const char *release, struct err *err, struct kernel *ret);
