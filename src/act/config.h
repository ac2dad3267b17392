/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config: single registers of a PCI function, through its open `config` file; only those that are asked for are read.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/sysroot.h"
#include "model/device.h"

/* PCI Local Bus 3.0, 6.1 and 6.2 */
#define CONFIG_VENDOR 0x00
#define CONFIG_COMMAND 0x04
#define CONFIG_STATUS 0x06
#define CONFIG_REVISION 0x08
#define CONFIG_BAR0 0x10
#define CONFIG_SECONDARY_STATUS 0x1e /* of a bridge: PCI-to-PCI Bridge 1.2, 3.2.5.7 */

#define COMMAND_IO 0x0001
#define COMMAND_MEMORY 0x0002
#define COMMAND_MASTER 0x0004
#define COMMAND_INTX_DISABLE 0x0400

/* PCIe 6.0, 7.5.2 (power), 7.5.3 (PCI Express), 7.8.4 (AER), 7.9.14 (DPC), 9.3.3 (SR-IOV) */
#define CAP_PM 0x01
#define CAP_PCIE 0x10
#define EXT_CAP_AER 0x0001
#define EXT_CAP_SRIOV 0x0010
#define EXT_CAP_DPC 0x001d

#define PM_CONTROL 0x04 /* bits 1:0: the power state */
#define PCIE_FLAGS 0x02 /* bits 7:4: the type; bit 8: it has a slot */
#define PCIE_DEVICE_STATUS 0x0a
#define PCIE_LINK_CAPS 0x0c  /* bit 20: says whether the link is active */
#define PCIE_LINK_STATUS 0x12 /* bit 13: it is; bits 9:4 width, 3:0 speed */
#define PCIE_SLOT_STATUS 0x1a /* bit 6: there is something in the slot */
#define SRIOV_CONTROL 0x08   /* bit 0: VFs are enabled; bit 3: and decode memory */

/* The `config` of the device at address; the caller closes *ret. -ENODEV when there is none. */
int config_open(const struct sysroot *root, const struct pci_address *address, int flags, int *ret);

/* 0; -ENODEV when the device, or the register, is not there; or another negative errno. */
int config_u8(int fd, unsigned int offset, uint8_t *ret);
int config_u16(int fd, unsigned int offset, uint16_t *ret);
int config_u32(int fd, unsigned int offset, uint32_t *ret);
int config_write_u16(int fd, unsigned int offset, uint16_t value);

/*
 * The offset of a capability; 0: the function has none, or its list leads to where no register is; or a negative errno, for
 * what could not be asked may well be there.
 */
int config_cap(int fd, uint8_t id);
int config_ext_cap(int fd, uint16_t id);
