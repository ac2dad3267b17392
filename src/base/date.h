/* SPDX-License-Identifier: GPL-2.0-or-later */
/* date: which days there are. */
#pragma once

#include <stdbool.h>

/* In the Gregorian calendar, of this century or a later one, with at most four digits of a year. */
static inline bool date_exists(unsigned int year, unsigned int month, unsigned int day)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 2000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && is_leap ? 1U : 0U);
}
