/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk: reads one entry, completely or not at all. */
#include "model/quirk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "model/names.h"
#include "model/quirk-match.h"

const char *const effect_names[EFFECTS] = {
	[EFFECT_NONE] = "none",
	[EFFECT_DENY] = "deny",
	[EFFECT_HOLD] = "hold",
	[EFFECT_NO_WC] = "no-wc",
	[EFFECT_WARN] = "warn",
	[EFFECT_ALLOW_AFTER_PROBE] = "allow-after-probe",
	[EFFECT_MEMORY] = "memory",
	[EFFECT_VENDOR_WC] = "vendor-wc",
	[EFFECT_NOT_MEMORY] = "not-memory",
};

const char *const confidence_names[] = {
	[CONFIDENCE_UNKNOWN] = "unknown",
	[CONFIDENCE_UNVERIFIED] = "unverified",
	[CONFIDENCE_REPORTED] = "reported",
	[CONFIDENCE_CONFIRMED] = "confirmed",
};

static int name_text(const struct json_at *at, struct err *err, char **ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text) || strlen(text) > 64)
		return json_expected(at, err, "at most 64 of a-z, 0-9 and -");
	return str_set(ret, text);
}

static int plain_text(const struct json_at *at, struct err *err, char **ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	return r < 0 ? r : str_set(ret, text);
}

static int hazards_from_json(const struct json_at *at, struct err *err, struct quirk *ret)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = json_kind(at) == JSON_ARRAY && !json_length(at) ? 0 : json_strs(at, err, &names);

	if (r < 0)
		return r;
	ret->hazards = calloc(names.n + 1, sizeof(*ret->hazards));
	if (!ret->hazards)
		return -ENOMEM;
	for (size_t i = 0; i < names.n; i++) {
		enum hazard hazard = hazard_parse(names.at[i]);

		if (!hazard)
			return json_expected(at, err, "hazards of the closed vocabulary (pciwc-quirks(5))");
		ret->hazards[ret->n_hazards++] = hazard;
	}
	return 0;
}

static int references_from_json(const struct json_at *at, struct err *err, struct strs *ret)
{
	int r = json_strs(at, err, ret);

	for (size_t i = 0; r == 0 && i < ret->n; i++)
		if (!str_starts(ret->at[i], "https://") && !str_starts(ret->at[i], "http://"))
			r = json_expected(at, err, "https:// references");
	return r;
}

static int range_from_json(const struct json_at *at, struct err *err, struct range *ret)
{
	static const char *const keys[] = { "offset", "size", NULL };
	struct json_at member;
	int r = json_only(at, keys, err);

	if (r == 0)
		r = json_need(at, "offset", "bytes", err, &member);
	if (r == 0)
		r = json_u64(&member, 0, INT64_MAX, err, &ret->offset);
	if (r == 0)
		r = json_need(at, "size", "bytes", err, &member);
	if (r == 0)
		r = json_u64(&member, 0x1000, INT64_MAX, err, &ret->size_bytes);
	if (r == 0 && (ret->offset | ret->size_bytes) & 0xfff)
		r = json_expected(at, err, "multiples of 0x1000");
	return r;
}

static int scratch_from_json(const struct json_at *at, struct err *err, struct quirk *ret)
{
	static const char what[] = "\"whole\", \"cmb\", or a list of ranges";
	const char *text;
	int r;

	if (json_kind(at) == JSON_STRING) {
		r = json_string(at, err, &text);
		if (r < 0)
			return r;
		ret->is_cmb = !strcmp(text, "cmb");
		if (ret->is_cmb)
			return 0;
		if (strcmp(text, "whole"))
			return json_expected(at, err, what);
		return array_add(&ret->scratch) ? 0 : -ENOMEM;
	}
	if (!json_length(at))
		return json_expected(at, err, what);
	for (size_t i = 0; i < json_length(at); i++) {
		struct json_at element = json_element(at, i);
		struct range *range = array_add(&ret->scratch);

		r = range ? range_from_json(&element, err, range) : -ENOMEM;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Does it ask about a device, so that it speaks of BARs? */
static bool is_device_scoped(const struct terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (match_key_infos[terms->at[i].key].of_device)
			return true;
	return false;
}

static int match_from_json(const struct json_at *at, struct err *err, struct quirk *ret)
{
	struct {
		struct alternative *at;
		size_t n;
	} list = { 0 };
	int r = json_kind(at) == JSON_ARRAY && json_length(at) ? 0 : json_expected(at, err, "a list of alternatives");

	for (size_t i = 0; r == 0 && i < json_length(at); i++) {
		struct json_at element = json_element(at, i);
		struct alternative *alternative = array_add(&list);

		r = alternative ? alternative_from_json(&element, err, alternative) : -ENOMEM;
		if (r < 0)
			break;

		bool of_device = is_device_scoped(&alternative->terms);

		if (!of_device && (is_device_scoped(&alternative->nots) || is_device_scoped(&alternative->suspect)))
			r = json_expected(&element, err, "no device-scoped key in \"not\" or \"suspect\" alone");
		else if (i && of_device != ret->of_device)
			r = json_expected(&element, err, "alternatives that all speak of devices, or all of the path");
		ret->of_device = of_device;
	}
	ret->match = list.at;
	ret->n_match = list.n;
	return r;
}

/* What the keys mean together: the second half of the check. */
static int check_whole(const struct json_at *at, const struct quirk *quirk, struct err *err)
{
	if (quirk->effect >= EFFECT_MEMORY && !quirk->of_device)
		return json_expected(at, err, "a device-scoped match key (device, class, ...) with an effect on BARs");
	if (quirk->effect == EFFECT_ALLOW_AFTER_PROBE && quirk->of_device)
		return json_expected(at, err, "no device-scoped match key with an effect on the path");
	if ((quirk->scratch.n || quirk->is_cmb) && quirk->effect != EFFECT_MEMORY)
		return json_expected(at, err, "\"scratch\" only with the effect memory");
	/* What withholds or warns says of what. */
	if (!quirk->n_hazards && quirk->effect != EFFECT_MEMORY && quirk->effect != EFFECT_NOT_MEMORY &&
	    quirk->effect != EFFECT_ALLOW_AFTER_PROBE)
		return json_expected(at, err, "at least one hazard with this effect");
	/* An unverified fact never allows anything. */
	if (quirk->confidence == CONFIDENCE_UNVERIFIED &&
	    (quirk->effect == EFFECT_MEMORY || quirk->effect == EFFECT_VENDOR_WC || quirk->effect == EFFECT_ALLOW_AFTER_PROBE))
		return json_expected(at, err, "\"reported\" or \"confirmed\" confidence for an entry that allows something");
	return 0;
}

static int effect_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	int value, r = name_from_json(at, effect_names, EFFECTS, err, &value);

	if (r == 0)
		ret->effect = (enum effect)value;
	return r;
}

static int confidence_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	int value, r = name_from_json(at, confidence_names, ELEMENTSOF(confidence_names), err, &value);

	if (r == 0)
		ret->confidence = (enum confidence)value;
	return r;
}

