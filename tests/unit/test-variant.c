/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices bound to the module's driver and given back on a fake machine, whose kernel is write(2) below; a kill at any
 * of its writes; and the module's list as text.
 */
#include "apply.h"
#include "pcitree.h"

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "act/apply.h"
#include "act/taken.h"
#include "act/variant.h"
#include "act/verify.h"
#include "base/strs.h"
#include "model/wcrange.h"

#define DRIVERS "sys/bus/pci/drivers/"
#define OVERRIDE DEVICE_DIR "driver_override"
#define LIST DEVICE_DIR "wc_ranges"
#define APPROVAL "var/lib/pciwc/approvals/0000:01:00.0.json"
#define TEXT_BEFORE(driver, override)                                                                           \
	"{\"schema\":1,\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":["     \
	"{\"bar\":2,\"backend\":\"variant\",\"parts\":[{\"offset\":0,\"size\":65536,\"when\":\"always\"}]}],"     \
	"\"driver\":{\"name\":" driver ",\"override\":" override "}}\n"
#define ALL_OF_IT "2 0x0 0x10000 always\n"

/* ---- the kernel: what a driver's files do ---- */

static int writes_left = -1;  /* negative: never; then it is killed */
static bool refuses;          /* the module's driver takes no device */
static bool is_open;          /* somebody has the device open */

static const char *end_of(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && !strcmp(path + n - m, end) ? path + n - m : NULL;
}

/* The name of the driver whose file `verb` this is, in place; NULL: it is none. */
static const char *driver_of(char *path, const char *verb)
{
	char *end = (char *)(uintptr_t)end_of(path, verb), *name;

	if (!end)
		return NULL;
	*end = '\0';
	name = strrchr(path, '/');
	return name ? name + 1 : NULL;
}

static char top[4096]; /* of the tree */
static char override_now[64];

static const char *in_tree(const char *path)
{
	static char text[2][4300];
	static unsigned int turn;

	snprintf(text[++turn % 2], sizeof(text[0]), "%s/%s", top, path);
	return text[turn % 2];
}

static void put(const char *path, const char *content)
{
	int fd = open(in_tree(path), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_true(syscall(SYS_write, fd, content, strlen(content)) == (long)strlen(content));
	close(fd);
}

static long kernel_bind(const char *driver)
{
	bool is_ours = !strcmp(driver, VARIANT_DRIVER);

	/* VFIO's drivers know no ids: they take what driver_override gives them, and nothing else. */
	if ((is_ours && refuses) || strncmp(override_now, driver, strlen(driver)) != 0) {
		errno = ENODEV;
		return -1;
	}
	char target[256];

	snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
	assert_int_equal(symlink(target, in_tree(DEVICE_DIR "driver")), 0);
	if (is_ours)
		put(LIST, "");
	return 0;
}

ssize_t write(int fd, const void *data, size_t size)
{
	char link[64], path[4200], copy[4200];
	const char *driver;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n < 0 ? 0 : n] = '\0';
	if (!top[0] || strncmp(path, top, strlen(top)) != 0 || !strstr(path, "/sys/"))
		return syscall(SYS_write, fd, data, size);
	if (writes_left == 0) {
		/* Opening a plain file for writing has emptied it; an attribute stays as it is. */
		put(OVERRIDE, override_now);
		_exit(0);
	}
	if (writes_left > 0)
		writes_left--;
	if (end_of(path, "/wc_ranges")) {
		if (is_open) {
			errno = EBUSY;
			return -1;
		}
		put(LIST, *(const char *)data == '\n' ? "" : (const char *)data);
		return (ssize_t)size;
	}
	if (end_of(path, "/driver_override")) {
		snprintf(override_now, sizeof(override_now), "%s\n", *(const char *)data == '\n' ? "(null)" : (const char *)data);
		put(OVERRIDE, override_now);
		return (ssize_t)size;
	}
	strcpy(copy, path);
	driver = driver_of(copy, "/unbind");
	if (driver) {
		unlink(in_tree(DEVICE_DIR "driver"));
		unlink(in_tree(LIST));
		return (ssize_t)size;
	}
	driver = driver_of(copy, "/bind");
	if (driver)
		return kernel_bind(driver) < 0 ? -1 : (ssize_t)size;
	return syscall(SYS_write, fd, data, size);
}

/* ---- a disk that does not give the approval ---- */

static bool is_unread;

ssize_t read(int fd, void *data, size_t size)
{
	char link[64], path[4200];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = is_unread ? readlink(link, path, sizeof(path) - 1) : 0;
	path[n < 0 ? 0 : n] = '\0';
	if (end_of(path, "/" APPROVAL)) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_read, fd, data, size);
}

/* ---- the machine ---- */

static void machine(void **state, const char *driver, const char *override)
{
	static const char *const names[] = { "vfio-pci", VARIANT_DRIVER, "mlx5_vfio_pci" };
	struct tree *tree = *state;
	struct fake fake;
	char path[256];

	top[0] = '\0';
	fake_make(tree, &fake);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), DRIVERS "%s/bind", names[i]);
		tree_file(tree, path, "");
		snprintf(path, sizeof(path), DRIVERS "%s/unbind", names[i]);
		tree_file(tree, path, "");
	}
	tree_file(tree, "dev/vfio/7", "");
	tree_link(tree, DEVICE_DIR "iommu_group", "../../../../kernel/iommu_groups/7");
	unlink(tree_path(tree, DEVICE_DIR "driver"));
	unlink(tree_path(tree, LIST));
	unlink(tree_path(tree, APPROVAL));
	if (driver)
		fake_bind(tree, driver);
	tree_file(tree, OVERRIDE, override);
	snprintf(override_now, sizeof(override_now), "%s", override);
	writes_left = -1;
	refuses = is_open = is_unread = false;
	assert_non_null(realpath(tree_path(tree, "."), top));
}

