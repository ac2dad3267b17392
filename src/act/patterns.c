/* SPDX-License-Identifier: GPL-2.0-or-later */
/* patterns: the table of microtests, and what they share. */
#include "act/patterns.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

const pattern_fn patterns[STEPS] = {
	[STEP_LOCATE] = pattern_locate,
	[STEP_SAVE] = pattern_save,
	[STEP_TYPE] = pattern_type,
	[STEP_BACKGROUND] = pattern_background,
	[STEP_SUBWORD] = pattern_subword,
	[STEP_UNALIGNED] = pattern_unaligned,
	[STEP_SPARSE] = pattern_sparse,
	[STEP_WIDE64] = pattern_wide64,
	[STEP_WIDE128] = pattern_wide128,
	[STEP_ORDER] = pattern_order,
	[STEP_DRAIN] = pattern_drain,
	[STEP_COHERENT] = pattern_coherent,
	[STEP_BURST] = pattern_burst,
	[STEP_LIBC] = pattern_libc,
	[STEP_QUIET] = pattern_quiet,
	[STEP_BENCH] = pattern_bench,
	[STEP_RESTORE] = pattern_restore,
	[STEP_CONCEAL] = pattern_conceal,
};

void reply_say(struct step_reply *reply, enum outcome outcome, const char *format, ...)
{
	va_list args;

	reply->outcome = outcome;
	memset(reply->text, 0, sizeof(reply->text));
	va_start(args, format);
	vsnprintf(reply->text, sizeof(reply->text), format, args);
	va_end(args);
}

void reply_number(struct step_reply *reply, const char *name, double value)
{
	for (uint32_t i = 0; i < reply->n_numbers; i++)
		if (!strcmp(reply->numbers[i].name, name)) {
			reply->numbers[i].value = value;
			return;
		}
	if (reply->n_numbers == REPLY_NUMBERS)
		return;
	snprintf(reply->numbers[reply->n_numbers].name, sizeof(reply->numbers[0].name), "%s", name);
	reply->numbers[reply->n_numbers++].value = value;
}

static const char *why_not(int r)
{
	switch (-r) {
	case EBADF: return "this BAR has no such file";
	case EPERM: return "the kernel is locked down";
	case EINVAL: return "a driver holds the BAR exclusively";
	case ENODEV: return "the device is gone";
	case ENOMEM: return "no memory";
	default: return "the kernel refused";
	}
}

bool trial_map(struct trial *trial, enum window_kind kind)
{
	int r = trial->port.ops->remap(trial->port.state, kind);

	if (r >= 0)
		return true;
	/* No strerror here: it may open a message catalogue, and the jail forbids that. */
	reply_say(trial->reply, OUTCOME_SKIPPED, "cannot map the BAR %s: %s (errno %d)",
	          kind == WINDOW_WC ? "write-combined" : "uncached", why_not(r), -r);
	reply_number(trial->reply, "errno", -r);
	return false;
}

uint64_t *trial_map_copy(struct trial *trial)
{
	void *map = mmap(NULL, trial->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, trial->save, 0);

	if (map != MAP_FAILED)
		return map;
	reply_say(trial->reply, OUTCOME_SKIPPED, "cannot map the copy of the range");
	return NULL;
}

const struct insn *trial_widest(const struct trial *trial)
{
	const struct port *port = &trial->port;
	const struct insn *widest = NULL;

	for (unsigned int i = 0; i < port->n_insns; i++) {
		const struct insn *insn = &port->insns[i];

		if (!(insn->flags & INSN_DIRECT) && (!widest || insn->width > widest->width) &&
		    insn_is_usable(insn, trial->is_virtual))
			widest = insn;
	}
	return widest;
}

const struct insn *trial_scalar(const struct trial *trial, unsigned int width)
{
	for (unsigned int i = 0; i < trial->port.n_insns; i++)
		if (trial->port.insns[i].flags & INSN_SCALAR && trial->port.insns[i].width == width)
			return &trial->port.insns[i];
	return NULL;
}

uint64_t mix64(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}
