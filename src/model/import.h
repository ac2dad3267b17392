/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import: findings of another machine of the same silicon, as a file that travels; and what such a machine is called. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "model/finding.h"

/* What a machine is, by parts that every machine of its kind has: no serial number, address, name or time is among them. */
enum silicon_part {
	SILICON_ARCH,
	SILICON_CPU,
	SILICON_SOC,
	SILICON_DT_BRIDGE, /* the host bridges' compatible strings */
	SILICON_DT,
	SILICON_SYS_VENDOR,
	SILICON_PRODUCT_NAME,
	SILICON_BOARD_VENDOR,
	SILICON_BOARD_NAME,
	SILICON_BIOS_VENDOR,
	SILICON_BIOS_VERSION,
	SILICON_BIOS_DATE,
	SILICON_MICROCODE,
	SILICON_PARTS
};

struct silicon_info {
	const char *name;
	bool is_hardware; /* no other firmware or board changes it */
	bool is_later;    /* the first version of the format did not have it: it may be missing, and is not known then */
};
extern const struct silicon_info silicon_infos[SILICON_PARTS];

struct silicon {
	char *part[SILICON_PARTS]; /* NULL: this machine has none, or it cannot be read */
};
void silicon_done(struct silicon *silicon);

struct import {
	char *file, *reason; /* where it was read, and why the site trusts it; reason NULL: the site does not name it */
	struct silicon silicon;
	unsigned int microtests; /* version of what was tested */
	/* path_key is silicon_path()'s; machine and boot_id are NULL: they stay at home. One record a BAR. */
	struct record *at;
	size_t n;
};

struct imports {
	struct import *at;
	size_t n;
};

void import_done(struct import *import);
void imports_done(struct imports *imports);
/* The document; file and reason are not in it. Equal imports give equal text. */
struct json_object *import_to_json(const struct import *import);
/* Strict, for it comes from elsewhere: also -EINVAL for text that no terminal should see, and for what names a machine. */
int import_from_json(const struct json_at *at, struct err *err, struct import *ret);
