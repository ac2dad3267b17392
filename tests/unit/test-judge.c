/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-judge: what spoils a verdict, what only withholds the grant, and what no combination may ever do. */
#include "world.h"

/* ---- the healthy machine, and nothing at all ---- */

static void test_good_is_safe(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);

	const struct device_verdict *verdict = world_judge(&w, GOOD);
	const struct bar_verdict *bar = &verdict->bars[0];

	assert_int_equal(verdict->path.kind, VERDICT_SAFE);
	assert_int_equal(verdict->path.basis, BASIS_PROBED);
	assert_int_equal(verdict->path.scope, SCOPE_HARDWARE);
	assert_int_equal(bar->kind, VERDICT_SAFE);
	assert_int_equal(bar->target, VERDICT_SAFE);
	assert_int_equal(bar->scope, SCOPE_HARDWARE);
	assert_true(bar_verdict_is_grantable(bar));
	assert_string_equal(bar->group, "pciwc");
	assert_float_equal(bar->gain, 3.5, 1e-9);
	assert_true(reasons_has(&bar->reasons, REASON_TARGET_FIT));
	world_done(&w);
}

/* Zero is unknown: of the machine, of the device, of the site, of the findings. */
static void test_nothing_is_not_safe(void **state)
{
	struct platform platform = { 0 };
	struct kernel kernel = { 0 };
	struct device device = { 0 };
	struct devices devices = { &device, 1 };
	struct quirks quirks = { 0 };
	struct site site = { 0 };
	struct record record = { 0 };
	struct records none = { 0 }, empty = { &record, 1 };
	struct journal journal = { 0 };

	(void)state;
	device.n_bars = BAR_MAX;
	for (unsigned int i = 0; i < BAR_MAX; i++)
		device.bars[i].index = (uint8_t)i;
	/* Also when the BAR itself looks like a candidate. */
	device.bars[2].prefetchable = true;
	device.bars[2].base = 0x100000000;
	device.bars[2].size_bytes = 0x100000;
	for (int with = 0; with < 2; with++) {
		struct evidence evidence = { .platform = &platform, .kernel = &kernel, .devices = &devices, .quirks = &quirks,
			                     .site = &site, .records = with ? &empty : &none, .journal = &journal,
			                     .machine = with ? "" : NULL };
		const struct facts machine = { .platform = &platform, .kernel = &kernel, .devices = &devices };
		struct expectation expectation = { 0 };
		struct device_verdict verdict = { 0 };

		struct candidates candidates;

		assert_int_equal(candidates_find(&quirks, NULL, &machine, &candidates), 0);
		assert_int_equal(expect_device(&candidates, &site, &machine, &device, &expectation), 0);
		candidates_done(&candidates);
		assert_int_equal(judge_device(&evidence, &device, &expectation, &verdict), 0);
		assert_int_equal(verdict.path.kind, VERDICT_UNKNOWN);
		assert_true(verdict.path.nexts.n > 0);
		for (int i = 0; i < BAR_MAX; i++) {
			assert_int_equal(verdict.bars[i].kind, VERDICT_UNKNOWN);
			assert_int_not_equal(verdict.bars[i].target, VERDICT_SAFE);
			assert_false(bar_verdict_is_grantable(&verdict.bars[i]));
			assert_true(verdict.bars[i].reasons.n > 0);
			assert_true(verdict.bars[i].nexts.n > 0);
		}
		expectation_done(&expectation);
		device_verdict_done(&verdict);
	}
}

/* ---- one thing wrong, one row ---- */

