/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: how an entry came to mean a machine, or not to: each key with what the machine has for it. Pure. */
#pragma once

#include "decide/match.h"

struct key_trace {
	const char *key; /* "port"; borrowed from the key's table, or from the entry */
	bool is_not;     /* stands below `not`: yes speaks against the alternative */
	enum tri result;
	char *fact;      /* what the machine has; NULL: unknown */
};

struct alternative_trace {
	enum tri result;
	bool is_cleared; /* its facts are unknown, and `suspect` rules the machine out */
	struct key_trace *at;
	size_t n;
};

struct trace {
	enum tri result;
	struct alternative_trace *at; /* parallel to the entry's match */
	size_t n;
};

int trace_quirk(const struct quirk *quirk, const struct facts *facts, struct trace *ret); /* 0 or -ENOMEM */
void trace_done(struct trace *trace);
