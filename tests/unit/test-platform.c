/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-platform: each identity is read where it is, is a gap where it cannot be read, and "no virtual machine" needs evidence. */
#include "tree.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "observe/platform.h"
#include "observe/smbios.h"

#define DT "sys/firmware/devicetree/base/"
#define MIDR "sys/devices/system/cpu/cpu%d/regs/identification/midr_el1"

static struct platform read_platform(struct tree *tree, const char *arch)
{
	struct platform platform = { 0 };
	struct err err = { 0 };

	if (platform_read(&tree->root, arch, &err, &platform) < 0)
		fail_msg("%s", err.text);
	return platform;
}

static const struct gap *find_gap(const struct platform *platform, const char *what)
{
	for (size_t i = 0; i < platform->gaps.n; i++)
		if (!strcmp(platform->gaps.at[i].what, what))
			return &platform->gaps.at[i];
	return NULL;
}

/* ---- architecture and processors ---- */

static void test_arch(void **state)
{
	static const struct {
		const char *file, *option, *arch;
	} rows[] = {
		{ "x86_64\n", NULL, "x86_64" }, { "aarch64\n", NULL, "aarch64" }, { "arm64\n", NULL, "aarch64" },
		{ "i686\n", NULL, "i386" },     { "armv7l\n", NULL, "arm" },      { "s390x\n", NULL, "s390x" },
		{ "x86_64\n", "arm64", "aarch64" },
	};
	struct tree *tree = *state;
	struct platform platform = read_platform(tree, NULL);

	/* A captured root that does not say it is not the machine that looks at it. */
	assert_null(platform.arch);
	assert_non_null(find_gap(&platform, "architecture"));
	platform_done(&platform);
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		tree_file(tree, "proc/sys/kernel/arch", rows[i].file);
		platform = read_platform(tree, rows[i].option);
		assert_string_equal(platform.arch, rows[i].arch);
		platform_done(&platform);
	}
}

static void test_midr(void **state)
{
	static const struct {
		const char *text;
		enum tri has;
	} presents[] = {
		{ "0-2\n", TRI_YES },     { "0,1-2\n", TRI_YES }, { "2\n", TRI_YES },         { "0-3\n", TRI_UNKNOWN }, /* garbage */
		{ "0-2,9\n", TRI_UNKNOWN }, { "\n", TRI_UNKNOWN },  { "0-\n", TRI_UNKNOWN },     { "2-0\n", TRI_UNKNOWN },
		{ "0-2,\n", TRI_UNKNOWN },  { "0 1\n", TRI_UNKNOWN }, { "0-20000\n", TRI_UNKNOWN },
	};
	static const char *const values[] = { "0x00000000410fd034", "0x00000000410fd034", "0x00000000413fd0c1", "garbage", "" };
	struct tree *tree = *state;
	struct platform platform;

	for (int i = 0; i < (int)ELEMENTSOF(values); i++) {
		_cleanup_free_ char *path = str_printf(MIDR, i);

		tree_file(tree, path, values[i]);
	}
	tree_file(tree, "sys/devices/system/cpu/cpufreq/regs/identification/midr_el1", "0x1");
	/* cpuinfo only counts where sysfs tells nothing. */
	tree_file(tree, "proc/cpuinfo", "CPU implementer\t: 0xff\nCPU variant\t: 0\nCPU part\t: 1\nCPU revision\t: 1\n");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.midrs.n, 2);
	assert_int_equal(platform.midrs.at[0], 0x410fd034);
	assert_int_equal(midr_implementer(platform.midrs.at[1]), 0x41);
	assert_int_equal(midr_part(platform.midrs.at[1]), 0xd0c);
	assert_int_equal(midr_variant(platform.midrs.at[1]), 3);
	assert_int_equal(midr_revision(platform.midrs.at[1]), 1);
	assert_non_null(strstr(find_gap(&platform, "processor")->why, "present does not tell"));
	assert_int_equal(platform.has_cpus, TRI_UNKNOWN);
	platform_done(&platform);
	for (size_t i = 0; i < ELEMENTSOF(presents); i++) {
		tree_file(tree, "sys/devices/system/cpu/present", presents[i].text);
		platform = read_platform(tree, "aarch64");
		assert_int_equal(platform.midrs.n, 2);
		assert_int_equal(platform.has_cpus, presents[i].has);
		assert_int_equal(!find_gap(&platform, "processor"), presents[i].has == TRI_YES);
		platform_done(&platform);
	}
}

static void test_midr_from_cpuinfo(void **state)
{
	struct tree *tree = *state;
	struct platform platform;

	tree_file(tree, "proc/cpuinfo",
	          "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 7\nCPU variant\t: 0x2\nCPU part\t: 0xc09\nCPU revision\t: 0\n\n"
	          "processor\t: 1\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n"
	          "processor\t: 2\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n\nHardware\t: Acme\n");
	platform = read_platform(tree, "armv7l");
	assert_int_equal(platform.midrs.n, 2); /* half of one is none */
	assert_int_equal(platform.midrs.at[0], 0x412fc090);
	assert_int_equal(platform.midrs.at[1], 0x410fd083);
	platform_done(&platform);
	tree_file(tree, "sys/devices/system/cpu/present", "0-1\n");
	platform = read_platform(tree, "armv7l");
	assert_int_equal(platform.has_cpus, TRI_YES);
	platform_done(&platform);
	tree_file(tree, "sys/devices/system/cpu/present", "0-2\n");
	platform = read_platform(tree, "armv7l");
	assert_int_equal(platform.has_cpus, TRI_UNKNOWN);
	platform_done(&platform);
	tree_file(tree, "proc/cpuinfo", "processor\t: 0\n");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.midrs.n, 0);
	assert_non_null(find_gap(&platform, "processor"));
	platform_done(&platform);
}

