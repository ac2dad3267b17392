/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * platform-virtual: is this a virtual machine? There the path is the hypervisor's, so a wrong "no" would let findings
 * of an emulator count for hardware: "no" needs evidence, silence is unknown.
 *
 * The signs and their names are those of systemd-detect-virt (src/basic/virt.c: CPUID, then DMI, then Xen, then the
 * hypervisor's type, then the device tree), and two that it does not look at. A Xen dom0 counts as virtual: Xen's own
 * page tables decide the memory type of its BARs too.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "observe/platform-parts.h"

/* ---- DMI ---- */

/* In systemd's order; a text of any of four fields that starts so. */
static const struct dmi_sign {
	const char *prefix, *name;
	bool also_metal; /* the same vendor lends bare machines under this name */
} dmi_signs[] = {
	{ "KVM", "kvm", false },
	{ "OpenStack", "kvm", false },
	{ "KubeVirt", "kvm", false },
	{ "Amazon EC2", "amazon", true },
	{ "QEMU", "qemu", false },
	{ "VMware", "vmware", false },
	{ "VMW", "vmware", false },
	{ "innotek GmbH", "oracle", false },
	{ "VirtualBox", "oracle", false },
	{ "Xen", "xen", false },
	{ "Bochs", "bochs", false },
	{ "Parallels", "parallels", false },
	{ "BHYVE", "bhyve", false },
	{ "Hyper-V", "microsoft", false },
	{ "Virtual Machine", "microsoft", false }, /* product_name; the vendor makes laptops too */
	{ "Apple Virtualization", "apple", false },
	{ "Google Compute Engine", "google", true },
};

static const struct dmi_sign *find_dmi_sign(const struct platform *platform)
{
	static const enum dmi_field fields[] = { DMI_PRODUCT_NAME, DMI_SYS_VENDOR, DMI_BOARD_VENDOR, DMI_BIOS_VENDOR };

	for (size_t i = 0; i < ELEMENTSOF(dmi_signs); i++)
		for (size_t f = 0; f < ELEMENTSOF(fields); f++)
			if (platform->dmi[fields[f]] && str_starts(platform->dmi[fields[f]], dmi_signs[i].prefix))
				return &dmi_signs[i];
	return NULL;
}

/* "m6g.metal", "c7i.metal-24xl" */
static bool is_metal(const struct platform *platform, const struct clues *clues)
{
	const char *product = platform->dmi[DMI_PRODUCT_NAME];

	if (product && strstr(product, ".metal"))
		return true;
	return clues->smbios_vm == TRI_NO || clues->cpuid_hypervisor == TRI_NO;
}

/* ---- signs: 1 when this source says "virtual", 0 when not, or an errno; ret_name, empty before, where it also says whose ---- */

#define NAME_SIZE 64

struct look {
	const struct sysroot *root;
	const struct platform *platform;
	const struct clues *clues;
};

/* A file that is there only in a virtual machine; its text, cut to what ret_name holds. */
static int read_sign(const struct look *look, const char *path, char ret_name[static NAME_SIZE])
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = sysroot_bytes(look->root, path, 4096, &text, &size);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	snprintf(ret_name, NAME_SIZE, "%.*s", (int)strcspn(text, " \t\r\n"), text);
	return 1;
}

static int sees_type(const struct look *look, char ret_name[static NAME_SIZE])
{
	return read_sign(look, "sys/hypervisor/type", ret_name);
}

static int sees_dt(const struct look *look, char ret_name[static NAME_SIZE])
{
	static const char node[] = "sys/firmware/devicetree/base/hypervisor/compatible";
	const struct strs *compatible = &look->platform->dt_compatible;
	int r = read_sign(look, node, ret_name);

	if (r < 0)
		return r;
	if (r > 0) {
		/* "linux,kvm", "xen,xen-4.17", "vmware": the part that names it */
		char *name = str_starts(ret_name, "linux,") ? ret_name + strlen("linux,") : ret_name;

		name[strcspn(name, ",")] = '\0';
		memmove(ret_name, name, strlen(name) + 1);
		return 1;
	}
	/* QEMU's "virt" board and whoever imitates it; its pseries; its riscv board; a partition below PowerVM. */
	if (strs_has(compatible, "linux,dummy-virt"))
		return 1;
	if (strs_has(compatible, "qemu,pseries") || strs_has(compatible, "riscv-virtio")) {
		strcpy(ret_name, "qemu");
		return 1;
	}
	return sysroot_has(look->root, "sys/firmware/devicetree/base/ibm,partition-name");
}

