/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-sysroot: nothing leads out of a root, reads are bounded, and a file is replaced in one step. */
#include "tree.h"

#include "base/cleanup.h"

static void test_confined(void **state)
{
	struct tree *tree = *state;
	struct tree outside;
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *inside = NULL;

	tree_make(&outside);
	tree_file(&outside, "secret", "secret");
	tree_file(tree, "etc/secret", "mine");
	/* By name, by "..", as a directory on the way. */
	tree_link(tree, "direct", tree_path(&outside, "secret"));
	tree_link(tree, "up", "../../../../../../../../etc/secret");
	tree_link(tree, "absolute", "/etc/secret");
	tree_link(tree, "way", outside.dir);
	tree_link(tree, "loop", "loop");
	assert_int_equal(sysroot_text(&tree->root, "direct", 99, &text), -ENOENT);
	assert_int_equal(sysroot_text(&tree->root, "way/secret", 99, &text), -ENOENT);
	assert_int_equal(sysroot_text(&tree->root, "loop", 99, &text), -ELOOP);
	assert_int_equal(sysroot_text(&tree->root, "../../../../../../etc/passwd", 99, &text), -ENOENT);
	assert_int_equal(sysroot_has(&tree->root, "way/secret"), 0);
	assert_int_equal(sysroot_has(&tree->root, "etc/secret"), 1);
	assert_int_equal(sysroot_has(&tree->root, "etc/secret/below"), 0);
	assert_int_equal(sysroot_has(&tree->root, "loop"), -ELOOP);
	assert_null(text);
	/* Both resolve within the root, as they would on the machine itself. */
	assert_int_equal(sysroot_text(&tree->root, "/up", 99, &text), 0);
	assert_int_equal(sysroot_text(&tree->root, "/absolute", 99, &inside), 0);
	assert_string_equal(text, "mine");
	assert_string_equal(inside, "mine");
	tree_remove(&outside);
}

static void test_text(void **state)
{
	struct tree *tree = *state;
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	char big[5000];

	tree_file(tree, "padded", "  two words \t\r\n\n");
	tree_bytes(tree, "nul", "a\0b", 3);
	memset(big, 'x', sizeof(big));
	tree_bytes(tree, "big", big, sizeof(big));
	assert_int_equal(sysroot_text(&tree->root, "padded", 99, &text), 0);
	assert_string_equal(text, "  two words");
	assert_int_equal(sysroot_text(&tree->root, "nul", 99, &bytes), -EILSEQ);
	assert_int_equal(sysroot_text(&tree->root, "big", 4999, &bytes), -EFBIG);
	assert_int_equal(sysroot_bytes(&tree->root, "nul", 3, &bytes, &size), 0);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "a\0b\0", 4);
	free(steal(&bytes));
	assert_int_equal(sysroot_bytes(&tree->root, "big", 5000, &bytes, &size), 0);
	assert_int_equal(size, 5000);
	free(steal(&bytes));
	assert_int_equal(sysroot_text(&tree->root, "missing", 99, &bytes), -ENOENT);
	assert_int_equal(sysroot_text(&tree->root, ".", 99, &bytes), -EISDIR);
	/* A pipe in a captured root must not make root's tool wait for ever. */
	assert_int_equal(mkfifo(tree_path(tree, "pipe"), 0600), 0);
	assert_int_equal(sysroot_text(&tree->root, "pipe", 99, &bytes), 0);
	assert_string_equal(bytes, "");
}

static void test_list(void **state)
{
	struct tree *tree = *state;
	_cleanup_(strs_done) struct strs names = { 0 };

	tree_file(tree, "d/b", "");
	tree_file(tree, "d/a", "");
	tree_dir(tree, "d/c");
	assert_int_equal(sysroot_list(&tree->root, "d", &names), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.at[0], "a");
	assert_string_equal(names.at[2], "c");
	assert_int_equal(sysroot_list(&tree->root, "missing", &names), -ENOENT);
	assert_int_equal(sysroot_list(&tree->root, "d/a", &names), -ENOTDIR);
	assert_int_equal(names.n, 3);
}

static void test_links(void **state)
{
	struct tree *tree = *state;
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *target = NULL;

	tree_link(tree, "dev/driver", "../../bus/pci/drivers/vfio-pci");
	assert_int_equal(sysroot_link_name(&tree->root, "dev/driver", &name), 0);
	assert_string_equal(name, "vfio-pci");
	assert_int_equal(sysroot_link(&tree->root, "dev/driver", &target), 0);
	assert_string_equal(target, "../../bus/pci/drivers/vfio-pci");
	free(steal(&name));
	assert_int_equal(sysroot_link_name(&tree->root, "dev/missing", &name), -ENOENT);
	assert_null(name);
}