static void no_record(struct world *w) { w->records.n = 0; }
static void no_findings(struct world *w) { w->record[0].n = 0; }
static void no_type(struct world *w) { w->finding[F_TYPE].step = STEP_BACKGROUND; }
static void no_subword(struct world *w) { w->finding[F_SUBWORD].step = STEP_BACKGROUND; }
static void no_sparse(struct world *w) { w->finding[F_SPARSE].step = STEP_BACKGROUND; }
static void no_restore(struct world *w) { w->record[0].n--; }
static void type_unsupported(struct world *w) { w->finding[F_TYPE].outcome = OUTCOME_UNSUPPORTED; }
static void type_unexercised(struct world *w) { w->finding[F_TYPE].outcome = OUTCOME_NOT_EXERCISED; }
static void type_fails(struct world *w) { w->finding[F_TYPE].outcome = OUTCOME_FAIL; }
static void subword_fails(struct world *w) { w->finding[F_SUBWORD].outcome = OUTCOME_FAIL; }
static void subword_skipped(struct world *w) { w->finding[F_SUBWORD].outcome = OUTCOME_SKIPPED; }
static void sparse_fails(struct world *w) { w->finding[F_SPARSE].outcome = OUTCOME_FAIL; }
static void sparse_dies(struct world *w) { w->finding[F_SPARSE].outcome = OUTCOME_DIED; }
static void sparse_zero(struct world *w) { w->finding[F_SPARSE].outcome = OUTCOME_UNKNOWN; }
static void sparse_unexercised(struct world *w) { w->finding[F_SPARSE].outcome = OUTCOME_NOT_EXERCISED; }
static void sparse_fails_later(struct world *w) { world_find(w, STEP_SPARSE, OUTCOME_FAIL); }
static void restore_fails(struct world *w) { w->finding[F_RESTORE].outcome = OUTCOME_FAIL; }
static void restore_skipped(struct world *w) { w->finding[F_RESTORE].outcome = OUTCOME_SKIPPED; }
static void bench_dies(struct world *w) { w->finding[F_BENCH].outcome = OUTCOME_DIED; }
static void errors_unseen(struct world *w) { w->record[0].errors_observed = false; }
static void containment_unknown(struct world *w) { w->record[0].containment = CONTAINMENT_UNKNOWN; }
static void containment_low(struct world *w) { w->site.minimum_containment = CONTAINMENT_DPC; }
static void scope_virtual(struct world *w) { world_scope(w, SCOPE_VIRTUAL); }
static void scope_replay(struct world *w) { w->finding[F_TYPE].scope = SCOPE_REPLAY; }
static void scope_zero(struct world *w) { w->finding[F_SPARSE].scope = SCOPE_UNKNOWN; }
static void replay(struct world *w) { w->evidence.is_replay = true; }
static void is_virtual(struct world *w) { w->platform.is_virtual = TRI_YES; }
static void may_be_virtual(struct world *w) { w->platform.is_virtual = TRI_UNKNOWN; }
static void denied(struct world *w) { world_quirk(w, "bad", "deny", MATCH_YES); }
static void may_be_denied(struct world *w) { world_quirk(w, "bad", "deny", MATCH_MAYBE); }
static void held(struct world *w) { world_quirk(w, "bad", "hold", MATCH_YES); }
static void may_be_held(struct world *w) { world_quirk(w, "bad", "hold", MATCH_MAYBE); }
static void no_wc(struct world *w) { world_quirk(w, "bad", "no-wc", MATCH_YES); }
static void may_be_no_wc(struct world *w) { world_quirk(w, "bad", "no-wc", MATCH_MAYBE); }
static void bar_denied(struct world *w) { world_quirk(w, "bad", "deny", MATCH_BAR_YES); }
static void bar_held(struct world *w) { world_quirk(w, "bad", "hold", MATCH_BAR_YES); }
static void bar_may_be_denied(struct world *w) { world_quirk(w, "bad", "deny", MATCH_BAR_MAYBE); }
static void registers(struct world *w) { world_quirk(w, "bad", "not-memory", MATCH_BAR_YES); }
static void may_be_registers(struct world *w) { world_quirk(w, "bad", "not-memory", MATCH_BAR_MAYBE); }
static void broken(struct world *w) { assert_int_equal(strs_add(&w->quirks.broken, "10-x.json: line 3: bad"), 0); }
static void findings_broken(struct world *w)
{
	static char *why[] = { (char *)"0000:02:00.0-bar0.json: Input/output error" };
	static const struct strs broken = { why, 1 };

	w->evidence.broken_records = &broken;
}
static void import_broken(struct world *w)
{
	static char *why[] = { (char *)"/etc/pciwc/there.json: Input/output error" };
	static const struct strs broken = { why, 1 };

	w->evidence.broken_imports = &broken;
}
static void not_prefetchable(struct world *w) { w->function[GOOD].bars[0].prefetchable = false; }
static void no_address(struct world *w) { w->function[GOOD].bars[0].base = 0; }
static void no_wc_file(struct world *w) { w->function[GOOD].bars[0].wc_file = TRI_NO; }
static void crashed(struct world *w) { world_crash(w, GOOD, 0); }
static void crashed_twice(struct world *w) { world_crash(w, GOOD, 1); }
static void undeclared(struct world *w) { w->quirks.at[0].effect = EFFECT_WARN; }
static void other_device(struct world *w) { w->function[GOOD].device = 0x1111; }
static void other_revision(struct world *w) { w->function[GOOD].revision = 2; }
static void unread_revision(struct world *w) { w->function[GOOD].has_revision = false; }
static void unread_subsystem(struct world *w)
{
	static struct gap gap = { (char *)"subsystem_device", (char *)"Too many open files" };

	w->function[GOOD].gaps = (struct gaps){ &gap, 1 };
}
static void other_port(struct world *w) { w->function[PORT].device = 0x9999; }
static void other_mps(struct world *w) { w->function[PORT].caps.mps_bytes = 128; }
static void unread_port(struct world *w) { w->function[PORT].vendor = 0; }
static void unread_ports(struct world *w) { w->function[GOOD].n_ports = 0; w->function[GOOD].has_ports = false; }
/* As others than root read it. */
static void unread_caps(struct device *function)
{
	static struct gap gap = { (char *)"capabilities", (char *)"Permission denied" };

	function->caps = (struct caps){ .config_bytes = 64 };
	function->gaps = (struct gaps){ &gap, 1 };
}
static void unread_config(struct world *w) { unread_caps(&w->function[GOOD]); }
static void unread_port_config(struct world *w) { unread_caps(&w->function[PORT]); }
static void unread_physfn(struct world *w)
{
	static struct gap gap = { (char *)"physfn", (char *)"Input/output error" };

	w->function[GOOD].gaps = (struct gaps){ &gap, 1 };
}
static void physfn_unread(struct world *w) { w->function[GOOD].caps.mps_bytes = 0; }
static void unread_bars(struct world *w)
{
	static struct gap gap = { (char *)"BARs", (char *)"Input/output error" };

	w->function[GOOD].n_bars = 0;
	w->function[GOOD].gaps = (struct gaps){ &gap, 1 };
}
/* As observe/pci-sysfs.c leaves one that says its MSI-X is where it cannot be: the path's key is read all the same. */
static void odd_msix(struct world *w) { w->function[GOOD].caps.config_bytes = w->function[PORT].caps.config_bytes = 64; }
static void other_kernel(struct world *w) { w->kernel.release = TEXT("6.13.0"); world_rename(w); }
static void unknown_arch(struct world *w) { w->platform.arch = NULL; world_rename(w); }
static void msix_everywhere(struct world *w)
{
	struct caps *caps = &w->function[GOOD].caps;

	caps->msix = 0xb0;
	caps->msix_table_bar = caps->msix_pba_bar = 2;
	caps->msix_table_offset = 0xfff000;
	caps->msix_table_bytes = 16;
	caps->msix_pba_offset = 0xfff800;
	caps->msix_pba_bytes = 8;
}