static int name_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	return name_text(at, err, &ret->name);
}

static int why_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	return plain_text(at, err, &ret->why);
}

static int references_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	return references_from_json(at, err, &ret->references);
}

static int since_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	return plain_text(at, err, &ret->since);
}

static int fact_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	return name_text(at, err, &ret->fact);
}

static const struct {
	const char *key, *expected; /* expected NULL: optional */
	int (*read)(const struct json_at *at, struct err *err, struct quirk *ret);
} members[] = {
	{ "name", "a name", name_member },
	{ "effect", "an effect", effect_member },
	{ "hazards", "a list of hazards", hazards_from_json },
	{ "match", "a list of alternatives", match_from_json },
	{ "why", "one sentence", why_member },
	{ "references", "a list of https:// references", references_member },
	{ "confidence", "a confidence", confidence_member },
	{ "since", "a date", since_member },
	{ "fact", NULL, fact_member },
	{ "scratch", NULL, scratch_from_json },
};

int quirk_from_json(const struct json_at *at, struct err *err, struct quirk *ret)
{
	const char *keys[ELEMENTSOF(members) + 1] = { NULL };
	_cleanup_(quirk_done) struct quirk quirk = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(members); i++)
		keys[i] = members[i].key;

	int r = json_only(at, keys, err);

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(members); i++) {
		struct json_at member;

		if (json_member(at, members[i].key, &member))
			r = members[i].read(&member, err, &quirk);
		else if (members[i].expected)
			r = json_need(at, members[i].key, members[i].expected, err, &member);
	}
	if (r == 0)
		r = check_whole(at, &quirk, err);
	if (r == 0)
		r = str_set(&quirk.file, strrchr(at->file, '/') ? strrchr(at->file, '/') + 1 : at->file);
	if (r < 0)
		return r;
	*ret = quirk;
	quirk = (struct quirk){ 0 };
	return 0;
}

void quirk_done(struct quirk *quirk)
{
	for (size_t i = 0; i < quirk->n_match; i++) {
		terms_done(&quirk->match[i].terms);
		terms_done(&quirk->match[i].nots);
		terms_done(&quirk->match[i].suspect);
	}
	free(quirk->match);
	free(quirk->scratch.at);
	free(quirk->hazards);
	free(quirk->name);
	free(quirk->file);
	free(quirk->why);
	free(quirk->since);
	free(quirk->fact);
	strs_done(&quirk->references);
	*quirk = (struct quirk){ 0 };
}

const struct quirk *quirks_find(const struct quirks *quirks, const char *name)
{
	for (size_t i = 0; i < quirks->n; i++)
		if (!strcmp(quirks->at[i].name, name))
			return &quirks->at[i];
	return NULL;
}

void quirks_done(struct quirks *quirks)
{
	for (size_t i = 0; i < quirks->n; i++)
		quirk_done(&quirks->at[i]);
	free(quirks->at);
	strs_done(&quirks->broken);
	*quirks = (struct quirks){ 0 };
}

struct json_object *quirk_to_json(const struct quirk *quirk)
{
	struct json_object *o = json_new_object(), *hazards = json_new_array();

	json_put_string(o, "name", quirk->name);
	json_put_string(o, "file", quirk->file);
	json_put_string(o, "effect", effect_names[quirk->effect]);
	for (size_t i = 0; i < quirk->n_hazards; i++)
		json_push(hazards, json_new_string(hazard_infos[quirk->hazards[i]].name));
	json_put(o, "hazards", hazards);
	json_put_string(o, "confidence", confidence_names[quirk->confidence]);
	json_put_string(o, "why", quirk->why);
	json_put_strs(o, "references", &quirk->references);
	return o;
}