static const char *driver_now(const struct tree *tree)
{
	static char target[256];
	ssize_t n = readlink(tree_path(tree, DEVICE_DIR "driver"), target, sizeof(target) - 1);

	if (n < 0)
		return NULL;
	target[n] = '\0';
	return strrchr(target, '/') + 1;
}

static struct write *add(struct policy *policy, enum write_kind kind, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/0000:01:00.0/%s", name);

	struct write *write = policy_add(policy, kind, path, 0);

	assert_non_null(write);
	assert_int_equal(str_set(&write->text, text), 0);
	write->address.bus = 1;
	write->vendor = 0x1af4;
	write->device = 0x1110;
	return write;
}

static void fill(struct policy *policy, const char *approval, const char *from)
{
	struct write *write = policy_add(policy, WRITE_TEXT, "/" APPROVAL, 0644);

	assert_non_null(write);
	assert_int_equal(str_set(&write->text, approval), 0);
	assert_int_equal(str_set(&add(policy, WRITE_DRIVER, "driver_override", VARIANT_DRIVER)->from, from), 0);
	add(policy, WRITE_RANGES, "wc_ranges", ALL_OF_IT);
}

static int apply(const struct tree *tree, const char *approval, struct err *err)
{
	struct policy policy = { 0 };
	unsigned int changed = 0;
	int r;

	fill(&policy, approval, driver_now(tree));
	r = apply_policy(&tree->root, &policy, err, &changed);
	policy_done(&policy);
	return r < 0 ? r : (int)changed;
}

static int revert(const struct tree *tree, struct err *err)
{
	unsigned int changed = 0;
	int r = policy_revert(&tree->root, err, &changed);

	return r < 0 ? r : (int)changed;
}

static void is_back(const struct tree *tree, const char *driver, const char *override)
{
	if (driver)
		assert_string_equal(driver_now(tree), driver);
	else
		assert_null(driver_now(tree));
	assert_string_equal(tree_text(tree, OVERRIDE), override);
	assert_null(tree_text(tree, LIST));
	assert_null(tree_text(tree, APPROVAL));
}

/* ---- tests ---- */

static const struct {
	const char *driver, *override, *approval;
} befores[] = {
	{ "vfio-pci", "vfio-pci\n", TEXT_BEFORE("\"vfio-pci\"", "\"vfio-pci\"") },
	/* As dpdk-devbind leaves a device: bound by an override that is gone. */
	{ "vfio-pci", "(null)\n", TEXT_BEFORE("\"vfio-pci\"", "null") },
	{ "mlx5_vfio_pci", "(null)\n", TEXT_BEFORE("\"mlx5_vfio_pci\"", "null") },
	{ NULL, "(null)\n", TEXT_BEFORE("null", "null") },
};

static void there_and_back(void **state)
{
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++) {
		machine(state, befores[i].driver, befores[i].override);
		assert_int_equal(apply(*state, befores[i].approval, &err), 3);
		assert_string_equal(driver_now(*state), VARIANT_DRIVER);
		assert_string_equal(tree_text(*state, OVERRIDE), VARIANT_DRIVER "\n");
		assert_string_equal(tree_text(*state, LIST), ALL_OF_IT);
		assert_int_equal(apply(*state, befores[i].approval, &err), 0);
		assert_int_equal(revert(*state, &err), 2);
		is_back(*state, befores[i].driver, befores[i].override);
		assert_int_equal(revert(*state, &err), 0);
	}
}

