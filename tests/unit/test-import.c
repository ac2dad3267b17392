/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-import: whose findings mean this machine: the same silicon in good, the same hardware in bad, and nothing less. */
#include "world.h"

#include "decide/imported.h"
#include "decide/silicon.h"
#include "model/import.h"

#define FILE_NAME "/etc/pciwc/imports/other.json"

/* A world without findings of its own, to whose GOOD path an import's record belongs. */
struct travel {
	struct world w;
	struct finding finding[FINDINGS];
	struct record record;
	struct import import;
	struct imports imports;
};

static void travel_make(struct travel *t)
{
	world_make(&t->w);
	t->w.platform.dmi[DMI_PRODUCT_NAME] = TEXT("Rocket 9");
	world_rename(&t->w);
	memcpy(t->finding, t->w.finding, sizeof(t->finding));
	t->record = t->w.record[0];
	t->record.at = t->finding;
	t->record.machine = t->record.boot_id = NULL;
	assert_int_equal(silicon_path(&t->w.devices, &t->w.function[GOOD], &t->w.function[GOOD].bars[0], &t->w.platform,
	                              &t->record.path_key),
	                 0);
	world_own(&t->w, t->record.path_key);
	t->import = (struct import){ .file = TEXT(FILE_NAME), .reason = TEXT("same batch"), .microtests = MICROTESTS_VERSION,
		                     .at = &t->record, .n = 1 };
	assert_int_equal(silicon_of(&t->w.platform, &t->import.silicon), 0);
	t->imports = (struct imports){ &t->import, 1 };
	t->w.evidence.imports = &t->imports;
	t->w.records.n = 0;
}

static void travel_done(struct travel *t)
{
	silicon_done(&t->import.silicon);
	world_done(&t->w);
}

static enum basis basis_of(struct travel *t, int function)
{
	return world_judge(&t->w, function)->path.basis;
}

/* ---- in good ---- */

static void test_it_proves_the_path(void **state)
{
	const struct path_verdict *path = NULL;
	struct travel t;

	(void)state;
	travel_make(&t);
	path = &world_judge(&t.w, GOOD)->path;
	assert_int_equal(path->kind, VERDICT_SAFE);
	assert_int_equal(path->basis, BASIS_IMPORTED);
	assert_says(reason_text(&path->reasons, REASON_IMPORTED), FILE_NAME);
	assert_says(reason_text(&path->reasons, REASON_IMPORTED), "same batch");
	assert_says(reason_text(&path->reasons, REASON_PATH_PROVEN), "another machine");
	assert_ptr_equal(path->record, &t.record);
	assert_ptr_equal(path->import, &t.import);
	assert_int_equal(t.w.verdict.bars[0].path_basis, BASIS_IMPORTED);
	assert_null(t.w.verdict.bars[0].record);
	/* The path, not what is behind it: the type of the BAR's own mapping was seen by nobody. */
	assert_int_equal(t.w.verdict.bars[0].kind, VERDICT_UNKNOWN);
	assert_says(reason_text(&t.w.verdict.bars[0].reasons, REASON_IMPORTED), FILE_NAME);
	/* Where the root port is does not matter; what it is does. */
	assert_int_equal(basis_of(&t, TWIN), BASIS_IMPORTED);
	assert_int_equal(basis_of(&t, OTHER), BASIS_NONE);
	assert_int_equal(basis_of(&t, RC_A), BASIS_NONE);
	/* What was probed here counts first. */
	t.w.records.n = 1;
	world_bind(&t.w, &t.w.record[0], GOOD);
	assert_int_equal(basis_of(&t, GOOD), BASIS_PROBED);
	assert_int_equal(basis_of(&t, TWIN), BASIS_EQUIVALENT);
	assert_false(reasons_has(&t.w.verdict.path.reasons, REASON_IMPORTED));
	/* Without the site's word there is no import. */
	t.w.records.n = t.imports.n = 0;
	assert_int_equal(basis_of(&t, GOOD), BASIS_NONE);
	t.w.evidence.imports = NULL;
	assert_int_equal(basis_of(&t, GOOD), BASIS_NONE);
	travel_done(&t);
}

