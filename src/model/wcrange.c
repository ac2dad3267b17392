/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wcrange: the list's text, there and back. */
#include "model/wcrange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "base/strs.h"

void wc_ranges_done(struct wc_ranges *ranges)
{
	free(ranges->at);
	*ranges = (struct wc_ranges){ 0 };
}

static int parse_line(char *line, struct wc_range *range)
{
	const char *bar = strsep(&line, " "), *offset = strsep(&line, " "), *size = strsep(&line, " ");
	const char *when = strsep(&line, " "), *word;
	uint64_t index;

	if (!when || (strcmp(when, "always") && strcmp(when, "request")) || parse_u64(bar, 0, 0, UINT8_MAX, &index) < 0 ||
	    parse_u64(offset, 0, 0, UINT64_MAX, &range->offset) < 0 ||
	    parse_u64(size, 0, 1, UINT64_MAX - range->offset, &range->size_bytes) < 0)
		return -EINVAL;
	range->bar = (uint8_t)index;
	range->on_request = !strcmp(when, "request");
	while ((word = strsep(&line, " "))) {
		if (!strcmp(word, "unavailable"))
			range->is_unavailable = true;
		else if (strcmp(word, "registers") != 0)
			return -EINVAL;
	}
	return 0;
}

int wc_ranges_parse(const char *text, struct wc_ranges *ret)
{
	_cleanup_(wc_ranges_done) struct wc_ranges ranges = { 0 };
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *line;

	if (!copy)
		return -ENOMEM;
	while ((line = strsep(&rest, "\n"))) {
		struct wc_range *range;
		int r;

		if (!*line && !rest)
			break;
		range = array_add(&ranges);
		r = range ? parse_line(line, range) : -ENOMEM;
		if (r < 0)
			return r;
	}
	*ret = ranges;
	ranges = (struct wc_ranges){ 0 };
	return 0;
}

char *wc_ranges_text(const struct wc_ranges *ranges)
{
	char *text = strdup("");

	for (size_t i = 0; text && i < ranges->n; i++) {
		const struct wc_range *range = &ranges->at[i];
		_cleanup_free_ char *before = text;

		text = str_printf("%s%u 0x%llx 0x%llx %s\n", before, range->bar, (unsigned long long)range->offset,
		                  (unsigned long long)range->size_bytes, range->on_request ? "request" : "always");
	}
	return text;
}

static bool has(const struct wc_ranges *ranges, const struct wc_range *range)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (ranges->at[i].bar == range->bar && ranges->at[i].offset == range->offset &&
		    ranges->at[i].size_bytes == range->size_bytes && ranges->at[i].on_request == range->on_request)
			return true;
	return false;
}

bool wc_ranges_equal(const struct wc_ranges *a, const struct wc_ranges *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!has(b, &a->at[i]))
			return false;
	return true;
}
