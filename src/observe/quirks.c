/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks: which version of each file counts; what the others would withhold stays held, and never silently. */
#include "observe/quirks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "observe/quirks-cache.h"
#include "observe/quirks-parts.h"

static const struct {
	enum quirk_layer layer;
	const char *dir;
} layers[] = { /* lowest first */
	{ LAYER_LAST_GOOD, QUIRKS_LAST_GOOD_DIR }, { LAYER_DISTRIBUTION, QUIRKS_DISTRIBUTION_DIR },
	{ LAYER_UPDATE, QUIRKS_UPDATE_DIR },       { LAYER_RUNTIME, QUIRKS_RUNTIME_DIR },
	{ LAYER_SITE, QUIRKS_SITE_DIR },
};

struct shelf *loading_shelf(struct loading *loading, enum quirk_layer layer)
{
	size_t i = 0;

	while (loading->shelves[i].layer != layer)
		i++;
	return &loading->shelves[i];
}

static void loading_done(struct loading *loading)
{
	for (size_t i = 0; i < loading->n; i++) {
		close_fd(&loading->shelves[i].dir);
		strs_done(&loading->shelves[i].names);
		lookup_done(&loading->shelves[i].taken);
	}
	for (size_t i = 0; loading->versions && i < loading->names.n; i++)
		versions_done(&loading->versions[i]);
	free(loading->versions);
	strs_done(&loading->names);
	free(loading->copies_fault);
	quirks_done(&loading->all);
	quirks_done(&loading->idle);
}

/* ---- which files there are ---- */

bool quirks_is_file(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && name[0] != '.' && !strcmp(name + n - 5, ".json") && strcmp(name, "schema.json");
}

