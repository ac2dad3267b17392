/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-match: reads an entry's `match` into comparisons; what each key looks like is a row of one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "model/device.h"
#include "model/quirk-match.h"

/* MIDR_EL1's */
static const struct match_field arm_fields[] = {
	{ "implementer", VALUE_RANGE, true },
	{ "part", VALUE_RANGE, true },
	{ "variant", VALUE_RANGE, false },
	{ "revision", VALUE_RANGE, false },
	{ NULL, VALUE_TEXT, false },
};
/* CPUID's */
static const struct match_field x86_fields[] = {
	{ "vendor", VALUE_TEXT, true },
	{ "family", VALUE_RANGE, false },
	{ "model", VALUE_RANGE, false },
	{ "stepping", VALUE_RANGE, false },
	{ NULL, VALUE_TEXT, false },
};
static const struct match_field soc_fields[] = {
	{ "id", VALUE_TEXT, true },
	{ "revision", VALUE_RANGE, false },
	{ NULL, VALUE_TEXT, false },
};
static const struct match_field dmi_fields[] = {
	{ "sys_vendor", VALUE_TEXT, false },        { "product_name", VALUE_TEXT, false },
	{ "board_vendor", VALUE_TEXT, false },      { "board_name", VALUE_TEXT, false },
	{ "bios_vendor", VALUE_TEXT, false },       { "bios_version", VALUE_TEXT, false },
	{ "processor_version", VALUE_TEXT, false }, { "processor_id", VALUE_MASKED, false },
	{ NULL, VALUE_TEXT, false },
};
static const struct match_field acpi_fields[] = {
	{ "oem_id", VALUE_TEXT, true },
	{ "oem_table_id", VALUE_TEXT, false },
	{ "oem_revision", VALUE_RANGE, false },
	{ NULL, VALUE_TEXT, false },
};
static const struct match_field id_fields[] = {
	{ "id", VALUE_ID, true },
	{ "revision", VALUE_RANGE, false },
	{ NULL, VALUE_TEXT, false },
};

/* As struct platform has them. */
static const char *const arch_words[] = { "x86_64",  "i386",  "aarch64", "arm",   "loongarch64", "mips64",
	                                  "riscv64", "ppc64", "ppc64le", "s390x", "ia64",        NULL };

/* clang-format off */
#define KEY(key, ...) { .name = key, .unknown_not = "not " key, __VA_ARGS__ }
const struct match_key_info match_key_infos[MATCH_KEYS] = {
	[MATCH_ARCH] = KEY("arch", .kind = VALUE_TEXT, .words = arch_words),
	[MATCH_CPU] = KEY("cpu", .kind = VALUE_FIELDS, .fields = arm_fields, .or_fields = x86_fields),
	[MATCH_SOC_ID] = KEY("soc_id", .kind = VALUE_FIELDS, .fields = soc_fields),
	[MATCH_DT_COMPATIBLE] = KEY("dt_compatible", .kind = VALUE_TEXT),
	[MATCH_DT_BRIDGE_COMPATIBLE] = KEY("dt_bridge_compatible", .kind = VALUE_TEXT),
	[MATCH_DMI] = KEY("dmi", .kind = VALUE_FIELDS, .fields = dmi_fields),
	[MATCH_ACPI_MCFG] = KEY("acpi_mcfg", .kind = VALUE_FIELDS, .fields = acpi_fields),
	[MATCH_ACPI_FADT] = KEY("acpi_fadt", .kind = VALUE_FIELDS, .fields = acpi_fields),
	[MATCH_PORT] = KEY("port", .kind = VALUE_ID, .fields = id_fields),
	[MATCH_HOST_BRIDGE] = KEY("host_bridge", .kind = VALUE_ID, .fields = id_fields),
	[MATCH_DEVICE] = KEY("device", .kind = VALUE_ID, .of_device = true, .fields = id_fields),
	[MATCH_SUBSYSTEM] = KEY("subsystem", .kind = VALUE_ID, .of_device = true, .fields = id_fields),
	[MATCH_CLASS] = KEY("class", .kind = VALUE_CLASS, .of_device = true),
	[MATCH_REVISION] = KEY("revision", .kind = VALUE_RANGE, .of_device = true),
	[MATCH_BAR] = KEY("bar", .kind = VALUE_NUMBER, .of_device = true),
	[MATCH_KERNEL] = KEY("kernel", .kind = VALUE_RELEASE),
	[MATCH_CMDLINE] = KEY("cmdline", .kind = VALUE_TEXT),
	[MATCH_PAT] = KEY("pat", .kind = VALUE_FLAG),
	[MATCH_HYPERVISOR] = KEY("hypervisor", .kind = VALUE_NAME),
};
/* clang-format on */

void terms_done(struct terms *terms)
{
	for (size_t t = 0; t < terms->n; t++) {
		for (size_t f = 0; f < terms->at[t].n; f++) {
			for (size_t c = 0; c < terms->at[t].at[f].n; c++)
				strs_done(&terms->at[t].at[f].at[c].texts);
			free(terms->at[t].at[f].at);
		}
		free(terms->at[t].at);
	}
	free(terms->at);
	*terms = (struct terms){ 0 };
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
	r = json_only(at, keys, err);
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
	r = json_only(at, bounds, err);
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
	return !rest || *rest || !strchr(text, '.') ? json_expected(at, err, "a release such as \"6.9\"") : 0;
}

