/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update: each step refuses what the next one should not have to see. */
#include "act/update.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/loader.h"
#include "act/lock.h"
#include "act/signature.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "observe/quirks-check.h"
#include "observe/quirks-file.h"
#include "observe/quirks.h"

#define BUNDLE_MIN_BYTES 48 /* no bundle is shorter than {"schema":1,"serial":1,"date":"","entries":[]} */
#define BUNDLE_MAX_BYTES (16 << 20)

struct bundle {
	char *text, *signature;
	size_t size, signature_size;
	uint64_t serial;
};

static void bundle_done(struct bundle *bundle)
{
	free(bundle->text);
	free(bundle->signature);
}

/* ---- reading ---- */

/* -EFBIG, id "bad-size", when it is larger than max. */
static int file_read(const char *path, size_t max, struct err *err, char **ret, size_t *ret_size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, err_last(), "unreadable", "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "unreadable", "%s: expected a regular file", path);
	r = fd_bytes(fd, max, ret, ret_size);
	if (r == -EFBIG)
		return err_set(err, r, "bad-size", "%s: larger than %zu bytes", path, max);
	return r < 0 ? err_errno(err, r, "unreadable", "%s", path) : 0;
}

static int bundle_read(const struct update_request *request, struct err *err, struct bundle *ret)
{
	_cleanup_free_ char *beside = str_printf("%s.sig", request->file);
	int r = beside ? file_read(request->file, BUNDLE_MAX_BYTES, err, &ret->text, &ret->size) : -ENOMEM;

	if (r == 0 && ret->size < BUNDLE_MIN_BYTES)
		return err_set(err, -EINVAL, "bad-size", "%s: smaller than %d bytes", request->file, BUNDLE_MIN_BYTES);
	/* One byte more, so that a longer signature is told as one. */
	if (r == 0)
		r = file_read(request->signature ?: beside, SIGNATURE_BYTES + 1, err, &ret->signature, &ret->signature_size);
	return r;
}

/* ---- checks ---- */

/* Nobody parses a byte that no trusted key has signed; and what is signed a process without rights parses first. */
static int bundle_check(const struct sysroot *root, const struct update_request *request, struct bundle *bundle,
                        struct err *err, char **ret_key)
{
	struct err why = { 0 };
	int r = signature_check(root, bundle->text, bundle->size, bundle->signature, bundle->signature_size, &why, ret_key);

	if (r < 0)
		return err_set(err, r, why.id, "%s: %s", request->file, why.text);
	return loader_check(root, request->file, bundle->text, bundle->size, err, &bundle->serial);
}

/* ---- what is installed ---- */

struct installed {
	uint64_t copy;            /* serial of the copy; 0: there is none that is good */
	uint64_t update, package; /* serials: of the file that an update replaces (or its copy); of the package's newest file */
	bool is_same;            /* byte for byte the bundle */
	bool is_other;           /* of the bundle's serial, and not the bundle */
	const char *unknown;     /* what is there, but cannot be read, and nothing else tells its serial for certain; NULL: nothing */
};

struct look {
	uint64_t serial; /* 0: there is none, or none that is good */
	bool is_broken;  /* one is there that is not good */
	bool is_unread;  /* and it may be good: it could not be read just now */
};

static int look_at(const struct sysroot *root, const char *dir, const char *name, enum quirk_layer layer, struct look *ret)
{
	_cleanup_(quirk_version_done) struct quirk_version version = { 0 };
	_cleanup_free_ char *path = str_printf("%s/%s", dir, name);
	int r = path ? quirk_version_read(root, dir, name, layer, &version) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = (struct look){ .serial = version.kind == VERSION_GOOD ? version.serial : 0,
		              .is_broken = version.kind == VERSION_BROKEN && sysroot_has(root, path) != 0,
		              .is_unread = version.is_unread };
	return 0;
}

/* Is the file there this bundle, byte for byte? 1, 0, or a negative errno: it cannot be read. */
static int is_bundle(const struct sysroot *root, const char *path, const struct bundle *bundle)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = sysroot_bytes(root, path, BUNDLE_MAX_BYTES, &text, &size);

	if (r == -ENOENT || r == -EFBIG)
		return 0;
	return r < 0 ? r : size == bundle->size && !memcmp(text, bundle->text, size);
}

