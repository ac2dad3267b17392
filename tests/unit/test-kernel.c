/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-kernel: what a kernel can map follows from its release, its files and its BARs, in this order of doubt. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "observe/kernel.h"

static struct kernel read_kernel(struct tree *tree, const char *arch, const struct devices *devices, const char *release)
{
	const struct platform platform = { .arch = (char *)arch };
	const struct devices none = { 0 };
	struct kernel kernel = { 0 }, brief = { 0 };
	struct err err = { 0 };

	if (kernel_read(&tree->root, &platform, devices ?: &none, release, &err, &kernel) < 0)
		fail_msg("%s", err.text);
	/* Who asks for less is told the same of it. */
	if (kernel_read_brief(&tree->root, release, &err, &brief) < 0)
		fail_msg("%s", err.text);
	assert_true(str_eq(brief.release, kernel.release));
	assert_true(str_eq(brief.cmdline, kernel.cmdline));
	assert_int_equal(brief.lockdown, kernel.lockdown);
	kernel_done(&brief);
	return kernel;
}

static const struct gap *find_gap(const struct kernel *kernel, const char *what)
{
	for (size_t i = 0; i < kernel->gaps.n; i++)
		if (!strcmp(kernel->gaps.at[i].what, what))
			return &kernel->gaps.at[i];
	return NULL;
}

static void test_release(void **state)
{
	static const struct {
		const char *release;
		unsigned int major, minor;
	} rows[] = {
		{ "6.12.48+deb13-amd64", 6, 12 }, { "7.3-rc7", 7, 3 },   { "6.1.0-rpi7-rpi-2712", 6, 1 }, { "10.20", 10, 20 },
		{ "6", 0, 0 },                    { "6.", 0, 0 },        { "v6.12", 0, 0 },               { "", 0, 0 },
		{ "6.x", 0, 0 },                  { "99999.1", 0, 0 },   { "-6.1", 0, 0 },                { "6.123456789", 0, 0 },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct kernel kernel = read_kernel(tree, "aarch64", NULL, rows[i].release);

		if (kernel.version[0] != rows[i].major || kernel.version[1] != rows[i].minor)
			fail_msg("%s: %u.%u", rows[i].release, kernel.version[0], kernel.version[1]);
		assert_int_equal(find_gap(&kernel, "release") != NULL, !rows[i].major);
		kernel_done(&kernel);
	}
	tree_file(tree, "proc/sys/kernel/osrelease", "6.9.1\n");

	struct kernel kernel = read_kernel(tree, "aarch64", NULL, NULL);

	assert_string_equal(kernel.release, "6.9.1");
	assert_int_equal(kernel_at_least(&kernel, 6, 9), TRI_YES);
	assert_int_equal(kernel_at_least(&kernel, 6, 10), TRI_NO);
	assert_int_equal(kernel_at_least(&kernel, 5, 20), TRI_YES);
	assert_int_equal(kernel_at_least(&kernel, 7, 0), TRI_NO);
	kernel_done(&kernel);
	assert_int_equal(kernel_at_least(&kernel, 1, 0), TRI_UNKNOWN);
}

static void test_wc_files(void **state)
{
	static const struct {
		const char *arch, *release;
		enum tri wc_files;
	} rows[] = {
		{ "aarch64", "5.10.0", TRI_YES }, { "aarch64", "5.9.0", TRI_NO },    { "aarch64", "what", TRI_UNKNOWN },
		{ "ppc64le", "what", TRI_YES },   { "s390x", "7.2.0", TRI_YES },     { "s390x", "7.1.9", TRI_NO },
		{ "riscv64", "7.3", TRI_NO },     { "loongarch64", "7.3", TRI_NO },  { "arm", "6.12", TRI_NO },
		{ NULL, "6.12", TRI_UNKNOWN },    { "x86_64", "6.12", TRI_UNKNOWN }, /* no cpuinfo */
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct kernel kernel = read_kernel(tree, rows[i].arch, NULL, rows[i].release);

		if (kernel.wc_files != rows[i].wc_files)
			fail_msg("%s %s: %d", rows[i].arch ?: "", rows[i].release, kernel.wc_files);
		assert_int_equal(find_gap(&kernel, "resourceN_wc") != NULL, rows[i].wc_files == TRI_UNKNOWN);
		kernel_done(&kernel);
	}
}

