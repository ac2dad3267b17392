/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev: waits for its queue, and puts a device into it. */
#include "act/udev.h"

#include <errno.h>
#include <libudev.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

#include "act/devdir.h"
#include "base/cleanup.h"

static void unref_udev(struct udev **udev)
{
	if (*udev)
		udev_unref(*udev);
}

static void unref_queue(struct udev_queue **queue)
{
	if (*queue)
		udev_queue_unref(*queue);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int udev_settle(int timeout_ms)
{
	_cleanup_(unref_udev) struct udev *udev = udev_new();
	_cleanup_(unref_queue) struct udev_queue *queue = udev ? udev_queue_new(udev) : NULL;
	int64_t until = now_ms() + timeout_ms;

	if (!queue)
		return -ENOMEM;
	/* An inotify watch on udev's own mark of being busy: it tells that something changed, not what. */
	struct pollfd changed = { .fd = udev_queue_get_fd(queue), .events = POLLIN };

	while (!udev_queue_get_queue_is_empty(queue)) {
		int64_t left = until - now_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		if (changed.fd < 0 || poll(&changed, 1, (int)left) < 0)
			return changed.fd < 0 || errno != EINTR ? -EIO : 0;
		udev_queue_flush(queue);
	}
	return 0;
}

int udev_change(const struct sysroot *root, const struct pci_address *address)
{
	_cleanup_close_ int dir = -1;
	int r = root->live ? devdir_open(root, address, &dir) : 0;

	return r == 0 && dir >= 0 ? attr_write(dir, "uevent", "change") : r;
}
