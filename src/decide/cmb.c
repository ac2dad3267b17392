/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmb: fields of registers that a device filled in: nothing of them is believed. */
#include "decide/cmb.h"

#include "decide/scratch.h"

#define CLASS_NVME 0x010802
#define REGISTERS_BYTES 0x1000 /* of BAR 0, before the doorbells */

#define CAP_HIGH_CMBS 0x02000000u /* CAP, bit 57: CMBMSC is there */
#define VERSION_1_2 0x00010200u   /* brought CMBLOC and CMBSZ; what lies there in an older one is reserved */
#define CC_EN 0x1u
#define CSTS_RDY 0x1u
#define CSTS_CFS 0x2u
#define CSTS_SHST 0xcu
#define CSTS_SHST_COMPLETE 0x8u
#define CMBMSC_CMSE 0x2u
#define CMBLOC_BIR 0x7u
#define CMBSZ_RDS_WDS 0x18u /* data of commands in both directions may lie in it, so that it is memory, not queues only */
#define CMBSZ_SZU_MAX 6u    /* 4 KiB << 4 * 6 = 64 GiB */

const struct cmb_register_info cmb_register_infos[CMB_REGISTERS] = {
	[CMB_R_CAP_LOW] = { "cap_low", CMB_CAP_LOW },
	[CMB_R_CAP_HIGH] = { "cap_high", CMB_CAP_HIGH },
	[CMB_R_VS] = { "vs", CMB_VS },
	[CMB_R_CC] = { "cc", CMB_CC },
	[CMB_R_CSTS] = { "csts", CMB_CSTS },
	[CMB_R_CMBMSC] = { "cmbmsc", CMB_CMBMSC },
	[CMB_R_CMBLOC] = { "cmbloc", CMB_CMBLOC },
	[CMB_R_CMBSZ] = { "cmbsz", CMB_CMBSZ },
};

const struct bar *cmb_registers_bar(const struct device *device)
{
	for (size_t i = 0; i < device->n_bars; i++)
		if (device->bars[i].index == 0 && !device->bars[i].io && device->bars[i].size_bytes >= REGISTERS_BYTES)
			return &device->bars[i];
	return NULL;
}

/* A virtual function's registers are its own, but who enabled its buffer is not seen in them. */
bool cmb_is_possible(const struct device *device, const struct bar *bar)
{
	return device->class == CLASS_NVME && !device->is_vf && bar->index != 0 && cmb_registers_bar(device);
}

bool cmb_has_cmbmsc(const struct cmb_registers *registers)
{
	return registers->at[CMB_R_CAP_HIGH] & CAP_HIGH_CMBS;
}

static bool has_all_ones(const struct cmb_registers *registers)
{
	for (size_t i = 0; i < CMB_REGISTERS; i++)
		if (registers->at[i] == UINT32_MAX)
			return true;
	return false;
}

/* One that was shut down, as a driver leaves it, executes nothing before its next reset, and it is not ours to start. */
static bool is_in_use(const struct cmb_registers *registers)
{
	uint32_t csts = registers->at[CMB_R_CSTS];

	return (registers->at[CMB_R_CC] & CC_EN || csts & CSTS_RDY) && (csts & CSTS_SHST) != CSTS_SHST_COMPLETE;
}

enum cmb_state cmb_state(const struct cmb_registers *registers)
{
	uint32_t cmbmsc = registers->at[CMB_R_CMBMSC];

	/* None of them can be all-ones: each has reserved bits, or a version that is far away. */
	if (has_all_ones(registers))
		return CMB_GONE;
	if (registers->at[CMB_R_VS] < VERSION_1_2)
		return CMB_NONE;
	if (is_in_use(registers))
		return CMB_IN_USE;
	if (registers->at[CMB_R_CSTS] & CSTS_CFS)
		return CMB_FAILED;
	if (!cmb_has_cmbmsc(registers) || cmbmsc & CMB_CMBMSC_CRE)
		return CMB_SHOWN;
	return cmbmsc & CMBMSC_CMSE ? CMB_ODD : CMB_HIDDEN;
}

const char *cmb_state_text(enum cmb_state state)
{
	static const char *const texts[CMB_STATES] = {
		[CMB_UNKNOWN] = "the state of the controller is not known",
		[CMB_GONE] = "the controller does not answer: its registers read all-ones",
		[CMB_IN_USE] = ("the controller is enabled (CC.EN, CSTS.RDY), and its queues may lie in the buffer: shut it down, as "
		                "its driver does when it is bound and unbound"),
		[CMB_FAILED] = "the controller reports a fatal error (CSTS.CFS)",
		[CMB_NONE] = "it has no controller memory buffer: by VS it is no NVMe controller of version 1.2 or later",
		[CMB_ODD] = "its buffer is enabled for commands (CMBMSC.CMSE), but its registers are not (CMBMSC.CRE)",
		[CMB_HIDDEN] = "CMBMSC.CRE stays 0, so that where the buffer is cannot be read",
	};

	return texts[state];
}

const char *cmb_range(const struct cmb_registers *registers, const struct device *device, const struct bar *bar,
                      struct range *ret)
{
	uint32_t loc = registers->at[CMB_R_CMBLOC], sz = registers->at[CMB_R_CMBSZ];
	unsigned int szu = sz >> 8 & 0xf;
	struct range range, inside;

	if (has_all_ones(registers))
		return cmb_state_text(CMB_GONE);
	if (!(sz >> 12))
		return "it has no controller memory buffer: CMBSZ is 0";
	if (!cmb_is_possible(device, bar))
		return "this BAR cannot hold a controller memory buffer that may be written";
	if ((loc & CMBLOC_BIR) != bar->index)
		return "its controller memory buffer is in another BAR (CMBLOC.BIR)";
	if (szu > CMBSZ_SZU_MAX)
		return "the unit of its buffer is reserved (CMBSZ.SZU)";
	if ((sz & CMBSZ_RDS_WDS) != CMBSZ_RDS_WDS)
		return "its buffer does not take data in both directions (CMBSZ.RDS, WDS), so it may not be plain memory";
	/* 20 bits of at most 64 GiB: no sum of two leaves 64 bits. */
	range.offset = (uint64_t)(loc >> 12) << (12 + 4 * szu);
	range.size_bytes = (uint64_t)(sz >> 12) << (12 + 4 * szu);
	if (range.offset > bar->size_bytes || range.size_bytes > bar->size_bytes - range.offset)
		return "its buffer leaves the BAR (CMBLOC.OFST, CMBSZ.SZ)";
	if (!scratch_fits(&range, device, bar))
		return "its buffer meets the MSI-X table, or may do so";
	if (!scratch_inside(&range, 0, &inside))
		return "its buffer is smaller than three pages: a guard page at each end is left alone";
	*ret = range;
	return NULL;
}
