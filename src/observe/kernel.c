/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel: works out what this kernel can map and enforces, from its release, its files and what BARs show. */
#include "observe/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "observe/cpuinfo.h"

#define MEMTYPE_LIST "sys/kernel/debug/x86/pat_memtype_list"
#define SECURITY "sys/kernel/security"
#define DIGITS "0123456789"
#define CONFIG_MAX (2 << 20) /* Debian's is 260 KiB */
#define MODULES_MAX (16 << 20) /* Debian's is 700 KiB */

/* What every reader sees: the machine, and what is known of it by now. */
struct look {
	const struct sysroot *root;
	const struct platform *platform;
	const struct devices *devices;
};

static bool is_arch(const struct look *look, const char *a, const char *b)
{
	return str_eq(look->platform->arch, a) || str_eq(look->platform->arch, b);
}

static bool is_x86(const struct look *look)
{
	return is_arch(look, "x86_64", "i386");
}

/* Is word one of the command line's. */
static bool has_parameter(const struct kernel *kernel, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = kernel->cmdline; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
		if (!strncmp(at, word, n) && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

static const char *fault(int r)
{
	return r == -EACCES || r == -EPERM ? "only root can read it" : strerror(-r);
}

/* ---- release and command line ---- */

/* "6.12.48+deb13-amd64", "7.3-rc7": the two numbers at its start. */
static void parse_release(const char *release, unsigned int ret[static 2])
{
	uint64_t major, minor;
	size_t n = strspn(release, DIGITS), m = release[n] == '.' ? strspn(release + n + 1, DIGITS) : 0;
	char text[2][8];

	if (!n || !m || n >= sizeof(text[0]) || m >= sizeof(text[0]))
		return;
	memcpy(text[0], release, n);
	text[0][n] = '\0';
	memcpy(text[1], release + n + 1, m);
	text[1][m] = '\0';
	if (parse_u64(text[0], 10, 1, 9999, &major) < 0 || parse_u64(text[1], 10, 0, 9999, &minor) < 0)
		return;
	ret[0] = (unsigned int)major;
	ret[1] = (unsigned int)minor;
}

static int read_release(const struct look *look, const char *release, struct kernel *kernel)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (!release) {
		r = sysroot_text(look->root, "proc/sys/kernel/osrelease", 256, &text);
		if (r < 0)
			return r == -ENOMEM ? r : gaps_add(&kernel->gaps, "release", "%s; --kernel says it", fault(r));
		release = text;
	}
	r = str_set(&kernel->release, release);
	if (r < 0)
		return r;
	parse_release(release, kernel->version);
	if (kernel->version[0])
		return 0;
	return gaps_add(&kernel->gaps, "release", "\"%s\" does not start with a version", release);
}

static int read_cmdline(const struct look *look, struct kernel *kernel)
{
	int r = sysroot_text(look->root, "proc/cmdline", 65536, &kernel->cmdline);

	if (r < 0)
		return r == -ENOMEM ? r : gaps_add(&kernel->gaps, "command line", "%s", fault(r));
	kernel->iomem_relaxed = has_parameter(kernel, "iomem=relaxed");
	return 0;
}

/* ---- write-combining files ---- */

/* What the BARs themselves show: a prefetchable one has resourceN_wc exactly where arch_can_pci_mmap_wc() holds. */
static enum tri seen_wc_files(const struct devices *devices)
{
	enum tri seen = TRI_UNKNOWN;

	for (size_t i = 0; i < devices->n; i++)
		for (size_t b = 0; b < devices->at[i].n_bars; b++) {
			const struct bar *bar = &devices->at[i].bars[b];

			if (!bar_is_candidate(bar) || bar->wc_file == TRI_UNKNOWN)
				continue;
			/* One file is proof; a file that is missing may be one that hot-plug has not made yet. */
			if (bar->wc_file == TRI_YES)
				return TRI_YES;
			seen = TRI_NO;
		}
	return seen;
}

/* x86: the PAT decides; the CPU has it, and nobody turned it off ("nopat", or a hypervisor). */
static int read_pat(const struct look *look, struct kernel *kernel)
{
	_cleanup_free_ char *lines = NULL;
	_cleanup_free_ char *flags = NULL;
	enum tri seen = seen_wc_files(look->devices);
	int r;

	if (!is_x86(look))
		return 0;
	if (seen != TRI_UNKNOWN) {
		kernel->pat = seen;
		return 0;
	}
	if (has_parameter(kernel, "nopat")) {
		kernel->pat = TRI_NO;
		return 0;
	}
	r = cpuinfo_first(look->root, &lines);
	if (r == -ENOMEM)
		return r;
	if (r == 0) {
		r = cpuinfo_value(lines, "flags", &flags);
		if (r < 0)
			return r;
	}
	if (!flags)
		return gaps_add(&kernel->gaps, "PAT", "proc/cpuinfo: %s", r < 0 ? fault(r) : "it lists no flags");
	kernel->pat = tri_of(cpuinfo_has_word(lines, "flags", "pat"));
	/* Without the command line "nopat" may be in it. */
	if (kernel->pat == TRI_YES && !kernel->cmdline) {
		kernel->pat = TRI_UNKNOWN;
		return gaps_add(&kernel->gaps, "PAT", "the CPU has it, but the command line could not be read");
	}
	return 0;
}

/*
 * arch_can_pci_mmap_wc(), read in 6.1 to 7.3: arm64 (since 5.10), powerpc, x86 with PAT and s390 (since 7.2) have it;
 * the others have not.
 */
static int read_wc_files(const struct look *look, struct kernel *kernel)
{
	enum tri seen = seen_wc_files(look->devices);

	if (seen != TRI_UNKNOWN)
		kernel->wc_files = seen;
	else if (is_x86(look))
		kernel->wc_files = kernel->pat;
	else if (is_arch(look, "aarch64", "aarch64_be"))
		kernel->wc_files = kernel_at_least(kernel, 5, 10);
	else if (is_arch(look, "s390x", "s390"))
		kernel->wc_files = kernel_at_least(kernel, 7, 2);
	else if (look->platform->arch)
		kernel->wc_files = tri_of(str_starts(look->platform->arch, "ppc"));
	if (kernel->wc_files != TRI_UNKNOWN)
		return 0;
	return gaps_add(&kernel->gaps, "resourceN_wc", "no BAR shows it, and the %s is unknown",
	                !look->platform->arch ? "architecture" : is_x86(look) ? "PAT" : "release");
}

static int read_memtype_list(const struct look *look, struct kernel *kernel)
{
	if (!is_x86(look))
		return 0;

	_cleanup_close_ int fd = sysroot_fd(look->root, MEMTYPE_LIST, O_RDONLY | O_NONBLOCK);

	if (fd >= 0) {
		kernel->memtype_list = TRI_YES;
		return 0;
	}
	kernel->memtype_list = fd == -ENOENT ? TRI_NO : TRI_UNKNOWN;
	return gaps_add(&kernel->gaps, "memory types", "%s/%s: %s", look->root->name, MEMTYPE_LIST,
	                fd == -ENOENT ? "missing: debugfs is not mounted, or PAT is off" : fault(fd));
}

/* ---- what is forbidden ---- */

/* "none [integrity] confidentiality": the one in brackets. */
static enum lockdown parse_lockdown(const char *text)
{
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	for (unsigned int i = LOCKDOWN_NONE; close && i <= LOCKDOWN_CONFIDENTIALITY; i++) {
		size_t n = strlen(lockdown_names[i]);

		if ((size_t)(close - open - 1) == n && !strncmp(open + 1, lockdown_names[i], n))
			return (enum lockdown)i;
	}
	return LOCKDOWN_UNKNOWN;
}

static int read_lockdown(const struct look *look, struct kernel *kernel)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *modules = NULL;
	int r = sysroot_text(look->root, SECURITY "/lockdown", 256, &text);

	if (r == 0)
		kernel->lockdown = parse_lockdown(text);
	/* securityfs is there, and lockdown is none of the security modules: nothing locks anything down. */
	else if (r == -ENOENT && sysroot_text(look->root, SECURITY "/lsm", 4096, &modules) == 0)
		kernel->lockdown = LOCKDOWN_NONE;
	if (r == -ENOMEM || kernel->lockdown)
		return r == -ENOMEM ? r : 0;
	return gaps_add(&kernel->gaps, "lockdown", "%s/" SECURITY "/lockdown: %s", look->root->name,
	                r == 0 ? "unknown words" : fault(r));
}

