/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lint: what is wrong with entries that can be read: unreachable, contradicting, or not as the database writes them. Pure. */
#pragma once

#include "model/quirk.h"

struct fault {
	bool is_error; /* false: only strict checks refuse it */
	char *text;    /* "FILE: NAME: what, expected what" */
};

struct faults {
	struct fault *at;
	size_t n;
};

int faults_add(struct faults *faults, bool is_error, const char *text); /* copies; 0 or -ENOMEM */
void faults_done(struct faults *faults);
/* All that can be said of these entries, alone and together, and of the serials of their files. 0 or -ENOMEM. */
int lint_quirks(const struct quirks *quirks, struct faults *ret);
