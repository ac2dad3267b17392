/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-match: reads an entry's `match` into comparisons; what each key looks like is a row of one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "model/quirk-match.h"

static const struct match_field cpu_fields[] = {
	/* MIDR_EL1's, on arm */
	{ "implementer", VALUE_RANGE },
	{ "part", VALUE_RANGE },
	{ "variant", VALUE_RANGE },
	{ "revision", VALUE_RANGE },
	/* CPUID's, on x86 */
	{ "vendor", VALUE_TEXT },
	{ "family", VALUE_RANGE },
	{ "model", VALUE_RANGE },
	{ "stepping", VALUE_RANGE },
	{ NULL, VALUE_TEXT },
};
static const struct match_field soc_fields[] = {
	{ "id", VALUE_TEXT },
	{ "revision", VALUE_RANGE },
	{ "family", VALUE_TEXT },
	{ NULL, VALUE_TEXT },
};
static const struct match_field dmi_fields[] = {
	{ "sys_vendor", VALUE_TEXT },   { "product_name", VALUE_TEXT },      { "board_vendor", VALUE_TEXT },
	{ "board_name", VALUE_TEXT },   { "bios_vendor", VALUE_TEXT },       { "bios_version", VALUE_TEXT },
	{ "bios_date", VALUE_TEXT },    { "processor_version", VALUE_TEXT }, { "processor_id", VALUE_RANGE },
	{ NULL, VALUE_TEXT },
};
static const struct match_field acpi_fields[] = {
	{ "oem_id", VALUE_TEXT },
	{ "oem_table_id", VALUE_TEXT },
	{ "oem_revision", VALUE_RANGE },
	{ NULL, VALUE_TEXT },
};
static const struct match_field id_fields[] = {
	{ "id", VALUE_ID },
	{ "revision", VALUE_RANGE },
	{ NULL, VALUE_TEXT },
};

const struct match_key_info match_key_infos[MATCH_KEYS] = {
	[MATCH_ARCH] = { "arch", VALUE_TEXT, false, NULL },
	[MATCH_CPU] = { "cpu", VALUE_FIELDS, false, cpu_fields },
	[MATCH_SOC_ID] = { "soc_id", VALUE_FIELDS, false, soc_fields },
	[MATCH_DT_COMPATIBLE] = { "dt_compatible", VALUE_TEXT, false, NULL },
	[MATCH_DT_BRIDGE_COMPATIBLE] = { "dt_bridge_compatible", VALUE_TEXT, false, NULL },
	[MATCH_DMI] = { "dmi", VALUE_FIELDS, false, dmi_fields },
	[MATCH_ACPI_MCFG] = { "acpi_mcfg", VALUE_FIELDS, false, acpi_fields },
	[MATCH_ACPI_FADT] = { "acpi_fadt", VALUE_FIELDS, false, acpi_fields },
	[MATCH_PORT] = { "port", VALUE_ID, false, id_fields },
	[MATCH_HOST_BRIDGE] = { "host_bridge", VALUE_ID, false, id_fields },
	[MATCH_DEVICE] = { "device", VALUE_ID, true, id_fields },
	[MATCH_SUBSYSTEM] = { "subsystem", VALUE_ID, true, id_fields },
	[MATCH_CLASS] = { "class", VALUE_CLASS, true, NULL },
	[MATCH_REVISION] = { "revision", VALUE_RANGE, true, NULL },
	[MATCH_BAR] = { "bar", VALUE_NUMBER, true, NULL },
	[MATCH_KERNEL] = { "kernel", VALUE_RELEASE, false, NULL },
	[MATCH_CMDLINE] = { "cmdline", VALUE_TEXT, false, NULL },
	[MATCH_PAT] = { "pat", VALUE_FLAG, false, NULL },
	[MATCH_HYPERVISOR] = { "hypervisor", VALUE_TEXT, false, NULL },
};

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

