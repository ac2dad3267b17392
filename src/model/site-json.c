/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site-json: reads the administrator's choices; a mistake anywhere refuses the whole file, for half a policy is none. */
#include "model/site.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "model/names.h"
#include "model/quirk-match.h"

static int selector_from_json(const struct json_at *at, struct err *err, struct selector *ret)
{
	const char *text;
	int r = json_string(at, err, &text);

	if (r < 0)
		return r;
	if (pci_address_parse(text, &ret->address) == 0)
		ret->kind = SELECT_ADDRESS;
	else if (id_range_parse(text, &ret->min, &ret->max) == 0)
		ret->kind = SELECT_ID;
	else if (str_starts(text, "0x") && class_range_parse(text, &ret->min, &ret->max) == 0)
		ret->kind = SELECT_CLASS;
	else
		return json_expected(at, err, "an address 0000:01:00.0, an id 1af4:1110, or a class 0x0500");
	return str_set(&ret->text, text);
}

static int device_member(const struct json_at *at, struct err *err, struct selector *ret)
{
	struct json_at member;
	int r = json_need(at, "device", "an address, an id or a class", err, &member);

	return r < 0 ? r : selector_from_json(&member, err, ret);
}

static int bar_member(const struct json_at *at, struct err *err, uint8_t *ret)
{
	struct json_at member;
	uint64_t bar;
	int r = json_need(at, "bar", "a BAR's number, 0 to 5", err, &member);

	if (r == 0)
		r = json_u64(&member, 0, BAR_MAX - 1, err, &bar);
	if (r == 0)
		*ret = (uint8_t)bar;
	return r;
}

static int text_member(const struct json_at *at, const char *key, const char *what, struct err *err, char **ret)
{
	struct json_at member;
	const char *text = NULL;
	int r = json_need(at, key, what, err, &member);

	if (r == 0)
		r = json_string(&member, err, &text);
	return r < 0 ? r : str_set(ret, text);
}

static int page_member(const struct json_at *at, const char *key, uint64_t min, struct err *err, uint64_t *ret)
{
	struct json_at member;
	int r = json_need(at, key, "bytes, a multiple of 0x1000", err, &member);

	if (r == 0)
		r = json_u64(&member, min, INT64_MAX, err, ret);
	if (r == 0 && *ret & 0xfff)
		r = json_expected(&member, err, "a multiple of 0x1000");
	return r;
}

static int scratch_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "device", "bar", "offset", "size", NULL };
	struct site_scratch *row = array_add(&site->scratch);
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	if (r == 0)
		r = device_member(at, err, &row->device);
	if (r == 0)
		r = bar_member(at, err, &row->bar);
	if (r == 0)
		r = page_member(at, "offset", 0, err, &row->range.offset);
	if (r == 0)
		r = page_member(at, "size", 0x1000, err, &row->range.size_bytes);
	return r;
}

static int readable_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "device", "bar", NULL };
	struct site_bar *row = array_add(&site->readable);
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	if (r == 0)
		r = device_member(at, err, &row->device);
	return r < 0 ? r : bar_member(at, err, &row->bar);
}

static int reset_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "device", NULL };
	struct selector *row = array_add(&site->reset);
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	return r < 0 ? r : device_member(at, err, row);
}

static int grant_members(const struct json_at *at, struct err *err, struct site_grant *row)
{
	static const char *const keys[] = { "device", "bar", "backend", "group", NULL };
	int r = json_only(at, keys, err);

	return r < 0 ? r : text_member(at, "group", "a group's name", err, &row->group);
}

/* Who may open the device's VFIO group is said elsewhere, by its owner and mode. */
static int variant_members(const struct json_at *at, struct err *err, struct site_grant *row)
{
	static const char *const keys[] = { "device", "bar", "backend", "offset", "size", "when", "displaces", NULL };
	static const char *const whens[] = { "", "always", "request" };
	struct json_at member;
	int when, r = json_only(at, keys, err);

	/* Of the two either both are there, or none. */
	if (r == 0 && (json_member(at, "offset", &member) || json_member(at, "size", &member))) {
		r = page_member(at, "offset", 0, err, &row->range.offset);
		if (r == 0)
			r = page_member(at, "size", 0x1000, err, &row->range.size_bytes);
	}
	if (r == 0 && json_member(at, "when", &member)) {
		r = name_from_json(&member, whens, ELEMENTSOF(whens), err, &when);
		row->on_request = r == 0 && when == 2;
	}
	if (r == 0 && json_member(at, "displaces", &member))
		r = text_member(at, "displaces", "a driver's name", err, &row->displaces);
	return r;
}

