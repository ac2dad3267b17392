/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: what a probe of one BAR would do, in order; or why it does nothing. */
#pragma once

#include "model/finding.h"
#include "model/verdict.h"

struct plan {
	const struct device *device; /* borrowed */
	const struct bar *bar;       /* borrowed */
	bool is_allowed;
	bool is_wide; /* in a virtual machine, too, by stores that its hypervisor may be unable to emulate */
	/* What is written, guard pages already taken off; size 0: the controller memory buffer, which STEP_LOCATE finds. */
	struct range range;
	enum step *at;
	size_t n;
	struct reasons reasons; /* why not, when it is not allowed */
	struct nexts nexts;
};

void plan_done(struct plan *plan);
struct json_object *plan_to_json(const struct plan *plan);
