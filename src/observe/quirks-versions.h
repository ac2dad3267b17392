/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quirks-versions: one name of a file in all layers: which version counts, and why the others hold. */
#pragma once

#include "base/lookup.h"
#include "observe/quirks-file.h"

/* A file that says which release of the database is the distribution's. */
struct release {
	const char *path; /* borrowed; NULL: there is none */
	uint64_t serial;
};

struct versions {
	/* The highest layer first; behind them what never counts: an update that is older than the package, or its copy. */
	struct quirk_version at[LAYERS];
	size_t n;
	size_t layers; /* how many are not such: the first of these counts, if it is good */
	char *copied;  /* the path of the update that the copy stands in for; NULL: there is no copy */
	bool is_gone;  /* that update is no longer there */
	bool has_copy; /* and its copy is good */
	struct release newest; /* what the update is older than */
	/* Of the file in each layer, and of its copy, as they were read; zeroes: there is none. */
	unsigned char digests[LAYERS][DIGEST_BYTES];
};

/* Is this a broken file of the layer of updates: the only ones that have copies. */
bool version_needs_copy(const struct quirk_version *version);
/* A directory of the database: of one layer, or of copies. */
struct shelf {
	const struct sysroot *root;
	const char *path; /* below the root */
	int dir;          /* open, owned; -1: it is not there */
	int fault;        /* why it is not; 0: it is */
	enum quirk_layer layer;
	struct quirks_cache *cache; /* borrowed; NULL: there is none */
	struct strs names; /* of its files, sorted */
	struct lookup taken; /* names of entries whose file counts here, with a struct owner as the value */
};

/*
 * Reads the file of this name as the next version, of a lower layer than those before; a copy comes last, with the path of
 * what it is the copy of. 0, -ENOMEM or -ENOSYS.
 */
int versions_add(struct versions *versions, const struct shelf *shelf, const char *name);
int versions_add_copy(struct versions *versions, const struct shelf *copies, const char *name, const char *copied,
                      bool is_gone);
/* Digests the file of this name, which is not read as a version. 0, -ENOMEM or -ENOSYS. */
int versions_pass(struct versions *versions, const struct shelf *shelf, const char *name);
void versions_done(struct versions *versions);
/*
 * Takes the later one of a file of the distribution among them, if it is good, and what is there. taken: the names of entries
 * of such files, borrowed from them; one that has a name a second time is none. 0 or -ENOMEM.
 */
int versions_newest(const struct versions *versions, struct lookup *taken, struct release *newest);
/* Puts an update behind the others that is older than this; one whose serial is not known is not known to be. */
void versions_outdate(struct versions *versions, const struct release *newest);

/* Do the i-th one's entries count. */
bool versions_counts(const struct versions *versions, size_t i);
enum quirk_state versions_state(const struct versions *versions, size_t i);
/* The path of what stands for the i-th one, borrowed; NULL: nothing does. */
const char *versions_by(const struct versions *versions, size_t i);
/* Why the i-th one holds instead of counting; the caller frees it; NULL: memory is out. */
char *versions_held_because(const struct versions *versions, size_t i);
/* Is all that the i-th one, which is broken, had told by its copy. No other file tells it, whatever its name. */
bool versions_is_told(const struct versions *versions, size_t i);