/* The text of the kernel's configuration, from where distributions put it. */
static int read_config(const struct look *look, const struct kernel *kernel, char **ret)
{
	static const struct {
		const char *before, *behind; /* the release */
	} places[] = { { "boot/config-", "" }, { "lib/modules/", "/config" }, { "usr/lib/modules/", "/config" } };
	int r = -ENOENT;

	/* A release that is a path would lead elsewhere. */
	if (!kernel->release || strchr(kernel->release, '/'))
		return -ENOENT;
	for (size_t i = 0; r == -ENOENT && i < ELEMENTSOF(places); i++) {
		_cleanup_free_ char *path = str_printf("%s%s%s", places[i].before, kernel->release, places[i].behind);

		r = path ? sysroot_text(look->root, path, CONFIG_MAX, ret) : -ENOMEM;
	}
	return r;
}

static int read_strict_devmem(const struct look *look, struct kernel *kernel)
{
	_cleanup_free_ char *config = NULL, *value = NULL;
	int r = read_config(look, kernel, &config);

	if (r == -ENOMEM)
		return r;
	if (r < 0 && r != -ENOENT)
		return gaps_add(&kernel->gaps, "strict devmem", "%s", fault(r));
	if (r < 0 && sysroot_has(look->root, "proc/config.gz"))
		return gaps_add(&kernel->gaps, "strict devmem", "only proc/config.gz tells, and it is packed");
	if (r < 0)
		return gaps_add(&kernel->gaps, "strict devmem", "no configuration of this kernel is installed");
	if (!strstr(config, "CONFIG_"))
		return gaps_add(&kernel->gaps, "strict devmem", "its configuration is no such file");
	kernel->config = steal(&config);
	r = kernel_index(kernel);
	/* The option is not even listed where CONFIG_STRICT_DEVMEM, which it depends on, is off. */
	if (r == 0)
		r = kernel_option(kernel, "CONFIG_IO_STRICT_DEVMEM", &value);
	if (r == 0)
		kernel->strict_devmem = tri_of(value && !strcmp(value, "y"));
	return r;
}

