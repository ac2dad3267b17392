/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ceiling: how many bytes of stores a PCIe link can carry when each payload goes in a packet of its own. Pure.
 *
 * Two figures, and they must not be mixed up:
 *  - the net one is what a good device reaches: acknowledgements, flow control and skips taken off as the model behind
 *    "Understanding PCIe performance for end host networking" has it (Neugebauer et al., SIGCOMM 2018;
 *    https://github.com/pcie-bench/pcie-model). It is the yardstick of a benchmark.
 *  - the bound is what no link of that speed and width can exceed, whatever its protocol does: nothing but the encoding
 *    and the shortest packet is taken off. Only the bound is evidence: stores that are faster than it have combined.
 *
 * MB/s are 10^6 bytes a second. 0 is unknown, and never means slow.
 */
#pragma once

#include "model/device.h"

/* Payloads of 1, 2, 4 ... 64 bytes. */
#define CEILING_PAYLOADS 7

/* One link: what both of its ends say. */
struct ceiling_hop {
	uint8_t speed;      /* as struct link codes it; 7 is 128 GT/s (PCIe 7.0) */
	uint8_t width;      /* lanes; 0: unknown */
	uint16_t mps_bytes; /* 0: unknown */
	bool may_flit;      /* both ends can do Flit Mode, which they may then use at any speed (PCIe 6.0, 4.2.3) */
};

/* The rate of a lane in GT/s by the code of a speed; 0: unknown. */
double ceiling_gigatransfers(uint8_t speed);
/* of_64: the address takes 64 bits, which makes the header 4 bytes longer. A payload of 0 or above the MPS: unknown. */
double ceiling_net_mbps(const struct ceiling_hop *hop, bool of_64, unsigned int payload_bytes);
/* The address is always taken for a short one: a bridge may translate it. */
double ceiling_bound_mbps(const struct ceiling_hop *hop, unsigned int payload_bytes);

struct ceiling {
	double net_mbps[CEILING_PAYLOADS];   /* of 1 << i bytes */
	double bound_mbps[CEILING_PAYLOADS];
	double net_of_mps_mbps;              /* of the largest packet that the path takes */
	uint16_t mps_bytes;                  /* of that packet */
	struct ceiling_hop narrowest;        /* by 64-byte payloads */
};

/*
 * Of the narrowest hop between the root complex and the BAR. All zero where a hop is unknown: no PCIe link at all (a
 * device integrated in the root complex, conventional PCI), a link whose registers could not be read, or whose two ends
 * do not agree. Links of a virtual machine are claims of the hypervisor: the caller must not ask for them.
 */
void ceiling_of_bar(const struct devices *devices, const struct device *device, const struct bar *bar,
                    struct ceiling *ret);