static void same(struct travel *t) { (void)t; }
static void kernel(struct travel *t) { t->w.kernel.release = TEXT("6.13"); t->w.kernel.cmdline = TEXT("nopat"); }
static void slot(struct travel *t) { t->w.function[GOOD].device++; }
static void place(struct travel *t) { t->w.function[GOOD].bars[0].base += 0x10000000; }
static void arch(struct travel *t) { t->w.platform.arch = TEXT("i386"); }
static void cpu(struct travel *t) { t->w.platform.x86.stepping++; }
static void midr(struct travel *t)
{
	static uint64_t value = 0x413fd0c1;

	t->w.platform.midrs = (struct midrs){ &value, 1 };
}
static void soc(struct travel *t)
{
	static struct soc value = { TEXT("jep106:0a16:0001"), TEXT("0xa1"), NULL };

	t->w.platform.socs = (struct socs){ &value, 1 };
}
static void dt(struct travel *t)
{
	static char *value = TEXT("acme,rocket");

	t->w.platform.dt_compatible = (struct strs){ &value, 1 };
}
static void dt_bridge(struct travel *t)
{
	static char *value = TEXT("acme,pcie");

	t->w.platform.dt_bridge_compatible = (struct strs){ &value, 1 };
}
static void vendor(struct travel *t) { t->w.platform.dmi[DMI_SYS_VENDOR] = TEXT("Emca"); }
static void product(struct travel *t) { t->w.platform.dmi[DMI_PRODUCT_NAME] = TEXT("Rocket 10"); }
static void board(struct travel *t) { t->w.platform.dmi[DMI_BOARD_NAME] = TEXT("R9"); }
static void bios(struct travel *t) { t->w.platform.dmi[DMI_BIOS_VERSION] = TEXT("1.1"); }
static void bios_date(struct travel *t) { t->w.platform.dmi[DMI_BIOS_DATE] = TEXT("01/01/2026"); }
static void microcode(struct travel *t) { t->w.platform.x86.microcode++; }
static void death(struct travel *t) { world_crash(&t->w, GOOD, 0); }
static void death_elsewhere(struct travel *t) { death(t); t->w.crash[0].address.bus = 9; t->record.address = t->w.crash[0].address; }
static void bridge(struct travel *t)
{
	t->w.function[GOOD].host_bridge = t->w.function[HOST].address;
	t->w.function[GOOD].has_host_bridge = true;
}
static void bridge_unreadable(struct travel *t) { bridge(t); t->w.function[HOST].has_revision = false; }
static void port(struct travel *t) { t->w.function[PORT].device++; }
static void port_revision(struct travel *t) { t->w.function[PORT].revision++; }
static void port_mps(struct travel *t) { t->w.function[PORT].caps.mps_bytes = 512; }
static void port_unreadable(struct travel *t) { t->w.function[PORT].vendor = 0; }
static void mps(struct travel *t) { t->w.function[GOOD].caps.mps_bytes = 512; }
static void window(struct travel *t) { t->w.function[GOOD].bars[0].width = 32; }
static void low(struct travel *t) { t->w.function[GOOD].bars[0].base = 0xe0000000; }
static void integrated(struct travel *t) { t->w.function[GOOD].n_ports = 0; }
static void virtual(struct travel *t) { t->w.platform.is_virtual = TRI_YES; }
static void accepted(struct travel *t) { virtual(t); world_accept(&t->w, "virtual-platform"); }
static void both_virtual(struct travel *t)
{
	accepted(t);
	for (size_t i = 0; i < FINDINGS; i++)
		t->finding[i].scope = SCOPE_VIRTUAL;
}
static void maybe_virtual(struct travel *t) { t->w.platform.is_virtual = TRI_UNKNOWN; }
static void version(struct travel *t) { t->import.microtests++; }
static void scope(struct travel *t) { t->finding[F_SUBWORD].scope = SCOPE_VIRTUAL; }
static void replayed(struct travel *t) { t->finding[F_SUBWORD].scope = SCOPE_REPLAY; }
static void short_of(struct travel *t) { t->finding[F_SPARSE].step = STEP_SAVE; }
static void unexercised(struct travel *t) { t->finding[F_SPARSE].outcome = OUTCOME_NOT_EXERCISED; }
static void died(struct travel *t) { t->finding[F_SPARSE].outcome = OUTCOME_DIED; }
static void blind(struct travel *t) { t->record.errors_observed = false; }
static void uncontained(struct travel *t) { t->w.site.minimum_containment = CONTAINMENT_DPC; }
static void no_type(struct travel *t) { t->finding[F_TYPE].outcome = OUTCOME_FAIL; }
static void bad(struct travel *t) { t->finding[F_SPARSE].outcome = OUTCOME_FAIL; }

