/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmb: what the registers of an NVMe controller say of its controller memory buffer. Pure. NVM Express Base
 * Specification 2.0, 3.1.3 (registers) and 8.5 (the buffer).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/device.h"
#include "model/quirk.h"

/*
 * Offsets in BAR 0; all that is ever read of it, 4 bytes at a time, without side effects. Of CMBMSC the lower half, which
 * has CRE; it alone is ever written.
 */
#define CMB_CAP_LOW 0x00
#define CMB_CAP_HIGH 0x04
#define CMB_VS 0x08
#define CMB_CC 0x14
#define CMB_CSTS 0x1c
#define CMB_CMBLOC 0x38
#define CMB_CMBSZ 0x3c
#define CMB_CMBMSC 0x50

#define CMB_CMBMSC_CRE 0x1u /* makes CMBLOC and CMBSZ readable; the host needs no more of it (CMSE is the controller's) */

enum cmb_register { CMB_R_CAP_LOW, CMB_R_CAP_HIGH, CMB_R_VS, CMB_R_CC, CMB_R_CSTS, CMB_R_CMBMSC, CMB_R_CMBLOC, CMB_R_CMBSZ,
	            CMB_REGISTERS };

struct cmb_register_info {
	const char *name; /* in findings */
	unsigned int offset;
};
extern const struct cmb_register_info cmb_register_infos[CMB_REGISTERS];

/* 0 where a register does not exist, or was not read: CMBMSC without CAP.CMBS; CMBLOC and CMBSZ but in CMB_SHOWN. */
struct cmb_registers {
	uint32_t at[CMB_REGISTERS];
};

enum cmb_state {
	CMB_UNKNOWN,
	CMB_GONE,   /* all-ones: nobody answers */
	CMB_IN_USE, /* the controller is enabled: queues may lie in its buffer */
	CMB_FAILED, /* it reports a fatal error */
	CMB_NONE,   /* no controller, or one of before there were such buffers */
	CMB_ODD,    /* the buffer is enabled for commands, but its registers are not */
	CMB_HIDDEN, /* CMBMSC.CRE must be set before CMBLOC and CMBSZ say anything */
	CMB_SHOWN,  /* CMBLOC and CMBSZ can be read */
	CMB_STATES
};

/* The BAR that has the registers; NULL: none that can. */
const struct bar *cmb_registers_bar(const struct device *device);
/* An NVMe controller, and a BAR of it that can hold a buffer: not that of the registers and doorbells. */
bool cmb_is_possible(const struct device *device, const struct bar *bar);
/* Does the controller have CMBMSC? By CAP. */
bool cmb_has_cmbmsc(const struct cmb_registers *registers);
/* By CAP, VS, CC, CSTS and CMBMSC. */
enum cmb_state cmb_state(const struct cmb_registers *registers);
/* What keeps a buffer in this state from being tested; NULL: nothing. */
const char *cmb_state_text(enum cmb_state state);
/*
 * Where the buffer is, by registers of CMB_SHOWN: NULL and a range of this BAR that may be scratch, or why there is none.
 */
const char *cmb_range(const struct cmb_registers *registers, const struct device *device, const struct bar *bar,
                      struct range *ret);