/* The file that is in force, or its copy where there is none. */
static int update_read(const struct sysroot *root, const struct bundle *bundle, struct err *err, struct installed *installed)
{
	static const char in_force[] = QUIRKS_UPDATE_DIR "/" QUIRKS_UPDATE_FILE, copied[] = QUIRKS_LAST_GOOD_DIR "/" QUIRKS_UPDATE_FILE;
	struct look file = { 0 }, copy = { 0 };
	const char *path;
	bool is_none;
	int r = look_at(root, QUIRKS_UPDATE_DIR, QUIRKS_UPDATE_FILE, LAYER_UPDATE, &file);

	if (r == 0)
		r = look_at(root, QUIRKS_LAST_GOOD_DIR, QUIRKS_UPDATE_FILE, LAYER_LAST_GOOD, &copy);
	if (r < 0)
		return r;
	is_none = !file.serial && !copy.serial;
	/* The copy may be of the release before: of a file that may be good it does not tell the serial. */
	if (file.is_unread || (is_none && file.is_broken))
		installed->unknown = in_force;
	else if (is_none && copy.is_broken)
		installed->unknown = copied;
	/* The copy is of the same release, or of the last one: what was newer once is no reason to go back. */
	installed->update = file.serial > copy.serial ? file.serial : copy.serial;
	installed->copy = copy.serial;
	if (is_none)
		return 0;
	path = file.serial ? in_force : copied;
	r = is_bundle(root, path, bundle);
	if (r < 0)
		return r == -ENOMEM ? r : err_errno(err, r, "unreadable", "%s%s", root->name, path);
	installed->is_same = file.serial && r;
	installed->is_other = (file.serial ?: copy.serial) == bundle->serial && !r;
	return 0;
}

static int installed_read(const struct sysroot *root, const struct bundle *bundle, struct err *err, struct installed *ret)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	struct installed installed = { 0 };
	struct look file;
	int r = update_read(root, bundle, err, &installed);

	if (r == 0) {
		r = sysroot_list(root, QUIRKS_DISTRIBUTION_DIR, &names);
		if (r == -ENOENT)
			r = 0; /* no package */
		else if (r < 0)
			return r == -ENOMEM ? r : err_errno(err, r, "unreadable", "%s" QUIRKS_DISTRIBUTION_DIR, root->name);
	}
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		if (!quirks_is_file(names.at[i]))
			continue;
		r = look_at(root, QUIRKS_DISTRIBUTION_DIR, names.at[i], LAYER_DISTRIBUTION, &file);
		if (r == 0 && file.serial > installed.package)
			installed.package = file.serial;
	}
	if (r == 0)
		*ret = installed;
	return r;
}

/* A release has one serial: who signs another of the same one did not mean both to be in force in turn. */
static int age_check(const struct sysroot *root, const struct update_request *request, const struct bundle *bundle,
                     const struct installed *installed, struct err *err)
{
	unsigned long long mine = bundle->serial, update = installed->update, package = installed->package;

	/* No force makes it count (observe/quirks-versions.h). */
	if (mine < package)
		return err_set(err, -EPERM, "older", "%s: serial %llu is older than the installed package's, %llu: expected a newer one",
		               request->file, mine, package);
	if (request->is_forced)
		return 0;
	if (installed->unknown)
		return err_set(err, -EPERM, "unknown-serial", "%s%s cannot be read, and nobody knows its serial: expected a file that can, or --force",
		               root->name, installed->unknown);
	if (mine < update)
		return err_set(err, -EPERM, "older", "%s: serial %llu is older than %llu, which counts here: expected a newer one, or --force",
		               request->file, mine, update);
	if (installed->is_other)
		return err_set(err, -EPERM, "same-serial", "%s: another release of serial %llu is installed: expected a newer one, or --force",
		               request->file, mine);
	return 0;
}

/* ---- writing ---- */

static void error_forget(const struct sysroot *root)
{
	_cleanup_close_ int dir = sysroot_fd(root, QUIRKS_UPDATE_DIR, O_DIRECTORY | O_RDONLY);

	if (dir < 0)
		return;
	(void)unlinkat(dir, QUIRKS_UPDATE_FILE UPDATE_ERROR, 0);
	(void)unlinkat(dir, QUIRKS_UPDATE_FILE UPDATE_REASON, 0);
}

/* Of a bundle that is too large there is only the reason. What cannot be kept is no reason to say less of why. */
static void error_keep(const struct sysroot *root, const struct bundle *bundle, const struct err *why)
{
	_cleanup_free_ char *line = str_printf("%s: %s\n", why->id, why->text);
	struct err ignored = { 0 };

	/* Never one bundle with another's reason. */
	error_forget(root);
	if (bundle->text)
		(void)sysroot_replace_bytes(root, QUIRKS_UPDATE_DIR, QUIRKS_UPDATE_FILE UPDATE_ERROR, 0600, bundle->text, bundle->size,
		                            &ignored);
	if (line)
		(void)sysroot_replace(root, QUIRKS_UPDATE_DIR, QUIRKS_UPDATE_FILE UPDATE_REASON, 0644, line, &(struct err){ 0 });
}

