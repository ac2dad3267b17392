/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match-parts: what the functions of the match keys share. Pure. */
#pragma once

#include "decide/match-keys.h"

/* Appends, with a comma between two facts of one key. told is NULL when nobody asks. Always TRI_YES: only that is told. */
__attribute__((format(printf, 2, 3))) enum tri yes(struct told *told, const char *format, ...);

static inline bool in_range(const struct criterion *c, uint64_t value)
{
	value &= c->mask;
	return value >= c->min && value <= c->max;
}

/* The keys of PCI functions: does this form hold of these facts. */
enum tri match_port(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_host_bridge(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_device(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_subsystem(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_class(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_revision(const struct form *form, const struct facts *facts, struct told *told);
enum tri match_bar(const struct form *form, const struct facts *facts, struct told *told);
