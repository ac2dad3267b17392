/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio-wc: maps memory of a PCI BAR through VFIO, write-combining where pciwc grants it, and says what it got.
 *
 *	cc vfio-wc.c $(pkg-config --cflags --libs libpciwc) -o vfio-wc
 *	./vfio-wc 0000:01:00.0 2
 *
 * It WRITES to the first bytes of what it maps: the BAR must be memory that nobody needs. Its user must own the
 * device's /dev/vfio/GROUP.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <pciwc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

struct vfio {
	int container, group, device; /* -1: not open */
};

static int failed(const char *what)
{
	fprintf(stderr, "vfio-wc: %s: %s\n", what, strerror(errno));
	return -1;
}

static void vfio_close(const struct vfio *vfio)
{
	const int fds[] = { vfio->device, vfio->group, vfio->container };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* The usual way in: group, container, IOMMU, device. */
static int vfio_open(const char *address, struct vfio *vfio)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[128], link[256], *name;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", address);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return failed(path);
	link[length] = '\0';
	name = strrchr(link, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%.64s", name ? name + 1 : link);
	vfio->group = open(path, O_RDWR | O_CLOEXEC);
	if (vfio->group < 0)
		return failed(path);
	vfio->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (vfio->container < 0)
		return failed("/dev/vfio/vfio");
	if (ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return failed(path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		errno = EBUSY; /* another device of the group has a driver of its own */
		return failed(path);
	}
	if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container) < 0 ||
	    ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) < 0)
		return failed("VFIO's type 1 IOMMU");
	vfio->device = ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, address);
	return vfio->device < 0 ? failed(address) : 0;
}

struct part {
	uint64_t offset, size; /* of the BAR */
	char backend[16];      /* who makes it write-combining; "": nobody, it is uncached */
};

/*
 * Chooses what to map: the first range that VFIO maps write-combining, else the whole BAR, uncached. It is asked with
 * the device open, for an open device is not exchanged; and the driver has the last word.
 */
static void choose(const char *address, unsigned int bar, int device, struct part *part)
{
	struct pciwc_answer *answer;

	if (pciwc_query(address, bar, &answer) < 0)
		return;
	for (size_t i = 0; !part->backend[0] && i < pciwc_answer_ranges(answer); i++) {
		uint64_t offset = pciwc_range_offset(answer, i), size = pciwc_range_size(answer, i);
		enum pciwc_how how = pciwc_answer_how(answer, offset, size);

		if (how != PCIWC_MAP_VFIO && how != PCIWC_MAP_VFIO_REQUEST)
			continue;
		if (how == PCIWC_MAP_VFIO_REQUEST && pciwc_vfio_request(device, true) < 0)
			continue;
		if (pciwc_vfio_is_wc(device, bar, offset, size) != 1)
			continue;
		part->offset = offset;
		part->size = size;
		snprintf(part->backend, sizeof(part->backend), "%s", pciwc_range_backend(answer, i));
	}
	pciwc_answer_free(answer);
}

/* Writes a few words and reads them back; the reads wait for the writes, in whatever way these were combined. */
static int use(volatile uint32_t *memory, uint64_t size)
{
	size_t words = size / sizeof(*memory) < 16 ? size / sizeof(*memory) : 16;

	for (size_t i = 0; i < words; i++)
		memory[i] = 0x77630000 + (uint32_t)i;
	for (size_t i = 0; i < words; i++)
		if (memory[i] != 0x77630000 + (uint32_t)i) {
			errno = EIO;
			return failed("what was written does not come back");
		}
	return 0;
}

static int map_and_use(const char *address, unsigned int bar, int device)
{
	struct vfio_region_info region = { .argsz = sizeof(region), .index = VFIO_PCI_BAR0_REGION_INDEX + bar };
	struct part part = { 0 };
	void *memory;
	int r;

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region) < 0)
		return failed("region");
	if (!(region.flags & VFIO_REGION_INFO_FLAG_MMAP)) {
		errno = ENODEV;
		return failed("this BAR cannot be mapped");
	}
	part.size = region.size;
	choose(address, bar, device, &part);
	memory = mmap(NULL, part.size, PROT_READ | PROT_WRITE, MAP_SHARED, device, (off_t)(region.offset + part.offset));
	if (memory == MAP_FAILED)
		return failed("mmap");
	r = use(memory, part.size);
	munmap(memory, part.size);
	if (r == 0)
		printf("%s BAR %u: %llu bytes at 0x%llx: %s%s\n", address, bar, (unsigned long long)part.size,
		       (unsigned long long)part.offset, part.backend[0] ? "write-combining, by " : "uncached", part.backend);
	return r;
}

int main(int argc, char **argv)
{
	struct vfio vfio = { -1, -1, -1 };
	int r;

	if (argc != 3 || strlen(argv[2]) != 1 || argv[2][0] < '0' || argv[2][0] > '5') {
		fprintf(stderr, "usage: vfio-wc ADDRESS BAR\n");
		return 2;
	}
	r = vfio_open(argv[1], &vfio);
	if (r == 0)
		r = map_and_use(argv[1], (unsigned int)(argv[2][0] - '0'), vfio.device);
	vfio_close(&vfio);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