#define X86_CPU "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\nmodel name\t: i9\nstepping\t: 2\n"

static void test_x86(void **state)
{
	struct tree *tree = *state;
	struct platform platform;

	tree_file(tree, "proc/cpuinfo", X86_CPU "flags\t\t: fpu pat\n\nprocessor\t: 1\nvendor_id\t: Other\nflags\t\t: hypervisor\n");
	platform = read_platform(tree, "x86_64");
	assert_string_equal(platform.x86.vendor, "GenuineIntel");
	assert_int_equal(platform.x86.family, 6);
	assert_int_equal(platform.x86.model, 151); /* not the "model name" */
	assert_int_equal(platform.x86.stepping, 2);
	assert_int_equal(platform.has_cpus, TRI_UNKNOWN);
	assert_int_equal(platform.is_virtual, TRI_NO);
	platform_done(&platform);
	tree_file(tree, "sys/devices/system/cpu/present", "0\n");
	platform = read_platform(tree, "x86_64");
	assert_int_equal(platform.has_cpus, TRI_YES);
	platform_done(&platform);
	tree_file(tree, "sys/devices/system/cpu/present", "0-1\n");
	platform = read_platform(tree, "x86_64");
	assert_int_equal(platform.has_cpus, TRI_UNKNOWN);
	platform_done(&platform);
	tree_file(tree, "proc/cpuinfo", "vendor_id\t: GenuineIntel\ncpu family\t: 6\n");
	platform = read_platform(tree, "x86_64");
	assert_null(platform.x86.vendor);
	assert_non_null(find_gap(&platform, "processor"));
	assert_int_equal(platform.is_virtual, TRI_UNKNOWN); /* no flags either */
	platform_done(&platform);
}

static void test_soc(void **state)
{
	struct tree *tree = *state;
	struct platform platform = read_platform(tree, "aarch64");

	assert_int_equal(platform.has_soc_bus, TRI_NO);
	platform_done(&platform);
	tree_file(tree, "sys/devices/soc0/soc_id", "jep106:0a16:0001\n");
	tree_file(tree, "sys/devices/soc0/revision", "0x000000a1\n");
	tree_file(tree, "sys/devices/soc0/family", "jep106:0a16\n");
	tree_file(tree, "sys/devices/soc1/family", "Acme\n");
	tree_link(tree, "sys/bus/soc/devices/soc0", "../../../devices/soc0");
	tree_link(tree, "sys/bus/soc/devices/soc1", "../../../devices/soc1");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_soc_bus, TRI_YES);
	assert_int_equal(platform.socs.n, 2);
	assert_string_equal(platform.socs.at[0].id, "jep106:0a16:0001");
	assert_string_equal(platform.socs.at[0].revision, "0x000000a1");
	assert_null(platform.socs.at[1].id);
	assert_non_null(strstr(find_gap(&platform, "SoC")->why, "soc1"));
	assert_int_equal(platform.has_soc_ids, TRI_YES); /* it has none */
	platform_done(&platform);
	tree_dir(tree, "sys/devices/soc1/soc_id");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.socs.n, 2);
	assert_int_equal(platform.has_soc_ids, TRI_UNKNOWN);
	assert_non_null(strstr(find_gap(&platform, "SoC")->why, "soc_id of soc1"));
	platform_done(&platform);
}

/* ---- device tree ---- */

static void test_dt(void **state)
{
	struct tree *tree = *state;
	struct platform platform = read_platform(tree, "aarch64");

	assert_int_equal(platform.has_dt, TRI_NO);
	platform_done(&platform);
	/* Since 6.10 there is an empty tree on every ACPI boot. */
	tree_bytes(tree, DT "name", "", 1);
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_dt, TRI_NO);
	platform_done(&platform);
	tree_bytes(tree, DT "compatible", "acme,board\0acme,soc", sizeof("acme,board\0acme,soc"));
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_dt, TRI_YES);
	assert_int_equal(platform.dt_compatible.n, 2);
	assert_string_equal(platform.dt_compatible.at[1], "acme,soc");
	assert_int_equal(platform.is_virtual, TRI_NO);
	platform_done(&platform);
}

#define PLATFORM_DEVICE "sys/devices/platform/40000000.pcie/"
#define BRIDGE PLATFORM_DEVICE "pci0000:00/"

