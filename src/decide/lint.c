/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lint: one function a rule. */
#include "decide/lint.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/date.h"
#include "decide/hooks.h"
#include "model/quirk-match.h"

int faults_add(struct faults *faults, bool is_error, const char *text)
{
	struct fault *fault = array_add(faults);

	if (!fault)
		return -ENOMEM;
	fault->is_error = is_error;
	return str_set(&fault->text, text);
}

void faults_done(struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		free(faults->at[i].text);
	free(faults->at);
	*faults = (struct faults){ 0 };
}

static int tell(struct faults *faults, bool is_error, const struct quirk *quirk, const char *what)
{
	_cleanup_free_ char *text = str_printf("%s: %s: %s", quirk->file, quirk->name, what);

	return text ? faults_add(faults, is_error, text) : -ENOMEM;
}

/* ---- what lies within something else ---- */

static bool texts_cover(const struct strs *wide, const struct strs *narrow)
{
	bool covers = !wide->n == !narrow->n;

	for (size_t i = 0; covers && i < narrow->n; i++)
		covers = strs_has(wide, narrow->at[i]);
	return covers;
}

static bool criterion_covers(const struct criterion *wide, const struct criterion *narrow)
{
	return str_eq(wide->field, narrow->field) && wide->mask == narrow->mask && wide->min <= narrow->min &&
	       narrow->max <= wide->max && texts_cover(&wide->texts, &narrow->texts);
}

/* Of the same fields. */
static bool form_covers(const struct form *wide, const struct form *narrow)
{
	bool covers = wide->n == narrow->n;

	for (size_t i = 0; covers && i < wide->n; i++) {
		bool found = false;

		for (size_t n = 0; !found && n < narrow->n; n++)
			found = criterion_covers(&wide->at[i], &narrow->at[n]);
		covers = found;
	}
	return covers;
}

/* Does whatever the narrow term takes also satisfy the wide one: each of its forms lies within one of the wide one's. */
static bool term_covers(const struct term *wide, const struct term *narrow)
{
	bool covers = wide->key == narrow->key;

	for (size_t i = 0; covers && i < narrow->n; i++) {
		bool found = false;

		for (size_t n = 0; !found && n < wide->n; n++)
			found = form_covers(&wide->at[n], &narrow->at[i]);
		covers = found;
	}
	return covers;
}

static bool terms_cover(const struct terms *wide, const struct terms *narrow)
{
	bool covers = true;

	for (size_t i = 0; covers && i < wide->n; i++) {
		bool found = false;

		for (size_t n = 0; !found && n < narrow->n; n++)
			found = term_covers(&wide->at[i], &narrow->at[n]);
		covers = found;
	}
	return covers;
}

/* What the narrow alternative takes the wide one takes too. */
static bool alternative_covers(const struct alternative *wide, const struct alternative *narrow)
{
	return !wide->nots.n && terms_cover(&wide->terms, &narrow->terms);
}

/* The same of what it holds: wherever facts are missing the wide one suspects whom the narrow one does. */
static bool alternative_holds_for(const struct alternative *wide, const struct alternative *narrow)
{
	return alternative_covers(wide, narrow) &&
	       (!wide->suspect.n || (narrow->suspect.n && terms_cover(&wide->suspect, &narrow->suspect)));
}

/* ---- rules of one entry ---- */

static const struct term *term_find(const struct terms *terms, enum match_key key)
{
	for (size_t i = 0; i < terms->n; i++)
		if (terms->at[i].key == key)
			return &terms->at[i];
	return NULL;
}

/* "cpu" of a kind that none of the architectures beside it has. */
static bool has_foreign_cpu(const struct terms *terms)
{
	static const char *const kinds[][2] = { { "aarch64", "arm" }, { "x86_64", "i386" } };
	const struct term *cpu = term_find(terms, MATCH_CPU), *arch = term_find(terms, MATCH_ARCH);

	for (size_t i = 0; cpu && arch && i < cpu->n; i++) {
		bool is_x86 = !strcmp(cpu->at[i].at[0].field, "vendor") || !strcmp(cpu->at[i].at[0].field, "family") ||
		              !strcmp(cpu->at[i].at[0].field, "model") || !strcmp(cpu->at[i].at[0].field, "stepping");

		if (strs_has(&arch->at[0].at[0].texts, kinds[is_x86][0]) || strs_has(&arch->at[0].at[0].texts, kinds[is_x86][1]))
			return false;
	}
	return cpu && arch;
}

static int lint_reach(const struct quirk *quirk, struct faults *faults)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < quirk->n_match; i++) {
		const struct alternative *mine = &quirk->match[i];
		_cleanup_free_ char *text = NULL;
		bool is_impossible = true;

		if (has_foreign_cpu(&mine->terms))
			text = str_printf("match[%zu] can never hold: \"arch\" names none that has such a processor", i);
		else if (mine->nots.n && terms_cover(&mine->nots, &mine->terms))
			text = str_printf("match[%zu] can never hold: \"not\" excludes what its other keys ask for", i);
		for (size_t n = 0; !text && n < quirk->n_match; n++)
			if (n != i && alternative_holds_for(&quirk->match[n], mine) &&
			    (n < i || !alternative_holds_for(mine, &quirk->match[n])))
				is_impossible = !(text = str_printf("match[%zu] is never needed: match[%zu] holds wherever it does",
				                                    i, n));
		if (text)
			r = tell(faults, is_impossible, quirk, text);
	}
	return r;
}

