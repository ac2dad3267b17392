/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-lookup: each text finds its own number, however many there are. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/lookup.h"

static void test_lookup(void **state)
{
	static char texts[5000][8];
	_cleanup_(lookup_done) struct lookup lookup = { 0 };

	(void)state;
	assert_null(lookup_find(&lookup, "0"));
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		snprintf(texts[i], sizeof(texts[i]), "%zu", i);

		size_t *value = lookup_add(&lookup, texts[i]);

		assert_non_null(value);
		assert_int_equal(*value, 0);
		*value = i + 1;
	}
	assert_int_equal(lookup.n, ELEMENTSOF(texts));
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		char copy[8];

		memcpy(copy, texts[i], sizeof(copy));
		assert_int_equal(*lookup_find(&lookup, copy), i + 1);
		assert_ptr_equal(lookup_add(&lookup, copy), lookup_find(&lookup, texts[i]));
	}
	assert_int_equal(lookup.n, ELEMENTSOF(texts));
	assert_null(lookup_find(&lookup, "5000"));
	assert_null(lookup_find(&lookup, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookup) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
