/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors-table: the registers and counters that tell of errors, a row each; for errors.c and errors-read.c only. */
#pragma once

#include "act/errors.h"

enum place { AT_START, AT_BRIDGE, AT_PCIE, AT_AER, AT_ROOT_AER, AT_DPC };

struct error_register_info {
	const char *name;
	enum place place;  /* which capability it is in, and who has it */
	uint16_t offset;   /* there */
	uint8_t bytes;
	uint32_t errors;   /* its bits that tell of an error */
	uint32_t blinding; /* those that hide a new one while they stand */
};
extern const struct error_register_info error_register_infos[ERROR_REGISTERS];

struct error_counter_info {
	const char *attribute;
	const char *total; /* the line's word; NULL: the file is the number */
	bool is_of_all;    /* counts everything below the root port */
	bool is_harmless;  /* repaired by the link */
};
extern const struct error_counter_info error_counter_infos[ERROR_COUNTERS];