/* What is seen on the BARs wins over what the release promises. */
static void test_wc_files_seen(void **state)
{
	struct device at[] = {
		{ .iommu_group = -1, .n_bars = 1, .bars = { { .size_bytes = 32, .io = true, .wc_file = TRI_NO } } },
		{ .iommu_group = -1, .n_bars = 1, .bars = { { .size_bytes = 4096, .wc_file = TRI_NO } } },
		{ .iommu_group = -1, .n_bars = 1, .bars = { { .size_bytes = 4096, .prefetchable = true } } },
	};
	const struct devices devices = { at, ELEMENTSOF(at) };
	struct tree *tree = *state;
	struct kernel kernel = read_kernel(tree, "riscv64", &devices, "6.12");

	assert_int_equal(kernel.wc_files, TRI_NO);
	kernel_done(&kernel);
	at[2].bars[0].wc_file = TRI_YES;
	kernel = read_kernel(tree, "riscv64", &devices, "6.12");
	assert_int_equal(kernel.wc_files, TRI_YES);
	kernel_done(&kernel);
	at[2].bars[0].wc_file = TRI_NO;
	kernel = read_kernel(tree, "aarch64", &devices, "6.12");
	assert_int_equal(kernel.wc_files, TRI_NO);
	assert_int_equal(kernel.pat, TRI_UNKNOWN); /* no x86 */
	kernel_done(&kernel);
	kernel = read_kernel(tree, "x86_64", &devices, "6.12");
	assert_int_equal(kernel.pat, TRI_NO);
	kernel_done(&kernel);
}

static void test_pat(void **state)
{
	static const struct {
		const char *cpuinfo, *cmdline;
		enum tri pat;
	} rows[] = {
		{ "flags\t\t: fpu pat pse36\n", "ro quiet\n", TRI_YES },
		{ "flags\t\t: fpu pat\n", "nopat\n", TRI_NO },
		{ "flags\t\t: fpu pat\n", "xnopat nopatx nopat=1\n", TRI_YES },
		{ "flags\t\t: fpu patx xpat\n", "ro\n", TRI_NO },
		{ "processor\t: 0\n", "ro\n", TRI_UNKNOWN },
		{ "flags\t\t: fpu pat\n", NULL, TRI_UNKNOWN }, /* it may say nopat */
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct kernel kernel;

		tree_file(tree, "proc/cpuinfo", rows[i].cpuinfo);
		unlink(tree_path(tree, "proc/cmdline"));
		if (rows[i].cmdline)
			tree_file(tree, "proc/cmdline", rows[i].cmdline);
		kernel = read_kernel(tree, "x86_64", NULL, "6.12");
		if (kernel.pat != rows[i].pat)
			fail_msg("row %zu: %d", i, kernel.pat);
		assert_int_equal(kernel.wc_files, rows[i].pat);
		assert_int_equal(find_gap(&kernel, "PAT") != NULL, rows[i].pat == TRI_UNKNOWN);
		kernel_done(&kernel);
	}
}

static void test_memtype_list(void **state)
{
	struct tree *tree = *state;
	struct kernel kernel = read_kernel(tree, "x86_64", NULL, "6.12");

	assert_int_equal(kernel.memtype_list, TRI_NO);
	assert_non_null(strstr(find_gap(&kernel, "memory types")->why, "debugfs"));
	kernel_done(&kernel);
	kernel = read_kernel(tree, "aarch64", NULL, "6.12");
	assert_int_equal(kernel.memtype_list, TRI_UNKNOWN);
	assert_null(find_gap(&kernel, "memory types"));
	kernel_done(&kernel);
	tree_file(tree, "sys/kernel/debug/x86/pat_memtype_list", "PAT memtype list:\n");
	kernel = read_kernel(tree, "x86_64", NULL, "6.12");
	assert_int_equal(kernel.memtype_list, TRI_YES);
	kernel_done(&kernel);
}

static void test_lockdown(void **state)
{
	static const struct {
		const char *text;
		enum lockdown lockdown;
	} rows[] = {
		{ "[none] integrity confidentiality\n", LOCKDOWN_NONE },
		{ "none [integrity] confidentiality\n", LOCKDOWN_INTEGRITY },
		{ "none integrity [confidentiality]\n", LOCKDOWN_CONFIDENTIALITY },
		{ "none integrity confidentiality\n", LOCKDOWN_UNKNOWN },
		{ "none [integrit] confidentiality\n", LOCKDOWN_UNKNOWN },
		{ "none [integrity\n", LOCKDOWN_UNKNOWN },
		{ "[unknown]\n", LOCKDOWN_UNKNOWN },
		{ "\n", LOCKDOWN_UNKNOWN },
	};
	struct tree *tree = *state;
	struct kernel kernel;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(tree, "sys/kernel/security/lockdown", rows[i].text);
		kernel = read_kernel(tree, "aarch64", NULL, "6.12");
		if (kernel.lockdown != rows[i].lockdown)
			fail_msg("%s: %d", rows[i].text, kernel.lockdown);
		assert_int_equal(find_gap(&kernel, "lockdown") != NULL, !rows[i].lockdown);
		kernel_done(&kernel);
	}
	/* No file: only where securityfs is there without one does nothing lock anything down. */
	unlink(tree_path(tree, "sys/kernel/security/lockdown"));
	kernel = read_kernel(tree, "aarch64", NULL, "6.12");
	assert_int_equal(kernel.lockdown, LOCKDOWN_UNKNOWN);
	kernel_done(&kernel);
	tree_file(tree, "sys/kernel/security/lsm", "capability,apparmor");
	kernel = read_kernel(tree, "aarch64", NULL, "6.12");
	assert_int_equal(kernel.lockdown, LOCKDOWN_NONE);
	kernel_done(&kernel);
}

