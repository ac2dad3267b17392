/* SPDX-License-Identifier: GPL-2.0-or-later */
/* weigh: one function an effect. */
#include "decide/weigh.h"

#include <errno.h>

#include "base/cleanup.h"

struct scale {
	const struct site *site;
	bool of_device;
	struct reasons *reasons;
	struct nexts *nexts;
	struct weight weight;
};

/* "soc_id, not dmi" */
static char *unknown_keys(const struct matched *matched)
{
	_cleanup_(strs_done) struct strs keys = { 0 };

	for (size_t i = 0; i < matched->n; i++)
		if (!matched->at[i].fact && strs_add(&keys, matched->at[i].key) < 0)
			return NULL;
	return strs_join(&keys, ", ");
}

static const char *withheld_word(enum effect effect)
{
	return effect == EFFECT_DENY ? "deny" : "hold";
}

static int say(struct scale *scale, const struct match *match, enum reason_id id, const char *verb)
{
	_cleanup_free_ char *unknown = NULL;

	if (match->quirk->held_because)
		return reasons_add(scale->reasons, id, &match->quirk->references, "%s (%s) may still %s this %s (%s): %s",
		                   match->quirk->name, match->quirk->file, withheld_word(match->quirk->effect),
		                   scale->of_device ? "BAR" : "path", match->quirk->held_because, match->quirk->why);
	if (match->result == TRI_UNKNOWN) {
		unknown = unknown_keys(&match->matched);
		if (!unknown)
			return -ENOMEM;
		return reasons_add(scale->reasons, id, &match->quirk->references,
		                   "%s (%s) may mean this %s and cannot be ruled out (not known: %s): %s", match->quirk->name,
		                   match->quirk->file, scale->of_device ? "BAR" : "path", unknown, match->quirk->why);
	}
	return reasons_add(scale->reasons, id, &match->quirk->references, "%s (%s) %s it: %s", match->quirk->name,
	                   match->quirk->file, verb, match->quirk->why);
}

/* A fact that only root, or another kernel, can read is the usual cause; the site can vouch for the rest. */
static int next_for_unknown(struct scale *scale, const struct quirk *quirk)
{
	if (!quirk_is_name(quirk->name))
		return nexts_add(scale->nexts, "pciwc quirks list", "none",
		                 "repair the file: an entry whose name cannot be read cannot be lifted");
	if (quirk->held_because) {
		_cleanup_free_ char *lift = str_printf("see which file counts, and repair it; or name entry %s in the site file's "
		                                       "\"lift\" with a reason",
		                                       quirk->name);

		return lift ? nexts_add(scale->nexts, "pciwc quirks list",
		                        "none to look; a wrong lift risks what the entry warns of", lift)
		            : -ENOMEM;
	}

	_cleanup_free_ char *text =
		str_printf("read the facts that are missing (\"gaps\" tells why; most need root), or, if this machine is "
	                   "known to be another one, name entry %s in the site file's \"lift\" with a reason",
	                   quirk->name);

	return text ? nexts_add(scale->nexts, "sudo pciwc platform", "none to look; a wrong lift risks what the entry warns of",
	                        text)
	            : -ENOMEM;
}

/* What cannot be ruled out holds, whatever its effect, unless the site says that this machine is none of those meant. */
static int weigh_unknown(struct scale *scale, const struct match *match)
{
	const struct site_choice *lift = site_lifts(scale->site, match->quirk->name);
	int r;

	if (lift)
		return reasons_add(scale->reasons, REASON_LIFTED, &match->quirk->references,
		                   "%s cannot be ruled out, and the site lifts that: %s", match->quirk->name, lift->reason);
	scale->weight.is_held = true;
	r = say(scale, match, scale->of_device ? REASON_TARGET_HELD : REASON_PATH_HELD, "holds");
	return r < 0 ? r : next_for_unknown(scale, match->quirk);
}

