/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-caps: reads the capability chains of a configuration space, which may be truncated, looping or lying. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/device.h"

#define CONFIG_HEADER 64     /* bytes that every user may read */
#define CONFIG_STANDARD 256  /* conventional PCI */
#define CONFIG_EXTENDED 4096 /* PCI Express */

/*
 * Where bytes come from. Only bytes that a capability defines are asked for, in single dwords: some devices hang when
 * undefined ones are read (lspci(8), -xxx).
 */
struct config_source {
	/* Reads 4 bytes at a multiple of 4: 0; -ENODATA when the space ends before them; another negative errno. */
	int (*read)(void *data, unsigned int at, uint8_t ret[static 4]);
	void *data;
	size_t size_bytes; /* 256 or 4096: what there would be for root; reading it may still end before */
};

/* A buffer as a source: data points to one of these. */
struct config_buffer {
	const uint8_t *at;
	size_t size_bytes;
};
int config_buffer_read(void *data, unsigned int at, uint8_t ret[static 4]);

/*
 * Fills *ret; what cannot be told goes into gaps. A space without even its header leaves *ret zero, which is unknown.
 * 0 or -ENOMEM.
 */
int pci_caps_read(const struct config_source *source, struct gaps *gaps, struct caps *ret);
