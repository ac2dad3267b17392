/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: formats an explanation; control characters from files never reach a terminal. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strs.h"

static void clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

__attribute__((format(printf, 3, 0))) static void fill(struct err *err, const char *id, const char *format, va_list args)
{
	snprintf(err->id, sizeof(err->id), "%s", id);
	vsnprintf(err->text, sizeof(err->text), format, args);
}

int err_set(struct err *err, int r, const char *id, const char *format, ...)
{
	va_list args;

	if (!err || err->text[0])
		return r;
	va_start(args, format);
	fill(err, id, format, args);
	va_end(args);
	clean(err->text);
	return r;
}

int err_errno(struct err *err, int r, const char *id, const char *format, ...)
{
	va_list args;

	if (!err || err->text[0])
		return r;
	va_start(args, format);
	fill(err, id, format, args);
	va_end(args);

	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(-r));
	clean(err->text);
	return r;
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
