/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-match: the match language's reader, shared by quirks and the site file's selectors. */
#pragma once

#include "model/quirk.h"

int alternative_from_json(const struct json_at *at, struct err *err, struct alternative *ret);
void terms_done(struct terms *terms);

/*
 * Up to three numbers at text's start as major << 32 | minor << 16 | patch, with missing for those it lacks. Returns what
 * follows them, or NULL when text does not start with a number, or one is above 0xffff.
 */
const char *release_parse(const char *text, uint16_t missing, uint64_t *ret);

/* "1def:e101", "10ee:*", "1af4:1000-107f" as vendor << 16 | device; 0 or -EINVAL. */
int id_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max);
/* "03", "0x0302", "030200": the class codes that begin so; 0 or -EINVAL. */
int class_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max);
