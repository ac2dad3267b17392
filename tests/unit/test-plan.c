/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-plan: what may be probed, where and by which steps; each thing that forbids it forbids it alone. */
#include "world.h"

#include "decide/plan.h"

static void plan(struct world *w, int function, struct plan *ret)
{
	world_expect(w, function);
	assert_int_equal(plan_bar(&w->evidence, &w->function[function], 0, &w->expectation, ret), 0);
}

static void test_allowed(void **state)
{
	struct plan p;
	struct world w;

	(void)state;
	world_make(&w);
	w.records.n = 0;
	plan(&w, GOOD, &p);
	assert_true(p.is_allowed);
	assert_int_equal(p.reasons.n, 0);
	assert_ptr_equal(p.device, &w.function[GOOD]);
	assert_ptr_equal(p.bar, &w.function[GOOD].bars[0]);
	/* All that there are, in their order. */
	assert_int_equal(p.n, STEP_RESTORE - STEP_SAVE + 1);
	for (size_t i = 0; i < p.n; i++)
		assert_int_equal(p.at[i], STEP_SAVE + i);
	assert_false(p.is_wide);
	/* A guard page at the start, and no more than 4 MiB. */
	assert_int_equal(p.range.offset, 0x1000);
	assert_int_equal(p.range.size_bytes, 4 << 20);

	_cleanup_(json_done) struct json_object *o = plan_to_json(&p);
	_cleanup_free_ char *text = json_text(o);

	assert_says(text, "\"device\": \"0000:01:00.0\"");
	assert_says(text, "\"allowed\": true");
	assert_says(text, "\"sparse\"");
	plan_done(&p);
	world_done(&w);
}

/* The guard pages at both ends, and at least a page between them. */
static void test_guards(void **state)
{
	static const struct {
		uint64_t scratch, range; /* 0: not allowed */
	} rows[] = { { 0x1000, 0 },         { 0x2000, 0 },         { 0x3000, 0x1000 }, { 0x10000, 0xe000 },
		     { 0x402000, 4 << 20 }, { 0x403000, 4 << 20 }, { 0x401000, (4 << 20) - 0x1000 } };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct plan p;
		struct world w;

		world_make(&w);
		w.quirks.at[0].scratch.at[0] = (struct range){ 0x5000, rows[i].scratch };
		plan(&w, GOOD, &p);
		assert_int_equal(p.is_allowed, rows[i].range != 0);
		if (rows[i].range) {
			assert_int_equal(p.range.offset, 0x6000);
			assert_int_equal(p.range.size_bytes, rows[i].range);
		} else {
			assert_int_equal(p.n, 0);
			assert_true(reasons_has(&p.reasons, REASON_TARGET_UNKNOWN));
			assert_true(p.nexts.n > 0);
		}
		plan_done(&p);
		world_done(&w);
	}
}