static void test_dt_bridges(void **state)
{
	static const char *const links[] = { BRIDGE "pci_bus/0000:00/of_node", BRIDGE "of_node", PLATFORM_DEVICE "of_node" };
	struct tree *tree = *state;
	struct platform platform;

	tree_bytes(tree, DT "compatible", "acme,board", 11);
	tree_bytes(tree, DT "soc/pcie@40000000/compatible", "acme,pcie\0snps,dw-pcie", 23);
	tree_bytes(tree, DT "soc/pcie@40000000/pcie@0,0/compatible", "acme,root-port", 15);
	tree_dir(tree, BRIDGE "pci_bus/0000:00");
	tree_link(tree, "sys/class/pci_bus/0000:00", "../../devices/platform/40000000.pcie/pci0000:00/pci_bus/0000:00");
	/* The bus below a root port has a node too: that of the port. */
	tree_link(tree, BRIDGE "0000:00:00.0/pci_bus/0000:01/of_node", "/" DT "soc/pcie@40000000/pcie@0,0");
	tree_link(tree, "sys/class/pci_bus/0000:01", "../../devices/platform/40000000.pcie/pci0000:00/0000:00:00.0/pci_bus/0000:01");
	for (size_t i = 0; i < ELEMENTSOF(links); i++) {
		tree_link(tree, links[i], "/" DT "soc/pcie@40000000");
		platform = read_platform(tree, "aarch64");
		if (platform.dt_bridge_compatible.n != 2)
			fail_msg("%s: %zu", links[i], platform.dt_bridge_compatible.n);
		assert_string_equal(platform.dt_bridge_compatible.at[0], "acme,pcie");
		assert_string_equal(platform.dt_bridge_compatible.at[1], "snps,dw-pcie");
		assert_int_equal(platform.has_dt_bridges, TRI_YES);
		platform_done(&platform);
		/* Another host bridge without a node that can be found: what the first one says is not all. */
		tree_link(tree, "sys/class/pci_bus/0001:00", "../../devices/platform/50000000.pcie/pci0001:00/pci_bus/0001:00");
		platform = read_platform(tree, "aarch64");
		assert_int_equal(platform.dt_bridge_compatible.n, 2);
		assert_int_equal(platform.has_dt_bridges, TRI_UNKNOWN);
		platform_done(&platform);
		unlink(tree_path(tree, "sys/class/pci_bus/0001:00"));
		/* Or a bus of which nobody can say whether it is one. */
		tree_dir(tree, "sys/class/pci_bus/0001:00");
		platform = read_platform(tree, "aarch64");
		assert_int_equal(platform.has_dt_bridges, TRI_UNKNOWN);
		assert_int_equal(platform.has_bridge_properties, TRI_UNKNOWN);
		platform_done(&platform);
		if (rmdir(tree_path(tree, "sys/class/pci_bus/0001:00")) < 0)
			fail();
		unlink(tree_path(tree, links[i]));
	}
}

/* Where nothing links a node: nodes of the right type, not too deep, and not disabled. */
static void test_dt_walk(void **state)
{
	struct tree *tree = *state;
	struct platform platform;

	tree_bytes(tree, DT "compatible", "acme,board", 11);
	tree_bytes(tree, DT "soc/pcie@1/compatible", "acme,one", 9);
	tree_bytes(tree, DT "soc/pcie@1/device_type", "pci", 4);
	tree_bytes(tree, DT "soc/pcie@1/pcie@0/compatible", "acme,port", 10);
	tree_bytes(tree, DT "soc/pcie@1/pcie@0/device_type", "pci", 4);
	tree_bytes(tree, DT "soc/pcie@2/compatible", "acme,two", 9);
	tree_bytes(tree, DT "soc/pcie@2/device_type", "pci", 4);
	tree_bytes(tree, DT "soc/pcie@2/status", "disabled", 9);
	tree_bytes(tree, DT "a/b/c/d/compatible", "acme,deep", 10);
	tree_bytes(tree, DT "a/b/c/d/device_type", "pci", 4);
	tree_link(tree, DT "soc/up", "..");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.dt_bridge_compatible.n, 1);
	assert_string_equal(platform.dt_bridge_compatible.at[0], "acme,one");
	platform_done(&platform);
}

/* ---- properties of the host bridge ---- */

#define TABLES "sys/firmware/acpi/tables/"
#define AML_HEAD "0123456789012345678901234567890123456789"

static enum tri properties(struct tree *tree, const char *name)
{
	struct platform platform = read_platform(tree, "aarch64");
	enum tri has = platform.has_bridge_properties;

	if (name && !strs_has(&platform.bridge_properties, name))
		fail_msg("%s is missing", name);
	platform_done(&platform);
	return has;
}

