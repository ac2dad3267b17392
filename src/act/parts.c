/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts: the steps that run more than once, a row each. */
#include "act/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/arch.h"
#include "act/port.h"
#include "act/runner.h"
#include "base/cleanup.h"
#include "base/strs.h"

static const struct row {
	enum step step;
	bool has_plain;    /* a run that is about no instruction */
	bool is_plain_wide; /* which is wide, too: whatever the C library stores by */
	unsigned int mask, flags; /* and one for each instruction whose flags, masked, are these */
	unsigned int width_min;   /* 0: for none */
} rows[] = {
	{ STEP_SPARSE, true, false, INSN_MASKED, INSN_MASKED, 1 },
	{ STEP_WIDE128, false, false, INSN_MASKED, 0, 16 },
	{ STEP_LIBC, true, true, 0, 0, 0 },
};

static const struct row *find_row(enum step step)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		if (rows[i].step == step)
			return &rows[i];
	return NULL;
}

bool parts_has(enum step step, bool is_wide, const struct insn *insn)
{
	const struct row *row = find_row(step);

	if (!insn)
		return !row || (row->has_plain && (is_wide || !row->is_plain_wide));
	return row && row->width_min && is_wide && (insn->flags & row->mask) == row->flags &&
	       insn->width >= row->width_min;
}

unsigned int parts_of_step(enum step step, bool is_wide, uint32_t ret[static PARTS_MAX], const char **ret_why)
{
	unsigned int n = 0;

	*ret_why = is_wide ? "this CPU has no such store"
	                   : "not in a virtual machine unless asked for (--wide): what its hypervisor cannot emulate "
	                     "may end it";
	if (parts_has(step, is_wide, NULL))
		ret[n++] = RUNNER_NO_INSN;
	for (uint32_t i = 0; i < arch_n_insns && n < PARTS_MAX; i++)
		if (parts_has(step, is_wide, &arch_insns[i]) && insn_is_there(&arch_insns[i]))
			ret[n++] = i;
	return n;
}

const char *part_name(uint32_t insn)
{
	return insn < arch_n_insns ? arch_insns[insn].name : "";
}

int parts_rank(enum outcome outcome)
{
	static const enum outcome ascending[] = { OUTCOME_UNSUPPORTED, OUTCOME_PASS, OUTCOME_NOT_EXERCISED,
		                                  OUTCOME_SKIPPED,     OUTCOME_DIED, OUTCOME_FAIL };

	for (size_t i = 0; i < ELEMENTSOF(ascending); i++)
		if (ascending[i] == outcome)
			return (int)i;
	return ELEMENTSOF(ascending);
}

static void name_others(FILE *out, const uint32_t insns[], const struct finding parts[], unsigned int n,
                        unsigned int worst, enum outcome outcome)
{
	const char *before = "; ";

	for (unsigned int i = 0; i < n; i++) {
		if (i == worst || parts[i].outcome != outcome)
			continue;
		if (before[0] == ';')
			fprintf(out, "%s%s: ", before, outcome_names[outcome]);
		else
			fputs(before, out);
		fputs(*part_name(insns[i]) ? part_name(insns[i]) : "byte stores", out);
		before = ", ";
	}
}

static char *text_of(const uint32_t insns[], const struct finding parts[], unsigned int n, unsigned int worst)
{
	const char *name = part_name(insns[worst]);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s%s%s", name, *name ? ": " : "", parts[worst].text ?: "");
	for (int outcome = OUTCOME_UNKNOWN; outcome < OUTCOMES; outcome++)
		name_others(out, insns, parts, n, worst, (enum outcome)outcome);

	bool failed = ferror(out);

	if (fclose(out) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

int parts_merge(const uint32_t insns[], struct finding parts[], unsigned int n, struct finding *ret)
{
	unsigned int worst = 0;
	uint64_t begin_s = parts[0].time_s;
	char *text;

	for (unsigned int i = 1; i < n; i++)
		if (parts_rank(parts[i].outcome) > parts_rank(parts[worst].outcome))
			worst = i;
	text = text_of(insns, parts, n, worst);
	if (text) {
		*ret = parts[worst];
		parts[worst] = (struct finding){ 0 };
		free(ret->text);
		ret->text = text;
		ret->time_s = begin_s;
	}
	for (unsigned int i = 0; i < n; i++)
		finding_done(&parts[i]);
	return text ? 0 : -ENOMEM;
}
