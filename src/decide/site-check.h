/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site-check: rows of the site file that are well written, and decide nothing here, or other than they seem to. Pure. */
#pragma once

#include "base/strs.h"
#include "model/device.h"
#include "model/quirk.h"
#include "model/site.h"

/* One line each is added to ret, "grant[1]: ...", in the order of the file's lists. 0 or -ENOMEM. */
int site_warnings(const struct site *site, const struct devices *devices, const struct quirks *quirks, struct strs *ret);
