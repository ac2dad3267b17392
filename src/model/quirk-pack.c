/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-pack: all of an entry in one block of memory: lists from its start, texts from its end. */
#include "model/quirk-pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- writing ---- */

/* What is written, and the memory that reading it takes. */
struct writer {
	struct pack out;
	size_t need;
};

/* Lists begin where any type may. */
static size_t aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static void put_count(struct writer *writer, size_t n, size_t size)
{
	pack_u64(&writer->out, n);
	writer->need += aligned(n * size);
}

static void put_text(struct writer *writer, const char *text)
{
	pack_text(&writer->out, text);
	writer->need += text ? strlen(text) + 1 : 0;
}

static void put_strs(struct writer *writer, const struct strs *strs)
{
	put_count(writer, strs->n, sizeof(*strs->at));
	for (size_t i = 0; i < strs->n; i++)
		put_text(writer, strs->at[i]);
}

/* 0: the value itself; the fields of the one form, then of the other. */
static size_t field_number(enum match_key key, const char *name)
{
	const struct match_field *const lists[] = { match_key_infos[key].fields, match_key_infos[key].or_fields };
	size_t number = 0;

	for (size_t l = 0; name && l < 2; l++)
		for (const struct match_field *field = lists[l]; field && field->name; field++) {
			number++;
			if (!strcmp(field->name, name))
				return number;
		}
	return 0;
}

static void put_terms(struct writer *writer, const struct terms *terms)
{
	put_count(writer, terms->n, sizeof(*terms->at));
	for (size_t t = 0; t < terms->n; t++) {
		const struct term *term = &terms->at[t];

		pack_u64(&writer->out, term->key);
		put_count(writer, term->n, sizeof(*term->at));
		for (size_t f = 0; f < term->n; f++) {
			put_count(writer, term->at[f].n, sizeof(*term->at[f].at));
			for (size_t i = 0; i < term->at[f].n; i++) {
				const struct criterion *c = &term->at[f].at[i];

				pack_u64(&writer->out, field_number(term->key, c->field));
				put_strs(writer, &c->texts);
				pack_u64(&writer->out, c->min);
				pack_u64(&writer->out, c->max);
				pack_u64(&writer->out, ~c->mask);
			}
		}
	}
}

void quirk_pack(const struct quirk *quirk, struct pack *pack)
{
	struct writer writer = { .need = 0 };

	put_text(&writer, quirk->name);
	put_text(&writer, quirk->why);
	put_text(&writer, quirk->since);
	put_text(&writer, quirk->fact);
	pack_u64(&writer.out, quirk->effect);
	pack_u64(&writer.out, quirk->confidence);
	pack_u64(&writer.out, quirk->of_device);
	pack_u64(&writer.out, quirk->is_cmb);
	put_count(&writer, quirk->n_hazards, sizeof(*quirk->hazards));
	for (size_t i = 0; i < quirk->n_hazards; i++)
		pack_u64(&writer.out, quirk->hazards[i]);
	put_count(&writer, quirk->scratch.n, sizeof(*quirk->scratch.at));
	for (size_t i = 0; i < quirk->scratch.n; i++) {
		pack_u64(&writer.out, quirk->scratch.at[i].offset);
		pack_u64(&writer.out, quirk->scratch.at[i].size_bytes);
	}
	put_strs(&writer, &quirk->references);
	put_count(&writer, quirk->n_match, sizeof(*quirk->match));
	for (size_t i = 0; i < quirk->n_match; i++) {
		put_terms(&writer, &quirk->match[i].terms);
		put_terms(&writer, &quirk->match[i].nots);
		put_terms(&writer, &quirk->match[i].suspect);
	}
	pack_u64(pack, writer.need);
	pack_bytes(pack, writer.out.at, writer.out.n);
	pack->is_failed |= writer.out.is_failed;
	free(writer.out.at);
}

/* ---- reading ---- */

struct reader {
	struct unpack in;
	char *start, *end; /* what is free of the block */
	bool is_failed;    /* the block is too small, or something is what no entry has */
};

/* Room for a list of as many as are announced; NULL where there are none. */
static void *get_list(struct reader *reader, size_t size, size_t *ret_n)
{
	/* One takes a byte at least. */
	size_t n = unpack_u64(&reader->in, reader->in.n), bytes = aligned(n * size);
	char *list = reader->start;

	*ret_n = 0;
	if (!n)
		return NULL;
	if (n > SIZE_MAX / 2 / size || bytes > (size_t)(reader->end - reader->start)) {
		reader->is_failed = true;
		return NULL;
	}
	reader->start += bytes;
	*ret_n = n;
	return list;
}

static char *put_end(struct reader *reader, const char *text, size_t length)
{
	if (length >= (size_t)(reader->end - reader->start)) {
		reader->is_failed = true;
		return NULL;
	}
	reader->end -= length + 1;
	memcpy(reader->end, text, length);
	reader->end[length] = '\0';
	return reader->end;
}

static char *get_text(struct reader *reader)
{
	size_t length;
	const char *text = unpack_text(&reader->in, &length);

	return text ? put_end(reader, text, length) : NULL;
}

/* One that an entry cannot be without. */
static char *need_text(struct reader *reader)
{
	char *text = get_text(reader);

	reader->is_failed |= !text;
	return text;
}

static struct strs get_strs(struct reader *reader)
{
	struct strs strs;

