/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * approval: what a policy gave of one device, and what was there before, as it lies on disk in "ADDRESS.json": all that
 * taking it back needs. decide/policy.c writes the text; here is the one of less.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "model/device.h"
#include "model/words.h"

#define APPROVALS_DIR "/var/lib/pciwc/approvals"

/* What was bound to a device before VARIANT_DRIVER was. */
struct predecessor {
	char *driver;   /* NULL: none */
	char *override; /* NULL: not set */
};

struct approval {
	struct pci_address address;
	bool is_readable; /* otherwise what it gave is not known: files and pins are all of them, has_variant is set */
	int unread; /* why a read of it failed, as a negative errno: a later look may tell, so it stays; 0: none did */
	uint16_t vendor, device;
	unsigned int files; /* bit N: the mode and group of resourceN_wc */
	unsigned int pins;  /* bit N: the whole resourceN_wc held mapped */
	struct {
		char *fingerprint; /* fingerprint_of() when it was approved; NULL: nothing is, or an earlier version wrote it */
		char *group;       /* of a file; NULL */
	} bars[BAR_MAX];
	enum verdict_kind path;
	unsigned int safe_bars; /* bit N: BAR N was safe, whoever it is granted to */
	bool has_variant;   /* the module's driver, and its list */
	unsigned int variants; /* bit N: of BAR N; none where it is not readable */
	struct predecessor before;
};

struct approvals {
	struct approval *at;
	size_t n;
};

/*
 * Is a device that has this driver and this driver_override now on its way to VARIANT_DRIVER, there, or on its way back?
 * Then what it had before is what the approval says, and not what is there now.
 */
bool approval_is_underway(const struct approval *approval, const char *driver, const char *override);
void approval_done(struct approval *approval);
void approvals_done(struct approvals *approvals);
/* NULL: none; approvals may be NULL. */
const struct approval *approvals_find(const struct approvals *approvals, const struct pci_address *address);
/* The one that sent this device on its way, and so knows what was there before; likewise. */
const struct approval *approvals_underway(const struct approvals *approvals, const struct device *device);
/* ret->address must be set: the document must be of this device. Members that a newer version added do not matter. */
int approval_from_json(const struct json_at *at, struct err *err, struct approval *ret);
/* "driver" of an approval. */
struct json_object *predecessor_to_json(const struct predecessor *before);
/* All that is known of one that is readable: read again it is the same. */
struct json_object *approval_to_json(const struct approval *approval);