static int release_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const bounds[] = { "min", "max", NULL };
	struct json_at min, max;
	int r = json_only(at, bounds, err);

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
	return parse(text, &ret->min, &ret->max) < 0 ? json_expected(at, err, what) : 0;
}

static int criterion_from_json(const struct json_at *at, enum value_kind kind, struct err *err, struct criterion *ret)
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

static struct criterion *form_add(struct form *form, const char *field)
{
	struct criterion *criterion = array_add(form);

	if (criterion)
		criterion->field = field;
	return criterion;
}

static const struct match_field *field_find(const struct match_field *fields, const char *name)
{
	while (fields->name && strcmp(fields->name, name))
		fields++;
	return fields->name ? fields : NULL;
}

static int fields_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                            struct form *ret)
{
	const struct match_field *fields = info->fields;
	struct json_at member;
	const char *key;

	if (json_kind(at) != JSON_OBJECT)
		return json_expected(at, err, "an object");
	if (info->or_fields && json_member(at, info->or_fields[0].name, &member))
		fields = info->or_fields;
	for (size_t i = 0; (key = json_nth(at, i, &member)); i++) {
		const struct match_field *field = field_find(fields, key);

		if (!field) {
			char what[96];

			snprintf(what, sizeof(what), "a field of %s, such as \"%s\"", info->name, fields->name);
			return json_expected(&member, err, what);
		}

		struct criterion *criterion = form_add(ret, field->name);
		int r = criterion ? criterion_from_json(&member, field->kind, err, criterion) : -ENOMEM;

		if (r < 0)
			return r;
	}
	for (; fields->name; fields++)
		if (fields->is_required && !json_member(at, fields->name, &member))
			return json_need(at, fields->name, "it with the others", err, &member);
	return ret->n ? 0 : json_expected(at, err, "at least one field");
}

static int form_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                          struct form *ret)
{
	if (info->kind == VALUE_FIELDS || (info->fields && json_kind(at) == JSON_OBJECT))
		return fields_from_json(at, info, err, ret);

	struct criterion *criterion = form_add(ret, NULL);
	int r = criterion ? criterion_from_json(at, info->kind, err, criterion) : -ENOMEM;

	/* A word that no machine says would make a deny that never fires. */
	for (size_t i = 0; r == 0 && info->words && i < criterion->texts.n; i++) {
		const char *const *word = info->words;

		while (*word && strcmp(*word, criterion->texts.at[i]))
			word++;
		if (!*word)
			r = json_expected(at, err, "a word of the list in pciwc-quirks(5)");
	}
	return r;
}

static int term_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                          struct term *ret)
{
	/* A list of texts is one comparison with any of them; other lists are alternatives. */
	bool is_list = json_kind(at) == JSON_ARRAY && info->kind != VALUE_TEXT && info->kind != VALUE_NAME;
	size_t n = is_list ? json_length(at) : 1;

	if (!n)
		return json_expected(at, err, "at least one element");
	for (size_t i = 0; i < n; i++) {
		struct json_at element = is_list ? json_element(at, i) : *at;
		struct form *form = array_add(ret);
		int r = form ? form_from_json(&element, info, err, form) : -ENOMEM;

		if (r < 0)
			return r;
	}
	return 0;
}

static int terms_from_json(const struct json_at *at, struct err *err, struct terms *ret)
{
	struct json_at member;
	const char *key;

	for (size_t i = 0; (key = json_nth(at, i, &member)); i++) {
		int k = 0;

		if (!strcmp(key, "not") || !strcmp(key, "suspect"))
			continue;
		while (k < MATCH_KEYS && strcmp(match_key_infos[k].name, key))
			k++;
		if (k == MATCH_KEYS)
			return json_expected(&member, err, "a known match key (pciwc-quirks(5) lists them)");

		struct term *term = array_add(ret);
		int r = term ? term_from_json(&member, &match_key_infos[k], err, term) : -ENOMEM;

		if (r < 0)
			return r;
		term->key = (enum match_key)k;
	}
	return 0;
}

static int nested_from_json(const struct json_at *at, const char *key, struct err *err, struct terms *ret)
{
	struct json_at member, deeper;

	if (!json_member(at, key, &member))
		return 0;
	if (json_kind(&member) != JSON_OBJECT)
		return json_expected(&member, err, "an object of match keys");
	/* More nesting than this nobody can read. */
	if (json_member(&member, "suspect", &deeper) || json_member(&member, "not", &deeper))
		return json_expected(&deeper, err, "no nesting here");

	int r = terms_from_json(&member, err, ret);

	return r == 0 && !ret->n ? json_expected(&member, err, "at least one match key") : r;
}

int alternative_from_json(const struct json_at *at, struct err *err, struct alternative *ret)
{
	if (json_kind(at) != JSON_OBJECT)
		return json_expected(at, err, "an object of match keys");

	int r = terms_from_json(at, err, &ret->terms);

	if (r == 0)
		r = nested_from_json(at, "not", err, &ret->nots);
	if (r == 0)
		r = nested_from_json(at, "suspect", err, &ret->suspect);
	return r == 0 && !ret->terms.n && !ret->nots.n ? json_expected(at, err, "at least one match key") : r;
}