static void test_properties(void **state)
{
	/* Strings of AML: a name, one without a comma, one that goes on, one that is too long by far, and one cut off. */
	static const char aml[] = "DSDT" AML_HEAD
	                          "\x0d" "acme,a\0" "\x0d" "plain\0" "\x0d" "acme,b c\0" "\x0d\x0d" "acme,d\0" "\x0d" "acme,e";
	static const char *const others[] = { TABLES "SSDT1", TABLES "PSDT", TABLES "OSDT2", TABLES "dynamic/SSDT3" };
	struct tree *tree = *state;
	struct platform platform;

	assert_int_equal(properties(tree, NULL), TRI_UNKNOWN);
	/* A secondary table may hold one, and does not say that there are no others. */
	tree_bytes(tree, TABLES "SSDT1", "SSDT" AML_HEAD "\x0d" "acme,s", 51);
	assert_int_equal(properties(tree, "acme,s"), TRI_UNKNOWN);
	tree_bytes(tree, TABLES "DSDT", aml, sizeof(aml) - 1);
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_bridge_properties, TRI_YES);
	assert_int_equal(platform.bridge_properties.n, 4);
	assert_string_equal(platform.bridge_properties.at[0], "acme,a");
	assert_string_equal(platform.bridge_properties.at[1], "acme,d");
	assert_string_equal(platform.bridge_properties.at[2], "acme,e");
	platform_done(&platform);
	/* Each table that the kernel runs may have one, also those that it was given later. */
	for (size_t i = 0; i < ELEMENTSOF(others); i++) {
		char table[] = "XSDT" AML_HEAD "\x0d" "acme,other";
		const char *name = strrchr(others[i], '/') + 1;

		table[0] = name[0];
		tree_bytes(tree, others[i], table, sizeof(table));
		assert_int_equal(properties(tree, "acme,other"), TRI_YES);
		/* Of one that cannot be read, or is none, nobody knows. */
		tree_bytes(tree, others[i], table, 20);
		assert_int_equal(properties(tree, NULL), TRI_UNKNOWN);
		unlink(tree_path(tree, others[i]));
		tree_dir(tree, others[i]);
		assert_int_equal(properties(tree, NULL), TRI_UNKNOWN);
		rmdir(tree_path(tree, others[i]));
		assert_int_equal(properties(tree, NULL), TRI_YES);
	}
	/* What is no such table tells nothing. */
	tree_bytes(tree, TABLES "DSDT", "", 0);
	assert_int_equal(properties(tree, NULL), TRI_UNKNOWN);
}

/* A root bus, with a node of its own where node is one. */
static void add_root_bus(struct tree *tree, const char *bus, const char *node)
{
	_cleanup_free_ char *bridge = str_printf("devices/platform/pcie%s/pci%s", bus, bus);
	_cleanup_free_ char *where = str_printf("sys/%s/pci_bus/%s", bridge, bus), *link = str_printf("sys/class/pci_bus/%s", bus);
	_cleanup_free_ char *target = str_printf("../../%s/pci_bus/%s", bridge, bus), *of_node = str_printf("sys/%s/of_node", bridge);
	_cleanup_free_ char *to = node ? str_printf("/" DT "%s", node) : NULL;

	tree_dir(tree, where);
	tree_link(tree, link, target);
	if (to)
		tree_link(tree, of_node, to);
}

/* That none of the host bridges has a property is known when the node of each was read. */
static void test_dt_properties(void **state)
{
	struct tree *tree = *state;

	tree_bytes(tree, DT "compatible", "acme,board", 11);
	tree_bytes(tree, DT "soc/pcie@1/compatible", "acme,one", 9);
	tree_bytes(tree, DT "soc/pcie@1/acme,flag", "", 0);
	tree_bytes(tree, DT "soc/deep/down/here/pcie@2/compatible", "acme,two", 9);
	tree_bytes(tree, DT "soc/deep/down/here/pcie@2/acme,other", "", 0);
	add_root_bus(tree, "0000:00", "soc/pcie@1");
	assert_int_equal(properties(tree, "acme,flag"), TRI_YES);
	/* A second bridge whose node nothing leads to */
	add_root_bus(tree, "0001:00", NULL);
	assert_int_equal(properties(tree, "acme,flag"), TRI_UNKNOWN);
	/* and one whose link does. */
	add_root_bus(tree, "0001:00", "soc/deep/down/here/pcie@2");
	assert_int_equal(properties(tree, "acme,other"), TRI_YES);
	/* A node without "compatible" has properties all the same. */
	unlink(tree_path(tree, DT "soc/deep/down/here/pcie@2/compatible"));
	assert_int_equal(properties(tree, "acme,other"), TRI_YES);
	/* One that is no directory says nothing. */
	tree_bytes(tree, DT "soc/file", "", 0);
	tree_link(tree, "sys/devices/platform/pcie0001:00/pci0001:00/of_node", "/" DT "soc/file");
	assert_int_equal(properties(tree, NULL), TRI_UNKNOWN);
	/* Where nothing links a node, as many as there are bridges may be those of others. */
	unlink(tree_path(tree, "sys/devices/platform/pcie0000:00/pci0000:00/of_node"));
	unlink(tree_path(tree, "sys/devices/platform/pcie0001:00/pci0001:00/of_node"));
	tree_bytes(tree, DT "soc/pcie@1/device_type", "pci", 4);
	assert_int_equal(properties(tree, "acme,flag"), TRI_UNKNOWN);
	tree_bytes(tree, DT "soc/pcie@3/device_type", "pci", 4);
	assert_int_equal(properties(tree, "acme,flag"), TRI_UNKNOWN);
	/* That of one of them does not make them those of the others either. */
	add_root_bus(tree, "0000:00", "soc/pcie@1");
	assert_int_equal(properties(tree, "acme,flag"), TRI_UNKNOWN);
	/* Which buses there are must be known, too. */
	unlink(tree_path(tree, "sys/class/pci_bus/0000:00"));
	unlink(tree_path(tree, "sys/class/pci_bus/0001:00"));
	assert_int_equal(properties(tree, "acme,flag"), TRI_UNKNOWN);
	/* A machine with ACPI as well must have said all there, too. */
	add_root_bus(tree, "0000:00", "soc/pcie@1");
	assert_int_equal(properties(tree, "acme,flag"), TRI_YES);
	tree_bytes(tree, TABLES "SSDT1", "SSDT" AML_HEAD "\x0d" "acme,s", 51);
	assert_int_equal(properties(tree, "acme,s"), TRI_UNKNOWN);
}