/* Always of the whole BAR, and for whoever opens the device through VFIO: there is nothing more to say. */
static int pin_members(const struct json_at *at, struct err *err, struct site_grant *row)
{
	static const char *const keys[] = { "device", "bar", "backend", NULL };

	(void)row;
	return json_only(at, keys, err);
}

static int grant_row(const struct json_at *at, struct err *err, struct site *site)
{
	static int (*const members[BACKENDS])(const struct json_at *at, struct err *err, struct site_grant *row) = {
		[BACKEND_GRANT] = grant_members,
		[BACKEND_VARIANT] = variant_members,
		[BACKEND_PIN] = pin_members,
	};
	struct site_grant *row = array_add(&site->grant);
	struct json_at member;
	int value, r = row ? device_member(at, err, &row->device) : -ENOMEM;

	if (r == 0)
		r = bar_member(at, err, &row->bar);
	if (r == 0)
		r = json_need(at, "backend", "a backend", err, &member);
	if (r == 0)
		r = name_from_json(&member, backend_names, BACKENDS, err, &value);
	if (r)
		return r;
	row->backend = (enum backend)value;
	return members[row->backend](at, err, row);
}

static int accept_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "what", "reason", NULL };
	struct site_choice *row = array_add(&site->accept);
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	if (r == 0)
		r = text_member(at, "what", "\"virtual-platform\" or \"entry:NAME\"", err, &row->what);
	if (r == 0 && strcmp(row->what, "virtual-platform") && (!str_starts(row->what, "entry:") || !row->what[6]))
		r = json_expected(at, err, "\"what\" to be \"virtual-platform\" or \"entry:NAME\"");
	return r < 0 ? r : text_member(at, "reason", "why", err, &row->reason);
}

static int lift_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "entry", "reason", NULL };
	struct site_choice *row = array_add(&site->lift);
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	if (r == 0)
		r = text_member(at, "entry", "a quirk entry's name", err, &row->what);
	return r < 0 ? r : text_member(at, "reason", "why", err, &row->reason);
}

/* A path that does not depend on where pciwc was started, and that climbs nowhere. */
static bool is_plain_path(const char *path)
{
	size_t n = strlen(path);

	return path[0] == '/' && path[n - 1] != '/' && !strstr(path, "//") && !strstr(path, "/../") && !strstr(path, "/./") &&
	       (n < 3 || strcmp(path + n - 3, "/..")) && strcmp(path + n - 2, "/.");
}

static int imports_row(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "file", "reason", NULL };
	struct site_choice *row = array_add(&site->imports);
	struct json_at member;
	int r = row ? json_only(at, keys, err) : -ENOMEM;

	if (r == 0)
		r = text_member(at, "file", "an absolute path", err, &row->what);
	if (r == 0 && !is_plain_path(row->what) && json_member(at, "file", &member))
		r = json_expected(&member, err, "an absolute path without . and .. in it");
	for (size_t i = 0; r == 0 && i + 1 < site->imports.n; i++)
		if (!strcmp(site->imports.at[i].what, row->what))
			r = json_expected(at, err, "each file once");
	return r < 0 ? r : text_member(at, "reason", "why", err, &row->reason);
}

static const struct {
	const char *key;
	int (*row)(const struct json_at *at, struct err *err, struct site *site);
} lists[] = {
	{ "scratch", scratch_row }, { "readable", readable_row }, { "reset", reset_row },
	{ "grant", grant_row },     { "accept", accept_row },     { "lift", lift_row },   { "imports", imports_row },
};

/*
 * A mistake ends the reading, or with all (which then owns its text) is noted there, and the rest is read, too. Gives
 * what the caller goes on with.
 */
static int note(int r, struct err *err, struct strs *all)
{
	if (r != -EINVAL || !all)
		return r;
	r = strs_add(all, err->text);
	*err = (struct err){ 0 };
	return r;
}

