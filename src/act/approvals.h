/* SPDX-License-Identifier: GPL-2.0-or-later */
/* approvals: what earlier policies granted, as it lies on disk: a file a device, "ADDRESS.json". */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/approval.h"

/*
 * All of them; one that is damaged, or that others could have written, is logged, and one that could not be read is said to
 * be unread. A missing directory holds none. *ret must be empty, and holds what was read before an error, too: less granted
 * is never worse.
 */
int approvals_read(const struct sysroot *root, struct err *err, struct approvals *ret);
/*
 * This device's alone; -ENOENT: it has none. One that cannot be read, or that others could have written, is not
 * is_readable, and logged.
 */
int approval_read(const struct sysroot *root, const struct pci_address *address, struct err *err, struct approval *ret);
/* Is it unread: why, with err, or 0. */
int approval_check_read(const struct sysroot *root, const struct approval *approval, struct err *err);
/* Logs that. */
void approval_say_unread(const struct sysroot *root, const struct approval *approval);
/*
 * Replaces the file by what is known of the approval, which must be readable, durably. Where there is no room for a second file
 * it is written over: who is killed meanwhile leaves one that is damaged, and so gives nothing.
 */
int approval_write(const struct sysroot *root, const struct approval *approval, struct err *err);
/* Removes the file, durably; 0 also when there is none. */
int approval_remove(const struct sysroot *root, const struct pci_address *address, struct err *err);
