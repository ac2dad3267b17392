/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: reads every identity that the machine offers, and says which it could not. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/platform.h"

/* arch: what --arch says, or NULL: then /proc/sys/kernel/arch, or on the live machine uname(2). */
int platform_read(const struct sysroot *root, const char *arch, struct err *err, struct platform *ret);
