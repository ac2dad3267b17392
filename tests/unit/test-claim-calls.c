/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a claim, and a look at the error registers, make of a call that fails: each call fails once in turn. A device that is
 * to be refused must not be taken for want of an answer, one that is taken must be watched as well as ever, and all is put
 * back.
 */
#include "calls.h"
#include "pcitree.h"

#include "act/claim.h"
#include "act/errors.h"
#include "base/cleanup.h"
#include "base/log.h"

/* ---- the machines ---- */

#define CONFIG DEVICE_DIR "config"

static void is_plain(struct fake *fake)
{
	(void)fake;
}

static void is_boot_vga(struct fake *fake)
{
	tree_file(fake->tree, DEVICE_DIR "boot_vga", "1\n");
}

static void has_vfs(struct fake *fake)
{
	tree_file(fake->tree, DEVICE_DIR "sriov_numvfs", "3\n");
}

static void is_bound(struct fake *fake)
{
	fake_bind(fake->tree, "nvme");
}

static void is_another(struct fake *fake)
{
	tree_file(fake->tree, DEVICE_DIR "subsystem_device", "0x1101\n");
}

static void is_asleep(struct fake *fake)
{
	poke(fake->tree, CONFIG, FAKE_PM + 4, 3, 2);
}

static void is_below_no_link(struct fake *fake)
{
	poke(fake->tree, PORT_DIR "config", FAKE_PCIE + 0x12, 0x0041, 2);
}

static void is_below_no_memory(struct fake *fake)
{
	poke(fake->tree, PORT_DIR "config", 0x04, 0x0005, 2);
}

static void is_framebuffer(struct fake *fake)
{
	char line[128];

	snprintf(line, sizeof(line), "      %llx-%llx : BOOTFB\n", BAR_BASE, BAR_BASE + 0xfff);
	fake_iomem(fake->tree, line);
}

static void maps(struct fake *fake, const char *line)
{
	tree_file(fake->tree, "proc/77/comm", "dpdk\n");
	tree_file(fake->tree, "proc/77/maps", line);
}

static void is_mapped(struct fake *fake)
{
	maps(fake, "7f0000000000-7f0000010000 rw-s 0 00:15 4711 /sys/x/0000:01:00.0/resource2_wc\n");
}

static void is_mapped_by_inode(struct fake *fake)
{
	struct stat st;
	char line[256];

	assert_int_equal(stat(tree_path(fake->tree, DEVICE_DIR "resource2"), &st), 0);
	snprintf(line, sizeof(line), "7f0000000000-7f0000010000 rw-s 0 %02x:%02x %llu /elsewhere\n", (unsigned int)(st.st_dev >> 8 & 0xfff),
	         (unsigned int)(st.st_dev & 0xff), (unsigned long long)st.st_ino);
	maps(fake, line);
}

static void is_mapped_by_address(struct fake *fake)
{
	maps(fake, "7f0000000000-7f0000010000 rw-s 382000000000 00:06 12 /dev/mem\n");
}

static void is_open(struct fake *fake)
{
	maps(fake, "");
	tree_link(fake->tree, "proc/77/fd/9", "/sys/x/0000:01:00.0/resource2_wc");
}

static void is_open_by_inode(struct fake *fake)
{
	maps(fake, "");
	assert_int_equal(link(tree_path(fake->tree, DEVICE_DIR "resource2"), tree_path(fake->tree, "elsewhere")), 0);
	tree_link(fake->tree, "proc/77/fd/9", tree_path(fake->tree, "elsewhere"));
}

static void is_vf_of_dead(struct fake *fake)
{
	unsigned char pf[4096] = { 0 };

	fake->device.is_vf = true;
	poke(fake->tree, CONFIG, 0x00, 0xffffffff, 4);
	put16(pf, 0x00, 0x1af4);
	put16(pf, 0x02, 0x1110);
	put32(pf, 0x100, 0x10010);
	put16(pf, 0x108, 0x0009);
	put16(pf, 0x06, 0x0010);
	pf[0x34] = FAKE_PM;
	put16(pf, FAKE_PM, 0x0001);
	put16(pf, FAKE_PM + 4, 3);
	tree_bytes(fake->tree, PORT_DIR "0000:01:00.1/config", pf, sizeof(pf));
	tree_link(fake->tree, DEVICE_DIR "physfn", "../0000:01:00.1");
}

/* How such a machine is, of which the n-th call from here on fails. */
static void begin(struct tree *tree, struct fake *fake, void (*how)(struct fake *), unsigned int n)
{
	tree_make(tree);
	fake_make(tree, fake);
	how(fake);
	arm(n);
}