static const struct row {
	const char *name;
	void (*spoil)(struct world *w);
	enum verdict_kind path, bar;
	enum reason_id reason; /* of the BAR, or of the path */
} rows[] = {
	{ "no record", no_record, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "no findings", no_findings, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "no type", no_type, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "no subword", no_subword, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "no sparse", no_sparse, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "no restore", no_restore, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "type unsupported", type_unsupported, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_TYPE_UNCONFIRMED },
	{ "type not exercised", type_unexercised, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_EXERCISED },
	{ "type fails", type_fails, VERDICT_UNKNOWN, VERDICT_UNSAFE, REASON_TEST_FAILED },
	{ "subword fails", subword_fails, VERDICT_UNSAFE, VERDICT_UNSAFE, REASON_TEST_FAILED },
	{ "subword skipped", subword_skipped, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "sparse fails", sparse_fails, VERDICT_UNSAFE, VERDICT_UNSAFE, REASON_TEST_FAILED },
	{ "sparse dies", sparse_dies, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_TEST_DIED },
	{ "sparse zero", sparse_zero, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "sparse not exercised", sparse_unexercised, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_EXERCISED },
	{ "sparse fails after a pass", sparse_fails_later, VERDICT_UNSAFE, VERDICT_UNSAFE, REASON_TEST_FAILED },
	{ "restore fails", restore_fails, VERDICT_UNKNOWN, VERDICT_UNSAFE, REASON_TEST_FAILED },
	{ "restore skipped", restore_skipped, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "bench dies", bench_dies, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_TEST_DIED },
	{ "errors unseen", errors_unseen, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_ERRORS_UNOBSERVED },
	{ "containment unknown", containment_unknown, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_CONTAINMENT },
	{ "containment low", containment_low, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_CONTAINMENT },
	{ "virtual findings", scope_virtual, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_STALE },
	{ "a replay's finding", scope_replay, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_STALE },
	{ "a finding of no scope", scope_zero, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_STALE },
	{ "replay", replay, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_REPLAY },
	{ "virtual", is_virtual, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_VIRTUAL_PLATFORM },
	{ "virtual or not", may_be_virtual, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_VIRTUAL_PLATFORM },
	{ "denied", denied, VERDICT_UNSAFE, VERDICT_UNSAFE, REASON_PATH_DENIED },
	{ "may be denied", may_be_denied, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_HELD },
	{ "held", held, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_HELD },
	{ "may be held", may_be_held, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_HELD },
	{ "no WC", no_wc, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NO_WC },
	{ "may be no WC", may_be_no_wc, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_HELD },
	{ "BAR denied", bar_denied, VERDICT_SAFE, VERDICT_UNSAFE, REASON_TARGET_DENIED },
	{ "BAR held", bar_held, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_TARGET_HELD },
	{ "BAR may be denied", bar_may_be_denied, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_TARGET_HELD },
	{ "registers", registers, VERDICT_SAFE, VERDICT_UNSAFE, REASON_TARGET_NOT_MEMORY },
	{ "may be registers", may_be_registers, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_TARGET_HELD },
	{ "database broken", broken, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_DATABASE_BROKEN },
	{ "findings broken", findings_broken, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "import broken", import_broken, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "not prefetchable", not_prefetchable, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NOT_PREFETCHABLE },
	{ "no address", no_address, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "no WC file", no_wc_file, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_NO_WC },
	{ "crashed", crashed, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_CRASHED },
	{ "crashed twice", crashed_twice, VERDICT_UNKNOWN, VERDICT_UNSAFE, REASON_CRASHED },
	{ "undeclared", undeclared, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_TARGET_UNKNOWN },
	{ "another device", other_device, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_TARGET_UNKNOWN },
	{ "another revision", other_revision, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "a revision that cannot be read", unread_revision, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "a subsystem that cannot be read", unread_subsystem, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_NOT_PROBED },
	{ "another port", other_port, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_UNPROVEN },
	{ "another payload size", other_mps, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_PATH_UNPROVEN },
	{ "a port that cannot be read", unread_port, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "a port's capabilities that cannot be read", unread_port_config, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "a physical function that is not known", unread_physfn, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "a physical function that cannot be read", physfn_unread, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "ports that cannot be read", unread_ports, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "MSI-X that may be anywhere", odd_msix, VERDICT_SAFE, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "capabilities that cannot be read", unread_config, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_UNREADABLE },
	{ "another kernel", other_kernel, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_STALE },
	{ "unknown architecture", unknown_arch, VERDICT_UNKNOWN, VERDICT_UNKNOWN, REASON_NO_WC },
	{ "MSI-X in the BAR", msix_everywhere, VERDICT_SAFE, VERDICT_UNSAFE, REASON_TARGET_MSIX },
};

/* No answer is a dead end, and none is without a cause. */
static void check_no_dead_end(const char *name, const struct device_verdict *verdict, size_t n_bars)
{
	if (verdict->path.kind != VERDICT_SAFE && (!verdict->path.nexts.n || !verdict->path.reasons.n))
		fail_msg("%s: the path is a dead end", name);
	for (size_t i = 0; i < n_bars; i++) {
		const struct bar_verdict *bar = &verdict->bars[i];

		if (bar->kind != VERDICT_SAFE && (!bar->nexts.n || !bar->reasons.n))
			fail_msg("%s: the BAR is a dead end", name);
		if (bar_verdict_is_grantable(bar) && bar->kind != VERDICT_SAFE)
			fail_msg("%s: grants what is not safe", name);
		if (bar->kind == VERDICT_SAFE && (verdict->path.kind != VERDICT_SAFE || bar->target != VERDICT_SAFE))
			fail_msg("%s: safe without a safe path and target", name);
		for (size_t a = 0; a < bar->nexts.n; a++)
			for (size_t b = 0; b < a; b++)
				assert_false(str_eq(bar->nexts.at[a].text, bar->nexts.at[b].text) &&
				             str_eq(bar->nexts.at[a].command, bar->nexts.at[b].command));
	}
}

static void test_one_thing_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct world w;

		world_make(&w);
		rows[i].spoil(&w);

		const struct device_verdict *verdict = world_judge(&w, GOOD);

		if (verdict->path.kind != rows[i].path || verdict->bars[0].kind != rows[i].bar)
			fail_msg("%s: path %s, BAR %s, expected %s, %s", rows[i].name, verdict_names[verdict->path.kind],
			         verdict_names[verdict->bars[0].kind], verdict_names[rows[i].path],
			         verdict_names[rows[i].bar]);
		if (!reasons_has(&verdict->bars[0].reasons, rows[i].reason))
			fail_msg("%s: without reason %s", rows[i].name, reason_names[rows[i].reason]);
		if (bar_verdict_is_grantable(&verdict->bars[0]))
			fail_msg("%s: grantable", rows[i].name);
		check_no_dead_end(rows[i].name, verdict, 1);
		world_done(&w);
	}
}

