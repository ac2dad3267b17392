/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-names: of the entries of one name, in all files of all layers, which is the one that counts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/lookup.h"
#include "observe/quirks-parts.h"

/* Who has a name in a layer: a file among all, and whether its entry counts there; 0: nobody. */
static size_t owner_of(size_t file, bool is_active)
{
	return (file + 1) << 1 | is_active;
}

static const struct quirk_file *file_of(const struct loading *loading, size_t owner)
{
	return &loading->all.files.at[(owner >> 1) - 1];
}

/* Its i-th name is taken, by a file or by itself: it is broken, and has none. */
static int names_refuse(const struct loading *loading, struct shelf *shelf, struct quirk_version *version, size_t i, size_t owner)
{
	const struct quirk *entry = &version->entries.at[i];
	bool is_mine = owner >> 1 == loading->all.files.n + 1;

	for (size_t n = 0; n < i; n++)
		*lookup_find(&shelf->taken, version->entries.at[n].name) = 0;
	version->kind = VERSION_BROKEN;
	free(version->fault);
	version->fault = str_printf("%s: entries[%zu].name: %s is taken by %s, expected a new name", version->path, i, entry->name,
	                            is_mine ? entry->file : file_of(loading, owner)->name);
	return version->fault ? 0 : -ENOMEM;
}

/* The version is the next to be put. Each name is looked for once: of many it is this that takes the time. */
int names_take(struct loading *loading, struct quirk_version *version)
{
	struct shelf *shelf = loading_shelf(loading, version->layer);

	for (size_t i = 0; i < version->entries.n; i++) {
		/* Each is in a block of its own, which nobody has touched since its file was read. */
		if (i + 8 < version->entries.n)
			__builtin_prefetch(version->entries.at[i + 8].name);

		size_t *owner = lookup_add(&shelf->taken, version->entries.at[i].name);

		if (!owner)
			return -ENOMEM;
		if (*owner)
			return names_refuse(loading, shelf, version, i, *owner);
		*owner = owner_of(loading->all.files.n, version->entries.at[i].state == QUIRK_ACTIVE);
	}
	return 0;
}

/* The file of the highest layer above the entry's that has an active one of its name; NULL: there is none. */
static const struct quirk_file *superior(const struct loading *loading, const struct quirk *entry)
{
	for (size_t i = loading->n; i-- && loading->shelves[i].layer > entry->layer;) {
		const size_t *owner = lookup_find(&loading->shelves[i].taken, entry->name);

		if (owner && *owner & 1)
			return file_of(loading, *owner);
	}
	return NULL;
}

static int entry_replace(struct loading *loading, struct quirk *entry, const struct quirk_file *by)
{
	const struct shelf *shelf = loading_shelf(loading, entry->layer);
	struct quirk *slot;

	entry->state = QUIRK_REPLACED;
	entry->held_because = str_printf("the entry of %s%s/%s is replaced by that of %s", shelf->root->name, shelf->path,
	                                 entry->file, by->path);
	if (!entry->held_because || str_set(&entry->by, by->path) < 0)
		return -ENOMEM;
	slot = array_add(&loading->idle);
	if (!slot)
		return -ENOMEM;
	*slot = *entry;
	*entry = (struct quirk){ 0 };
	return 0;
}

/* An update is one file of entries: they replace those of their names, wherever the distribution has these. */
int names_replace(struct loading *loading)
{
	struct quirks *all = &loading->all;
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->n; i++) {
		const struct quirk_file *by = superior(loading, &all->at[i]);

		if (by)
			r = entry_replace(loading, &all->at[i], by);
		else if (kept != i) {
			all->at[kept] = all->at[i];
			all->at[i] = (struct quirk){ 0 };
		}
		kept += !by;
	}
	if (r == 0)
		all->n = kept;
	return r;
}

/* Of an update that is older than the package, or of its copy, a name that the package has is told by the package. */
static int entry_outdate(const struct loading *loading, const struct shelf *package, struct quirk *entry)
{
	const size_t *owner = lookup_find(&package->taken, entry->name);
	const struct quirk_file *file = owner && *owner & 1 ? file_of(loading, *owner) : NULL;

	if (!file || entry->state != QUIRK_REPLACED || !entry->serial || file->serial <= entry->serial)
		return 0;
	entry->state = QUIRK_OLDER;
	return str_set(&entry->by, file->path);
}

int names_outdate(struct loading *loading)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < loading->idle.n; i++) {
		enum quirk_layer layer = loading->idle.at[i].layer;

		if (layer == LAYER_UPDATE || layer == LAYER_LAST_GOOD)
			r = entry_outdate(loading, loading_shelf(loading, LAYER_DISTRIBUTION), &loading->idle.at[i]);
	}
	return r;
}
