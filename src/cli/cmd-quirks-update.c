/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks-update: installs a signed bundle of the database, and has the policy follow it. */
#include "cli/quirks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/compile.h"
#include "act/loader.h"
#include "act/update.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/strs.h"
#include "model/approval.h"
#include "model/publication.h"
#include "model/tri.h"
#include "observe/quirks-cache.h"

/*
 * Is there anything that the old database may have let through: what was published in this boot, or what an approval says
 * is given, also where no apply has come to its end since. What cannot be looked at is.
 */
static bool has_policy(const struct sysroot *root)
{
	_cleanup_(strs_done) struct strs approvals = { 0 };
	int r;

	if (sysroot_has(root, PUBLICATION_FILE) != 0)
		return true;
	r = sysroot_list(root, APPROVALS_DIR, &approvals);
	return r < 0 ? r != -ENOENT : approvals.n > 0;
}

/*
 * What was granted by the old database is judged again by the new one: by the program that will do so from now on. Also
 * where the bundle was installed already, since whoever did that may have ended before this.
 */
static enum tri refresh(const struct options *options, const struct sysroot *root)
{
	const char *const words[] = { "pciwc", "--json", "--root", options->root ?: "/", "refresh", NULL };
	int status;

	if (options->dry_run || !has_policy(root))
		return TRI_UNKNOWN;
	status = loader_run(root, words);
	if (status == EXIT_DONE || status == EXIT_NOT_SAFE)
		return TRI_YES;
	if (status < 0)
		log_warn("the policy is still that of the old database, until `pciwc refresh`: %s",
		         status == -EINTR || status == -ECHILD ? "it was ended by a signal" : strerror(-status));
	else
		log_warn("the policy is still that of the old database: `pciwc refresh` says why (status %d)", status);
	return TRI_NO;
}

/* refreshed: TRI_UNKNOWN where there is no policy that could be. */
static int print_result(const struct options *options, const struct update_result *result, enum tri refreshed, struct err *err)
{
	struct json_object *o;

	if (!options->json) {
		printf("serial %llu, signed by %s: %s%s\n", (unsigned long long)result->serial, result->key,
		       options->dry_run       ? "it would be installed"
		       : result->is_installed ? "installed"
		                              : "it is installed already",
		       refreshed == TRI_YES ? ", and the policy follows it" : "");
		return 0;
	}
	o = json_new_object();
	json_put_u64(o, "schema", 1);
	json_put_u64(o, "serial", result->serial);
	if (result->previous)
		json_put_u64(o, "previous", result->previous);
	else
		json_put_null(o, "previous");
	json_put_string(o, "key", result->key);
	json_put_bool(o, "installed", result->is_installed);
	json_put_bool(o, "dry_run", options->dry_run);
	if (refreshed == TRI_UNKNOWN)
		json_put_null(o, "refreshed");
	else
		json_put_bool(o, "refreshed", refreshed == TRI_YES);
	return print_json(o, err);
}

/* Where there is one. An old one is never believed: it only spares nothing. */
static void renew_cache(const struct options *options, const struct sysroot *root)
{
	struct err why = { 0 };
	size_t files, all;

	if (sysroot_has(root, QUIRKS_CACHE_DIR "/" QUIRKS_CACHE_FILE) > 0 &&
	    compile_install(root, options->quirks, &why, &files, &all) < 0)
		log_warn("the database's cache is not renewed: %s", why.text);
}

int quirks_update(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	struct update_result result = { 0 };
	int r;

	if (argc != 1)
		return usage_error(err, "quirks update: expected one file");

	const struct update_request request = { .file = argv[0], .signature = options->signature, .is_dry = options->dry_run,
		                                .is_forced = options->force };

	r = sysroot_open(options->root, err, &root);
	if (r == 0 && root.live && !options->dry_run && geteuid() != 0)
		r = err_set(err, -EPERM, "not-root", "quirks update: needs root; --dry-run only checks");
	if (r == 0)
		r = update_install(&root, &request, err, &result);
	if (r == 0 && result.is_installed)
		renew_cache(options, &root);
	if (r == 0) {
		enum tri refreshed = refresh(options, &root);

		r = print_result(options, &result, refreshed, err);
		if (r == 0 && refreshed == TRI_NO)
			r = EXIT_FAILED;
	}
	free(result.key);
	return r;
}
