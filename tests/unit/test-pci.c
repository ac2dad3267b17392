/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-pci: what is read of PCI functions, above all from spaces, files and trees that are cut off, loop or lie. */
#include "tree.h"

#include "base/cleanup.h"
#include "observe/pci-caps.h"
#include "observe/pci-resource.h"
#include "observe/pci-sysfs.h"
#include "observe/pci.h"

/* ---- configuration spaces ---- */

/* A function with PM at 0x40, MSI-X at 0x50 and PCI Express at 0x60; AER at 0x100 and ACS at 0x140. */
static void make_space(uint8_t space[static 4096])
{
	memset(space, 0, 4096);
	memcpy(space, "\xf4\x1a\x10\x11\x06\x00\x10\x00", 8); /* 1af4:1110, memory and master on, has capabilities */
	space[0x34] = 0x40;
	memcpy(space + 0x40, "\x01\x50\x03\x00", 4);
	memcpy(space + 0x50, "\x11\x60\x41\x80" "\x02\x20\x00\x00" "\x02\x30\x00\x00", 12); /* 66 vectors in BAR 2 */
	memcpy(space + 0x60, "\x10\x00\x02\x00", 4);            /* version 2, endpoint */
	space[0x60 + 8] = 1 << 5;                               /* payload: 256 bytes */
	memcpy(space + 0x60 + 0x0c, "\x04\x01\x00\x00", 4);     /* 16 GT/s, x16 */
	memcpy(space + 0x60 + 0x12, "\x83\x00", 2);             /* 8 GT/s, x8 */
	memcpy(space + 0x100, "\x01\x00\x02\x14", 4);
	memcpy(space + 0x140, "\x0d\x00\x01\x00", 4);
}

static void read_caps(const uint8_t *space, size_t there, size_t claimed, struct gaps *gaps, struct caps *ret)
{
	struct config_buffer buffer = { space, there };
	struct config_source source = { config_buffer_read, &buffer, claimed };

	*ret = (struct caps){ 0 };
	assert_int_equal(pci_caps_read(&source, gaps, ret), 0);
}

/* The gaps that are expected, one word of each; then they are gone. */
static void assert_gap(struct gaps *gaps, const char *says)
{
	if (!says && gaps->n)
		fail_msg("a gap: %s: %s", gaps->at[0].what, gaps->at[0].why);
	if (says && !gaps->n)
		fail_msg("no gap that says \"%s\"", says);
	if (says && !strstr(gaps->at[0].why, says))
		fail_msg("\"%s\" is not in \"%s\"", says, gaps->at[0].why);
	gaps_done(gaps);
}

static void test_caps(void **state)
{
	uint8_t space[4096];
	struct gaps gaps = { 0 };
	struct caps caps;

	(void)state;
	make_space(space);
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_gap(&gaps, NULL);
	assert_int_equal(caps.config_bytes, 4096);
	assert_int_equal(caps.command, 6);
	assert_int_equal(caps.pm, 0x40);
	assert_int_equal(caps.msix, 0x50);
	assert_int_equal(caps.pcie, 0x60);
	assert_int_equal(caps.aer, 0x100);
	assert_int_equal(caps.acs, 0x140);
	assert_int_equal(caps.dpc, 0);
	assert_int_equal(caps.mps_bytes, 256);
	assert_int_equal(caps.link.speed, 3);
	assert_int_equal(caps.link.width, 8);
	assert_int_equal(caps.link.max_speed, 4);
	assert_int_equal(caps.link.max_width, 16);
	assert_int_equal(caps.msix_table_bar, 2);
	assert_int_equal(caps.msix_table_offset, 0x2000);
	assert_int_equal(caps.msix_table_bytes, 66 * 16);
	assert_int_equal(caps.msix_pba_offset, 0x3000);
	assert_int_equal(caps.msix_pba_bytes, 16);
}

