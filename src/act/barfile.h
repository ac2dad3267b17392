/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * barfile: files named after a BAR, "ADDRESS-barN.json", and how such a file is read: journal and findings are kept so.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "base/sysroot.h"
#include "model/device.h"

#define BARFILE_NAME_SIZE (PCI_ADDRESS_SIZE + 16)

void barfile_name(const struct pci_address *address, unsigned int bar, char ret[static BARFILE_NAME_SIZE]);
/* Only the exact spelling that barfile_name gives. */
bool barfile_parse(const char *name, struct pci_address *ret_address, unsigned int *ret_bar);

/*
 * The names in dir, an fd of it, sorted; a dir that is missing gives no name and *ret_fd -1; one that others than root
 * can write is an error. The caller closes *ret_fd.
 */
int barfile_list(const struct sysroot *root, const char *dir, struct err *err, struct strs *ret, int *ret_fd);
/*
 * Reads dir/name, which must be root's and nobody else's to write. path is for messages. The caller puts *ret with
 * json_done.
 */
int barfile_load(const struct sysroot *root, int dir, const char *name, const char *path, struct err *err,
                 struct json_object **ret);
/* Removes that BAR's file from the directory, whoever can write there, durably; 0 also when there is none. */
int barfile_remove(const struct sysroot *root, const char *path, const struct pci_address *address, unsigned int bar,
                   struct err *err);
