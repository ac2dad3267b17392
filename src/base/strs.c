/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strs: owned strings. */
#include "base/strs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

int strs_add(struct strs *strs, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;

	char **slot = array_add(strs);

	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

bool strs_has(const struct strs *strs, const char *text)
{
	for (size_t i = 0; i < strs->n; i++)
		if (!strcmp(strs->at[i], text))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strs_sort(struct strs *strs)
{
	if (strs->n)
		qsort(strs->at, strs->n, sizeof(*strs->at), compare);
}

bool strs_sorted_has(const struct strs *strs, const char *text)
{
	return strs->n && bsearch(&text, strs->at, strs->n, sizeof(*strs->at), compare);
}

char *strs_join(const struct strs *strs, const char *between)
{
	size_t size = 1;

	for (size_t i = 0; i < strs->n; i++)
		size += strlen(strs->at[i]) + strlen(between);

	char *text = calloc(1, size), *end = text;

	for (size_t i = 0; text && i < strs->n; i++)
		end = stpcpy(stpcpy(end, i ? between : ""), strs->at[i]);
	return text;
}

void strs_done(struct strs *strs)
{
	for (size_t i = 0; i < strs->n; i++)
		free(strs->at[i]);
	free(strs->at);
	*strs = (struct strs){ 0 };
}

int str_set(char **at, const char *text)
{
	char *copy = NULL;

	if (text) {
		copy = strdup(text);
		if (!copy)
			return -ENOMEM;
	}
	free(*at);
	*at = copy;
	return 0;
}

bool str_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool str_starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

char *str_printf(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}
