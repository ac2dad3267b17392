/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path: what a proof of a path depends on, as text: two BARs have the same path only when their keys are equal. Pure. */
#pragma once

#include <stdio.h>

#include "model/device.h"
#include "model/platform.h"

/*
 * "root=0000:00:08.0 ..." with everything of the path in it; the caller frees it, NULL when memory is out.
 * path_key_rest skips the root port's address: keys equal from there on are equivalent paths.
 */
char *path_key(const struct devices *devices, const struct device *device, const struct bar *bar,
               const struct platform *platform);
const char *path_key_rest(const char *key);
/*
 * The first function on the way, the device among them, of which it cannot be read what the key says of it: a failure may be
 * on file under another key. NULL: none, or, without has_ports, where the device is is not known.
 */
const struct pci_address *path_find_unread(const struct devices *devices, const struct device *device);
/* A device integrated in the root complex lends its proof to nobody, and borrows none. */
bool path_is_shareable(const struct device *device);

/*
 * Text that firmware chose, so that it cannot forge a part of a key: what separates parts is written %XX, and so is what no
 * terminal should see. NULL is unknown, "?".
 */
void path_print_text(FILE *out, const char *text);
/* The CPUs' types: which store unit and interconnect agent made the stores. */
void path_print_cpus(FILE *out, const struct platform *platform);
/* Closes the memory stream; the caller frees what it gives, NULL when memory is out. */
char *path_key_finish(FILE *out, char **text);
