/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words: the short lists of words that several nouns share. Zero is always unknown or none. */
#pragma once

enum verdict_kind { VERDICT_UNKNOWN, VERDICT_UNSAFE, VERDICT_SAFE };
#define VERDICTS (VERDICT_SAFE + 1)
extern const char *const verdict_names[VERDICTS];

/* Whose hardware was looked at. */
enum scope { SCOPE_UNKNOWN, SCOPE_HARDWARE, SCOPE_VIRTUAL, SCOPE_REPLAY };
#define SCOPES (SCOPE_REPLAY + 1)
extern const char *const scope_names[SCOPES];
extern const char *const scope_meanings[SCOPES]; /* how far a verdict of that scope carries */

/* How a BAR's user comes by a write-combined mapping. */
enum backend { BACKEND_NONE, BACKEND_GRANT, BACKEND_VARIANT, BACKEND_PIN };
#define BACKENDS (BACKEND_PIN + 1)
extern const char *const backend_names[BACKENDS];

/* How a program maps what is granted. The numbers are those of <pciwc.h>, and stay. */
enum how { HOW_UNCACHED, HOW_SYSFS, HOW_VFIO, HOW_VFIO_REQUEST };
#define HOWS (HOW_VFIO_REQUEST + 1)
extern const char *const how_names[HOWS];
extern const char *const how_meanings[HOWS];