static int sees_dmi(const struct look *look, char ret_name[static NAME_SIZE])
{
	const struct dmi_sign *sign = find_dmi_sign(look->platform);

	if (!sign || (sign->also_metal && is_metal(look->platform, look->clues)))
		return 0;
	strcpy(ret_name, sign->name);
	return 1;
}

static int sees_cpuid(const struct look *look, char ret_name[static NAME_SIZE])
{
	(void)ret_name;
	return look->clues->cpuid_hypervisor == TRI_YES;
}

static int sees_smbios(const struct look *look, char ret_name[static NAME_SIZE])
{
	(void)ret_name;
	return look->clues->smbios_vm == TRI_YES;
}

/* Not in systemd: only root can read the table. */
static int sees_fadt(const struct look *look, char ret_name[static NAME_SIZE])
{
	if (!strcmp(look->clues->fadt_hypervisor, "QEMU"))
		strcpy(ret_name, "qemu");
	return look->clues->fadt_hypervisor[0] != '\0';
}

/* s390: a second level is "VM00" (arch/s390/kernel/sysinfo.c); a partition of the machine is what hardware is there. */
static int sees_sysinfo(const struct look *look, char ret_name[static NAME_SIZE])
{
	_cleanup_free_ char *text = NULL;
	int r = -ENOENT;

	if (str_eq(look->platform->arch, "s390x"))
		r = sysroot_text(look->root, "proc/sysinfo", 65536, &text);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!strstr(text, "VM00 "))
		return 0;
	strcpy(ret_name, strstr(text, "z/VM") ? "zvm" : "kvm");
	return 1;
}

static int (*const signs[])(const struct look *look, char ret_name[static NAME_SIZE]) = {
	sees_type, sees_dt, sees_dmi, sees_cpuid, sees_smbios, sees_fadt, sees_sysinfo,
};

/* ---- evidence that there is none ---- */

static bool is_surely_metal(const struct look *look)
{
	const struct platform *platform = look->platform;

	/* An x86 hypervisor announces itself in CPUID 1, ECX bit 31; one that hides it mostly forgets its DMI texts. */
	if (str_eq(platform->arch, "x86_64") || str_eq(platform->arch, "i386"))
		return look->clues->cpuid_hypervisor == TRI_NO;
	if (str_eq(platform->arch, "s390x"))
		return sysroot_has(look->root, "proc/sysinfo") == 1;
	/* A device tree that names a board, not a hypervisor's machine. */
	if (platform->dt_compatible.n)
		return true;
	/* A vendor's own texts, when nothing that could contradict them was hidden: clouds put theirs there too. */
	return platform->dmi[DMI_SYS_VENDOR] && platform->dmi[DMI_PRODUCT_NAME] && !look->clues->smbios_denied &&
	       platform->fadt.present != TRI_UNKNOWN;
}

int platform_virtual_read(const struct sysroot *root, struct platform *platform, struct clues *clues)
{
	const struct look look = { root, platform, clues };
	const char *fault = NULL;

	for (size_t i = 0; i < ELEMENTSOF(signs); i++) {
		char name[NAME_SIZE] = "";
		int r = signs[i](&look, name);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			fault = reading_fault(r);
		if (r <= 0)
			continue;
		platform->is_virtual = TRI_YES;
		if (!platform->hypervisor && name[0] && str_set(&platform->hypervisor, name) < 0)
			return -ENOMEM;
	}
	if (platform->is_virtual == TRI_YES)
		return 0;
	if (fault)
		return gaps_add(&platform->gaps, "virtual machine", "what would tell: %s", fault);
	if (is_surely_metal(&look)) {
		platform->is_virtual = TRI_NO;
		return 0;
	}
	return gaps_add(&platform->gaps, "virtual machine",
	                clues->smbios_denied ? "only root can read what would tell"
	                                     : "nothing that could be read tells");
}
