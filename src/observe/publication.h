/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publication: reads what was published. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/publication.h"

/*
 * 0; -ENOENT ("nothing-applied") when no policy was applied in this boot; -EPERM when others than root could have written the
 * file; another negative errno when it cannot be read or is malformed.
 */
int publication_load(const struct sysroot *root, struct err *err, struct publication *ret);
