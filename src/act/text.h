/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text: the files of a policy whose text counts, WRITE_TEXT and WRITE_MARK. */
#pragma once

#include "base/err.h"
#include "base/sysroot.h"
#include "model/policy.h"

/* Does the row's file hold its text, with its mode, and could nobody else have written it. */
bool text_is_so(const struct sysroot *root, const struct write *write);
/* Replaces it where it is not so. *ret_changed: it was not so already. 0 or a negative errno with err. */
int text_put(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed);
