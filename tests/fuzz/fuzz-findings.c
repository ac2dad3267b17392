/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-findings: a record of findings, and a file of another machine; what is taken is written and taken again. */
#include <string.h>

#include "tests/fuzz/mutate.h"

#include "base/cleanup.h"
#include "model/finding.h"
#include "model/import.h"

static void as_record(struct json_object *o)
{
	_cleanup_(record_done) struct record record = { 0 };
	_cleanup_(json_done) struct json_object *written = NULL;
	_cleanup_(record_done) struct record again = { 0 };
	struct json_at top = json_top(o, "input");
	struct err err = { 0 };

	if (record_from_json(&top, &err, &record) < 0) {
		MUST(err.text[0]);
		return;
	}
	written = record_to_json(&record);
	top = json_top(written, "written");
	MUST(record_from_json(&top, &err, &again) == 0);
	MUST(again.n == record.n && again.bar == record.bar && again.vendor == record.vendor);
}

static void as_import(struct json_object *o)
{
	_cleanup_(import_done) struct import import = { 0 };
	_cleanup_(json_done) struct json_object *written = NULL;
	_cleanup_(import_done) struct import again = { 0 };
	struct json_at top = json_top(o, "input");
	struct err err = { 0 };

	if (import_from_json(&top, &err, &import) < 0) {
		MUST(err.text[0]);
		return;
	}
	written = import_to_json(&import);
	top = json_top(written, "written");
	MUST(import_from_json(&top, &err, &again) == 0 && again.n == import.n);
}

INPUT_IS_JSON

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_done) struct json_object *o = fuzz_json(data, size);

	if (o) {
		as_record(o);
		as_import(o);
	}
	return 0;
}
