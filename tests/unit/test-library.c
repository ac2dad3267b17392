/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-library: what other people's programs see of libpciwc, through <pciwc.h> and the shared library alone. It reads
 * /run and /sys of this machine, which here is a fake tree: root is moved there for each call (in a user namespace when
 * the tests are run by a user). The module's driver is the ioctl() below.
 */
#include "tree.h"

#include <linux/vfio.h>
#include <pciwc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "module/pciwc-vfio.h"

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define PORT "sys/devices/pci0000:00/0000:00:01.0/"
#define DEVICE PORT "0000:01:00.0/"
#define NO_BAR "0x00000000 0x00000000 0x00000000\n"
#define GRANTED(by, request) "\"granted\": true, \"backend\": \"" by "\", \"on_request\": " request
#define NOT "\"granted\": false, \"backend\": null, \"on_request\": false"

/* Whole pages on every machine: they are 4 to 64 KiB. */
#define PAGE 65536

static const char published[] =
	"{\"schema\": 1, \"devices\": [{\"device\": \"0000:01:00.0\", \"vendor\": \"0x1af4\", \"device_id\": \"0x1110\",\n"
	"\"revision\": \"0x01\", \"subsystem_vendor\": \"0x1af4\", \"subsystem_device\": \"0x1100\", \"class\": \"0x050000\",\n"
	"\"ports\": [{\"device\": \"0000:00:01.0\", \"vendor\": \"0x1b36\", \"device_id\": \"0x000c\", \"revision\": \"0x00\"}],\n"
	"\"path\": \"safe\", \"bars\": [\n"
	"{\"bar\": 0, \"base\": \"0x80000000\", \"size\": 262144, \"verdict\": \"unsafe\", \"scope\": \"hardware\", " NOT ", \"reason\": \"target-msix\", \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 65536, \"verdict\": \"unsafe\", " NOT "},\n"
	"  {\"offset\": 65536, \"size\": 65536, \"verdict\": \"safe\", " GRANTED("variant", "true") "},\n"
	"  {\"offset\": 131072, \"size\": 65536, \"verdict\": \"safe\", " GRANTED("variant", "false") "}]},\n"
	"{\"bar\": 2, \"base\": \"0x90000000\", \"size\": 131072, \"verdict\": \"safe\", \"scope\": \"hardware\", " GRANTED("grant", "false") ", \"group\": \"pciwc\", \"ranges\": [\n"
	"  {\"offset\": 0, \"size\": 131072, \"verdict\": \"safe\", " GRANTED("grant", "false") "}]}]}]}\n";

static bool can_move; /* may this process move its root? */
static int outside;   /* the machine's own root */

static void move(const struct tree *tree)
{
	assert_int_equal(chroot(tree->dir), 0);
	assert_int_equal(chdir("/"), 0);
}

static void move_back(void)
{
	assert_int_equal(fchdir(outside), 0);
	assert_int_equal(chroot("."), 0);
}

static int query(const struct tree *tree, const char *address, unsigned int bar, struct pciwc_answer **ret)
{
	int r;

	move(tree);
	r = pciwc_query(address, bar, ret);
	move_back();
	return r;
}

static struct tree *machine(void **state)
{
	struct tree *tree = *state;

