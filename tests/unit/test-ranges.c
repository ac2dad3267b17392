/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-ranges: which page of a BAR is what. */
#include "world.h"

#include "decide/ranges.h"

#define SIZE UINT64_C(0x100000)

struct piece {
	uint64_t offset, size_bytes;
	const char *role;
	enum verdict_kind kind;
};

static const struct bar bar = { .index = 2, .size_bytes = SIZE };

static void check(const struct caps *caps, const struct bar_expectation *expectation, const struct range *proven,
                  enum verdict_kind target, const struct piece *pieces, size_t n)
{
	struct bar_range *ranges;
	size_t n_ranges;

	assert_int_equal(ranges_of_bar(&bar, caps, expectation, proven, &ranges, &n_ranges), 0);
	assert_int_equal(n_ranges, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ranges[i].range.offset, pieces[i].offset);
		assert_int_equal(ranges[i].range.size_bytes, pieces[i].size_bytes);
		assert_string_equal(ranges[i].role, pieces[i].role);
		assert_int_equal(ranges[i].kind, pieces[i].kind);
	}
	assert_int_equal(ranges_target(ranges, n_ranges), target);
	free(ranges);
}

#define CHECK(caps, expectation, proven, target, ...)                                                 \
	check(caps, expectation, proven, target, (const struct piece[]){ __VA_ARGS__ },               \
	      ELEMENTSOF(((const struct piece[]){ __VA_ARGS__ })))

static const struct caps no_msix = { .config_bytes = 4096 };
static const struct bar_expectation nothing, memory = { .is_memory = true }, registers = { .is_not_memory = true },
                                             both = { .is_memory = true, .is_not_memory = true },
                                             perhaps = { .is_memory = true, .may_be_registers = true };

static void test_declared(void **state)
{
	(void)state;
	CHECK(&no_msix, &nothing, NULL, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
	CHECK(&no_msix, &memory, NULL, VERDICT_SAFE, { 0, SIZE, "memory", VERDICT_SAFE });
	CHECK(&no_msix, &registers, NULL, VERDICT_UNSAFE, { 0, SIZE, "registers", VERDICT_UNSAFE });
	CHECK(&no_msix, &both, NULL, VERDICT_UNSAFE, { 0, SIZE, "registers", VERDICT_UNSAFE });
	CHECK(&no_msix, &perhaps, NULL, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
}

static void test_proven(void **state)
{
	const struct range middle = { 0x1000, 0x2000 }, whole = { 0, SIZE }, odd = { 0x1800, 0x2000 }, tiny = { 0x1800, 0x800 },
	                   outside = { SIZE, 0x1000 }, over = { SIZE - 0x1000, 0x2000 }, wraps = { 0x1000, UINT64_MAX };

	(void)state;
	CHECK(&no_msix, &nothing, &middle, VERDICT_UNKNOWN, { 0, 0x1000, "unknown", VERDICT_UNKNOWN },
	      { 0x1000, 0x2000, "memory", VERDICT_SAFE }, { 0x3000, SIZE - 0x3000, "unknown", VERDICT_UNKNOWN });
	CHECK(&no_msix, &nothing, &whole, VERDICT_SAFE, { 0, SIZE, "memory", VERDICT_SAFE });
	/* Neighbours of one role are one range. */
	CHECK(&no_msix, &memory, &middle, VERDICT_SAFE, { 0, SIZE, "memory", VERDICT_SAFE });
	/* A page of which a part was not touched is not proven. */
	CHECK(&no_msix, &nothing, &odd, VERDICT_UNKNOWN, { 0, 0x2000, "unknown", VERDICT_UNKNOWN },
	      { 0x2000, 0x1000, "memory", VERDICT_SAFE }, { 0x3000, SIZE - 0x3000, "unknown", VERDICT_UNKNOWN });
	CHECK(&no_msix, &nothing, &tiny, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
	/* What was not touched of this BAR proves nothing of it. */
	CHECK(&no_msix, &nothing, &outside, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
	CHECK(&no_msix, &nothing, &over, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
	CHECK(&no_msix, &nothing, &wraps, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
	/* Registers stay registers, whatever a probe made of them; and what may be registers is not known. */
	CHECK(&no_msix, &registers, &middle, VERDICT_UNSAFE, { 0, SIZE, "registers", VERDICT_UNSAFE });
	CHECK(&no_msix, &perhaps, &middle, VERDICT_UNKNOWN, { 0, SIZE, "unknown", VERDICT_UNKNOWN });
}

static void test_msix(void **state)
{
	struct caps caps = { .config_bytes = 4096, .msix = 0xb0, .msix_table_bar = 2, .msix_table_offset = 0x2010,
		             .msix_table_bytes = 0x1000, .msix_pba_bar = 2, .msix_pba_offset = 0x8000, .msix_pba_bytes = 8 };
	const struct range middle = { 0x1000, 0x8000 };

	(void)state;
	/* Whole pages of table and PBA, also where a probe went. */
	CHECK(&caps, &memory, &middle, VERDICT_UNSAFE, { 0, 0x2000, "memory", VERDICT_SAFE },
	      { 0x2000, 0x2000, "msix", VERDICT_UNSAFE }, { 0x4000, 0x4000, "memory", VERDICT_SAFE },
	      { 0x8000, 0x1000, "msix", VERDICT_UNSAFE }, { 0x9000, SIZE - 0x9000, "memory", VERDICT_SAFE });
	CHECK(&caps, &nothing, NULL, VERDICT_UNSAFE, { 0, 0x2000, "unknown", VERDICT_UNKNOWN },
	      { 0x2000, 0x2000, "msix", VERDICT_UNSAFE }, { 0x4000, 0x4000, "unknown", VERDICT_UNKNOWN },
	      { 0x8000, 0x1000, "msix", VERDICT_UNSAFE }, { 0x9000, SIZE - 0x9000, "unknown", VERDICT_UNKNOWN });
	/* On one page they are one range. */
	caps.msix_table_bytes = 16;
	caps.msix_pba_offset = 0x2800;
	CHECK(&caps, &memory, NULL, VERDICT_UNSAFE, { 0, 0x2000, "memory", VERDICT_SAFE },
	      { 0x2000, 0x1000, "msix", VERDICT_UNSAFE }, { 0x3000, SIZE - 0x3000, "memory", VERDICT_SAFE });
	/* In another BAR they are that one's. */
	caps.msix_table_bar = caps.msix_pba_bar = 0;
	CHECK(&caps, &memory, NULL, VERDICT_SAFE, { 0, SIZE, "memory", VERDICT_SAFE });
	/* One that claims to lie behind its end may be anywhere in it. */
	caps.msix_table_bar = 2;
	caps.msix_table_offset = (uint32_t)SIZE - 8;
	CHECK(&caps, &memory, NULL, VERDICT_UNSAFE, { 0, SIZE, "msix", VERDICT_UNSAFE });
}

static void test_no_ranges(void **state)
{
	(void)state;
	assert_int_equal(ranges_target(NULL, 0), VERDICT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_proven),
		cmocka_unit_test(test_msix),
		cmocka_unit_test(test_no_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