/* Every length at which reading may end: what was seen stays, what was not is unknown, and it is said. */
static void test_caps_truncated(void **state)
{
	uint8_t space[4096];

	(void)state;
	make_space(space);
	for (size_t there = 0; there <= 4096; there++) {
		/* Exactly as much memory: a read beyond it is found by the sanitizer. */
		uint8_t *copy = malloc(there ?: 1);
		struct gaps gaps = { 0 };
		struct caps caps;

		memcpy(copy, space, there);
		read_caps(copy, there, 4096, &gaps, &caps);
		free(copy);
		if (there < 0x10)
			assert_int_equal(caps.config_bytes, 0);
		else if (there < 0x74) /* the middle of PCI Express */
			assert_int_equal(caps.config_bytes, 64);
		else if (there < 0x144)
			assert_int_equal(caps.config_bytes, 256);
		else
			assert_int_equal(caps.config_bytes, 4096);
		if (caps.config_bytes < 4096)
			assert_int_equal(gaps.n, 1);
		else
			assert_int_equal(gaps.n, 0);
		if (there == 64)
			assert_non_null(strstr(gaps.at[0].why, "only root"));
		gaps_done(&gaps);
	}
}

static void test_caps_lies(void **state)
{
	static const struct {
		const char *what;
		unsigned int at;
		const char *bytes;
		size_t n;
		size_t config_bytes;
		const char *gap;
	} rows[] = {
		{ "it points at itself", 0x41, "\x40", 1, 64, "loops at 0x40" },
		{ "it goes round", 0x61, "\x40", 1, 64, "loops at 0x40" },
		{ "into the header", 0x41, "\x10", 1, 64, "leads out of it, to 0x10" },
		{ "the low bits are masked", 0x34, "\x43", 1, 4096, NULL },
		{ "no such bits: it has none", 0x06, "\x00", 1, 4096, NULL },
		{ "a device that fell asleep", 0x60, "\xff\xff\xff\xff", 4, 64, "does not answer at 0x60" },
		{ "extended: it points at itself", 0x102, "\x02\x10", 2, 256, "extended capabilities loops at 0x100" },
		{ "extended: it goes round", 0x142, "\x01\x10", 2, 256, "loops at 0x100" },
		{ "extended: below its start", 0x142, "\x01\x08", 2, 256, "leads out of it, to 0x80" },
		{ "extended: no answer", 0x100, "\xff\xff\xff\xff", 4, 256, "does not answer" },
		{ "extended: over the end", 0x142, "\x81\xff", 2, 4096, NULL }, /* zeros there */
		{ "extended: none", 0x100, "\0\0\0\0", 4, 4096, NULL },
		{ "a BIR of 7", 0x54, "\x07", 1, 4096, "claims to be in BAR 7" },
		{ "a payload of 6", 0x68, "\xc0", 1, 4096, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		uint8_t space[4096];
		struct gaps gaps = { 0 };
		struct caps caps;

		make_space(space);
		memcpy(space + rows[i].at, rows[i].bytes, rows[i].n);
		read_caps(space, 4096, 4096, &gaps, &caps);
		if (caps.config_bytes != rows[i].config_bytes)
			fail_msg("%s: %zu", rows[i].what, caps.config_bytes);
		if ((gaps.n == 0) != (rows[i].gap == NULL))
			fail_msg("%s: %s", rows[i].what, gaps.n ? gaps.at[0].why : "no gap");
		assert_gap(&gaps, rows[i].gap);
		if (strstr(rows[i].what, "payload"))
			assert_int_equal(caps.mps_bytes, 0);
		if (strstr(rows[i].what, "masked"))
			assert_int_equal(caps.pcie, 0x60);
		if (strstr(rows[i].what, "none"))
			assert_int_equal(caps.aer, 0);
	}
}

static void test_caps_over_the_end(void **state)
{
	uint8_t space[4096];
	struct gaps gaps = { 0 };
	struct caps caps;

	(void)state;
	make_space(space);
	space[0x41] = 0xfc;
	memcpy(space + 0xfc, "\x11\x00\x01\x00", 4);
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.msix, 0);
	assert_int_equal(caps.config_bytes, 64);
	assert_gap(&gaps, "0xfc does not end before 0x100");

	make_space(space);
	memcpy(space + 0x142, "\x81\xff", 2);
	memcpy(space + 0xff8, "\x1d\x00\x01\x00", 4);
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.dpc, 0);
	assert_int_equal(caps.config_bytes, 256);
	assert_gap(&gaps, "0xff8 does not end before 0x1000");
}

