/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tri: a fact that may be unknown; zero is unknown. */
#pragma once

#include <stdbool.h>

#include "base/json.h"

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

static inline enum tri tri_of(bool b)
{
	return b ? TRI_YES : TRI_NO;
}

static inline enum tri tri_not(enum tri t)
{
	return t == TRI_UNKNOWN ? TRI_UNKNOWN : t == TRI_YES ? TRI_NO : TRI_YES;
}

/* Kleene's and: a no decides, an unknown spoils a yes. */
static inline enum tri tri_and(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_YES && b == TRI_YES ? TRI_YES : TRI_UNKNOWN;
}

static inline enum tri tri_or(enum tri a, enum tri b)
{
	return tri_not(tri_and(tri_not(a), tri_not(b)));
}

/* A member of a JSON object: true, false, or null for unknown. */
static inline void tri_put(struct json_object *o, const char *key, enum tri t)
{
	if (t == TRI_UNKNOWN)
		json_put_null(o, key);
	else
		json_put_bool(o, key, t == TRI_YES);
}
