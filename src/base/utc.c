/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utc: by the C library. */
#include "base/utc.h"

#include <stdio.h>
#include <time.h>

void utc_format(uint64_t time_s, char ret[static 32])
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (!time_s || time_s > INT64_MAX || !gmtime_r(&t, &tm) || !strftime(ret, 32, "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(ret, 32, "an unknown time");
}
