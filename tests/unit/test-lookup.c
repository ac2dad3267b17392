/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-lookup: each text finds its own number, however many there are. */
#include "tree.h"

#include <sys/wait.h>
#include <unistd.h>

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

static uint32_t hash_of(const char *text)
{
	_cleanup_(lookup_done) struct lookup lookup = { 0 };

	assert_non_null(lookup_add(&lookup, text));
	for (size_t i = 0; i < lookup.n_rows; i++)
		if (lookup.at[i].text)
			return lookup.at[i].hash;
	return 0;
}

/* The same text, in this program run anew. */
static uint32_t hash_elsewhere(void)
{
	char name[] = "test-lookup", word[] = "hash";
	char *const words[] = { name, word, NULL };
	uint32_t hash = 0;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execv("/proc/self/exe", words);
		_exit(127);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &hash, sizeof(hash)), sizeof(hash));
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return hash;
}

/* Another place in each process: nobody can choose texts that belong to the same one. */
static void test_seed(void **state)
{
	(void)state;
	assert_int_equal(hash_of("a"), hash_of("a"));
	assert_int_not_equal(hash_of("a"), hash_elsewhere());
}

/* The reference implementation's own (vectors.h): the key 00 to 0f, and texts that begin so. */
static void test_hash(void **state)
{
	static const struct {
		size_t size;
		uint64_t hash;
	} rows[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) }, { 1, UINT64_C(0x74f839c593dc67fd) }, { 7, UINT64_C(0xab0200f58b01d137) },
		{ 8, UINT64_C(0x93f5f5799a932462) }, { 15, UINT64_C(0xa129ca6149be45e5) },
	};
	const uint64_t key[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	unsigned char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || rows[i].size < 8)
			assert_int_equal(lookup_hash(text, rows[i].size, key), rows[i].hash);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookup), cmocka_unit_test(test_seed), cmocka_unit_test(test_hash) };

	if (argc == 2 && !strcmp(argv[1], "hash")) {
		uint32_t hash = hash_of("a");

		return write(STDOUT_FILENO, &hash, sizeof(hash)) != sizeof(hash);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
