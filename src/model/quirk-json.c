/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-json: reads one entry, completely or not at all; of a broken one, what it may withhold. */
#include "model/quirk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "model/names.h"
#include "model/quirk-match.h"

static int name_text(const struct json_at *at, struct err *err, char **ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	if (!quirk_is_name(text))
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
			return quirk_newer(at, err, "hazards of the closed vocabulary (pciwc-quirks(5))");
		ret->hazards[ret->n_hazards++] = hazard;
	}
	return 0;
}

static int references_from_json(const struct json_at *at, struct err *err, struct strs *ret)
{
	int r = json_strs(at, err, ret);

	for (size_t i = 0; r == 0 && i < ret->n; i++)
		if (!str_starts(ret->at[i], "https://") && !str_starts(ret->at[i], "http://"))
			r = quirk_newer(at, err, "https:// references");
	if (r < 0)
		strs_done(ret);
	return r;
}

static int range_from_json(const struct json_at *at, struct err *err, struct range *ret)
{
	static const char *const keys[] = { "offset", "size", NULL };
	struct json_at member;
	int r = quirk_only(at, keys, err);

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
			return quirk_newer(at, err, what);
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

		bool of_device = terms_of_device(&alternative->terms);

		if (!of_device && (terms_of_device(&alternative->nots) || terms_of_device(&alternative->suspect)))
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

/* A word that this pciwc does not have is one of a newer. */
static int word_from_json(const struct json_at *at, const char *const names[], size_t n, struct err *err, int *ret)
{
	struct err why = { 0 };
	int r = name_from_json(at, names, n, &why, ret);

	return r < 0 ? err_set(err, r, json_kind(at) == JSON_STRING ? QUIRK_NEWER : why.id, "%s", why.text) : 0;
}

static int effect_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	int value, r = word_from_json(at, effect_names, EFFECTS, err, &value);

	if (r == 0)
		ret->effect = (enum effect)value;
	return r;
}

static int confidence_member(const struct json_at *at, struct err *err, struct quirk *ret)
{
	int value, r = word_from_json(at, confidence_names, CONFIDENCES, err, &value);

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

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int quirk_from_json(const struct json_at *at, struct err *err, struct quirk *ret)
{
	const char *keys[ELEMENTSOF(members) + 1] = { NULL };
	_cleanup_(quirk_done) struct quirk quirk = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(members); i++)
		keys[i] = members[i].key;

	int r = quirk_only(at, keys, err);

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
		r = str_set(&quirk.file, base_name(at->file));
	if (r < 0)
		return r;
	quirk.state = QUIRK_ACTIVE;
	*ret = quirk;
	quirk = (struct quirk){ 0 };
	return 0;
}

static int match_salvage(const struct json_at *at, struct quirk *ret, bool *ret_is_void)
{
	size_t n = json_length(at);
	bool is_void = true, of_device = n > 0;
	int r = 0;

	ret->match = calloc(n + 1, sizeof(*ret->match));
	if (!ret->match)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct json_at element = json_element(at, i);
		bool asks_device;

		r = alternative_salvage(&element, &ret->match[ret->n_match++], &asks_device);
		is_void &= !ret->match[i].terms.n;
		of_device &= asks_device;
	}
	if (r == 0 && !n) {
		ret->n_match = 1;
		r = strs_add(&ret->match[0].unreadable, "match");
	}
	ret->of_device = of_device;
	*ret_is_void = is_void;
	return r;
}

int quirk_salvage(const struct json_at *at, struct quirk *ret, bool *ret_is_void)
{
	_cleanup_(quirk_done) struct quirk quirk = { .state = QUIRK_BROKEN };
	struct json_at member = { 0 }, match = { 0 };
	int r;

	(void)json_member(at, "match", &match);
	r = match_salvage(&match, &quirk, ret_is_void);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(members); i++) {
		if (members[i].read == match_from_json || !json_member(at, members[i].key, &member))
			continue;
		r = members[i].read(&member, NULL, &quirk);
		if (r == -EINVAL)
			r = 0;
	}
	if (r == 0)
		r = str_set(&quirk.file, base_name(at->file));
	if (r == 0 && !quirk.name) {
		quirk.name = str_printf("%s:%s", quirk.file, at->path);
		r = quirk.name ? 0 : -ENOMEM;
	}
	if (r == 0 && !quirk.why)
		r = str_set(&quirk.why, "what it says could not be read");
	if (r < 0)
		return r;
	*ret = quirk;
	quirk = (struct quirk){ 0 };
	return 0;
}