/* What another machine's hardware did is no warning there, so what is not known of it is none. */
static void test_import_broken_in_guest(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.platform.is_virtual = TRI_YES;
	import_broken(&w);
	assert_false(reasons_has(&world_judge(&w, GOOD)->path.reasons, REASON_UNREADABLE));
	world_done(&w);
}

/* ---- deny, lift, hold, accept ---- */

static void test_lift_is_by_name(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	denied(&w);
	world_quirk(&w, "worse", "deny", MATCH_YES);
	world_lift(&w, "bad");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNSAFE);
	world_lift(&w, "wors");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNSAFE);
	world_lift(&w, "worse");

	const struct device_verdict *verdict = world_judge(&w, GOOD);

	assert_int_equal(verdict->bars[0].kind, VERDICT_SAFE);
	/* A lift is shown on path and BAR, with its reason. */
	assert_says(reason_text(&verdict->path.reasons, REASON_LIFTED), "it is fixed");
	assert_says(reason_text(&verdict->bars[0].reasons, REASON_LIFTED), "it is fixed");
	world_done(&w);
}

/* Accepting is for holds: it never undoes a denial. */
static void test_accept_does_not_lift(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	denied(&w);
	world_accept(&w, "entry:bad");
	world_accept(&w, "virtual-platform");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNSAFE);
	world_done(&w);
}

static void test_hold_is_accepted_by_name(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	held(&w);
	world_lift(&w, "bad"); /* a lift is for denials, and for what cannot be ruled out */
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	world_accept(&w, "entry:bad");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_ACCEPTED), "we know it");
	world_done(&w);
}

/* What the next step says, works: whatever cannot be ruled out is lifted by name. */
static void test_unknown_is_lifted_by_name(void **state)
{
	static void (*const spoils[])(struct world *) = { may_be_denied, may_be_held, may_be_no_wc, bar_may_be_denied,
		                                          may_be_registers };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(spoils); i++) {
		struct world w;

		world_make(&w);
		spoils[i](&w);
		assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
		world_lift(&w, "bad");
		assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
		world_done(&w);
	}
}

static void test_no_wc_is_not_lifted(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	no_wc(&w);
	world_lift(&w, "bad");
	world_accept(&w, "entry:bad");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	world_done(&w);
}

static void test_warning_decides_nothing(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_quirk(&w, "beware", "warn", MATCH_YES);
	world_quirk(&w, "perhaps", "warn", MATCH_MAYBE);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_true(reasons_has(&w.verdict.path.reasons, REASON_WARNED));
	assert_int_equal(w.expectation.path.n, 1);
	world_done(&w);
}

/* An accepted entry proves the path, and only that: the BAR still needs its own findings. */
static void test_accepted_entry_is_a_basis(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_quirk(&w, "known-good", "allow-after-probe", MATCH_YES);
	w.records.n = 0;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNKNOWN);
	world_accept(&w, "entry:known-good");

	const struct device_verdict *verdict = world_judge(&w, GOOD);

	assert_int_equal(verdict->path.kind, VERDICT_SAFE);
	assert_int_equal(verdict->path.basis, BASIS_ACCEPTED);
	assert_says(reason_text(&verdict->path.reasons, REASON_ACCEPTED), "we know it");
	assert_int_equal(verdict->bars[0].kind, VERDICT_UNKNOWN);
	assert_says(reason_text(&verdict->bars[0].reasons, REASON_ACCEPTED), "we know it");
	assert_true(reasons_has(&verdict->bars[0].reasons, REASON_NOT_PROBED));
	/* With findings on a path of its own it is safe; denied it is not. */
	w.records.n = 1;
	w.record[0].path_key = TEXT("root=0000:00:09.0 ports=elsewhere");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	denied(&w);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNSAFE);
	world_done(&w);
}

/* What failed on a path that cannot be told any more is not forgotten for that. */
static void test_unread_path_hides_no_failure(void **state)
{
	static void (*const unread[])(struct world *) = { unread_port, unread_port_config, unread_ports, unread_config, unread_physfn,
		                                           physfn_unread, unread_bars };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(unread); i++) {
		struct world w;

		world_make(&w);
		world_quirk(&w, "known-good", "allow-after-probe", MATCH_YES);
		world_accept(&w, "entry:known-good");
		odd_msix(&w);
		assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_SAFE);
		sparse_fails_later(&w);
		assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNSAFE);
		unread[i](&w);
		assert_int_not_equal(world_judge(&w, GOOD)->path.kind, VERDICT_SAFE);
		world_done(&w);
	}
}

/* An entry that cannot be ruled out allows nothing. */
static void test_unknown_entry_is_no_basis(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_quirk(&w, "known-good", "allow-after-probe", MATCH_MAYBE);
	world_accept(&w, "entry:known-good");
	w.records.n = 0;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNKNOWN);
	world_done(&w);
}

/* ---- scopes ---- */

static void test_virtual_accepted_is_safe_there(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.platform.is_virtual = TRI_YES;
	w.platform.hypervisor = TEXT("kvm");
	world_bind(&w, &w.record[0], GOOD);
	world_scope(&w, SCOPE_VIRTUAL);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	world_accept(&w, "virtual-platform");

	const struct device_verdict *verdict = world_judge(&w, GOOD);

	assert_int_equal(verdict->path.kind, VERDICT_SAFE);
	assert_int_equal(verdict->path.scope, SCOPE_VIRTUAL);
	assert_int_equal(verdict->bars[0].kind, VERDICT_SAFE);
	assert_int_equal(verdict->bars[0].scope, SCOPE_VIRTUAL);
	assert_says(reason_text(&verdict->bars[0].reasons, REASON_ACCEPTED), "we know it");
	/* There, and only there, nothing has to have combined. */
	w.finding[F_SPARSE].outcome = OUTCOME_NOT_EXERCISED;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	/* Findings of hardware prove nothing of a virtual machine. */
	world_scope(&w, SCOPE_HARDWARE);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	world_done(&w);
}

