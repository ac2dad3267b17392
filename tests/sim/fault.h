/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fault: the ways in which a model breaks the rules, a row a hazard of the closed vocabulary, each with its parameters. */
#pragma once

#include "model/hazard.h"
#include "sim/model.h"

/* What counts as caught. */
enum caught {
	CAUGHT_NONE,
	CAUGHT_FAILS,    /* a test fails or dies */
	CAUGHT_NO_PROOF, /* a test says "not exercised" that passes a healthy machine of the same parameters (suite.h) */
	CAUGHT_NUMBERS,  /* a test fails, or its numbers tell: see suite.h */
};

/* Holds a healthy parameter where the fault can show. */
struct hold {
	enum healthy param;
	uint64_t value;
	uint64_t hows; /* only where bit i, of the value of the fault's first parameter, is set; 0: always */
};
#define HOLDS_MAX 4

struct fault_info {
	enum hazard hazard;
	const char *does;
	enum caught caught;
	bool spares_uncached; /* uncached accesses are healthy, unless a parameter "uncached" says otherwise */
	const struct param *params;
	struct hold holds[HOLDS_MAX];
	unsigned int n_holds;

	/* Hooks; NULL: healthy there. False: the hook has done all there is to do. */
	bool (*access)(struct model *model, struct access *access);
	bool (*gathers)(struct model *model, const struct access *access); /* may this one be merged with others? */
	bool (*merge)(struct model *model, struct buffer *buffer, unsigned int i, uint8_t byte);
	bool (*packet)(struct model *model, struct packet *packet);
	void (*load)(struct model *model, struct cpu *cpu, uint64_t address, unsigned int n, uint8_t *bytes);
	bool (*drain)(struct model *model, struct cpu *cpu);
	void (*remap)(struct model *model);
	bool (*try_store)(struct model *model, uint64_t offset, unsigned int width, struct port_fault *ret);
};

/* In the order of the vocabulary; ends with NULL. */
extern const struct fault_info *const fault_infos[];

/* NULL: none of this name. */
const struct fault_info *fault_find(const char *name);

static inline uint64_t fault_is(const struct model *model, unsigned int i)
{
	return model->fault.values.at[i];
}

/* The rows, each in the file that knows its kind. */
extern const struct fault_info fault_sparse, fault_misaddress, fault_burst;
extern const struct fault_info fault_subword, fault_unaligned, fault_wide64, fault_wide128;
extern const struct fault_info fault_disorder, fault_no_drain, fault_no_combining, fault_unreliable;
extern const struct fault_info fault_slow_read, fault_incoherent, fault_override, fault_disturb;

#define PARAM_END { .name = NULL }
