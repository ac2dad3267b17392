/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ceiling: link arithmetic; every constant is the specification's or the published model's (ceiling.h). */
#include "decide/ceiling.h"

#include "base/cleanup.h"

enum encoding { ENCODING_UNKNOWN, ENCODING_8B10B, ENCODING_128B130B, ENCODING_1B1B };

/* By the code of Link Status. PCIe 6.0, 1.2 and 4.2.1; the delay is Ack's InternalDelay in symbols (3.6.3.1). */
static const struct speed {
	double gigatransfers;
	enum encoding encoding;
	unsigned int delay_symbols;
} speeds[] = {
	{ 0, ENCODING_UNKNOWN, 0 },
	{ 2.5, ENCODING_8B10B, 19 },
	{ 5, ENCODING_8B10B, 70 },
	{ 8, ENCODING_128B130B, 115 },
	{ 16, ENCODING_128B130B, 115 },
	{ 32, ENCODING_128B130B, 115 },
	{ 64, ENCODING_1B1B, 0 },
	{ 128, ENCODING_1B1B, 0 },
};

static const double efficiency[] = {
	[ENCODING_UNKNOWN] = 0,
	[ENCODING_8B10B] = 8.0 / 10,
	[ENCODING_128B130B] = 128.0 / 130,
	[ENCODING_1B1B] = 1,
};

/*
 * A posted write outside Flit Mode: 4 bytes of framing and sequence number (8b/10b: STP, END and 2 bytes; 128b/130b:
 * one STP token that has the number in it), 4 of LCRC (PCIe 5.0, 3.6.2 and 4.2), a header of 3 double words or, with a long
 * address, 4 (2.2.4.1).
 */
#define FRAME_BYTES 8
#define HEADER_BYTES 12
#define LONG_ADDRESS_BYTES 4

/*
 * Flit Mode: of 256 bytes 236 are packets; 6 acknowledge and grant credit, 8 are CRC and 6 FEC (PCIe 6.0, 4.2.3.1). A
 * packet has no frame of its own; byte enables that are not all ones take another double word (OHC-A1, 2.2.4.2).
 */
#define FLIT_BYTES 256.0
#define FLIT_PACKET_BYTES 236.0
#define OHC_BYTES 4

/* Skips as the model has them: 4 symbols in 1538. */
#define SKIP_LOSS (4.0 / 1538)
/* An Ack, and an UpdateFC, takes 8 bytes on the link: 6 and their framing. */
#define DLLP_BYTES 8.0
/* The largest packet without its payload, in symbols, as the specification counts it for these two limits. */
#define ACK_OVERHEAD_SYMBOLS 28

/* What travels: the payload is whole double words (PCIe 6.0, 2.2.2). */
static double padded(unsigned int payload_bytes)
{
	/* NOLINTNEXTLINE(bugprone-integer-division): whole words */
	return (payload_bytes + 3) / 4 * 4;
}

static const struct speed *find_speed(uint8_t speed)
{
	return &speeds[speed < ELEMENTSOF(speeds) ? speed : 0];
}

static const struct speed *speed_of(const struct ceiling_hop *hop)
{
	return find_speed(hop->speed);
}

double ceiling_gigatransfers(uint8_t speed)
{
	return find_speed(speed)->gigatransfers;
}

/* MB/s of one direction after the encoding. */
static double raw_mbps(const struct ceiling_hop *hop)
{
	const struct speed *speed = speed_of(hop);

	return speed->gigatransfers * 1000 / 8 * hop->width * efficiency[speed->encoding];
}

/*
 * AckFactor, which is UpdateFactor too, by width and MPS (PCIe 5.0, tables 2-46 to 2-48 and 3-7 to 3-9; the model's
 * tables are this formula, truncated).
 */
static double ack_factor(unsigned int width, unsigned int mps_bytes)
{
	if (mps_bytes >= 512)
		return width >= 12 ? 2 : 1;
	return width >= 12 ? 3 : width >= 8 ? 2.5 : 1.4;
}

/* The part of the link that acknowledgements of the other direction's packets take, and credits just as often. */
static double dllp_loss(const struct ceiling_hop *hop)
{
	double symbols = (hop->mps_bytes + ACK_OVERHEAD_SYMBOLS) * ack_factor(hop->width, hop->mps_bytes) / hop->width;
	unsigned int limit_symbols = (unsigned int)(symbols + speed_of(hop)->delay_symbols);

	return 2 * DLLP_BYTES / limit_symbols;
}

double ceiling_net_mbps(const struct ceiling_hop *hop, bool of_64, unsigned int payload_bytes)
{
	double header = HEADER_BYTES + (of_64 ? LONG_ADDRESS_BYTES : 0), data = padded(payload_bytes);

	if (!payload_bytes || !hop->width || !hop->mps_bytes || payload_bytes > hop->mps_bytes)
		return 0;
	if (speed_of(hop)->encoding == ENCODING_1B1B)
		return raw_mbps(hop) * FLIT_PACKET_BYTES / FLIT_BYTES * payload_bytes /
		       (data + header + (payload_bytes % 4 ? OHC_BYTES : 0));
	return raw_mbps(hop) * (1 - SKIP_LOSS - dllp_loss(hop)) * payload_bytes / (data + header + FRAME_BYTES);
}