static int range_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const bounds[] = { "min", "max", NULL }, *const masked[] = { "value", "mask", NULL };
	struct json_at member;
	int r;

	if (json_kind(at) != JSON_OBJECT) {
		r = json_u64(at, 0, UINT32_MAX, err, &ret->min);
		ret->max = ret->min;
		return r;
	}
	if (json_member(at, "value", &member)) {
		r = json_only(at, masked, err);
		if (r == 0)
			r = json_u64(&member, 0, UINT32_MAX, err, &ret->min);
		if (r == 0)
			r = json_need(at, "mask", "an integer", err, &member);
		if (r == 0)
			r = json_u64(&member, 1, UINT32_MAX, err, &ret->mask);
		ret->max = ret->min;
		return r;
	}
	r = json_only(at, bounds, err);
	if (r < 0)
		return r;
	ret->max = UINT32_MAX;
	if (!json_member(at, "min", &member) && !json_member(at, "max", &member))
		return json_expected(at, err, "\"min\" or \"max\"");
	if (json_member(at, "min", &member))
		r = json_u64(&member, 0, UINT32_MAX, err, &ret->min);
	if (r == 0 && json_member(at, "max", &member))
		r = json_u64(&member, ret->min, UINT32_MAX, err, &ret->max);
	return r;
}

static int hex4(const char *text, size_t length, uint64_t *ret)
{
	char digits[5] = "";

	if (length != 4)
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

	if (digits < 2 || digits > 6 || digits % 2 || parse_u64(text, 16, 0, 0xffffff, &value) < 0)
		return -EINVAL;

	unsigned int shift = 24 - 4 * (unsigned int)digits;

	*ret_min = value << shift;
	*ret_max = *ret_min | ((UINT64_C(1) << shift) - 1);
	return 0;
}

static int release_parse(const char *text, uint64_t *ret)
{
	unsigned int major, minor;
	char rest;

	if (sscanf(text, "%3u.%4u%c", &major, &minor, &rest) != 2)
		return -EINVAL;
	*ret = (uint64_t)major << 16 | minor;
	return 0;
}

static int release_from_json(const struct json_at *at, struct err *err, struct criterion *ret)
{
	static const char *const bounds[] = { "min", "max", NULL };
	struct json_at member;
	const char *text;
	int r = json_only(at, bounds, err);

	ret->max = UINT32_MAX;
	for (int i = 0; r == 0 && bounds[i]; i++) {
		if (!json_member(at, bounds[i], &member))
			continue;
		r = json_string(&member, err, &text);
		if (r == 0 && release_parse(text, i ? &ret->max : &ret->min) < 0)
			r = json_expected(&member, err, "a release such as \"6.9\"");
	}
	return r;
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
	case VALUE_TEXT:
		/* true: whatever it is, it is one ("hypervisor": true) */
		if (json_kind(at) == JSON_BOOL)
			return json_flag(at, err, &flag) < 0 || !flag ? json_expected(at, err, "true, or strings") : 0;
		return json_strs(at, err, &ret->texts);
	case VALUE_RANGE:
		return range_from_json(at, err, ret);
	case VALUE_ID:
		return coded_from_json(at, id_range_parse, "an id such as \"1def:e101\", \"10ee:*\" or \"1af4:1000-107f\"",
		                       err, ret);
	case VALUE_CLASS:
		return coded_from_json(at, class_range_parse, "2, 4 or 6 hexadecimal digits of a class code", err, ret);
	case VALUE_NUMBER:
		r = json_u64(at, 0, UINT32_MAX, err, &ret->min);
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

static int fields_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                            struct form *ret)
{
	struct json_at member;
	const char *key;

	if (json_kind(at) != JSON_OBJECT)
		return json_expected(at, err, "an object");
	for (size_t i = 0; (key = json_nth(at, i, &member)); i++) {
		const struct match_field *field = info->fields;

		while (field->name && strcmp(field->name, key))
			field++;
		if (!field->name) {
			char what[96];

			snprintf(what, sizeof(what), "a field of %s, such as \"%s\"", info->name, info->fields->name);
			return json_expected(&member, err, what);
		}

		struct criterion *criterion = form_add(ret, field->name);
		int r = criterion ? criterion_from_json(&member, field->kind, err, criterion) : -ENOMEM;

		if (r < 0)
			return r;
	}
	return ret->n ? 0 : json_expected(at, err, "at least one field");
}

static int form_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                          struct form *ret)
{
	if (info->kind == VALUE_FIELDS || (info->fields && json_kind(at) == JSON_OBJECT))
		return fields_from_json(at, info, err, ret);

	struct criterion *criterion = form_add(ret, NULL);

	return criterion ? criterion_from_json(at, info->kind, err, criterion) : -ENOMEM;
}

static int term_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                          struct term *ret)
{
	/* A list of texts is one comparison with any of them; other lists are alternatives. */
	bool is_list = json_kind(at) == JSON_ARRAY && info->kind != VALUE_TEXT;
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
	return ret->n ? 0 : json_expected(at, err, "at least one match key");
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
	return terms_from_json(&member, err, ret);
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
	return r;
}
