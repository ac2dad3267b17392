/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks: an alternative that is covered has a value of each term of the wider one; so that hangs on its rarest term only. */
#include "decide/hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"
#include "model/quirk-match.h"

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t mix(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t mix_number(uint64_t hash, uint64_t number)
{
	for (unsigned int i = 0; i < 64; i += 8)
		hash = mix(hash, (unsigned char)(number >> i));
	return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = mix(hash, (unsigned char)*text);
	return hash;
}

static uint64_t hash_of(enum match_key key, const struct criterion *c, uint64_t what, uint64_t value)
{
	const uint64_t numbers[] = { key, what, value, c->mask };
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (unsigned int i = 0; i < ELEMENTSOF(numbers); i++)
		hash = mix_number(hash, numbers[i]);
	return mix(mix_text(hash, c->field ?: ""), '\0');
}

enum { OF_TEXT, OF_VALUE, OF_RANGE };

static uint64_t hash_of_text(enum match_key key, const struct criterion *c, const char *text)
{
	return mix_text(hash_of(key, c, OF_TEXT, 0), text);
}

static uint64_t hash_of_value(enum match_key key, const struct criterion *c)
{
	return hash_of(key, c, OF_VALUE, c->min);
}

/* What all that lie within a range share: of ids the vendor, of classes the first byte, of others nothing. */
static uint64_t hash_of_range(enum match_key key, const struct criterion *c)
{
	enum value_kind kind = match_key_infos[key].kind;
	bool is_id = kind == VALUE_ID && (!c->field || str_eq(c->field, "id"));

	return hash_of(key, c, OF_RANGE, is_id || kind == VALUE_CLASS ? c->min >> 16 : 0);
}

static int add(struct hooks *hooks, uint64_t hash, size_t quirk)
{
	struct hook *slot = array_add(hooks);

	if (!slot)
		return -ENOMEM;
	*slot = (struct hook){ hash, quirk };
	return 0;
}

static int add_term(struct hooks *hooks, size_t quirk, const struct term *term)
{
	int r = 0;

	for (size_t f = 0; f < term->n; f++)
		for (size_t i = 0; r == 0 && i < term->at[f].n; i++) {
			const struct criterion *c = &term->at[f].at[i];

			if (!c->texts.n)
				r = add(hooks, c->min == c->max ? hash_of_value(term->key, c) : hash_of_range(term->key, c), quirk);
			for (size_t t = 0; r == 0 && t < c->texts.n; t++)
				r = add(hooks, hash_of_text(term->key, c, c->texts.at[t]), quirk);
		}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct hook *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->quirk < right->quirk ? -1 : left->quirk > right->quirk;
}

static void sort(struct hooks *hooks)
{
	if (hooks->n)
		qsort(hooks->at, hooks->n, sizeof(*hooks->at), compare);
}

/* The first that is not below this hash. */
static size_t place_of(const struct hooks *hooks, uint64_t hash)
{
	size_t low = 0, high = hooks->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hooks->at[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many entries one meets who looks for what this term asks for. */
static size_t crowd_of(const struct hooks *all, const struct hooks *term)
{
	size_t n = 0;

	for (size_t i = 0; i < term->n; i++)
		/* A hash that is the greatest has nothing behind it. */
		n += (term->at[i].hash == UINT64_MAX ? all->n : place_of(all, term->at[i].hash + 1)) - place_of(all, term->at[i].hash);
	return n;
}

static int hang(const struct hooks *all, const struct terms *terms, size_t quirk, struct hooks *ret)
{
	_cleanup_(hooks_done) struct hooks best = { 0 };
	size_t least = SIZE_MAX;
	int r = 0;

	for (size_t t = 0; r == 0 && t < terms->n; t++) {
		_cleanup_(hooks_done) struct hooks mine = { 0 };
		size_t crowd;

		r = add_term(&mine, quirk, &terms->at[t]);
		crowd = crowd_of(all, &mine);
		if (r == 0 && crowd < least) {
			struct hooks worse = best;

			best = mine;
			mine = worse;
			least = crowd;
		}
	}
	for (size_t i = 0; r == 0 && i < best.n; i++)
		r = add(ret, best.at[i].hash, quirk);
	return r;
}

int hooks_make(const struct quirks *quirks, struct hooks *ret)
{
	_cleanup_(hooks_done) struct hooks all = { 0 };
	int r = 0;

	for (size_t i = 0; i < quirks->n; i++)
		for (size_t m = 0; r == 0 && quirks->at[i].state == QUIRK_ACTIVE && quirk_withholds(&quirks->at[i]) &&
		                   m < quirks->at[i].n_match; m++)
			for (size_t t = 0; r == 0 && t < quirks->at[i].match[m].terms.n; t++)
				r = add_term(&all, i, &quirks->at[i].match[m].terms.at[t]);
	sort(&all);
	for (size_t i = 0; i < quirks->n; i++)
		for (size_t m = 0; r == 0 && quirks->at[i].state == QUIRK_ACTIVE && quirk_withholds(&quirks->at[i]) &&
		                   m < quirks->at[i].n_match; m++)
			r = hang(&all, &quirks->at[i].match[m].terms, i, ret);
	sort(ret);
	return r;
}

static int find(const struct hooks *hooks, uint64_t hash, struct hooks *ret)
{
	int r = 0;

	for (size_t i = place_of(hooks, hash); r == 0 && i < hooks->n && hooks->at[i].hash == hash; i++)
		/* By their order alone from here on. */
		r = add(ret, 0, hooks->at[i].quirk);
	return r;
}

/* One value of each of the narrow terms is enough: the wider one would have them all. */
static int find_term(const struct hooks *hooks, const struct term *term, struct hooks *ret)
{
	const struct criterion *c = &term->at[0].at[0];
	int r;

	if (c->texts.n)
		return find(hooks, hash_of_text(term->key, c, c->texts.at[0]), ret);
	r = find(hooks, hash_of_range(term->key, c), ret);
	/* Within a single value lies nothing but itself. */
	return r == 0 && c->min == c->max ? find(hooks, hash_of_value(term->key, c), ret) : r;
}

int hooks_find(const struct hooks *hooks, const struct quirk *quirk, struct hooks *ret)
{
	size_t kept = 0;
	int r = 0;

	for (size_t m = 0; m < quirk->n_match; m++)
		for (size_t t = 0; r == 0 && t < quirk->match[m].terms.n; t++)
			r = find_term(hooks, &quirk->match[m].terms.at[t], ret);
	sort(ret);
	for (size_t i = 0; i < ret->n; i++)
		if (!i || ret->at[i].quirk != ret->at[kept - 1].quirk)
			ret->at[kept++] = ret->at[i];
	ret->n = kept;
	return r;
}

void hooks_done(struct hooks *hooks)
{
	free(hooks->at);
	*hooks = (struct hooks){ 0 };
}
