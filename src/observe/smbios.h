/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smbios: what the firmware's table of structures says of processor and virtual machine. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/tri.h"

struct smbios {
	char *processor_version; /* type 4 of the first populated socket; NULL: none, or empty */
	uint32_t processor_id;   /* its low 32 bits; 0: unknown */
	enum tri is_vm;          /* type 0: "SMBIOS table describes a virtual machine" */
};

/*
 * The bytes of /sys/firmware/dmi/tables/DMI. What comes before a structure that cannot be true is taken: 0; -EBADMSG
 * when there was one (*ret is filled all the same); -ENOMEM (*ret is untouched).
 */
int smbios_parse(const uint8_t *table, size_t size_bytes, struct smbios *ret);
void smbios_done(struct smbios *smbios);