static void test_strict_devmem(void **state)
{
	static const struct {
		const char *config;
		enum tri strict;
	} rows[] = {
		{ "CONFIG_A=y\nCONFIG_IO_STRICT_DEVMEM=y\n", TRI_YES },
		{ "CONFIG_IO_STRICT_DEVMEM=y\n", TRI_YES },
		{ "CONFIG_STRICT_DEVMEM=y\n# CONFIG_IO_STRICT_DEVMEM is not set\n", TRI_NO },
		{ "CONFIG_A=y\n", TRI_NO },
		{ "CONFIG_A=y\nXCONFIG_IO_STRICT_DEVMEM=y\n", TRI_NO },
		{ "hello\n", TRI_UNKNOWN },
	};
	struct tree *tree = *state;
	struct kernel kernel = read_kernel(tree, "aarch64", NULL, "6.12-x");

	assert_int_equal(kernel.strict_devmem, TRI_UNKNOWN);
	assert_non_null(strstr(find_gap(&kernel, "strict devmem")->why, "no configuration"));
	kernel_done(&kernel);
	tree_file(tree, "proc/config.gz", "\x1f\x8b");
	kernel = read_kernel(tree, "aarch64", NULL, "6.12-x");
	assert_non_null(strstr(find_gap(&kernel, "strict devmem")->why, "packed"));
	kernel_done(&kernel);
	tree_file(tree, "usr/lib/modules/6.12-x/config", "CONFIG_IO_STRICT_DEVMEM=y\n");
	kernel = read_kernel(tree, "aarch64", NULL, "6.12-x");
	assert_int_equal(kernel.strict_devmem, TRI_YES);
	kernel_done(&kernel);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(tree, "boot/config-6.12-x", rows[i].config);
		kernel = read_kernel(tree, "aarch64", NULL, "6.12-x");
		if (kernel.strict_devmem != rows[i].strict)
			fail_msg("%s: %d", rows[i].config, kernel.strict_devmem);
		kernel_done(&kernel);
	}
	/* A release that is a path does not lead anywhere. */
	tree_dir(tree, "boot/config-6.12");
	tree_file(tree, "secret", "CONFIG_IO_STRICT_DEVMEM=y\n");
	kernel = read_kernel(tree, "aarch64", NULL, "6.12/../../secret");
	assert_int_equal(kernel.strict_devmem, TRI_UNKNOWN);
	kernel_done(&kernel);
}

static void test_cmdline(void **state)
{
	static const struct {
		const char *text;
		bool relaxed;
	} rows[] = {
		{ "BOOT_IMAGE=/vmlinuz iomem=relaxed quiet\n", true },
		{ "iomem=relaxed\n", true },
		{ "iomem=relaxedx\n", false },
		{ "xiomem=relaxed\n", false },
		{ "iomem=strict\n", false },
	};
	struct tree *tree = *state;
	struct kernel kernel = read_kernel(tree, "aarch64", NULL, "6.12");

	assert_non_null(find_gap(&kernel, "command line"));
	assert_null(kernel.cmdline);
	kernel_done(&kernel);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(tree, "proc/cmdline", rows[i].text);
		kernel = read_kernel(tree, "aarch64", NULL, "6.12");
		assert_int_equal(kernel.iomem_relaxed, rows[i].relaxed);
		kernel_done(&kernel);
	}
}