/* ---- DMI and SMBIOS ---- */

static void add_dmi(struct tree *tree, const char *vendor, const char *product)
{
	tree_file(tree, "sys/devices/virtual/dmi/id/sys_vendor", vendor);
	tree_file(tree, "sys/devices/virtual/dmi/id/product_name", product);
	tree_link(tree, "sys/class/dmi/id", "../../devices/virtual/dmi/id");
}

/* A type 0 whose second extension byte is given, a socket without a processor, one with; the end. */
static size_t make_smbios(uint8_t *table, uint8_t extension)
{
	static const char strings[] = "CPU0\0Maker\0 Acme(R) Processor  \0";
	uint8_t *at = table;

	memset(table, 0, 512);
	memcpy(at, "\x00\x18\x00\x00", 4);
	at[0x13] = extension;
	at += 0x18 + 2;
	memcpy(at, "\x04\x30\x04\x00", 4);
	at[0x10] = 1;
	memcpy(at + 0x30, "Empty\0", 7);
	at += 0x30 + 7;
	memcpy(at, "\x04\x30\x05\x00", 4);
	memcpy(at + 8, "\x01\x00\x16\x0a\x44\x33\x22\x11", 8);
	at[0x10] = 3;
	at[0x18] = 0x41;
	memcpy(at + 0x30, strings, sizeof(strings));
	at += 0x30 + sizeof(strings);
	memcpy(at, "\x7f\x04\x7f\x00\x00\x00", 6);
	return (size_t)(at + 6 - table);
}

static void test_smbios(void **state)
{
	uint8_t table[512];
	size_t size = make_smbios(table, 0x14);
	struct smbios smbios = { 0 };

	(void)state;
	assert_int_equal(smbios_parse(table, size, &smbios), 0);
	assert_int_equal(smbios.processors.n, 1); /* and an empty socket */
	assert_string_equal(smbios.processors.at[0].version, "Acme(R) Processor");
	assert_int_equal(smbios.processors.at[0].id, 0x0a160001);
	assert_int_equal(smbios.is_vm, TRI_YES);
	smbios_done(&smbios);
	make_smbios(table, 0x04);
	assert_int_equal(smbios_parse(table, size, &smbios), 0);
	assert_int_equal(smbios.is_vm, TRI_NO);
	smbios_done(&smbios);
	/* An old, short type 0 has no such byte. */
	assert_int_equal(smbios_parse((const uint8_t *)"\x00\x12\x00\x00" "01234567890123" "\0\0" "\x7f\x04\0\0\0\0", 26, &smbios), 0);
	assert_int_equal(smbios.is_vm, TRI_UNKNOWN);
	smbios_done(&smbios);
	/* A string number that is beyond the strings. */
	make_smbios(table, 0);
	table[0x18 + 2 + 0x30 + 7 + 0x10] = 9;
	assert_int_equal(smbios_parse(table, size, &smbios), 0);
	assert_null(smbios.processors.at[0].version);
	smbios_done(&smbios);
	/* One more socket, and a record that is too short to tell whether its socket is populated. */
	make_smbios(table, 0);
	table[0x18 + 2 + 0x18] = 0x41;
	assert_int_equal(smbios_parse(table, size, &smbios), 0);
	assert_int_equal(smbios.processors.n, 2);
	assert_string_equal(smbios.processors.at[1].version, "Acme(R) Processor");
	smbios_done(&smbios);
	assert_int_equal(smbios_parse((const uint8_t *)"\x04\x05\x00\x00" "x" "\0\0" "\x7f\x04\0\0\0\0", 13, &smbios), 0);
	assert_int_equal(smbios.processors.n, 1);
	assert_null(smbios.processors.at[0].version);
	assert_int_equal(smbios.processors.at[0].id, 0);
	smbios_done(&smbios);
}

