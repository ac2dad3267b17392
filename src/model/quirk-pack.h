/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-pack: an entry that counts as bytes, for the same build of the same program. */
#pragma once

#include "base/pack.h"
#include "model/quirk.h"

/* An active one; its file, layer and state are not in it. */
void quirk_pack(const struct quirk *quirk, struct pack *pack);
/* The next entry of unpack, as quirk_from_json made it, in one block. 0, -EINVAL when it can be none, or -ENOMEM. */
int quirk_unpack(struct unpack *unpack, const char *file, struct quirk *ret);