static void test_caps_silence(void **state)
{
	uint8_t space[4096];
	struct gaps gaps = { 0 };
	struct caps caps;

	(void)state;
	memset(space, 0xff, sizeof(space));
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.config_bytes, 0);
	assert_int_equal(caps.command, 0);
	assert_gap(&gaps, "all-ones");
	/* A virtual function's ids are all-ones, and it answers. */
	make_space(space);
	memset(space, 0xff, 4);
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.config_bytes, 4096);
	assert_gap(&gaps, NULL);
	/* Conventional PCI: the space ends at 256, and nothing is missing. */
	make_space(space);
	space[0x51] = 0;
	read_caps(space, 256, 256, &gaps, &caps);
	assert_int_equal(caps.config_bytes, 256);
	assert_int_equal(caps.msix, 0x50);
	assert_int_equal(caps.pcie, 0);
	assert_gap(&gaps, NULL);
}

static void test_caps_integrated(void **state)
{
	uint8_t space[4096];
	struct gaps gaps = { 0 };
	struct caps caps;

	(void)state;
	make_space(space);
	space[0x62] = 0x92; /* integrated in the root complex: what would be link registers is none */
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.pcie_type, 9);
	assert_int_equal(caps.link.max_width, 0);
	assert_int_equal(caps.link.speed, 0);
	assert_gap(&gaps, NULL);
}

static void test_caps_sriov(void **state)
{
	uint8_t space[4096];
	struct gaps gaps = { 0 };
	struct caps caps;

	(void)state;
	make_space(space);
	memcpy(space + 0x142, "\x01\x20", 2);
	memcpy(space + 0x200, "\x10\x00\x01\x00", 4);
	memcpy(space + 0x210, "\x04\x00", 2);
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.sriov, 0x200);
	assert_int_equal(caps.vfs, 0); /* a number, but not enabled */
	space[0x208] = 1;
	read_caps(space, 4096, 4096, &gaps, &caps);
	assert_int_equal(caps.vfs, 4);
	assert_gap(&gaps, NULL);
}

/* Whatever the bytes are: it ends, it stays within them, and an offset it reports lies within its list. */
static void test_caps_noise(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (unsigned int turn = 0; turn < 20000; turn++) {
		uint8_t space[4096];
		struct gaps gaps = { 0 };
		struct caps caps;

		make_space(space);
		for (unsigned int i = 0; i < 1 + turn % 40; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			space[(seed >> 33) % (turn % 2 ? 0x80 : 0x210)] = (uint8_t)(seed >> 50);
		}
		read_caps(space, 4096, turn % 3 ? 4096 : 256, &gaps, &caps);
		assert_true(!caps.msix || (caps.msix >= 0x40 && caps.msix <= 0xf4));
		assert_true(!caps.aer || (caps.aer >= 0x100 && caps.aer <= 0xfd4));
		gaps_done(&gaps);
	}
}

/* ---- resource files ---- */

#define ZERO "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define ZEROS5 ZERO ZERO ZERO ZERO ZERO

static void test_resource(void **state)
{
	struct device device = { 0 };

	(void)state;
	assert_int_equal(pci_resource_parse("0x00000000fe000000 0x00000000fe000fff 0x0000000000040200\n"
	                                    "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
	                                    "0x0000382000000000 0x0000382000ffffff 0x000000000014220c\n" ZERO
	                                    "0x0000000000001000 0x0000000000001fff 0x0000000020042208\n" ZERO
	                                    "0x00000000fd000000 0x00000000fd00ffff 0x0000000000046200\n",
	                                    &device),
	                 0);
	assert_gap(&device.gaps, NULL);
	assert_int_equal(device.n_bars, 4);
	assert_int_equal(device.bars[0].width, 32);
	assert_int_equal(device.bars[0].size_bytes, 4096);
	assert_false(device.bars[0].prefetchable);
	assert_true(device.bars[1].io);
	assert_int_equal(device.bars[1].width, 0);
	assert_int_equal(device.bars[1].size_bytes, 32);
	assert_int_equal(device.bars[2].index, 2);
	assert_int_equal(device.bars[2].width, 64);
	assert_true(device.bars[2].prefetchable);
	assert_true(device.bars[2].base == 0x382000000000);
	assert_int_equal(device.bars[3].index, 4);
	assert_int_equal(device.bars[3].base, 0); /* not assigned */
	assert_int_equal(device.bars[3].size_bytes, 4096);
	device_done(&device);
}

