/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay: gives each file that is named, or is in a directory that is named, to a fuzzer's target; no libFuzzer needed. */
#include <dirent.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "base/cleanup.h"
#include "base/sysroot.h"

#define INPUT_MAX (1 << 20)

static unsigned int replay(const struct sysroot *root, const char *path)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int r = sysroot_bytes(root, path, INPUT_MAX, &data, &size);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return 0;
	}

	/* Without the NUL that is behind it: a look beyond the end is then one beyond the memory. */
	_cleanup_free_ uint8_t *exact = malloc(size ?: 1);

	MUST(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	return 1;
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
		for (size_t k = 0; k < names.n; k++)
			n += replay(&root, names.at[k]);
	}
	printf("%u inputs\n", n);
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
