/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-tree: the root of a machine. The input is a list of changes to a small healthy one: an attribute is cut, filled,
 * takes another's text, becomes a directory, or a link to itself, out of the root or to another place. All that reads a
 * machine reads it; without findings nothing may be safe.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "base/cleanup.h"
#include "decide/candidates.h"
#include "decide/fingerprint.h"
#include "decide/judge.h"
#include "observe/kernel.h"
#include "observe/pci.h"
#include "observe/platform.h"

#define PORT "sys/devices/pci0000:00/0000:00:08.0/"
#define DEVICE PORT "0000:01:00.0/"
#define HOST "sys/devices/pci0000:00/0000:00:00.0/"
#define DEVICES "sys/bus/pci/devices/"
#define RESOURCE                                                                    \
	"0x00000000fe800000 0x00000000fe8000ff 0x0000000000040200\n"                \
	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"                \
	"0x0000382000000000 0x0000382000ffffff 0x000000000014220c\n"

/* A text with a NUL in it ends there; what is binary comes from the input. A target makes it a link. */
static const struct {
	const char *path, *text, *target;
} files[] = {
	{ DEVICE "vendor", "0x1af4\n", NULL },
	{ DEVICE "device", "0x1110\n", NULL },
	{ DEVICE "subsystem_vendor", "0x1af4\n", NULL },
	{ DEVICE "subsystem_device", "0x1100\n", NULL },
	{ DEVICE "class", "0x050000\n", NULL },
	{ DEVICE "revision", "0x01\n", NULL },
	{ DEVICE "resource", RESOURCE, NULL },
	{ DEVICE "resource2_wc", "", NULL },
	{ DEVICE "config", "\xf4\x1a\x10\x11", NULL },
	{ DEVICE "numa_node", "-1\n", NULL },
	{ DEVICE "boot_vga", "1\n", NULL },
	{ DEVICE "driver", NULL, "../../../../bus/pci/drivers/vfio-pci" },
	{ DEVICE "iommu_group", NULL, "../../../../kernel/iommu_groups/2" },
	{ DEVICE "physfn", NULL, "../0000:00:08.0" },
	{ PORT "vendor", "0x1b36\n", NULL },
	{ PORT "device", "0x000c\n", NULL },
	{ PORT "class", "0x060400\n", NULL },
	{ PORT "revision", "0x00\n", NULL },
	{ PORT "resource", RESOURCE, NULL },
	{ PORT "config", "\x36\x1b\x0c", NULL },
	{ HOST "vendor", "0x8086\n", NULL },
	{ HOST "device", "0x29c0\n", NULL },
	{ HOST "class", "0x060000\n", NULL },
	{ DEVICES "0000:01:00.0", NULL, "../../../devices/pci0000:00/0000:00:08.0/0000:01:00.0" },
	{ DEVICES "0000:00:08.0", NULL, "../../../devices/pci0000:00/0000:00:08.0" },
	{ DEVICES "0000:00:00.0", NULL, "../../../devices/pci0000:00/0000:00:00.0" },
	{ "proc/sys/kernel/arch", "x86_64\n", NULL },
	{ "proc/sys/kernel/osrelease", "6.12.48\n", NULL },
	{ "proc/cmdline", "ro quiet\n", NULL },
	{ "proc/cpuinfo", "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t: 151\nstepping\t: 2\nflags\t: fpu pat\n\n", NULL },
	{ "proc/sysinfo", "VM00 Control Program: z/VM\n", NULL },
	{ "boot/config-6.12.48", "CONFIG_IO_STRICT_DEVMEM=y\n", NULL },
	{ "sys/kernel/security/lockdown", "[none] integrity confidentiality\n", NULL },
	{ "sys/kernel/debug/x86/pat_memtype_list", "PAT memtype list:\n", NULL },
	{ "sys/kernel/iommu_groups/2/type", "DMA-FQ\n", NULL },
	{ "sys/bus/soc/devices/soc0/soc_id", "jep106:036b:0241\n", NULL },
	{ "sys/bus/soc/devices/soc0/revision", "0x2\n", NULL },
	{ "sys/class/dmi/id/sys_vendor", "ASUS\n", NULL },
	{ "sys/class/dmi/id/product_name", "PRIME\n", NULL },
	{ "sys/firmware/dmi/tables/DMI", "", NULL },
	{ "sys/firmware/acpi/tables/MCFG", "MCFG\x3c", NULL },
	{ "sys/firmware/acpi/tables/FACP", "FACP", NULL },
	{ "sys/firmware/devicetree/base/compatible", "socionext,synquacer", NULL },
	{ "sys/firmware/devicetree/base/hypervisor/compatible", "linux,kvm", NULL },
	{ "sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x00000000413fd0c1\n", NULL },
	{ "sys/hypervisor/type", "xen\n", NULL },
	{ "sys/devices/pci0000:00/of_node", NULL, "../../firmware/devicetree/base" },
};

static const char *const targets[] = { ".", "..", "self", "/", "/etc/passwd", "../../../../../../../../etc/passwd",
	                               "../../../devices/pci0000:00", "/sys/devices/pci0000:00/0000:00:08.0/" };
