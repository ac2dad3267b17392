/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirk-match: reads an entry's `match` into comparisons; what each key looks like is a row of one table. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
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

/* As observe/platform-virtual.c gives them. What calls itself by another name is none of these. */
static const char *const hypervisor_words[] = { "amazon", "apple",  "bhyve",     "bochs", "google", "kvm", "microsoft",
	                                        "oracle", "parallels", "qemu", "vmware", "xen",    "zvm", NULL };

/* clang-format off */
#define KEY(key, ...) { .name = key, .unknown_not = "not " key, __VA_ARGS__ }
const struct match_key_info match_key_infos[MATCH_KEYS] = {
	[MATCH_ARCH] = KEY("arch", .kind = VALUE_TEXT, .words = arch_words),
	[MATCH_CPU] = KEY("cpu", .kind = VALUE_FIELDS, .fields = arm_fields, .or_fields = x86_fields),
	[MATCH_SOC_ID] = KEY("soc_id", .kind = VALUE_FIELDS, .fields = soc_fields),
	[MATCH_DT_COMPATIBLE] = KEY("dt_compatible", .kind = VALUE_TEXT),
	[MATCH_DT_BRIDGE_COMPATIBLE] = KEY("dt_bridge_compatible", .kind = VALUE_TEXT),
	[MATCH_BRIDGE_PROPERTY] = KEY("bridge_property", .kind = VALUE_PROPERTY),
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
	[MATCH_KCONFIG] = KEY("kconfig", .kind = VALUE_OPTION),
	[MATCH_PAT] = KEY("pat", .kind = VALUE_FLAG),
	[MATCH_HYPERVISOR] = KEY("hypervisor", .kind = VALUE_NAME, .words = hypervisor_words),
};
/* clang-format on */

static void term_done(struct term *term)
{
	for (size_t f = 0; f < term->n; f++) {
		for (size_t c = 0; c < term->at[f].n; c++)
			strs_done(&term->at[f].at[c].texts);
		free(term->at[f].at);
	}
	free(term->at);
	*term = (struct term){ 0 };
}

static void terms_done(struct terms *terms)
{
	for (size_t t = 0; t < terms->n; t++)
		term_done(&terms->at[t]);
	free(terms->at);
	*terms = (struct terms){ 0 };
}

void alternative_done(struct alternative *alternative)
{
	terms_done(&alternative->terms);
	terms_done(&alternative->nots);
	terms_done(&alternative->suspect);
	strs_done(&alternative->unreadable);
}

bool terms_of_device(const struct terms *terms)
{
	for (size_t i = 0; i < terms->n; i++)
		if (match_key_infos[terms->at[i].key].of_device)
			return true;
	return false;
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
			return quirk_newer(&member, err, what);
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
			r = quirk_newer(at, err, "a word of the list in pciwc-quirks(5)");
	}
	return r;
}

static int term_from_json(const struct json_at *at, const struct match_key_info *info, struct err *err,
                          struct term *ret)
{
	/* A list of texts is one comparison with any of them; other lists are alternatives. */
	bool is_texts = info->kind == VALUE_TEXT || info->kind == VALUE_NAME || info->kind == VALUE_OPTION ||
	                info->kind == VALUE_PROPERTY;
	bool is_list = json_kind(at) == JSON_ARRAY && !is_texts;
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

/* MATCH_KEYS when there is none such. */
static enum match_key key_find(const char *name)
{
	int k = 0;

	while (k < MATCH_KEYS && strcmp(match_key_infos[k].name, name))
		k++;
	return (enum match_key)k;
}

static bool is_nested(const char *key)
{
	return !strcmp(key, "not") || !strcmp(key, "suspect");
}

static int key_from_json(const struct json_at *at, const char *name, struct err *err, struct terms *ret)
{
	enum match_key key = key_find(name);
	struct term term = { .key = key }, *slot;
	int r = key == MATCH_KEYS ? quirk_newer(at, err, "a known match key (pciwc-quirks(5) lists them)")
	                          : term_from_json(at, &match_key_infos[key], err, &term);

	slot = r == 0 ? array_add(ret) : NULL;
	if (!slot) {
		term_done(&term);
		return r ?: -ENOMEM;
	}
	*slot = term;
	return 0;
}

static int terms_from_json(const struct json_at *at, struct err *err, struct terms *ret)
{
	struct json_at member;
	const char *key;
	int r = 0;

	for (size_t i = 0; r == 0 && (key = json_nth(at, i, &member)); i++)
		r = is_nested(key) ? 0 : key_from_json(&member, key, err, ret);
	return r;
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
		return quirk_newer(&deeper, err, "no nesting here");

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

/* What could not be read of it: an exception ("not") that is not understood excepts nobody, a `suspect` clears nobody. */
static int nested_salvage(const struct json_at *at, const char *key, struct alternative *ret)
{
	bool is_not = !strcmp(key, "not");
	struct terms *terms = is_not ? &ret->nots : &ret->suspect;
	int r = nested_from_json(at, key, NULL, terms);

	if (r != -EINVAL)
		return r;
	terms_done(terms);
	return is_not ? strs_add(&ret->unreadable, key) : 0;
}

int alternative_salvage(const struct json_at *at, struct alternative *ret, bool *ret_of_device)
{
	struct json_at member;
	const char *name;
	bool of_device = false;
	int r = 0;

	for (size_t i = 0; r == 0 && (name = json_nth(at, i, &member)); i++) {
		enum match_key key = key_find(name);

		if (is_nested(name)) {
			r = nested_salvage(at, name, ret);
			continue;
		}
		of_device |= key != MATCH_KEYS && match_key_infos[key].of_device;
		r = key_from_json(&member, name, NULL, &ret->terms);
		if (r == -EINVAL)
			r = strs_add(&ret->unreadable, name);
	}
	if (r == 0 && !ret->terms.n && !ret->nots.n && !ret->unreadable.n)
		r = strs_add(&ret->unreadable, "match");
	*ret_of_device = of_device;
	return r;
}