static int minimum_from_json(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "containment", "gain", NULL };
	struct json_at member;
	int value, r = json_only(at, keys, err);

	if (r == 0 && json_member(at, "containment", &member)) {
		r = name_from_json(&member, containment_names, CONTAINMENTS, err, &value);
		if (r == 0)
			site->minimum_containment = (enum containment)value;
	}
	if (r == 0 && json_member(at, "gain", &member))
		r = json_double(&member, 0, 1000, err, &site->minimum_gain);
	return r;
}

static int list_from_json(const struct json_at *list, size_t l, struct err *err, struct strs *all, struct site *site)
{
	int r = json_kind(list) == JSON_ARRAY ? 0 : note(json_expected(list, err, "an array"), err, all);

	for (size_t i = 0; r == 0 && json_kind(list) == JSON_ARRAY && i < json_length(list); i++) {
		struct json_at element = json_element(list, i);

		r = note(lists[l].row(&element, err, site), err, all);
	}
	return r;
}

static int lists_from_json(const struct json_at *at, struct err *err, struct strs *all, struct site *site)
{
	int r = 0;

	for (size_t l = 0; r == 0 && l < ELEMENTSOF(lists); l++) {
		struct json_at list;

		if (json_member(at, lists[l].key, &list))
			r = list_from_json(&list, l, err, all, site);
	}
	return r;
}

static int choice_member(const struct json_at *at, const char *key, struct err *err, enum guest_choice *ret)
{
	struct json_at member;
	int value, r = 0;

	if (json_member(at, key, &member)) {
		r = name_from_json(&member, guest_choice_names, GUEST_CHOICES, err, &value);
		if (r == 0)
			*ret = (enum guest_choice)value;
	}
	return r;
}

/* What a guest gets of a device whose path is not safe: a choice by itself, for it is about no device. */
static int guests_from_json(const struct json_at *at, struct err *err, struct site *site)
{
	static const char *const keys[] = { "unsafe", "unknown", NULL };
	int r = json_only(at, keys, err);

	if (r == 0)
		r = choice_member(at, "unsafe", err, &site->guests_unsafe);
	return r < 0 ? r : choice_member(at, "unknown", err, &site->guests_unknown);
}

static int flag_from_json(const struct json_at *at, struct err *err, struct site *site)
{
	return json_flag(at, err, &site->probe_at_boot);
}

static int schema_from_json(const struct json_at *at, struct err *err)
{
	struct json_at member;
	uint64_t schema;
	int r = json_need(at, "schema", "1", err, &member);

	return r < 0 ? r : json_u64(&member, 1, 1, err, &schema);
}

static const struct {
	const char *key;
	int (*read)(const struct json_at *at, struct err *err, struct site *site);
} singles[] = {
	{ "minimum", minimum_from_json },
	{ "probe_at_boot", flag_from_json },
	{ "guests", guests_from_json },
};

static int read_all(const struct json_at *at, struct err *err, struct strs *all, struct site *site)
{
	static const char *const keys[] = { "schema", "scratch", "readable", "reset",         "grant",  "accept",
		                            "lift",   "imports", "minimum",  "probe_at_boot", "guests", NULL };
	struct json_at member;
	int r = note(json_only(at, keys, err), err, all);

	/* What is no object has no members to be wrong in. */
	if (r < 0 || json_kind(at) != JSON_OBJECT)
		return r;
	r = note(schema_from_json(at, err), err, all);
	if (r == 0)
		r = lists_from_json(at, err, all, site);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(singles); i++)
		if (json_member(at, singles[i].key, &member))
			r = note(singles[i].read(&member, err, site), err, all);
	return r < 0 ? r : str_set(&site->file, at->file);
}

int site_check(const struct json_at *at, struct err *err, struct strs *errors, struct site *ret)
{
	_cleanup_(site_done) struct site site;
	struct err local = { 0 };
	int r;

	site_default(&site);
	r = read_all(at, err ?: &local, errors, &site);
	if (r < 0)
		return r;
	*ret = site;
	site = (struct site){ 0 };
	return 0;
}

int site_from_json(const struct json_at *at, struct err *err, struct site *ret)
{
	return site_check(at, err, NULL, ret);
}
