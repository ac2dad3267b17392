/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-device: addresses, lookups, and the DEVICE and BAR that users see. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "model/device.h"

static void test_address(void **state)
{
	static const struct {
		const char *text, *printed; /* NULL: refused */
	} rows[] = {
		{ "0000:01:00.0", "0000:01:00.0" },
		{ "01:00.0", "0000:01:00.0" },
		{ "ff:1f.7", "0000:ff:1f.7" },
		{ "10000:e1:00.0", "10000:e1:00.0" },
		{ "ffffffff:ff:1f.7", "ffffffff:ff:1f.7" },
		{ "0:1:2.3", "0000:01:02.3" },
		{ "ABCD:0A:1F.0", "abcd:0a:1f.0" },
		{ "", NULL },
		{ "00.0", NULL },
		{ "01:00", NULL },
		{ "01:20.0", NULL },
		{ "01:00.8", NULL },
		{ "100:00.0", NULL },
		{ "1ffffffff:00:00.0", NULL },
		{ "0000:0000:01:00.0", NULL },
		{ "0000:01:00.0 ", NULL },
		{ " 01:00.0", NULL },
		{ "01:00.0.0", NULL },
		{ "01:00.", NULL },
		{ "01:.0", NULL },
		{ ":01:00.0", NULL },
		{ "01:0x1.0", NULL },
		{ "0x1:00.0", NULL },
		{ "0x1:00:00.0", NULL },
		{ "-1:00.0", NULL },
		{ "01.00:0", NULL },
		{ "00000000000000000001:00.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct pci_address address = { .domain = 77 };
		char text[PCI_ADDRESS_SIZE];
		int r = pci_address_parse(rows[i].text, &address);

		if (r != (rows[i].printed ? 0 : -EINVAL))
			fail_msg("\"%s\": %d", rows[i].text, r);
		if (r < 0) {
			assert_int_equal(address.domain, 77);
			continue;
		}
		pci_address_format(&address, text);
		assert_string_equal(text, rows[i].printed);
	}
}

static void test_order(void **state)
{
	static const char *const ascending[] = { "0:0:0.0", "0:0:0.1", "0:0:1.0", "0:1:0.0", "1:0:0.0", "10000:0:0.0" };
	struct pci_address a, b;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(ascending); i++)
		for (size_t j = 0; j < ELEMENTSOF(ascending); j++) {
			int expected = (i > j) - (i < j);

			assert_int_equal(pci_address_parse(ascending[i], &a), 0);
			assert_int_equal(pci_address_parse(ascending[j], &b), 0);
			assert_int_equal(pci_address_compare(&a, &b), expected);
		}
}

static void test_lookups(void **state)
{
	struct pci_address ports[] = { { .bus = 1, .slot = 3 }, { .slot = 1 } }, missing = { .bus = 9 };
	struct device at[] = {
		{ .address = { .slot = 1 }, .class = 0x060400 },
		{ .address = { .bus = 1, .slot = 3 }, .class = 0x060400 },
		{ .address = { .bus = 2 }, .class = 0x020000, .ports = ports, .n_ports = 2, .n_bars = 2,
		  .bars = { { .index = 0 }, { .index = 3, .size_bytes = 4096 } } },
	};
	struct devices devices = { at, ELEMENTSOF(at) }, none = { 0 };

	(void)state;
	assert_ptr_equal(devices_find(&devices, &ports[0]), &at[1]);
	assert_null(devices_find(&devices, &missing));
	assert_null(devices_find(&none, &missing));
	assert_ptr_equal(device_bar(&at[2], 3), &at[2].bars[1]);
	assert_null(device_bar(&at[2], 1));
	/* The one next to the host bridge, not the nearest. */
	assert_ptr_equal(device_root_port(&devices, &at[2]), &at[0]);
	assert_null(device_root_port(&devices, &at[0]));
	assert_true(device_is_bridge(&at[0]));
	assert_false(device_is_bridge(&at[2]));
}

/* ---- JSON ---- */

static void assert_has(struct json_object *o, const char *const lines[], size_t n)
{
	_cleanup_free_ char *text = json_text(o);

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		if (!strstr(text, lines[i]))
			fail_msg("%s is not in %s", lines[i], text);
}

