/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gap: a fact that could not be read, and why: unknown is never silent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct json_object;

struct gap {
	char *what; /* "memory type", "SoC id" */
	char *why;  /* "debugfs is not mounted" */
};

struct gaps {
	struct gap *at;
	size_t n;
};

__attribute__((format(printf, 3, 4))) int gaps_add(struct gaps *gaps, const char *what, const char *why, ...);
bool gaps_have(const struct gaps *gaps, const char *what);
void gaps_done(struct gaps *gaps);
struct json_object *gaps_to_json(const struct gaps *gaps);