static void test_vfio_and_guests(void **state)
{
	struct device at[] = { { .iommu_group = 3 } };
	const struct devices devices = { at, 1 };
	static const struct {
		const char *arch, *release;
		enum guest_rule guest;
	} rows[] = {
		{ "x86_64", "6.1", GUEST_DECIDES },
		{ "aarch64", "6.8.12", GUEST_UNKNOWN }, { "aarch64", "6.6.40-arm64-desktop-hwe", GUEST_UNKNOWN },
		{ "aarch64", "6.9.0", GUEST_NORMAL_NC_UNGATED },
		{ "aarch64", "what", GUEST_UNKNOWN },
		{ "s390x", "7.2", GUEST_UNKNOWN },
		{ NULL, "7.2", GUEST_UNKNOWN },
	};
	struct tree *tree = *state;
	struct kernel kernel = read_kernel(tree, "aarch64", NULL, "6.12");

	assert_int_equal(kernel.vfio, TRI_NO);
	assert_int_equal(kernel.iommu, TRI_NO);
	assert_int_equal(kernel.guest, GUEST_NONE);
	kernel_done(&kernel);
	/* vfio can be loaded at any moment: with an IOMMU the rule stands already. */
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		kernel = read_kernel(tree, rows[i].arch, &devices, rows[i].release);
		assert_int_equal(kernel.vfio, TRI_NO);
		assert_int_equal(kernel.iommu, TRI_YES);
		if (kernel.guest != rows[i].guest)
			fail_msg("row %zu: %s", i, guest_rule_names[kernel.guest]);
		kernel_done(&kernel);
	}
	tree_dir(tree, "sys/kernel/iommu_groups/0");
	tree_dir(tree, "sys/module/vfio_pci");
	kernel = read_kernel(tree, "aarch64", NULL, "6.12");
	assert_int_equal(kernel.vfio, TRI_YES);
	assert_int_equal(kernel.iommu, TRI_YES);
	kernel_done(&kernel);
	at[0].vfio = true;
	at[0].iommu_group = -1;
	tree_remove(tree);
	tree_make(tree);
	kernel = read_kernel(tree, "aarch64", &devices, "6.12");
	assert_int_equal(kernel.vfio, TRI_YES);
	kernel_done(&kernel);
}

static void test_json(void **state)
{
	const struct kernel kernel = { .release = (char *)"6.12.48", .version = { 6, 12 }, .wc_files = TRI_YES,
		                       .lockdown = LOCKDOWN_INTEGRITY, .guest = GUEST_NORMAL_NC_UNGATED };
	const struct kernel nothing = { 0 };
	_cleanup_(json_done) struct json_object *o = kernel_to_json(&kernel);
	_cleanup_(json_done) struct json_object *empty = kernel_to_json(&nothing);
	_cleanup_free_ char *text = json_text(o);
	_cleanup_free_ char *unknown = json_text(empty);

	(void)state;
	assert_non_null(strstr(text, "\"release\": \"6.12.48\""));
	assert_non_null(strstr(text, "\"wc_files\": true"));
	assert_non_null(strstr(text, "\"pat\": null"));
	assert_non_null(strstr(text, "\"lockdown\": \"integrity\""));
	assert_non_null(strstr(text, "\"guest\": \"normal-nc-ungated\""));
	assert_non_null(strstr(unknown, "\"release\": null"));
	assert_non_null(strstr(unknown, "\"lockdown\": null"));
	assert_non_null(strstr(unknown, "\"guest\": null"));
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

/* An index answers as a search does. */
static void test_options(void **state)
{
	static const char *const names[] = { "CONFIG_A", "CONFIG_B", "CONFIG_BB", "CONFIG_C", "CONFIG_D", "CONFIG_E", "CONFIG_", "CONFIG_F", "A" };
	static const char lines[] = "CONFIG_A=y\r\n# CONFIG_B is not set\n\nCONFIG_BB=\"x=y\"\n#CONFIG_C=y\nXCONFIG_D=y\n# CONFIG_E is not set\n"
				    "CONFIG_E=m\nCONFIG_A=m\n# CONFIG_A is not set\nCONFIG_F";

	(void)state;
	for (int i = 0; i < 2; i++) {
		_cleanup_free_ char *text = str_printf("%s%s", i ? "#\n# Automatically generated file; DO NOT EDIT.\n" : "", lines);
		struct kernel plain = { .config = text }, indexed = { .config = strdup(text) };

		assert_int_equal(kernel_index(&indexed), 0);
		for (size_t n = 0; n < ELEMENTSOF(names); n++) {
			_cleanup_free_ char *searched = NULL, *found = NULL;

			assert_int_equal(kernel_option(&plain, names[n], &searched), 0);
			assert_int_equal(kernel_option(&indexed, names[n], &found), 0);
			if (!str_eq(searched, found))
				fail_msg("%s: %s, expected %s", names[n], found, searched);
		}
		kernel_done(&indexed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_release),       with_tree(test_wc_files),        with_tree(test_wc_files_seen),
		with_tree(test_pat),           with_tree(test_memtype_list),    with_tree(test_lockdown),
		with_tree(test_strict_devmem), with_tree(test_cmdline),         with_tree(test_vfio_and_guests),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
