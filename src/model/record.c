/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: findings to and from their file; what is read back is checked like any input. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "model/finding.h"
#include "model/names.h"

const struct finding *record_find(const struct record *record, enum step step)
{
	for (size_t i = 0; i < record->n; i++)
		if (record->at[i].step == step)
			return &record->at[i];
	return NULL;
}

void record_bind(struct record *record, const struct device *device, const struct bar *bar)
{
	record->address = device->address;
	record->vendor = device->vendor;
	record->device = device->device;
	record->revision = device->revision;
	record->card = card_of(device);
	record->bar = bar->index;
	record->bar_base = bar->base;
	record->bar_size_bytes = bar->size_bytes;
}

uint64_t record_time_s(const struct record *record)
{
	uint64_t last = 0;

	for (size_t i = 0; i < record->n; i++)
		if (record->at[i].time_s > last)
			last = record->at[i].time_s;
	return last;
}

void record_done(struct record *record)
{
	for (size_t i = 0; i < record->n; i++)
		finding_done(&record->at[i]);
	free(record->at);
	free(record->path_key);
	free(record->machine);
	free(record->boot_id);
	*record = (struct record){ 0 };
}

void records_done(struct records *records)
{
	for (size_t i = 0; i < records->n; i++)
		record_done(&records->at[i]);
	free(records->at);
	*records = (struct records){ 0 };
}

struct json_object *record_to_json(const struct record *record)
{
	struct json_object *o = json_new_object(), *range = json_new_object(), *findings = json_new_array();
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&record->address, address);
	json_put_u64(o, "schema", 1);
	json_put_string(o, "device", address);
	json_put_u64(o, "bar", record->bar);
	json_put_hex(o, "vendor", record->vendor, 4);
	json_put_hex(o, "device_id", record->device, 4);
	json_put_hex(o, "revision", record->revision, 2);
	card_put(o, &record->card);
	json_put_u64(range, "offset", record->range.offset);
	json_put_u64(range, "size", record->range.size_bytes);
	json_put(o, "range", range);
	if (record->bar_size_bytes) {
		json_put_hex(o, "bar_base", record->bar_base, 0);
		json_put_u64(o, "bar_size", record->bar_size_bytes);
	}
	json_put_string(o, "path_key", record->path_key);
	json_put_string(o, "machine", record->machine);
	json_put_string(o, "boot_id", record->boot_id);
	json_put_bool(o, "errors_observed", record->errors_observed);
	json_put_string(o, "containment", containment_names[record->containment]);
	for (size_t i = 0; i < record->n; i++)
		json_push(findings, finding_to_json(&record->at[i]));
	json_put(o, "findings", findings);
	return o;
}

static int need_text(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;
	const char *text = NULL;
	int r = json_need(at, key, "a string", err, &member);

	if (r == 0)
		r = json_string(&member, err, &text);
	return r < 0 ? r : str_set(ret, text);
}

/* null is NULL: what nobody knows, or what does not travel. */
static int need_text_or_null(const struct json_at *at, const char *key, struct err *err, char **ret)
{
	struct json_at member;

	if (json_member(at, key, &member) && json_kind(&member) == JSON_NULL)
		return 0;
	return need_text(at, key, err, ret);
}

static int need_name(const struct json_at *at, const char *key, const char *const names[], size_t n, struct err *err,
                     int *ret)
{
	struct json_at member;
	int r = json_need(at, key, "a word", err, &member);

	return r < 0 ? r : name_from_json(&member, names, n, err, ret);
}

static int step_from_json(const struct json_at *at, struct err *err, enum step *ret)
{
	const char *names[STEPS];
	int value, r;

	for (int s = 0; s < STEPS; s++)
		names[s] = step_infos[s].name;
	r = need_name(at, "step", names, STEPS, err, &value);
	if (r == 0)
		*ret = (enum step)value;
	return r;
}

static int numbers_from_json(const struct json_at *at, struct err *err, struct numbers *ret)
{
	struct json_at numbers, number;
	const char *key;
	double value;
	int r = json_need(at, "numbers", "an object", err, &numbers);

	if (r == 0 && json_kind(&numbers) != JSON_OBJECT)
		r = json_expected(&numbers, err, "an object");
	for (size_t i = 0; r == 0 && (key = json_nth(&numbers, i, &number)); i++) {
		r = json_double(&number, -1e18, 1e18, err, &value);
		if (r == 0)
			r = numbers_add(ret, key, value);
	}
	return r;
}

