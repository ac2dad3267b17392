/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: asks one source of identity after the other, and the processors itself. */
#include "observe/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "observe/cpu-list.h"
#include "observe/cpuinfo.h"
#include "observe/platform-parts.h"

#define CPUS "sys/devices/system/cpu"
#define CPUINFO_MAX (8 << 20)

const char *reading_fault(int r)
{
	return r == -EACCES || r == -EPERM ? "only root can read it" : strerror(-r);
}

/* ---- architecture ---- */

/* One name each, as uname -m of a kernel of that architecture says it. */
static const char *arch_name(const char *arch)
{
	if (strlen(arch) == 4 && arch[0] == 'i' && !strcmp(arch + 2, "86"))
		return "i386";
	if (!strcmp(arch, "amd64"))
		return "x86_64";
	if (!strcmp(arch, "arm64"))
		return "aarch64";
	if (!strcmp(arch, "aarch64_be"))
		return "aarch64";
	return str_starts(arch, "armv") ? "arm" : arch;
}

static int read_arch(const struct sysroot *root, const char *arch, struct platform *platform)
{
	_cleanup_free_ char *text = NULL;
	struct utsname names;
	int r = arch ? 0 : sysroot_text(root, "proc/sys/kernel/arch", 64, &text);

	if (r == -ENOMEM)
		return r;
	if (text && text[0])
		arch = text;
	/* Linux has that file since 6.1; on the machine itself uname(2) knows. */
	if (!arch && root->live && uname(&names) == 0)
		arch = names.machine;
	if (arch)
		return str_set(&platform->arch, arch_name(arch));
	return gaps_add(&platform->gaps, "architecture", "%s/proc/sys/kernel/arch does not say it; --arch does",
	                root->name);
}

static bool is_x86(const struct platform *platform)
{
	return str_eq(platform->arch, "x86_64") || str_eq(platform->arch, "i386");
}

static bool is_arm(const struct platform *platform)
{
	return str_eq(platform->arch, "aarch64") || str_eq(platform->arch, "arm");
}

/* ---- processors ---- */

static int add_midr(struct midrs *midrs, uint64_t midr)
{
	uint64_t *slot;

	for (size_t i = 0; i < midrs->n; i++)
		if (midrs->at[i] == midr)
			return 0;
	slot = array_add(midrs);
	if (!slot)
		return -ENOMEM;
	*slot = midr;
	return 0;
}

static bool is_cpu(const char *name, uint64_t *ret_number)
{
	return str_starts(name, "cpu") && parse_u64(name + 3, 10, 0, UINT64_MAX, ret_number) == 0;
}

/* The CPUs that may run sooner or later. None where it cannot be read: then nobody knows whether all were asked. */
static int read_present(const struct sysroot *root, struct cpu_list *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = sysroot_text(root, CPUS "/present", 4096, &text);

	*ret = (struct cpu_list){ 0 };
	if (r == 0)
		(void)cpu_list_parse(text, ret);
	return r == -ENOMEM ? r : 0;
}

/* Documentation/arch/arm64/cpu-feature-registers.rst: a CPU that is offline shows none. Each that tells leaves unread. */
static int midrs_from_sysfs(const struct sysroot *root, struct platform *platform, struct cpu_list *unread)
{
	_cleanup_(strs_done) struct strs names = { 0 };

	if (sysroot_list(root, CPUS, &names) == -ENOMEM)
		return -ENOMEM;
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_free_ char *path = NULL;
		_cleanup_free_ char *text = NULL;
		uint64_t midr, cpu;
		int r;

		if (!is_cpu(names.at[i], &cpu))
			continue;
		path = str_printf(CPUS "/%s/regs/identification/midr_el1", names.at[i]);
		if (!path)
			return -ENOMEM;
		r = sysroot_text(root, path, 64, &text);
		if (r == -ENOMEM)
			return r;
		if (r < 0 && r != -ENOENT) {
			/* Half of a machine's CPUs would match, and miss, what the others must not. */
			platform->midrs.n = 0;
			return gaps_add(&platform->gaps, "processor", "%s: %s", path, reading_fault(r));
		}
		if (r < 0 || parse_u64(text, 16, 1, UINT64_MAX, &midr) < 0)
			continue;
		r = add_midr(&platform->midrs, midr);
		if (r < 0)
			return r;
		cpu_list_remove(unread, cpu);
	}
	return 0;
}

/*
 * arm32 kernels have no such files; cpuinfo has the register's fields (c_show in arch/arm/kernel/setup.c and
 * arch/arm64/kernel/cpuinfo.c), a block of lines a processor.
 */
static int midrs_from_cpuinfo(const struct sysroot *root, struct platform *platform, struct cpu_list *unread)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = sysroot_bytes(root, "proc/cpuinfo", CPUINFO_MAX, &text, &size);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (char *block = text, *end; block; block = end ? end + 2 : NULL) {
		end = strstr(block, "\n\n");
		if (end)
			*end = '\0';

		uint64_t implementer = cpuinfo_number(block, "CPU implementer");
		uint64_t part = cpuinfo_number(block, "CPU part");
		uint64_t variant = cpuinfo_number(block, "CPU variant");
		uint64_t revision = cpuinfo_number(block, "CPU revision");

		if (implementer > 0xff || part > 0xfff || variant > 0xf || revision > 0xf)
			continue;
		/* 0xf: "architecture features are individually identified", as on every ARMv7 and ARMv8. */
		r = add_midr(&platform->midrs, implementer << 24 | variant << 20 | 0xf << 16 | part << 4 | revision);
		if (r < 0)
			return r;
		cpu_list_remove(unread, cpuinfo_number(block, "processor"));
	}
	return 0;
}

