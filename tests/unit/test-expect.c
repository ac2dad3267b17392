/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-expect: what database and site together say of a path, a BAR and its scratch range, before anything is touched. */
#include "world.h"

static const struct expectation *expect(struct world *w, int function)
{
	world_expect(w, function);
	return &w->expectation;
}

static void site_scratch(struct world *w, uint64_t offset, uint64_t size_bytes)
{
	w->scratch[w->site.scratch.n++] = (struct site_scratch){
		.device = { .kind = SELECT_ADDRESS, .address = w->function[GOOD].address },
		.bar = 2,
		.range = { offset, size_bytes },
	};
}

static void msix(struct world *w, uint32_t offset, uint32_t bytes)
{
	struct caps *caps = &w->function[GOOD].caps;

	caps->msix = 0xb0;
	caps->msix_table_bar = 2;
	caps->msix_table_offset = offset;
	caps->msix_table_bytes = bytes;
	caps->msix_pba_bar = 0;
}

/* Only what withholds counts when it cannot be ruled out. */
static void test_what_counts(void **state)
{
	static const struct {
		const char *effect;
		bool of_bar, counts;
	} rows[] = {
		{ "deny", false, true },   { "hold", false, true },       { "no-wc", false, true },
		{ "warn", false, false },  { "allow-after-probe", false, false },
		{ "deny", true, true },    { "hold", true, true },        { "not-memory", true, true },
		{ "memory", true, false }, { "vendor-wc", true, false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		for (int yes = 0; yes < 2; yes++) {
			const char *match = rows[i].of_bar ? (yes ? MATCH_BAR_YES : MATCH_BAR_MAYBE) : (yes ? MATCH_YES : MATCH_MAYBE);
			struct world w;

			world_make(&w);
			quirk_done(&w.quirks.at[0]);
			w.quirks.at[0] = quirk_make("only", rows[i].effect, match, "");

			const struct expectation *e = expect(&w, GOOD);
			const struct matches *matches = rows[i].of_bar ? &e->bars[0].matches : &e->path;
			const struct matches *others = rows[i].of_bar ? &e->path : &e->bars[0].matches;

			if (matches->n != (yes || rows[i].counts))
				fail_msg("%s, %s: %zu", rows[i].effect, yes ? "yes" : "unknown", matches->n);
			assert_int_equal(others->n, 0);
			if (matches->n)
				assert_int_equal(matches->at[0].result, yes ? TRI_YES : TRI_UNKNOWN);
			world_done(&w);
		}
	}
}

static void test_memory(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);

	const struct bar_expectation *bar = &expect(&w, GOOD)->bars[0];

	assert_true(bar->is_memory);
	assert_true(bar->has_scratch);
	assert_int_equal(bar->scratch.offset, 0);
	assert_int_equal(bar->scratch.size_bytes, WORLD_SIZE);
	assert_string_equal(bar->scratch_source, "test-memory");
	assert_false(bar->has_msix || bar->is_not_memory || bar->may_be_registers);
	/* A declaration that cannot be confirmed declares nothing. */
	w.function[GOOD].device = 0;
	bar = &expect(&w, GOOD)->bars[0];
	assert_false(bar->is_memory || bar->has_scratch);
	world_done(&w);
}

