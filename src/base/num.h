/* SPDX-License-Identifier: GPL-2.0-or-later */
/* num: the one parser of integers. */
#pragma once

#include <stdint.h>

/*
 * The whole of text as an unsigned number: decimal, or hexadecimal after 0x (base 0), or in the base
 * given; no sign, no blanks. 0, or -EINVAL (not a number) or -ERANGE (outside min..max).
 */
int parse_u64(const char *text, int base, uint64_t min, uint64_t max, uint64_t *ret);
