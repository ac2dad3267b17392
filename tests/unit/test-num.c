/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-num: the parser of integers takes whole numbers and nothing else. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/num.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int base;
		uint64_t min, max;
		int r;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0, 9, 0, 0 },
		{ "42", 0, 0, 100, 0, 42 },
		{ "0x2a", 0, 0, 100, 0, 42 },
		{ "0X2A", 0, 0, 100, 0, 42 },
		{ "010", 0, 0, 100, 0, 10 }, /* no octal */
		{ "2a", 16, 0, 100, 0, 42 },
		{ "0x2a", 16, 0, 100, 0, 42 },
		{ "18446744073709551615", 0, 0, UINT64_MAX, 0, UINT64_MAX },
		{ "0xffffffffffffffff", 0, 0, UINT64_MAX, 0, UINT64_MAX },
		{ "5", 0, 5, 5, 0, 5 },
		{ "18446744073709551616", 0, 0, UINT64_MAX, -ERANGE, 0 },
		{ "6", 0, 0, 5, -ERANGE, 0 },
		{ "4", 0, 5, 9, -ERANGE, 0 },
		{ "", 0, 0, 9, -EINVAL, 0 },
		{ "0x", 0, 0, 9, -EINVAL, 0 },
		{ " 1", 0, 0, 9, -EINVAL, 0 },
		{ "1 ", 0, 0, 9, -EINVAL, 0 },
		{ "+1", 0, 0, 9, -EINVAL, 0 },
		{ "-1", 0, 0, UINT64_MAX, -EINVAL, 0 },
		{ "0x-1", 0, 0, UINT64_MAX, -EINVAL, 0 },
		{ "0x 1", 0, 0, 9, -EINVAL, 0 },
		{ "1\n", 0, 0, 9, -EINVAL, 0 },
		{ "2a", 0, 0, 100, -EINVAL, 0 },
		{ "1e3", 10, 0, 9999, -EINVAL, 0 },
		{ "0x2a", 10, 0, 100, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		uint64_t value = 7777;
		int r = parse_u64(rows[i].text, rows[i].base, rows[i].min, rows[i].max, &value);

		if (r != rows[i].r)
			fail_msg("\"%s\": %d, expected %d", rows[i].text, r, rows[i].r);
		assert_int_equal(value, r == 0 ? rows[i].value : 7777);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_parse) };

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
