/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json-lint: walks valid JSON once and compares the keys of each open object. */
#include "base/json-lint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json-measure.h"

/* What json-c has room for before it asks for memory (printbuf_new): it would take the beginning of a longer one for the whole. */
#define NUMBER_MAX 31

/* Of one object: each is compared with all before it, and nothing that is read here has a tenth of them. */
#define KEYS_MAX 1024

/* A key as it is written, quotes excluded. */
struct key {
	size_t depth, start, length;
};

struct keys {
	struct key *at;
	size_t n;
};

static size_t string_end(const char *text, size_t size, size_t i)
{
	for (i++; i < size && text[i] != '"'; i++)
		if (text[i] == '\\')
			i++;
	return i;
}

/*
 * The first escape between two quotes that json-c reads wrong; end: there is none. A character such as U+1D800, of which the
 * lower half looks like half a pair, it takes for that (json-c pull request 893).
 */
static size_t misread_at(const char *text, size_t i, size_t end)
{
	for (; i < end; i++)
		if (text[i] == '\\') {
			if ((json_escape_pair(text + i, end - i) & 0xf800u) == 0xd800u)
				return i;
			i++;
		}
	return end;
}

const char *json_lint_foreign(const char *text, size_t size, size_t *ret_at)
{
	for (size_t i = 0; i < size; i++) {
		size_t number = 0;

		if (text[i] == '"') {
			size_t end = string_end(text, size, i), misread = misread_at(text, i, end);

			if (misread < end) {
				*ret_at = misread;
				return "an escape of a character that json-c misreads";
			}
			i = end;
			continue;
		}
		while (i + number < size && text[i + number] && strchr("+-.0123456789eE", text[i + number]))
			number++;
		if (number > NUMBER_MAX || text[i] == '\'' || text[i] == 'I' || text[i] == 'N') {
			*ret_at = i;
			return number ? "a number of more than 31 characters" : "unexpected character";
		}
	}
	return NULL;
}

static bool is_key(const char *text, size_t size, size_t i)
{
	while (i < size && strchr(" \t\r\n", text[i]))
		i++;
	return i < size && text[i] == ':';
}

/* What is wrong with it beside those before it; NULL: nothing. */
static const char *key_fault(const struct keys *keys, const char *text, const struct key *key)
{
	/* An escape could spell a known key a second time; no key of ours needs one. */
	bool is_fault = memchr(text + key->start, '\\', key->length);
	size_t n = 0;

	for (size_t i = keys->n; !is_fault && i-- && keys->at[i].depth >= key->depth; n++)
		is_fault = keys->at[i].length == key->length && !memcmp(text + keys->at[i].start, text + key->start, key->length);
	if (is_fault)
		return "appears twice in one object, or has an escape in it";
	return n >= KEYS_MAX ? "is one more than the 1024 that an object may have" : NULL;
}

const char *json_lint_key(const char *text, size_t size, size_t *ret_at, char ret_key[static 64])
{
	struct keys keys = { 0 };
	size_t depth = 0;
	const char *fault = NULL;

	for (size_t i = 0; i < size && !fault; i++) {
		if (text[i] == '{' || text[i] == '[') {
			depth++;
		} else if (text[i] == '}' || text[i] == ']') {
			/* The object is closed: its keys no longer matter. */
			while (keys.n && keys.at[keys.n - 1].depth >= depth)
				keys.n--;
			depth--;
		} else if (text[i] == '"') {
			size_t end = string_end(text, size, i);
			struct key key = { depth, i + 1, end - i - 1 };

			if (is_key(text, size, end + 1)) {
				fault = key_fault(&keys, text, &key);
				if (fault) {
					size_t cut = key.length < 63 ? key.length : 63;

					*ret_at = i;
					memcpy(ret_key, text + key.start, cut);
					ret_key[cut] = '\0';
				} else {
					struct key *slot = array_add(&keys);

					if (!slot)
						break; /* the loader runs out of memory next, and says so */
					*slot = key;
				}
			}
			i = end;
		}
	}
	free(keys.at);
	return fault;
}
