/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors: what a device and the ports above it say went wrong, before and after a step. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"
#include "model/site.h"

enum error_register { /* what says most comes first */
	ERROR_UNCORRECTABLE, /* AER */
	ERROR_CORRECTABLE,   /* AER */
	ERROR_DPC,
	ERROR_DEVICE_STATUS, /* of PCI Express */
	ERROR_STATUS,        /* PCI Status */
	ERROR_SECONDARY,     /* Secondary Status of a bridge */
	ERROR_ROOT,          /* AER, root ports */
	ERROR_REGISTERS
};

enum error_counter { /* in sysfs; AER's handler clears the registers and counts here */
	COUNTER_CORRECTABLE,
	COUNTER_NONFATAL,
	COUNTER_FATAL,
	COUNTER_ROOT_CORRECTABLE,
	COUNTER_ROOT_NONFATAL,
	COUNTER_ROOT_FATAL,
	ERROR_COUNTERS
};

/* A function that is watched: the device, or a port above it. */
struct error_source {
	struct pci_address address;
	int dir, config;
	uint16_t offsets[ERROR_REGISTERS]; /* in configuration space; 0: it has no such register */
	uint16_t pcie;                     /* 0: no PCI Express capability */
	bool has_aer;
	bool is_aer_owned; /* Linux handles its AER: true for root ports only */
	bool is_dpc_armed; /* DPC's trigger is enabled, and Linux handles it */
	bool is_unread;    /* which registers it has could not be asked */
};

struct error_sources {
	struct error_source *at; /* the device first, then its ports, nearest first */
	size_t n;
	bool is_root_port; /* the last one is a root port */
};

struct error_values {
	bool is_gone;    /* it no longer answers */
	uint32_t unread; /* a bit for each of what follows, in this order: a call failed, or said what is no number */
	uint32_t registers[ERROR_REGISTERS];
	uint64_t counters[ERROR_COUNTERS]; /* UINT64_MAX: there is none, or it is not known */
	uint16_t link;                     /* speed and width, as in Link Status */
#define ERROR_UNREAD_REGISTER(i) (1u << (i))
#define ERROR_UNREAD_COUNTER(i) (1u << (ERROR_REGISTERS + (i)))
#define ERROR_UNREAD_LINK (1u << (ERROR_REGISTERS + ERROR_COUNTERS))
};

struct error_snapshot {
	struct error_values *at; /* parallel to the sources */
	size_t n;
};

/* Finds the registers; 0 also when there are few. */
int errors_open(const struct sysroot *root, const struct device *device, struct err *err, struct error_sources *ret);
void errors_close(struct error_sources *sources);
/* 0 or -ENOMEM; a function that does not answer is in the snapshot. The caller frees it with error_snapshot_done. */
int errors_read(const struct error_sources *sources, struct error_snapshot *ret);
void error_snapshot_done(struct error_snapshot *snapshot);

enum error_news {
	ERROR_NEWS_NONE,
	ERROR_NEWS_ELSEWHERE, /* below the same root port, but none of ours shows it */
	ERROR_NEWS_HERE,
};

/* What is new in after; text then names the functions, the registers and the bits, as far as it goes. */
enum error_news errors_compare(const struct error_sources *sources, const struct error_snapshot *before,
                               const struct error_snapshot *after, char text[static 256]);
/* Is any of that news here of a port, and not of the device alone? */
bool errors_are_of_ports(const struct error_sources *sources, const struct error_snapshot *before,
                         const struct error_snapshot *after);
/* Would an error that is new in after have been seen? The rule, and its reasons, are in errors.c. */
bool errors_observed(const struct error_sources *sources, const struct error_snapshot *before,
                     const struct error_snapshot *after);
/* What is between an error here and the machine: never CONTAINMENT_UNKNOWN. */
enum containment errors_containment(const struct error_sources *sources);
