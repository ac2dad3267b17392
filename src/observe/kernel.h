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
/*
 * Its release, command line and lockdown, for who asks only whether what was judged still holds: the rest is unknown, and of it a
 * configuration of 10,000 lines and the list of all modules take most of the time that an event has.
 */
int kernel_read_brief(const struct sysroot *root, const char *release, struct err *err, struct kernel *ret);
