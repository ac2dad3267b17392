/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: a jail with one of its rules left out, in the order in which they are added. The linker puts these functions before
 * libseccomp's (--wrap), in a program that asks for it.
 */
#pragma once

#include <errno.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned int rule_left_out, n_rules; /* from 1; 0: none */

int __real_seccomp_rule_add_array(scmp_filter_ctx, uint32_t, int, unsigned int, const struct scmp_arg_cmp *);
int __wrap_seccomp_rule_add_array(scmp_filter_ctx, uint32_t, int, unsigned int, const struct scmp_arg_cmp *);
int __wrap_seccomp_rule_add(scmp_filter_ctx, uint32_t, int, unsigned int, ...);

int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call, unsigned int n,
                                  const struct scmp_arg_cmp *at)
{
	return ++n_rules == rule_left_out ? 0 : __real_seccomp_rule_add_array(filter, action, call, n, at);
}

int __wrap_seccomp_rule_add(scmp_filter_ctx filter, uint32_t action, int call, unsigned int n, ...)
{
	struct scmp_arg_cmp at[6];
	va_list args;

	va_start(args, n);
	for (unsigned int i = 0; i < n && i < 6; i++)
		at[i] = va_arg(args, struct scmp_arg_cmp);
	va_end(args);
	return __wrap_seccomp_rule_add_array(filter, action, call, n, at);
}
