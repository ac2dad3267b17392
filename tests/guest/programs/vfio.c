/* Knows how a VFIO user opens a device and maps its BARs, word by word of the command line.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usage: vfio ADDRESS WORD...
 *
 *   map:BAR:OFFSET:SIZE   maps it; it is the mapping that the other words are about
 *   unaligned             an 8-byte store at an odd address of it: "works", or "faults" when it ends in SIGBUS
 *   store, load           0x600d at its start; what is there
 *   flags                 its VmFlags, as the kernel shows them
 *   spin:FILE             writes its address to FILE, and stays in user mode until killed
 *   hold:FILE             the same, asleep
 *   ranges, ask, unask    the module's private feature: what may be write-combining; asking for it, or not
 *   feature:NUMBER        GET of any feature
 *   short:N, badset       the module's feature: GET with room for the head alone (1) or not even that (0); SET of an unknown flag
 *   reset, close, open    the device
 *   rounds:N              N times open, map:2:0:0x1000, load, unmap, close
 *
 * Each word that asks prints one line, each that fails "WORD: ERRNO". Exit: 0, 1 when a word failed, 2 usage. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/vfio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pciwc-vfio.h"

#define LARGE (2ul << 20)

static const char *address;
static int container = -1, group = -1, device = -1;
static unsigned char *at = MAP_FAILED;
static size_t mapped;

static int device_open(void)
{
	char path[512], link[512];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", address);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -1;
	link[n] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio/%s", basename(link));
	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	group = open(path, O_RDWR | O_CLOEXEC);
	if (container < 0 || group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -1;
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	return device < 0 ? -1 : 0;
}

static int unmap(void)
{
	int r = at == MAP_FAILED ? 0 : munmap(at, mapped);

	at = MAP_FAILED;
	return r;
}

static int device_close(void)
{
	unmap();
	close(device);
	close(group);
	close(container);
	return 0;
}

static int map(unsigned int bar, uint64_t offset, uint64_t size)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = bar };
	void *hint;

	unmap();
	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -1;
	/* Where the kernel could use a large page, for BARs of that size are aligned to it. */
	hint = mmap(NULL, size + LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	munmap(hint, size + LARGE);
	hint = (void *)(((uintptr_t)hint + LARGE - 1) / LARGE * LARGE + offset % LARGE);
	at = mmap(hint, size, PROT_READ | PROT_WRITE, MAP_SHARED, device, (off_t)(info.offset + offset));
	mapped = size;
	return at == MAP_FAILED ? -1 : 0;
}

static sigjmp_buf away;

static void leave(int signal)
{
	siglongjmp(away, signal);
}

static int unaligned(void)
{
	struct sigaction action = { .sa_handler = leave };
	volatile uint64_t *odd = (volatile uint64_t *)(void *)(at + 1);
	int caught;

	sigaction(SIGBUS, &action, NULL);
	caught = sigsetjmp(away, 1);
	if (!caught)
		*odd = 0;
	puts(caught ? "faults" : "works");
	return 0;
}

static int flags(void)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	bool is_it = false;
	char line[512];

	if (!smaps)
		return -1;
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			is_it = start == (unsigned long)at;
		else if (is_it && !strncmp(line, "VmFlags:", 8))
			fputs(line, stdout);
	}
	return fclose(smaps);
}

static int announce(const char *file)
{
	FILE *out = fopen(file, "we");

	if (!out)
		return -1;
	fprintf(out, "%p\n", (void *)at);
	return fclose(out);
}

static int feature(uint32_t what, void *data, size_t size)
{
	char buffer[sizeof(struct vfio_device_feature) + 1024] = { 0 };
	struct vfio_device_feature *head = (void *)buffer;
	int r;

	head->argsz = (uint32_t)(sizeof(*head) + size);
	head->flags = what;
	memcpy(head->data, data, size);
	r = ioctl(device, VFIO_DEVICE_FEATURE, head);
	memcpy(data, head->data, size);
	return r;
}