static void test_attributes(void **state)
{
	struct tree *tree = *state;
	_cleanup_close_ int dir = -1;
	_cleanup_free_ char *text = NULL;
	uint64_t value = 0;

	tree_file(tree, "dev/vendor", "0x1af4\n");
	tree_file(tree, "secret", "0x1\n");
	tree_link(tree, "dev/class", "../secret");
	dir = sysroot_fd(&tree->root, "dev", O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(attr_u64(dir, "vendor", 16, &value), 0);
	assert_int_equal(value, 0x1af4);
	/* Attributes of sysfs are never links: one that is would lead out of the root unseen. */
	assert_int_equal(attr_text(dir, "class", 99, &text), -ELOOP);
	assert_int_equal(attr_u64(dir, "missing", 16, &value), -ENOENT);
	assert_int_equal(attr_write(dir, "vendor", "0x15b3"), 0);
	assert_int_equal(attr_u64(dir, "vendor", 16, &value), 0);
	assert_int_equal(value, 0x15b3);
	assert_int_equal(attr_write(dir, "class", "x"), -ELOOP);
}

static void test_open(void **state)
{
	struct err err = { 0 };
	struct sysroot root;
	_cleanup_free_ char *slashed = NULL;

	struct tree *tree = *state;

	assert_int_equal(sysroot_open("/does/not/exist", &err, &root), -ENOENT);
	assert_string_equal(err.id, "bad-root");
	slashed = str_printf("%s///", tree->dir);
	assert_int_equal(sysroot_open(slashed, NULL, &root), 0);
	assert_string_equal(root.name, tree->dir);
	assert_false(root.live);
	sysroot_close(&root);
	assert_int_equal(root.fd, -1);
	assert_int_equal(sysroot_open(NULL, NULL, &root), 0);
	assert_true(root.live);
	assert_string_equal(root.name, "");
	sysroot_close(&root);
}

static void test_trust(void **state)
{
	struct tree *tree = *state;
	static const struct {
		mode_t mode;
		bool trusted;
	} rows[] = { { 0644, true }, { 0600, true }, { 0664, false }, { 0646, false }, { 0666, false } };
	_cleanup_close_ int dir = sysroot_fd(&tree->root, "/", O_RDONLY | O_DIRECTORY);
	struct err err = { 0 };

	tree_file(tree, "f", "{}");
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_close_ int fd = sysroot_fd(&tree->root, "f", O_RDONLY);

		tree_mode(tree, "f", rows[i].mode);
		assert_int_equal(sysroot_trust(&tree->root, fd, "f", NULL), rows[i].trusted ? 0 : -EPERM);
	}
	assert_int_equal(sysroot_trust(&tree->root, dir, "/", &err), -EPERM);
	assert_string_equal(err.id, "untrusted-file");
	if (geteuid() == 0) {
		_cleanup_close_ int fd = sysroot_fd(&tree->root, "f", O_RDONLY);

		tree_mode(tree, "f", 0600);
		assert_int_equal(fchown(fd, 12345, 0), 0);
		assert_int_equal(sysroot_trust(&tree->root, fd, "f", NULL), -EPERM);
	}
}

/* Is it refused, and which component, at which mode or owner? */
static void assert_refused(int (*opens)(const struct sysroot *, const char *, struct err *, int *), const struct tree *tree,
                           const char *place, const char *why)
{
	_cleanup_free_ char *says = str_printf("%s/%s: %s", tree->root.name, place, why);
	struct err err = { 0 };
	int fd = -1;

	assert_int_equal(opens(&tree->root, "/x/a/b", &err, &fd), -EPERM);
	assert_int_equal(fd, -1);
	assert_string_equal(err.id, "untrusted-dir");
	assert_non_null(says);
	if (strncmp(err.text, says, strlen(says)) != 0)
		fail_msg("%s, expected %s", err.text, says);
}

static void assert_taken(int (*opens)(const struct sysroot *, const char *, struct err *, int *), const struct tree *tree)
{
	struct err err = { 0 };
	int fd = -1;

	if (opens(&tree->root, "/x/a/b", &err, &fd) < 0)
		fail_msg("%s", err.text);
	close(fd);
}

