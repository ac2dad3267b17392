/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy: what `policy apply` writes, row by row; `policy show` prints the same rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/json.h"
#include "model/device.h"

enum write_kind {
	WRITE_NONE,
	WRITE_TEXT,  /* the file is replaced by text */
	WRITE_GRANT, /* group and mode of a sysfs attribute */
	WRITE_DRIVER, /* driver_override, and the device bound to that driver */
	WRITE_RANGES, /* the list of the module's driver */
	WRITE_PIN, /* the whole resourceN_wc held mapped, by a process of its own */
	WRITE_MARK, /* a file that says of a device that its path is unsafe: udev's rule looks for it */
};

struct write {
	enum write_kind kind;
	char *path; /* absolute, below the root */
	char *text; /* all but WRITE_GRANT: what it then holds */
	char *from; /* WRITE_DRIVER: the driver that was bound when it was judged; NULL: none */
	mode_t mode; /* WRITE_TEXT, WRITE_GRANT, WRITE_MARK */
	char *group; /* WRITE_GRANT */
	struct pci_address address; /* of the device, and what it must still be when it is written */
	uint16_t vendor, device;    /* 0: WRITE_TEXT that is of no device */
	uint8_t bar; /* WRITE_GRANT, WRITE_PIN */
	uint64_t base, size_bytes; /* WRITE_PIN: of the BAR, when it was judged */
};

/* A file for each device, by its address: udev's rule tests for it, so that no other device costs a process. */
#define MARKS_DIR "/run/pciwc/unsafe"

struct policy {
	struct write *at;
	size_t n;
};

struct write *policy_add(struct policy *policy, enum write_kind kind, const char *path, mode_t mode);
/* The first such row of this device, NULL: there is none, and whether there is one; bar 0 where a kind has none. */
const struct write *policy_find(const struct policy *policy, enum write_kind kind, const struct pci_address *address, unsigned int bar);
bool policy_has(const struct policy *policy, enum write_kind kind, const struct pci_address *address, unsigned int bar);
void policy_done(struct policy *policy);
struct json_object *policy_to_json(const struct policy *policy);
