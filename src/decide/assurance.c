/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assurance: by the tables of steps and hazards; a hazard that is in neither is one that nobody looked for. */
#include "decide/assurance.h"

#include "decide/proof.h"

const char assurance_of_a_pass[] = "a pass means that no defect was seen, not that there is none";

bool assurance_looks(enum step step, bool of_path, enum hazard hazard)
{
	const enum hazard *catches = step_infos[step].catches;

	if (of_path && !proof_is_of_path(step))
		return false;
	while (catches && *catches && *catches != hazard)
		catches++;
	return catches && *catches;
}

enum sight assurance_sight(const struct record *record, bool of_path, enum hazard hazard)
{
	enum sight sight = SIGHT_BEYOND;

	for (enum step step = 0; step < STEPS; step++) {
		const struct finding *finding = record ? record_find(record, step) : NULL;

		if (!assurance_looks(step, false, hazard))
			continue;
		/* That a test of the BAR looks for it makes it no concern of the path; one of the path does. */
		if (!assurance_looks(step, of_path, hazard))
			sight = sight == SIGHT_BEYOND ? SIGHT_NONE : sight;
		else if (finding && finding->outcome == OUTCOME_PASS)
			return SIGHT_TESTED;
		else
			sight = SIGHT_LEFT_OUT;
	}
	return sight;
}

bool assurance_left_out(const struct finding *finding, bool of_path)
{
	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++)
		if (assurance_looks(finding->step, of_path, hazard))
			return finding->outcome != OUTCOME_PASS;
	return false;
}
