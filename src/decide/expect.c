/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect: gathers what quirks and site say of one device, before anything is touched. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/candidates.h"
#include "decide/cmb.h"
#include "decide/match.h"
#include "decide/scratch.h"

/* Of what cannot be ruled out only the effects that withhold count; permission needs a yes. */
static bool counts(const struct quirk *quirk, enum tri result)
{
	return result == TRI_YES || (result == TRI_UNKNOWN && quirk_withholds(quirk));
}

/* What stands for an entry that no longer counts itself: it withholds here no less than that one would. */
static bool has_successor(const struct matches *matches, const struct quirk *quirk)
{
	for (size_t i = 0; i < matches->n; i++) {
		const struct quirk *other = matches->at[i].quirk;

		if (other->state == QUIRK_ACTIVE && !strcmp(other->name, quirk->name) &&
		    (other->effect == EFFECT_DENY || other->effect == quirk->effect))
			return true;
	}
	return false;
}

/* *ret is TRI_NO when nothing was added. */
static int add_match(const struct quirk *quirk, const struct facts *facts, struct matches *matches, enum tri *ret)
{
	_cleanup_(matched_done) struct matched matched = { 0 };
	enum tri result;
	int r = match_quirk(quirk, facts, &matched, &result);

	if (r < 0)
		return r;
	if (quirk->state != QUIRK_ACTIVE) {
		if (!quirk_withholds(quirk) || has_successor(matches, quirk))
			result = TRI_NO;
		else if (result == TRI_YES) /* that it is meant is known; that it counts is not */
			result = TRI_UNKNOWN;
	}
	*ret = counts(quirk, result) ? result : TRI_NO;
	if (*ret == TRI_NO)
		return 0;

	struct match *match = array_add(matches);

	if (!match)
		return -ENOMEM;
	match->quirk = quirk;
	match->result = result;
	match->matched = matched;
	matched = (struct matched){ 0 };
	return 0;
}

static const char site_source[] = "site";

static void take_scratch(struct bar_expectation *ret, const struct device *device, const struct bar *bar,
                         struct range range, const char *source)
{
	if (!range.size_bytes)
		range = (struct range){ 0, bar->size_bytes };
	if (ret->has_scratch)
		return;
	if (!scratch_fits(&range, device, bar)) {
		ret->has_misfit |= source == site_source;
		return;
	}
	ret->has_scratch = true;
	ret->scratch = range;
	ret->scratch_source = source;
}

static int expect_bar(const struct candidates *candidates, const struct site *site, const struct facts *facts,
                      struct bar_expectation *ret)
{
	const struct device *device = facts->device;
	const struct bar *bar = facts->bar;
	const struct caps *caps = &device->caps;

	/* The administrator knows his own device best. */
	for (size_t i = 0; i < site->scratch.n; i++) {
		const struct site_scratch *row = &site->scratch.at[i];

		if (row->bar == bar->index && selector_matches(&row->device, device))
			take_scratch(ret, device, bar, row->range, site_source);
	}
	for (size_t i = 0; i < candidates->n; i++) {
		const struct quirk *quirk = candidates->at[i].quirk;
		enum tri result = TRI_NO;
		int r = quirk->of_device ? add_match(quirk, facts, &ret->matches, &result) : 0;

		if (r < 0)
			return r;
		/* An effect that could not be read may be that one. */
		if (quirk->effect == EFFECT_NOT_MEMORY || quirk->effect == EFFECT_NONE) {
			ret->is_not_memory |= result == TRI_YES;
			ret->may_be_registers |= result == TRI_UNKNOWN && !site_lifts(site, quirk->name);
		}
		if (quirk->effect != EFFECT_MEMORY || result != TRI_YES)
			continue;
		/* It says nothing of the rest of the BAR. */
		if (quirk->is_cmb) {
			ret->has_cmb |= cmb_is_possible(device, bar);
			continue;
		}
		ret->is_memory = true;
		for (size_t n = 0; n < quirk->scratch.n; n++)
			take_scratch(ret, device, bar, quirk->scratch.at[n], quirk->name);
	}
	ret->has_msix = caps->msix && (caps->msix_table_bar == bar->index || caps->msix_pba_bar == bar->index);
	/* Against an entry that says registers nobody's scratch counts. */
	if (ret->is_not_memory || ret->may_be_registers) {
		ret->has_scratch = ret->has_cmb = false;
		ret->scratch = (struct range){ 0 };
		ret->scratch_source = NULL;
	}
	return 0;
}

/* The bridges above the device, looked up once: entries ask of them often. The caller frees it; NULL: memory is out. */
static const struct device **ports_of(const struct devices *devices, const struct device *device)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	const struct device **ports = calloc(device->n_ports + 1, sizeof(*ports));

	for (size_t i = 0; ports && i < device->n_ports; i++)
		ports[i] = devices_find(devices, &device->ports[i]);
	return ports;
}

int expect_device(const struct candidates *candidates, const struct site *site, const struct facts *machine,
                  const struct device *device, struct expectation *ret)
{
	_cleanup_(expectation_done) struct expectation expectation = { 0 };
	_cleanup_(candidates_done) struct candidates mine = { 0 };
	_cleanup_free_ const struct device **ports = ports_of(machine->devices, device);
	struct facts facts = *machine;
	enum tri ignored;
	int r = ports ? 0 : -ENOMEM;

	facts.device = device;
	facts.bar = NULL;
	facts.ports = ports;
	if (r == 0)
		r = candidates_find(NULL, candidates, &facts, &mine);
	for (size_t i = 0; r == 0 && i < mine.n; i++)
		if (!mine.at[i].quirk->of_device)
			r = add_match(mine.at[i].quirk, &facts, &expectation.path, &ignored);
	for (size_t i = 0; r == 0 && i < device->n_bars; i++) {
		facts.bar = &device->bars[i];
		if (!facts.bar->io)
			r = expect_bar(&mine, site, &facts, &expectation.bars[i]);
	}
	if (r < 0)
		return r;
	*ret = expectation;
	expectation = (struct expectation){ 0 };
	return 0;
}
