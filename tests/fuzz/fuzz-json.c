/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-json: what is taken is written and taken again, and is then the same. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "base/cleanup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_done) struct json_object *o = fuzz_json(data, size);
	_cleanup_free_ char *text = json_text(o);

	if (!text)
		return 0;

	_cleanup_(json_done) struct json_object *again = fuzz_json((const uint8_t *)text, strlen(text));
	_cleanup_free_ char *same = json_text(again);

	MUST(same && !strcmp(text, same));
	return 0;
}