/* No directory from the root down is anybody else's, not even to add to where the names count; what was opened is what is read. */
static void test_guarded(void **state)
{
	static const char *const places[] = { "x/a/b", "x/a", "x" };
	struct tree *tree = *state;
	_cleanup_(strs_done) struct strs names = { 0 };
	struct err err = { 0 };
	int fd = -1;

	assert_int_equal(sysroot_guarded(&tree->root, "/x/a/b", &err, &fd), -ENOENT);
	assert_int_equal(sysroot_trusted(&tree->root, "/x/a/b", &err, &fd), -ENOENT);
	assert_int_equal(err.text[0], '\0');
	assert_int_equal(fd, -1);
	tree_file(tree, "x/a/b/two", "");
	tree_file(tree, "x/a/b/one", "");
	/* On the machine itself, and in a captured tree, where those above may be its user's group's. */
	for (size_t i = 0; i < 2 * ELEMENTSOF(places); i++) {
		const char *place = places[i / 2];
		bool is_last = i / 2 == 0;

		tree->root.live = i % 2;
		tree_mode(tree, place, 0757);
		assert_refused(sysroot_trusted, tree, place, "mode 0757");
		tree_mode(tree, place, 0775);
		if (is_last || tree->root.live)
			assert_refused(sysroot_guarded, tree, place, "mode 0775");
		else
			assert_taken(sysroot_guarded, tree);
		/* Only where the names count it matters what others add. */
		tree_mode(tree, place, 01777);
		assert_taken(sysroot_trusted, tree);
		if (is_last)
			assert_refused(sysroot_guarded, tree, place, "mode 1777");
		else
			assert_taken(sysroot_guarded, tree);
		tree_mode(tree, place, 0755);
		if (geteuid() == 0) {
			assert_int_equal(chown(tree_path(tree, place), 12345, 0), 0);
			assert_refused(sysroot_trusted, tree, place, "owned by uid 12345");
			assert_int_equal(chown(tree_path(tree, place), 0, 0), 0);
		}
	}
	/* Who can write the root takes away what is in it. */
	tree_mode(tree, ".", 0757);
	assert_refused(sysroot_trusted, tree, "", "mode 0757");
	tree_mode(tree, ".", 0755);
	tree->root.live = false;
	assert_int_equal(sysroot_guarded(&tree->root, "x//a/b/", &err, &fd), 0);
	assert_int_equal(rename(tree_path(tree, "x/a/b"), tree_path(tree, "x/a/c")), 0);
	assert_int_equal(dir_list(fd, &names), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.at[0], "one");
	close(fd);
	/* None is a link. */
	tree_link(tree, "x/a/b", "c");
	assert_int_equal(sysroot_guarded(&tree->root, "/x/a/b", &err, &fd), -ELOOP);
	assert_non_null(strstr(err.text, "/x/a/b: a symbolic link"));
	tree_link(tree, "y", "x");
	assert_int_equal(sysroot_trusted(&tree->root, "/y/a/c", &err, &fd), -ELOOP);
	tree_file(tree, "z", "");
	assert_int_equal(sysroot_trusted(&tree->root, "/z/a", &err, &fd), -ENOTDIR);
	/* To look for a file takes no right to list its directory. */
	tree_mode(tree, "x", 0711);
	assert_int_equal(sysroot_trusted(&tree->root, "/x/a/c", &err, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_PATH, O_PATH);
	close(fd);
	/* The root itself has none above it. */
	assert_int_equal(sysroot_guarded(&tree->root, "", &err, &fd), 0);
	close(fd);
	tree_mode(tree, ".", 0777);
	assert_int_equal(sysroot_guarded(&tree->root, "/", &err, &fd), -EPERM);
	tree_mode(tree, ".", 0755);
}

static void test_replace(void **state)
{
	struct tree *tree = *state;
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_free_ char *text = NULL;
	struct err err = { 0 };
	struct stat st;

	tree_dir(tree, "var");
	assert_int_equal(sysroot_replace(&tree->root, "var/lib/pciwc", "a.json", 0640, "one\n", &err), 0);
	assert_int_equal(sysroot_replace(&tree->root, "/var/lib/pciwc", "a.json", 0600, "two\n", &err), 0);
	assert_int_equal(sysroot_text(&tree->root, "var/lib/pciwc/a.json", 99, &text), 0);
	assert_string_equal(text, "two");
	assert_int_equal(stat(tree_path(tree, "var/lib/pciwc/a.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* No temporary file stays behind. */
	assert_int_equal(sysroot_list(&tree->root, "var/lib/pciwc", &names), 0);
	assert_int_equal(names.n, 1);
	/* A directory in which others can rename files, or one behind a link, is refused. */
	tree_mode(tree, "var/lib/pciwc", 0777);
	assert_true(sysroot_replace(&tree->root, "var/lib/pciwc", "b", 0644, "x", &err) < 0);
	tree_mode(tree, "var/lib/pciwc", 0755);
	tree_link(tree, "var/link", "lib");
	err = (struct err){ 0 };
	assert_true(sysroot_replace(&tree->root, "var/link", "b", 0644, "x", &err) < 0);
	assert_string_equal(err.id, "untrusted-dir");
	assert_int_equal(sysroot_has(&tree->root, "var/lib/b"), 0);
}

static void test_stage(void **state)
{
	struct tree *tree = *state;
	_cleanup_(staged_done) struct staged one = { .dir = -1 };
	_cleanup_(strs_done) struct strs names = { 0 };
	_cleanup_free_ char *text = NULL;
	struct staged two = { .dir = -1 }, none = { .dir = -1 };
	struct err err = { 0 };

	tree_file(tree, "var/a", "old");
	assert_int_equal(sysroot_stage(&tree->root, "/var", "a", 0644, "new", 3, &err, &one), 0);
	assert_int_equal(sysroot_stage(&tree->root, "/var", "b", 0644, "new", 3, &err, &two), 0);
	/* Nothing has its name yet, and what is given up leaves nothing. */
	assert_int_equal(sysroot_has(&tree->root, "/var/b"), 0);
	staged_done(&two);
	assert_int_equal(sysroot_text(&tree->root, "/var/a", 99, &text), 0);
	assert_string_equal(text, "old");
	free(steal(&text));
	assert_int_equal(staged_place(&one, &err), 0);
	assert_true(one.is_placed);
	staged_done(&one);
	assert_int_equal(sysroot_text(&tree->root, "/var/a", 99, &text), 0);
	assert_string_equal(text, "new");
	assert_int_equal(sysroot_list(&tree->root, "/var", &names), 0);
	assert_int_equal(names.n, 1);
	/* What cannot take the name says so, and is not placed. */
	tree_dir(tree, "var/full");
	tree_file(tree, "var/full/x", "");
	assert_int_equal(sysroot_stage(&tree->root, "/var", "full", 0644, "new", 3, &err, &none), 0);
	assert_true(staged_place(&none, &err) < 0);
	assert_string_equal(err.id, "cannot-write");
	assert_false(none.is_placed);
	staged_done(&none);
}

/* What a killed process left goes; what only looks like it, and another name's, stays. */
static void test_sweep(void **state)
{
	static const char *const rows[] = { ".a.12", ".a.x.12", ".b.12", ".12", ".a.", ".a.12x", "a.12", ".hidden" };
	struct tree *tree = *state;
	char path[64];
	const struct {
		const char *name;
		unsigned int gone;
	} sweeps[] = { { "c", 0 }, { "a", 0x3 }, { NULL, 0x7 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(path, sizeof(path), "var/%s", rows[i]);
		tree_file(tree, path, "");
	}
	sysroot_sweep(&tree->root, "/nowhere", NULL);
	for (size_t s = 0; s < sizeof(sweeps) / sizeof(sweeps[0]); s++) {
		sysroot_sweep(&tree->root, "/var", sweeps[s].name);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			snprintf(path, sizeof(path), "/var/%s", rows[i]);
			assert_int_equal(sysroot_has(&tree->root, path), !(sweeps[s].gone & (1u << i)));
		}
	}
	/* Not where a link leads, nor where others may have put one. */
	tree_file(tree, "else/.a.12", "");
	assert_int_equal(symlink("../else", tree_path(tree, "var/there")), 0);
	sysroot_sweep(&tree->root, "/var/there", NULL);
	assert_int_equal(sysroot_has(&tree->root, "/else/.a.12"), 1);
	assert_int_equal(chmod(tree_path(tree, "else"), 0777), 0);
	sysroot_sweep(&tree->root, "/else", NULL);
	assert_int_equal(sysroot_has(&tree->root, "/else/.a.12"), 1);
	assert_int_equal(chmod(tree_path(tree, "else"), 0755), 0);
	sysroot_sweep(&tree->root, "/else", NULL);
	assert_int_equal(sysroot_has(&tree->root, "/else/.a.12"), 0);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_confined),   with_tree(test_text), with_tree(test_list),  with_tree(test_links),
		with_tree(test_attributes), with_tree(test_open), with_tree(test_trust), with_tree(test_guarded),
		with_tree(test_replace),    with_tree(test_stage), with_tree(test_sweep),
	};

	return cmocka_run_group_tests_name("sysroot", tests, NULL, NULL);
}
