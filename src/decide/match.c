/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match: three-valued logic over the keys of an entry. */
#include "decide/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/match-keys.h"

/* An unread class may be any. */
int bridges_of(const struct devices *devices, struct bridges *ret)
{
	_cleanup_(bridges_done) struct bridges bridges = { 0 };

	for (size_t i = 0; i < devices->n; i++) {
		uint32_t class = devices->at[i].class;

		if (class && class >> 8 != 0x0600)
			continue;

		/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
		const struct device **slot = array_add(&bridges);

		if (!slot)
			return -ENOMEM;
		*slot = &devices->at[i];
	}
	*ret = bridges;
	bridges = (struct bridges){ 0 };
	return 0;
}

void bridges_done(struct bridges *bridges)
{
	free(bridges->at);
	*bridges = (struct bridges){ 0 };
}

/* told may be NULL; it is meant only where the answer is yes. */
static enum tri term_matches(const struct term *term, const struct facts *facts, struct told *told)
{
	enum tri any = TRI_NO;

	for (size_t i = 0; i < term->n && any != TRI_YES; i++) {
		if (told)
			told->text[0] = '\0';
		any = tri_or(any, key_matches(term->key, &term->at[i], facts, told));
	}
	return any;
}

static enum tri terms_match(const struct terms *terms, const struct facts *facts)
{
	enum tri all = TRI_YES;

	for (size_t i = 0; i < terms->n && all != TRI_NO; i++)
		all = tri_and(all, term_matches(&terms->at[i], facts, NULL));
	return all;
}

enum tri match_term(const struct term *term, const struct facts *facts)
{
	return term_matches(term, facts, NULL);
}

enum tri match_alternative(const struct alternative *alternative, const struct facts *facts, bool *ret_is_cleared)
{
	enum tri result = terms_match(&alternative->terms, facts);

	if (alternative->nots.n)
		result = tri_and(result, tri_not(terms_match(&alternative->nots, facts)));
	if (alternative->unreadable.n)
		result = tri_and(result, TRI_UNKNOWN);

	bool is_cleared = result == TRI_UNKNOWN && alternative->suspect.n &&
	                  terms_match(&alternative->suspect, facts) == TRI_NO;

	if (ret_is_cleared)
		*ret_is_cleared = is_cleared;
	return is_cleared ? TRI_NO : result;
}

/* Would another device, or BAR, be another answer. */
static bool asks_device(const struct terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (terms->at[i].key == MATCH_PORT || match_key_infos[terms->at[i].key].of_device)
			return true;
	return false;
}

bool match_may(const struct alternative *alternative, const struct facts *facts)
{
	enum tri result = terms_match(&alternative->terms, facts);

	if (result != TRI_NO && alternative->nots.n)
		result = tri_and(result, tri_not(terms_match(&alternative->nots, facts)));
	if (result == TRI_NO)
		return false;
	/* `suspect` counts once all is known that will be: a device can still make a yes of what is unknown now. */
	if (result == TRI_YES || !alternative->suspect.n || asks_device(&alternative->terms) || asks_device(&alternative->nots) ||
	    asks_device(&alternative->suspect))
		return true;
	return terms_match(&alternative->suspect, facts) != TRI_NO;
}

/* ---- what decided ---- */

static int matched_add(struct matched *matched, const char *key, const char *fact)
{
	/* Two alternatives can ask the same: that one of them got no answer is what counts. */
	for (size_t i = 0; i < matched->n; i++)
		if (!strcmp(matched->at[i].key, key))
			return fact ? 0 : str_set(&matched->at[i].fact, NULL);

	struct matched_fact *slot = array_add(matched);

	if (!slot)
		return -ENOMEM;
	slot->key = key;
	return str_set(&slot->fact, fact);
}

/* Facts of one alternative. A `not` is told of only where its fact is unknown: that there is none of it is no fact. */
static int describe(const struct alternative *alternative, const struct facts *facts, struct matched *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < alternative->terms.n; i++) {
		const struct term *term = &alternative->terms.at[i];
		struct told told = { "" };
		bool is_known = term_matches(term, facts, &told) == TRI_YES;

		r = matched_add(ret, match_key_infos[term->key].name, is_known ? told.text : NULL);
	}
	for (size_t i = 0; r == 0 && i < alternative->nots.n; i++) {
		const struct term *term = &alternative->nots.at[i];

		if (term_matches(term, facts, NULL) == TRI_UNKNOWN)
			r = matched_add(ret, match_key_infos[term->key].unknown_not, NULL);
	}
	for (size_t i = 0; r == 0 && i < alternative->unreadable.n; i++)
		r = matched_add(ret, alternative->unreadable.at[i], NULL);
	return r;
}

int match_quirk(const struct quirk *quirk, const struct facts *facts, struct matched *matched, enum tri *ret)
{
	_cleanup_(matched_done) struct matched list = { 0 };
	enum tri result = TRI_NO;
	int r = 0;

	for (size_t i = 0; i < quirk->n_match && result != TRI_YES; i++)
		result = tri_or(result, match_alternative(&quirk->match[i], facts, NULL));
	/* The first that matches decides; of those that are unknown each is one more question to the reader. */
	for (size_t i = 0; r == 0 && matched && result != TRI_NO && i < quirk->n_match; i++) {
		if (match_alternative(&quirk->match[i], facts, NULL) != result)
			continue;
		r = describe(&quirk->match[i], facts, &list);
		if (result == TRI_YES)
			break;
	}
	if (r < 0)
		return r;
	if (matched) {
		*matched = list;
		list = (struct matched){ 0 };
	}
	*ret = result;
	return 0;
}