/* What is mapped is whole pages of the kernel's: all of them must be the BAR's, and, of those that are tested, in the range. */
static void test_pages(void **state)
{
	static const struct {
		uint64_t page, base, size, scratch, offset, range; /* range 0: not allowed */
	} rows[] = {
		{ 0x1000, 0x384000, 0x4000, 0x4000, 0x1000, 0x2000 },
		{ 0, 0x384000, 0x4000, 0x4000, 0x1000, 0x2000 },
		{ 0x4000, 0x384000, 0x4000, 0x4000, 0, 0 },
		{ 0x10000, 0x384000, 0x4000, 0x4000, 0, 0 },
		{ 0x10000, 0x380000, 0x4000, 0x4000, 0, 0 },
		{ 0x10000, 0x380000, 0x10000, 0x10000, 0, 0 },
		{ 0x10000, 0x380000, 0x20000, 0x20000, 0, 0 },
		{ 0x10000, 0x380000, 0x40000, 0x40000, 0x10000, 0x20000 },
		{ 0x10000, 0x380000, 0x40000, 0x22000, 0x10000, 0x10000 },
		{ 0x10000, 0x300000, 0x1000000, 0x1000000, 0x10000, 0x400000 },
		{ 0x1000, 0x300800, 0x4000, 0x4000, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct plan p;
		struct world w;

		world_make(&w);
		w.kernel.page_bytes = rows[i].page;
		w.function[GOOD].bars[0].base = rows[i].base;
		w.function[GOOD].bars[0].size_bytes = rows[i].size;
		w.quirks.at[0].scratch.at[0] = (struct range){ 0, rows[i].scratch };
		plan(&w, GOOD, &p);
		if (p.is_allowed != (rows[i].range != 0) || p.range.offset != rows[i].offset || p.range.size_bytes != rows[i].range)
			fail_msg("row %zu: 0x%llx + 0x%llx", i, (unsigned long long)p.range.offset, (unsigned long long)p.range.size_bytes);
		if (!p.is_allowed) {
			assert_true(reasons_has(&p.reasons, REASON_TARGET_UNKNOWN));
			assert_true(p.nexts.n > 0);
		}
		plan_done(&p);
		world_done(&w);
	}
}

/* The registers that tell of a buffer are read below the same pages. */
static void test_pages_of_registers(void **state)
{
	struct plan p;
	struct world w;

	(void)state;
	world_make(&w);
	world_cmb(&w);
	w.kernel.page_bytes = 0x10000;
	plan(&w, GOOD, &p);
	assert_false(p.is_allowed);
	assert_says(reason_text(&p.reasons, REASON_TARGET_UNKNOWN), "BAR 0 does not begin and end on pages of this kernel, of 64 KiB");
	plan_done(&p);
	w.function[GOOD].bars[1].size_bytes = 0x10000;
	plan(&w, GOOD, &p);
	assert_true(p.is_allowed);
	plan_done(&p);
	world_done(&w);
}

/* A controller memory buffer: looked for first, and without a range until then. */
static void test_cmb(void **state)
{
	struct plan p;
	struct world w;

	(void)state;
	world_make(&w);
	world_cmb(&w);
	w.records.n = 0;
	plan(&w, GOOD, &p);
	if (!p.is_allowed)
		fail_msg("%s", p.reasons.at[0].text);
	assert_int_equal(p.at[0], STEP_LOCATE);
	assert_int_equal(p.at[1], STEP_SAVE);
	assert_int_equal(p.at[p.n - 1], STEP_RESTORE);
	assert_int_equal(p.range.size_bytes, 0);

	_cleanup_(json_done) struct json_object *o = plan_to_json(&p);
	_cleanup_free_ char *text = json_text(o);

	assert_says(text, "\"scratch\": \"cmb\"");
	assert_says(text, "\"locate\"");
	assert_null(strstr(text, "\"range\""));
	plan_done(&p);

	/* What the site declares needs no search. */
	w.scratch[w.site.scratch.n++] = (struct site_scratch){
		.device = { .kind = SELECT_ADDRESS, .address = w.function[GOOD].address }, .bar = 2, .range = { 0, 0x10000 },
	};
	plan(&w, GOOD, &p);
	assert_int_equal(p.at[0], STEP_SAVE);
	assert_int_equal(p.range.size_bytes, 0xe000);
	plan_done(&p);
	world_done(&w);
}

static void replay(struct world *w) { w->evidence.is_replay = true; }
static void arch_unknown(struct world *w) { w->platform.arch = NULL; }
static void arch_other(struct world *w) { w->platform.arch = TEXT("riscv64"); }
static void broken(struct world *w) { assert_int_equal(strs_add(&w->quirks.broken, "10-x.json: bad"), 0); }
static void denied(struct world *w) { world_quirk(w, "q", "deny", MATCH_YES); }
static void may_be_denied(struct world *w) { world_quirk(w, "q", "deny", MATCH_MAYBE); }
static void held(struct world *w) { world_quirk(w, "q", "hold", MATCH_YES); }
static void no_wc(struct world *w) { world_quirk(w, "q", "no-wc", MATCH_YES); }
static void bar_denied(struct world *w) { world_quirk(w, "q", "deny", MATCH_BAR_YES); }
static void bar_held(struct world *w) { world_quirk(w, "q", "hold", MATCH_BAR_YES); }
static void registers(struct world *w) { world_quirk(w, "q", "not-memory", MATCH_BAR_YES); }
static void may_be_registers(struct world *w) { world_quirk(w, "q", "not-memory", MATCH_BAR_MAYBE); }
static void not_prefetchable(struct world *w) { w->function[GOOD].bars[0].prefetchable = false; }
static void io(struct world *w) { w->function[GOOD].bars[0].io = true; }
static void no_address(struct world *w) { w->function[GOOD].bars[0].base = 0; }
static void undeclared(struct world *w) { w->quirks.at[0].effect = EFFECT_WARN; }
static void unread_config(struct world *w) { w->function[GOOD].caps.config_bytes = 64; }
static void crashed(struct world *w) { world_crash(w, GOOD, 0); }
static void locked(struct world *w) { w->kernel.lockdown = LOCKDOWN_INTEGRITY; }
static void locked_more(struct world *w) { w->kernel.lockdown = LOCKDOWN_CONFIDENTIALITY; }
static void no_file(struct world *w) { w->function[GOOD].bars[0].wc_file = TRI_NO; }
static void driver(struct world *w) { w->function[GOOD].driver = TEXT("mlx5_core"); }
static void vfs(struct world *w) { w->function[GOOD].caps.vfs = 4; }
static void boot_vga(struct world *w) { w->function[GOOD].boot_vga = true; }

static void test_each_refusal(void **state)
{
	static const struct {
		void (*spoil)(struct world *w);
		enum reason_id reason;
		const char *says;
	} rows[] = {
		{ replay, REASON_REPLAY, "captured" },
		{ arch_unknown, REASON_NO_WC, "unknown" },
		{ arch_other, REASON_NO_WC, "riscv64" },
		{ broken, REASON_DATABASE_BROKEN, "10-x.json" },
		{ denied, REASON_PATH_DENIED, "because of q" },
		{ may_be_denied, REASON_PATH_HELD, "soc_id" },
		{ held, REASON_PATH_HELD, "because of q" },
		{ no_wc, REASON_NO_WC, "because of q" },
		{ bar_denied, REASON_TARGET_DENIED, "because of q" },
		{ bar_held, REASON_TARGET_HELD, "because of q" },
		{ registers, REASON_TARGET_NOT_MEMORY, "because of q" },
		{ may_be_registers, REASON_TARGET_HELD, "soc_id" },
		{ not_prefetchable, REASON_NOT_PREFETCHABLE, "not prefetchable" },
		{ io, REASON_NOT_PREFETCHABLE, "not prefetchable" },
		{ no_address, REASON_UNREADABLE, "no address" },
		{ undeclared, REASON_TARGET_UNKNOWN, "nobody says" },
		{ unread_config, REASON_UNREADABLE, "MSI-X" },
		{ crashed, REASON_CRASHED, "sparse" },
		{ locked, REASON_LOCKED_DOWN, "integrity" },
		{ locked_more, REASON_LOCKED_DOWN, "confidentiality" },
		{ no_file, REASON_NO_WC, "resource2_wc" },
		{ driver, REASON_BUSY, "mlx5_core" },
		{ vfs, REASON_BUSY, "virtual functions of it are enabled (4)" },
		{ boot_vga, REASON_BUSY, "screen" },
	};

	(void)state;
	/* Each of them with a range that was declared, and with one that is still to be found. */
	for (size_t n = 0; n < 2 * ELEMENTSOF(rows); n++) {
		size_t i = n / 2;
		struct plan p;
		struct world w;

		world_make(&w);
		if (n % 2)
			world_cmb(&w);
		w.records.n = 0;
		rows[i].spoil(&w);
		plan(&w, GOOD, &p);
		if (p.is_allowed || p.n || p.reasons.n != 1 || p.reasons.at[0].id != rows[i].reason)
			fail_msg("row %zu: %zu reasons, the first is %s, expected %s alone", i, p.reasons.n,
			         p.reasons.n ? reason_names[p.reasons.at[0].id] : "none", reason_names[rows[i].reason]);
		assert_says(p.reasons.at[0].text, rows[i].says);
		assert_int_equal(p.nexts.n, 1);
		plan_done(&p);
		world_done(&w);
	}
}

/* All that forbids it is said at once, not one thing after the other. */
static void test_all_refusals(void **state)
{
	struct plan p;
	struct world w;

	(void)state;
	world_make(&w);
	denied(&w);
	crashed(&w);
	locked(&w);
	driver(&w);
	plan(&w, GOOD, &p);
	assert_true(reasons_has(&p.reasons, REASON_PATH_DENIED));
	assert_true(reasons_has(&p.reasons, REASON_CRASHED));
	assert_true(reasons_has(&p.reasons, REASON_LOCKED_DOWN));
	/* But nobody is told to unbind a driver for a probe that is refused anyway. */
	assert_false(reasons_has(&p.reasons, REASON_BUSY));
	plan_done(&p);
	world_done(&w);
}

/* What the site chose, and what only looks like a refusal. */
static void test_still_allowed(void **state)
{
	struct plan p;
	struct world w;

	(void)state;
	world_make(&w);
	denied(&w);
	world_lift(&w, "q");
	world_quirk(&w, "h", "hold", MATCH_YES);
	world_accept(&w, "entry:h");
	world_quirk(&w, "w", "warn", MATCH_YES);
	w.function[GOOD].driver = TEXT("vfio-pci");
	w.function[GOOD].vfio = true;
	w.platform.is_virtual = TRI_YES; /* its findings are of that scope: see test-judge */
	world_crash(&w, TWIN, 3);
	w.crash[0].is_crash = true;
	w.function[GOOD].bars[0].wc_file = TRI_UNKNOWN;
	plan(&w, GOOD, &p);
	if (!p.is_allowed)
		fail_msg("%s", p.reasons.at[0].text);
	plan_done(&p);
	/* An entry of this boot is no crash: a probe is under way, and its lock keeps another one out. */
	world_crash(&w, GOOD, 0);
	w.crash[1].is_crash = false;
	plan(&w, GOOD, &p);
	assert_true(p.is_allowed);
	plan_done(&p);
	world_done(&w);
}

/* Nobody is told to declare scratch where it would not count. */
static void test_no_useless_advice(void **state)
{
	static void (*const spoils[])(struct world *) = { not_prefetchable, io, registers, may_be_registers };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(spoils); i++) {
		struct plan p;
		struct world w;

		world_make(&w);
		undeclared(&w);
		spoils[i](&w);
		plan(&w, GOOD, &p);
		for (size_t n = 0; n < p.nexts.n; n++)
			assert_null(strstr(p.nexts.at[n].text, "\"scratch\""));
		plan_done(&p);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),      cmocka_unit_test(test_cmb),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_pages_of_registers),        cmocka_unit_test(test_each_refusal),
		cmocka_unit_test(test_all_refusals), cmocka_unit_test(test_still_allowed), cmocka_unit_test(test_no_useless_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
