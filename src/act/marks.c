/* SPDX-License-Identifier: GPL-2.0-or-later */
/* marks: a mark that no policy has any more would have each bind warned of in vain, for ever. */
#include "act/marks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool is_mark(const struct policy *policy, const char *path)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_MARK && !strcmp(policy->at[i].path, path))
			return true;
	return false;
}

/* *ret_dir -1: there is none. */
static int find_foreign(const struct sysroot *root, const struct policy *policy, struct err *err, struct strs *ret, int *ret_dir)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_trusted(root, MARKS_DIR, err, ret_dir);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = dir_list(*ret_dir, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *path = str_printf(MARKS_DIR "/%s", names.at[i]);

		if (!path)
			return -ENOMEM;
		if (!is_mark(policy, path))
			r = strs_add(ret, path);
	}
	return r < 0 ? err_errno(err, r, "unreadable", "%s" MARKS_DIR, root->name) : 0;
}

int marks_foreign(const struct sysroot *root, const struct policy *policy, struct err *err, struct strs *ret)
{
	_cleanup_close_ int dir = -1;

	return find_foreign(root, policy, err, ret, &dir);
}

int marks_sweep(const struct sysroot *root, const struct policy *policy, struct err *err, unsigned int *changed)
{
	_cleanup_(strs_done) struct strs foreign = { 0 };
	_cleanup_close_ int dir = -1;
	int r = find_foreign(root, policy, err, &foreign, &dir);

	for (size_t i = 0; i < foreign.n; i++)
		if (unlinkat(dir, strrchr(foreign.at[i], '/') + 1, 0) == 0)
			++*changed;
		else
			r = r < 0 ? r : err_errno(err, -errno, "cannot-write", "%s%s", root->name, foreign.at[i]);
	return r;
}
