/* SPDX-License-Identifier: GPL-2.0-or-later */
/* device: a PCI function and what its configuration space says; Linux's words. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/gap.h"
#include "model/tri.h"
#include "model/wcrange.h"

struct json_object;

#define BAR_MAX 6
#define PCI_ADDRESS_SIZE 24 /* "DDDDDDDD:BB:SS.F" and its NUL */

struct pci_address {
	uint32_t domain; /* 16 bits, or more (VMD) */
	uint8_t bus, slot, function;
};

/* [DOMAIN:]BUS:SLOT.FUNCTION, hexadecimal, as Linux and lspci print it; 0 or -EINVAL. */
int pci_address_parse(const char *text, struct pci_address *ret);
void pci_address_format(const struct pci_address *address, char ret[static PCI_ADDRESS_SIZE]);
int pci_address_compare(const struct pci_address *a, const struct pci_address *b);

struct bar {
	uint8_t index;      /* 0..5: N of resourceN */
	uint8_t width;      /* 32 or 64; 0 for I/O */
	bool io;            /* I/O ports: listed, never a candidate */
	bool prefetchable;
	enum tri wc_file;   /* is there a resourceN_wc */
	bool is_pinned;     /* a process that pins what was approved of it lives: VFIO maps it write-combining */
	bool is_open;       /* resourceN_wc can be written by its group or by others: it is granted */
	uint64_t base;      /* CPU address; 0 is unassigned */
	uint64_t size_bytes;
};

/* PCIe speeds as the link registers code them: 1 is 2.5 GT/s ... 6 is 64, 7 is 128 GT/s; 0 unknown (PCIe 6.0, 7.5.3.6). */
struct link {
	uint8_t speed, width;
	uint8_t max_speed, max_width;
	bool can_flit; /* Flit Mode Supported (PCIe 6.0, 7.5.3.2) */
};

/* "8.0 GT/s", as the kernel's pci_speed_string() begins (drivers/pci/probe.c); NULL: unknown. */
const char *link_speed_name(uint8_t speed);

struct caps {
	size_t config_bytes; /* how much of the configuration space was readable: 0, 64 (unprivileged), 256, 4096 */
	uint16_t command;    /* PCI 3.0, 6.2.2; valid when config_bytes is not 0 */
	uint8_t header_type; /* 0 endpoint, 1 bridge */
	/* Offsets of capabilities; 0: absent, or not readable (config_bytes says which). */
	uint16_t pm, pcie, msix, aer, acs, dpc, sriov;
	uint8_t pcie_type; /* PCIe 6.0, 7.5.3.2: 0 endpoint, 4 root port, 5 upstream, 6 downstream, 9 RC-integrated */
	uint16_t mps_bytes; /* Max_Payload_Size in force */
	struct link link;
	/* Where MSI-X lives: registers, whatever else the BAR holds (PCIe 6.0, 7.7.2). */
	uint8_t msix_table_bar, msix_pba_bar;
	uint32_t msix_table_offset, msix_table_bytes, msix_pba_offset, msix_pba_bytes;
	uint16_t vfs; /* enabled virtual functions of a PF */
};

/* What driver_override says while a device without a driver is claimed for a probe: no driver may have this name. */
#define CLAIMED_OVERRIDE "pciwc-claimed"

struct device {
	struct pci_address address;
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	uint32_t class; /* 24 bits: class, subclass, programming interface */
	uint8_t revision;
	bool has_revision; /* false: it could not be read, so that 0 is no fact (ids are never 0) */
	char *name;   /* from pci.ids; NULL when it has none */
	char *driver; /* NULL: none bound */
	char *driver_override; /* the name of the only driver that may bind; NULL: any that knows it */
	bool vfio;    /* bound to vfio-pci or a variant of it: it has a vfio-dev directory, or its driver says so */
	struct wc_ranges wc_ranges; /* what the module's driver maps write-combining for VFIO; of VARIANT_DRIVER only */
	int iommu_group; /* -1: none */
	int numa_node;   /* -1: none */
	bool boot_vga;
	bool is_vf;
	struct pci_address *ports; /* the bridges above it, nearest first; the last is the root port */
	size_t n_ports;
	bool has_ports; /* false: its place could not be read, so that no ports is no fact */
	struct pci_address host_bridge; /* function 0 of the root bus when its class is 0600 */
	bool has_host_bridge;
	struct caps caps;
	struct bar bars[BAR_MAX];
	size_t n_bars; /* implemented ones, ascending by index */
	struct gaps gaps;
};

struct devices {
	struct device *at; /* ascending by address */
	size_t n;
};

bool device_is_bridge(const struct device *device); /* class 0604: a port */
/* Were id and revision readable? All ones is what a function says that is gone. */
bool device_is_identified(const struct device *device);
/* Was the list of capabilities readable? Without it nobody knows where MSI-X lives. */
bool device_knows_msix(const struct device *device);
/* Could this BAR be mapped write-combining at all: prefetchable memory. Has a device such a one. */
bool bar_is_candidate(const struct bar *bar);
bool device_has_candidate(const struct device *device);
/* NULL when the machine, or the device, has none such. */
const struct device *devices_find(const struct devices *devices, const struct pci_address *address);
const struct bar *device_bar(const struct device *device, unsigned int index);
/* The port next to the host bridge; NULL for a device integrated in the root complex. */
const struct device *device_root_port(const struct devices *devices, const struct device *device);

void device_done(struct device *device);
void devices_done(struct devices *devices);
struct json_object *device_to_json(const struct device *device); /* DEVICE without "bars" */
struct json_object *bar_to_json(const struct bar *bar);           /* BAR without "verdict" */
