/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hazard: the closed vocabulary of what can go wrong with write-combining. */
#pragma once

enum hazard {
	HAZARD_NONE,
	HAZARD_SPARSE_BYTE_ENABLES,
	HAZARD_MISADDRESSED_WRITE,
	HAZARD_SUBWORD_MISADDRESS,
	HAZARD_UNALIGNED_ACCESS,
	HAZARD_WIDE_ACCESS_64,
	HAZARD_WIDE_ACCESS_128,
	HAZARD_LONG_BURST_HANG,
	HAZARD_COMBINE_DISORDER,
	HAZARD_NO_DRAIN,
	HAZARD_NO_COMBINING,
	HAZARD_UNRELIABLE_COMBINING,
	HAZARD_SLOW_READ,
	HAZARD_SPECULATIVE_READ,
	HAZARD_WC_READ_INCOHERENT,
	HAZARD_ORDERING,
	HAZARD_ATTRIBUTE_OVERRIDE,
	HAZARD_ATTRIBUTE_ALIAS,
	HAZARD_RAM_BACKED_BAR,
	HAZARD_FATAL_ABORT,
	HAZARD_GUEST_EMULATED_MMIO,
	HAZARD_BAR_NOT_MEMORY,
	HAZARD_NO_WC_SUPPORT,
	HAZARD_WC_DEFECT_UNSPECIFIED,
	HAZARDS
};

struct hazard_info {
	const char *name;
	const char *meaning;
	const char *unseen; /* what of it no test of memory can see; NULL: its tests see all that is known of it */
};
extern const struct hazard_info hazard_infos[HAZARDS];

/* HAZARD_NONE when name is none of the vocabulary. */
enum hazard hazard_parse(const char *name);
