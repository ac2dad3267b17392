/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who counts as having a BAR mapped, with a real mapping too. */
#include "pcitree.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "act/mappers.h"
#include "act/region.h"

static int device_dir(const struct tree *tree)
{
	int dir = open(tree_path(tree, DEVICE_DIR), O_DIRECTORY | O_RDONLY);

	assert_true(dir >= 0);
	return dir;
}

static size_t count(const struct fake *fake, struct mappers *mappers)
{
	int dir = device_dir(fake->tree);
	struct err err = { 0 };

	struct mappers_bar aim;

	if (mappers_aim(dir, &fake->device.address, 2, &err, &aim) < 0 || mappers_find(&fake->tree->root, &aim, 1, &err, mappers) < 0)
		fail_msg("%s: %s", err.id, err.text);
	close(dir);
	return mappers->n;
}

/* Does a process with this line in its maps count? */
static bool is_mapper(const struct fake *fake, const char *line)
{
	struct mappers mappers = { 0 };
	size_t n;

	tree_file(fake->tree, "proc/4711/maps", line);
	n = count(fake, &mappers);
	return n == 1;
}

static void lines(void **state)
{
	struct fake fake;
	struct stat st;
	char line[512];

	fake_make(*state, &fake);
	tree_file(*state, "proc/4711/comm", "dpdk-app\n");
	assert_true(is_mapper(&fake, "7f00-7f10 rw-s 00000000 00:15 17 /sys/devices/pci0000:00/0000:01:00.0/resource2\n"));
	assert_true(is_mapper(&fake, "7f00-7f10 rw-s 00000000 00:15 17    /mnt/0000:01:00.0/resource2_wc\n"));
	assert_true(is_mapper(&fake, "7f00-7f10 rw-s 0 00:15 17 /sys/devices/x/0000:01:00.0/resource2_wc (deleted)\n"));
	assert_true(is_mapper(&fake, "1000-2000 r-xp 0 08:01 5 /usr/bin/x\n7f00-7f10 rw-s 0 00:15 1 /a/0000:01:00.0/resource2\n"));
	assert_false(is_mapper(&fake, "7f00-7f10 rw-s 00000000 00:15 17 /sys/devices/pci0000:00/0000:01:00.0/resource1\n"));
	assert_false(is_mapper(&fake, "7f00-7f10 rw-s 00000000 00:15 17 /sys/devices/pci0000:00/0000:02:00.0/resource2\n"));
	assert_false(is_mapper(&fake, "7f00-7f10 rw-s 00000000 00:15 17 /sys/x/0000:01:00.0/resource2_wcx\n"));
	assert_false(is_mapper(&fake, "7f00-7f10 rw-p 00000000 00:00 0 \n"));
	assert_false(is_mapper(&fake, "7f00-7f10 rw-p 00000000 00:00 0                          [heap]\n"));
	/* Its first thread has ended, and shows nothing any more; another has it. */
	tree_file(*state, "proc/4711/task/4711/maps", "");
	tree_file(*state, "proc/4711/task/4712/maps", "");
	assert_false(is_mapper(&fake, ""));
	tree_file(*state, "proc/4711/task/4713/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource2\n");
	assert_true(is_mapper(&fake, ""));
	tree_file(*state, "proc/4711/task/4713/maps", "");
	assert_false(is_mapper(&fake, "garbage\n\n-\n"));

	/* By its address, through other doors. */
	assert_true(is_mapper(&fake, "7f0000000000-7f0000001000 rw-s 38200000f000 00:05 9 /dev/mem\n"));
	assert_true(is_mapper(&fake, "7f0000000000-7f0000002000 rw-s 381ffffff000 00:05 9 /dev/mem\n"));
	assert_false(is_mapper(&fake, "7f0000000000-7f0000001000 rw-s 381ffffff000 00:05 9 /dev/mem\n"));
	assert_false(is_mapper(&fake, "7f0000000000-7f0000001000 rw-s 382000010000 00:05 9 /dev/mem\n"));
	assert_true(is_mapper(&fake, "7f0000000000-7f0000001000 rw-s 382000000000 00:05 9 /proc/bus/pci/01/00.0\n"));
	assert_false(is_mapper(&fake, "7f0000000000-7f0000001000 rw-s 382000000000 08:01 9 /home/someone/large\n"));

	/* By the file itself, under whatever name. */
	assert_int_equal(stat(tree_path(*state, DEVICE_DIR "resource2_wc"), &st), 0);
	snprintf(line, sizeof(line), "7f00-7f10 rw-s 0 %02x:%02x %llu /elsewhere\n", major(st.st_dev), minor(st.st_dev),
	         (unsigned long long)st.st_ino);
	assert_true(is_mapper(&fake, line));
}

/* The kernel's own list of this process, with a file of the tree mapped. */
static void real(void **state)
{
	struct mappers mappers = { 0 };
	char maps[65536];
	struct fake fake;
	int fd;

	fake_make(*state, &fake);
	fd = open(tree_path(*state, DEVICE_DIR "resource2_wc"), O_RDWR);
	assert_true(fd >= 0);

	void *map = mmap(NULL, BAR_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_true(map != MAP_FAILED);
	close(fd);
	fd = open("/proc/self/maps", O_RDONLY);

	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, maps + used, sizeof(maps) - used)) > 0)
		used += (size_t)n;
	close(fd);
	munmap(map, BAR_BYTES);
	tree_bytes(*state, "proc/4711/maps", maps, used);
	assert_int_equal(count(&fake, &mappers), 1);
	assert_int_equal(mappers.at[0].pid, 4711);
	/* It has no comm here: it ended meanwhile. */
	assert_string_equal(mappers.at[0].comm, "?");
	assert_non_null(strstr(mappers.at[0].file, "/0000:01:00.0/resource2_wc"));
}

