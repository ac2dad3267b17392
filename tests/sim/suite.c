/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suite: the child of a probe, with a model in place of the machine. */
#include "sim/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "act/image.h"
#include "act/parts.h"
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

/* Who dies by a fault frees nothing: a child of a probe would end there. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "detect_leaks=0";
}

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

/* Not through the port: as the next test would find it if it were the only one. */
static bool is_background(const struct trial *trial)
{
	for (uint64_t at = 0; at < model.size_bytes; at += 8) {
		uint64_t want = image_background(trial, at);

		if (memcmp(model.memory + MODEL_MARGIN + at, &want, 8))
			return false;
	}
	return true;
}

static void start(const struct setup *setup)
{
	model_init(&model, &setup->healthy, setup->fault.info ? &setup->fault : NULL, setup->seed);
}

/* What a machine is like behind its background: each of its tests starts there. */
static struct {
	struct model model;
	struct setup setup;
	enum outcome outcome; /* UNKNOWN: none is kept */
} laid;

static bool is_same(const struct setup *a, const struct setup *b)
{
	return a->seed == b->seed && a->fault.info == b->fault.info &&
	       !memcmp(&a->healthy, &b->healthy, sizeof(a->healthy)) &&
	       !memcmp(&a->fault.values, &b->fault.values, sizeof(a->fault.values));
}

static enum outcome lay_background(const struct setup *setup, struct trial *trial, bool is_saved)
{
	if (is_saved)
		return try(setup, STEP_BACKGROUND, trial);
	if (laid.outcome != OUTCOME_UNKNOWN && is_same(&laid.setup, setup)) {
		model_copy(&model, &laid.model);
		return laid.outcome;
	}
	laid.outcome = try(setup, STEP_BACKGROUND, trial);
	laid.setup = *setup;
	model_copy(&laid.model, &model);
	return laid.outcome;
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

	start(setup);
	trial.port = model_port(&model);
	trial.size_bytes = model.size_bytes;
	trial.is_virtual = setup->healthy.at[HEALTHY_GUEST];
	if (setup->is_link_known)
		model_ceilings(&model, trial.ceiling_mbps);
	ret->outcome = OUTCOME_PASS;
	if (step == STEP_RESTORE)
		ret->outcome = try(setup, STEP_SAVE, &trial);
	if (ret->outcome == OUTCOME_PASS && step > STEP_BACKGROUND)
		ret->outcome = lay_background(setup, &trial, step == STEP_RESTORE);
	/* Then a probe ends here. */
	ret->outcome = ret->outcome == OUTCOME_PASS ? try(setup, step, &trial) : OUTCOME_SKIPPED;
	ret->death = model.death;
	ret->outside = model.outside;
	ret->strays = model.strays;
	ret->is_dirty = step > STEP_BACKGROUND && step != STEP_RESTORE && ret->outcome != OUTCOME_SKIPPED && !is_background(&trial);
}

/* Is it the one to keep? An access outside the range is worse than anything that a test can say. */
static bool is_worse(const struct result *result, const struct result *than)
{
	if (!result->outside != !than->outside)
		return result->outside;
	if (result->is_dirty != than->is_dirty)
		return result->is_dirty;
	return parts_rank(result->outcome) > parts_rank(than->outcome);
}

void suite_run(const struct setup *setup, enum step step, struct result *ret)
{
	bool is_wide = !setup->healthy.at[HEALTHY_GUEST], is_first = true;
	struct port port = model_port(&model);
	struct result one;

	*ret = (struct result){ .outcome = OUTCOME_UNSUPPORTED };
	for (unsigned int i = 0; i <= port.n_insns; i++) {
		const struct insn *insn = i ? &port.insns[i - 1] : NULL;

		if (!parts_has(step, is_wide, insn))
			continue;
		run_one(setup, step, insn, &one);
		if (is_first || is_worse(&one, ret))
			*ret = one;
		is_first = false;
	}
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

bool suite_is_caught(const struct fault_info *info, const struct result *result, const struct result *healthy)
{
	double was, is;

	if (result->outcome == OUTCOME_FAIL || result->outcome == OUTCOME_DIED)
		return true;
	switch (info->caught) {
	case CAUGHT_NO_PROOF:
		return result->outcome == OUTCOME_NOT_EXERCISED && healthy->outcome == OUTCOME_PASS;
	case CAUGHT_NUMBERS:
		was = number(healthy, "read_mbps");
		is = number(result, "read_mbps");
		return was > 0 && is > 0 && is < was / 4;
	default: return false;
	}
}

bool suite_must_be_clean(const struct setup *setup, const struct result *result)
{
	const struct fault_info *info = setup->fault.info;

	if (result->outcome == OUTCOME_DIED || (info && !info->spares_uncached))
		return false;
	for (unsigned int i = 0; info && info->params[i].name; i++)
		if (!strcmp(info->params[i].name, "uncached") && setup->fault.values.at[i])
			return false;
	return true;
}

/* The steps that say whether their stores were combined. */
static bool is_proving(enum step step)
{
	return step == STEP_SPARSE || step == STEP_ORDER || step == STEP_BURST;
}

/* Must a test say that stores were combined here, must it not, or is it a matter of luck? */
static enum outcome combining_outcome(const struct setup *setup)
{
	const uint64_t *healthy = setup->healthy.at;

	if (!setup->is_link_known || !healthy[HEALTHY_GATHER] || healthy[HEALTHY_GUEST])
		return OUTCOME_NOT_EXERCISED;
	return healthy[HEALTHY_MOMENT] < MOMENT_RANDOM && healthy[HEALTHY_PARTIAL] >= 64 && healthy[HEALTHY_LINE] >= 64
	               ? OUTCOME_PASS
	               : OUTCOME_UNKNOWN;
}

bool suite_is_right(const struct setup *setup, enum step step, const struct result *result, const char **ret_why)
{
	const uint64_t *healthy = setup->healthy.at;
	enum outcome want = is_proving(step) ? combining_outcome(setup) : OUTCOME_PASS;

	if ((step == STEP_DRAIN || step == STEP_COHERENT) && !healthy[HEALTHY_PEER])
		want = OUTCOME_UNSUPPORTED;
	if ((step == STEP_WIDE128 || step == STEP_LIBC) && healthy[HEALTHY_GUEST])
		want = OUTCOME_UNSUPPORTED;
	*ret_why = "that is wrong of a machine without a fault";
	if (result->outside) {
		*ret_why = "it breaks the contract of an operation";
		return false;
	}
	if (result->is_dirty) {
		*ret_why = "it does not leave the background";
		return false;
	}
	if (result->strays) {
		*ret_why = "a healthy machine's stores left the range: the model is wrong";
		return false;
	}
	if (want == OUTCOME_UNKNOWN)
		return result->outcome == OUTCOME_PASS || result->outcome == OUTCOME_NOT_EXERCISED;
	return result->outcome == want;
}
