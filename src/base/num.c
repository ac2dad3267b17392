/* SPDX-License-Identifier: GPL-2.0-or-later */
/* num: strtoull with its traps closed (signs, blanks, octal, partial parses). */
#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

int parse_u64(const char *text, int base, uint64_t min, uint64_t max, uint64_t *ret)
{
	char *end;

	if (base == 0) {
		base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
		if (base == 16)
			text += 2;
	} else if (base == 16 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
	}
	if (!isxdigit((unsigned char)text[0]))
		return -EINVAL;

	errno = 0;

	unsigned long long value = strtoull(text, &end, base);

	if (end == text || *end)
		return -EINVAL;
	if (errno || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