/* ---- a claim ---- */

static void is_with_vfio(struct fake *fake)
{
	fake_bind(fake->tree, "vfio-pci");
	fake->device.vfio = true;
	fake->device.driver = (char *)"vfio-pci";
	tree_link(fake->tree, DEVICE_DIR "iommu_group", "../../../../kernel/iommu_groups/5");
	tree_file(fake->tree, "sys/kernel/iommu_groups/5/name", "vfio-noiommu\n");
	tree_file(fake->tree, "dev/vfio/noiommu-5", "");
}

static int take(const struct fake *fake, struct err *err, struct claim *ret)
{
	*err = (struct err){ 0 };
	*ret = (struct claim)CLAIM_NONE;
	return claim_take(&fake->tree->root, &fake->device, &fake->device.bars[0], NULL, err, ret);
}

/* What is to be put back after a kill is known as a whole, or nothing begins. */
static void looked_at(void **state)
{
	bool has_failed = true;
	unsigned int n;

	(void)state;
	for (n = 1; has_failed; n++) {
		_cleanup_(claim_before_done) struct claim_before before = { 0 };
		struct err err = { 0 };
		struct fake fake;
		struct tree tree;
		int r;

		begin(&tree, &fake, is_plain, n);
		r = claim_look(&tree.root, &fake.device.address, &err, &before);
		has_failed = end();
		assert_true(has_failed ? r == -EIO || r == -ENOMEM : r == 0);
		if (r < 0)
			assert_string_equal(err.id, "unreadable");
		else
			assert_true(before.is_known && str_eq(before.driver_override, "(null)") && str_eq(before.power_control, "auto") &&
			            before.command == 0x0404);
		tree_remove(&tree);
	}
	assert_many(n, 13);
}

/* Whoever is to be refused is, whatever call fails. */
static void refused(void **state)
{
	static void (*const unfit[])(struct fake *) = {
		is_boot_vga, has_vfs,   is_bound,           is_another,           is_asleep,     is_below_no_link,
		is_below_no_memory, is_framebuffer, is_mapped, is_mapped_by_inode, is_mapped_by_address, is_vf_of_dead,
		is_open, is_open_by_inode,
	};
	unsigned int most = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(unfit); i++) {
		bool has_failed = true;

		for (unsigned int n = 1; has_failed; n++) {
			struct claim claim;
			struct fake fake;
			struct tree tree;
			struct err err;
			int r;

			begin(&tree, &fake, unfit[i], n);
			r = take(&fake, &err, &claim);
			has_failed = end();
			claim_release(&claim);
			if (r == 0)
				fail_msg("machine %zu: taken, because its call %u failed: %s", i, n, failed_what ?: "none");
			assert_true(r == -ENOMEM || (err.id[0] && err.text[0]));
			tree_remove(&tree);
			most = n > most ? n : most;
		}
	}
	assert_many(most, 90);
}

/* From the claim to its release: it holds nothing less than ever, and leaves nothing. */
static void given_back_of(void (*how)(struct fake *))
{
	bool has_failed = true;
	unsigned int n;

	for (n = 1; has_failed; n++) {
		struct claim claim;
		struct fake fake;
		struct tree tree;
		struct err err;
		int r;

		begin(&tree, &fake, how, n);
		r = take(&fake, &err, &claim);
		if (r == 0 && (claim.awake.pm != FAKE_PM || !claim.awake.power_control || claim.awake.bar_registers[1] != 0x3820 ||
		               (claim.driver ? claim.group < 0 : !claim.awake.enabled || !claim.driver_override)))
			fail_msg("call %u fails, and less is claimed: %s", n, failed_what ?: "none");
		if (r < 0 && !failed_what)
			fail_msg("%s", err.text);
		claim_release(&claim);
		has_failed = end();
		if (!fake_is_untouched(&tree))
			fail_msg("call %u fails, and it is not as it was: %s", n, failed_what ?: "none");
		tree_remove(&tree);
	}
	assert_many(n, 120);
}

static void given_back(void **state)
{
	(void)state;
	given_back_of(is_plain);
	given_back_of(is_with_vfio);
}

static struct tree *its_tree;

/* A driver, which has its device read and write memory. */
static void driver_comes(void)
{
	fake_bind(its_tree, "nvme");
	poke(its_tree, CONFIG, 0x04, 0x0406, 2);
}

