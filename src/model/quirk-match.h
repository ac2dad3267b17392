/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-match: the match language's reader, shared by quirks and the site file's selectors. */
#pragma once

#include "model/quirk.h"

int alternative_from_json(const struct json_at *at, struct err *err, struct alternative *ret);
/*
 * As much of it as can be read: what cannot is named in ret->unreadable, and is then as unknown as a fact that could not
 * be read. *ret_of_device: does it ask about a device, as far as can be seen. 0 or -ENOMEM.
 */
int alternative_salvage(const struct json_at *at, struct alternative *ret, bool *ret_of_device);
void alternative_done(struct alternative *alternative);
bool terms_of_device(const struct terms *terms); /* does any key ask about a device */

/* The id of an error that says: well-formed, but a word of it came with a newer pciwc. */
#define QUIRK_NEWER "newer"
/* json_only, with that id for a key that is not known. */
int quirk_only(const struct json_at *at, const char *const keys[], struct err *err);
int quirk_newer(const struct json_at *at, struct err *err, const char *what); /* json_expected, with that id */

/* One value of that kind; a name of a field is not its business. */
int criterion_from_json(const struct json_at *at, enum value_kind kind, struct err *err, struct criterion *ret);

/*
 * Up to three numbers at text's start as major << 32 | minor << 16 | patch, with missing for those it lacks. Returns what
 * follows them, or NULL when text does not start with a number, or one is above 0xffff.
 */
const char *release_parse(const char *text, uint16_t missing, uint64_t *ret);

/* "1def:e101", "10ee:*", "1af4:1000-107f" as vendor << 16 | device; 0 or -EINVAL. */
int id_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max);
/* "03", "0x0302", "030200": the class codes that begin so; 0 or -EINVAL. */
int class_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max);