static void test_acceptance_does_not_help_hardware(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_accept(&w, "virtual-platform");
	sparse_unexercised(&w);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	w.finding[F_SPARSE].outcome = OUTCOME_PASS;
	world_scope(&w, SCOPE_VIRTUAL);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_STALE));
	world_done(&w);
}

/* ---- gain, grant, surfaces ---- */

static void test_gain(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.gain.value = 1.19;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_false(bar_verdict_is_grantable(&w.verdict.bars[0]));
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_GAIN_LOW), "1.19");
	w.gain.value = 1.2;
	assert_true(bar_verdict_is_grantable(world_bar(&w, GOOD)));
	/* Not measured: below any minimum but none. */
	w.finding[F_BENCH].numbers.n = 0;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_false(bar_verdict_is_grantable(&w.verdict.bars[0]));
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_GAIN_LOW), "not measured");
	w.site.minimum_gain = 0;
	assert_true(bar_verdict_is_grantable(world_bar(&w, GOOD)));
	/* A number of a benchmark that did not pass is none. */
	w.site.minimum_gain = 1.2;
	w.finding[F_BENCH].numbers.n = 1;
	w.finding[F_BENCH].outcome = OUTCOME_NOT_EXERCISED;
	assert_true(world_bar(&w, GOOD)->gain == 0);
	world_done(&w);
}

static void test_grant_is_asked_for(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.site.grant.n = 0;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_false(bar_verdict_is_grantable(&w.verdict.bars[0]));
	assert_null(w.verdict.bars[0].group);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_NOT_ASKED));
	w.site.grant.n = 1;
	w.grant[0].bar = 0;
	assert_false(bar_verdict_is_grantable(world_bar(&w, GOOD)));
	world_done(&w);
}

/* What keeps a BAR from being mapped now says nothing against what was found before; nothing is granted meanwhile. */
static void test_only_now(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.function[GOOD].driver = TEXT("nvme");
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	w.kernel.lockdown = LOCKDOWN_INTEGRITY;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_int_equal(w.verdict.bars[0].sysfs, SYSFS_LOCKED_DOWN);
	assert_false(bar_verdict_is_grantable(&w.verdict.bars[0]));
	assert_true(w.verdict.bars[0].nexts.n > 0);
	/* That nothing can be granted is said whatever else is so: the findings do not hold, or nobody asks. */
	w.kernel.release = TEXT("6.13.0");
	world_rename(&w);
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_STALE));
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_LOCKED_DOWN));
	world_done(&w);
	world_make(&w);
	w.function[GOOD].driver = TEXT("nvme");
	w.function[GOOD].bars[0].wc_file = TRI_UNKNOWN;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
	assert_false(bar_verdict_is_grantable(&w.verdict.bars[0]));
	/* Without findings it is the reason why there are none. */
	w.function[GOOD].bars[0].wc_file = TRI_YES;
	w.records.n = 0;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_BUSY), "nvme");
	world_done(&w);
}

static void test_surfaces(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.function[GOOD].bars[0].is_open = true;
	assert_int_equal(world_bar(&w, GOOD)->sysfs, SYSFS_AVAILABLE);
	assert_true(w.verdict.bars[0].is_granted);
	assert_int_equal(w.verdict.bars[0].guest, GUEST_DECIDES);
	w.function[GOOD].bars[0].is_open = false;
	w.function[GOOD].bars[0].wc_file = TRI_NO;
	assert_int_equal(world_bar(&w, GOOD)->sysfs, SYSFS_MISSING);
	assert_false(w.verdict.bars[0].is_granted);
	w.function[GOOD].bars[0].wc_file = TRI_UNKNOWN;
	assert_int_equal(world_bar(&w, GOOD)->sysfs, SYSFS_UNKNOWN);
	world_done(&w);
}

/* What a driver of the host's has requested nobody else maps, unless the kernel was told so; one for VFIO requests it for its user. */
static void test_surface_busy(void **state)
{
	static const struct {
		const char *driver;
		bool vfio, relaxed;
		enum tri strict, wc_file;
		enum surface_sysfs expected;
	} cases[] = {
		{ "nvme", false, false, TRI_YES, TRI_YES, SYSFS_BUSY },
		{ "nvme", false, false, TRI_UNKNOWN, TRI_YES, SYSFS_UNKNOWN },
		{ "nvme", false, true, TRI_UNKNOWN, TRI_YES, SYSFS_AVAILABLE },
		{ "nvme", false, false, TRI_NO, TRI_YES, SYSFS_AVAILABLE },
		{ "nvme", false, true, TRI_YES, TRI_YES, SYSFS_AVAILABLE },
		{ "nvme", false, false, TRI_YES, TRI_NO, SYSFS_MISSING },
		{ "vfio-pci", true, false, TRI_YES, TRI_YES, SYSFS_AVAILABLE },
		{ NULL, false, false, TRI_YES, TRI_YES, SYSFS_AVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct world w;

		world_make(&w);
		w.function[GOOD].driver = TEXT(cases[i].driver);
		w.function[GOOD].vfio = cases[i].vfio;
		w.function[GOOD].bars[0].wc_file = cases[i].wc_file;
		w.kernel.strict_devmem = cases[i].strict;
		w.kernel.iomem_relaxed = cases[i].relaxed;
		if (world_bar(&w, GOOD)->sysfs != cases[i].expected)
			fail_msg("case %zu: %s", i, surface_sysfs_names[w.verdict.bars[0].sysfs]);
		world_done(&w);
	}
}

/* ---- the path of others ---- */

static void test_equivalent(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_SAFE);
	assert_int_equal(w.verdict.path.basis, BASIS_EQUIVALENT);
	/* Its own mapping was never looked at. */
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_UNKNOWN);
	assert_int_equal(world_judge(&w, OTHER)->path.kind, VERDICT_UNKNOWN);
	/* What is equal in good is equal in bad. */
	sparse_fails(&w);
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_UNKNOWN);
	assert_int_equal(w.verdict.path.basis, BASIS_NONE);
	world_done(&w);
}

