/* SPDX-License-Identifier: GPL-2.0-or-later */
/* type: proves that the write-combined mapping really is one: by the kernel's own list (x86), or by a store that only
 * such a mapping takes (arm64). */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "act/arch.h"
#include "act/memtype.h"
#include "act/patterns.h"

static void quote(struct trial *trial, const struct memtype *memtype, bool is_wc)
{
	reply_say(trial->reply, is_wc ? OUTCOME_PASS : OUTCOME_FAIL,
	          "%s: the kernel's list says \"PAT: [mem 0x%016" PRIx64 "-0x%016" PRIx64 "] %s\"",
	          is_wc ? "write-combining" : "attribute-override", memtype->start, memtype->end, memtype->name);
}

void type_by_list(struct trial *trial)
{
	struct memtype_search search = { .start = trial->address, .end = trial->address + trial->size_bytes };

	/* The list shows what is mapped now. */
	if (!trial_map(trial, WINDOW_WC))
		return;
	if (trial->memtypes < 0)
		reply_say(trial->reply, OUTCOME_UNSUPPORTED,
		          "memory type unknown: the kernel's list of memory types cannot be opened (debugfs is not "
		          "mounted, or the kernel is locked down)");
	else if (memtype_find(trial->memtypes, &search) < 0)
		reply_say(trial->reply, OUTCOME_UNSUPPORTED, "memory type unknown: the kernel's list cannot be read");
	else if (search.wrong.name[0])
		quote(trial, &search.wrong, false);
	else if (search.wc.name[0])
		quote(trial, &search.wc, true);
	else
		reply_say(trial->reply, OUTCOME_UNSUPPORTED,
		          "memory type unknown: the kernel's list has no line that covers this mapping");
}

#define TARGET 1 /* the offset of the unaligned store; within 16 aligned bytes, which no bus ever sees apart */

static void say_fault(struct trial *trial, const struct port_fault *fault)
{
	reply_number(trial->reply, "signal", fault->signal);
	reply_number(trial->reply, "si_code", fault->code);
	if (fault->offset != UINT64_MAX)
		reply_number(trial->reply, "fault_offset", (double)fault->offset);
	if (fault->signal == SIGBUS && fault->code == BUS_ADRALN && fault->offset == TARGET)
		reply_say(trial->reply, OUTCOME_FAIL,
		          "attribute-override: it is Device memory: an unaligned store ended in SIGBUS (BUS_ADRALN) at "
		          "its target");
	else
		reply_say(trial->reply, OUTCOME_FAIL,
		          "abort: an unaligned store ended in signal %d, code %d, not at its target or not for its "
		          "alignment", fault->signal, fault->code);
}

void type_by_fault(struct trial *trial)
{
	const struct port *port = &trial->port;
	struct port_fault fault;
	uint64_t low, high;

	if (!trial_map(trial, WINDOW_UC))
		return;
	low = port_load(port, 0, 8);
	high = port_load(port, 8, 8);
	if (!trial_map(trial, WINDOW_WC))
		return;
	/* It stores what is there already, so that there is nothing to put back should this be the last thing we do. */
	port->ops->try_store(port->state, TARGET, 8, low >> 8 | high << 56, &fault);
	if (fault.signal) {
		say_fault(trial, &fault);
		return;
	}
	if (!trial_map(trial, WINDOW_UC))
		return;
	if (port_load(port, 0, 8) == low && port_load(port, 8, 8) == high) {
		reply_say(trial->reply, OUTCOME_PASS,
		          "an unaligned store went through: it is Normal memory, which does not yet mean that stores "
		          "combine");
		return;
	}
	port_store(port, 0, 8, low);
	port_store(port, 8, 8, high);
	port->ops->drain(port->state);
	reply_number(trial->reply, "first_bad_offset", 0);
	reply_say(trial->reply, OUTCOME_FAIL,
	          "an unaligned store went through and changed bytes that it should not have");
}

void pattern_type(struct trial *trial)
{
	if (arch_proof == ARCH_PROOF_LIST)
		type_by_list(trial);
	else
		type_by_fault(trial);
}