/* ---- VFIO ---- */

static int read_vfio(const struct look *look, struct kernel *kernel)
{
	_cleanup_(strs_done) struct strs groups = { 0 };
	bool has_group = false, is_bound = false;

	for (size_t i = 0; i < look->devices->n; i++) {
		has_group |= look->devices->at[i].iommu_group >= 0;
		is_bound |= look->devices->at[i].vfio;
	}

	int driver = is_bound ? 1 : sysroot_has(look->root, "sys/bus/pci/drivers/vfio-pci");
	int module = driver > 0 ? 1 : sysroot_has(look->root, "sys/module/vfio_pci");

	if (module > 0 || driver >= 0)
		kernel->vfio = module < 0 ? TRI_UNKNOWN : tri_of(module);
	if (kernel->vfio == TRI_UNKNOWN) {
		int r = gaps_add(&kernel->gaps, "vfio", "%s", fault(driver < 0 ? driver : module));

		if (r < 0)
			return r;
	}
	if (has_group) {
		kernel->iommu = TRI_YES;
		return 0;
	}

	int r = sysroot_list(look->root, "sys/kernel/iommu_groups", &groups);

	if (r < 0 && r != -ENOENT)
		return r == -ENOMEM ? r : gaps_add(&kernel->gaps, "IOMMU", "sys/kernel/iommu_groups: %s", fault(r));
	kernel->iommu = tri_of(groups.n);
	return 0;
}

