/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-versions: the highest layer has the word; what it hides, what is older, and what a copy remembers can only hold. */
#include "observe/quirks-versions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool version_needs_copy(const struct quirk_version *version)
{
	return version->layer == LAYER_UPDATE && version->kind == VERSION_BROKEN;
}

static int version_read(struct versions *versions, const struct shelf *shelf, const char *name)
{
	struct quirk_version *version = &versions->at[versions->n];
	int r = quirk_version_read_at(shelf->root, shelf->dir, shelf->path, name, shelf->layer, shelf->cache, version);

	if (r == 0)
		memcpy(versions->digests[shelf->layer], version->digest, DIGEST_BYTES);
	return r;
}

int versions_add(struct versions *versions, const struct shelf *shelf, const char *name)
{
	int r = version_read(versions, shelf, name);

	if (r < 0)
		return r;
	versions->layers = ++versions->n;
	return 0;
}

int versions_add_copy(struct versions *versions, const struct shelf *copies, const char *name, const char *copied,
                      bool is_gone)
{
	struct quirk_version *copy = &versions->at[versions->n];
	int r = version_read(versions, copies, name);

	if (r < 0)
		return r;
	/* Beside its file a copy that is not good itself tells nothing; alone it is all that is known. */
	if (copy->kind != VERSION_GOOD && !is_gone) {
		quirk_version_done(copy);
		return 0;
	}
	versions->n++;
	versions->is_gone = is_gone;
	versions->has_copy = copy->kind == VERSION_GOOD;
	return str_set(&versions->copied, copied);
}

int versions_pass(struct versions *versions, const struct shelf *shelf, const char *name)
{
	return quirk_file_digest(shelf->root, shelf->dir, name, versions->digests[shelf->layer]);
}

void versions_done(struct versions *versions)
{
	for (size_t i = 0; i < versions->n; i++)
		quirk_version_done(&versions->at[i]);
	free(versions->copied);
	*versions = (struct versions){ 0 };
}

/* Takes the version's names, if nobody has one of them. */
static int names_claim(const struct quirk_version *version, struct lookup *taken, bool *ret_is_free)
{
	_cleanup_(lookup_done) struct lookup mine = { 0 };

	for (size_t i = 0; i < version->entries.n; i++) {
		const char *name = version->entries.at[i].name;

		if (!lookup_add(&mine, name))
			return -ENOMEM;
		if (mine.n <= i || lookup_find(taken, name)) {
			*ret_is_free = false;
			return 0;
		}
	}
	for (size_t i = 0; i < version->entries.n; i++)
		if (!lookup_add(taken, version->entries.at[i].name))
			return -ENOMEM;
	*ret_is_free = true;
	return 0;
}

int versions_newest(const struct versions *versions, struct lookup *taken, struct release *newest)
{
	for (size_t i = 0; i < versions->n; i++) {
		const struct quirk_version *version = &versions->at[i];
		/* Behind an update it may have to count: whether that is an old one is asked next. */
		bool is_hidden = i && versions->at[0].layer != LAYER_UPDATE, is_free = true;
		int r = 0;

		if (version->layer != LAYER_DISTRIBUTION || version->kind != VERSION_GOOD)
			continue;
		if (!is_hidden)
			r = names_claim(version, taken, &is_free);
		if (r < 0)
			return r;
		if (is_free && version->serial > newest->serial)
			*newest = (struct release){ version->path, version->serial };
	}
	return 0;
}

void versions_outdate(struct versions *versions, const struct release *newest)
{
	for (size_t i = 0; i < versions->layers; i++) {
		struct quirk_version update = versions->at[i];

		if (update.layer != LAYER_UPDATE || update.kind != VERSION_GOOD || !update.serial || update.serial >= newest->serial)
			continue;
		for (size_t n = i + 1; n < versions->n; n++)
			versions->at[n - 1] = versions->at[n];
		versions->at[versions->n - 1] = update;
		versions->layers--;
		versions->newest = *newest;
		return;
	}
}

static bool is_old(const struct versions *versions, size_t i)
{
	return i >= versions->layers && versions->at[i].layer == LAYER_UPDATE;
}

static bool is_copy(const struct versions *versions, size_t i)
{
	return versions->at[i].layer == LAYER_LAST_GOOD;
}

bool versions_counts(const struct versions *versions, size_t i)
{
	return i == 0 && versions->layers && versions->at[0].kind == VERSION_GOOD;
}

enum quirk_state versions_state(const struct versions *versions, size_t i)
{
	if (versions->at[i].kind == VERSION_BROKEN)
		return QUIRK_BROKEN;
	if (i >= versions->layers)
		return QUIRK_REPLACED;
	if (i)
		return versions->at[0].kind == VERSION_MASK ? QUIRK_MASKED : QUIRK_REPLACED;
	return versions->at[i].fault ? QUIRK_NEWER_FORMAT : QUIRK_ACTIVE;
}

const char *versions_by(const struct versions *versions, size_t i)
{
	if (is_copy(versions, i))
		return versions->is_gone ? NULL : versions->copied;
	if (is_old(versions, i))
		return versions->newest.path;
	return i ? versions->at[0].path : NULL;
}

char *versions_held_because(const struct versions *versions, size_t i)
{
	const struct quirk_version *mine = &versions->at[i], *top = &versions->at[0];

	if (mine->kind == VERSION_BROKEN)
		return str_printf("its file is broken: %s", mine->fault);
	if (is_copy(versions, i))
		return str_printf("%s stands in for %s, which is %s", mine->path, versions->copied,
		                  versions->is_gone ? "gone" : "broken");
	if (is_old(versions, i))
		return str_printf("%s (%llu) is older than %s (%llu)", mine->path, (unsigned long long)mine->serial,
		                  versions->newest.path, (unsigned long long)versions->newest.serial);
	return str_printf(top->kind == VERSION_BROKEN ? "%s is replaced by %s, which is broken"
	                  : top->kind == VERSION_MASK ? "%s is masked by %s"
	                                              : "%s is replaced by %s",
	                  mine->path, top->path);
}

bool versions_is_told(const struct versions *versions, size_t i)
{
	return versions->has_copy && version_needs_copy(&versions->at[i]);
}
