/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform-firmware: what firmware says of the machine: device tree, DMI and SMBIOS, ACPI. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/platform-parts.h"
#include "observe/smbios.h"

#define DT "sys/firmware/devicetree/base"
#define BUSES "sys/class/pci_bus"
#define TABLES "sys/firmware/acpi/tables"
#define SMBIOS "sys/firmware/dmi/tables/DMI"

#define PROPERTY_MAX 65536
#define TABLE_MAX (1 << 20)
#define AML_MAX (16 << 20)
#define WALK_DEPTH 3
#define WALK_MAX 20000 /* paths tried; a large SoC has some thousand nodes at this depth */

/* ---- device tree ---- */

/* A list of NUL-terminated strings (Devicetree Specification 0.4, 2.2.4): each that is not there yet is added. */
static int read_stringlist(const struct sysroot *root, const char *path, struct strs *strs)
{
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	int r = sysroot_bytes(root, path, PROPERTY_MAX, &bytes, &size);

	if (r < 0)
		return r;
	for (size_t at = 0; at < size; at += strlen(bytes + at) + 1) {
		r = bytes[at] && !strs_has(strs, bytes + at) ? strs_add(strs, bytes + at) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

static bool text_is(const struct sysroot *root, const char *directory, const char *property, const char *text)
{
	_cleanup_free_ char *path = str_printf("%s/%s", directory, property);
	_cleanup_free_ char *bytes = NULL;
	size_t size;

	return path && sysroot_bytes(root, path, 256, &bytes, &size) == 0 && !strcmp(bytes, text);
}

/* What a host bridge's node says: to what it is compatible, and which properties it has. An error: not all of these. */
static int read_bridge(const struct sysroot *root, const char *node, struct platform *platform)
{
	_cleanup_free_ char *compatible = str_printf("%s/compatible", node);
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = compatible ? read_stringlist(root, compatible, &platform->dt_bridge_compatible) : -ENOMEM;

	if (r < 0 && r != -ENOENT)
		return r;
	r = sysroot_list(root, node, &names);
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (!strs_has(&platform->bridge_properties, names.at[i]))
			r = strs_add(&platform->bridge_properties, names.at[i]);
	return r;
}

/* Host bridges, and of how many of them the node was read. */
struct bridge_count {
	size_t all, read;
};

/*
 * Of a root bus sysfs links the node from the bus, from the bridge ("pciDDDD:BB"), or from the platform device above
 * it, by driver; ".." is that of the directory which the bus's own link leads to.
 */
static int read_bus_nodes(const struct sysroot *root, const char *bus, struct platform *platform, struct bridge_count *count)
{
	static const char *const places[] = { "of_node", "../../of_node", "../../../of_node" };
	bool is_read = false, is_faulty = false;

	for (size_t i = 0; i < ELEMENTSOF(places); i++) {
		_cleanup_free_ char *node = str_printf(BUSES "/%s/%s", bus, places[i]);
		int r = node ? read_bridge(root, node, platform) : -ENOMEM;

		if (r == -ENOMEM)
			return r;
		is_read |= r == 0;
		is_faulty |= r < 0 && r != -ENOENT;
	}
	count->all++;
	count->read += is_read && !is_faulty;
	return 0;
}

/* 1, 0, or a negative errno. */
static int is_root_bus(const struct sysroot *root, const char *bus)
{
	_cleanup_free_ char *path = str_printf(BUSES "/%s", bus);
	_cleanup_free_ char *target = NULL;
	_cleanup_free_ char *end = str_printf("/pci%s/pci_bus/%s", bus, bus);
	int r = path && end ? sysroot_link(root, path, &target) : -ENOMEM;

	/* It has gone, or it is no link, which is said in the same way. */
	if (r == -ENOENT && !sysroot_has(root, path))
		return 0;
	if (r < 0)
		return r;
	return strlen(target) >= strlen(end) && !strcmp(target + strlen(target) - strlen(end), end);
}

static int read_buses(const struct sysroot *root, struct platform *platform, struct bridge_count *count)
{
	_cleanup_(strs_done) struct strs buses = { 0 };
	int r = sysroot_list(root, BUSES, &buses);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < buses.n; i++) {
		r = is_root_bus(root, buses.at[i]);
		if (r > 0)
			r = read_bus_nodes(root, buses.at[i], platform, count);
		if (r == -ENOMEM)
			return r;
		/* It may be one, and have any node. */
		count->all += r < 0;
	}
	return 0;
}

/*
 * Nodes of device_type "pci" that are not disabled, for kernels that link none of them. What they say may be said of a
 * host bridge; as nothing tells of which one, it is never all that these say.
 */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as it is told */
static int walk_nodes(const struct sysroot *root, const char *directory, unsigned int depth, unsigned int *left,
                      struct platform *platform)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_list(root, directory, &names);

	if (r < 0)
		return r == -ENOMEM ? r : 0; /* a property, most often */
	for (size_t i = 0; i < names.n && *left; i++, (*left)--) {
		_cleanup_free_ char *node = str_printf("%s/%s", directory, names.at[i]);

		if (!node)
			return -ENOMEM;
		if (!text_is(root, node, "device_type", "pci"))
			r = depth > 1 ? walk_nodes(root, node, depth - 1, left, platform) : 0;
		else if (!text_is(root, node, "status", "disabled"))
			r = read_bridge(root, node, platform);
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}

int platform_dt_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	unsigned int left = WALK_MAX;
	struct bridge_count count = { 0 };
	int r = read_stringlist(root, DT "/compatible", &platform->dt_compatible);

	(void)clues;
	if (r == -ENOENT)
		r = read_stringlist(root, "proc/device-tree/compatible", &platform->dt_compatible);
	/* Since 6.10 an ACPI boot has an empty tree, whose root says nothing (drivers/of/empty_root.dts). */
	platform->has_dt = r == 0 ? TRI_YES : r == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r == -ENOMEM ? r : gaps_add(&platform->gaps, "device tree", "%s", reading_fault(r));
	r = read_buses(root, platform, &count);
	if (r == 0 && (!platform->dt_bridge_compatible.n || count.read < count.all))
		r = walk_nodes(root, DT, WALK_DEPTH, &left, platform);
	/* What none of them has is only known to be absent when there is none of them that was not read. */
	if (r == 0 && count.all && count.read == count.all)
		platform->has_dt_bridges = platform->has_bridge_properties = TRI_YES;
	if (r == 0 && !left)
		r = gaps_add(&platform->gaps, "device tree", "it has more nodes than are looked at");
	return r;
}

