/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmb: numbers of a child into a range of a BAR. */
#include "act/cmb.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "act/mappers.h"
#include "act/probe-open.h"
#include "act/region.h"
#include "base/cleanup.h"
#include "base/strs.h"
#include "decide/cmb.h"
#include "decide/scratch.h"

/* The claim looks after the BAR that is probed; this is what it says of that, for BAR 0. */
static int check_registers_bar(const struct sysroot *root, const struct claim *claim, const struct bar *bar,
                               struct err *err)
{
	uint64_t base, size_bytes;
	int r = region_of_bar(claim->dir, bar->index, &base, &size_bytes);

	if (r < 0)
		return err_errno(err, r, "cannot-claim", "where BAR %u is, by the resource file", bar->index);
	if (base != bar->base || size_bytes != bar->size_bytes)
		return err_set(err, -ESTALE, "vanished", "BAR %u is at 0x%llx now, not at 0x%llx", bar->index,
		               (unsigned long long)base, (unsigned long long)bar->base);
	r = region_refuse_owned(root, &claim->address, base, size_bytes, err);
	return r < 0 ? r : mappers_refuse(root, claim->dir, &claim->address, bar->index, err);
}

int cmb_open(const struct sysroot *root, const struct claim *claim, const struct plan *plan, enum scope scope,
             struct err *err, struct runner *runner)
{
	const struct bar *bar = cmb_registers_bar(plan->device);
	int r = bar && cmb_is_possible(plan->device, plan->bar)
	                ? check_registers_bar(root, claim, bar, err)
	                : err_set(err, -EPERM, "bad-plan", "the plan asks for a buffer where none can be");

	return r < 0 ? r : probe_open_page(root, claim->dir, bar, scope, err, runner);
}

/* Exactly the registers, each a number that one can hold. */
static bool parse(const struct finding *finding, struct cmb_registers *ret)
{
	for (size_t i = 0; i < CMB_REGISTERS; i++) {
		const struct number *number = numbers_find(&finding->numbers, cmb_register_infos[i].name);

		if (!number || !(number->value >= 0 && number->value <= UINT32_MAX) ||
		    number->value != (double)(uint32_t)number->value)
			return false;
		ret->at[i] = (uint32_t)number->value;
	}
	return true;
}

static int say(struct finding *finding, enum outcome outcome, char *text)
{
	if (!text)
		return -ENOMEM;
	free(finding->text);
	finding->text = text;
	finding->outcome = outcome;
	return 0;
}

int cmb_weigh(const struct plan *plan, struct finding *finding, struct err *err, struct range *ret)
{
	struct cmb_registers registers;
	struct range range;
	enum cmb_state state;
	const char *fault;

	if (finding->outcome != OUTCOME_PASS)
		return 0;
	if (!parse(finding, &registers))
		return say(finding, OUTCOME_DIED, str_printf("garbage: what the child read are no registers"));
	state = cmb_state(&registers);
	if (state == CMB_GONE)
		return err_set(err, -ENODEV, "vanished", "%s", cmb_state_text(state));
	if (state == CMB_IN_USE)
		return err_set(err, -EBUSY, "busy", "%s", cmb_state_text(state));
	fault = state == CMB_SHOWN ? cmb_range(&registers, plan->device, plan->bar, &range) : cmb_state_text(state);
	if (fault || !scratch_inside(&range, (uint64_t)sysconf(_SC_PAGESIZE), ret))
		return say(finding, OUTCOME_UNSUPPORTED, str_printf("%s", fault ?: "its buffer is too small"));
	return say(finding, OUTCOME_PASS,
	           str_printf("%llu bytes at 0x%llx are the controller memory buffer (CMBLOC 0x%x, CMBSZ 0x%x)",
	                      (unsigned long long)range.size_bytes, (unsigned long long)range.offset,
	                      registers.at[CMB_R_CMBLOC], registers.at[CMB_R_CMBSZ]));
}

bool cmb_is_changed(const struct runner *runner)
{
	uint64_t word = 0;

	/* Unreadable counts as changed: STEP_CONCEAL then says so. */
	return runner->save >= 0 && (pread(runner->save, &word, sizeof(word), 0) != (ssize_t)sizeof(word) || word);
}