/* Registers win over memory, and take every scratch range away: the site's too. */
static void test_registers_win(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	site_scratch(&w, 0, 0x10000);
	world_quirk(&w, "regs", "not-memory", MATCH_BAR_YES);

	const struct bar_expectation *bar = &expect(&w, GOOD)->bars[0];

	assert_true(bar->is_not_memory);
	assert_false(bar->may_be_registers);
	assert_false(bar->has_scratch);
	assert_null(bar->scratch_source);
	world_done(&w);

	world_make(&w);
	site_scratch(&w, 0, 0x10000);
	world_quirk(&w, "regs", "not-memory", MATCH_BAR_MAYBE);
	bar = &expect(&w, GOOD)->bars[0];
	assert_false(bar->is_not_memory);
	assert_true(bar->may_be_registers);
	assert_false(bar->has_scratch);
	/* Lifted by name it is as if it were not there; a sure one is not lifted. */
	world_lift(&w, "regs");
	bar = &expect(&w, GOOD)->bars[0];
	assert_false(bar->may_be_registers);
	assert_true(bar->has_scratch);
	world_done(&w);

	world_make(&w);
	world_quirk(&w, "regs", "not-memory", MATCH_BAR_YES);
	world_lift(&w, "regs");
	assert_true(expect(&w, GOOD)->bars[0].is_not_memory);
	world_done(&w);
}

/* Of two declarations the first that fits: the site's before the entries'. */
static void test_two_scratch_declarations(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	site_scratch(&w, WORLD_SIZE, 0x1000);       /* behind the BAR */
	site_scratch(&w, 0x200000, 0x100000);
	site_scratch(&w, 0x400000, 0x100000);

	const struct bar_expectation *bar = &expect(&w, GOOD)->bars[0];

	assert_int_equal(bar->scratch.offset, 0x200000);
	assert_int_equal(bar->scratch.size_bytes, 0x100000);
	assert_string_equal(bar->scratch_source, "site");
	/* Another BAR's, or another device's, is not this one's. */
	w.scratch[1].bar = 4;
	w.scratch[2].device.address = w.function[TWIN].address;
	bar = &expect(&w, GOOD)->bars[0];
	assert_string_equal(bar->scratch_source, "test-memory");
	world_done(&w);
	/* An entry with several ranges. */
	world_make(&w);
	quirk_done(&w.quirks.at[0]);
	w.quirks.at[0] = quirk_make("ranges", "memory", MATCH_BAR_YES,
	                            ",\"scratch\":[{\"offset\":\"0x2000000\",\"size\":\"0x1000\"},"
	                            "{\"offset\":\"0x5000\",\"size\":\"0x4000\"},{\"offset\":0,\"size\":\"0x1000\"}]");
	bar = &expect(&w, GOOD)->bars[0];
	assert_int_equal(bar->scratch.offset, 0x5000);
	assert_int_equal(bar->scratch.size_bytes, 0x4000);
	world_done(&w);
}

/* A buffer makes no memory of its BAR, and is looked for only where one can be. */
static void test_cmb(void **state)
{
	const struct bar_expectation *bar;
	struct world w;

	(void)state;
	world_make(&w);
	world_cmb(&w);
	bar = &expect(&w, GOOD)->bars[0];
	assert_true(bar->has_cmb);
	assert_false(bar->is_memory || bar->has_scratch);
	assert_false(w.expectation.bars[1].has_cmb);
	w.function[GOOD].is_vf = true;
	assert_false(expect(&w, GOOD)->bars[0].has_cmb);
	w.function[GOOD].is_vf = false;
	w.function[GOOD].bars[1].size_bytes = 0x800;
	assert_false(expect(&w, GOOD)->bars[0].has_cmb);
	w.function[GOOD].bars[1].size_bytes = 0x4000;
	/* Not by an entry for other devices, and not where another one says registers, or may. */
	w.function[GOOD].class = 0x010801;
	assert_false(expect(&w, GOOD)->bars[0].has_cmb);
	w.quirks.at[0].match[0].terms.at[0].at[0].at[0].mask = 0;
	w.quirks.at[0].match[0].terms.at[0].at[0].at[0].min = 0;
	assert_int_equal(expect(&w, GOOD)->bars[0].matches.n, 1);
	assert_false(w.expectation.bars[0].has_cmb);
	w.function[GOOD].class = 0x010802;
	assert_true(expect(&w, GOOD)->bars[0].has_cmb);
	world_quirk(&w, "q", "not-memory", MATCH_BAR_MAYBE);
	assert_false(expect(&w, GOOD)->bars[0].has_cmb);
	world_done(&w);
}

