/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk: the words of the format, and what an entry is to whom it means. */
#include "model/quirk.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
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

const char *const confidence_names[CONFIDENCES] = {
	[CONFIDENCE_UNKNOWN] = "unknown",
	[CONFIDENCE_UNVERIFIED] = "unverified",
	[CONFIDENCE_REPORTED] = "reported",
	[CONFIDENCE_CONFIRMED] = "confirmed",
};

const char *const quirk_layer_names[LAYERS] = {
	[LAYER_NONE] = "none",
	[LAYER_LAST_GOOD] = "last-good",
	[LAYER_DISTRIBUTION] = "distribution",
	[LAYER_UPDATE] = "update",
	[LAYER_RUNTIME] = "runtime",
	[LAYER_SITE] = "site",
	[LAYER_GIVEN] = "given",
};

const char *const quirk_state_names[QUIRK_STATES] = {
	[QUIRK_NONE] = "none",
	[QUIRK_ACTIVE] = "active",
	[QUIRK_REPLACED] = "replaced",
	[QUIRK_MASKED] = "masked",
	[QUIRK_BROKEN] = "broken",
	[QUIRK_NEWER_FORMAT] = "newer",
	[QUIRK_OLDER] = "older",
};

bool quirk_is_name(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text) && strlen(text) <= 64;
}

bool quirk_withholds(const struct quirk *quirk)
{
	switch (quirk->effect) {
	case EFFECT_DENY:
	case EFFECT_HOLD:
	case EFFECT_NO_WC:
	case EFFECT_NOT_MEMORY:
		return quirk->state != QUIRK_OLDER;
	case EFFECT_NONE:
		return quirk->state != QUIRK_ACTIVE && quirk->state != QUIRK_OLDER;
	default:
		return false;
	}
}

bool quirk_is_knowledge(const struct quirk *quirk)
{
	return quirk->state == QUIRK_ACTIVE && !quirk->of_device &&
	       (quirk_withholds(quirk) || quirk->effect == EFFECT_ALLOW_AFTER_PROBE);
}

void quirk_done(struct quirk *quirk)
{
	free(quirk->held_because);
	free(quirk->by);
	if (quirk->block) {
		free(quirk->block);
		*quirk = (struct quirk){ 0 };
		return;
	}
	for (size_t i = 0; i < quirk->n_match; i++)
		alternative_done(&quirk->match[i]);
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

static void quirk_file_done(struct quirk_file *file)
{
	free(file->name);
	free(file->path);
	free(file->by);
	free(file->fault);
}

void quirks_done(struct quirks *quirks)
{
	for (size_t i = 0; i < quirks->n; i++)
		quirk_done(&quirks->at[i]);
	free(quirks->at);
	for (size_t i = 0; i < quirks->files.n; i++)
		quirk_file_done(&quirks->files.at[i]);
	free(quirks->files.at);
	for (size_t i = 0; i < quirks->dirs.n; i++)
		free(quirks->dirs.at[i].path);
	free(quirks->dirs.at);
	strs_done(&quirks->broken);
	strs_done(&quirks->damaged);
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
	if (quirk->held_because)
		json_put_string(o, "held_because", quirk->held_because);
	return o;
}