/* Killed at any write of an apply, or of a revert, the next revert puts all back; a list is never left behind. */
static void killed(void **state)
{
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++)
		for (int when = 0; when < 8; when++)
			for (int is_revert = 0; is_revert < 2; is_revert++) {
				pid_t child;
				int status;

				machine(state, befores[i].driver, befores[i].override);
				if (is_revert)
					assert_int_equal(apply(*state, befores[i].approval, &err), 3);
				child = fork();
				assert_true(child >= 0);
				if (!child) {
					writes_left = when;
					_exit((is_revert ? revert(*state, &err) : apply(*state, befores[i].approval, &err)) < 0);
				}
				assert_int_equal(waitpid(child, &status, 0), child);
				assert_int_equal(status, 0);
				if (revert(*state, &err) < 0)
					fail_msg("%zu, write %d: %s", i, when, err.text);
				is_back(*state, befores[i].driver, befores[i].override);
			}
}

/* What it had is what it has again when the module's driver does not take it. */
static void refused(void **state)
{
	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++) {
		struct err err = { 0 };

		machine(state, befores[i].driver, befores[i].override);
		refuses = true;
		assert_int_equal(apply(*state, befores[i].approval, &err), -ENODEV);
		assert_string_equal(err.id, "cannot-bind");
		assert_int_equal(revert(*state, &err), 1);
		is_back(*state, befores[i].driver, befores[i].override);
	}
}

static size_t n_drifts(const struct tree *tree)
{
	struct policy policy = { 0 };
	struct drifts drifts = { 0 };
	size_t n;

	fill(&policy, befores[0].approval, driver_now(tree));
	assert_int_equal(policy_verify(&tree->root, &policy, NULL, &drifts), 0);
	n = drifts.n;
	drifts_done(&drifts);
	policy_done(&policy);
	return n;
}

static void verified(void **state)
{
	struct err err = { 0 };

	machine(state, "vfio-pci", "vfio-pci\n");
	assert_int_equal(n_drifts(*state), 3);
	assert_int_equal(apply(*state, befores[0].approval, &err), 3);
	assert_int_equal(n_drifts(*state), 0);
	/* Told, and yet not so: somebody had it mapped uncached before it was opened. */
	put(LIST, "2 0x0 0x10000 always unavailable\n");
	assert_int_equal(n_drifts(*state), 1);
	assert_int_equal(apply(*state, befores[0].approval, &err), 0);
	put(LIST, "");
	assert_int_equal(n_drifts(*state), 1);
	put(LIST, ALL_OF_IT);
	put(OVERRIDE, "(null)\n");
	assert_int_equal(n_drifts(*state), 1);
	unlink(tree_path(*state, DEVICE_DIR "driver"));
	fake_bind(*state, "vfio-pci");
	unlink(tree_path(*state, LIST));
	assert_int_equal(n_drifts(*state), 2);
}

static void in_use(void **state)
{
	struct err err = { 0 };

	machine(state, "vfio-pci", "vfio-pci\n");
	assert_int_equal(apply(*state, befores[0].approval, &err), 3);
	is_open = true;
	put(LIST, "2 0x0 0x1000 always\n");
	assert_int_equal(apply(*state, befores[0].approval, &err), -EBUSY);
	assert_string_equal(err.id, "busy");
	assert_int_equal(revert(*state, &err), -EBUSY);
	assert_string_equal(driver_now(*state), VARIANT_DRIVER);
	assert_non_null(tree_text(*state, APPROVAL));

	/* Without a group nobody can tell that it is idle. */
	err = (struct err){ 0 };
	machine(state, "vfio-pci", "vfio-pci\n");
	unlink(tree_path(*state, "dev/vfio/7"));
	assert_true(apply(*state, befores[0].approval, &err) < 0);
	assert_string_equal(err.id, "cannot-claim");
	assert_string_equal(driver_now(*state), "vfio-pci");
	assert_string_equal(tree_text(*state, OVERRIDE), "vfio-pci\n");
}