/* Of what the host died nobody knows: of the BAR, or of its path, which is then whoever's it proves no more. */
static void test_death_on_a_path(void **state)
{
	static const struct pci_address gone = { .bus = 9 };
	const struct path_verdict *path;
	struct world w;

	(void)state;
	/* Not by its own record either: the BAR that is given was probed, and another one of its path took the host with it. */
	world_make(&w);
	world_crash(&w, GOOD, 0);
	w.crash[0].address = gone;
	assert_int_equal(world_judge(&w, GOOD)->bars[0].kind, VERDICT_SAFE);
	w.record[1] = w.record[0];
	w.record[1].address = gone;
	w.records.n = 2;
	path = &world_judge(&w, GOOD)->path;
	assert_int_equal(path->kind, VERDICT_UNKNOWN);
	assert_int_equal(path->basis, BASIS_NONE);
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_UNKNOWN);
	assert_says(reason_text(&path->reasons, REASON_CRASHED), "0000:09:00.0 BAR 2");
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_CRASHED), "0000:09:00.0 BAR 2");
	assert_true(path->nexts.n > 0);
	assert_says(path->nexts.at[0].command, "journal clear 0000:09:00.0:2");
	/* What is proven there is lent to nobody. */
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_UNKNOWN);
	assert_int_equal(w.verdict.path.basis, BASIS_NONE);
	w.crash[0].is_crash = false;
	assert_int_equal(world_judge(&w, GOOD)->bars[0].kind, VERDICT_SAFE);
	assert_int_equal(world_judge(&w, TWIN)->path.basis, BASIS_EQUIVALENT);
	world_done(&w);
	/* Of a device that was never probed to its end, and is gone: what the entry says. */
	world_make(&w);
	world_crash(&w, GOOD, 0);
	w.crash[0].address = gone;
	w.crash[0].path_key = w.record[0].path_key;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNKNOWN);
	/* Now there is one at its address, on another path: that is not meant. */
	w.crash[0].address = w.function[OTHER].address;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNKNOWN);
	assert_false(reasons_has(&world_judge(&w, OTHER)->path.reasons, REASON_CRASHED));
	world_done(&w);
	/* Where it does not: where it is now. */
	world_make(&w);
	world_crash(&w, TWIN, 0);
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_UNKNOWN);
	assert_true(reasons_has(&w.verdict.path.reasons, REASON_CRASHED));
	/* What was probed on a path that is only like it stays. */
	assert_int_equal(world_judge(&w, GOOD)->path.basis, BASIS_PROBED);
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_SAFE);
	/* No word of the site's outweighs it. */
	world_quirk(&w, "maybe", "allow-after-probe", MATCH_YES);
	world_accept(&w, "entry:maybe");
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_UNKNOWN);
	w.journal.n = 0;
	assert_int_equal(world_judge(&w, TWIN)->path.kind, VERDICT_SAFE);
	world_done(&w);
}

static void test_integrated_lends_to_nobody(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_bind(&w, &w.record[0], RC_A);
	assert_int_equal(world_judge(&w, RC_A)->path.basis, BASIS_PROBED);
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_SAFE);
	assert_int_equal(world_judge(&w, RC_B)->path.kind, VERDICT_UNKNOWN);
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNKNOWN);
	world_done(&w);
}

/* One failed test on a path outweighs all that passed on it, whoever's BAR it was. */
static void test_failure_is_of_the_path(void **state)
{
	struct finding bad[FINDINGS];
	struct world w;

	(void)state;
	world_make(&w);
	memcpy(bad, w.finding, sizeof(bad));
	bad[F_SPARSE].outcome = OUTCOME_FAIL;
	/* A second function behind the same port: the next slot of its bus. */
	world_record(&w, GOOD, bad, FINDINGS)->address = address_of("0000:01:00.1");
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNSAFE);
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_UNSAFE);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_TEST_FAILED), "0000:01:00.1");
	/* Of another machine, or scope, it says nothing here. */
	w.record[1].machine = TEXT("arch=other;");
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_SAFE);
	w.record[1].machine = w.record[0].machine;
	bad[F_SPARSE].scope = SCOPE_VIRTUAL;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_SAFE);
	/* A mapping of the wrong type is that BAR's own. */
	bad[F_SPARSE].outcome = OUTCOME_PASS;
	bad[F_TYPE].outcome = OUTCOME_FAIL;
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_SAFE);
	world_done(&w);
}

/* A window class is part of the path: what was proven through one does not carry over to another. */
static void test_window_class(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.function[GOOD].bars[1] = w.function[GOOD].bars[0];
	w.function[GOOD].bars[1].index = 4;
	w.function[GOOD].bars[1].width = 32;
	w.function[GOOD].bars[1].base = 0xd0000000;
	w.function[GOOD].n_bars = 2;
	assert_int_equal(world_judge(&w, GOOD)->bars[0].kind, VERDICT_SAFE);
	assert_int_equal(w.verdict.bars[1].kind, VERDICT_UNKNOWN);
	check_no_dead_end("window class", &w.verdict, 2);

	/* A failure does: no BAR is better than the path of its device. */
	struct finding bad[FINDINGS];
	struct record *record;

	memcpy(bad, w.finding, sizeof(bad));
	bad[F_SPARSE].outcome = OUTCOME_FAIL;
	record = world_record(&w, GOOD, bad, FINDINGS);
	record->bar = 4;
	record->path_key = world_own(&w, path_key(&w.devices, &w.function[GOOD], &w.function[GOOD].bars[1], &w.platform));
	assert_int_equal(world_judge(&w, GOOD)->path.kind, VERDICT_UNSAFE);
	assert_int_equal(w.verdict.bars[0].kind, VERDICT_UNSAFE);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_TEST_FAILED), "BAR 4");
	assert_int_equal(w.verdict.bars[1].kind, VERDICT_UNSAFE);
	check_no_dead_end("window class", &w.verdict, 2);
	world_done(&w);
}

/* Where capabilities cannot be read MSI-X may be anywhere: no page is known, whoever declares it. */
static void test_unread_capabilities(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	odd_msix(&w);
	assert_int_equal(world_bar(&w, GOOD)->target, VERDICT_UNKNOWN);
	assert_false(reasons_has(&w.verdict.bars[0].reasons, REASON_TARGET_FIT));
	world_done(&w);
}

