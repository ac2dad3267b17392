/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vfio: asks the driver of a VFIO device, by the private feature of the module's uAPI header, module/pciwc-vfio.h. */
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "lib/pages.h"
#include "lib/pciwc.h"
#include "module/pciwc-vfio.h"

#define RANGES_FIRST 16   /* as many as the module has today */
#define RANGES_MAX 4096   /* more is no answer */

static size_t room_for(size_t ranges)
{
	return sizeof(struct pciwc_vfio_wc) + ranges * sizeof(struct pciwc_vfio_range);
}

/* wc travels to the driver and back. */
static int feature(int device_fd, uint32_t direction, struct pciwc_vfio_wc *wc, size_t size)
{
	_cleanup_free_ struct vfio_device_feature *request = calloc(1, sizeof(*request) + size);

	if (!request)
		return -ENOMEM;
	request->argsz = (uint32_t)(sizeof(*request) + size);
	request->flags = direction | PCIWC_VFIO_FEATURE_WC;
	memcpy(request->data, wc, size);
	if (ioctl(device_fd, VFIO_DEVICE_FEATURE, request) < 0)
		return -errno;
	memcpy(wc, request->data, size);
	return 0;
}

/* The ranges that the driver allows; the caller frees them. The list does not change while the device is open. */
static int read_ranges(int device_fd, struct pciwc_vfio_wc **ret)
{
	for (size_t room = RANGES_FIRST; room <= RANGES_MAX;) {
		_cleanup_free_ struct pciwc_vfio_wc *wc = calloc(1, room_for(room));
		int r = wc ? feature(device_fd, VFIO_DEVICE_FEATURE_GET, wc, room_for(room)) : -ENOMEM;

		if (r < 0)
			return r;
		if (wc->nr_ranges <= room) {
			*ret = steal(&wc);
			return 0;
		}
		room = wc->nr_ranges;
	}
	return -E2BIG;
}

int pciwc_vfio_request(int device_fd, bool on)
{
	struct pciwc_vfio_wc wc = { .flags = on ? PCIWC_VFIO_WC_ON : 0 };

	return feature(device_fd, VFIO_DEVICE_FEATURE_SET, &wc, sizeof(wc));
}

int pciwc_vfio_is_wc(int device_fd, unsigned int bar, uint64_t offset, uint64_t size)
{
	_cleanup_free_ struct pciwc_vfio_wc *wc = NULL;
	int r = read_ranges(device_fd, &wc);

	if (r < 0)
		return r;
	if (!pages_widen(&offset, &size))
		return 0;
	for (uint32_t i = 0; i < wc->nr_ranges; i++) {
		const struct pciwc_vfio_range *range = &wc->ranges[i];

		if (range->bar == bar && (range->flags & PCIWC_VFIO_RANGE_ACTIVE) && offset >= range->offset &&
		    size <= range->size && offset - range->offset <= range->size - size)
			return 1;
	}
	return 0;
}