static const char *const words[] = { "aarch64\n", "s390x\n", "arm\n", "0x060000\n", "-1\n", "0xffffffffffffffff\n", "\n",
	                             "0x\n", "Amazon EC2\n", "7.2.0\n" };

enum change { LEAVE_OUT, CUT, FILL, SWAP, DIRECTORY, LINK, WORD, REPEAT, CHANGES };

struct input {
	const uint8_t *at;
	size_t n;
};

static uint8_t next(struct input *in)
{
	uint8_t byte = in->n ? *in->at : 0;

	in->at += in->n != 0;
	in->n -= in->n != 0;
	return byte;
}

static bool is_whole[ELEMENTSOF(files)]; /* making all of them anew takes longer than reading them */

static void make_whole(size_t i)
{
	fuzz_remove(files[i].path);
	if (files[i].target)
		fuzz_link(files[i].path, files[i].target);
	else
		fuzz_write(files[i].path, files[i].text, strlen(files[i].text));
	is_whole[i] = true;
}

static void change_one(struct input *in)
{
	const size_t which = next(in) % ELEMENTSOF(files), how = next(in), amount = next(in);
	const char *path = files[which].path, *text = files[which].text ?: "";
	_cleanup_free_ char *many = NULL;
	size_t n;

	is_whole[which] = false;
	fuzz_remove(path);
	switch (how % CHANGES) {
	case CUT:
		fuzz_write(path, text, strlen(text) ? amount % strlen(text) : 0);
		break;
	case FILL:
		n = amount * (how & 0x80 ? 16 : 1);
		n = n < in->n ? n : in->n;
		fuzz_write(path, in->at, n);
		in->at += n;
		in->n -= n;
		break;
	case SWAP:
		text = files[amount % ELEMENTSOF(files)].text ?: "";
		fuzz_write(path, text, strlen(text));
		break;
	case DIRECTORY:
		many = str_printf("%s/x", path);
		fuzz_write(many, "", 0);
		break;
	case LINK:
		text = targets[amount % ELEMENTSOF(targets)];
		fuzz_link(path, strcmp(text, "self") ? text : strrchr(path, '/') + 1);
		break;
	case WORD:
		text = words[amount % ELEMENTSOF(words)];
		fuzz_write(path, text, strlen(text));
		break;
	case REPEAT:
		many = calloc(amount + 1, strlen(text) + 1);
		MUST(many);
		for (size_t i = 0; i < amount; i++)
			strcpy(many + i * strlen(text), text);
		fuzz_write(path, many, amount * strlen(text));
		break;
	default:
		break; /* it is missing */
	}
}

static void judge_all(const struct devices *devices, const struct platform *platform, const struct kernel *kernel)
{
	_cleanup_(bridges_done) struct bridges bridges = { 0 };
	const struct facts facts = { .platform = platform, .kernel = kernel, .devices = devices, .bridges = &bridges };
	const struct quirks quirks = { 0 };
	const struct candidates candidates = { 0 };
	const struct records records = { 0 };
	const struct journal journal = { 0 };
	_cleanup_free_ char *machine = fingerprint_machine(platform, kernel);
	struct site site = { 0 };

	MUST(machine && bridges_of(devices, &bridges) == 0);
	site_default(&site);

	const struct evidence evidence = { .platform = platform, .kernel = kernel, .devices = devices, .quirks = &quirks,
		                           .site = &site, .records = &records, .journal = &journal, .machine = machine };

	for (size_t i = 0; i < devices->n; i++) {
		struct expectation expectation = { 0 };
		struct device_verdict verdict = { 0 };

		MUST(expect_device(&candidates, &site, &facts, &devices->at[i], &expectation) == 0);
		MUST(judge_device(&evidence, &devices->at[i], &expectation, &verdict) == 0);
		MUST(verdict.path.kind != VERDICT_SAFE);
		for (size_t b = 0; b < devices->at[i].n_bars; b++)
			MUST(verdict.bars[b].kind != VERDICT_SAFE && !bar_verdict_is_grantable(&verdict.bars[b]));
		json_done(&(struct json_object *){ device_to_json(&devices->at[i]) });
		device_verdict_done(&verdict);
		expectation_done(&expectation);
	}
	site_done(&site);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(devices_done) struct devices devices = { 0 };
	_cleanup_(platform_done) struct platform platform = { 0 };
	_cleanup_(kernel_done) struct kernel kernel = { 0 };
	struct input in = { data, size };
	struct err err = { 0 };
	int r;

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		if (!is_whole[i])
			make_whole(i);
	for (unsigned int i = 0; in.n && i < 24; i++)
		change_one(&in);
	MUST(sysroot_open(fuzz_dir(), &err, &root) == 0);
	r = pci_scan(&root, &err, &devices);
	if (r == 0)
		r = platform_read(&root, NULL, &err, &platform);
	if (r == 0)
		r = kernel_read(&root, &platform, &devices, NULL, &err, &kernel);
	MUST(r == 0 || err.text[0]);
	if (r == 0)
		judge_all(&devices, &platform, &kernel);
	return 0;
}