	if (!can_move)
		skip();
	tree_file(tree, "run/pciwc/policy.json", published);
	tree_link(tree, "sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
	tree_link(tree, "sys/bus/pci/devices/0000:01:00.0", "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0");
	tree_file(tree, PORT "vendor", "0x1b36\n");
	tree_file(tree, PORT "device", "0x000c\n");
	tree_file(tree, PORT "revision", "0x00\n");
	tree_file(tree, DEVICE "vendor", "0x1af4\n");
	tree_file(tree, DEVICE "device", "0x1110\n");
	tree_file(tree, DEVICE "revision", "0x01\n");
	tree_file(tree, DEVICE "subsystem_vendor", "0x1af4\n");
	tree_file(tree, DEVICE "subsystem_device", "0x1100\n");
	tree_file(tree, DEVICE "class", "0x050000\n");
	tree_file(tree, DEVICE "resource", "0x80000000 0x8003ffff 0x14220c\n" NO_BAR "0x90000000 0x9001ffff 0x14220c\n" NO_BAR NO_BAR NO_BAR NO_BAR);
	return tree;
}

static void granted_whole(void **state)
{
	struct tree *tree = machine(state);
	struct pciwc_answer *answer = NULL;

	assert_int_equal(query(tree, "01:00.0", 2, &answer), 0);
	assert_int_equal(pciwc_answer_device(answer), PCIWC_DEVICE_SAME);
	assert_int_equal(pciwc_answer_verdict(answer), PCIWC_SAFE);
	assert_null(pciwc_answer_reason(answer));
	assert_string_equal(pciwc_answer_backend(answer), "grant");
	assert_string_equal(pciwc_answer_group(answer), "pciwc");
	assert_string_equal(pciwc_answer_path(answer), "/sys/bus/pci/devices/0000:01:00.0/resource2_wc");
	assert_int_equal(pciwc_answer_ranges(answer), 1);
	assert_int_equal(pciwc_range_offset(answer, 0), 0);
	assert_int_equal(pciwc_range_size(answer, 0), 131072);
	assert_int_equal(pciwc_range_verdict(answer, 0), PCIWC_SAFE);
	assert_int_equal(pciwc_range_how(answer, 0), PCIWC_MAP_SYSFS);
	assert_string_equal(pciwc_range_backend(answer, 0), "grant");
	assert_int_equal(pciwc_answer_how(answer, 0, 131072), PCIWC_MAP_SYSFS);
	assert_int_equal(pciwc_answer_how(answer, 100, 8), PCIWC_MAP_SYSFS);
	assert_int_equal(pciwc_answer_how(answer, 131071, 1), PCIWC_MAP_SYSFS);
	assert_int_equal(pciwc_answer_how(answer, 131071, 2), PCIWC_MAP_UNCACHED);
	pciwc_answer_free(answer);
	pciwc_answer_free(NULL);
}

static void granted_in_part(void **state)
{
	struct tree *tree = machine(state);
	struct pciwc_answer *answer = NULL;

	assert_int_equal(query(tree, "0000:01:00.0", 0, &answer), 0);
	assert_int_equal(pciwc_answer_verdict(answer), PCIWC_UNSAFE);
	assert_string_equal(pciwc_answer_reason(answer), "target-msix");
	assert_null(pciwc_answer_backend(answer));
	assert_null(pciwc_answer_group(answer));
	assert_null(pciwc_answer_path(answer));
	assert_int_equal(pciwc_answer_ranges(answer), 3);
	assert_int_equal(pciwc_range_verdict(answer, 0), PCIWC_UNSAFE);
	assert_int_equal(pciwc_range_how(answer, 0), PCIWC_MAP_UNCACHED);
	assert_null(pciwc_range_backend(answer, 0));
	assert_int_equal(pciwc_range_how(answer, 1), PCIWC_MAP_VFIO_REQUEST);
	assert_int_equal(pciwc_range_how(answer, 2), PCIWC_MAP_VFIO);
	assert_string_equal(pciwc_range_backend(answer, 2), "variant");
	/* One that is not there. */
	assert_int_equal(pciwc_range_offset(answer, 3), 0);
	assert_int_equal(pciwc_range_size(answer, SIZE_MAX), 0);
	assert_int_equal(pciwc_range_verdict(answer, 3), PCIWC_UNKNOWN);
	assert_int_equal(pciwc_range_how(answer, 3), PCIWC_MAP_UNCACHED);
	assert_null(pciwc_range_backend(answer, 3));

	assert_int_equal(pciwc_answer_how(answer, PAGE, PAGE), PCIWC_MAP_VFIO_REQUEST);
	assert_int_equal(pciwc_answer_how(answer, PAGE + 100, 8), PCIWC_MAP_VFIO_REQUEST);
	/* mmap() maps whole pages, of which one byte would be in the neighbour. */
	assert_int_equal(pciwc_answer_how(answer, PAGE + 100, PAGE), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, PAGE - 1, 2), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, 2 * PAGE, PAGE), PCIWC_MAP_VFIO);
	assert_int_equal(pciwc_answer_how(answer, 0, 3 * PAGE), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, PAGE, 0), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, PAGE, UINT64_MAX), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, UINT64_MAX, 1), PCIWC_MAP_UNCACHED);
	pciwc_answer_free(answer);
}