static int finding_from_json(const struct json_at *at, struct err *err, struct finding *ret)
{
	static const char *const keys[] = { "step", "outcome", "text", "numbers", "scope", "time", NULL };
	int outcome, scope, r = json_only(at, keys, err);

	if (r == 0)
		r = step_from_json(at, err, &ret->step);
	if (r == 0)
		r = need_name(at, "outcome", outcome_names, OUTCOMES, err, &outcome);
	if (r == 0)
		r = need_text(at, "text", err, &ret->text);
	if (r == 0)
		r = numbers_from_json(at, err, &ret->numbers);
	if (r == 0)
		r = need_name(at, "scope", scope_names, SCOPES, err, &scope);
	if (r == 0)
		r = json_need_u64(at, "time", INT64_MAX, err, &ret->time_s);
	if (r == 0) {
		ret->outcome = (enum outcome)outcome;
		ret->scope = (enum scope)scope;
	}
	return r;
}

static int identity_from_json(const struct json_at *at, struct err *err, struct record *ret)
{
	_cleanup_free_ char *address = NULL;
	struct json_at member;
	uint64_t bar = 0, vendor = 0, device = 0, revision = 0;
	int r = need_text(at, "device", err, &address);

	if (r == 0 && pci_address_parse(address, &ret->address) < 0) {
		json_member(at, "device", &member);
		r = json_expected(&member, err, "a PCI address");
	}
	if (r == 0)
		r = json_need_u64(at, "bar", BAR_MAX - 1, err, &bar);
	if (r == 0)
		r = json_need_u64(at, "vendor", 0xffff, err, &vendor);
	if (r == 0)
		r = json_need_u64(at, "device_id", 0xffff, err, &device);
	if (r == 0)
		r = json_need_u64(at, "revision", 0xff, err, &revision);
	ret->bar = (uint8_t)bar;
	ret->vendor = (uint16_t)vendor;
	ret->device = (uint16_t)device;
	ret->revision = (uint8_t)revision;
	return r < 0 ? r : card_from_json(at, err, &ret->card);
}

/* Members that earlier versions did not write, and that do not travel. */
static int place_from_json(const struct json_at *at, struct err *err, struct record *ret)
{
	struct json_at member;
	int r = 0;

	if (!json_member(at, "bar_base", &member) && !json_member(at, "bar_size", &member))
		return 0;
	r = json_need_u64(at, "bar_base", UINT64_MAX, err, &ret->bar_base);
	return r < 0 ? r : json_need_u64(at, "bar_size", UINT64_MAX, err, &ret->bar_size_bytes);
}

static int circumstances_from_json(const struct json_at *at, struct err *err, struct record *ret)
{
	static const char *const range_keys[] = { "offset", "size", NULL };
	struct json_at member;
	int containment, r = json_need(at, "range", "an object", err, &member);

	if (r == 0)
		r = json_only(&member, range_keys, err);
	if (r == 0)
		r = json_need_u64(&member, "offset", INT64_MAX, err, &ret->range.offset);
	if (r == 0)
		r = json_need_u64(&member, "size", INT64_MAX, err, &ret->range.size_bytes);
	if (r == 0)
		r = need_text(at, "path_key", err, &ret->path_key);
	if (r == 0)
		r = need_text_or_null(at, "machine", err, &ret->machine);
	if (r == 0)
		r = need_text_or_null(at, "boot_id", err, &ret->boot_id);
	if (r == 0)
		r = json_need(at, "errors_observed", "true or false", err, &member);
	if (r == 0)
		r = json_flag(&member, err, &ret->errors_observed);
	if (r == 0)
		r = need_name(at, "containment", containment_names, CONTAINMENT_DPC + 1, err, &containment);
	if (r == 0)
		ret->containment = (enum containment)containment;
	return r;
}

int record_from_json(const struct json_at *at, struct err *err, struct record *ret)
{
	static const char *const keys[] = { "schema",  "device",  "bar",     "vendor",          "device_id",   "revision",
		                            "subsystem_vendor", "subsystem_device", "class", "range", "bar_base", "bar_size",
		                            "path_key", "machine", "boot_id", "errors_observed", "containment", "findings", NULL };
	_cleanup_(record_done) struct record record = { 0 };
	struct json_at findings, member;
	uint64_t schema;
	int r = json_only(at, keys, err);

	if (r == 0)
		r = json_need(at, "schema", "1", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, 1, err, &schema);
	if (r == 0)
		r = identity_from_json(at, err, &record);
	if (r == 0)
		r = place_from_json(at, err, &record);
	if (r == 0)
		r = circumstances_from_json(at, err, &record);
	if (r == 0)
		r = json_need(at, "findings", "an array", err, &findings);
	if (r == 0 && json_kind(&findings) != JSON_ARRAY)
		r = json_expected(&findings, err, "an array");
	for (size_t i = 0; r == 0 && i < json_length(&findings); i++) {
		struct json_at element = json_element(&findings, i);
		struct finding *finding = array_add(&record);

		r = finding ? finding_from_json(&element, err, finding) : -ENOMEM;
	}
	if (r < 0)
		return r;
	*ret = record;
	record = (struct record){ 0 };
	return 0;
}
