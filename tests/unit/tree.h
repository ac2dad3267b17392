/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: a fake machine for unit tests, made in a temporary directory and removed with it. Every helper fails the test
 * when it cannot do its work. It includes cmocka and what cmocka wants included before it.
 *
 *	struct tree t;
 *	tree_make(&t);
 *	tree_file(&t, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
 *	tree_link(&t, "sys/bus/pci/devices/0000:00:00.0", "../../../devices/pci0000:00/0000:00:00.0");
 *	... sysroot functions with &t.root ...
 *	tree_remove(&t);
 *
 * As cmocka fixtures (the tree is *state): cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown).
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sysroot.h"

#define TREE_HELPER static inline __attribute__((unused))

struct tree {
	char dir[64];
	struct sysroot root; /* opened on dir: never the live machine */
};

TREE_HELPER void tree_make(struct tree *tree)
{
	struct err err = { 0 };

	snprintf(tree->dir, sizeof(tree->dir), "/tmp/pciwc-test-XXXXXX");
	if (!mkdtemp(tree->dir))
		fail_msg("%s: %s", tree->dir, strerror(errno));
	if (sysroot_open(tree->dir, &err, &tree->root) < 0)
		fail_msg("%s", err.text);
}

TREE_HELPER int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

TREE_HELPER void tree_remove(struct tree *tree)
{
	sysroot_close(&tree->root);
	/* FTW_PHYS: a link that leads out of the tree is removed, never what it points to. */
	nftw(tree->dir, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file of the tree on this machine: a buffer that lives until the next eight calls. */
TREE_HELPER const char *tree_path(const struct tree *tree, const char *path)
{
	static char names[8][4096];
	static unsigned int turn;
	char *name = names[turn++ % 8];

	snprintf(name, sizeof(names[0]), "%s/%s", tree->dir, path[0] == '/' ? path + 1 : path);
	return name;
}

/* Makes the directories above path, and with whole also path itself. */
TREE_HELPER void tree_parents(const struct tree *tree, const char *path, int whole)
{
	char walk[4096];
	size_t skip = strlen(tree->dir) + 1;

	snprintf(walk, sizeof(walk), "%s%s", tree_path(tree, path), whole ? "/" : "");
	for (char *slash = strchr(walk + skip, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(walk, 0755) < 0 && errno != EEXIST)
			fail_msg("%s: %s", walk, strerror(errno));
		*slash = '/';
	}
}

TREE_HELPER void tree_dir(const struct tree *tree, const char *path)
{
	tree_parents(tree, path, 1);
}

/* Writes size bytes; a file that is there is replaced. Mode 0644. */
TREE_HELPER void tree_bytes(const struct tree *tree, const char *path, const void *data, size_t size)
{
	tree_parents(tree, path, 0);

	FILE *f = fopen(tree_path(tree, path), "wb");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f) != 0)
		fail_msg("%s: %s", tree_path(tree, path), strerror(errno));
	chmod(tree_path(tree, path), 0644);
}

TREE_HELPER void tree_file(const struct tree *tree, const char *path, const char *text)
{
	tree_bytes(tree, path, text, strlen(text));
}

/* A sparse file: it can stand in for a BAR. */
TREE_HELPER void tree_hollow(const struct tree *tree, const char *path, off_t size)
{
	tree_file(tree, path, "");
	if (truncate(tree_path(tree, path), size) < 0)
		fail_msg("%s: %s", tree_path(tree, path), strerror(errno));
}

/* A symbolic link; target is written as it stands. */
TREE_HELPER void tree_link(const struct tree *tree, const char *path, const char *target)
{
	tree_parents(tree, path, 0);
	unlink(tree_path(tree, path));
	if (symlink(target, tree_path(tree, path)) < 0)
		fail_msg("%s: %s", tree_path(tree, path), strerror(errno));
}

TREE_HELPER void tree_mode(const struct tree *tree, const char *path, mode_t mode)
{
	if (chmod(tree_path(tree, path), mode) < 0)
		fail_msg("%s: %s", tree_path(tree, path), strerror(errno));
}

TREE_HELPER int tree_setup(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return -1;
	tree_make(tree);
	*state = tree;
	return 0;
}

TREE_HELPER int tree_teardown(void **state)
{
	tree_remove(*state);
	free(*state);
	return 0;
}
