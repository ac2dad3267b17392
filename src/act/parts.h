/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts: into which runs a step falls, each in a child of its own, and the one finding that is made of theirs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "act/insn.h"
#include "model/finding.h"

#define PARTS_MAX 48

/*
 * Is there a run of the step about this instruction, or (NULL) about none? is_wide: also those that store by what a
 * hypervisor may be unable to emulate, which ends its guest: on hardware, or where it was asked for.
 */
bool parts_has(enum step step, bool is_wide, const struct insn *insn);

/*
 * How many there are, in order: indices into arch_insns, or RUNNER_NO_INSN for what needs none. 0: nothing may be, or can be
 * run here, and *ret_why says why.
 */
unsigned int parts_of_step(enum step step, bool is_wide, uint32_t ret[static PARTS_MAX], const char **ret_why);

/* "movups"; "" for RUNNER_NO_INSN. */
const char *part_name(uint32_t insn);

/* Of parts with these outcomes the one with the higher rank is the finding. What cannot happen is worse than a failure. */
int parts_rank(enum outcome outcome);

/*
 * One finding of n >= 1 parts: the worst outcome of them, where a part that was unsupported spoils nothing while another
 * was not. Its numbers, and the beginning of its text, are those of the worst; the rest of the text names the others.
 * The parts are used up. 0 or -ENOMEM.
 */
int parts_merge(const uint32_t insns[], struct finding parts[], unsigned int n, struct finding *ret);
