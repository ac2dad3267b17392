/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci-caps: two linked lists in a space that a device, or whoever made a captured root, may fill with anything. */
#include "observe/pci-caps.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Names that older kernel headers lack. */
#define EXT_ID_DPC 0x1d       /* PCIe 6.0, 7.9.14 */
#define FLAGS_FLIT 0x8000     /* Flit Mode Supported (PCIe 6.0, 7.5.3.2) */
#define HEADER_CARDBUS 2      /* PCI-to-CardBus bridge: its list starts elsewhere (PC Card 8.0) */
#define BARS_LAST 5           /* a BIR of 6 or 7 is reserved (PCIe 6.0, 7.7.2.3) */

struct walk {
	const struct config_source *source;
	struct gaps *gaps;
	struct caps *caps;
	size_t readable_bytes; /* the end that was met; until then what the source claims */
	int r;                 /* -ENOMEM from a gap, which ends everything */
};

__attribute__((format(printf, 2, 3))) static void gap(struct walk *walk, const char *why, ...)
{
	char text[160];
	va_list args;

	va_start(args, why);
	vsnprintf(text, sizeof(text), why, args);
	va_end(args);

	int r = gaps_add(walk->gaps, "capabilities", "%s", text);

	if (r < 0)
		walk->r = r;
}

int config_buffer_read(void *data, unsigned int at, uint8_t ret[static 4])
{
	const struct config_buffer *buffer = data;

	if (at + 4 > buffer->size_bytes)
		return -ENODATA;
	memcpy(ret, buffer->at + at, 4);
	return 0;
}

/* The dword at a multiple of 4: false when it could not be read. */
static bool dword(struct walk *walk, unsigned int at, uint32_t *ret)
{
	uint8_t b[4];

	if (at + 4 > walk->readable_bytes)
		return false;

	int r = walk->source->read(walk->source->data, at, b);

	if (r < 0) {
		walk->readable_bytes = at < CONFIG_HEADER   ? 0 :
		                       at < CONFIG_STANDARD ? CONFIG_HEADER :
		                                              CONFIG_STANDARD;
		if (r != -ENODATA)
			gap(walk, "reading the configuration space at 0x%x: %s", at, strerror(-r));
		else if (at < CONFIG_STANDARD)
			gap(walk, "only root can read the configuration space behind its first %d bytes", CONFIG_HEADER);
		else
			gap(walk, "the configuration space ends at 0x%x", at);
		return false;
	}
	*ret = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
	return true;
}

/* ---- what each capability says ---- */

static void read_pcie(struct walk *walk, unsigned int at)
{
	struct caps *caps = walk->caps;
	uint32_t flags, control, capability, status;

	if (!dword(walk, at, &flags))
		return;
	caps->pcie_type = (flags >> 16 & PCI_EXP_FLAGS_TYPE) >> 4;
	if (dword(walk, at + PCI_EXP_DEVCTL, &control)) {
		unsigned int code = (control & PCI_EXP_DEVCTL_PAYLOAD) >> 5;

		/* 128 << 5 is the largest that is defined; 6 and 7 are reserved. */
		if (code <= 5)
			caps->mps_bytes = (uint16_t)(128 << code);
	}
	/* Devices in the root complex have no link, and before PCIe 2.0 not even its registers. */
	if (caps->pcie_type > PCI_EXP_TYPE_PCIE_BRIDGE)
		return;
	if (dword(walk, at + PCI_EXP_LNKCAP, &capability)) {
		caps->link.max_speed = capability & PCI_EXP_LNKCAP_SLS;
		caps->link.max_width = (uint8_t)((capability & PCI_EXP_LNKCAP_MLW) >> 4);
		caps->link.can_flit = flags >> 16 & FLAGS_FLIT;
	}
	/* Link Control is the lower half of this dword. */
	if (dword(walk, at + PCI_EXP_LNKCTL, &status)) {
		caps->link.speed = status >> 16 & PCI_EXP_LNKSTA_CLS;
		caps->link.width = (uint8_t)((status >> 16 & PCI_EXP_LNKSTA_NLW) >> 4);
	}
}