static void test_scratch_that_does_not_fit(void **state)
{
	static const struct {
		uint64_t offset, size_bytes;
		uint32_t msix_offset, msix_bytes; /* 0 bytes: no MSI-X */
		bool fits;
	} rows[] = {
		{ 0, WORLD_SIZE, 0, 0, true },
		{ 0x1000, WORLD_SIZE, 0, 0, false },
		{ WORLD_SIZE, 0x1000, 0, 0, false },
		{ WORLD_SIZE - 0x1000, 0x1000, 0, 0, true },
		{ UINT64_C(0xfffffffffffff000), 0x2000, 0, 0, false }, /* wraps around */
		{ 0x800, 0x1000, 0, 0, false },
		{ 0, 0x1800, 0, 0, false },
		{ 0, 0x8000, 0x8000, 16, true },
		{ 0, 0x8000, 0x7ff0, 16, false },
		{ 0x9000, 0x1000, 0x8000, 16, true },
		{ 0x9000, 0x1000, 0x8ff0, 32, false },
		{ 0x9000, 0x1000, 0x9800, 16, false },
		{ 0x9000, 0x1000, 0x8ff0, 16, true },
		/* a table that does not lie in its BAR may be anywhere in it */
		{ 0, 0x1000, (uint32_t)WORLD_SIZE, 16, false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct world w;

		world_make(&w);
		w.quirks.at[0].effect = EFFECT_WARN; /* declares nothing */
		site_scratch(&w, rows[i].offset, rows[i].size_bytes);
		if (rows[i].msix_bytes)
			msix(&w, rows[i].msix_offset, rows[i].msix_bytes);
		if (expect(&w, GOOD)->bars[0].has_scratch != rows[i].fits)
			fail_msg("row %zu", i);
		assert_int_equal(w.expectation.bars[0].has_msix, rows[i].msix_bytes != 0);
		world_done(&w);
	}
}

/* Where capabilities cannot be read, MSI-X may be anywhere: nothing is scratch. */
static void test_unknown_msix(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	site_scratch(&w, 0, 0x10000);
	w.function[GOOD].caps.config_bytes = 64;
	assert_false(expect(&w, GOOD)->bars[0].has_scratch);
	w.function[GOOD].caps.config_bytes = 256;
	assert_true(expect(&w, GOOD)->bars[0].has_scratch);
	world_done(&w);
}

/* The other half of MSI-X, the PBA, is registers too. */
static void test_pba(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	msix(&w, 0, 16);
	w.function[GOOD].caps.msix_table_bar = 0;
	w.function[GOOD].caps.msix_pba_bar = 2;
	w.function[GOOD].caps.msix_pba_offset = 0x3000;
	w.function[GOOD].caps.msix_pba_bytes = 8;
	w.quirks.at[0].effect = EFFECT_WARN;
	site_scratch(&w, 0x2000, 0x2000);
	assert_false(expect(&w, GOOD)->bars[0].has_scratch);
	assert_true(w.expectation.bars[0].has_msix);
	site_scratch(&w, 0, 0x3000);
	assert_true(expect(&w, GOOD)->bars[0].has_scratch);
	world_done(&w);
}

/* I/O ports are no BAR of which anything is expected. */
static void test_io(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.function[GOOD].bars[0].io = true;
	assert_int_equal(expect(&w, GOOD)->bars[0].matches.n, 0);
	assert_false(w.expectation.bars[0].is_memory);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_registers_win),
		cmocka_unit_test(test_two_scratch_declarations),
		cmocka_unit_test(test_cmb),
		cmocka_unit_test(test_scratch_that_does_not_fit),
		cmocka_unit_test(test_unknown_msix),
		cmocka_unit_test(test_pba),
		cmocka_unit_test(test_io),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