static int read_arm(const struct sysroot *root, struct platform *platform)
{
	struct cpu_list present, unread;
	int r = read_present(root, &present);

	unread = present;
	if (r == 0)
		r = midrs_from_sysfs(root, platform, &unread);
	if (r == 0 && !platform->midrs.n) {
		unread = present;
		r = midrs_from_cpuinfo(root, platform, &unread);
	}
	if (r < 0)
		return r;
	if (!platform->midrs.n)
		return gaps_add(&platform->gaps, "processor", "neither " CPUS " nor proc/cpuinfo tells its MIDR");
	if (!present.n)
		return gaps_add(&platform->gaps, "processor", CPUS "/present does not tell how many there are");
	if (unread.n)
		return gaps_add(&platform->gaps, "processor", "%u of %u CPUs tell no MIDR; one that is offline does when it is online", unread.n, present.n);
	platform->has_cpus = TRI_YES;
	return 0;
}

static int read_x86(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	_cleanup_free_ char *lines = NULL;
	_cleanup_free_ char *vendor = NULL;
	_cleanup_free_ char *flags = NULL;
	_cleanup_free_ char *microcode = NULL;
	struct cpu_list present;
	int r = cpuinfo_first(root, &lines);

	if (r < 0)
		return r == -ENOMEM ? r : gaps_add(&platform->gaps, "processor", "proc/cpuinfo: %s", reading_fault(r));
	r = cpuinfo_value(lines, "vendor_id", &vendor);
	if (r == 0)
		r = cpuinfo_value(lines, "flags", &flags);
	if (r < 0)
		return r;

	uint64_t revision, family = cpuinfo_number(lines, "cpu family"), model = cpuinfo_number(lines, "model");
	uint64_t stepping = cpuinfo_number(lines, "stepping");

	if (flags)
		clues->cpuid_hypervisor = tri_of(cpuinfo_has_word(lines, "flags", "hypervisor"));
	/* Half an identity would match what it must not: all of it or nothing. */
	if (!vendor || family > 0xffff || model > 0xffff || stepping > 0xffff)
		return gaps_add(&platform->gaps, "processor",
		                "proc/cpuinfo does not tell vendor, family, model and stepping");
	platform->x86 = (struct x86_cpu){ .vendor = steal(&vendor), .family = (unsigned int)family,
		                          .model = (unsigned int)model, .stepping = (unsigned int)stepping };
	r = read_present(root, &present);
	if (r < 0)
		return r;
	platform->has_cpus = present.n == 1 ? TRI_YES : TRI_UNKNOWN;
	r = cpuinfo_value(lines, "microcode", &microcode);
	if (r < 0)
		return r;
	if (microcode && parse_u64(microcode, 0, 0, UINT64_MAX, &revision) == 0)
		platform->x86.microcode = revision;
	return 0;
}

int platform_cpus_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	if (is_arm(platform))
		return read_arm(root, platform);
	if (is_x86(platform))
		return read_x86(root, platform, clues);
	return 0; /* no entry names a processor of another architecture */
}

/* ---- SoC devices ---- */

static int read_soc_field(const struct sysroot *root, const char *name, const char *field, char **ret)
{
	_cleanup_free_ char *path = str_printf("sys/bus/soc/devices/%s/%s", name, field);

	return path ? sysroot_text(root, path, 256, ret) : -ENOMEM;
}

/* What is no id of it does not matter as much: a revision that is not there is unknown. */
static int read_soc(const struct sysroot *root, const char *name, struct platform *platform, struct soc *soc)
{
	int fault = read_soc_field(root, name, "soc_id", &soc->id);

	if (fault == -ENOMEM || read_soc_field(root, name, "revision", &soc->revision) == -ENOMEM ||
	    read_soc_field(root, name, "family", &soc->family) == -ENOMEM)
		return -ENOMEM;
	if (fault == 0)
		return 0;
	if (fault == -ENOENT)
		return gaps_add(&platform->gaps, "SoC", "%s does not tell its soc_id", name);
	platform->has_soc_ids = TRI_UNKNOWN;
	return gaps_add(&platform->gaps, "SoC", "soc_id of %s: %s", name, reading_fault(fault));
}

int platform_soc_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	int r = sysroot_list(root, "sys/bus/soc/devices", &names);

	(void)clues;
	platform->has_soc_bus = r == 0 ? TRI_YES : r == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r == -ENOMEM ? r : gaps_add(&platform->gaps, "SoC", "%s", reading_fault(r));
	platform->has_soc_ids = TRI_YES;
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct soc *soc = array_add(&platform->socs);

		r = soc ? read_soc(root, names.at[i], platform, soc) : -ENOMEM;
	}
	return r;
}

/* ---- all of them ---- */

static int (*const readers[])(const struct sysroot *root, struct platform *platform, struct clues *clues) = {
	platform_cpus_read, platform_soc_read,  platform_dt_read,
	platform_dmi_read,  platform_acpi_read, platform_virtual_read,
};

int platform_read(const struct sysroot *root, const char *arch, struct err *err, struct platform *ret)
{
	_cleanup_(platform_done) struct platform platform = { 0 };
	struct clues clues = { 0 };
	int r = read_arch(root, arch, &platform);

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(readers); i++)
		r = readers[i](root, &platform, &clues);
	if (r < 0)
		return err_errno(err, r, "no-memory", "reading the platform");
	*ret = platform;
	platform = (struct platform){ 0 };
	return 0;
}