static void read_msix(struct walk *walk, unsigned int at)
{
	struct caps *caps = walk->caps;
	uint32_t flags, table, pba;

	if (!dword(walk, at, &flags) || !dword(walk, at + PCI_MSIX_TABLE, &table) ||
	    !dword(walk, at + PCI_MSIX_PBA, &pba)) {
		caps->msix = 0; /* there, but where it lives is not known: not half a fact */
		return;
	}

	uint32_t vectors = (flags >> 16 & PCI_MSIX_FLAGS_QSIZE) + 1;

	caps->msix_table_bar = table & PCI_MSIX_TABLE_BIR;
	caps->msix_table_offset = table & PCI_MSIX_TABLE_OFFSET;
	caps->msix_table_bytes = vectors * PCI_MSIX_ENTRY_SIZE;
	caps->msix_pba_bar = pba & PCI_MSIX_PBA_BIR;
	caps->msix_pba_offset = pba & PCI_MSIX_PBA_OFFSET;
	caps->msix_pba_bytes = (vectors + 63) / 64 * 8; /* one bit a vector, in qwords */
	if (caps->msix_table_bar > BARS_LAST || caps->msix_pba_bar > BARS_LAST)
		gap(walk, "MSI-X claims to be in BAR %u and BAR %u", caps->msix_table_bar, caps->msix_pba_bar);
}

static void read_sriov(struct walk *walk, unsigned int at)
{
	uint32_t control, vfs;

	if (dword(walk, at + PCI_SRIOV_CTRL, &control) && (control & PCI_SRIOV_CTRL_VFE) &&
	    dword(walk, at + PCI_SRIOV_NUM_VF, &vfs))
		walk->caps->vfs = (uint16_t)vfs;
}

/* ---- the two lists ---- */

struct cap_row {
	uint16_t id, bytes; /* bytes: what of it is there in every version of it */
	size_t field; /* of struct caps: where its offset is noted */
	void (*read)(struct walk *walk, unsigned int at);
};

static const struct cap_row standard_rows[] = {
	{ PCI_CAP_ID_PM, 8, offsetof(struct caps, pm), NULL },
	{ PCI_CAP_ID_EXP, 12, offsetof(struct caps, pcie), read_pcie },
	{ PCI_CAP_ID_MSIX, 12, offsetof(struct caps, msix), read_msix },
};

static const struct cap_row extended_rows[] = {
	{ PCI_EXT_CAP_ID_ERR, 0x2c, offsetof(struct caps, aer), NULL },
	{ PCI_EXT_CAP_ID_ACS, 8, offsetof(struct caps, acs), NULL },
	{ PCI_EXT_CAP_ID_SRIOV, 0x40, offsetof(struct caps, sriov), read_sriov },
	{ EXT_ID_DPC, 0x10, offsetof(struct caps, dpc), NULL },
};

struct chain {
	const char *name;
	unsigned int first, end; /* where its capabilities may be */
	size_t before;           /* what is still believed of the space when the chain is broken */
	const struct cap_row *rows;
	size_t n;
	uint64_t seen[CONFIG_EXTENDED / 4 / 64]; /* one bit a dword */
};

/* The rest of a broken chain is unknown, not absent. */
#define broken(walk, chain, ...)                             \
	({                                                   \
		gap(walk, __VA_ARGS__);                      \
		(walk)->readable_bytes = (chain)->before;    \
		false;                                       \
	})

/* The header at a place of the chain: false when there is none, with a gap when there should be. */
static bool step(struct walk *walk, struct chain *chain, unsigned int at, uint32_t *ret)
{
	uint64_t bit = (uint64_t)1 << (at / 4 % 64), *word = &chain->seen[at / 4 / 64];

	if (at < chain->first)
		return broken(walk, chain, "the list of %s leads out of it, to 0x%x", chain->name, at);
	if (*word & bit)
		return broken(walk, chain, "the list of %s loops at 0x%x", chain->name, at);
	*word |= bit;
	return dword(walk, at, ret);
}

