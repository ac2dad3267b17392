/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-site: the administrator's choices; what is taken is asked about one device. */
#include "tests/fuzz/mutate.h"

#include "base/cleanup.h"
#include "model/site.h"

INPUT_IS_JSON

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(json_done) struct json_object *o = fuzz_json(data, size);
	const struct device device = { .address = { .bus = 1 }, .vendor = 0x1af4, .device = 0x1110, .class = 0x050000 };
	struct json_at top = json_top(o, "input");
	struct err err = { 0 };
	struct site site = { 0 };

	if (!o || site_from_json(&top, &err, &site) < 0) {
		MUST(!o || err.text[0]);
		return 0;
	}
	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		for (const struct site_grant *row = site_grant(&site, &device, bar, NULL); row; row = site_grant(&site, &device, bar, row))
			MUST(row >= site.grant.at && row < site.grant.at + site.grant.n);
	(void)site_accepts(&site, "virtual-platform");
	(void)site_lifts(&site, "ampere-altra-pcie65");
	/* A choice without a reason is none. */
	for (size_t i = 0; i < site.lift.n; i++)
		MUST(site.lift.at[i].what && site.lift.at[i].reason);
	for (size_t i = 0; i < site.imports.n; i++)
		MUST(site.imports.at[i].what[0] == '/');
	site_done(&site);
	return 0;
}