/* What is told that an apply would take back, all its words. */
static const char *told(const struct tree *tree, const struct policy *policy)
{
	static char text[2048];
	struct drifts taken = { 0 };

	assert_int_equal(policy_taken(&tree->root, policy, NULL, &taken), 0);
	text[0] = '\0';
	for (size_t i = 0; i < taken.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s: %s\n", taken.at[i].path, taken.at[i].text);
	drifts_done(&taken);
	return text;
}

/* What it had before is not lost with a look that failed: nothing is given any more, and a later look gives it back. */
static void unread(void **state)
{
	for (size_t i = 0; i < sizeof(befores) / sizeof(befores[0]); i++) {
		const struct tree *tree = *state;
		const struct policy none = { 0 };
		struct err err = { 0 };
		unsigned int changed;

		machine(state, befores[i].driver, befores[i].override);
		assert_int_equal(apply(tree, befores[i].approval, &err), 3);
		assert_non_null(strstr(told(tree, &none), "driver_override: set once for pciwc-vfio-pci, and not any more"));
		assert_non_null(strstr(told(tree, &none), "to be removed"));
		is_unread = true;
		assert_non_null(strstr(told(tree, &none), "driver_override: set for pciwc-vfio-pci, and what was before is not known: to stay"));
		assert_non_null(strstr(told(tree, &none), "what it approved cannot be read: to stay, and nothing is given: "));
		assert_int_equal(apply(tree, befores[i].approval, &err), -EIO);
		assert_string_equal(err.id, "unreadable");
		assert_non_null(strstr(err.text, APPROVAL));
		assert_string_equal(tree_text(tree, LIST), ALL_OF_IT);
		err = (struct err){ 0 };
		assert_int_equal(i % 2 ? apply_policy(&tree->root, &none, &err, &changed) : revert(tree, &err), -EIO);
		assert_non_null(strstr(err.text, APPROVAL));
		assert_string_equal(driver_now(tree), VARIANT_DRIVER);
		assert_string_equal(tree_text(tree, LIST), "");
		is_unread = false;
		assert_string_equal(tree_text(tree, APPROVAL), befores[i].approval);
		assert_true(revert(*state, &err) > 0);
		is_back(*state, befores[i].driver, befores[i].override);
	}
}

/* Whoever uses the device keeps it, and it keeps its driver. */
static void used(void **state)
{
	static const struct {
		const char *driver, *path, *text, *id;
	} cases[] = {
		{ NULL, "proc/4711/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/bus/pci/devices/0000:01:00.0/resource4\n", "busy" },
		{ "vfio-pci", DEVICE_DIR "sriov_numvfs", "2\n", "busy" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };

		machine(state, cases[i].driver, "(null)\n");
		tree_file(*state, "proc/4711/comm", "user\n");
		tree_file(*state, cases[i].path, cases[i].text);
		assert_true(apply(*state, befores[0].approval, &err) < 0);
		assert_string_equal(err.id, cases[i].id);
		assert_string_equal(tree_text(*state, OVERRIDE), "(null)\n");
		unlink(tree_path(*state, cases[i].path));
	}

	/* A probe has it: it is claimed by driver_override alone. */
	struct tree *tree = *state;
	struct err err = { 0 };
	int lock = -1;

	machine(state, NULL, CLAIMED_OVERRIDE "\n");
	assert_int_equal(lock_take(&tree->root, LOCK_PROBE, false, &err, &lock), 0);
	assert_true(apply(*state, befores[3].approval, &err) < 0);
	assert_string_equal(err.id, "busy");
	assert_string_equal(tree_text(*state, OVERRIDE), CLAIMED_OVERRIDE "\n");
	close(lock);
	/* Or had it, and was killed: how it was before stands in the journal, which only a probe reads. */
	assert_true(apply(*state, befores[3].approval, &err) < 0);
	assert_string_equal(err.id, "busy");
	assert_string_equal(tree_text(*state, OVERRIDE), CLAIMED_OVERRIDE "\n");

	/* Another driver than the one that was judged. */
	struct policy policy = { 0 };
	unsigned int changed;

	err = (struct err){ 0 };
	machine(state, "vfio-pci", "(null)\n");
	fill(&policy, befores[3].approval, NULL);
	assert_int_equal(apply_policy(&tree->root, &policy, &err, &changed), -EBUSY);
	assert_string_equal(err.id, "bound");
	assert_string_equal(driver_now(tree), "vfio-pci");
	policy_done(&policy);
}

/* What failed is not published: nobody may rely on what was granted before. */
static void unpublished(void **state)
{
	struct err err = { 0 };

	machine(state, "vfio-pci", "vfio-pci\n");
	tree_file(*state, "run/pciwc/policy.json", "{}");
	refuses = true;
	assert_true(apply(*state, befores[0].approval, &err) < 0);
	assert_null(tree_text(*state, "run/pciwc/policy.json"));
}

/* Somebody gave it another driver since, or another device is there: neither is touched. */
static void others(void **state)
{
	struct err err = { 0 };

	machine(state, "vfio-pci", "vfio-pci\n");
	assert_int_equal(apply(*state, befores[0].approval, &err), 3);
	unlink(tree_path(*state, DEVICE_DIR "driver"));
	fake_bind(*state, "mlx5_vfio_pci");
	put(OVERRIDE, "mlx5_vfio_pci\n");
	assert_int_equal(revert(*state, &err), 1);
	assert_string_equal(driver_now(*state), "mlx5_vfio_pci");
	assert_string_equal(tree_text(*state, OVERRIDE), "mlx5_vfio_pci\n");

	machine(state, "vfio-pci", "vfio-pci\n");
	assert_int_equal(apply(*state, befores[0].approval, &err), 3);
	tree_file(*state, DEVICE_DIR "device", "0x1111\n");
	assert_int_equal(revert(*state, &err), 1);
	assert_string_equal(driver_now(*state), VARIANT_DRIVER);
	assert_int_equal(apply(*state, befores[0].approval, &err), -ENODEV);
	assert_string_equal(err.id, "vanished");
}

/* Whether it is still the device cannot be asked: nothing is forgotten. */
static void unasked(void **state)
{
	struct err err = { 0 };

	machine(state, "vfio-pci", "vfio-pci\n");
	assert_int_equal(apply(*state, befores[0].approval, &err), 3);
	unlink(tree_path(*state, DEVICE_DIR "device"));
	tree_link(*state, DEVICE_DIR "device", "device");
	assert_int_equal(revert(*state, &err), -ELOOP);
	assert_string_equal(tree_text(*state, LIST), ALL_OF_IT);
	assert_non_null(tree_text(*state, APPROVAL));
	unlink(tree_path(*state, DEVICE_DIR "device"));
	tree_file(*state, DEVICE_DIR "device", "0x1110\n");
	assert_int_equal(revert(*state, &err), 2);
	is_back(*state, "vfio-pci", "vfio-pci\n");
}

/* A name in an approval becomes a path: only one that could be a driver's is taken. */
static void bad_names(void **state)
{
	static const char *const names[] = { "\"../../evil\"", "\"a b\"", "\"\"", "\".\"", "7", "\"a\\nb\"" };
	char text[1024];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err = { 0 };

		machine(state, VARIANT_DRIVER, VARIANT_DRIVER "\n");
		put(LIST, ALL_OF_IT);
		snprintf(text, sizeof(text),
		         "{\"device\":\"0000:01:00.0\",\"vendor\":\"0x1af4\",\"device_id\":\"0x1110\",\"bars\":[{\"bar\":2,"
		         "\"backend\":\"variant\"}],\"driver\":{\"name\":%s,\"override\":null}}", names[i]);
		tree_file(*state, APPROVAL, text);
		assert_true(revert(*state, &err) >= 0);
		/* What it gave is not known: nothing is allowed any more, and the driver stays. */
		assert_string_equal(driver_now(*state), VARIANT_DRIVER);
		assert_string_equal(tree_text(*state, LIST), "");
	}
}