/* The first of two equal capabilities counts, as in the kernel's pci_find_capability(). */
static void note(struct walk *walk, struct chain *chain, unsigned int id, unsigned int at)
{
	for (size_t i = 0; i < chain->n; i++) {
		const struct cap_row *row = &chain->rows[i];
		uint16_t *field = (uint16_t *)(void *)((char *)walk->caps + row->field);

		if (row->id != id || *field)
			continue;
		if (at + row->bytes > chain->end) {
			broken(walk, chain, "the capability at 0x%x does not end before 0x%x", at, chain->end);
			return;
		}
		*field = (uint16_t)at;
		if (row->read)
			row->read(walk, at);
	}
}

static void walk_standard(struct walk *walk, unsigned int first)
{
	struct chain chain = { .name = "capabilities", .first = CONFIG_HEADER, .end = CONFIG_STANDARD,
		               .before = CONFIG_HEADER, .rows = standard_rows, .n = ELEMENTSOF(standard_rows) };
	uint32_t header;

	/* The two low bits are reserved (PCI 3.0, 6.7); software must mask them. */
	for (unsigned int at = first & 0xfc; at; at = header >> 8 & 0xfc) {
		if (!step(walk, &chain, at, &header))
			return;
		if ((header & 0xff) == 0xff) {
			broken(walk, &chain, "the device does not answer at 0x%x", at);
			return;
		}
		note(walk, &chain, header & 0xff, at);
	}
}

static void walk_extended(struct walk *walk)
{
	struct chain chain = { .name = "extended capabilities", .first = CONFIG_STANDARD, .end = CONFIG_EXTENDED,
		               .before = CONFIG_STANDARD, .rows = extended_rows, .n = ELEMENTSOF(extended_rows) };
	uint32_t header;

	for (unsigned int at = CONFIG_STANDARD; at; at = header >> 20 & 0xffc) {
		if (!step(walk, &chain, at, &header))
			return;
		if (header == 0) /* none at all is a header of zeros */
			return;
		if (header == 0xffffffff) {
			broken(walk, &chain, "the extended configuration space does not answer at 0x%x", at);
			return;
		}
		note(walk, &chain, header & 0xffff, at);
	}
}

int pci_caps_read(const struct config_source *source, struct gaps *gaps, struct caps *ret)
{
	struct caps caps = { 0 };
	struct walk walk = { .source = source, .gaps = gaps, .caps = &caps, .readable_bytes = source->size_bytes };
	uint32_t ids, command, type, first = 0;

	if (!dword(&walk, PCI_VENDOR_ID, &ids) || !dword(&walk, PCI_COMMAND, &command) ||
	    !dword(&walk, PCI_CACHE_LINE_SIZE, &type))
		return walk.r;
	/* A virtual function has all-ones for its ids (PCIe 6.0, 9.3.4.1), but not for its command and status. */
	if (ids == 0xffffffff && command == 0xffffffff) {
		gap(&walk, "the device does not answer: its configuration space reads as all-ones");
		return walk.r;
	}
	caps.command = (uint16_t)command;
	caps.header_type = type >> 16 & 0x7f;
	if (command >> 16 & PCI_STATUS_CAP_LIST) {
		bool is_cardbus = caps.header_type == HEADER_CARDBUS;

		if (dword(&walk, is_cardbus ? PCI_CB_CAPABILITY_LIST : PCI_CAPABILITY_LIST, &first))
			walk_standard(&walk, first & 0xff);
	}
	/* Bytes behind the first 256 exist for PCI Express (and PCI-X 2.0, which nothing here is). */
	if (caps.pcie && walk.readable_bytes >= CONFIG_EXTENDED)
		walk_extended(&walk);
	caps.config_bytes = walk.readable_bytes >= CONFIG_EXTENDED ? CONFIG_EXTENDED :
	                    walk.readable_bytes >= CONFIG_STANDARD ? CONFIG_STANDARD : CONFIG_HEADER;
	if (walk.r == 0)
		*ret = caps;
	return walk.r;
}
