/* SPDX-License-Identifier: GPL-2.0-or-later */
/* candidates: what is no now stays no, whatever else becomes known. */
#include "decide/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

static uint64_t bit_of(size_t alternative)
{
	return UINT64_C(1) << (alternative < 63 ? alternative : 63);
}

/* Which of the alternatives that live may hold. */
static uint64_t live_of(const struct candidate *candidate, const struct facts *facts)
{
	const struct quirk *quirk = candidate->quirk;
	uint64_t live = 0;

	for (size_t i = 0; i < quirk->n_match; i++)
		if (candidate->live & bit_of(i) && match_may(&quirk->match[i], facts))
			live |= bit_of(i);
	return live;
}

/* The vendors that a term of ids names, added to low..high. */
static void widen(struct candidate *candidate, const struct term *term)
{
	for (size_t f = 0; f < term->n; f++)
		for (size_t c = 0; c < term->at[f].n; c++) {
			const struct criterion *id = &term->at[f].at[c];

			if (id->field && strcmp(id->field, "id"))
				continue;
			if (id->min >> 16 < candidate->low)
				candidate->low = (uint16_t)(id->min >> 16);
			if (id->max >> 16 > candidate->high)
				candidate->high = (uint16_t)(id->max >> 16);
		}
}

static const struct term *id_term(const struct terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (terms->at[i].key == MATCH_DEVICE || terms->at[i].key == MATCH_PORT)
			return &terms->at[i];
	return NULL;
}

/* Only where all alternatives that live ask for the ids of the same thing. */
static void needs_find(struct candidate *candidate)
{
	const struct quirk *quirk = candidate->quirk;

	candidate->needs = NEEDS_NOTHING;
	candidate->low = UINT16_MAX;
	candidate->high = 0;
	for (size_t i = 0; i < quirk->n_match; i++) {
		const struct term *term = candidate->live & bit_of(i) ? id_term(&quirk->match[i].terms) : NULL;

		if (!(candidate->live & bit_of(i)))
			continue;
		if (!term || (candidate->needs && candidate->needs != (term->key == MATCH_DEVICE ? NEEDS_DEVICE : NEEDS_PORT))) {
			candidate->needs = NEEDS_NOTHING;
			return;
		}
		candidate->needs = term->key == MATCH_DEVICE ? NEEDS_DEVICE : NEEDS_PORT;
		widen(candidate, term);
	}
}

/* Is this vendor known, and another one: zero is what could not be read, all ones what a function says that is gone. */
static bool is_foreign(const struct candidate *candidate, const struct device *device)
{
	return device && device->vendor && device->vendor != 0xffff &&
	       (device->vendor < candidate->low || device->vendor > candidate->high);
}

static bool is_ruled_out(const struct candidate *candidate, const struct facts *facts)
{
	const struct device *device = facts->device;

	if (!device || candidate->needs == NEEDS_NOTHING)
		return false;
	if (candidate->needs == NEEDS_DEVICE)
		return is_foreign(candidate, device);
	if (!device->has_ports || !facts->ports)
		return false;
	for (size_t i = 0; i < device->n_ports; i++)
		if (!is_foreign(candidate, facts->ports[i]))
			return false;
	return true;
}

static int take(const struct candidate *candidate, const struct facts *facts, struct candidates *ret)
{
	uint64_t live = is_ruled_out(candidate, facts) ? 0 : live_of(candidate, facts);
	struct candidate *slot = live ? array_add(ret) : NULL;

	if (slot) {
		slot->quirk = candidate->quirk;
		slot->live = live;
		needs_find(slot);
	}
	return live && !slot ? -ENOMEM : 0;
}

int candidates_find(const struct quirks *quirks, const struct candidates *among, const struct facts *facts,
                    struct candidates *ret)
{
	_cleanup_(candidates_done) struct candidates found = { 0 };
	size_t n = among ? among->n : quirks->n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct candidate fresh = { .quirk = among ? NULL : &quirks->at[i], .live = UINT64_MAX };

		r = take(among ? &among->at[i] : &fresh, facts, &found);
	}
	if (r < 0)
		return r;
	*ret = found;
	found = (struct candidates){ 0 };
	return 0;
}

void candidates_done(struct candidates *candidates)
{
	free(candidates->at);
	*candidates = (struct candidates){ 0 };
}
