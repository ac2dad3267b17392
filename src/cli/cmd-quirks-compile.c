/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks-compile: spares the other verbs the parsing of a long database. */
#include "cli/quirks.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "act/compile.h"
#include "base/cleanup.h"

int quirks_compile(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct json_object *o;
	size_t files = 0, all = 0;
	int r;

	(void)argv;
	if (argc)
		return usage_error(err, "quirks compile: expected nothing behind it");
	r = sysroot_open(options->root, err, &root);
	if (r == 0 && root.live && geteuid() != 0)
		r = err_set(err, -EPERM, "not-root", "quirks compile: needs root");
	if (r == 0)
		r = compile_install(&root, options->quirks, err, &files, &all);
	if (r < 0)
		return r;
	if (!options->json) {
		printf("%zu of %zu files compiled\n", files, all);
		return 0;
	}
	o = json_new_object();
	json_put_u64(o, "schema", 1);
	json_put_u64(o, "files", all);
	json_put_u64(o, "compiled", files);
	return print_json(o, err);
}
