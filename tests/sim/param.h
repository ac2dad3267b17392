/* SPDX-License-Identifier: GPL-2.0-or-later */
/* param: a number with a name and a range: how a model's parameters are drawn, told on a command line, and printed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PARAMS_MAX 20

struct param {
	const char *name;
	uint64_t low, high;       /* both belong to it */
	uint64_t usual;           /* when nobody says anything */
	bool is_power;            /* powers of two only */
	const char *const *words; /* NULL, or what low .. high are called */
	const char *meaning;
};

/* Values of a table of parameters, in its order. A table ends with a row without a name. */
struct values {
	uint64_t at[PARAMS_MAX];
};

unsigned int params_count(const struct param *params);
void params_usual(const struct param *params, struct values *ret);
/* The point-th of a sequence that a seed determines: the first parameter goes round its range, the others are drawn. */
void params_draw(const struct param *params, uint64_t seed, uint64_t point, struct values *ret);
/* One "name=value": true, or false and *ret_why (static) says what is wrong. */
bool params_set(const struct param *params, const char *text, struct values *values, const char **ret_why);
/* "name=value name=value", cut to size. */
void params_print(const struct param *params, const struct values *values, char *ret, unsigned int size);
/* "low .. high" or the words, cut to size. */
void param_range(const struct param *param, char *ret, unsigned int size);
