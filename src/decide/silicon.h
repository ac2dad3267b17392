/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * silicon: what two machines must have in common for findings of one to mean the other. Pure.
 *
 * To prove a path, equal must be: the architecture, the CPUs' types, the SoC and its revision, the host bridge, each port's id
 * and revision and MPS, the window's class, whether it is above 4 GiB, how the mapping was made, the model of machine
 * and board, the firmware's version and date (or the whole device tree's compatible), the microcode, the microtests' version. May differ: the
 * kernel and its command line, the root port's and the device's address, the device. Where one of two machines does not say
 * a part, that is a difference.
 *
 * To warn of a path, less is enough, for silicon that failed is not mended by another board: architecture, CPUs, SoC, host
 * bridge, and the ports' ids and revisions. Where one does not say a part, that is none.
 */
#pragma once

#include "model/device.h"
#include "model/import.h"
#include "model/platform.h"

/* Of what anybody may read: an unprivileged user gets the same answer as root. 0 or -ENOMEM; silicon_done() frees. */
int silicon_of(const struct platform *platform, struct silicon *ret);
/* Does it say enough to be told from a machine with the same cores: CPU, and model and firmware or device tree. */
bool silicon_is_known(const struct silicon *silicon);
/* The first part in which they differ; SILICON_PARTS: in none. */
enum silicon_part silicon_difference(const struct silicon *a, const struct silicon *b);
/* Nothing that both say of their hardware differs, and both say which CPU they have. */
bool silicon_is_like(const struct silicon *a, const struct silicon *b);

/*
 * "bridge=8086:09a2-04 ports=8086:352a-04,mps256 ..." of a BAR: path_key() without what depends on the place. *ret is NULL
 * for a path that is like no other: one that is integrated in the root complex, or of which something cannot be read.
 * The caller frees it. 0 or -ENOMEM.
 */
int silicon_path(const struct devices *devices, const struct device *device, const struct bar *bar,
                 const struct platform *platform, char **ret);
/* Do both lead through the same host bridge and the same ports, whatever they are set to. */
bool silicon_path_is_like(const char *a, const char *b);