/* ---- pages ---- */

static void test_msix_leaves_a_range(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	msix_everywhere(&w);
	w.quirks.at[0].scratch.at[0] = (struct range){ 0, 0x800000 };

	const struct bar_verdict *bar = world_bar(&w, GOOD);

	assert_int_equal(bar->kind, VERDICT_UNSAFE);
	assert_int_equal(bar->target, VERDICT_UNSAFE);
	assert_int_equal(bar->n_ranges, 2);
	assert_int_equal(bar->ranges[0].kind, VERDICT_SAFE);
	assert_int_equal(bar->ranges[0].range.size_bytes, 0xfff000);
	assert_int_equal(bar->ranges[1].kind, VERDICT_UNSAFE);
	assert_string_equal(bar->ranges[1].role, "msix");
	/* A range is no better than the path. */
	denied(&w);
	bar = world_bar(&w, GOOD);
	assert_int_equal(bar->ranges[0].kind, VERDICT_UNSAFE);
	world_done(&w);
}

/* The site's word proves a probe's place, never the rest of the BAR. */
static void test_site_scratch_proves_only_what_was_touched(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	undeclared(&w);
	w.scratch[0] = (struct site_scratch){ .device = { .kind = SELECT_ADDRESS, .address = w.function[GOOD].address },
		                              .bar = 2, .range = { 0, 0x402000 } };
	w.site.scratch.n = 1;

	const struct bar_verdict *bar = world_bar(&w, GOOD);

	assert_int_equal(bar->kind, VERDICT_UNKNOWN);
	assert_int_equal(bar->target, VERDICT_UNKNOWN);
	assert_true(reasons_has(&bar->reasons, REASON_TARGET_PARTLY));
	assert_int_equal(bar->n_ranges, 3);
	assert_int_equal(bar->ranges[0].kind, VERDICT_UNKNOWN);
	assert_int_equal(bar->ranges[1].kind, VERDICT_SAFE);
	assert_int_equal(bar->ranges[1].range.offset, 0x1000);
	assert_int_equal(bar->ranges[1].range.size_bytes, 0x400000);
	assert_int_equal(bar->ranges[2].kind, VERDICT_UNKNOWN);
	world_done(&w);
}

/* ---- properties over many machines ---- */

static uint64_t seed;

static unsigned int dice(unsigned int n)
{
	/* splitmix64: the same machines on every run, everywhere */
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned int)((z ^ z >> 31) % n);
}

/* Both sides of the site's choices, so that not everything is hopeless. */
static void random_world(struct world *w)
{
	static void (*const moods[])(struct world *) = { denied,        may_be_denied, held,       may_be_held, no_wc,
		                                         bar_denied,    bar_held,      registers,  broken,      replay,
		                                         crashed,       no_record,     no_sparse,  sparse_dies, errors_unseen,
		                                         other_kernel,  other_port,    no_wc_file, undeclared,  unread_config,
		                                         scope_virtual, no_address,    msix_everywhere };

	world_make(w);
	if (dice(4) == 0) {
		w->platform.is_virtual = dice(2) ? TRI_YES : TRI_UNKNOWN;
		world_bind(w, &w->record[0], GOOD);
		world_scope(w, dice(4) ? SCOPE_VIRTUAL : SCOPE_HARDWARE);
	}
	if (dice(2))
		world_accept(w, "virtual-platform");
	if (dice(4) == 0)
		world_accept(w, "entry:bad");
	if (dice(4) == 0)
		world_lift(w, "bad");
	if (dice(4) == 0) {
		world_quirk(w, "known-good", "allow-after-probe", MATCH_YES);
		world_accept(w, "entry:known-good");
	}
	if (dice(4) == 0)
		w->site.minimum_containment = (enum containment)dice(CONTAINMENT_DPC + 1);
	if (dice(4) == 0)
		w->site.minimum_gain = dice(5);
	w->record[0].containment = (enum containment)dice(CONTAINMENT_DPC + 1);
	for (unsigned int n = dice(3); n--;)
		moods[dice(ELEMENTSOF(moods))](w);
	for (unsigned int n = dice(3); n--;)
		w->finding[dice(FINDINGS)].outcome = (enum outcome)dice(OUTCOMES);
}

/* Only what is bad news: none of it takes older bad news away. */
static void add_bad_news(struct world *w)
{
	static void (*const news[])(struct world *) = { errors_unseen, containment_unknown, crashed_twice, crashed,
		                                        broken,        odd_msix,            no_wc_file,
		                                        findings_broken, import_broken };
	static const char *const effects[] = { "deny", "hold", "no-wc", "not-memory", "warn" };
	static const enum outcome outcomes[] = { OUTCOME_UNKNOWN, OUTCOME_FAIL,    OUTCOME_NOT_EXERCISED,
		                                 OUTCOME_DIED,    OUTCOME_SKIPPED, OUTCOME_UNSUPPORTED };
	const char *effect = effects[dice(ELEMENTSOF(effects))];
	bool of_bar = !strcmp(effect, "not-memory") || dice(2);

	switch (dice(4)) {
	case 0:
		news[dice(ELEMENTSOF(news))](w);
		return;
	case 1:
		world_quirk(w, "news", effect,
		            of_bar ? (dice(2) ? MATCH_BAR_YES : MATCH_BAR_MAYBE) : (dice(2) ? MATCH_YES : MATCH_MAYBE));
		return;
	case 2:
		w->finding[dice(FINDINGS)].outcome = OUTCOME_FAIL;
		return;
	default:
		world_find(w, (enum step)(1 + dice(STEPS - 1)), outcomes[dice(ELEMENTSOF(outcomes))]);
	}
}

struct summary {
	enum verdict_kind path, bar, target, page[8];
	bool is_grantable;
};

static int rank(enum verdict_kind kind)
{
	return kind == VERDICT_SAFE ? 2 : kind == VERDICT_UNKNOWN ? 1 : 0;
}

