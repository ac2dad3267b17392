/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quirk-values: how one value of the match language is written: ids, classes, ranges, releases, texts. A text that is none
 * of these may be one of a newer pciwc: it holds its entry, not the whole file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/device.h"
#include "model/platform.h"
#include "model/quirk-match.h"

int quirk_only(const struct json_at *at, const char *const keys[], struct err *err)
{
	struct err why = { 0 };
	int r = json_only(at, keys, &why);

	return r < 0 ? err_set(err, r, json_kind(at) == JSON_OBJECT ? QUIRK_NEWER : why.id, "%s", why.text) : 0;
}

int quirk_newer(const struct json_at *at, struct err *err, const char *what)
{
	struct err why = { 0 };
	int r = json_expected(at, &why, what);

	return err_set(err, r, QUIRK_NEWER, "%s", why.text);
}

/* {"value":,"mask":}: the bits outside the mask count on neither side. */
static int masked_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const keys[] = { "value", "mask", NULL };
	struct json_at member;
	int r;

	if (json_kind(at) != JSON_OBJECT) {
		r = json_u64(at, 0, UINT32_MAX, err, &ret->min);
		ret->max = ret->min;
		return r;
	}
	r = quirk_only(at, keys, err);
	if (r == 0)
		r = json_need(at, "value", "an integer", err, &member);
	if (r == 0)
		r = json_u64(&member, 0, UINT32_MAX, err, &ret->min);
	if (r == 0)
		r = json_need(at, "mask", "an integer", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, UINT32_MAX, err, &ret->mask);
	ret->min &= ret->mask;
	ret->max = ret->min;
	return r;
}

static int range_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const bounds[] = { "min", "max", NULL };
	struct json_at min, max;
	int r;

	if (json_kind(at) != JSON_OBJECT) {
		r = json_u64(at, 0, UINT32_MAX, err, &ret->min);
		ret->max = ret->min;
		return r;
	}
	r = quirk_only(at, bounds, err);
	if (r < 0)
		return r;

	bool has_min = json_member(at, "min", &min), has_max = json_member(at, "max", &max);

	if (!has_min && !has_max)
		return json_expected(at, err, "\"min\" or \"max\"");
	ret->max = UINT32_MAX;
	if (has_min)
		r = json_u64(&min, 0, UINT32_MAX, err, &ret->min);
	if (r == 0 && has_max)
		r = json_u64(&max, ret->min, UINT32_MAX, err, &ret->max);
	return r;
}

#define HEX_DIGITS "0123456789abcdefABCDEF"

static int hex4(const char *text, size_t length, uint64_t *ret)
{
	char digits[5] = "";

	/* The parser of numbers would take "0x12" for four digits. */
	if (length != 4 || strspn(text, HEX_DIGITS) < 4)
		return -EINVAL;
	memcpy(digits, text, 4);
	return parse_u64(digits, 16, 0, 0xffff, ret);
}

/* "1def:e101", "10ee:*" or "1af4:1000-107f" */
int id_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
	const char *colon = strchr(text, ':'), *dash = colon ? strchr(colon, '-') : NULL;
	uint64_t vendor, low = 0, high = 0xffff;

	if (!colon || hex4(text, (size_t)(colon - text), &vendor) < 0)
		return -EINVAL;
	if (dash) {
		if (hex4(colon + 1, (size_t)(dash - colon - 1), &low) < 0 ||
		    hex4(dash + 1, strlen(dash + 1), &high) < 0 || low > high)
			return -EINVAL;
	} else if (strcmp(colon + 1, "*")) {
		if (hex4(colon + 1, strlen(colon + 1), &low) < 0)
			return -EINVAL;
		high = low;
	}
	*ret_min = vendor << 16 | low;
	*ret_max = vendor << 16 | high;
	return 0;
}

int class_range_parse(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
	uint64_t value;

	if (str_starts(text, "0x"))
		text += 2;

	size_t digits = strlen(text);

	if (digits < 2 || digits > 6 || digits % 2 || strspn(text, HEX_DIGITS) < digits ||
	    parse_u64(text, 16, 0, 0xffffff, &value) < 0)
		return -EINVAL;

	unsigned int shift = 24 - 4 * (unsigned int)digits;

	*ret_min = value << shift;
	*ret_max = *ret_min | ((UINT64_C(1) << shift) - 1);
	return 0;
}