static void test_what_must_be_equal(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct travel *t);
		bool proves, holds_bad; /* and if that record had failed, would it hold */
	} rows[] = {
		{ "nothing", same, true, true },
		{ "kernel and command line", kernel, true, true },
		{ "the device", slot, true, true },
		{ "its address in memory", place, true, true },
		{ "architecture", arch, false, false },
		{ "CPU", cpu, false, false },
		{ "a core", midr, false, false },
		{ "SoC", soc, false, true }, /* the other one does not say */
		{ "device tree", dt, false, true },
		{ "host bridge's node", dt_bridge, false, true },
		{ "vendor", vendor, false, true },
		{ "model", product, false, true },
		{ "board", board, false, true },
		{ "firmware", bios, false, true },
		{ "firmware's date", bios_date, false, true },
		{ "microcode", microcode, false, true },
		{ "a host that died there, by its address here", death_elsewhere, true, true },
		{ "a host that died on this path", death, false, true },
		{ "host bridge", bridge, false, false },
		{ "host bridge that cannot be read", bridge_unreadable, false, false },
		{ "port", port, false, false },
		{ "port's revision", port_revision, false, false },
		{ "port's MPS", port_mps, false, true },
		{ "port that cannot be read", port_unreadable, false, false },
		{ "MPS", mps, false, true },
		{ "window", window, false, true },
		{ "below 4 GiB", low, false, true },
		{ "no port", integrated, false, false },
		{ "virtual", virtual, false, false },
		{ "virtual and accepted", accepted, false, false },
		{ "virtual here and there", both_virtual, false, false },
		{ "perhaps virtual", maybe_virtual, false, false },
		{ "microtests", version, false, true },
		{ "one virtual finding", scope, false, true },
		{ "one of a replay", replayed, false, true },
		{ "a test short", short_of, false, true },
		{ "not exercised", unexercised, false, true },
		{ "died", died, false, true },
		{ "errors unobserved", blind, false, true },
		{ "containment", uncontained, false, true },
		{ "no WC there", no_type, false, true },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct travel t;
		enum basis basis;

		travel_make(&t);
		rows[i].change(&t);
		basis = basis_of(&t, GOOD);
		if (basis != (rows[i].proves ? BASIS_IMPORTED : BASIS_NONE))
			fail_msg("%s: basis %s", rows[i].name, basis_names[basis]);
		if ((t.w.verdict.path.kind == VERDICT_SAFE) != rows[i].proves)
			fail_msg("%s: %s", rows[i].name, verdict_names[t.w.verdict.path.kind]);
		/* The same, had it failed; what is no proof by itself is no matter then. */
		t.finding[F_SPARSE].step = STEP_SPARSE;
		bad(&t);
		basis = basis_of(&t, GOOD);
		if (basis != BASIS_NONE || t.w.verdict.path.kind == VERDICT_SAFE)
			fail_msg("%s: a failure proves", rows[i].name);
		if (reasons_has(&t.w.verdict.path.reasons, REASON_IMPORT_FAILED) != rows[i].holds_bad)
			fail_msg("%s: a failure %s", rows[i].name, rows[i].holds_bad ? "is silent" : "speaks");
		travel_done(&t);
	}
}

/* Two machines that say nothing of themselves are not the same. */
static void test_nameless(void **state)
{
	struct travel t;

	(void)state;
	travel_make(&t);
	t.w.platform.dmi[DMI_PRODUCT_NAME] = NULL;
	silicon_done(&t.import.silicon);
	assert_int_equal(silicon_of(&t.w.platform, &t.import.silicon), 0);
	assert_false(silicon_is_known(&t.import.silicon));
	assert_int_equal(basis_of(&t, GOOD), BASIS_NONE);
	dt(&t);
	silicon_done(&t.import.silicon);
	assert_int_equal(silicon_of(&t.w.platform, &t.import.silicon), 0);
	assert_true(silicon_is_known(&t.import.silicon));
	assert_int_equal(basis_of(&t, GOOD), BASIS_IMPORTED);
	t.w.platform.x86.vendor = NULL;
	silicon_done(&t.import.silicon);
	assert_int_equal(silicon_of(&t.w.platform, &t.import.silicon), 0);
	assert_false(silicon_is_known(&t.import.silicon));
	travel_done(&t);
}

/* ---- in bad ---- */

