/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile: what was loaded, in one file that is there whole or not at all. */
#include "act/compile.h"

#include "act/lock.h"
#include "base/cleanup.h"
#include "observe/quirks-cache.h"
#include "observe/quirks.h"

int compile_install(const struct sysroot *root, const char *dir, struct err *err, size_t *ret_files, size_t *ret_all)
{
	_cleanup_(quirks_cache_done) struct quirks_cache cache;
	_cleanup_(quirks_done) struct quirks quirks = { 0 };
	_cleanup_free_ char *bytes = NULL;
	_cleanup_close_ int lock = -1;
	size_t size;
	int r;

	quirks_cache_make(&cache);
	r = lock_take(root, LOCK_QUIRKS, true, err, &lock);
	if (r == 0) {
		sysroot_sweep(root, QUIRKS_CACHE_DIR, QUIRKS_CACHE_FILE);
		r = quirks_load_by(&cache, root, dir, err, &quirks);
	}
	if (r == 0)
		r = quirks_cache_bytes(&cache, err, &bytes, &size);
	if (r == 0)
		r = sysroot_replace_bytes(root, QUIRKS_CACHE_DIR, QUIRKS_CACHE_FILE, 0644, bytes, size, err);
	if (r < 0)
		return r;
	*ret_files = cache.slots.n;
	*ret_all = quirks.files.n;
	return 0;
}
