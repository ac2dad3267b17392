/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-policy-render: from verdicts to what is written: nothing but what is grantable, and in an order that never grants early. */
#include "world.h"

#include "decide/lapse.h"
#include "decide/policy.h"
#include "model/publication.h"

static void render(struct world *w, const struct device_verdict *verdicts, struct policy *ret)
{
	assert_int_equal(policy_render(&w->evidence, verdicts, ret), 0);
}

static struct device_verdict *judge_all(struct world *w)
{
	struct device_verdict *verdicts = calloc(FUNCTIONS, sizeof(*verdicts));

	assert_non_null(verdicts);
	for (int i = 0; i < FUNCTIONS; i++) {
		world_judge(w, i);
		verdicts[i] = w->verdict;
		w->verdict = (struct device_verdict){ 0 };
	}
	return verdicts;
}

static void free_all(struct device_verdict *verdicts)
{
	for (int i = 0; i < FUNCTIONS; i++)
		device_verdict_done(&verdicts[i]);
	free(verdicts);
}

static void test_granted(void **state)
{
	struct policy policy;
	struct world w;

	(void)state;
	world_make(&w);

	struct device_verdict *verdicts = judge_all(&w);

	render(&w, verdicts, &policy);
	/* The approval, the grant, the publication: in this order. */
	assert_int_equal(policy.n, 3);
	assert_int_equal(policy.at[0].kind, WRITE_TEXT);
	assert_string_equal(policy.at[0].path, "/var/lib/pciwc/approvals/0000:01:00.0.json");
	assert_int_equal(policy.at[0].mode, 0644);
	assert_says(policy.at[0].text, "\"device\": \"0000:01:00.0\"");
	assert_says(policy.at[0].text, "\"vendor\": \"0x1af4\"");
	assert_says(policy.at[0].text, "\"device_id\": \"0x1110\"");
	assert_says(policy.at[0].text, w.evidence.machine);
	assert_says(policy.at[0].text, "\"bar\": 2");
	assert_says(policy.at[0].text, "address=380006000000;size=1000000;");
	assert_says(policy.at[0].text, "\"path\": \"safe\"");
	assert_says(policy.at[0].text, "\"group\": \"pciwc\"");
	assert_int_equal(policy.at[1].kind, WRITE_GRANT);
	assert_string_equal(policy.at[1].path, "/sys/bus/pci/devices/0000:01:00.0/resource2_wc");
	assert_int_equal(policy.at[1].mode, 0660);
	assert_string_equal(policy.at[1].group, "pciwc");
	assert_int_equal(pci_address_compare(&policy.at[1].address, &w.function[GOOD].address), 0);
	assert_int_equal(policy.at[1].vendor, 0x1af4);
	assert_int_equal(policy.at[1].device, 0x1110);
	assert_int_equal(policy.at[1].bar, 2);
	assert_int_equal(policy.at[2].kind, WRITE_TEXT);
	assert_string_equal(policy.at[2].path, "/run/pciwc/policy.json");
	assert_null(policy.at[2].group);
	policy_done(&policy);
	free_all(verdicts);
	world_done(&w);
}

