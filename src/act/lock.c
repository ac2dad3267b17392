/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock: flock(2) on a file that only root can open, so that nobody else can hold it. */
#include "act/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "base/cleanup.h"

#define PATIENCE_MS 2000
#define LOOK_AGAIN_MS 100

int lock_take(const struct sysroot *root, const char *name, bool wait, struct err *err, int *ret)
{
	_cleanup_close_ int dir = -1, fd = -1;
	int r = sysroot_dir(root, RUN_DIR, 0755, err, &dir);

	if (r < 0)
		return r;
	fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "cannot-write", "%s%s/%s", root->name, RUN_DIR, name);
	do
		r = flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0 ? -errno : 0;
	while (r == -EINTR);
	if (r == -EWOULDBLOCK)
		return err_set(err, r, "busy", "another pciwc is running (%s%s/%s)", root->name, RUN_DIR, name);
	if (r < 0)
		return err_errno(err, r, "cannot-write", "%s%s/%s", root->name, RUN_DIR, name);
	*ret = steal_fd(&fd);
	return 0;
}

int lock_take_probe(const struct sysroot *root, struct err *err, int *ret)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	int r = lock_take(root, LOCK_PROBE, false, err, ret);

	for (unsigned int i = 0; i < PATIENCE_MS / LOOK_AGAIN_MS && r == -EWOULDBLOCK; i++) {
		nanosleep(&pause, NULL);
		r = lock_take(root, LOCK_PROBE, false, err, ret);
	}
	return r;
}