static void another_device(void **state)
{
	static const char *const files[] = { DEVICE "vendor", DEVICE "device", DEVICE "revision", DEVICE "subsystem_vendor",
	                                     DEVICE "subsystem_device", DEVICE "class", DEVICE "resource", PORT "device" };

	static const char moved[] = "0x80000000 0x8003ffff 0x14220c\n" NO_BAR "0xa0000000 0xa001ffff 0x14220c\n" NO_BAR NO_BAR NO_BAR NO_BAR;

	for (size_t i = 0; i < 2 * ELEMENTSOF(files); i++) {
		struct tree *tree = machine(state);
		struct pciwc_answer *answer = NULL;
		bool is_gone = i >= ELEMENTSOF(files);

		tree_file(tree, files[i % ELEMENTSOF(files)], strstr(files[i % ELEMENTSOF(files)], "resource") ? moved : "0x77\n");
		if (is_gone)
			unlink(tree_path(tree, files[i % ELEMENTSOF(files)]));
		assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), 0);
		assert_int_equal(pciwc_answer_device(answer), is_gone ? PCIWC_DEVICE_UNKNOWN : PCIWC_DEVICE_CHANGED);
		assert_string_equal(pciwc_answer_reason(answer), is_gone ? "unreadable" : "device-changed");
		assert_int_equal(pciwc_answer_verdict(answer), PCIWC_UNKNOWN);
		assert_null(pciwc_answer_backend(answer));
		assert_null(pciwc_answer_group(answer));
		assert_null(pciwc_answer_path(answer));
		assert_int_equal(pciwc_answer_ranges(answer), 1);
		assert_int_equal(pciwc_range_verdict(answer, 0), PCIWC_UNKNOWN);
		assert_int_equal(pciwc_range_how(answer, 0), PCIWC_MAP_UNCACHED);
		assert_int_equal(pciwc_answer_how(answer, 0, PAGE), PCIWC_MAP_UNCACHED);
		pciwc_answer_free(answer);
	}
}

/* Who judged anew, and was killed before he published it, has left a mark; and what cannot be looked at may be one. */
static void marked(void **state)
{
	struct tree *tree = machine(state);
	struct pciwc_answer *answer = NULL, *unread = NULL;

	tree_file(tree, "run/pciwc/unsafe/0000:01:00.0", "");
	assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), 0);
	assert_int_equal(pciwc_answer_device(answer), PCIWC_DEVICE_SAME);
	assert_int_equal(pciwc_answer_verdict(answer), PCIWC_UNSAFE);
	assert_string_equal(pciwc_answer_reason(answer), "path-unsafe");
	assert_null(pciwc_answer_backend(answer));
	assert_null(pciwc_answer_group(answer));
	assert_null(pciwc_answer_path(answer));
	assert_int_equal(pciwc_range_verdict(answer, 0), PCIWC_UNSAFE);
	assert_int_equal(pciwc_range_how(answer, 0), PCIWC_MAP_UNCACHED);
	assert_int_equal(pciwc_answer_how(answer, 0, PAGE), PCIWC_MAP_UNCACHED);
	pciwc_answer_free(answer);
	unlink(tree_path(tree, "run/pciwc/unsafe/0000:01:00.0"));
	tree_mode(tree, "run/pciwc/unsafe", 0777);
	assert_int_equal(query(tree, "0000:01:00.0", 2, &unread), 0);
	assert_int_equal(pciwc_answer_device(unread), PCIWC_DEVICE_SAME);
	assert_int_equal(pciwc_answer_verdict(unread), PCIWC_UNKNOWN);
	assert_string_equal(pciwc_answer_reason(unread), "unreadable");
	assert_int_equal(pciwc_answer_how(unread, 0, PAGE), PCIWC_MAP_UNCACHED);
	pciwc_answer_free(unread);
}

