/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-quirks: a file of the database; what is taken is asked about a machine of which nothing is known. */
#include "tests/fuzz/mutate.h"

#include "base/cleanup.h"
#include "base/sysroot.h"
#include "decide/candidates.h"
#include "model/site.h"
#include "observe/quirks.h"

static void ask(const struct quirks *quirks)
{
	struct device at[2] = { { .vendor = 0x1af4, .device = 0x1110, .has_revision = true, .n_bars = 1,
		                  .bars = { { .index = 2, .prefetchable = true, .size_bytes = 1 << 24, .width = 64 } } } };
	const struct devices devices = { at, 1 };
	const struct platform platform = { .arch = (char *)"x86_64" };
	const struct kernel kernel = { .release = (char *)"6.12.0" };
	const struct facts facts = { .platform = &platform, .kernel = &kernel, .devices = &devices };
	_cleanup_(candidates_done) struct candidates candidates = { 0 };
	struct expectation expectation = { 0 };
	struct site site = { 0 };

	site_default(&site);
	MUST(candidates_find(quirks, NULL, &facts, &candidates) == 0);
	MUST(expect_device(&candidates, &site, &facts, &at[0], &expectation) == 0);
	json_done(&(struct json_object *){ matches_to_json(&expectation.path) });
	for (size_t i = 0; i < quirks->n; i++)
		json_done(&(struct json_object *){ quirk_to_json(&quirks->at[i]) });
	expectation_done(&expectation);
	site_done(&site);
}

INPUT_IS_JSON

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	struct err err = { 0 };

	fuzz_write("50-fuzz.json", data, size);
	MUST(sysroot_open(fuzz_dir(), &err, &root) == 0 && quirks_load(&root, fuzz_dir(), &err, &quirks) == 0);
	/* Of a file that is broken nothing counts, and it is said once. */
	MUST(quirks.broken.n + quirks.damaged.n <= 1);
	for (size_t i = 0; i < quirks.n && quirks.broken.n + quirks.damaged.n; i++)
		MUST(quirks.at[i].state != QUIRK_ACTIVE);
	ask(&quirks);
	return 0;
}
