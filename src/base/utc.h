/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utc: a time as text. */
#pragma once

#include <stdint.h>

/* "2026-11-24 12:00 UTC" of seconds since the epoch; "an unknown time" of 0 and of what no calendar has. */
void utc_format(uint64_t time_s, char ret[static 32]);
