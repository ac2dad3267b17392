/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smbios: what the firmware's table of structures says of processor and virtual machine. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/platform.h"

struct smbios {
	struct processors processors; /* type 4 of each populated socket, and of one that does not tell whether it is */
	enum tri is_vm;               /* type 0: "SMBIOS table describes a virtual machine" */
};

/*
 * The bytes of /sys/firmware/dmi/tables/DMI. What comes before a structure that cannot be true is taken: 0; -EBADMSG
 * when there was one (*ret is filled all the same); -ENOMEM (*ret is untouched).
 */
int smbios_parse(const uint8_t *table, size_t size_bytes, struct smbios *ret);
void smbios_done(struct smbios *smbios);