static void test_json_known(void **state)
{
	static const char *const lines[] = {
		"\"address\": \"0000:01:00.0\"", "\"vendor\": \"0x1af4\"", "\"device\": \"0x0000\"", "\"class\": \"0x050000\"",
		"\"revision\": \"0x01\"", "\"name\": \"Red Hat, Inc. ivshmem\"", "\"driver\": \"vfio-pci\"", "\"iommu_group\": 0",
		"\"numa_node\": 1", "\"0000:00:08.0\"", "\"host_bridge\": \"0000:00:00.0\"", "\"speed\": \"8.0 GT/s\"",
		"\"width\": 4", "\"max_speed\": \"64.0 GT/s\"", "\"max_width\": 16", "\"pm\": true", "\"pcie\": \"endpoint\"",
		"\"aer\": true", "\"acs\": false", "\"dpc\": false", "\"table_bar\": 1", "\"table_offset\": \"0x2000\"",
		"\"pba_offset\": \"0x3000\"",
	};
	struct pci_address port = { .slot = 8 };
	const struct device device = {
		.address = { .bus = 1 }, .vendor = 0x1af4, .class = 0x050000, .revision = 1, .has_revision = true,
		.name = (char *)"Red Hat, Inc. ivshmem", .driver = (char *)"vfio-pci", .iommu_group = 0, .numa_node = 1,
		.ports = &port, .n_ports = 1, .has_host_bridge = true,
		.caps = { .config_bytes = 4096, .pm = 0x40, .pcie = 0x50, .msix = 0x70, .aer = 0x100, .mps_bytes = 256,
		          .link = { .speed = 3, .width = 4, .max_speed = 6, .max_width = 16 }, .msix_table_bar = 1,
		          .msix_table_offset = 0x2000, .msix_pba_bar = 1, .msix_pba_offset = 0x3000 },
	};
	_cleanup_(json_done) struct json_object *o = device_to_json(&device);
	_cleanup_free_ char *text = json_text(o);

	(void)state;
	assert_has(o, lines, ELEMENTSOF(lines));
	assert_null(strstr(text, "\"gaps\""));
}

/* What is not known is null: never false, never a number. */
static void test_json_unknown(void **state)
{
	static const char *const lines[] = {
		"\"vendor\": null", "\"device\": null", "\"subsystem_vendor\": null", "\"class\": null", "\"revision\": null",
		"\"name\": null", "\"driver\": null", "\"iommu_group\": null", "\"numa_node\": null", "\"host_bridge\": null",
		"\"speed\": null", "\"width\": null", "\"pm\": null", "\"pcie\": null", "\"msix\": null", "\"aer\": null",
		"\"what\": \"capabilities\"", "\"why\": \"only root can read them\"",
	};
	struct device device = { .iommu_group = -1, .numa_node = -1, .caps = { .config_bytes = 64 } };

	(void)state;
	assert_int_equal(gaps_add(&device.gaps, "capabilities", "only %s can read them", "root"), 0);

	_cleanup_(json_done) struct json_object *o = device_to_json(&device);

	assert_has(o, lines, ELEMENTSOF(lines));
	device_done(&device);
}

/* Extended capabilities are unknown where only the first 256 bytes were readable, unless nothing is PCI Express. */
static void test_json_capabilities(void **state)
{
	static const struct {
		size_t config_bytes;
		uint16_t pcie;
		const char *pm, *aer;
	} rows[] = {
		{ 64, 0, "\"pm\": null", "\"aer\": null" },
		{ 256, 0, "\"pm\": false", "\"aer\": false" },
		{ 256, 0x40, "\"pm\": false", "\"aer\": null" },
		{ 4096, 0x40, "\"pm\": false", "\"aer\": false" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct device device = { .caps = { .config_bytes = rows[i].config_bytes, .pcie = rows[i].pcie } };
		_cleanup_(json_done) struct json_object *o = device_to_json(&device);
		const char *lines[] = { rows[i].pm, rows[i].aer };

		assert_has(o, lines, 2);
	}
}

static void test_json_bar(void **state)
{
	static const char *const known[] = { "\"index\": 2", "\"base\": \"0x382000000000\"", "\"size\": 16777216",
		                             "\"prefetchable\": true", "\"width\": 64", "\"wc_file\": true" };
	static const char *const unassigned[] = { "\"base\": null", "\"width\": null", "\"wc_file\": null", "\"io\": true" };
	const struct bar bar = { .index = 2, .width = 64, .prefetchable = true, .wc_file = TRI_YES,
		                 .base = 0x382000000000, .size_bytes = 16 << 20 };
	const struct bar io = { .io = true, .size_bytes = 32 };
	_cleanup_(json_done) struct json_object *o = bar_to_json(&bar);
	_cleanup_(json_done) struct json_object *p = bar_to_json(&io);

	(void)state;
	assert_has(o, known, ELEMENTSOF(known));
	assert_has(p, unassigned, ELEMENTSOF(unassigned));
}

/* The bit means nothing of I/O ports, which a machine that lies may claim. */
static void test_candidate(void **state)
{
	(void)state;
	for (int io = 0; io < 2; io++)
		for (int prefetchable = 0; prefetchable < 2; prefetchable++) {
			struct device device = { .n_bars = 2 };

			device.bars[1].io = io;
			device.bars[1].prefetchable = prefetchable;
			assert_int_equal(bar_is_candidate(&device.bars[1]), prefetchable && !io);
			assert_int_equal(device_has_candidate(&device), prefetchable && !io);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),           cmocka_unit_test(test_order),
		cmocka_unit_test(test_lookups),           cmocka_unit_test(test_json_known),
		cmocka_unit_test(test_json_unknown),      cmocka_unit_test(test_json_capabilities),
		cmocka_unit_test(test_json_bar),          cmocka_unit_test(test_candidate),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