/* The publication says all that is known of each prefetchable BAR, granted or not. */
static void test_publication(void **state)
{
	struct policy policy;
	struct world w;
	struct err err = { 0 };

	(void)state;
	world_make(&w);
	w.function[OTHER].bars[0].prefetchable = false;
	w.function[RC_B].bars[0].io = true;

	struct device_verdict *verdicts = judge_all(&w);

	render(&w, verdicts, &policy);

	const char *text = policy.at[policy.n - 1].text;
	_cleanup_(json_done) struct json_object *o = NULL;
	struct json_at top, member, devices, bars;

	assert_int_equal(json_parse("policy.json", text, strlen(text), &err, &o), 0);
	top = json_top(o, "policy.json");
	assert_string_equal(json_nth(&top, 0, &member), "schema");
	assert_true(json_member(&top, "devices", &devices));
	assert_int_equal(json_length(&devices), 3); /* RC_A, GOOD, TWIN */

	struct json_at good = json_element(&devices, 1);
	const char *word;
	bool flag;

	assert_true(json_member(&good, "device", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0000:01:00.0");
	assert_true(json_member(&good, "vendor", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0x1af4");
	assert_true(json_member(&good, "device_id", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0x1110");
	assert_true(json_member(&good, "revision", &member));
	assert_true(json_member(&good, "subsystem_vendor", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0x1af4");
	assert_true(json_member(&good, "subsystem_device", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0x1100");
	assert_true(json_member(&good, "class", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "0x050000");
	/* Where it was: who reads it holds that against what is there. */
	assert_says(text, "\"base\": \"0x380006000000\",\n          \"size\": 16777216,");
	assert_true(json_member(&good, "ports", &member));
	assert_int_equal(json_length(&member), w.function[GOOD].n_ports);
	for (size_t i = 0; i < w.function[GOOD].n_ports; i++) {
		struct json_at port = json_element(&member, i), address;
		char expected[PCI_ADDRESS_SIZE];

		pci_address_format(&w.function[GOOD].ports[i], expected);
		assert_true(json_member(&port, "device", &address));
		assert_int_equal(json_string(&address, &err, &word), 0);
		assert_string_equal(word, expected);
		assert_true(json_member(&port, "revision", &address));
	}
	assert_true(json_member(&good, "path", &member));
	assert_int_equal(json_string(&member, &err, &word), 0);
	assert_string_equal(word, "safe");
	assert_true(json_member(&good, "bars", &bars));
	for (int twin = 0; twin < 2; twin++) {
		struct json_at device = json_element(&devices, twin ? 2 : 1), bar;

		assert_true(json_member(&device, "bars", &bars));
		bar = json_element(&bars, 0);
		assert_true(json_member(&bar, "verdict", &member));
		assert_int_equal(json_string(&member, &err, &word), 0);
		assert_string_equal(word, twin ? "unknown" : "safe");
		assert_true(json_member(&bar, "granted", &member));
		assert_int_equal(json_flag(&member, &err, &flag), 0);
		assert_int_equal(flag, !twin);
		assert_true(json_member(&bar, "backend", &member));
		assert_int_equal(json_kind(&member), twin ? JSON_NULL : JSON_STRING);
		assert_true(json_member(&bar, "on_request", &member));
		assert_true(json_member(&bar, "scope", &member));
		assert_true(json_member(&bar, "reason", &member));
		/* The backends grant whole BARs: what is said of the BAR is said of its ranges. */
		assert_true(json_member(&bar, "ranges", &member));
		bar = json_element(&member, 0);
		assert_true(json_member(&bar, "granted", &member));
		assert_int_equal(json_flag(&member, &err, &flag), 0);
		assert_int_equal(flag, !twin);
		assert_true(json_member(&bar, "backend", &member));
		assert_int_equal(json_kind(&member), twin ? JSON_NULL : JSON_STRING);
	}
	policy_done(&policy);
	free_all(verdicts);
	world_done(&w);
}

/* Ports of which one has no id that can be read are not known, and a device whose place cannot be read has none. */
static void test_unknown_ports(void **state)
{
	(void)state;
	for (int has_ports = 0; has_ports < 2; has_ports++) {
		struct policy policy;
		struct world w;

		world_make(&w);
		if (has_ports)
			w.function[PORT].vendor = 0xffff;
		else
			w.function[GOOD].has_ports = false;

		struct device_verdict *verdicts = judge_all(&w);

		render(&w, verdicts, &policy);

		const char *row = strstr(policy.at[policy.n - 1].text, "\"0000:01:00.0\""), *bars = strstr(row, "\"bars\"");
		const char *ports = strstr(row, "\"ports\"");

		assert_true(!ports || ports > bars);
		policy_done(&policy);
		free_all(verdicts);
		world_done(&w);
	}
}

/* Safe, asked for or both alone: no grant, no approval; on an unsafe path a mark for each device, and for no port. */
static void test_only_what_is_grantable(void **state)
{
	(void)state;
	for (int how = 0; how < 5; how++) {
		struct policy policy;
		struct world w;

		world_make(&w);
		switch (how) {
		case 0: /* safe, asked for by nobody */
			w.site.grant.n = 0;
			break;
		case 1: /* asked for, not probed */
			w.records.n = 0;
			break;
		case 2: /* asked for, denied */
			world_quirk(&w, "q", "deny", MATCH_YES);
			break;
		case 3: /* safe and asked for, not worth it */
			w.gain.value = 1.0;
			break;
		default: /* safe in a captured machine */
			w.evidence.is_replay = true;
		}

		struct device_verdict *verdicts = judge_all(&w);

		render(&w, verdicts, &policy);
		size_t last = policy.n - 1, devices = 0;

		for (size_t d = 0; d < FUNCTIONS; d++)
			devices += !device_is_bridge(&w.function[d]);
		assert_int_equal(last, how == 2 ? devices : 0);
		for (size_t i = 0; i < last; i++) {
			assert_int_equal(policy.at[i].kind, WRITE_MARK);
			assert_true(str_starts(policy.at[i].path, "/run/pciwc/unsafe/0"));
		}
		assert_int_equal(policy.at[last].kind, WRITE_TEXT);
		assert_string_equal(policy.at[last].path, "/run/pciwc/policy.json");
		assert_null(strstr(policy.at[last].text, "\"granted\": true"));
		policy_done(&policy);
		free_all(verdicts);
		world_done(&w);
	}
}

/* Verdicts of nothing grant nothing. */
static void test_zero_verdicts(void **state)
{
	struct device_verdict verdicts[FUNCTIONS] = { 0 };
	struct policy policy;
	struct world w;

	(void)state;
	world_make(&w);
	render(&w, verdicts, &policy);
	assert_int_equal(policy.n, 1);
	policy_done(&policy);
	w.devices.n = 0;
	render(&w, verdicts, &policy);
	assert_int_equal(policy.n, 1);
	assert_says(policy.at[0].text, "\"devices\": [");
	assert_null(strstr(policy.at[0].text, "\"device\":"));
	policy_done(&policy);
	world_done(&w);
}

/* All approvals before the first grant, all grants before the publication. */
static void test_order(void **state)
{
	struct policy policy;
	struct world w;

	(void)state;
	world_make(&w);
	world_record(&w, TWIN, NULL, 0);
	w.grant[1] = w.grant[0];
	w.grant[1].device.address = w.function[TWIN].address;
	w.grant[1].group = TEXT("others");
	w.site.grant.n = 2;

	struct device_verdict *verdicts = judge_all(&w);

	render(&w, verdicts, &policy);
	assert_int_equal(policy.n, 5);
	assert_says(policy.at[0].path, "approvals/0000:01:00.0");
	assert_says(policy.at[1].path, "approvals/0000:02:00.0");
	assert_int_equal(policy.at[2].kind, WRITE_GRANT);
	assert_int_equal(policy.at[3].kind, WRITE_GRANT);
	assert_string_equal(policy.at[3].group, "others");
	assert_says(policy.at[4].path, "/run/pciwc/policy.json");

	_cleanup_(json_done) struct json_object *o = policy_to_json(&policy);
	_cleanup_free_ char *text = json_text(o);

	assert_says(text, "\"mode\": \"0660\"");
	assert_says(text, "\"group\": \"others\"");
	policy_done(&policy);
	free_all(verdicts);
	world_done(&w);
}

/* A guest may combine on any BAR: on an unsafe path a device without a candidate is published, too. */
static void test_unsafe_without_candidate(void **state)
{
	(void)state;
	for (int denied = 0; denied < 2; denied++) {
		struct policy policy;
		struct world w;

		world_make(&w);
		w.kernel.guest = GUEST_NORMAL_NC_UNGATED;
		for (size_t i = 0; i < w.function[GOOD].n_bars; i++)
			w.function[GOOD].bars[i].prefetchable = false;
		if (denied)
			world_quirk(&w, "bad", "deny", MATCH_YES);

		struct device_verdict *verdicts = judge_all(&w);

		render(&w, verdicts, &policy);

		const char *text = policy.at[policy.n - 1].text;

		assert_string_equal(policy.at[policy.n - 1].path, PUBLICATION_FILE);
		assert_int_equal(strstr(text, "\"device\": \"0000:01:00.0\"") != NULL, denied);
		assert_int_equal(strstr(text, "\"path\": \"unsafe\"") != NULL, denied);
		/* What comes below a port on an unsafe path is on that one, too. */
		assert_int_equal(strstr(text, "\"device\": \"0000:00:01.0\",\n      \"vendor\"") != NULL, denied);
		if (denied)
			assert_says(text, "\"guest\": \"normal-nc-ungated\"");
		policy_done(&policy);
		free_all(verdicts);
		world_done(&w);
	}
}

/* What was safe, and is not: of an approval, or of what programs are told; what nobody relies on is none. */
static void test_lapse(void **state)
{
	struct published_range range = { .size_bytes = 4096, .kind = VERDICT_SAFE };
	struct published_bar row = { .bar = 2, .kind = VERDICT_SAFE };
	struct published_device device = { .at = &row, .n = 1 };
	struct publication published = { .at = &device, .n = 1 };
	struct approval approval = { .is_readable = true, .safe_bars = 1u << 2 };
	struct approvals approvals = { .at = &approval, .n = 1 };
	struct lapse lapse = { .bar = 99 };
	struct world w;

	(void)state;
	world_make(&w);

	struct device_verdict *verdicts = judge_all(&w);
	const struct device *good = &w.function[GOOD];

	approval.address = device.address = good->address;
	approval.vendor = device.vendor = good->vendor;
	approval.device = device.device = good->device;
	w.evidence.approvals = &approvals;
	assert_int_equal(verdicts[GOOD].bars[0].kind, VERDICT_SAFE);
	assert_false(lapse_find(&w.evidence, verdicts, &published, &lapse));
	assert_int_equal(lapse.bar, 99);

	for (int kind = VERDICT_UNKNOWN; kind <= VERDICT_UNSAFE; kind++) {
		verdicts[GOOD].bars[0].kind = (enum verdict_kind)kind;
		/* Both, each alone, none. */
		for (int which = 0; which < 4; which++) {
			w.evidence.approvals = which & 1 ? &approvals : NULL;
			assert_int_equal(lapse_find(&w.evidence, verdicts, which & 2 ? &published : NULL, &lapse), which != 0);
			if (which) {
				assert_int_equal(lapse.bar, 2);
				assert_int_equal(pci_address_compare(&lapse.address, &good->address), 0);
			}
		}
	}
	/* By the file, the pin, the parts; an approval that cannot be read may have given all. */
	w.evidence.approvals = &approvals;
	approval.safe_bars = 1u << 0;
	assert_false(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	approval.files = 1u << 2;
	assert_true(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	approval.files = 0;
	approval.pins = 1u << 2;
	assert_true(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	approval.pins = 0;
	approval.bars[2].fingerprint = (char[]){ "x" };
	assert_true(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	approval.device++;
	assert_false(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	approval.is_readable = false;
	assert_true(lapse_find(&w.evidence, verdicts, NULL, &lapse));
	/* A part that is told to be safe. */
	w.evidence.approvals = NULL;
	row.kind = VERDICT_UNKNOWN;
	assert_false(lapse_find(&w.evidence, verdicts, &published, &lapse));
	row.at = &range;
	row.n = 1;
	assert_true(lapse_find(&w.evidence, verdicts, &published, &lapse));
	device.vendor++;
	assert_false(lapse_find(&w.evidence, verdicts, &published, &lapse));

	/* A path of which programs are told better than it is; one that is not published is unknown. */
	verdicts[GOOD].bars[0].kind = VERDICT_SAFE;
	for (int then = VERDICT_UNKNOWN; then <= VERDICT_SAFE; then++)
		for (int now = VERDICT_UNKNOWN; now <= VERDICT_SAFE; now++) {
			verdicts[GOOD].path.kind = (enum verdict_kind)now;
			device.path = (enum verdict_kind)then;
			device.vendor = good->vendor;
			assert_int_equal(lapse_find(&w.evidence, verdicts, &published, &lapse),
			                 then == VERDICT_SAFE ? now != VERDICT_SAFE : now == VERDICT_UNSAFE && then != VERDICT_UNSAFE);
			device.vendor++;
			assert_int_equal(lapse_find(&w.evidence, verdicts, &published, &lapse), now == VERDICT_UNSAFE);
			assert_false(lapse_find(&w.evidence, verdicts, NULL, &lapse));
		}
	assert_true(lapse.is_path);
	assert_int_equal(pci_address_compare(&lapse.address, &good->address), 0);
	free_all(verdicts);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_granted),        cmocka_unit_test(test_publication), cmocka_unit_test(test_unknown_ports), cmocka_unit_test(test_only_what_is_grantable),
		cmocka_unit_test(test_zero_verdicts), cmocka_unit_test(test_order),
		cmocka_unit_test(test_unsafe_without_candidate), cmocka_unit_test(test_lapse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
