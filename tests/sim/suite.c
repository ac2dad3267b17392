/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suite: the child of a probe, with a model in place of the machine. */
#include "sim/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BAR_BASE UINT64_C(0x382000000000)

static struct model model;

/* ---- setups ---- */

void setup_draw_healthy(struct setup *ret, uint64_t seed, uint64_t pages_max)
{
	*ret = (struct setup){ .seed = seed, .thinning = 16 };
	params_draw(healthy_params, seed, seed, &ret->healthy);
	if (ret->healthy.at[HEALTHY_PAGES] > pages_max)
		ret->healthy.at[HEALTHY_PAGES] = (uint64_t)1 << mix64(seed) % (uint64_t)(__builtin_ctzll(pages_max) + 1);
	/* The rarer ones: one machine in eight. */
	ret->healthy.at[HEALTHY_GUEST] = mix64(seed + 1) % 8 == 0;
	ret->healthy.at[HEALTHY_PEER] = mix64(seed + 2) % 8 != 0;
	/* It takes long: one in sixteen. */
	ret->is_link_known = mix64(seed + 3) % 16 == 0;
}

void setup_hold(struct setup *setup)
{
	const struct fault_info *info = setup->fault.info;

	for (unsigned int i = 0; info && i < info->n_holds; i++)
		if (!info->holds[i].hows || info->holds[i].hows >> setup->fault.values.at[0] & 1)
			setup->healthy.at[info->holds[i].param] = info->holds[i].value;
	/* The proof that its first parameter names is the machine's. */
	if (info == &fault_override)
		setup->healthy.at[HEALTHY_PROOF] = setup->fault.values.at[0];
}

void setup_draw_fault(struct setup *ret, const struct fault_info *info, uint64_t seed, uint64_t point)
{
	/* A machine on which sparse stores do not leave combined does not show what they do then. */
	static const struct hold combining[] = {
		{ HEALTHY_GATHER, 1, 0 }, { HEALTHY_PARTIAL, MODEL_LINE_MAX, 0 }, { HEALTHY_CRACK, 64, 0 }, { HEALTHY_GUEST, 0, 0 },
		{ HEALTHY_PEER, 1, 0 },
	};

	setup_draw_healthy(ret, mix64(seed ^ point), 4);
	for (unsigned int i = 0; i < ELEMENTSOF(combining); i++)
		ret->healthy.at[combining[i].param] = combining[i].value;
	if (ret->healthy.at[HEALTHY_LINE] < 64)
		ret->healthy.at[HEALTHY_LINE] = 64;
	if (ret->healthy.at[HEALTHY_MOMENT] > MOMENT_PRESSURE)
		ret->healthy.at[HEALTHY_MOMENT] = point % 2 ? MOMENT_FULL : MOMENT_PRESSURE;
	ret->fault.info = info;
	ret->is_link_known = info->caught == CAUGHT_NO_PROOF;
	params_draw(info->params, seed, point, &ret->fault.values);
	setup_hold(ret);
}

/* ---- one step ---- */

bool suite_has(enum step step)
{
	/* These two are of BAR 0's registers, and see no memory. */
	return patterns[step] && step != STEP_LOCATE && step != STEP_CONCEAL;
}

/* The kernel's list, as of a machine whose BAR is what the fault says. */
static int new_memtypes(const struct setup *setup)
{
	static const char *const names[] = { "uncached", "uncached-minus", "write-back", "write-through",
		                             "write-protected" };
	uint64_t end = BAR_BASE + setup->healthy.at[HEALTHY_PAGES] * 4096, cut = end;
	const uint64_t *values = setup->fault.values.at; /* proof, type, pages: the order of their table */
	const char *wrong = "";
	int fd = memfd_create("memtypes", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	if (setup->fault.info == &fault_override && values[0] == PROOF_LIST) {
		wrong = names[values[1]];
		cut = values[2] ? end - 4096 : BAR_BASE;
	}
	dprintf(fd, "PAT memtype list:\nPAT: [mem 0x0000000000001000-0x0000000000002000] write-back\n");
	if (cut > BAR_BASE)
		dprintf(fd, "PAT: [mem 0x%016" PRIx64 "-0x%016" PRIx64 "] write-combining\n", BAR_BASE, cut);
	if (cut < end)
		dprintf(fd, "PAT: [mem 0x%016" PRIx64 "-0x%016" PRIx64 "] %s\n", cut, end, wrong);
	return fd;
}

static int save_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("save", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, MODEL_RANGE_MAX) < 0)
		abort();
	return fd;
}

static void call(const struct setup *setup, enum step step, struct trial *trial)
{
	/* The proof of the type is the model's, not that of the architecture that runs it. */
	if (step != STEP_TYPE) {
		patterns[step](trial);
		return;
	}
	trial->memtypes = new_memtypes(setup);
	if (setup->healthy.at[HEALTHY_PROOF] == PROOF_LIST)
		type_by_list(trial);
	else
		type_by_fault(trial);
	close(trial->memtypes);
}

static enum outcome try(const struct setup *setup, enum step step, struct trial *trial)
{
	memset(trial->reply, 0, sizeof(*trial->reply));
	if (setjmp(model.landing))
		return OUTCOME_DIED;
	call(setup, step, trial);
	return trial->reply->outcome;
}

