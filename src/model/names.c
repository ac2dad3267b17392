/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names: one lookup for all name tables. */
#include "model/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int name_find(const char *const names[], size_t n, const char *name)
{
	for (size_t i = 1; i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

int name_from_json(const struct json_at *at, const char *const names[], size_t n, struct err *err, int *ret)
{
	char what[256] = "one of ";
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;

	int found = name_find(names, n, text);

	if (found < 0) {
		for (size_t i = 1; i < n; i++) {
			size_t used = strlen(what);

			snprintf(what + used, sizeof(what) - used, "%s%s", i > 1 ? ", " : "", names[i]);
		}
		return json_expected(at, err, what);
	}
	*ret = found;
	return 0;
}