/* Cut off anywhere, and with every single byte changed: it ends, and stays within the table. */
static void test_smbios_noise(void **state)
{
	uint8_t table[512];
	size_t size = make_smbios(table, 0x14);
	struct smbios smbios = { 0 };

	(void)state;
	for (size_t n = 0; n <= size; n++) {
		uint8_t *copy = malloc(n ?: 1);
		int r;

		memcpy(copy, table, n);
		r = smbios_parse(copy, n, &smbios);
		/* From where the last structure stands whole, or where nothing was begun, nothing is missing. */
		if (n == 1)
			assert_int_equal(r, -EBADMSG);
		if (n == size || n == 0)
			assert_int_equal(r, 0);
		smbios_done(&smbios);
		for (size_t i = 0; i < n; i++) {
			uint8_t before = copy[i];

			for (unsigned int value = 0; value < 256; value += i % 5 ? 51 : 1) {
				copy[i] = (uint8_t)value;
				r = smbios_parse(copy, n, &smbios);
				assert_true(r == 0 || r == -EBADMSG);
				smbios_done(&smbios);
			}
			copy[i] = before;
		}
		free(copy);
	}
}

static void test_dmi(void **state)
{
	struct tree *tree = *state;
	struct platform platform = read_platform(tree, "aarch64");
	uint8_t table[512];
	size_t size = make_smbios(table, 0);

	assert_int_equal(platform.has_dmi, TRI_NO);
	assert_null(find_gap(&platform, "SMBIOS"));
	platform_done(&platform);
	add_dmi(tree, "Acme \n", "Board\n");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_dmi, TRI_YES);
	assert_string_equal(platform.dmi[DMI_SYS_VENDOR], "Acme");
	assert_string_equal(platform.dmi[DMI_PRODUCT_NAME], "Board");
	assert_null(platform.dmi[DMI_BIOS_DATE]);
	assert_non_null(find_gap(&platform, "SMBIOS"));
	platform_done(&platform);
	tree_bytes(tree, "sys/firmware/dmi/tables/DMI", table, size);
	platform = read_platform(tree, "aarch64");
	assert_string_equal(platform.dmi[DMI_PROCESSOR_VERSION], "Acme(R) Processor");
	assert_int_equal(platform.processors.at[0].id, 0x0a160001);
	assert_int_equal(platform.has_processors, TRI_YES);
	assert_null(find_gap(&platform, "SMBIOS"));
	platform_done(&platform);
	/* What comes before the fault is taken, and the fault is said. */
	tree_bytes(tree, "sys/firmware/dmi/tables/DMI", table, size - 3);
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.processors.at[0].id, 0x0a160001);
	assert_int_equal(platform.has_processors, TRI_UNKNOWN);
	assert_non_null(strstr(find_gap(&platform, "SMBIOS")->why, "run over its end"));
	platform_done(&platform);
}

/* ---- ACPI ---- */

static void add_table(struct tree *tree, const char *signature, size_t size, uint32_t length)
{
	_cleanup_free_ char *path = str_printf("sys/firmware/acpi/tables/%s", signature);
	char table[276] = "";

	memcpy(table, signature, 4);
	memcpy(table + 4, &length, 4);
	table[8] = 6;
	memcpy(table + 10, "AmpereAltra   \x07\0\0", 17);
	if (strcmp(signature, "FACP") == 0)
		memcpy(table + 268, "QEMU", 4);
	tree_bytes(tree, path, table, size);
}

static void test_acpi(void **state)
{
	struct tree *tree = *state;
	struct platform platform = read_platform(tree, "aarch64");

	assert_int_equal(platform.has_acpi, TRI_NO);
	assert_int_equal(platform.mcfg.present, TRI_NO);
	platform_done(&platform);
	/* What cannot be looked at may be there. */
	tree_dir(tree, "sys/firmware/acpi");
	tree_link(tree, "sys/firmware/acpi/tables", "tables");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_acpi, TRI_UNKNOWN);
	assert_int_equal(platform.mcfg.present, TRI_UNKNOWN);
	assert_non_null(find_gap(&platform, "ACPI"));
	platform_done(&platform);
	unlink(tree_path(tree, "sys/firmware/acpi/tables"));
	add_table(tree, "MCFG", 60, 60);
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.has_acpi, TRI_YES);
	assert_int_equal(platform.mcfg.present, TRI_YES);
	assert_string_equal(platform.mcfg.oem_id, "Ampere");
	assert_string_equal(platform.mcfg.oem_table_id, "Altra   "); /* blanks are part of it */
	assert_int_equal(platform.mcfg.oem_revision, 7);
	assert_int_equal(platform.fadt.present, TRI_NO);
	assert_null(find_gap(&platform, "MCFG"));
	platform_done(&platform);
	/* Cut off, another length than it says, or empty because its capture had no right to read it. */
	add_table(tree, "MCFG", 35, 35);
	add_table(tree, "FACP", 60, 61);
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.mcfg.present, TRI_UNKNOWN);
	assert_int_equal(platform.fadt.present, TRI_UNKNOWN);
	assert_non_null(find_gap(&platform, "MCFG"));
	assert_non_null(find_gap(&platform, "FACP"));
	platform_done(&platform);
	tree_file(tree, "sys/firmware/acpi/tables/MCFG", "");
	platform = read_platform(tree, "aarch64");
	assert_int_equal(platform.mcfg.present, TRI_UNKNOWN);
	platform_done(&platform);
	if (geteuid() != 0) {
		tree_mode(tree, "sys/firmware/acpi/tables/MCFG", 0);
		platform = read_platform(tree, "aarch64");
		assert_int_equal(platform.mcfg.present, TRI_UNKNOWN);
		assert_string_equal(find_gap(&platform, "MCFG")->why, "only root can read it");
		platform_done(&platform);
	}
}

