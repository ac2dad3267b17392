/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locate: reads the registers of an NVMe controller in BAR 0, and hides them again; in the child. The range is BAR 0's
 * first page, mapped for reading but while CMBMSC is written. What CMBMSC was is in the copy before it is changed: whoever
 * comes after a child that died knows what to put back.
 */
#include <sys/mman.h>

#include "act/patterns.h"
#include "decide/cmb.h"

/* The copy's first word, when CMBMSC may have been changed: this above what its lower half was. */
#define KEPT_MARK ((uint64_t)0x636d626d << 32)

static uint32_t load(const struct trial *trial, enum cmb_register which)
{
	return (uint32_t)port_load(&trial->port, cmb_register_infos[which].offset, 4);
}

static void load_state(const struct trial *trial, struct cmb_registers *registers)
{
	for (enum cmb_register i = CMB_R_CAP_LOW; i < CMB_R_CMBMSC; i++)
		registers->at[i] = load(trial, i);
	registers->at[CMB_R_CMBMSC] = cmb_has_cmbmsc(registers) ? load(trial, CMB_R_CMBMSC) : 0;
}

static void store_cmbmsc(struct trial *trial, uint32_t value)
{
	port_store(&trial->port, CMB_CMBMSC, 4, value);
	trial->port.ops->fence(trial->port.state);
	/* Nothing behind it may be read before it has arrived: a read does not pass it. */
	(void)load(trial, CMB_R_CMBMSC);
}

static bool show(struct trial *trial, struct cmb_registers *registers)
{
	volatile uint64_t *copy = trial_map_copy(trial);

	if (!copy)
		return false;
	copy[0] = KEPT_MARK | registers->at[CMB_R_CMBMSC];
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): the address was the kernel's */
	munmap((void *)(uintptr_t)copy, trial->size_bytes);
	if (!trial_map(trial, WINDOW_UC))
		return false;
	store_cmbmsc(trial, registers->at[CMB_R_CMBMSC] | CMB_CMBMSC_CRE);
	if (!trial_map(trial, WINDOW_READ))
		return false;
	load_state(trial, registers);
	return true;
}

void pattern_locate(struct trial *trial)
{
	struct cmb_registers registers = { 0 };

	if (!trial_map(trial, WINDOW_READ))
		return;
	load_state(trial, &registers);
	if (cmb_state(&registers) == CMB_HIDDEN && !show(trial, &registers))
		return;
	if (cmb_state(&registers) == CMB_SHOWN) {
		registers.at[CMB_R_CMBLOC] = load(trial, CMB_R_CMBLOC);
		registers.at[CMB_R_CMBSZ] = load(trial, CMB_R_CMBSZ);
	}
	for (size_t i = 0; i < CMB_REGISTERS; i++)
		reply_number(trial->reply, cmb_register_infos[i].name, registers.at[i]);
	/* What they mean is the parent's to say. */
	reply_say(trial->reply, OUTCOME_PASS, "the registers of BAR 0 were read");
}

void pattern_conceal(struct trial *trial)
{
	volatile uint64_t *copy = trial_map_copy(trial);
	uint32_t kept, now;

	if (!copy)
		return;
	if ((copy[0] & ~(uint64_t)UINT32_MAX) != KEPT_MARK) {
		reply_say(trial->reply, OUTCOME_PASS, "CMBMSC was not changed");
		return;
	}
	kept = (uint32_t)copy[0];
	if (!trial_map(trial, WINDOW_READ))
		return;
	now = load(trial, CMB_R_CMBMSC);
	/* Somebody who wrote something else meanwhile meant it. */
	if (now != kept && now != (kept | CMB_CMBMSC_CRE)) {
		reply_say(trial->reply, OUTCOME_FAIL, "CMBMSC was 0x%x, and is 0x%x: it stays, for it is not ours", kept, now);
		return;
	}
	if (now != kept) {
		if (!trial_map(trial, WINDOW_UC))
			return;
		store_cmbmsc(trial, kept);
		now = load(trial, CMB_R_CMBMSC);
	}
	if (now == kept)
		reply_say(trial->reply, OUTCOME_PASS, "CMBMSC is 0x%x, as it was", kept);
	else
		reply_say(trial->reply, OUTCOME_FAIL, "CMBMSC was 0x%x, and stays 0x%x", kept, now);
}