	strs.at = get_list(reader, sizeof(*strs.at), &strs.n);
	for (size_t i = 0; i < strs.n; i++)
		strs.at[i] = need_text(reader);
	return strs;
}

static const struct match_field *field_of(enum match_key key, uint64_t number)
{
	const struct match_field *const lists[] = { match_key_infos[key].fields, match_key_infos[key].or_fields };

	for (size_t l = 0; number && l < 2; l++)
		for (const struct match_field *field = lists[l]; field && field->name; field++)
			if (!--number)
				return field;
	return NULL;
}

/* What the functions of the match keys rely on. */
static bool criterion_fits(enum value_kind kind, const struct criterion *c)
{
	bool has_texts = kind == VALUE_TEXT || kind == VALUE_OPTION || kind == VALUE_PROPERTY;

	for (size_t i = 0; kind == VALUE_OPTION && i < c->texts.n; i++)
		if (!c->texts.at[i] || !strchr(c->texts.at[i], '='))
			return false;
	return kind != VALUE_FIELDS && (kind == VALUE_NAME || (c->texts.n > 0) == has_texts);
}

static void get_criterion(struct reader *reader, enum match_key key, struct criterion *ret)
{
	uint64_t number = unpack_u64(&reader->in, UINT8_MAX);
	const struct match_field *field = field_of(key, number);
	struct criterion c = { .field = field ? field->name : NULL };

	c.texts = get_strs(reader);
	c.min = unpack_u64(&reader->in, UINT64_MAX);
	c.max = unpack_u64(&reader->in, UINT64_MAX);
	c.mask = ~unpack_u64(&reader->in, UINT64_MAX);
	reader->is_failed |= (number && !field) || !criterion_fits(field ? field->kind : match_key_infos[key].kind, &c);
	*ret = c;
}

static bool is_fine(const struct reader *reader)
{
	return !reader->is_failed && !reader->in.is_failed;
}

static struct form get_form(struct reader *reader, enum match_key key)
{
	struct form form;

	form.at = get_list(reader, sizeof(*form.at), &form.n);
	reader->is_failed |= !form.n;
	for (size_t i = 0; i < form.n && is_fine(reader); i++)
		get_criterion(reader, key, &form.at[i]);
	return form;
}

static struct terms get_terms(struct reader *reader)
{
	struct terms terms;

	terms.at = get_list(reader, sizeof(*terms.at), &terms.n);
	for (size_t t = 0; t < terms.n && is_fine(reader); t++) {
		struct term term = { .key = (enum match_key)unpack_u64(&reader->in, MATCH_KEYS - 1) };

		term.at = get_list(reader, sizeof(*term.at), &term.n);
		reader->is_failed |= !term.n;
		for (size_t f = 0; f < term.n && is_fine(reader); f++)
			term.at[f] = get_form(reader, term.key);
		terms.at[t] = term;
	}
	return terms;
}

static void get_lists(struct reader *reader, struct quirk *ret)
{
	ret->hazards = get_list(reader, sizeof(*ret->hazards), &ret->n_hazards);
	for (size_t i = 0; i < ret->n_hazards; i++)
		ret->hazards[i] = (enum hazard)unpack_u64(&reader->in, HAZARDS - 1);
	ret->scratch.at = get_list(reader, sizeof(*ret->scratch.at), &ret->scratch.n);
	for (size_t i = 0; i < ret->scratch.n; i++) {
		ret->scratch.at[i].offset = unpack_u64(&reader->in, INT64_MAX);
		ret->scratch.at[i].size_bytes = unpack_u64(&reader->in, INT64_MAX);
	}
	ret->references = get_strs(reader);
	ret->match = get_list(reader, sizeof(*ret->match), &ret->n_match);
	for (size_t i = 0; i < ret->n_match && is_fine(reader); i++) {
		struct alternative alternative = { .terms = get_terms(reader) };

		alternative.nots = get_terms(reader);
		alternative.suspect = get_terms(reader);
		reader->is_failed |= !alternative.terms.n && !alternative.nots.n;
		ret->match[i] = alternative;
	}
	reader->is_failed |= !ret->n_match;
}

int quirk_unpack(struct unpack *unpack, const char *file, struct quirk *ret)
{
	size_t length = strlen(file), need = unpack_u64(unpack, UINT32_MAX), size = aligned(need + length + 1);
	struct reader reader = { .in = *unpack };
	struct quirk quirk = { .state = QUIRK_ACTIVE };

	if (unpack->is_failed)
		return -EINVAL;
	quirk.block = malloc(size);
	if (!quirk.block)
		return -ENOMEM;
	reader.start = quirk.block;
	reader.end = reader.start + size;
	quirk.file = put_end(&reader, file, length);
	quirk.name = need_text(&reader);
	quirk.why = need_text(&reader);
	quirk.since = need_text(&reader);
	quirk.fact = get_text(&reader);
	quirk.effect = (enum effect)unpack_u64(&reader.in, EFFECTS - 1);
	quirk.confidence = (enum confidence)unpack_u64(&reader.in, CONFIDENCE_CONFIRMED);
	quirk.of_device = unpack_u64(&reader.in, 1);
	quirk.is_cmb = unpack_u64(&reader.in, 1);
	get_lists(&reader, &quirk);
	if (!is_fine(&reader)) {
		free(quirk.block);
		return -EINVAL;
	}
	*unpack = reader.in;
	*ret = quirk;
	return 0;
}