/* ---- virtual or not ---- */

static void assert_virtual(struct tree *tree, const char *arch, enum tri expected, const char *name)
{
	struct platform platform = read_platform(tree, arch);

	assert_int_equal(platform.is_virtual, expected);
	if (name)
		assert_string_equal(platform.hypervisor, name);
	else
		assert_null(platform.hypervisor);
	assert_int_equal(find_gap(&platform, "virtual machine") != NULL, expected == TRI_UNKNOWN);
	platform_done(&platform);
}

static void test_virtual_dmi(void **state)
{
	static const struct {
		const char *vendor, *product, *name;
	} rows[] = {
		{ "QEMU\n", "QEMU Virtual Machine\n", "qemu" },
		{ "QEMU\n", "KVM Virtual Machine\n", "kvm" },
		{ "Red Hat\n", "KVM\n", "kvm" },
		{ "VMware, Inc.\n", "VMware20,1\n", "vmware" },
		{ "Microsoft Corporation\n", "Virtual Machine\n", "microsoft" },
		{ "Microsoft Corporation\n", "Surface Pro X\n", NULL },
		{ "Apple Inc.\n", "Apple Virtualization Generic Platform\n", "apple" },
		{ "Amazon EC2\n", "m6g.large\n", "amazon" },
		{ "Amazon EC2\n", "m6g.metal\n", NULL },
		{ "Amazon EC2\n", "c8g.metal-24xl\n", NULL },
		{ "Google\n", "Google Compute Engine\n", "google" },
		{ "GIGABYTE\n", "R152-P31-00\n", NULL },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		add_dmi(tree, rows[i].vendor, rows[i].product);
		assert_virtual(tree, "aarch64", rows[i].name ? TRI_YES : TRI_NO, rows[i].name);
	}
}

static void test_virtual_evidence(void **state)
{
	struct tree *tree = *state;
	uint8_t table[512];
	size_t size = make_smbios(table, 0x10);

	/* Silence is unknown. */
	assert_virtual(tree, "aarch64", TRI_UNKNOWN, NULL);
	tree_file(tree, "sys/devices/virtual/dmi/id/sys_vendor", "Acme\n");
	tree_link(tree, "sys/class/dmi/id", "../../devices/virtual/dmi/id");
	assert_virtual(tree, "aarch64", TRI_UNKNOWN, NULL);
	add_dmi(tree, "Acme Cloud\n", "vServer\n");
	assert_virtual(tree, "aarch64", TRI_NO, NULL);
	/* The vendor's own names, but SMBIOS says what it describes. */
	tree_bytes(tree, "sys/firmware/dmi/tables/DMI", table, size);
	assert_virtual(tree, "aarch64", TRI_YES, NULL);
	make_smbios(table, 0);
	tree_bytes(tree, "sys/firmware/dmi/tables/DMI", table, size);
	assert_virtual(tree, "aarch64", TRI_NO, NULL);
	/* The FADT names the hypervisor. */
	add_table(tree, "FACP", 276, 276);
	assert_virtual(tree, "aarch64", TRI_YES, "qemu");
	unlink(tree_path(tree, "sys/firmware/acpi/tables/FACP"));
	tree_dir(tree, "sys/firmware/acpi/tables/FACP");
	assert_virtual(tree, "aarch64", TRI_UNKNOWN, NULL);
	if (rmdir(tree_path(tree, "sys/firmware/acpi/tables/FACP")) < 0)
		fail();
	assert_virtual(tree, "aarch64", TRI_NO, NULL);
	/* A table that is there and cannot be read takes the evidence away: here a directory in its place. */
	unlink(tree_path(tree, "sys/firmware/dmi/tables/DMI"));
	tree_dir(tree, "sys/firmware/dmi/tables/DMI");
	assert_virtual(tree, "aarch64", TRI_UNKNOWN, NULL);
	tree_file(tree, "sys/hypervisor/type", "xen\n");
	assert_virtual(tree, "aarch64", TRI_YES, "xen");
}

static void test_virtual_dt(void **state)
{
	static const struct {
		const char *board, *hypervisor;
		enum tri is_virtual;
		const char *name;
	} rows[] = {
		{ "acme,board", NULL, TRI_NO, NULL },
		{ "linux,dummy-virt", NULL, TRI_YES, NULL },
		{ "acme,board", "linux,kvm", TRI_YES, "kvm" },
		{ "acme,board", "xen,xen-4.17", TRI_YES, "xen" },
		{ "acme,board", "vmware", TRI_YES, "vmware" },
		{ "acme,board", "", TRI_YES, NULL },
		{ "riscv-virtio", NULL, TRI_YES, "qemu" },
	};
	struct tree *tree = *state;

	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		unlink(tree_path(tree, DT "hypervisor/compatible"));
		tree_bytes(tree, DT "compatible", rows[i].board, strlen(rows[i].board) + 1);
		if (rows[i].hypervisor)
			tree_bytes(tree, DT "hypervisor/compatible", rows[i].hypervisor, strlen(rows[i].hypervisor) + 1);
		assert_virtual(tree, "aarch64", rows[i].is_virtual, rows[i].name);
	}
}

