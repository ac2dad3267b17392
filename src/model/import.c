/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import: to and from its file; who reads it trusts neither its shape nor its texts. */
#include "model/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"

const struct silicon_info silicon_infos[SILICON_PARTS] = {
	[SILICON_ARCH] = { "arch", true, false },
	[SILICON_CPU] = { "cpu", true, false },
	[SILICON_SOC] = { "soc", true, false },
	[SILICON_DT_BRIDGE] = { "dt_bridge", true, false },
	[SILICON_DT] = { "dt", false, false },
	[SILICON_SYS_VENDOR] = { "sys_vendor", false, false },
	[SILICON_PRODUCT_NAME] = { "product_name", false, false },
	[SILICON_BOARD_VENDOR] = { "board_vendor", false, false },
	[SILICON_BOARD_NAME] = { "board_name", false, false },
	[SILICON_BIOS_VENDOR] = { "bios_vendor", false, false },
	[SILICON_BIOS_VERSION] = { "bios_version", false, false },
	[SILICON_BIOS_DATE] = { "bios_date", false, false },
	[SILICON_MICROCODE] = { "microcode", false, true },
};

void silicon_done(struct silicon *silicon)
{
	for (size_t i = 0; i < SILICON_PARTS; i++)
		free(silicon->part[i]);
	*silicon = (struct silicon){ 0 };
}

void import_done(struct import *import)
{
	free(import->file);
	free(import->reason);
	silicon_done(&import->silicon);
	for (size_t i = 0; i < import->n; i++)
		record_done(&import->at[i]);
	free(import->at);
	*import = (struct import){ 0 };
}

void imports_done(struct imports *imports)
{
	for (size_t i = 0; i < imports->n; i++)
		import_done(&imports->at[i]);
	free(imports->at);
	*imports = (struct imports){ 0 };
}

struct json_object *import_to_json(const struct import *import)
{
	struct json_object *o = json_new_object(), *silicon = json_new_object(), *records = json_new_array();

	json_put_u64(o, "schema", 1);
	json_put_u64(o, "microtests", import->microtests);
	for (size_t i = 0; i < SILICON_PARTS; i++)
		json_put_string(silicon, silicon_infos[i].name, import->silicon.part[i]);
	json_put(o, "silicon", silicon);
	for (size_t i = 0; i < import->n; i++)
		json_push(records, record_to_json(&import->at[i]));
	json_put(o, "records", records);
	return o;
}

/* No control characters: C0, DEL, and C1 as UTF-8 has them. A terminal obeys those, and a line ends there. */
static bool is_printable(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	for (; *c; c++)
		if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
			return false;
	return true;
}

static int silicon_from_json(const struct json_at *at, struct err *err, struct silicon *ret)
{
	const char *keys[SILICON_PARTS + 1] = { NULL };
	int r;

	for (size_t i = 0; i < SILICON_PARTS; i++)
		keys[i] = silicon_infos[i].name;
	r = json_only(at, keys, err);
	for (size_t i = 0; r == 0 && i < SILICON_PARTS; i++) {
		struct json_at member;
		const char *text = NULL;

		if (silicon_infos[i].is_later && !json_member(at, keys[i], &member))
			continue;
		r = json_need(at, keys[i], "a string or null", err, &member);
		if (r == 0 && json_kind(&member) != JSON_NULL)
			r = json_string(&member, err, &text);
		if (r == 0 && text && !is_printable(text))
			r = json_expected(&member, err, "text without control characters");
		if (r == 0)
			r = str_set(&ret->part[i], text);
	}
	return r;
}

static int check_texts(const struct json_at *at, const struct record *record, struct err *err)
{
	static const char what[] = "text without control characters";
	struct json_at list, finding, member;

	if (!is_printable(record->path_key) && json_member(at, "path_key", &member))
		return json_expected(&member, err, what);
	for (size_t i = 0; i < record->n; i++) {
		if (is_printable(record->at[i].text) || !json_member(at, "findings", &list))
			continue;
		finding = json_element(&list, i);
		return json_expected(json_member(&finding, "text", &member) ? &member : &finding, err, what);
	}
	return 0;
}

static int import_record(const struct json_at *at, struct err *err, struct import *import)
{
	struct record *record = array_add(import);
	int r = record ? record_from_json(at, err, record) : -ENOMEM;

	if (r < 0)
		return r;
	if (record->machine || record->boot_id)
		return json_expected(at, err, "\"machine\" and \"boot_id\" to be null (a file of pciwc findings export)");
	for (size_t i = 0; i + 1 < import->n; i++)
		if (import->at[i].bar == record->bar && !pci_address_compare(&import->at[i].address, &record->address))
			return json_expected(at, err, "one record a BAR; there is another one of this BAR");
	return check_texts(at, record, err);
}

int import_from_json(const struct json_at *at, struct err *err, struct import *ret)
{
	static const char *const keys[] = { "schema", "microtests", "silicon", "records", NULL };
	_cleanup_(import_done) struct import import = { 0 };
	struct json_at member;
	uint64_t number;
	int r = json_only(at, keys, err);

	if (r == 0)
		r = json_need(at, "schema", "1", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, 1, err, &number);
	if (r == 0)
		r = json_need(at, "microtests", "a version", err, &member);
	if (r == 0)
		r = json_u64(&member, 1, UINT16_MAX, err, &number);
	if (r == 0) {
		import.microtests = (unsigned int)number;
		r = json_need(at, "silicon", "an object", err, &member);
	}
	if (r == 0)
		r = silicon_from_json(&member, err, &import.silicon);
	if (r == 0)
		r = json_need(at, "records", "an array", err, &member);
	if (r == 0 && json_kind(&member) != JSON_ARRAY)
		r = json_expected(&member, err, "an array");
	for (size_t i = 0; r == 0 && i < json_length(&member); i++) {
		struct json_at element = json_element(&member, i);

		r = import_record(&element, err, &import);
	}
	if (r == 0)
		r = str_set(&import.file, at->file);
	if (r < 0)
		return r;
	*ret = import;
	import = (struct import){ 0 };
	return 0;
}