static int ranges(void)
{
	struct {
		struct pciwc_vfio_wc head;
		struct pciwc_vfio_range at[16];
	} all = { 0 };

	if (feature(VFIO_DEVICE_FEATURE_GET | PCIWC_VFIO_FEATURE_WC, &all, sizeof(all)))
		return -1;
	printf("%s", all.head.flags & PCIWC_VFIO_WC_ON ? "asked" : "not asked");
	for (unsigned int i = 0; i < all.head.nr_ranges && i < 16; i++)
		printf(", %u 0x%llx 0x%llx%s%s", all.at[i].bar, (unsigned long long)all.at[i].offset,
		       (unsigned long long)all.at[i].size, all.at[i].flags & PCIWC_VFIO_RANGE_REQUEST ? " request" : "",
		       all.at[i].flags & PCIWC_VFIO_RANGE_ACTIVE ? " active" : "");
	puts("");
	return 0;
}

static int ask(uint32_t flags_now)
{
	struct pciwc_vfio_wc head = { .flags = flags_now };

	return feature(VFIO_DEVICE_FEATURE_SET | PCIWC_VFIO_FEATURE_WC, &head, sizeof(head));
}

static int short_get(bool has_head)
{
	struct pciwc_vfio_wc head = { 0 };

	if (feature(VFIO_DEVICE_FEATURE_GET | PCIWC_VFIO_FEATURE_WC, &head, has_head ? sizeof(head) : sizeof(head) - 1))
		return -1;
	return printf("%u ranges, room for none\n", head.nr_ranges) < 0;
}

static int rounds(unsigned long n)
{
	int r = device_close();

	for (unsigned long i = 0; r == 0 && i < n; i++) {
		r = device_open() || map(2, 0, 0x1000);
		if (r == 0)
			(void)*(volatile uint32_t *)(void *)at;
		device_close();
	}
	return r || device_open() ? -1 : 0;
}

static int run(const char *word)
{
	unsigned long bar, offset, size;
	char *file = strchr(word, ':');

	if (sscanf(word, "map:%lu:%li:%li", &bar, &offset, &size) == 3)
		return map((unsigned int)bar, offset, size);
	if (!strcmp(word, "unaligned"))
		return unaligned();
	if (!strcmp(word, "flags"))
		return flags();
	if (!strcmp(word, "store")) {
		*(volatile uint32_t *)(void *)at = 0x600d;
		return 0;
	}
	if (!strcmp(word, "load"))
		return printf("0x%x\n", *(volatile uint32_t *)(void *)at) < 0;
	if (!strcmp(word, "ranges"))
		return ranges();
	if (!strcmp(word, "ask"))
		return ask(PCIWC_VFIO_WC_ON);
	if (!strcmp(word, "unask"))
		return ask(0);
	if (!strcmp(word, "badset"))
		return ask(1u << 31);
	if (!strncmp(word, "short:", 6))
		return short_get(word[6] == '1');
	if (!strcmp(word, "reset"))
		return ioctl(device, VFIO_DEVICE_RESET);
	if (!strcmp(word, "close"))
		return device_close();
	if (!strcmp(word, "open"))
		return device_open();
	if (file && !strncmp(word, "rounds:", 7))
		return rounds(strtoul(file + 1, NULL, 0));
	if (file && !strncmp(word, "feature:", 8)) {
		char data[64] = { 0 };

		return feature(VFIO_DEVICE_FEATURE_GET | (uint32_t)strtoul(file + 1, NULL, 0), data, sizeof(data));
	}
	if (file && (!strncmp(word, "spin:", 5) || !strncmp(word, "hold:", 5))) {
		*(volatile uint32_t *)(void *)at = 0x600d;
		if (announce(file + 1))
			return -1;
		for (volatile bool is_spinning = word[0] == 's';;)
			if (!is_spinning)
				pause();
	}
	fprintf(stderr, "vfio: no such word: %s\n", word);
	exit(2);
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	address = argv[1];
	if (device_open()) {
		printf("open: %s\n", strerrorname_np(errno));
		return 1;
	}
	for (int i = 2; i < argc; i++)
		if (run(argv[i])) {
			printf("%s: %s\n", argv[i], strerrorname_np(errno));
			status = 1;
		}
	return status;
}