/* ---- DMI and SMBIOS ---- */

static int read_smbios(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	_cleanup_(smbios_done) struct smbios smbios = { 0 };
	_cleanup_free_ char *table = NULL;
	size_t size;
	int r = sysroot_bytes(root, SMBIOS, TABLE_MAX, &table, &size);

	if (r == -ENOMEM)
		return r;
	clues->smbios_denied = r < 0 && r != -ENOENT;
	if (r < 0)
		return gaps_add(&platform->gaps, "SMBIOS", "%s/%s: %s", root->name, SMBIOS, reading_fault(r));
	r = smbios_parse((const uint8_t *)table, size, &smbios);
	if (r == -ENOMEM)
		return r;
	if (smbios.processors.n && smbios.processors.at[0].version &&
	    str_set(&platform->dmi[DMI_PROCESSOR_VERSION], smbios.processors.at[0].version) < 0)
		return -ENOMEM;
	platform->processors = smbios.processors;
	smbios.processors = (struct processors){ 0 };
	platform->has_processors = r == 0 ? TRI_YES : TRI_UNKNOWN;
	clues->smbios_vm = smbios.is_vm;
	if (r == 0)
		return 0;
	/* What an unreadable rest would say of virtual machines is not known either. */
	clues->smbios_denied = smbios.is_vm == TRI_UNKNOWN;
	return gaps_add(&platform->gaps, "SMBIOS", "%s/%s: its structures run over its end", root->name, SMBIOS);
}

int platform_dmi_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	int has = sysroot_has(root, "sys/class/dmi/id");

	if (has < 0)
		return gaps_add(&platform->gaps, "DMI", "%s", reading_fault(has));
	platform->has_dmi = tri_of(has);
	if (!has)
		return 0;
	for (size_t i = 0; i < DMI_PROCESSOR_VERSION; i++) {
		_cleanup_free_ char *path = str_printf("sys/class/dmi/id/%s", dmi_field_names[i]);
		int r = path ? sysroot_text(root, path, 1024, &platform->dmi[i]) : -ENOMEM;

		/* A string that the firmware left out has no file. */
		if (r < 0 && r != -ENOENT && r != -ENOMEM)
			r = gaps_add(&platform->gaps, dmi_field_names[i], "%s", reading_fault(r));
		if (r == -ENOMEM)
			return r;
	}
	return read_smbios(root, platform, clues);
}

/* ---- ACPI ---- */

/* ACPI 6.5, 5.2.6: the header; 5.2.9: the FADT, whose Hypervisor Vendor Identity came with revision 6. */
#define ACPI_HEADER_BYTES 36
#define ACPI_LENGTH 4
#define ACPI_REVISION 8
#define ACPI_OEM_ID 10
#define ACPI_OEM_TABLE_ID 16
#define ACPI_OEM_REVISION 24
#define FADT_HYPERVISOR 268

