/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: formats an explanation; control characters from files never reach a terminal. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"

/* C0, DEL, and C1 as UTF-8 has them. */
void err_clean(char *text)
{
	unsigned char *c = (unsigned char *)text;

	for (; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
}

__attribute__((format(printf, 3, 0))) static void fill(struct err *err, const char *id, const char *format, va_list args)
{
	snprintf(err->id, sizeof(err->id), "%s", id);
	vsnprintf(err->text, sizeof(err->text), format, args);
}

int (err_set)(struct err *err, int r, const char *id, const char *format, ...)
{
	va_list args;

	if (!err || err->text[0])
		return r;
	va_start(args, format);
	fill(err, id, format, args);
	va_end(args);
	err_clean(err->text);
	return r;
}

int (err_errno)(struct err *err, int r, const char *id, const char *format, ...)
{
	va_list args;

	if (!err || err->text[0])
		return r;
	va_start(args, format);
	fill(err, id, format, args);
	va_end(args);

	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(-r));
	err_clean(err->text);
	return r;
}

bool errno_is_of_file(int r)
{
	static const int faults[] = { EINVAL, EPERM, EFBIG, ELOOP, ENXIO, ENODEV };

	for (size_t i = 0; i < ELEMENTSOF(faults); i++)
		if (r == -faults[i])
			return true;
	return false;
}

int err_about(struct err *err, int r, const char *what)
{
	char text[sizeof(err->text)];

	if (r < 0 && err && err->text[0] && !str_starts(err->text, what)) {
		snprintf(text, sizeof(text), "%s: %.480s", what, err->text);
		memcpy(err->text, text, sizeof(text));
	}
	return r;
}
