/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel: what this kernel can map write-combining, for whom, and what it forbids. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/lookup.h"
#include "base/strs.h"
#include "model/gap.h"
#include "model/tri.h"

struct json_object;

enum lockdown { LOCKDOWN_UNKNOWN, LOCKDOWN_NONE, LOCKDOWN_INTEGRITY, LOCKDOWN_CONFIDENTIALITY };
extern const char *const lockdown_names[];

/* What a guest of this host may make of a vfio BAR. */
enum guest_rule {
	GUEST_UNKNOWN,          /* also arm64 before 6.9: Device, unless the change was carried back */
	GUEST_NONE,             /* no vfio here */
	GUEST_NORMAL_NC_UNGATED, /* arm64 6.9 and newer: every guest may choose Normal-NC on every BAR */
	GUEST_DECIDES,          /* x86: the guest's PAT decides */
};
#define GUEST_RULES (GUEST_DECIDES + 1)
extern const char *const guest_rule_names[];
extern const char *const guest_rule_meanings[];

/* The module whose driver maps BARs write-combining for VFIO. */
enum variant {
	VARIANT_UNKNOWN,
	VARIANT_MISSING,   /* nobody has built it for this kernel */
	VARIANT_INSTALLED, /* modprobe would find it */
	VARIANT_LOADED,
};
extern const char *const variant_names[];

struct kernel {
	char *release;         /* "6.12.48+deb13-amd64"; NULL: unknown */
	unsigned int version[2]; /* {6, 12}; {0, 0}: unknown */
	char *cmdline;
	uint64_t page_bytes;   /* 0: unknown */
	char *config;          /* the text of its configuration; NULL: unknown */
	struct {               /* what kernel_index found in it */
		char *text;    /* the same, cut into names and values; NULL: nobody indexed it */
		struct lookup names; /* where the value of an option is in text; 0: it is not set */
		bool is_whole; /* what is not among names is not set */
	} options;
	enum tri wc_files;     /* arch_can_pci_mmap_wc(): does this kernel make resourceN_wc at all */
	enum tri pat;          /* x86 only */
	enum tri memtype_list; /* x86: /sys/kernel/debug/x86/pat_memtype_list is readable */
	enum lockdown lockdown;
	enum tri strict_devmem;  /* CONFIG_IO_STRICT_DEVMEM */
	bool iomem_relaxed;      /* iomem=relaxed lifts it */
	enum tri vfio;           /* vfio-pci is loaded */
	enum tri iommu;          /* there are IOMMU groups */
	enum guest_rule guest;
	enum variant variant;
	struct gaps gaps;
};

/* Makes kernel_option a matter of one step, for databases that ask for many. 0 or -ENOMEM. */
int kernel_index(struct kernel *kernel);
/*
 * The option as its configuration has it, "y" for CONFIG_X=y; one that is not set, or that a whole configuration does not
 * have, is "n". The caller frees *ret; NULL: not known. 0 or -ENOMEM.
 */
int kernel_option(const struct kernel *kernel, const char *option, char **ret);

/* Is a region that a driver has requested kept from all others: CONFIG_IO_STRICT_DEVMEM, which iomem=relaxed lifts. */
enum tri kernel_strict_devmem(const struct kernel *kernel);

/* Is the kernel's release at least major.minor; TRI_UNKNOWN without a release. */
enum tri kernel_at_least(const struct kernel *kernel, unsigned int major, unsigned int minor);

void kernel_done(struct kernel *kernel);
struct json_object *kernel_to_json(const struct kernel *kernel);