static void lists(void **state)
{
	static const char *const good[] = { "", ALL_OF_IT, "2 0x0 0x1000 always\n4 0x1000 0x2000 request\n" };
	static const char *const bad[] = {
		"2", "2 0", "2 0x0 0x1000", "2 0x0 0x1000 never", "2 0x0 0x0 always", "2 0x0 0x1000 always x", "\n2 0x0 0x1000 always",
		"300 0x0 0x1000 always", "2 0xfffffffffffff000 0x2000 always", "-2 0x0 0x1000 always", "2  0x0 0x1000 always",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct wc_ranges ranges = { 0 };
		char *text;

		assert_int_equal(wc_ranges_parse(good[i], &ranges), 0);
		text = wc_ranges_text(&ranges);
		assert_string_equal(text, good[i]);
		free(text);
		wc_ranges_done(&ranges);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wc_ranges ranges = { 0 };

		assert_int_equal(wc_ranges_parse(bad[i], &ranges), -EINVAL);
		assert_null(ranges.at);
	}

	struct wc_ranges a = { 0 }, b = { 0 };

	assert_int_equal(wc_ranges_parse("2 0x0 0x1000 always registers unavailable\n4 0x0 0x1000 request", &a), 0);
	assert_true(a.at[0].is_unavailable);
	assert_int_equal(wc_ranges_parse("4 0x0 0x1000 request\n2 0x0 0x1000 always\n", &b), 0);
	assert_true(wc_ranges_equal(&a, &b));
	b.at[0].on_request = false;
	assert_false(wc_ranges_equal(&a, &b));
	wc_ranges_done(&a);
	wc_ranges_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_and_back, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(verified, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unread, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(in_use, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(others, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unasked, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(used, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unpublished, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bad_names, tree_setup, tree_teardown),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