/* Who gets the device between any two calls of a claim, or of its release, keeps COMMAND as he sets it. */
static void taken_by_another(void **state)
{
	unsigned int seen = 0;
	bool has_come = true;

	(void)state;
	for (unsigned int n = 1; has_come; n++) {
		struct claim claim;
		struct fake fake;
		struct tree tree;
		struct err err;

		its_tree = &tree;
		interlude = driver_comes;
		begin(&tree, &fake, is_plain, n);
		(void)take(&fake, &err, &claim);
		claim_release(&claim);
		has_come = end();
		interlude = NULL;
		/* Only between its last look and its write can nobody see him. */
		if (has_come && strcmp(failed_what, "pwrite64") != 0) {
			seen++;
			if (peek(&tree, CONFIG, 0x04, 2) != 0x0406)
				fail_msg("a driver comes at call %u (%s), and COMMAND is 0x%04x", n, failed_what, peek(&tree, CONFIG, 0x04, 2));
		}
		tree_remove(&tree);
	}
	assert_many(seen, 100);
}

/* ---- the error registers ---- */

struct news {
	enum error_news what;
	bool is_observed;
};

/* Looks, lets one happen, and looks again. */
static struct news look(struct fake *fake, void (*happens)(struct fake *))
{
	_cleanup_(error_snapshot_done) struct error_snapshot before = { 0 }, after = { 0 };
	_cleanup_(errors_close) struct error_sources sources = { 0 };
	struct err err = { 0 };
	struct news news = { 0 };
	char text[256];
	int r = errors_open(&fake->tree->root, &fake->device, &err, &sources);

	if (r == 0)
		r = errors_read(&sources, &before);
	is_armed = false;
	happens(fake);
	is_armed = true;
	if (r == 0)
		r = errors_read(&sources, &after);
	/* Without memory there is no probe. */
	assert_true(r == 0 || r == -ENOMEM);
	if (r < 0)
		return news;
	news.what = errors_compare(&sources, &before, &after, text);
	news.is_observed = errors_observed(&sources, &before, &after);
	return news;
}

static void has_counters(struct fake *fake)
{
	tree_file(fake->tree, DEVICE_DIR "aer_dev_nonfatal", "TLP 0\nTOTAL_ERR_NONFATAL 4\n");
	tree_file(fake->tree, PORT_DIR "aer_rootport_total_err_cor", "7\n");
	tree_file(fake->tree, PORT_DIR "aer_rootport_total_err_fatal", "0\n");
	/* A correctable one stands, which is not new. */
	poke(fake->tree, CONFIG, FAKE_AER + 0x10, 0x2000, 4);
}

static void device_counts(struct fake *fake)
{
	tree_file(fake->tree, DEVICE_DIR "aer_dev_nonfatal", "TLP 0\nTOTAL_ERR_NONFATAL 5\n");
}

static void root_counts(struct fake *fake)
{
	tree_file(fake->tree, PORT_DIR "aer_rootport_total_err_fatal", "1\n");
}

static void device_shows(struct fake *fake)
{
	poke(fake->tree, CONFIG, FAKE_AER + 0x04, 0x00100000, 4);
}

static void port_shows(struct fake *fake)
{
	poke(fake->tree, PORT_DIR "config", 0x1e, 0x2000, 2);
}

static void link_falls_back(struct fake *fake)
{
	poke(fake->tree, PORT_DIR "config", FAKE_PCIE + 0x12, 0x2021, 2);
}

/* An error is seen, or nobody says that one would have been; and where there is none, none is seen. */
static void errors(void **state)
{
	static void (*const happens[])(struct fake *) = { is_plain,     device_counts, root_counts,
		                                          device_shows, port_shows,    link_falls_back };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(happens); i++) {
		bool has_failed = true;
		unsigned int n;

		for (n = 1; has_failed; n++) {
			struct tree tree;
			struct fake fake;
			struct news news;

			begin(&tree, &fake, has_counters, n);
			news = look(&fake, happens[i]);
			has_failed = end();
			if (!has_failed)
				assert_true(news.is_observed && news.what == (i ? ERROR_NEWS_HERE : ERROR_NEWS_NONE));
			if (i == 0 && news.what != ERROR_NEWS_NONE)
				fail_msg("an error is seen, because call %u failed: %s", n, failed_what);
			if (i != 0 && news.what != ERROR_NEWS_HERE && news.is_observed)
				fail_msg("error %zu is not seen, because call %u failed: %s", i, n, failed_what);
			tree_remove(&tree);
		}
		assert_many(n, 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looked_at),
		cmocka_unit_test(refused),
		cmocka_unit_test(given_back),
		cmocka_unit_test(taken_by_another),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