static int shelf_fill(struct loading *loading, struct shelf *shelf)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	struct quirk_dir *row = array_add(&loading->all.dirs);
	struct err why = { 0 };
	int r;

	if (!row)
		return -ENOMEM;
	row->layer = shelf->layer;
	row->path = str_printf("%s%s", shelf->root->name, shelf->path);
	if (!row->path)
		return -ENOMEM;
	/* Who can take a file away takes its denials away, and who can add a link to /dev/null likewise. */
	r = sysroot_guarded(shelf->root, shelf->path, &why, &shelf->dir);
	if (r == 0)
		r = dir_list(shelf->dir, &names);
	row->is_there = r == 0;
	if (r == -ENOMEM)
		return r;
	shelf->fault = r;
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		(void)err_errno(&why, r, "unreadable", "%s", row->path);
		return shelf->layer == LAYER_LAST_GOOD ? str_set(&loading->copies_fault, why.text)
		                                       : strs_add(&loading->all.broken, why.text);
	}
	for (size_t i = 0; i < names.n; i++) {
		if (!quirks_is_file(names.at[i]))
			continue;
		loading->files += shelf->layer != LAYER_LAST_GOOD;
		r = strs_add(&shelf->names, names.at[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- one name, in all layers ---- */

/* A name in the layer of updates that only the copy has was there once, or the copy would not be. */
static int copy_read(const struct loading *loading, const char *name, struct versions *versions)
{
	const struct shelf *copies = &loading->shelves[0];
	const struct quirk_version *update = NULL;
	_cleanup_free_ char *path = str_printf("%s%s/%s", copies->root->name, QUIRKS_UPDATE_DIR, name);

	if (!path)
		return -ENOMEM;
	for (size_t i = 0; i < versions->n; i++)
		/* A link that masks says what the layers below may not; what the update had denied it is not asked. */
		if (versions->at[i].layer == LAYER_UPDATE && versions->at[i].kind != VERSION_MASK)
			update = &versions->at[i];
	if (copies->layer != LAYER_LAST_GOOD || !strs_sorted_has(&copies->names, name))
		return 0;
	/* Whether one is needed only who understands the update knows. */
	if (update && !version_needs_copy(update))
		return versions_pass(versions, copies, name);
	return versions_add_copy(versions, copies, name, path, !update);
}

static int versions_read(const struct loading *loading, const char *name, struct versions *versions)
{
	int r = 0;

	for (size_t i = loading->n; r == 0 && i--;) {
		const struct shelf *shelf = &loading->shelves[i];

		if (shelf->layer != LAYER_LAST_GOOD && strs_sorted_has(&shelf->names, name))
			r = versions_add(versions, shelf, name);
	}
	return r;
}

/* Moves the entry to where it belongs. */
static int entry_put(struct loading *loading, struct quirk *entry, const struct versions *versions, size_t i)
{
	entry->layer = versions->at[i].layer;
	entry->serial = versions->at[i].serial;
	if (!versions_counts(versions, i)) {
		entry->state = versions_state(versions, i);
		free(entry->held_because);
		entry->held_because = versions_held_because(versions, i);
		if (!entry->held_because || str_set(&entry->by, versions_by(versions, i)) < 0)
			return -ENOMEM;
	}

	struct quirk *slot = array_add(entry->state == QUIRK_ACTIVE ? &loading->all : &loading->idle);

	if (!slot)
		return -ENOMEM;
	*slot = *entry;
	*entry = (struct quirk){ 0 };
	return 0;
}

static int version_put(struct loading *loading, const char *name, struct versions *versions, size_t i)
{
	struct quirk_version *version = &versions->at[i];
	struct quirk_file *file = array_add(&loading->all.files);
	bool counts_voids = !versions_is_told(versions, i);
	int r;

	if (!file)
		return -ENOMEM;
	file->layer = version->layer;
	file->is_mask = version->kind == VERSION_MASK;
	file->state = versions_state(versions, i);
	file->serial = version->serial;
	file->n_entries = version->entries.n + version->voids.n;
	r = str_set(&file->name, name);
	if (r == 0)
		r = str_set(&file->path, version->path);
	if (r == 0)
		r = str_set(&file->fault, version->fault);
	if (r == 0)
		r = str_set(&file->by, versions_by(versions, i));
	for (size_t n = 0; r == 0 && n < version->entries.n; n++)
		r = entry_put(loading, &version->entries.at[n], versions, i);
	for (size_t n = 0; r == 0 && counts_voids && n < version->voids.n; n++)
		r = entry_put(loading, &version->voids.at[n], versions, i);
	return r;
}

static int fault_tell(struct loading *loading, const struct versions *versions, size_t i)
{
	const struct quirk_version *version = &versions->at[i];

	if (version->kind != VERSION_BROKEN)
		return 0;
	if (!version->is_readable && !versions_is_told(versions, i))
		return strs_add(&loading->all.broken, version->fault);

	_cleanup_free_ char *text = str_printf("%s; the file does not count, and what it may deny is held", version->fault);

	return text ? strs_add(&loading->all.damaged, text) : -ENOMEM;
}

static int loss_tell(struct loading *loading, const struct versions *versions)
{
	if (!versions->is_gone || !versions->has_copy)
		return 0;

	_cleanup_free_ char *text = str_printf("%s: gone, and its copy is there; what it may have denied is held",
	                                       versions->copied);

	return text ? strs_add(&loading->all.damaged, text) : -ENOMEM;
}

/* All files of this name have been read, and what the newest release is, is known. */
static int name_load(struct loading *loading, const char *name, const struct release *newest, struct versions *versions)
{
	int r = 0;

	versions_outdate(versions, newest);
	if (versions_counts(versions, 0))
		r = names_take(loading, &versions->at[0]);
	if (r == 0)
		r = copy_read(loading, name, versions);
	if (r == 0)
		r = loss_tell(loading, versions);
	for (size_t i = 0; r == 0 && i < versions->n; i++) {
		r = fault_tell(loading, versions, i);
		if (r == 0)
			r = version_put(loading, name, versions, i);
	}
	return r;
}

/* ---- all ---- */

static int shelves_make(struct loading *loading, const struct sysroot *root, const struct sysroot *host, const char *dir)
{
	if (dir) {
		loading->shelves[loading->n++] = (struct shelf){ .root = root, .path = "", .dir = -1, .layer = LAYER_GIVEN,
			                                         .cache = loading->cache };
		return shelf_fill(loading, &loading->shelves[0]);
	}
	for (size_t i = 0; i < ELEMENTSOF(layers); i++) {
		bool is_borrowed = layers[i].layer == LAYER_DISTRIBUTION && sysroot_has(root, layers[i].dir) == 0;
		struct shelf *shelf = &loading->shelves[loading->n++];

		*shelf = (struct shelf){ .root = is_borrowed ? host : root, .path = layers[i].dir, .dir = -1, .layer = layers[i].layer,
			                   .cache = loading->cache };

		int r = shelf_fill(loading, shelf);

		if (r < 0)
			return r;
	}
	/* Beside an update they say nothing, or no more than all that is held without them; without one only they know of it. */
	if (loading->copies_fault && !strs_sorted_has(&loading_shelf(loading, LAYER_UPDATE)->names, QUIRKS_UPDATE_FILE))
		return strs_add(&loading->all.broken, loading->copies_fault);
	return 0;
}

/* ---- the digest: of each byte that was read, and of what could not be ---- */

/* Each link holds the one before it: no two chains of parts give the same. */
static int digest_link(struct loading *loading, const void *bytes, size_t size)
{
	return digest_of(loading->digest, sizeof(loading->digest), bytes, size, loading->digest);
}

/* All else that is found in a database follows from this. */
static int digest_finish(struct loading *loading, char ret[static DIGEST_TEXT])
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < loading->n; i++)
		r = digest_link(loading, &loading->shelves[i].fault, sizeof(loading->shelves[i].fault));
	for (size_t i = 0; r == 0 && i < loading->names.n; i++) {
		r = digest_link(loading, loading->names.at[i], strlen(loading->names.at[i]));
		if (r == 0)
			r = digest_link(loading, loading->versions[i].digests, sizeof(loading->versions[i].digests));
	}
	if (r == 0)
		digest_text(loading->digest, ret);
	return r;
}

static int names_collect(struct loading *loading)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = 0;

	for (size_t s = 0; s < loading->n; s++)
		for (size_t i = 0; r == 0 && i < loading->shelves[s].names.n; i++)
			r = strs_add(&names, loading->shelves[s].names.at[i]);
	strs_sort(&names);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (!i || strcmp(names.at[i], names.at[i - 1]))
			r = strs_add(&loading->names, names.at[i]);
	if (r < 0)
		return r;
	loading->versions = calloc(loading->names.n + 1, sizeof(*loading->versions));
	return loading->versions ? 0 : -ENOMEM;
}

