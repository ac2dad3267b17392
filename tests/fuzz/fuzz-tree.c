/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz-tree: the root of a machine. The input is a list of changes to a small healthy one: an attribute is cut, filled,
 * takes another's text, becomes a directory, or a link to itself, out of the root or to another place. All that reads a
 * machine reads it, and so does what a claim asks of others before it takes a device. Without findings nothing may be safe;
 * and what was found on the healthy one proves nothing of another.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#include "act/errors.h"
#include "act/mappers.h"
#include "act/region.h"
#include "base/cleanup.h"
#include "decide/candidates.h"
#include "decide/fingerprint.h"
#include "decide/judge.h"
#include "decide/path.h"
#include "observe/kernel.h"
#include "observe/pci.h"
#include "observe/platform.h"

#define PORT "sys/devices/pci0000:00/0000:00:08.0/"
#define DEVICE PORT "0000:01:00.0/"
#define HOST "sys/devices/pci0000:00/0000:00:00.0/"
#define DEVICES "sys/bus/pci/devices/"
#define NONE "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define RESOURCE                                                                    \
	"0x00000000fe800000 0x00000000fe8000ff 0x0000000000040200\n"                \
	NONE                                                                       \
	"0x0000382000000000 0x0000382000ffffff 0x000000000014220c\n"                \
	NONE NONE NONE NONE

/* Whole, and without a capability. */
static const char config[256] = "\xf4\x1a\x10\x11", port_config[256] = "\x36\x1b\x0c";

/* A text with a NUL in it ends there, but for these two; what else is binary comes from the input. A target makes it a link. */
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
	{ DEVICE "config", config, NULL },
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
	{ PORT "config", port_config, NULL },
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
	{ "proc/iomem", "382000000000-38ffffffffff : PCI Bus 0000:00\n  382000000000-382000ffffff : 0000:01:00.0\n", NULL },
	{ "proc/77/comm", "dpdk-app\n", NULL },
	{ "proc/77/maps", "7f0000000000-7f0000010000 rw-s 00000000 00:15 4711                       /sys/x/0000:01:00.0/resource2 (deleted)\n", NULL },
	{ "proc/77/task/78/maps", "7f0000000000-7f0000010000 rw-s 382000000000 00:06 12 /proc/bus/pci/01/00.0\n", NULL },
	{ DEVICE "aer_dev_nonfatal", "TLP 0\nTOTAL_ERR_NONFATAL 4\n", NULL },
	{ PORT "aer_rootport_total_err_cor", "7\n", NULL },
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

static size_t size_of(size_t i)
{
	bool is_config = files[i].text == config || files[i].text == port_config;

	return is_config ? sizeof(config) : strlen(files[i].text ?: "");
}

static bool is_whole[ELEMENTSOF(files)]; /* making all of them anew takes longer than reading them */