static bool is_date(const char *text)
{
	static const char form[] = "0000-00-00";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : form[i] != text[i])
			return false;
	return date_exists((unsigned int)strtoul(text, NULL, 10), (unsigned int)strtoul(text + 5, NULL, 10),
	                   (unsigned int)strtoul(text + 8, NULL, 10));
}

static int lint_style(const struct quirk *quirk, struct faults *faults)
{
	size_t why = strlen(quirk->why);
	const struct {
		bool is_wrong, is_error;
		const char *what;
	} rules[] = {
		{ !is_date(quirk->since), true, "since: expected a date such as \"2026-11-20\"" },
		{ !why || quirk->why[why - 1] != '.', false, "why: expected a sentence that ends with a full stop" },
		{ why > 400, false, "why: expected one sentence of at most 400 bytes" },
		{ quirk->name[0] == '-' || quirk->name[strlen(quirk->name) - 1] == '-', false,
		  "name: expected vendor-part, without \"-\" at an end" },
		{ quirk->confidence == CONFIDENCE_UNVERIFIED && quirk->effect == EFFECT_DENY, false,
		  "confidence: an unverified lead may hold or warn, expected no deny" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(rules); i++)
		if (rules[i].is_wrong)
			r = tell(faults, rules[i].is_error, quirk, rules[i].what);
	for (size_t i = 0; r == 0 && i < quirk->references.n; i++) {
		const char *url = quirk->references.at[i];

		if (!str_starts(url, "https://"))
			r = tell(faults, false, quirk, "references: expected https://, which the reader can trust");
		else if (str_starts(url, "https://example."))
			r = tell(faults, false, quirk, "references: expected where the evidence is, not an example's address");
	}
	return r;
}

/* ---- rules of entries together ---- */

static bool is_permission(enum effect effect)
{
	return effect == EFFECT_ALLOW_AFTER_PROBE || effect == EFFECT_MEMORY || effect == EFFECT_VENDOR_WC;
}

static int lint_pair(const struct quirk *quirk, const struct quirk *other, struct faults *faults)
{
	bool contradicts = quirk->of_device == other->of_device && is_permission(quirk->effect) && quirk_withholds(other);

	for (size_t i = 0; contradicts && i < quirk->n_match; i++)
		for (size_t n = 0; n < other->n_match; n++) {
			_cleanup_free_ char *text = NULL;

			if (!alternative_covers(&other->match[n], &quirk->match[i]))
				continue;
			text = str_printf("match[%zu] contradicts %s (%s), which withholds wherever this one allows", i,
			                  other->name, other->file);
			return text ? tell(faults, true, quirk, text) : -ENOMEM;
		}
	return 0;
}

static int lint_serials(const struct quirks *quirks, struct faults *faults)
{
	for (size_t i = 1; i < quirks->files.n; i++) {
		const struct quirk_file *file = &quirks->files.at[i], *first = &quirks->files.at[0];
		_cleanup_free_ char *text = NULL;

		if (file->serial == first->serial)
			continue;
		text = str_printf("%s: serial: expected %llu, as %s has, for all files of a release", file->name,
		                  (unsigned long long)first->serial, first->name);
		return text ? faults_add(faults, false, text) : -ENOMEM;
	}
	return 0;
}

static int lint_contradictions(const struct quirks *quirks, struct faults *faults)
{
	_cleanup_(hooks_done) struct hooks withhold = { 0 };
	int r = hooks_make(quirks, &withhold);

	for (size_t i = 0; r == 0 && i < quirks->n; i++) {
		_cleanup_(hooks_done) struct hooks near = { 0 };
		const struct quirk *quirk = &quirks->at[i];

		if (quirk->state != QUIRK_ACTIVE || !is_permission(quirk->effect))
			continue;
		r = hooks_find(&withhold, quirk, &near);
		for (size_t n = 0; r == 0 && n < near.n; n++)
			r = lint_pair(quirk, &quirks->at[near.at[n].quirk], faults);
	}
	return r;
}

int lint_quirks(const struct quirks *quirks, struct faults *ret)
{
	int r = lint_serials(quirks, ret);

	for (size_t i = 0; r == 0 && i < quirks->n; i++) {
		if (quirks->at[i].state != QUIRK_ACTIVE)
			continue;
		r = lint_reach(&quirks->at[i], ret);
		if (r == 0)
			r = lint_style(&quirks->at[i], ret);
	}
	return r == 0 ? lint_contradictions(quirks, ret) : r;
}
