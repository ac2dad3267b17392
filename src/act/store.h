/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store: findings on disk, one file a BAR; each kept with what it depends on. */
#pragma once

#include "base/err.h"
#include "base/strs.h"
#include "base/sysroot.h"
#include "model/finding.h"

#define FINDINGS_DIR "/var/lib/pciwc/findings"

int store_write(const struct sysroot *root, const struct record *record, struct err *err);
/* Removes that of this BAR, durably; 0 also when there is none. */
int store_remove(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err);
/* All records; a file that is broken or untrusted is left out and named in ret_broken (one message each). */
int store_read(const struct sysroot *root, struct err *err, struct records *ret, struct strs *ret_broken);
