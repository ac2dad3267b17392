/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge: from everything that is known of a device to verdicts with reasons and next steps. Pure. */
#pragma once

#include "decide/evidence.h"
#include "model/verdict.h"

/* 0 or -ENOMEM. The caller frees with device_verdict_done. */
int judge_device(const struct evidence *evidence, const struct device *device, const struct expectation *expectation,
                 struct device_verdict *ret);
