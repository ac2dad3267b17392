/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gap: says what is not known, so that nobody takes silence for a fact. */
#include "model/gap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"

int gaps_add(struct gaps *gaps, const char *what, const char *why, ...)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *name = strdup(what);
	va_list args;

	va_start(args, why);
	if (vasprintf(&text, why, args) < 0)
		text = NULL;
	va_end(args);
	if (!text || !name)
		return -ENOMEM;

	struct gap *gap = array_add(gaps);

	if (!gap)
		return -ENOMEM;
	gap->what = steal(&name);
	gap->why = steal(&text);
	return 0;
}

bool gaps_have(const struct gaps *gaps, const char *what)
{
	for (size_t i = 0; i < gaps->n; i++)
		if (!strcmp(gaps->at[i].what, what))
			return true;
	return false;
}

void gaps_done(struct gaps *gaps)
{
	for (size_t i = 0; i < gaps->n; i++) {
		free(gaps->at[i].what);
		free(gaps->at[i].why);
	}
	free(gaps->at);
	*gaps = (struct gaps){ 0 };
}

struct json_object *gaps_to_json(const struct gaps *gaps)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < gaps->n; i++) {
		struct json_object *o = json_new_object();

		json_put_string(o, "what", gaps->at[i].what);
		json_put_string(o, "why", gaps->at[i].why);
		json_push(array, o);
	}
	return array;
}
