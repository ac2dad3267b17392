/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch-none: an architecture whose write-combining nobody has described to pciwc: it builds, and refuses to probe. */
#include "act/arch.h"

#ifdef ARCH_NONE

const char *const arch_name = NULL;
const enum arch_proof arch_proof = ARCH_PROOF_NONE;

/* The child answers "unsupported" before anything is mapped; whoever comes here nevertheless must not go on. */
#define REFUSE { __builtin_trap(); }

void arch_store8(void *at __attribute__((unused)), uint8_t value __attribute__((unused))) REFUSE
void arch_store16(void *at __attribute__((unused)), uint16_t value __attribute__((unused))) REFUSE
void arch_store32(void *at __attribute__((unused)), uint32_t value __attribute__((unused))) REFUSE
void arch_store64(void *at __attribute__((unused)), uint64_t value __attribute__((unused))) REFUSE
uint8_t arch_load8(const void *at __attribute__((unused))) REFUSE
uint16_t arch_load16(const void *at __attribute__((unused))) REFUSE
uint32_t arch_load32(const void *at __attribute__((unused))) REFUSE
uint64_t arch_load64(const void *at __attribute__((unused))) REFUSE
void arch_store_mask(void *at __attribute__((unused)), uint64_t mask __attribute__((unused)),
                     const uint64_t words[static 8] __attribute__((unused))) REFUSE
void arch_fence(void) REFUSE
void arch_acquire(void) REFUSE
void arch_relax(void) REFUSE
void arch_complete(const void *at __attribute__((unused))) REFUSE

const struct insn arch_insns[] = { { 0 } };
const unsigned int arch_n_insns = 0;

#endif
