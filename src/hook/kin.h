/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kin: whether a device of which nothing that is published counts hangs on a path that is known to be unsafe. */
#pragma once

#include "base/sysroot.h"
#include "model/publication.h"

/*
 * For one that came after the last refresh: a virtual function whose physical one is on an unsafe path, or a device whose path has
 * another one's in it that is unsafe, as where both are behind the same port; by what is published, or by a mark. *ret_why is set
 * with true only. false: nothing says so, or it could not be looked at, which leaves it unknown.
 */
bool kin_is_unsafe(const struct sysroot *root, const struct publication *publication, const struct pci_address *address,
                   const char **ret_why);