double ceiling_bound_mbps(const struct ceiling_hop *hop, unsigned int payload_bytes)
{
	double data = padded(payload_bytes), framed, in_flits;

	if (!payload_bytes || !hop->width)
		return 0;
	framed = payload_bytes / (data + HEADER_BYTES + FRAME_BYTES);
	in_flits = FLIT_PACKET_BYTES / FLIT_BYTES * payload_bytes / (data + HEADER_BYTES);
	if (speed_of(hop)->encoding == ENCODING_1B1B || (hop->may_flit && in_flits > framed))
		framed = in_flits;
	return raw_mbps(hop) * framed;
}

/* ---- the hops of a device ---- */

/* Does a port of this type have its link below it (PCIe 6.0, 7.5.3.2)? Otherwise it has it above. */
static bool is_above_its_link(const struct device *device)
{
	return device->caps.pcie_type == 4 || device->caps.pcie_type == 6;
}

/* Does it end a link from above: an endpoint, a legacy one, a switch's upstream port, a bridge to conventional PCI? */
static bool is_below_its_link(const struct device *device)
{
	return device->caps.pcie_type == 0 || device->caps.pcie_type == 1 || device->caps.pcie_type == 5 ||
	       device->caps.pcie_type == 7;
}

/* One link by its two ends; a virtual function says nothing of its own (PCIe 6.0, 9.3.5), its port says it all. */
static bool hop_of(const struct device *above, const struct device *below, struct ceiling_hop *ret)
{
	const struct link *up = &above->caps.link, *down = &below->caps.link;
	bool is_mute = below->is_vf;

	if (!above->caps.pcie || !is_above_its_link(above) || !up->speed || !up->width || !above->caps.mps_bytes)
		return false;
	if (!below->caps.pcie || !is_below_its_link(below))
		return false;
	if (!is_mute && (up->speed != down->speed || up->width != down->width))
		return false;
	*ret = (struct ceiling_hop){ .speed = up->speed, .width = up->width, .mps_bytes = above->caps.mps_bytes,
		                     .may_flit = up->can_flit && (is_mute || down->can_flit) };
	if (!is_mute && below->caps.mps_bytes < ret->mps_bytes)
		ret->mps_bytes = below->caps.mps_bytes;
	return ret->mps_bytes;
}

static void lower(double *value, double other)
{
	if (!*value || other < *value)
		*value = other;
}

/* A figure that is unknown of one hop is unknown of the path. */
static bool add_hop(const struct ceiling_hop *hop, bool of_64, struct ceiling *ceiling)
{
	double widest = ceiling->net_mbps[CEILING_PAYLOADS - 1], mine;

	for (unsigned int i = 0; i < CEILING_PAYLOADS; i++) {
		double bound = ceiling_bound_mbps(hop, 1u << i);

		mine = ceiling_net_mbps(hop, of_64, 1u << i);
		if (!mine || !bound)
			return false;
		lower(&ceiling->net_mbps[i], mine);
		lower(&ceiling->bound_mbps[i], bound);
	}
	if (!widest || mine < widest)
		ceiling->narrowest = *hop;
	if (!ceiling->mps_bytes || hop->mps_bytes < ceiling->mps_bytes)
		ceiling->mps_bytes = hop->mps_bytes;
	return true;
}

/* Calls add_hop for each link, nearest first, or asks each what it makes of the largest packet: false at an unknown. */
static bool walk(const struct devices *devices, const struct device *device, bool of_64, struct ceiling *ceiling,
                 unsigned int payload_bytes)
{
	const struct device *below = device;

	for (size_t i = 0; i < device->n_ports; i++) {
		const struct device *port = devices_find(devices, &device->ports[i]);
		struct ceiling_hop hop;

		if (!port || !port->caps.pcie)
			return false;
		/* Between a switch's upstream and downstream ports there is no link. */
		if (port->caps.pcie_type == 5 && below->caps.pcie_type == 6) {
			below = port;
			continue;
		}
		if (!hop_of(port, below, &hop))
			return false;
		if (payload_bytes)
			lower(&ceiling->net_of_mps_mbps, ceiling_net_mbps(&hop, of_64, payload_bytes));
		else if (!add_hop(&hop, of_64, ceiling))
			return false;
		below = port;
	}
	/* The last one must be the root's, or something of the path is not seen. */
	return device->n_ports && below->caps.pcie_type == 4;
}

void ceiling_of_bar(const struct devices *devices, const struct device *device, const struct bar *bar,
                    struct ceiling *ret)
{
	struct ceiling ceiling = { 0 };
	bool of_64 = bar->width == 64 && bar->base >> 32;

	*ret = (struct ceiling){ 0 };
	if (!device->has_ports || bar->io)
		return;
	if (!walk(devices, device, of_64, &ceiling, 0) || !walk(devices, device, of_64, &ceiling, ceiling.mps_bytes))
		return;
	*ret = ceiling;
}
