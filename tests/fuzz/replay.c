/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: gives each file of the directories that are named to a fuzzer's target, and, where the target says how its input
 * changes, some changes of it; no libFuzzer needed.
 */
#include <dirent.h>
#include <string.h>

#include "tests/fuzz/mutate.h"

#include "base/cleanup.h"
#include "base/sysroot.h"

#define INPUT_MAX (1 << 20)
#define CHANGES 8

#pragma weak LLVMFuzzerCustomMutator
#pragma weak LLVMFuzzerCustomCrossOver

/* One bit: enough where nobody looks for what it reaches. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
	(void)max_size;
	if (size)
		data[size / 2] ^= 0x10;
	return size;
}

/* Without the NUL that is behind it: a look beyond the end is then one beyond the memory. */
static void give(const uint8_t *data, size_t size)
{
	_cleanup_free_ uint8_t *exact = malloc(size ?: 1);

	MUST(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
}

static void give_changed(const uint8_t *data, size_t size)
{
	_cleanup_free_ uint8_t *changed = malloc(INPUT_MAX), *crossed = malloc(INPUT_MAX);
	size_t n = size;

	MUST(changed && crossed);
	memcpy(changed, data, size);
	for (unsigned int seed = 0; seed < CHANGES; seed++) {
		n = LLVMFuzzerCustomMutator(changed, n, INPUT_MAX, seed);
		MUST(n <= INPUT_MAX);
		give(changed, n);
		give(crossed, LLVMFuzzerCustomCrossOver(data, size, changed, n, crossed, INPUT_MAX, seed));
	}
}

static bool replay(const struct sysroot *root, const char *path)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int r = sysroot_bytes(root, path, INPUT_MAX, &data, &size);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return false;
	}
	give((const uint8_t *)data, size);
	if (LLVMFuzzerCustomMutator)
		give_changed((const uint8_t *)data, size);
	return true;
}

int main(int argc, char **argv)
{
	unsigned int n = 0;

	for (int i = 1; i < argc; i++) {
		_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
		_cleanup_(strs_done) struct strs names = { 0 };

		if (sysroot_open(argv[i], NULL, &root) < 0 || sysroot_list(&root, "/", &names) < 0) {
			fprintf(stderr, "%s: expected a directory\n", argv[i]);
			return EXIT_FAILURE;
		}
		for (size_t k = 0; k < names.n; k++) {
			if (!replay(&root, names.at[k]))
				return EXIT_FAILURE;
			n++;
		}
	}
	printf("%u inputs\n", n);
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