static void refused(void **state)
{
	struct tree *tree = machine(state);
	struct pciwc_answer *const untouched = (struct pciwc_answer *)tree, *answer = untouched;
	const struct {
		const char *address;
		unsigned int bar;
		int r;
	} rows[] = {
		{ NULL, 2, -EINVAL },           { "", 2, -EINVAL },
		{ "0000:01:00.0:2", 2, -EINVAL }, { "../../../etc", 2, -EINVAL },
		{ "0000:01:00.0", 6, -EINVAL }, { "0000:01:00.0", 3, -ENODEV },
		{ "0000:02:00.0", 2, -ENODEV },
	};

	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		assert_int_equal(query(tree, rows[i].address, rows[i].bar, &answer), rows[i].r);
	tree_mode(tree, "run/pciwc/policy.json", 0664);
	assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), -EPERM);
	tree_file(tree, "run/pciwc/policy.json", "{\"schema\": 2, \"devices\": []}");
	assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), -EBADMSG);
	tree_file(tree, "run/pciwc/policy.json", "{");
	assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), -EBADMSG);
	unlink(tree_path(tree, "run/pciwc/policy.json"));
	assert_int_equal(query(tree, "0000:01:00.0", 2, &answer), -ENOENT);
	assert_ptr_equal(answer, untouched);
}

/* ---- threads: the same question at once ---- */

static void *ask_often(void *wrong)
{
	for (int i = 0; i < 200; i++) {
		struct pciwc_answer *answer;

		if (pciwc_query("0000:01:00.0", 2, &answer) < 0 || pciwc_answer_how(answer, 0, PAGE) != PCIWC_MAP_SYSFS ||
		    strcmp(pciwc_answer_backend(answer), "grant")) {
			++*(int *)wrong;
			continue;
		}
		pciwc_answer_free(answer);
	}
	return NULL;
}

static void threads(void **state)
{
	struct tree *tree = machine(state);
	pthread_t threads[4];
	int wrong[ELEMENTSOF(threads)] = { 0 };

	move(tree);
	for (size_t i = 0; i < ELEMENTSOF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &wrong[i]), 0);
	for (size_t i = 0; i < ELEMENTSOF(threads); i++)
		pthread_join(threads[i], NULL);
	move_back();
	for (size_t i = 0; i < ELEMENTSOF(threads); i++)
		assert_int_equal(wrong[i], 0);
}

/* ---- the driver ---- */

static struct {
	bool knows, asked;
	uint32_t n;
	struct pciwc_vfio_range ranges[40];
	int fd;
} driver;

/* As the module answers (module/pciwc-vfio.h), on driver.fd. */
int ioctl(int fd, unsigned long request, ...)
{
	struct pciwc_vfio_wc *wc;
	struct vfio_device_feature *feature;
	va_list args;
	size_t room;

	va_start(args, request);
	feature = va_arg(args, struct vfio_device_feature *);
	va_end(args);
	if (fd != driver.fd || request != VFIO_DEVICE_FEATURE || !driver.knows ||
	    (feature->flags & VFIO_DEVICE_FEATURE_MASK) != PCIWC_VFIO_FEATURE_WC) {
		errno = ENOTTY;
		return -1;
	}
	wc = (struct pciwc_vfio_wc *)feature->data;
	if (feature->argsz < sizeof(*feature) + sizeof(*wc) || (feature->flags & VFIO_DEVICE_FEATURE_PROBE)) {
		errno = EINVAL;
		return -1;
	}
	if (feature->flags & VFIO_DEVICE_FEATURE_SET) {
		if (wc->flags & ~(uint32_t)PCIWC_VFIO_WC_ON || !driver.n) {
			errno = wc->flags & ~(uint32_t)PCIWC_VFIO_WC_ON ? EINVAL : ENOENT;
			return -1;
		}
		driver.asked = wc->flags & PCIWC_VFIO_WC_ON;
		return 0;
	}
	room = (feature->argsz - sizeof(*feature) - sizeof(*wc)) / sizeof(wc->ranges[0]);
	wc->flags = driver.asked ? PCIWC_VFIO_WC_ON : 0;
	wc->nr_ranges = driver.n;
	for (uint32_t i = 0; i < driver.n && i < room; i++) {
		wc->ranges[i] = driver.ranges[i];
		if (driver.asked || !(wc->ranges[i].flags & PCIWC_VFIO_RANGE_REQUEST))
			wc->ranges[i].flags |= PCIWC_VFIO_RANGE_ACTIVE;
	}
	return 0;
}