static void make_whole(size_t i)
{
	fuzz_remove(files[i].path);
	if (files[i].target)
		fuzz_link(files[i].path, files[i].target);
	else
		fuzz_write(files[i].path, files[i].text, size_of(i));
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
		n = size_of(which);
		fuzz_write(path, text, n ? amount % n : 0);
		break;
	case FILL:
		n = amount * (how & 0x80 ? 16 : 1);
		n = n < in->n ? n : in->n;
		fuzz_write(path, in->at, n);
		in->at += n;
		in->n -= n;
		break;
	case SWAP:
		n = amount % ELEMENTSOF(files);
		fuzz_write(path, files[n].text ?: "", size_of(n));
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

/* ---- what was found on the healthy machine ---- */

static struct finding findings[STEPS];
static char word[] = "as it should be";
static struct record proof = { .range = { 0, 0x1000000 }, .boot_id = word, .errors_observed = true,
	                       .containment = CONTAINMENT_AER, .at = findings };

static void prove(const struct devices *devices, const struct platform *platform, const struct kernel *kernel)
{
	const struct device *device = devices_find(devices, &(struct pci_address){ .bus = 1 });
	const struct bar *bar = device ? device_bar(device, 2) : NULL;

	MUST(bar && bar->prefetchable);
	for (enum step step = STEP_SAVE; step < STEPS; step++)
		findings[proof.n++] = (struct finding){ .step = step, .outcome = OUTCOME_PASS, .scope = SCOPE_VIRTUAL,
			                                .text = word };
	record_bind(&proof, device, bar);
	proof.path_key = path_key(devices, device, bar, platform);
	proof.machine = fingerprint_machine(platform, kernel);
	MUST(proof.path_key && proof.machine);
}

/* What hangs on what: a path's proof on the first of these, a BAR's on all. Of a resource file one line is the BAR's. */
static const struct {
	const char *path;
	size_t line;
	bool of_bar;
} facts_of_proof[] = {
	{ "proc/sys/kernel/arch", 0, false },        { "proc/sys/kernel/osrelease", 0, false }, { "proc/cmdline", 0, false },
	{ "sys/class/dmi/id/sys_vendor", 0, false }, { "sys/class/dmi/id/product_name", 0, false },
	{ PORT "vendor", 0, false },                 { PORT "device", 0, false },               { PORT "revision", 0, false },
	{ DEVICE "vendor", 0, true },         { DEVICE "device", 0, true },          { DEVICE "revision", 0, true },
	{ DEVICE "subsystem_vendor", 0, true }, { DEVICE "subsystem_device", 0, true }, { DEVICE "resource", 2, true },
};

/* The line as the kernel's words are compared: numbers by value. */
static void must_be_same(const struct sysroot *root, const char *path, size_t line)
{
	_cleanup_free_ char *now = NULL;
	const char *was = NULL, *is;

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		if (!strcmp(files[i].path, path))
			was = files[i].text;
	MUST(sysroot_text(root, path, 65536, &now) == 0);
	is = now;
	for (size_t i = 0; i < line; i++) {
		MUST((was = strchr(was, '\n')) && (is = strchr(is, '\n')));
		was++;
		is++;
	}
	if (strncmp(was, "0x", 2))
		MUST(strlen(is) == strcspn(was, "\n") && !strncmp(is, was, strlen(is)));
	for (unsigned int i = 0; i < (line ? 3 : 1); i++)
		MUST(strtoull(is, (char **)(uintptr_t)&is, 0) == strtoull(was, (char **)(uintptr_t)&was, 0));
}

static void must_be_proven(const struct sysroot *root, bool of_bar)
{
	for (size_t i = 0; i < ELEMENTSOF(facts_of_proof); i++)
		if (of_bar || !facts_of_proof[i].of_bar)
			must_be_same(root, facts_of_proof[i].path, facts_of_proof[i].line);
}

/* ---- the verdicts ---- */

/* Those of one device, which may be safe where the root is still that of the proof. Is a BAR of it? */
static bool judge_one(const struct evidence *evidence, const struct bridges *bridges, const struct device *device,
                      const struct sysroot *root)
{
	const struct facts facts = { .platform = evidence->platform, .kernel = evidence->kernel, .devices = evidence->devices, .bridges = bridges };
	const struct candidates candidates = { 0 };
	struct expectation expectation = { 0 };
	struct device_verdict verdict = { 0 };
	bool is_safe = false;

	MUST(expect_device(&candidates, evidence->site, &facts, device, &expectation) == 0);
	MUST(judge_device(evidence, device, &expectation, &verdict) == 0);
	if (verdict.path.kind == VERDICT_SAFE) {
		MUST(evidence->records->n);
		must_be_proven(root, false);
	}
	for (size_t b = 0; b < device->n_bars; b++) {
		if (verdict.bars[b].kind != VERDICT_SAFE && !bar_verdict_is_grantable(&verdict.bars[b]))
			continue;
		MUST(verdict.path.kind == VERDICT_SAFE && device->bars[b].index == 2);
		must_be_proven(root, true);
		is_safe = true;
	}
	device_verdict_done(&verdict);
	expectation_done(&expectation);
	return is_safe;
}

static bool judge_all(const struct sysroot *root, const struct devices *devices, const struct platform *platform, const struct kernel *kernel)
{
	_cleanup_(bridges_done) struct bridges bridges = { 0 };
	const struct quirks quirks = { 0 };
	const struct records none = { 0 }, records = { &proof, 1 };
	const struct journal journal = { 0 };
	struct site_choice accept = { (char[]){ "virtual-platform" }, (char[]){ "a test" } };
	struct site_scratch scratch = { .device = { .kind = SELECT_ADDRESS, .address = proof.address }, .bar = 2, .range = proof.range };
	_cleanup_free_ char *machine = fingerprint_machine(platform, kernel);
	struct site site = { 0 };
	bool is_safe = false;

	MUST(machine && bridges_of(devices, &bridges) == 0);
	site_default(&site);
	site.minimum_gain = 0;
	site.accept.at = &accept;
	site.accept.n = 1;
	site.scratch.at = &scratch;
	site.scratch.n = 1;

	struct evidence evidence = { .platform = platform, .kernel = kernel, .devices = devices, .quirks = &quirks, .site = &site,
		                     .records = &none, .journal = &journal, .machine = machine };

	for (size_t i = 0; i < devices->n; i++) {
		evidence.records = &none;
		MUST(!judge_one(&evidence, &bridges, &devices->at[i], root));
		evidence.records = &records;
		is_safe |= judge_one(&evidence, &bridges, &devices->at[i], root);
		json_done(&(struct json_object *){ device_to_json(&devices->at[i]) });
	}
	return is_safe;
}

/* What a claim of the device asks: who else has its memory, and which errors there were. true: it is seen who, and that it can tell errors. */
static bool ask_of_others(const struct sysroot *root, const struct devices *devices)
{
	_cleanup_(error_snapshot_done) struct error_snapshot snapshot = { 0 };
	_cleanup_(errors_close) struct error_sources sources = { 0 };
	struct mappers mappers = { 0 };
	struct mappers_bar aim;
	const struct device *device = devices_find(devices, &(struct pci_address){ .bus = 1 });
	_cleanup_close_ int dir = sysroot_fd(root, "/" DEVICE, O_DIRECTORY | O_RDONLY);
	struct err err = { 0 };

	if (!device)
		return false;
	MUST(dir < 0 || (mappers_aim(dir, &device->address, 2, &err, &aim) == 0 && mappers_find_here(root, &aim, 1, &err, &mappers) == 0) ||
	     err.text[0]);
	err = (struct err){ 0 };
	MUST(region_refuse_owned(root, &device->address, UINT64_C(0x382000000000), 0x1000000, &err) == 0 || err.text[0]);
	err = (struct err){ 0 };
	if (errors_open(root, device, &err, &sources) == 0)
		(void)errors_read(&sources, &snapshot);
	else
		MUST(err.text[0]);
	return mappers.n == 1 && snapshot.n;
}

/* The machine of the tree as it is now. Is anything on it safe, and is seen what others do? */
static bool read_all(void)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(devices_done) struct devices devices = { 0 };
	_cleanup_(platform_done) struct platform platform = { 0 };
	_cleanup_(kernel_done) struct kernel kernel = { 0 };
	struct err err = { 0 };
	int r;

	MUST(sysroot_open(fuzz_dir(), &err, &root) == 0);
	r = pci_scan(&root, &err, &devices);
	if (r == 0)
		r = platform_read(&root, NULL, &err, &platform);
	if (r == 0)
		r = kernel_read(&root, &platform, &devices, NULL, &err, &kernel);
	MUST(r == 0 || err.text[0]);

	bool is_seen = r == 0 && ask_of_others(&root, &devices);

	if (r == 0 && !proof.n)
		prove(&devices, &platform, &kernel);
	return r == 0 && judge_all(&root, &devices, &platform, &kernel) && is_seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool is_first = !proof.n;
	struct input in = { data, size };

	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		if (!is_whole[i])
			make_whole(i);
	if (is_first)
		MUST(read_all());
	for (unsigned int i = 0; in.n && i < 24; i++)
		change_one(&in);
	(void)read_all();
	return 0;
}
