/* SPDX-License-Identifier: GPL-2.0-or-later */
/* param: draws, reads and prints parameters. */
#include "sim/param.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/patterns.h"

unsigned int params_count(const struct param *params)
{
	unsigned int n = 0;

	while (params[n].name)
		n++;
	return n;
}

void params_usual(const struct param *params, struct values *ret)
{
	*ret = (struct values){ 0 };
	for (unsigned int i = 0; params[i].name; i++)
		ret->at[i] = params[i].usual;
}

/* How many values it can have. */
static uint64_t span(const struct param *param)
{
	return param->is_power ? (uint64_t)__builtin_ctzll(param->high) - (uint64_t)__builtin_ctzll(param->low) + 1
	                       : param->high - param->low + 1;
}

void params_draw(const struct param *params, uint64_t seed, uint64_t point, struct values *ret)
{
	*ret = (struct values){ 0 };
	for (unsigned int i = 0; params[i].name; i++) {
		uint64_t nth = (i ? mix64(mix64(seed + point) + i) : point) % span(&params[i]);

		ret->at[i] = params[i].is_power ? params[i].low << nth : params[i].low + nth;
	}
}

static bool value_parse(const struct param *param, const char *text, uint64_t *ret)
{
	char *end;

	for (uint64_t i = 0; param->words && i <= param->high - param->low; i++)
		if (!strcmp(param->words[i], text)) {
			*ret = param->low + i;
			return true;
		}
	if (param->words || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 0);
	return !errno && !*end && *ret >= param->low && *ret <= param->high &&
	       (!param->is_power || (*ret & (*ret - 1)) == 0);
}

bool params_set(const struct param *params, const char *text, struct values *values, const char **ret_why)
{
	static char why[240];
	char range[160];
	size_t n = strcspn(text, "=");

	*ret_why = why;
	if (!text[n]) {
		snprintf(why, sizeof(why), "\"%s\" is not of the form NAME=VALUE", text);
		return false;
	}
	for (unsigned int i = 0; params[i].name; i++) {
		if (strlen(params[i].name) != n || strncmp(params[i].name, text, n))
			continue;
		if (value_parse(&params[i], text + n + 1, &values->at[i]))
			return true;
		param_range(&params[i], range, sizeof(range));
		snprintf(why, sizeof(why), "%s: \"%s\" is not one of %s", params[i].name, text + n + 1, range);
		return false;
	}
	snprintf(why, sizeof(why), "there is no parameter \"%.*s\" here", (int)n, text);
	return false;
}

/* snprintf at the end of ret. */
__attribute__((format(printf, 3, 4))) static void append(char *ret, unsigned int size, const char *format, ...)
{
	size_t used = strlen(ret);
	va_list args;

	va_start(args, format);
	vsnprintf(ret + used, size - used, format, args);
	va_end(args);
}

void params_print(const struct param *params, const struct values *values, char *ret, unsigned int size)
{
	ret[0] = '\0';
	for (unsigned int i = 0; params[i].name; i++) {
		const struct param *param = &params[i];

		append(ret, size, "%s%s=", i ? " " : "", param->name);
		if (param->words)
			append(ret, size, "%s", param->words[values->at[i] - param->low]);
		else
			append(ret, size, "%llu", (unsigned long long)values->at[i]);
	}
}

void param_range(const struct param *param, char *ret, unsigned int size)
{
	ret[0] = '\0';
	if (!param->words) {
		append(ret, size, "%llu .. %llu%s", (unsigned long long)param->low, (unsigned long long)param->high,
		       param->is_power ? ", a power of two" : "");
		return;
	}
	for (uint64_t i = 0; i <= param->high - param->low; i++)
		append(ret, size, "%s%s", i ? "|" : "", param->words[i]);
}