static void drive(uint32_t n)
{
	memset(&driver, 0, sizeof(driver));
	driver.fd = 1000;
	driver.knows = true;
	driver.n = n;
	for (uint32_t i = 0; i < n; i++)
		driver.ranges[i] = (struct pciwc_vfio_range){ .bar = 2, .offset = (uint64_t)PAGE * (i + 1), .size = PAGE,
			                                      .flags = i == 0 ? PCIWC_VFIO_RANGE_REQUEST : 0 };
	if (n)
		driver.ranges[n - 1].size = 2 * PAGE;
}

static void driver_asked(void **state)
{
	(void)state;
	/* 40: more than fit at the first try. */
	for (uint32_t n = 2; n <= 40; n += 38) {
		drive(n);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, 2 * PAGE, PAGE), 1);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, (uint64_t)n * PAGE, PAGE), 1);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, (uint64_t)n * PAGE, 2 * PAGE), 1);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, (uint64_t)n * PAGE + PAGE, 2 * PAGE), 0);
		assert_int_equal(pciwc_vfio_request(driver.fd, true), 0);
		assert_true(driver.asked);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), 1);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE + 8, 8), 1);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE + 8, PAGE), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, 2 * PAGE), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, 0, PAGE), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, 0), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, UINT64_MAX), 0);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 0, PAGE, PAGE), 0);
		assert_int_equal(pciwc_vfio_request(driver.fd, false), 0);
		assert_false(driver.asked);
		assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), 0);
	}
}

static void driver_refuses(void **state)
{
	(void)state;
	drive(0);
	assert_int_equal(pciwc_vfio_request(driver.fd, true), -ENOENT);
	assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), 0);
	driver.knows = false;
	assert_int_equal(pciwc_vfio_request(driver.fd, true), -ENOTTY);
	assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), -ENOTTY);
	/* What cannot be is not believed: it does not cost all memory. */
	drive(1);
	driver.n = UINT32_MAX;
	driver.ranges[0].flags = 0;
	for (size_t i = 0; i < ELEMENTSOF(driver.ranges); i++)
		driver.ranges[i] = driver.ranges[0];
	assert_int_equal(pciwc_vfio_is_wc(driver.fd, 2, PAGE, PAGE), -E2BIG);
}

/* ---- a root that can be moved ---- */

static bool write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool is_written = f && fputs(text, f) >= 0;

	return f && fclose(f) == 0 && is_written;
}

/* As a user: root of a namespace in which what is his is root's. */
static bool become_root(void)
{
	char map[64];

	snprintf(map, sizeof(map), "0 %u 1\n", (unsigned int)geteuid());
	if (geteuid() == 0)
		return true;
	return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/uid_map", map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(granted_whole, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(granted_in_part, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(another_device, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(marked, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(refused, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(threads, tree_setup, tree_teardown),
		cmocka_unit_test(driver_asked),
		cmocka_unit_test(driver_refuses),
	};

	outside = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	can_move = outside >= 0 && become_root() && chroot("/") == 0;
	if (!can_move)
		fprintf(stderr, "test-library: no user namespaces here: queries are not tested\n");

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed || can_move ? failed : 77;
}
