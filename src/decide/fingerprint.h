/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fingerprint: everything that findings, or an approval, depend on, as "name=value;" parts. Kept beside what was found or
 * approved; one that no longer holds grants nothing, and says which part changed. Pure.
 */
#pragma once

#include "decide/evidence.h"

/* Raised when a microtest changes what it proves: older findings are then stale. */
#define MICROTESTS_VERSION 2u

/* A part, for who is told that it changed. */
struct fingerprint_part {
	const char *name;    /* "kernel": a stable word for programs */
	const char *changed; /* what is another one now */
	const char *next;    /* what to do about it */
};

/*
 * The parts that findings depend on besides their path: silicon, firmware, hypervisor, kernel and the microtests' own
 * version. The caller frees it, NULL when memory is out.
 */
char *fingerprint_machine(const struct platform *platform, const struct kernel *kernel);
/* All parts: what an approval of this BAR depends on. Likewise. */
char *fingerprint_of(const struct evidence *evidence, const struct device *device, const struct bar *bar);
/* The first part in which the two differ; NULL: they are equal. */
const struct fingerprint_part *fingerprint_difference(const char *a, const char *b);
/*
 * Does a part of which both speak name other hardware, or another hypervisor? Firmware, microcode, kernel and tests change on
 * one machine.
 */
bool fingerprint_is_elsewhere(const char *a, const char *b);
/* The part of that name, which is one; "device", say. */
const struct fingerprint_part *fingerprint_part_named(const char *name);