static void test_resource_lies(void **state)
{
	static const struct {
		const char *first, *gap;
	} rows[] = {
		{ "0x2000 0x1fff 0x40200\n", "ends before it starts" },
		{ "0x2000 0x1000 0x40200\n", "ends before it starts" },
		{ "0x0 0xffffffffffffffff 0x40200\n", "no power of two" },
		{ "0x1000 0x2ffe 0x40200\n", "no power of two" },
		{ "0x1000 0x3fff 0x40200\n", "no power of two" },
		{ "0x1000 0x1007 0x40200\n", "smaller than a memory BAR" },
		{ "0x1000 0x1fff 0x40300\n", "neither memory nor I/O" },
		{ "0x1000 0x1fff 0x40000\n", "neither memory nor I/O" },
		{ "0x1000 0x1fff 0x40200 0x0\n", "garbage" },
		{ "0x1000 0x1fff\n", "garbage" },
		{ "1000 1fff 40200\n", "garbage" },
		{ "0x1000 -1 0x40200\n", "garbage" },
		{ "0x1000 0x1fffffffffffffffff 0x40200\n", "garbage" },
		{ "hello\n", "garbage" },
		{ "0x1000\t0x1fff\t0x40200\n", "garbage" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *text = str_printf("%s%s%s", rows[i].first, ZEROS5, ZERO);
		struct device device = { 0 };

		assert_int_equal(pci_resource_parse(text, &device), 0);
		if (device.n_bars)
			fail_msg("taken: %s", rows[i].first);
		assert_gap(&device.gaps, rows[i].gap);
		device_done(&device);
	}
}

static void test_resource_shape(void **state)
{
	struct device device = { 0 };
	_cleanup_free_ char *many = calloc(1, 100 * strlen(ZERO) + 1);

	(void)state;
	assert_int_equal(pci_resource_parse("", &device), 0);
	assert_gap(&device.gaps, "after 0 lines");
	assert_int_equal(pci_resource_parse("0x1000 0x1fff 0x40200\n", &device), 0);
	assert_gap(&device.gaps, "after 1 lines");
	assert_int_equal(device.n_bars, 1); /* what is there is taken */
	for (unsigned int i = 0; i < 100; i++)
		strcat(many, ZERO);
	assert_int_equal(pci_resource_parse(many, &device), 0);
	assert_gap(&device.gaps, "more than 64 lines");
	/* The upper half of a 64-bit BAR is no BAR of its own, and the last one has no upper half. */
	assert_int_equal(pci_resource_parse("0x1000 0x1fff 0x140204\n0x1000 0x1fff 0x40200\n" ZEROS5, &device), 0);
	assert_int_equal(device.n_bars, 1);
	assert_gap(&device.gaps, "upper half of the BAR before it");
	assert_int_equal(pci_resource_parse(ZEROS5 "0x1000 0x1fff 0x140204\n" ZERO, &device), 0);
	assert_int_equal(device.n_bars, 0);
	assert_gap(&device.gaps, "without an upper half");
	device_done(&device);
}

/* ---- paths ---- */

static void test_path(void **state)
{
	static const struct {
		const char *path, *address, *bus, *ports;
	} rows[] = {
		{ "../../../devices/pci0000:00/0000:00:02.0", "0000:00:02.0", "0000:00:00.0", "" },
		{ "../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:08.0/0000:03:00.0", "0000:03:00.0", "0000:00:00.0",
		  "0000:02:08.0 0000:01:00.0 0000:00:01.0 " },
		{ "../../../devices/platform/soc/fd500000.pcie/pci0002:10/0002:10:00.0/0002:11:00.0", "0002:11:00.0", "0002:10:00.0",
		  "0002:10:00.0 " },
		/* VMD: a host bridge below a function */
		{ "../../../devices/pci0000:64/0000:64:00.5/pci10000:00/10000:00:02.0/10000:01:00.0", "10000:01:00.0", "10000:00:00.0",
		  "10000:00:02.0 " },
		{ "../../../devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00/VMBUS:00/00000000-0001/pci0001:00/0001:00:00.0", "0001:00:00.0",
		  "0001:00:00.0", "" },
		{ "../../../devices/0000:00:01.0", "0000:00:01.0", NULL, "" },
		{ "", "0000:00:01.0", NULL, "" },
		{ "../../../devices/pci0000:00garbage/0000:00:01.0", "0000:00:01.0", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct device device = { 0 };
		struct pci_kin kin = { 0 };
		char ports[256] = "", text[PCI_ADDRESS_SIZE];

		assert_int_equal(pci_address_parse(rows[i].address, &device.address), 0);
		assert_int_equal(pci_path_parse(rows[i].path, &device, &kin), 0);
		for (size_t p = 0; p < device.n_ports; p++) {
			pci_address_format(&device.ports[p], text);
			strcat(strcat(ports, text), " ");
		}
		if (strcmp(ports, rows[i].ports))
			fail_msg("%s: \"%s\"", rows[i].path, ports);
		assert_int_equal(kin.has_root_bus, rows[i].bus != NULL);
		assert_gap(&device.gaps, rows[i].bus ? NULL : "no host bridge");
		if (rows[i].bus) {
			pci_address_format(&kin.root_bus, text);
			assert_string_equal(text, rows[i].bus);
		}
		device_done(&device);
	}
}

/* ---- whole trees ---- */

#define ROOT_BUS "sys/devices/pci0000:00/"
#define PORT ROOT_BUS "0000:00:01.0/"
#define NVME PORT "0000:01:00.0/"

static void add_attribute(struct tree *tree, const char *where, const char *name, const char *value)
{
	_cleanup_free_ char *path = str_printf("%s%s", where, name);

	tree_file(tree, path, value);
}

/* A function with the attributes that every one has. */
static void add_function(struct tree *tree, const char *where, const char *id, const char *class)
{
	char name[PCI_ADDRESS_SIZE] = "", vendor[8], device[8];
	const char *end = where + strlen(where) - 1, *start = end;

	while (start[-1] != '/')
		start--;
	memcpy(name, start, (size_t)(end - start));
	snprintf(vendor, sizeof(vendor), "0x%.4s\n", id);
	snprintf(device, sizeof(device), "0x%.4s\n", id + 5);
	add_attribute(tree, where, "vendor", vendor);
	add_attribute(tree, where, "device", device);
	add_attribute(tree, where, "subsystem_vendor", "0x0000\n");
	add_attribute(tree, where, "subsystem_device", "0x0000\n");
	add_attribute(tree, where, "class", class);
	add_attribute(tree, where, "revision", "0x02\n");
	add_attribute(tree, where, "numa_node", "-1\n");
	add_attribute(tree, where, "resource", ZEROS5 ZERO ZERO);

	_cleanup_free_ char *config = str_printf("%sconfig", where);
	_cleanup_free_ char *link = str_printf("sys/bus/pci/devices/%s", name);
	_cleanup_free_ char *target = str_printf("../../../%.*s", (int)(end - where - 4), where + 4);
	uint8_t space[4096];

	make_space(space);
	tree_bytes(tree, config, space, sizeof(space));
	tree_link(tree, link, target);
}

static void make_machine(struct tree *tree)
{
	add_function(tree, ROOT_BUS "0000:00:00.0/", "8086:29c0", "0x060000\n");
	add_function(tree, PORT, "1b36:000c", "0x060400\n");
	add_function(tree, NVME, "144d:a80a", "0x010802\n");
	add_attribute(tree, NVME, "resource",
	              "0x0000382000000000 0x0000382000ffffff 0x000000000014220c\n" ZERO
	              "0x0000382001000000 0x0000382001003fff 0x000000000014220c\n" ZERO ZERO ZERO ZERO);
	tree_hollow(tree, NVME "resource0_wc", 4096);
	add_attribute(tree, NVME, "numa_node", "1\n");
	tree_link(tree, NVME "driver", "../../../../bus/pci/drivers/vfio-pci");
	tree_link(tree, NVME "iommu_group", "../../../../kernel/iommu_groups/7");
}

static void scan(struct tree *tree, struct devices *ret)
{
	struct err err = { 0 };

	*ret = (struct devices){ 0 };
	if (pci_scan(&tree->root, &err, ret) < 0)
		fail_msg("%s", err.text);
}

static void test_scan(void **state)
{
	struct tree *tree = *state;
	struct devices devices;
	char text[PCI_ADDRESS_SIZE];

	make_machine(tree);
	scan(tree, &devices);
	assert_int_equal(devices.n, 3);

	const struct device *nvme = &devices.at[2];

	pci_address_format(&nvme->address, text);
	assert_string_equal(text, "0000:01:00.0");
	assert_int_equal(nvme->vendor, 0x144d);
	assert_int_equal(nvme->device, 0xa80a);
	assert_int_equal(nvme->class, 0x010802);
	assert_int_equal(nvme->revision, 2);
	assert_true(nvme->has_revision);
	assert_string_equal(nvme->driver, "vfio-pci");
	assert_true(nvme->vfio);
	assert_int_equal(nvme->iommu_group, 7);
	assert_int_equal(nvme->numa_node, 1);
	assert_int_equal(devices.at[1].numa_node, -1);
	assert_int_equal(nvme->n_ports, 1);
	assert_ptr_equal(device_root_port(&devices, nvme), &devices.at[1]);
	assert_true(nvme->has_host_bridge);
	assert_int_equal(pci_address_compare(&nvme->host_bridge, &devices.at[0].address), 0);
	assert_int_equal(nvme->n_bars, 2);
	assert_int_equal(nvme->bars[0].wc_file, TRI_YES);
	assert_int_equal(nvme->bars[1].wc_file, TRI_NO);
	assert_int_equal(nvme->caps.config_bytes, 4096);
	assert_int_equal(nvme->caps.aer, 0x100);
	/* MSI-X of make_space() claims BAR 2 at 0x3000 + 16: it fits in 16 KiB. */
	assert_int_equal(nvme->gaps.n, 0);
	devices_done(&devices);
}

static void test_scan_gaps(void **state)
{
	struct tree *tree = *state;
	struct devices devices;

	make_machine(tree);
	add_attribute(tree, PORT, "revision", "0x1ff\n");
	add_attribute(tree, PORT, "vendor", "what\n");
	add_attribute(tree, NVME, "config", "too short to be one, and not 64 bytes long either!!");
	tree_file(tree, NVME "resource", "");
	tree_link(tree, NVME "iommu_group", "../x");
	tree_link(tree, "sys/bus/pci/devices/0000:02:00.0", "../../../devices/gone");
	scan(tree, &devices);
	assert_int_equal(devices.n, 4);
	assert_int_equal(devices.at[1].vendor, 0);
	assert_false(devices.at[1].has_revision);
	assert_int_equal(devices.at[1].gaps.n, 3);
	/* MSI-X in a BAR that is none: nobody knows where it is. */
	assert_int_equal(devices.at[1].caps.msix, 0);
	assert_int_equal(devices.at[1].caps.config_bytes, 64);
	assert_false(device_knows_msix(&devices.at[1]));
	assert_false(devices.at[3].has_ports);
	assert_true(devices.at[1].has_ports);
	assert_int_equal(devices.at[2].iommu_group, -1);
	assert_int_equal(devices.at[2].n_bars, 0);
	assert_int_equal(devices.at[2].caps.config_bytes, 0);
	assert_int_equal(devices.at[2].gaps.n, 3);
	/* Without its directory a function is one big gap, and stays listed. */
	assert_int_equal(devices.at[3].vendor, 0);
	assert_int_equal(devices.at[3].gaps.n, 1);
	assert_non_null(strstr(devices.at[3].gaps.at[0].why, "No such file"));
	devices_done(&devices);
}

/* Links of a captured root that lead out of it are not followed, by libpci neither. */
static void test_scan_hostile(void **state)
{
	struct tree *tree = *state;
	struct tree outside;
	struct devices devices;
	struct err err = { 0 };

	tree_make(&outside);
	make_machine(&outside);
	make_machine(tree);
	tree_link(tree, "sys/bus/pci/devices/0000:01:00.0", tree_path(&outside, NVME));
	unlink(tree_path(tree, PORT "config"));
	tree_link(tree, PORT "config", tree_path(&outside, PORT "config"));
	unlink(tree_path(tree, PORT "vendor"));
	tree_link(tree, PORT "vendor", tree_path(&outside, PORT "vendor"));
	scan(tree, &devices);
	assert_int_equal(devices.n, 3);
	assert_int_equal(devices.at[2].vendor, 0);
	assert_null(devices.at[2].driver);
	assert_int_equal(devices.at[1].vendor, 0);
	assert_int_equal(devices.at[1].caps.config_bytes, 0);
	devices_done(&devices);

	rename(tree_path(tree, "sys/bus/pci/devices"), tree_path(tree, "sys/bus/pci/moved"));
	tree_link(tree, "sys/bus/pci/devices", tree_path(&outside, "sys/bus/pci/devices"));
	assert_true(pci_scan(&tree->root, &err, &devices) < 0);
	assert_string_equal(err.id, "unreadable");
	rename(tree_path(tree, "sys/bus/pci"), tree_path(tree, "sys/bus/other"));
	tree_link(tree, "sys/bus/pci", tree_path(&outside, "sys/bus/pci"));
	scan(tree, &devices); /* resolves to nothing within the root: a machine without PCI */
	assert_int_equal(devices.n, 0);
	tree_remove(&outside);
}

static void test_scan_refused(void **state)
{
	struct tree *tree = *state;
	struct devices devices = { 0 };
	struct err err = { 0 };

	assert_int_equal(pci_scan(&tree->root, &err, &devices), -ENOENT);
	assert_string_equal(err.id, "bad-root");
	tree_dir(tree, "sys/bus");
	scan(tree, &devices);
	assert_int_equal(devices.n, 0);
	make_machine(tree);
	tree_file(tree, "sys/bus/pci/devices/garbage", "");
	err = (struct err){ 0 };
	assert_int_equal(pci_scan(&tree->root, &err, &devices), -EIO);
	assert_string_equal(err.id, "unreadable");
	assert_non_null(strstr(err.text, "garbage: expected a PCI address"));
	assert_int_equal(devices.n, 0);
	/* And the next scan is none the worse for it. */
	unlink(tree_path(tree, "sys/bus/pci/devices/garbage"));
	scan(tree, &devices);
	assert_int_equal(devices.n, 3);
	devices_done(&devices);
}

static void test_host_bridge(void **state)
{
	struct tree *tree = *state;
	struct devices devices;

	/* Function 0 of the root bus is something else, the host bridge is further on. */
	add_function(tree, "sys/devices/pci0001:20/0001:20:00.0/", "8086:0001", "0x088000\n");
	add_function(tree, "sys/devices/pci0001:20/0001:20:05.0/", "8086:0002", "0x060000\n");
	add_function(tree, "sys/devices/pci0001:20/0001:20:05.0/0001:21:00.0/", "8086:0003", "0x020000\n");
	/* Another root bus, which has none at all. */
	add_function(tree, "sys/devices/pci0002:00/0002:00:00.0/", "8086:0004", "0x020000\n");
	scan(tree, &devices);
	assert_int_equal(devices.n, 4);
	for (size_t i = 0; i < 3; i++) {
		assert_true(devices.at[i].has_host_bridge);
		assert_int_equal(devices.at[i].host_bridge.slot, 5);
	}
	assert_false(devices.at[3].has_host_bridge);
	devices_done(&devices);
}

static void test_vf(void **state)
{
	struct tree *tree = *state;
	struct devices devices;
	uint8_t space[4096];

	add_function(tree, ROOT_BUS "0000:00:02.0/", "15b3:1015", "0x020000\n");
	add_function(tree, ROOT_BUS "0000:00:02.2/", "15b3:1016", "0x020000\n");
	tree_link(tree, ROOT_BUS "0000:00:02.2/physfn", "../0000:00:02.0");
	make_space(space);
	memset(space + 0x60 + 8, 0, 0x20); /* a VF's own registers say nothing */
	tree_bytes(tree, ROOT_BUS "0000:00:02.2/config", space, sizeof(space));
	scan(tree, &devices);
	assert_false(devices.at[0].is_vf);
	assert_true(devices.at[1].is_vf);
	assert_int_equal(devices.at[1].caps.mps_bytes, 256);
	assert_int_equal(devices.at[1].caps.link.width, 8);
	devices_done(&devices);
}

static void test_vfio_drivers(void **state)
{
	static const struct {
		const char *driver;
		bool vfio;
	} rows[] = {
		{ "vfio-pci", true },       { "mlx5_vfio_pci", true }, { "nvgrace-gpu-vfio-pci", true }, { "nvme", false },
		{ "notvfio-pci", false }, { "vfio-pci-not", false }, { "vfio", false },
	};
	struct tree *tree = *state;
	struct devices devices;

	make_machine(tree);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *target = str_printf("../drivers/%s", rows[i].driver);

		tree_link(tree, NVME "driver", target);
		scan(tree, &devices);
		assert_string_equal(devices.at[2].driver, rows[i].driver);
		if (devices.at[2].vfio != rows[i].vfio)
			fail_msg("%s", rows[i].driver);
		devices_done(&devices);
	}
	/* A variant of any name shows the directory. */
	tree_dir(tree, NVME "vfio-dev/vfio0");
	scan(tree, &devices);
	assert_true(devices.at[2].vfio);
	devices_done(&devices);
}

/* ---- filters ---- */

static void test_select(void **state)
{
	static const struct {
		const char *slot, *id;
		unsigned int selected; /* a bit a device; 8: refused */
	} rows[] = {
		{ NULL, NULL, 7 },
		{ "01:00.0", NULL, 4 },
		{ "0000:01:00.0", NULL, 4 },
		{ "00:", NULL, 3 },
		{ ".0", NULL, 7 },
		{ "2:", NULL, 0 },
		{ "1:00:00.0", NULL, 0 },
		{ NULL, "8086:", 1 },
		{ NULL, "8086:29c0", 1 },
		{ NULL, ":a80a", 4 },
		{ NULL, "::0604", 2 },
		{ NULL, "::0108:02", 4 },
		{ NULL, "::0108:01", 0 },
		{ "00:", "144d:", 0 },
		{ "zz:00.0", NULL, 8 },
		{ "01:00.9", NULL, 8 },
		{ NULL, "nonsense:", 8 },
		{ NULL, "10000:", 8 },
	};
	struct tree *tree = *state;
	struct devices devices;

	make_machine(tree);
	scan(tree, &devices);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		bool is_selected[3] = { 0 };
		struct err err = { 0 };
		int r = pci_select(&devices, rows[i].slot, rows[i].id, &err, is_selected);
		unsigned int selected = r < 0 ? 8 : is_selected[0] | is_selected[1] << 1 | is_selected[2] << 2;

		if (selected != rows[i].selected)
			fail_msg("%s %s: %u %s", rows[i].slot ?: "", rows[i].id ?: "", selected, err.text);
		if (r < 0) {
			assert_int_equal(r, -EINVAL);
			assert_string_equal(err.id, "usage");
		}
	}
	devices_done(&devices);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),           cmocka_unit_test(test_caps_truncated),
		cmocka_unit_test(test_caps_lies),      cmocka_unit_test(test_caps_over_the_end),
		cmocka_unit_test(test_caps_silence),   cmocka_unit_test(test_caps_integrated),
		cmocka_unit_test(test_caps_sriov),     cmocka_unit_test(test_caps_noise),
		cmocka_unit_test(test_resource),       cmocka_unit_test(test_resource_lies),
		cmocka_unit_test(test_resource_shape), cmocka_unit_test(test_path),
		with_tree(test_scan),                  with_tree(test_scan_gaps),
		with_tree(test_scan_hostile),          with_tree(test_scan_refused),
		with_tree(test_host_bridge),           with_tree(test_vf),
		with_tree(test_vfio_drivers),          with_tree(test_select),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
