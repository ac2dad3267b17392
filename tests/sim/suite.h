/* SPDX-License-Identifier: GPL-2.0-or-later */
/* suite: runs the microtests against a model, each on a machine of its own, and says whether a fault was caught. */
#pragma once

#include "act/patterns.h"
#include "sim/fault.h"

/* What a model is to be. */
struct setup {
	struct values healthy;
	struct fault fault; /* info NULL: healthy */
	uint64_t seed;
	unsigned int thinning;
	bool is_link_known; /* are the ceilings told, by which a test proves that its stores combine */
};

struct result {
	enum outcome outcome; /* SKIPPED: the background before it did not hold */
	struct step_reply reply;
	const char *death;    /* why it died, if it did */
	uint64_t outside, strays;
	bool is_dirty;        /* a test behind the background has left something else */
};

/* A healthy machine, any: pages is at most pages_max. */
void setup_draw_healthy(struct setup *ret, uint64_t seed, uint64_t pages_max);
/* One in which stores combine, as far as a fault's own parameters let them: its point-th. */
void setup_draw_fault(struct setup *ret, const struct fault_info *info, uint64_t seed, uint64_t point);
/* Puts the fault's holds in place. */
void setup_hold(struct setup *setup);

/* Is there such a test in this build, and is it one of the suite? */
bool suite_has(enum step step);
/* Runs one; a step that is run for each instruction: its worst. */
void suite_run(const struct setup *setup, enum step step, struct result *ret);

/* Did this step catch the fault? healthy: the same step on the same machine without it. */
bool suite_is_caught(const struct fault_info *info, const struct result *result, const struct result *healthy);
/* Must the next test find the background, although this one may have failed? What is uncached works. */
bool suite_must_be_clean(const struct setup *setup, const struct result *result);
/* Is that what a machine without a defect may answer? Otherwise *ret_why (static). */
bool suite_is_right(const struct setup *setup, enum step step, const struct result *result, const char **ret_why);