/*
 * What a guest may make of a BAR, once vfio maps it. A kernel that has not loaded vfio yet may do so at any moment, so
 * only one that could not assign a device at all has no rule. That an arm64 guest has but Device memory before 6.9 is not
 * to be said by the release: distributions carry VM_ALLOW_ANY_UNCACHED back to older ones.
 */
static int read_guest(const struct look *look, struct kernel *kernel)
{
	if (kernel->vfio == TRI_NO && kernel->iommu == TRI_NO)
		kernel->guest = GUEST_NONE;
	else if (is_x86(look)) /* no IPAT for MMIO: arch/x86/kvm/vmx/vmx.c, vmx_get_mt_mask() */
		kernel->guest = GUEST_DECIDES;
	else if (is_arch(look, "aarch64", "aarch64_be") && kernel_at_least(kernel, 6, 9) == TRI_YES)
		kernel->guest = GUEST_NORMAL_NC_UNGATED; /* VM_ALLOW_ANY_UNCACHED */
	return 0;
}

/* A captured machine has no list of its modules, which is then no gap either: nothing is granted there. */
static int read_variant(const struct look *look, struct kernel *kernel)
{
	_cleanup_free_ char *path = NULL, *modules = NULL;
	size_t size;
	int r = sysroot_has(look->root, "sys/bus/pci/drivers/" VARIANT_DRIVER);

	if (r < 0)
		return gaps_add(&kernel->gaps, "module", "%s: %s", VARIANT_DRIVER, fault(r));
	if (r > 0) {
		kernel->variant = VARIANT_LOADED;
		return 0;
	}
	/* A release that is a path would lead elsewhere. */
	if (!kernel->release || strchr(kernel->release, '/'))
		return 0;
	path = str_printf("lib/modules/%s/modules.dep", kernel->release);
	if (!path)
		return -ENOMEM;
	r = sysroot_bytes(look->root, path, MODULES_MAX, &modules, &size);
	if (r == 0)
		kernel->variant = strstr(modules, "/" VARIANT_DRIVER ".ko") ? VARIANT_INSTALLED : VARIANT_MISSING;
	return r == -ENOMEM ? r : 0;
}

/* Of this machine only: a captured one does not say. */
static int read_page(const struct look *look, struct kernel *kernel)
{
	kernel->page_bytes = look->root->live ? (uint64_t)sysconf(_SC_PAGESIZE) : 0;
	return 0;
}

/* ---- all of it, in an order in which each can use what those before it found ---- */

static const struct {
	int (*read)(const struct look *look, struct kernel *kernel);
	bool is_brief;
} readers[] = {
	{ read_cmdline, true },        { read_pat, false },  { read_wc_files, false }, { read_memtype_list, false }, { read_lockdown, true },
	{ read_strict_devmem, false }, { read_vfio, false }, { read_guest, false },    { read_variant, false },      { read_page, false },
};

static int read_all(const struct look *look, const char *release, bool is_brief, struct err *err, struct kernel *ret)
{
	_cleanup_(kernel_done) struct kernel kernel = { 0 };
	int r = read_release(look, release, &kernel);

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(readers); i++)
		if (!is_brief || readers[i].is_brief)
			r = readers[i].read(look, &kernel);
	if (r < 0)
		return err_errno(err, r, "no-memory", "reading the kernel");
	*ret = kernel;
	kernel = (struct kernel){ 0 };
	return 0;
}

int kernel_read(const struct sysroot *root, const struct platform *platform, const struct devices *devices,
                const char *release, struct err *err, struct kernel *ret)
{
	const struct look look = { root, platform, devices };

	return read_all(&look, release, false, err, ret);
}

int kernel_read_brief(const struct sysroot *root, const char *release, struct err *err, struct kernel *ret)
{
	const struct look look = { root, NULL, NULL };

	return read_all(&look, release, true, err, ret);
}
