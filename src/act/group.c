/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group: finds its node, also that of a machine without an IOMMU, and opens it. */
#include "act/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int group_take(const struct sysroot *root, int dir, const char *driver, struct err *err, int *ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *group = NULL, *kind = NULL;
	char path[300];
	struct stat st;
	int r = attr_link_name(dir, "iommu_group", &group);

	if (r < 0)
		return err_errno(err, r, "cannot-claim", "bound to %s, but has no IOMMU group", driver);
	/* A group that VFIO made up for a machine without an IOMMU says so in its name. */
	(void)attr_text(dir, "iommu_group/name", 64, &kind);
	snprintf(path, sizeof(path), "/dev/vfio/%s%.200s", str_eq(kind, "vfio-noiommu") ? "noiommu-" : "", group);
	r = sysroot_fd(root, path, O_RDWR | O_NOFOLLOW);
	if (r == -EBUSY)
		return err_set(err, r, "busy", "somebody else has its VFIO group open (%s)", path);
	if (r == -ENOENT)
		return err_set(err, r, "cannot-claim",
		               "this kernel has no VFIO group to hold (%s): unbind it from %s first", path,
		               driver);
	if (r < 0)
		return err_errno(err, r, "cannot-claim", "%s", path);
	fd = r;
	if (root->live && (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode)))
		return err_set(err, -ENOTTY, "cannot-claim", "%s is no device node", path);
	*ret = steal_fd(&fd);
	return 0;
}
