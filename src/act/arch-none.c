/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arch-none: an architecture whose write-combining nobody has described to pciwc: it builds, and refuses to probe. */
#include "act/arch.h"

#if !defined(__x86_64__) && (!defined(__aarch64__) || defined(__AARCH64EB__))

const char *const arch_name = NULL;
const enum arch_proof arch_proof = ARCH_PROOF_NONE;

/* The child answers "unsupported" before anything is mapped; whoever comes here nevertheless must not go on. */
#define REFUSE { __builtin_trap(); }

void arch_store8(void *at __attribute__((unused)), uint8_t value __attribute__((unused))) REFUSE
void arch_store16(void *at __attribute__((unused)), uint16_t value __attribute__((unused))) REFUSE
void arch_store64(void *at __attribute__((unused)), uint64_t value __attribute__((unused))) REFUSE
uint8_t arch_load8(const void *at __attribute__((unused))) REFUSE
uint64_t arch_load64(const void *at __attribute__((unused))) REFUSE
void arch_store_line(void *at __attribute__((unused)), const uint64_t words[static 8] __attribute__((unused)),
                     unsigned int width __attribute__((unused))) REFUSE
void arch_store_mask(void *at __attribute__((unused)), uint64_t mask __attribute__((unused)),
                     const uint64_t words[static 8] __attribute__((unused))) REFUSE
void arch_fence(void) REFUSE
void arch_complete(const void *at __attribute__((unused))) REFUSE
void arch_stream(void *at __attribute__((unused)), uint64_t size_bytes __attribute__((unused)),
                 unsigned int width __attribute__((unused)), uint64_t value __attribute__((unused))) REFUSE

#endif
