/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loader: has the installed pciwc, in a process without rights, try to load a file before that replaces another. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"

/*
 * 0 and the release's serial when the pciwc that will read these bytes from now on takes them: on the live machine the one
 * that is installed, where there is none (and for a captured machine) this one. It reads them, then gives up all but memory
 * and 30 s (jail_parse), and only then looks at them. -EINVAL with err, id "bad-bundle": it does not take them, and what it
 * said; path is for that. Id "failed": it could not be asked.
 */
int loader_check(const struct sysroot *root, const char *path, const char *bytes, size_t size, struct err *err,
                 uint64_t *ret_serial);
/*
 * Runs it with our rights and these words, NULL at the end; only its errors are seen. However long it takes, and also when
 * we end before it. Its exit status, or a negative errno.
 */
int loader_run(const struct sysroot *root, const char *const words[]);

/* The main of the child that is asked: does not return. argv[1] of it, argv[2] is the path. */
#define LOADER_CHILD_ARG "--child-load"
_Noreturn void loader_child(const char *path);