const char *release_parse(const char *text, uint16_t missing, uint64_t *ret)
{
	uint64_t code = 0;

	for (int i = 0; i < 3; i++) {
		size_t n = strspn(text, "0123456789");
		char digits[6] = "";
		uint64_t number = missing;

		if ((i == 0 && n == 0) || n >= sizeof(digits))
			return NULL;
		memcpy(digits, text, n);
		if (n && parse_u64(digits, 10, 0, 0xffff, &number) < 0)
			return NULL;
		code = code << 16 | number;
		text += n;
		/* A dot belongs to the release only when another number follows. */
		if (i < 2 && text[0] == '.' && text[1] >= '0' && text[1] <= '9')
			text++;
		else if (i < 2) {
			for (i++; i < 3; i++)
				code = code << 16 | missing;
			break;
		}
	}
	*ret = code;
	return text;
}

static int bound_from_json(const struct json_at *at, uint16_t missing, struct err *err, uint64_t *ret)
{
	const char *text, *rest;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	rest = release_parse(text, missing, ret);
	return !rest || *rest || !strchr(text, '.') ? quirk_newer(at, err, "a release such as \"6.9\"") : 0;
}

static int release_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const bounds[] = { "min", "max", NULL };
	struct json_at min, max;
	int r = quirk_only(at, bounds, err);

	if (r < 0)
		return r;

	bool has_min = json_member(at, "min", &min), has_max = json_member(at, "max", &max);

	if (!has_min && !has_max)
		return json_expected(at, err, "\"min\" or \"max\"");
	/* "over as many numbers as the bound has": 7.1.9 is not above 7.1 */
	ret->max = UINT64_MAX;
	if (has_min)
		r = bound_from_json(&min, 0, err, &ret->min);
	if (r == 0 && has_max)
		r = bound_from_json(&max, 0xffff, err, &ret->max);
	return r == 0 && ret->min > ret->max ? json_expected(at, err, "\"min\" not above \"max\"") : r;
}

static int coded_from_json(const struct json_at *at, int (*parse)(const char *, uint64_t *, uint64_t *),
                           const char *what, struct err *err, struct criterion *ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	return parse(text, &ret->min, &ret->max) < 0 ? quirk_newer(at, err, what) : 0;
}

/* A word that no configuration has would make a deny that never fires. */
static int options_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	int r = json_strs(at, err, &ret->texts);

	for (size_t i = 0; r == 0 && i < ret->texts.n; i++) {
		const char *text = ret->texts.at[i];
		size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

		if (!str_starts(text, "CONFIG_") || text[n] != '=' || !text[n + 1])
			r = quirk_newer(at, err, "options such as \"CONFIG_PCI=y\"; \"=n\" is one that is not set");
	}
	return r;
}

/* Likewise a name that is looked for nowhere. */
static int properties_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	int r = json_strs(at, err, &ret->texts);

	for (size_t i = 0; r == 0 && i < ret->texts.n; i++) {
		const char *text = ret->texts.at[i];
		size_t n = strspn(text, PROPERTY_LETTERS);

		if (text[n] || n > PROPERTY_MAX_LENGTH || !strchr(text, ','))
			r = quirk_newer(at, err, "names such as \"vendor,name\", at most 64 of a-z, 0-9, \",\", \".\" and \"-\"");
	}
	return r;
}

int criterion_from_json(const struct json_at *at, enum value_kind kind, struct err *err, struct criterion *ret)
{
	bool flag;
	int r;

	ret->mask = UINT64_MAX;
	switch (kind) {
	case VALUE_NAME:
		if (json_kind(at) == JSON_BOOL)
			return json_flag(at, err, &flag) < 0 || !flag ? json_expected(at, err, "true, or strings") : 0;
		return json_strs(at, err, &ret->texts);
	case VALUE_TEXT:
		return json_strs(at, err, &ret->texts);
	case VALUE_PROPERTY:
		return properties_from_json(at, err, ret);
	case VALUE_OPTION:
		return options_from_json(at, err, ret);
	case VALUE_RANGE:
		return range_from_json(at, err, ret);
	case VALUE_MASKED:
		return masked_from_json(at, err, ret);
	case VALUE_ID:
		return coded_from_json(at, id_range_parse, "an id such as \"1def:e101\", \"10ee:*\" or \"1af4:1000-107f\"",
		                       err, ret);
	case VALUE_CLASS:
		return coded_from_json(at, class_range_parse, "2, 4 or 6 hexadecimal digits of a class code", err, ret);
	case VALUE_NUMBER: /* of a BAR, the only one so far */
		r = json_u64(at, 0, BAR_MAX - 1, err, &ret->min);
		ret->max = ret->min;
		return r;
	case VALUE_RELEASE:
		return release_from_json(at, err, ret);
	case VALUE_FLAG:
		r = json_flag(at, err, &flag);
		if (r == 0)
			ret->min = ret->max = flag;
		return r;
	case VALUE_FIELDS:
		break;
	}
	return -EINVAL;
}
