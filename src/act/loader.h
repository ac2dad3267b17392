/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loader: has the installed pciwc, in a process without rights, try to load a file before that replaces another. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/sysroot.h"

/*
 * 0 when the pciwc that will read these bytes from now on takes them: on the live machine the one that is installed, where
 * there is none (and for a captured machine) this one. -EINVAL with err, id "not-loaded", and what it said.
 */
int loader_check(const struct sysroot *root, const char *bytes, size_t size, struct err *err);
/* Runs it with our rights and these words, NULL at the end; only its errors are seen. Its exit status, or a negative errno. */
int loader_run(const struct sysroot *root, const char *const words[]);