/* A page each: at the start, where the probe was, behind it, and where MSI-X may be. */
static struct summary summary_of(const struct device_verdict *verdict)
{
	static const uint64_t offsets[] = { 0, 0x1000, 0x400000, 0x401000, 0x800000, 0xffe000, 0xfff000 };
	const struct bar_verdict *bar = &verdict->bars[0];
	struct summary s = { .path = verdict->path.kind, .bar = bar->kind, .target = bar->target,
		             .is_grantable = bar_verdict_is_grantable(bar) };

	for (size_t o = 0; o < ELEMENTSOF(offsets); o++)
		for (size_t i = 0; i < bar->n_ranges; i++)
			if (bar->ranges[i].range.offset <= offsets[o] &&
			    offsets[o] - bar->ranges[i].range.offset < bar->ranges[i].range.size_bytes)
				s.page[o] = bar->ranges[i].kind;
	return s;
}

static void check_not_better(const struct summary *before, const struct summary *after, uint64_t from)
{
	bool is_better = rank(after->path) > rank(before->path) || rank(after->bar) > rank(before->bar) ||
	                 rank(after->target) > rank(before->target) || after->is_grantable > before->is_grantable;

	for (size_t i = 0; i < ELEMENTSOF(before->page); i++)
		is_better |= rank(after->page[i]) > rank(before->page[i]);
	if (is_better)
		fail_msg("bad news made it better, from seed 0x%llx: path %s > %s, BAR %s > %s", (unsigned long long)from,
		         verdict_names[before->path], verdict_names[after->path], verdict_names[before->bar],
		         verdict_names[after->bar]);
}

static void test_bad_news_never_helps(void **state)
{
	unsigned int counts[3] = { 0 };

	(void)state;
	seed = 0x7063697763;
	for (int i = 0; i < 4000; i++) {
		uint64_t from = seed;
		char name[32];
		struct world w;

		snprintf(name, sizeof(name), "seed 0x%llx", (unsigned long long)from);
		random_world(&w);

		struct summary before = summary_of(world_judge(&w, GOOD));

		check_no_dead_end(name, &w.verdict, 1);
		counts[rank(before.bar)]++;
		add_bad_news(&w);

		struct summary after = summary_of(world_judge(&w, GOOD));

		check_no_dead_end(name, &w.verdict, 1);
		check_not_better(&before, &after, from);
		for (int other = TWIN; other < FUNCTIONS; other++)
			check_no_dead_end(name, world_judge(&w, other), 1);
		world_done(&w);
	}
	/* The machines must be of every kind, or the property shows nothing. */
	for (size_t i = 0; i < ELEMENTSOF(counts); i++)
		assert_true(counts[i] > 200);
}

static char *print(const struct device_verdict *verdict)
{
	_cleanup_(json_done) struct json_object *o = json_new_array();

	json_push(o, reasons_to_json(&verdict->path.reasons));
	json_push(o, nexts_to_json(&verdict->path.nexts));
	json_push(o, reasons_to_json(&verdict->bars[0].reasons));
	json_push(o, nexts_to_json(&verdict->bars[0].nexts));
	return json_text(o);
}

static void test_same_input_same_output(void **state)
{
	(void)state;
	seed = 42;
	for (int i = 0; i < 200; i++) {
		struct world w;

		random_world(&w);

		struct summary first = summary_of(world_judge(&w, GOOD));
		_cleanup_free_ char *one = print(&w.verdict);
		struct summary second = summary_of(world_judge(&w, GOOD));
		_cleanup_free_ char *two = print(&w.verdict);

		assert_memory_equal(&first, &second, sizeof(first));
		assert_string_equal(one, two);
		world_done(&w);
	}
}

/* A mapping of it would have more than the BAR: who is given it would have its neighbour's pages, too. */
static void test_shared_pages(void **state)
{
	(void)state;
	for (int is_shared = 0; is_shared < 2; is_shared++) {
		const struct bar_verdict *bar;
		struct world w;

		world_make(&w);
		w.kernel.page_bytes = is_shared ? 0x10000 : 0x1000;
		w.function[GOOD].bars[0].size_bytes = 0x4000;
		w.record[0].range = (struct range){ 0x1000, 0x2000 };
		world_bind(&w, &w.record[0], GOOD);
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->kind, is_shared ? VERDICT_UNKNOWN : VERDICT_SAFE);
		assert_int_equal(bar->given.n, !is_shared);
		if (is_shared)
			assert_says(reason_text(&bar->reasons, REASON_TARGET_UNKNOWN), "what lies beside it");
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_is_safe),
		cmocka_unit_test(test_nothing_is_not_safe),
		cmocka_unit_test(test_one_thing_wrong),
		cmocka_unit_test(test_import_broken_in_guest),
		cmocka_unit_test(test_lift_is_by_name),
		cmocka_unit_test(test_accept_does_not_lift),
		cmocka_unit_test(test_hold_is_accepted_by_name),
		cmocka_unit_test(test_unknown_is_lifted_by_name),
		cmocka_unit_test(test_no_wc_is_not_lifted),
		cmocka_unit_test(test_warning_decides_nothing),
		cmocka_unit_test(test_accepted_entry_is_a_basis),
		cmocka_unit_test(test_unread_path_hides_no_failure),
		cmocka_unit_test(test_unknown_entry_is_no_basis),
		cmocka_unit_test(test_virtual_accepted_is_safe_there),
		cmocka_unit_test(test_acceptance_does_not_help_hardware),
		cmocka_unit_test(test_gain),
		cmocka_unit_test(test_grant_is_asked_for),
		cmocka_unit_test(test_only_now),
		cmocka_unit_test(test_surfaces),
		cmocka_unit_test(test_surface_busy),
		cmocka_unit_test(test_equivalent),
		cmocka_unit_test(test_death_on_a_path),
		cmocka_unit_test(test_integrated_lends_to_nobody),
		cmocka_unit_test(test_failure_is_of_the_path),
		cmocka_unit_test(test_window_class),
		cmocka_unit_test(test_unread_capabilities),
		cmocka_unit_test(test_msix_leaves_a_range),
		cmocka_unit_test(test_site_scratch_proves_only_what_was_touched),
		cmocka_unit_test(test_bad_news_never_helps),
		cmocka_unit_test(test_same_input_same_output),
		cmocka_unit_test(test_shared_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