static void test_a_failure_outweighs(void **state)
{
	struct finding finding[FINDINGS];
	struct record two[2];
	struct travel t;

	(void)state;
	travel_make(&t);
	two[0] = two[1] = t.record;
	memcpy(finding, t.finding, sizeof(finding));
	finding[F_SUBWORD].outcome = OUTCOME_FAIL;
	finding[F_SUBWORD].text = TEXT("byte 3 is wrong");
	two[1].at = finding;
	t.import.at = two;
	t.import.n = 2;
	assert_int_equal(basis_of(&t, GOOD), BASIS_NONE);
	assert_int_equal(t.w.verdict.path.kind, VERDICT_UNKNOWN);
	assert_says(reason_text(&t.w.verdict.path.reasons, REASON_IMPORT_FAILED), FILE_NAME);
	assert_says(reason_text(&t.w.verdict.path.reasons, REASON_IMPORT_FAILED), "subword");
	assert_says(reason_text(&t.w.verdict.path.reasons, REASON_IMPORT_FAILED), "byte 3 is wrong");
	assert_true(t.w.verdict.path.nexts.n > 0);
	/* Nor does a pass here: the BAR that was safe is not. */
	t.w.records.n = 1;
	world_bind(&t.w, &t.w.record[0], GOOD);
	assert_int_equal(world_judge(&t.w, GOOD)->path.kind, VERDICT_UNKNOWN);
	assert_int_equal(t.w.verdict.bars[0].kind, VERDICT_UNKNOWN);
	assert_false(bar_verdict_is_grantable(&t.w.verdict.bars[0]));
	assert_true(reasons_has(&t.w.verdict.bars[0].reasons, REASON_IMPORT_FAILED));
	t.imports.n = 0;
	assert_int_equal(world_judge(&t.w, GOOD)->bars[0].kind, VERDICT_SAFE);
	travel_done(&t);
}

/* What failed on this machine is not mended by another one's pass. */
static void test_own_failure(void **state)
{
	struct travel t;

	(void)state;
	travel_make(&t);
	t.w.records.n = 1;
	t.w.finding[F_SPARSE].outcome = OUTCOME_FAIL;
	world_bind(&t.w, &t.w.record[0], GOOD);
	assert_int_equal(basis_of(&t, GOOD), BASIS_NONE);
	assert_int_equal(t.w.verdict.path.kind, VERDICT_UNSAFE);
	assert_int_equal(basis_of(&t, TWIN), BASIS_NONE);
	travel_done(&t);
}

static void test_deny_stays(void **state)
{
	struct travel t;

	(void)state;
	travel_make(&t);
	world_quirk(&t.w, "no", "deny", MATCH_YES);
	assert_int_equal(world_judge(&t.w, GOOD)->path.kind, VERDICT_UNSAFE);
	travel_done(&t);
}

/* ---- the file ---- */

static int import_of(const char *json, struct err *err, struct import *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("x.json", json, strlen(json), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "x.json");

	return import_from_json(&top, err, ret);
}

static char *text_of(const struct import *import)
{
	struct json_object *o = import_to_json(import);
	char *text = json_text(o);

	json_done(&o);
	assert_non_null(text);
	return text;
}

static void test_round_trip(void **state)
{
	struct import back = { 0 };
	struct err err = { 0 };
	struct travel t;

	(void)state;
	travel_make(&t);
	t.w.kernel.cmdline = TEXT("splash");
	world_rename(&t.w);

	_cleanup_free_ char *once = text_of(&t.import);

	assert_int_equal(import_of(once, &err, &back), 0);

	_cleanup_free_ char *again = text_of(&back);
	char *later;

	assert_string_equal(once, again);
	assert_string_equal(back.file, "x.json");
	assert_null(strstr(once, "6.12.48"));
	assert_null(strstr(once, "splash"));
	assert_null(strstr(once, FILE_NAME));
	import_done(&back);
	/* One that was made before the microcode was a part of it: that it is not known is a difference, and no fault. */
	later = strstr(once, "\"microcode\"");
	assert_non_null(later);
	while (*later != ',')
		later--;
	memset(later, ' ', strcspn(later, "}"));
	assert_int_equal(import_of(once, &err, &back), 0);
	assert_null(back.silicon.part[SILICON_MICROCODE]);
	assert_non_null(back.silicon.part[SILICON_BIOS_VERSION]);
	import_done(&back);
	travel_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_proves_the_path), cmocka_unit_test(test_what_must_be_equal),
		cmocka_unit_test(test_nameless),           cmocka_unit_test(test_a_failure_outweighs),
		cmocka_unit_test(test_own_failure),        cmocka_unit_test(test_deny_stays),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