static uint32_t u32_at(const char *bytes)
{
	const uint8_t *b = (const uint8_t *)bytes;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static int read_table(const struct sysroot *root, const char *signature, struct gaps *gaps, struct acpi_table *ret,
                      char **ret_bytes, size_t *ret_size)
{
	_cleanup_free_ char *path = str_printf(TABLES "/%s", signature);
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	int r = path ? sysroot_bytes(root, path, TABLE_MAX, &bytes, &size) : -ENOMEM;

	if (r == -ENOENT)
		ret->present = TRI_NO;
	if (r < 0)
		return r == -ENOMEM ? r : r == -ENOENT ? 0 : gaps_add(gaps, signature, "%s", reading_fault(r));
	if (size < ACPI_HEADER_BYTES || memcmp(bytes, signature, 4) || u32_at(bytes + ACPI_LENGTH) != size)
		return gaps_add(gaps, signature, "%s/%s: no such table, or a part of one", root->name, path);
	ret->present = TRI_YES;
	memcpy(ret->oem_id, bytes + ACPI_OEM_ID, 6);
	memcpy(ret->oem_table_id, bytes + ACPI_OEM_TABLE_ID, 8);
	ret->oem_revision = u32_at(bytes + ACPI_OEM_REVISION);
	*ret_size = size;
	*ret_bytes = steal(&bytes);
	return 0;
}

/*
 * Strings of AML (ACPI 6.5, 20.2.3: 0x0d, characters, NUL) that are written as names of properties are: "vendor,name".
 * Which object one belongs to only the kernel's interpreter knows, so all host bridges have it.
 */
static int find_properties(const char *bytes, size_t size, struct strs *ret)
{
	int r = 0;

	for (const char *at = bytes, *end = bytes + size; r == 0 && (at = memchr(at, 0x0d, (size_t)(end - at)));) {
		size_t n = strspn(++at, PROPERTY_LETTERS); /* stops at the NUL behind the bytes at the latest */

		if (!at[n] && n <= PROPERTY_MAX_LENGTH && memchr(at, ',', n) && !strs_has(ret, at))
			r = strs_add(ret, at);
	}
	return r;
}

/* The tables that hold AML, which the kernel runs (drivers/acpi/acpica/tbxfload.c). */
static const char *aml_signature(const char *name)
{
	static const char *const signatures[] = { "DSDT", "SSDT", "PSDT", "OSDT" };

	for (size_t i = 0; i < ELEMENTSOF(signatures); i++)
		if (str_starts(name, signatures[i]))
			return signatures[i];
	return NULL;
}

/* All tables of one directory; has_dsdt is set when that one is among them. An error: they are not all of them. */
static int read_aml(const struct sysroot *root, const char *directory, struct strs *properties, bool *has_dsdt)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_list(root, directory, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_free_ char *path = str_printf("%s/%s", directory, names.at[i]), *bytes = NULL;
		const char *signature = aml_signature(names.at[i]);
		size_t size;

		if (!path)
			return -ENOMEM;
		if (!signature)
			continue;
		r = sysroot_bytes(root, path, AML_MAX, &bytes, &size);
		if (r == 0)
			r = find_properties(bytes, size, properties);
		if (r == 0 && (size <= ACPI_HEADER_BYTES || memcmp(bytes, signature, 4)))
			r = -EBADMSG;
		*has_dsdt |= !strcmp(names.at[i], "DSDT");
	}
	return r;
}

static int read_properties(const struct sysroot *root, struct platform *platform)
{
	bool has_dsdt = false;
	int r = read_aml(root, TABLES, &platform->bridge_properties, &has_dsdt);

	/* What was loaded after the boot: of processors, or of what was plugged in. */
	if (r == 0 && sysroot_has(root, TABLES "/dynamic"))
		r = read_aml(root, TABLES "/dynamic", &platform->bridge_properties, &has_dsdt);
	/* On a boot with a device tree both must have told all. */
	if (r < 0 || !has_dsdt)
		platform->has_bridge_properties = TRI_UNKNOWN;
	else if (platform->has_dt == TRI_NO)
		platform->has_bridge_properties = TRI_YES;
	if (r < 0 && r != -ENOMEM)
		return gaps_add(&platform->gaps, "ACPI properties", "%s", reading_fault(r));
	return r;
}

int platform_acpi_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	_cleanup_free_ char *mcfg = NULL;
	_cleanup_free_ char *fadt = NULL;
	size_t size;
	int has = sysroot_has(root, TABLES), r;

	/* What may be there and cannot be looked at denies nothing, and is not known not to. */
	if (has < 0)
		return gaps_add(&platform->gaps, "ACPI", "%s", reading_fault(has));
	platform->has_acpi = tri_of(has);
	if (platform->has_acpi == TRI_NO) {
		platform->mcfg.present = platform->fadt.present = TRI_NO;
		return 0;
	}
	r = read_table(root, "MCFG", &platform->gaps, &platform->mcfg, &mcfg, &size);
	if (r == 0)
		r = read_table(root, "FACP", &platform->gaps, &platform->fadt, &fadt, &size);
	if (r == 0)
		r = read_properties(root, platform);
	if (r == 0 && fadt && fadt[ACPI_REVISION] >= 6 && size >= FADT_HYPERVISOR + 8)
		memcpy(clues->fadt_hypervisor, fadt + FADT_HYPERVISOR, 8);
	return r;
}