static void test_virtual_x86(void **state)
{
	struct tree *tree = *state;

	add_dmi(tree, "ASUS\n", "PRIME\n");
	assert_virtual(tree, "x86_64", TRI_UNKNOWN, NULL);
	tree_file(tree, "proc/cpuinfo", X86_CPU "flags\t\t: fpu nohypervisor hypervisors\n");
	assert_virtual(tree, "x86_64", TRI_NO, NULL);
	tree_file(tree, "proc/cpuinfo", X86_CPU "flags\t\t: fpu hypervisor lahf_lm\n");
	assert_virtual(tree, "x86_64", TRI_YES, NULL);
	add_dmi(tree, "QEMU\n", "Standard PC\n");
	assert_virtual(tree, "x86_64", TRI_YES, "qemu");
	/* A hypervisor that hides its CPUID bit, but not itself; and Amazon's bare machines. */
	tree_file(tree, "proc/cpuinfo", X86_CPU "flags\t\t: fpu\n");
	assert_virtual(tree, "x86_64", TRI_YES, "qemu");
	add_dmi(tree, "Amazon EC2\n", "i3\n");
	assert_virtual(tree, "x86_64", TRI_NO, NULL);
}

static void test_virtual_s390(void **state)
{
	struct tree *tree = *state;

	assert_virtual(tree, "s390x", TRI_UNKNOWN, NULL);
	tree_file(tree, "proc/sysinfo", "Manufacturer: IBM\nLPAR Name: A\n");
	assert_virtual(tree, "s390x", TRI_NO, NULL);
	tree_file(tree, "proc/sysinfo", "Manufacturer: IBM\nVM00 Name: A\nVM00 Control Program: KVM/Linux\n");
	assert_virtual(tree, "s390x", TRI_YES, "kvm");
	tree_file(tree, "proc/sysinfo", "VM00 Name: A\nVM00 Control Program: z/VM    7.1.0\n");
	assert_virtual(tree, "s390x", TRI_YES, "zvm");
}

/* ---- JSON ---- */

static void test_json(void **state)
{
	static const char *const lines[] = {
		"\"arch\": \"aarch64\"", "\"value\": \"0x00000000413fd0c1\"", "\"implementer\": \"0x41\"", "\"part\": \"0xd0c\"",
		"\"variant\": 3", "\"x86\": null", "\"id\": \"jep106:0a16:0001\"", "\"family\": null", "\"dt\": false",
		"\"sys_vendor\": \"Acme\"", "\"board_name\": null", "\"processor_id\": \"0x0a160001\"", "\"oem_table_id\": \"Altra   \"",
		"\"fadt\": null", "\"virtual\": false", "\"hypervisor\": null", "\"what\": \"FACP\"",
	};
	uint64_t midr = 0x413fd0c1;
	struct soc soc = { .id = (char *)"jep106:0a16:0001" };
	struct processor processor = { .id = 0x0a160001 };
	struct platform platform = {
		.arch = (char *)"aarch64", .midrs = { &midr, 1 }, .has_soc_bus = TRI_YES, .socs = { &soc, 1 }, .has_dt = TRI_NO,
		.has_dmi = TRI_YES, .dmi = { [DMI_SYS_VENDOR] = (char *)"Acme" },
		.processors = { &processor, 1 },
		.has_acpi = TRI_YES, .mcfg = { .present = TRI_YES, .oem_id = "Ampere", .oem_table_id = "Altra   " },
		.is_virtual = TRI_NO,
	};
	const struct platform nothing = { 0 };

	(void)state;
	assert_int_equal(gaps_add(&platform.gaps, "FACP", "only root can read it"), 0);

	_cleanup_(json_done) struct json_object *o = platform_to_json(&platform);
	_cleanup_(json_done) struct json_object *empty = platform_to_json(&nothing);
	_cleanup_free_ char *text = json_text(o);
	_cleanup_free_ char *unknown = json_text(empty);

	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("%s is not in %s", lines[i], text);
	assert_non_null(strstr(unknown, "\"arch\": null"));
	assert_non_null(strstr(unknown, "\"soc\": null"));
	assert_non_null(strstr(unknown, "\"dmi\": null"));
	assert_non_null(strstr(unknown, "\"acpi\": null"));
	assert_non_null(strstr(unknown, "\"virtual\": null"));
	gaps_done(&platform.gaps);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_arch),         with_tree(test_midr),
		with_tree(test_midr_from_cpuinfo), with_tree(test_x86),
		with_tree(test_soc),          with_tree(test_dt),
		with_tree(test_dt_bridges),   with_tree(test_dt_walk),
		with_tree(test_properties), with_tree(test_dt_properties),
		cmocka_unit_test(test_smbios), cmocka_unit_test(test_smbios_noise),
		with_tree(test_dmi),          with_tree(test_acpi),
		with_tree(test_virtual_dmi),  with_tree(test_virtual_evidence),
		with_tree(test_virtual_dt),   with_tree(test_virtual_x86),
		with_tree(test_virtual_s390), cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests_name("platform", tests, NULL, NULL);
}