static void run_one(const struct setup *setup, enum step step, const struct insn *insn, struct result *ret)
{
	struct trial trial = {
		.address = BAR_BASE,
		.seed = setup->seed,
		.thinning = setup->thinning,
		.insn = insn,
		.save = save_file(),
		.memtypes = -1,
		.reply = &ret->reply,
	};

	model_init(&model, &setup->healthy, setup->fault.info ? &setup->fault : NULL, setup->seed);
	trial.port = model_port(&model);
	trial.size_bytes = model.size_bytes;
	trial.is_virtual = setup->healthy.at[HEALTHY_GUEST];
	if (setup->is_link_known)
		model_ceilings(&model, trial.ceiling_mbps);
	ret->outcome = OUTCOME_PASS;
	if (step == STEP_RESTORE)
		ret->outcome = try(setup, STEP_SAVE, &trial);
	if (ret->outcome == OUTCOME_PASS && step > STEP_BACKGROUND)
		ret->outcome = try(setup, STEP_BACKGROUND, &trial);
	/* Then a probe ends here. */
	ret->outcome = ret->outcome == OUTCOME_PASS ? try(setup, step, &trial) : OUTCOME_SKIPPED;
	ret->death = model.death;
	ret->outside = model.outside;
	ret->strays = model.strays;
}

/* The worse of two: what fails first of all. */
static int badness(const struct result *result)
{
	static const int of[OUTCOMES] = {
		[OUTCOME_PASS] = 0, [OUTCOME_UNSUPPORTED] = 1, [OUTCOME_NOT_EXERCISED] = 2, [OUTCOME_SKIPPED] = 3,
		[OUTCOME_FAIL] = 4, [OUTCOME_DIED] = 5, [OUTCOME_UNKNOWN] = 6,
	};

	return result->outside ? 7 : of[result->outcome];
}

/* Is this step run once for each such instruction, as a probe does? */
static bool is_for(enum step step, const struct insn *insn, bool is_guest)
{
	if (is_guest && !(insn->flags & INSN_SCALAR))
		return false;
	if (step == STEP_WIDE128)
		return insn->width >= 16 && !(insn->flags & INSN_MASKED);
	return step == STEP_SPARSE && insn->flags & INSN_MASKED;
}

void suite_run(const struct setup *setup, enum step step, struct result *ret)
{
	bool is_guest = setup->healthy.at[HEALTHY_GUEST], is_first = step == STEP_WIDE128;
	struct port port = model_port(&model);
	struct result one;

	if (!is_first)
		run_one(setup, step, NULL, ret);
	for (unsigned int i = 0; i < port.n_insns; i++) {
		if (!is_for(step, &port.insns[i], is_guest))
			continue;
		run_one(setup, step, &port.insns[i], &one);
		if (is_first || badness(&one) > badness(ret))
			*ret = one;
		is_first = false;
	}
	if (is_first)
		*ret = (struct result){ .outcome = OUTCOME_UNSUPPORTED };
}

/* ---- what it means ---- */

/* The first number whose name has this in it; 0: none. */
static double number(const struct result *result, const char *part)
{
	for (uint32_t i = 0; i < result->reply.n_numbers; i++)
		if (strstr(result->reply.numbers[i].name, part))
			return result->reply.numbers[i].value;
	return 0;
}

bool suite_proves_combining(void)
{
	static enum outcome outcome;
	struct setup setup = { .seed = 1, .thinning = 64, .is_link_known = true };
	struct result result;

	if (outcome != OUTCOME_UNKNOWN)
		return outcome == OUTCOME_PASS;
	params_usual(healthy_params, &setup.healthy);
	suite_run(&setup, STEP_SPARSE, &result);
	outcome = result.outcome;
	return outcome == OUTCOME_PASS;
}

bool suite_is_caught(const struct fault_info *info, const struct result *result, const struct result *healthy)
{
	double was, is;

	if (result->outcome == OUTCOME_FAIL || result->outcome == OUTCOME_DIED)
		return true;
	switch (info->caught) {
	case CAUGHT_NO_PROOF:
		return result->outcome == OUTCOME_NOT_EXERCISED &&
		       (healthy->outcome == OUTCOME_PASS || !suite_proves_combining());
	case CAUGHT_NUMBERS:
		was = number(healthy, "read_mbps");
		is = number(result, "read_mbps");
		return was > 0 && is > 0 && is < was / 4;
	default: return false;
	}
}

bool suite_is_right(const struct setup *setup, enum step step, const struct result *result, const char **ret_why)
{
	const uint64_t *healthy = setup->healthy.at;
	bool is_alone = !healthy[HEALTHY_PEER] && (step == STEP_DRAIN || step == STEP_COHERENT);

	*ret_why = "it fails";
	if (result->outside) {
		*ret_why = "it breaks the contract of an operation";
		return false;
	}
	if (result->strays) {
		*ret_why = "a healthy machine's stores left the range: the model is wrong";
		return false;
	}
	switch (result->outcome) {
	case OUTCOME_PASS: return true;
	case OUTCOME_NOT_EXERCISED: return true;
	case OUTCOME_UNSUPPORTED: return is_alone || healthy[HEALTHY_GUEST];
	default: return false;
	}
}