static int weigh_deny(struct scale *scale, const struct match *match)
{
	const struct site_choice *lift = site_lifts(scale->site, match->quirk->name);
	_cleanup_free_ char *text = NULL;
	int r;

	if (lift)
		return reasons_add(scale->reasons, REASON_LIFTED, &match->quirk->references,
		                   "%s denies it, and the site lifts that: %s", match->quirk->name, lift->reason);
	scale->weight.is_denied = true;
	r = say(scale, match, scale->of_device ? REASON_TARGET_DENIED : REASON_PATH_DENIED, "denies");
	text = str_printf("use uncached mappings here; only if this silicon is known to be fixed, name entry %s in the site "
	                  "file's \"lift\" with a reason",
	                  match->quirk->name);
	if (r == 0 && !text)
		r = -ENOMEM;
	return r < 0 ? r : nexts_add(scale->nexts, NULL, "a wrong lift corrupts data or hangs the machine", text);
}

static int weigh_hold(struct scale *scale, const struct match *match)
{
	const struct site_choice *accept = site_accepts_entry(scale->site, match->quirk->name);
	_cleanup_free_ char *text = NULL;
	int r;

	if (accept)
		return reasons_add(scale->reasons, REASON_ACCEPTED, &match->quirk->references,
		                   "%s holds it, and the site accepts that: %s", match->quirk->name, accept->reason);
	scale->weight.is_held = true;
	r = say(scale, match, scale->of_device ? REASON_TARGET_HELD : REASON_PATH_HELD, "holds");
	text = str_printf("if that does not concern this use, accept it: {\"what\":\"entry:%s\",\"reason\":\"...\"} in the site "
	                  "file's \"accept\"",
	                  match->quirk->name);
	if (r == 0 && !text)
		r = -ENOMEM;
	return r < 0 ? r : nexts_add(scale->nexts, NULL, "the hazards that the entry names", text);
}

static int weigh_no_wc(struct scale *scale, const struct match *match)
{
	scale->weight.has_no_wc = true;

	int r = say(scale, match, REASON_NO_WC, "says that nothing can map");

	return r < 0 ? r : nexts_add(scale->nexts, NULL, "none", "use uncached mappings: this machine has no other");
}

static int weigh_warn(struct scale *scale, const struct match *match)
{
	return say(scale, match, REASON_WARNED, "warns of");
}

static int weigh_allow(struct scale *scale, const struct match *match)
{
	const struct site_choice *accept = site_accepts_entry(scale->site, match->quirk->name);

	if (!accept || scale->weight.accepted)
		return 0;
	scale->weight.accepted = match->quirk;
	return reasons_add(scale->reasons, REASON_ACCEPTED, &match->quirk->references,
	                   "%s is accepted by the site as proof, without one made here: %s", match->quirk->name,
	                   accept->reason);
}

/* What a BAR's pages surely are is the expectation's is_memory and its like: nothing to weigh. */
static int (*const weighers[EFFECTS])(struct scale *scale, const struct match *match) = {
	[EFFECT_DENY] = weigh_deny, [EFFECT_HOLD] = weigh_hold,  [EFFECT_NO_WC] = weigh_no_wc,
	[EFFECT_WARN] = weigh_warn, [EFFECT_ALLOW_AFTER_PROBE] = weigh_allow,
};

int weigh_matches(const struct matches *matches, const struct site *site, bool of_device, struct reasons *reasons,
                  struct nexts *nexts, struct weight *ret)
{
	struct scale scale = { site, of_device, reasons, nexts, { 0 } };

	for (size_t i = 0; i < matches->n; i++) {
		const struct match *match = &matches->at[i];
		int r = 0;

		if (match->result == TRI_UNKNOWN)
			r = weigh_unknown(&scale, match);
		else if (weighers[match->quirk->effect])
			r = weighers[match->quirk->effect](&scale, match);
		if (r < 0)
			return r;
	}
	*ret = scale.weight;
	return 0;
}
