/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words: the names. */
#include "model/words.h"

const char *const verdict_names[VERDICTS] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_UNSAFE] = "unsafe",
	[VERDICT_SAFE] = "safe",
};

const char *const scope_names[SCOPES] = {
	[SCOPE_UNKNOWN] = "unknown",
	[SCOPE_HARDWARE] = "hardware",
	[SCOPE_VIRTUAL] = "virtual",
	[SCOPE_REPLAY] = "replay",
};

const char *const backend_names[BACKENDS] = {
	[BACKEND_NONE] = "none",
	[BACKEND_GRANT] = "grant",
};