static void refuse(void **state)
{
	struct err err = { 0 };
	struct fake fake;
	int dir;

	fake_make(*state, &fake);
	dir = device_dir(*state);
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), 0);
	tree_file(*state, "proc/4711/comm", "dpdk\033[31m\n");
	tree_file(*state, "proc/4711/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource2\n");
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), -EBUSY);
	assert_string_equal(err.id, "busy");
	assert_string_equal(err.text, "process 4711 (dpdk?[31m) has it mapped: /sys/0000:01:00.0/resource2");

	/* A process that cannot be looked into may map anything. A link stands for it: even root is refused. */
	err = (struct err){ 0 };
	tree_link(*state, "proc/4712/maps", "nowhere");
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), -EACCES);
	assert_string_equal(err.id, "cannot-claim");
	close(dir);
}

/* Does a process with a descriptor of this in such a place count? */
static bool is_opener(const struct fake *fake, const char *place, const char *of)
{
	struct mappers mappers = { 0 };

	tree_link(fake->tree, place, of);
	count(fake, &mappers);
	unlink(tree_path(fake->tree, place));
	if (mappers.n)
		assert_true(mappers.at[0].is_open && mappers.at[0].pid == 4711);
	return mappers.n == 1;
}

/* Who has it open can map it, whatever the file's mode is by then. */
static void descriptors(void **state)
{
	static const char *const its[] = { "proc/4711/fd/7", "proc/4711/task/4712/fd/7" };
	struct mappers mappers = { 0 };
	struct err err = { 0 };
	struct fake fake;
	int dir;

	fake_make(*state, &fake);
	dir = device_dir(*state);
	tree_file(*state, "proc/4711/comm", "dpdk-app\n");
	tree_file(*state, "proc/4711/maps", "7f00-7f10 rw-p 00000000 00:00 0 \n");
	tree_file(*state, "elsewhere", "");
	assert_int_equal(link(tree_path(*state, DEVICE_DIR "resource2_wc"), tree_path(*state, "bar")), 0);
	for (size_t i = 0; i < sizeof(its) / sizeof(its[0]); i++) {
		assert_true(is_opener(&fake, its[i], "/sys/devices/pci0000:00/0000:01:00.0/resource2_wc"));
		assert_true(is_opener(&fake, its[i], "/mnt/0000:01:00.0/resource2 (deleted)"));
		assert_true(is_opener(&fake, its[i], tree_path(*state, "bar")));
		assert_false(is_opener(&fake, its[i], tree_path(*state, "elsewhere")));
		assert_false(is_opener(&fake, its[i], "/sys/devices/pci0000:00/0000:01:00.0/resource1"));
		assert_false(is_opener(&fake, its[i], "socket:[4711]"));
	}
	tree_link(*state, "proc/4711/fd/7", "/sys/0000:01:00.0/resource2");
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), -EBUSY);
	assert_string_equal(err.text, "process 4711 (dpdk-app) has it open: /sys/0000:01:00.0/resource2");
	/* Mapped, too, it is one. */
	tree_file(*state, "proc/4711/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource2\n");
	assert_int_equal(count(&fake, &mappers), 1);
	assert_false(mappers.at[0].is_open);
	/* What cannot be read may be it. */
	err = (struct err){ 0 };
	tree_file(*state, "proc/4712/maps", "");
	tree_file(*state, "proc/4712/fd", "");
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), -EACCES);
	assert_string_equal(err.text, "what process 4712 has open cannot be read: Permission denied");
	close(dir);
}

/* A user's process can let who reads what it maps wait for ever. */
static void stalls(void **state)
{
	struct err err = { 0 };
	struct fake fake;
	int dir;

	fake_make(*state, &fake);
	dir = device_dir(*state);
	tree_file(*state, "proc/4711/comm", "hostile\n");
	assert_int_equal(mkfifo(tree_path(*state, "proc/4711/maps"), 0644), 0);
	alarm(60);
	assert_int_equal(mappers_refuse(&fake.tree->root, dir, &fake.device.address, 2, &err), -EACCES);
	alarm(0);
	assert_string_equal(err.id, "cannot-claim");
	assert_string_equal(err.text, "what process 4711 (hostile) maps cannot be read: it took longer than 5 s");
	close(dir);
}

static void bar_region(void **state)
{
	uint64_t base, size_bytes;
	struct fake fake;
	int dir;

	fake_make(*state, &fake);
	dir = device_dir(*state);
	assert_int_equal(region_of_bar(dir, 2, &base, &size_bytes), 0);
	assert_int_equal(base, BAR_BASE);
	assert_int_equal(size_bytes, BAR_BYTES);
	assert_int_equal(region_of_bar(dir, 0, &base, &size_bytes), -ENXIO);
	assert_int_equal(region_of_bar(dir, 3, &base, &size_bytes), -ENXIO);
	tree_file(*state, DEVICE_DIR "resource", "0x10\n");
	assert_int_equal(region_of_bar(dir, 0, &base, &size_bytes), -EINVAL);
	tree_file(*state, DEVICE_DIR "resource", "0x10 0x0 0\n");
	assert_int_equal(region_of_bar(dir, 0, &base, &size_bytes), -ENXIO);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(real, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refuse, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(descriptors, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(stalls, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bar_region, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
