/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal: written and fsynced before a BAR is touched, so that a host that dies tells the next boot what killed it. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/journal.h"

#define JOURNAL_DIR "/var/lib/pciwc/journal"

/* Writes, or replaces, the entry of this BAR; durable (file and directory fsynced) when it returns 0. */
int journal_write(const struct sysroot *root, const struct journal_entry *entry, struct err *err);
/* Removes it, durably; 0 also when there is none. */
int journal_remove(const struct sysroot *root, const struct pci_address *address, unsigned int bar, struct err *err);
/*
 * All entries; is_crash is set where the boot id is another one than this boot's. A file that cannot be read counts as
 * a crash of the BAR that its name says, with a warning.
 */
int journal_read(const struct sysroot *root, struct err *err, struct journal *ret);
/*
 * The same for who writes over what is there, or removes it: an error where an entry for a BAR of this device (NULL: any) may be a
 * good one, which could not be read just now, or this boot's id for it; what it says would be lost.
 */
int journal_read_known(const struct sysroot *root, const struct pci_address *address, struct err *err, struct journal *ret);
/* This boot's id (/proc/sys/kernel/random/boot_id); the caller frees it. */
int journal_boot_id(const struct sysroot *root, struct err *err, char **ret);
