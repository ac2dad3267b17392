/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log: one line on stderr, in one write, so that lines of two processes do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

void log_warn(const char *format, ...)
{
	char line[1024] = "pciwc: ";
	size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	err_clean(line);
	strcat(line, "\n");
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return; /* nobody is left to tell */
}