static int files_read(struct loading *loading, struct release *ret_newest)
{
	_cleanup_(lookup_done) struct lookup taken = { 0 };
	struct release newest = { 0 };
	int r = names_collect(loading);

	for (size_t i = 0; r == 0 && i < loading->names.n; i++) {
		r = versions_read(loading, loading->names.at[i], &loading->versions[i]);
		if (r == 0)
			r = versions_newest(&loading->versions[i], &taken, &newest);
	}
	*ret_newest = newest;
	return r;
}

static int names_load(struct loading *loading)
{
	struct release newest;
	int r = files_read(loading, &newest);

	for (size_t i = 0; r == 0 && i < loading->names.n; i++)
		r = name_load(loading, loading->names.at[i], &newest, &loading->versions[i]);
	if (r == 0)
		r = names_replace(loading);
	if (r == 0)
		r = names_outdate(loading);
	for (size_t i = 0; r == 0 && i < loading->idle.n; i++) {
		struct quirk *slot = array_add(&loading->all);

		if (!slot)
			return -ENOMEM;
		*slot = loading->idle.at[i];
		loading->idle.at[i] = (struct quirk){ 0 };
	}
	return r;
}

/* Without a distribution's database nobody has said what is denied, whatever the other layers hold. */
static int check_database(struct loading *loading, const char *dir)
{
	bool has_base = false;
	const char *base = dir;

	if (loading->all.broken.n)
		return 0;
	for (size_t i = 0; i < loading->n; i++) {
		const struct shelf *shelf = &loading->shelves[i];

		if (shelf->layer != LAYER_GIVEN && shelf->layer != LAYER_DISTRIBUTION)
			continue;
		has_base = shelf->names.n > 0;
		base = loading->all.dirs.at[i].path;
	}
	if (has_base)
		return 0;

	_cleanup_free_ char *text = str_printf("%s: no quirk database there: expected *.json files", base);

	return text ? strs_add(&loading->all.broken, text) : -ENOMEM;
}

/* Which files there are. *other is kept open as long as they are read. */
static int loading_begin(struct loading *loading, const struct sysroot *root, struct sysroot *other, const char *dir)
{
	struct err why = { 0 };
	int r = sysroot_open(dir, &why, other);

	if (r == 0)
		return shelves_make(loading, dir ? other : root, other, dir);
	if (r == -ENOMEM || !dir)
		return r;
	loading->shelves[0] = (struct shelf){ .path = "", .dir = -1, .layer = LAYER_GIVEN, .fault = r };
	loading->n = 1;
	return strs_add(&loading->all.broken, why.text);
}

static int loading_error(int r, const char *dir, struct err *err)
{
	if (r == -ENOSYS)
		return err_set(err, r, "no-digest", "libsodium gives no BLAKE2b: install one that does");
	return r < 0 ? err_set(err, r, "out-of-memory", "%s: out of memory", dir ?: "quirk database") : 0;
}

int quirks_load(const struct sysroot *root, const char *dir, struct err *err, struct quirks *ret)
{
	_cleanup_(quirks_cache_done) struct quirks_cache cache;

	quirks_cache_open(root, &cache);
	return quirks_load_by(&cache, root, dir, err, ret);
}

int quirks_load_by(struct quirks_cache *cache, const struct sysroot *root, const char *dir, struct err *err,
                   struct quirks *ret)
{
	_cleanup_(loading_done) struct loading loading = { .cache = cache };
	_cleanup_(sysroot_close) struct sysroot other = { .fd = -1 };
	int r = loading_begin(&loading, root, &other, dir);

	if (r == 0)
		r = names_load(&loading);
	if (r == 0)
		r = check_database(&loading, dir);
	if (r == 0)
		r = digest_finish(&loading, loading.all.digest);
	if (r < 0)
		return loading_error(r, dir, err);
	*ret = loading.all;
	loading.all = (struct quirks){ 0 };
	return 0;
}

int quirks_digest(const struct sysroot *root, const char *dir, struct err *err, char ret[static DIGEST_TEXT])
{
	_cleanup_(loading_done) struct loading loading = { 0 };
	_cleanup_(sysroot_close) struct sysroot other = { .fd = -1 };
	int r = loading_begin(&loading, root, &other, dir);

	if (r == 0)
		r = names_collect(&loading);
	for (size_t i = 0; r == 0 && i < loading.names.n; i++)
		for (size_t s = 0; r == 0 && s < loading.n; s++)
			if (strs_sorted_has(&loading.shelves[s].names, loading.names.at[i]))
				r = versions_pass(&loading.versions[i], &loading.shelves[s], loading.names.at[i]);
	if (r == 0)
		r = digest_finish(&loading, ret);
	return loading_error(r, dir, err);
}