/*
 * Both are written before either gets its name. Where there is a copy it goes first: beside the good file of the last
 * release a newer one says nothing, and should that file break, it holds what the newer release denies; an older one would
 * let that go. So where force takes the database back it goes last, and also where there is none: alone it would be that of an
 * update that is gone.
 */
static int bundle_write(const struct sysroot *root, const struct bundle *bundle, const struct installed *installed, struct err *err)
{
	_cleanup_(staged_done) struct staged file = { .dir = -1 }, copy = { .dir = -1 };
	bool copy_first = sysroot_has(root, QUIRKS_LAST_GOOD_DIR "/" QUIRKS_UPDATE_FILE) != 0 &&
	                  bundle->serial >= installed->copy;
	struct staged *order[] = { copy_first ? &copy : &file, copy_first ? &file : &copy };
	struct err why = { 0 };
	int r = sysroot_stage(root, QUIRKS_UPDATE_DIR, QUIRKS_UPDATE_FILE, 0644, bundle->text, bundle->size, err, &file);

	if (r == 0)
		r = sysroot_stage(root, QUIRKS_LAST_GOOD_DIR, QUIRKS_UPDATE_FILE, 0644, bundle->text, bundle->size, err, &copy);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(order); i++)
		r = staged_place(order[i], &why);
	if (r < 0 && !file.is_placed)
		return err_set(err, r, why.id, "%s", why.text);
	if (r < 0)
		log_warn("the bundle is installed, but %s", why.text);
	return 0;
}

/* Its cause is the bundle, beside what is here already, and not what the machine or who asks cannot do. */
static bool is_refused(const struct err *err)
{
	static const char *const ids[] = { "bad-size", "bad-signature", "no-key", "bad-bundle", "older", "same-serial" };

	for (size_t i = 0; i < ELEMENTSOF(ids); i++)
		if (!strcmp(err->id, ids[i]))
			return true;
	return false;
}

/* What needs no lock: what no trusted key has signed makes nobody wait. */
static int bundle_take(const struct sysroot *root, const struct update_request *request, struct err *err,
                       struct bundle *bundle, char **ret_key)
{
	int r = bundle_read(request, err, bundle);

	return r == 0 ? bundle_check(root, request, bundle, err, ret_key) : r;
}

/* Of two at once the second sees what the first has installed. */
static int bundle_place(const struct sysroot *root, const struct update_request *request, const struct bundle *bundle,
                        struct err *err, struct installed *ret)
{
	int r = installed_read(root, bundle, err, ret);

	if (r < 0)
		return r;
	r = age_check(root, request, bundle, ret, err);
	/* From here on each pciwc reads these bytes with root's rights. */
	if (r == 0)
		r = quirks_check_place(root, request->file, bundle->text, bundle->size, bundle->serial, err);
	if (r == 0 && !request->is_dry)
		r = bundle_write(root, bundle, ret, err);
	return r;
}

int update_install(const struct sysroot *root, const struct update_request *request, struct err *err,
                   struct update_result *ret)
{
	_cleanup_(bundle_done) struct bundle bundle = { 0 };
	_cleanup_close_ int lock = -1;
	_cleanup_free_ char *key = NULL;
	struct installed installed = { 0 };
	int r = bundle_take(root, request, err, &bundle, &key);

	if (r < 0 && (request->is_dry || !is_refused(err)))
		return r;
	if (!request->is_dry) {
		struct err why = { 0 };
		int locked = lock_take(root, LOCK_QUIRKS, true, &why, &lock);

		if (locked < 0)
			return r < 0 ? r : err_set(err, locked, why.id, "%s", why.text);
		sysroot_sweep(root, QUIRKS_UPDATE_DIR, QUIRKS_UPDATE_FILE);
		sysroot_sweep(root, QUIRKS_LAST_GOOD_DIR, QUIRKS_UPDATE_FILE);
	}
	if (r == 0)
		r = bundle_place(root, request, &bundle, err, &installed);
	if (r < 0 && !request->is_dry && is_refused(err))
		error_keep(root, &bundle, err);
	if (r < 0)
		return err_set(err, r, "out-of-memory", "out of memory");
	if (!request->is_dry)
		error_forget(root);
	*ret = (struct update_result){ .serial = bundle.serial, .previous = installed.update, .key = steal(&key),
		                       .is_installed = !request->is_dry && !installed.is_same };
	return 0;
}
