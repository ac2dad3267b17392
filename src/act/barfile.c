/* SPDX-License-Identifier: GPL-2.0-or-later */
/* barfile: names to and from BARs, and a reader that trusts only root's files. */
#include "act/barfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/document.h"

/* A record with all findings is a few KiB. */
#define FILE_MAX_BYTES (1 << 20)

void barfile_name(const struct pci_address *address, unsigned int bar, char ret[static BARFILE_NAME_SIZE])
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	snprintf(ret, BARFILE_NAME_SIZE, "%s-bar%u.json", text, bar % 10);
}

bool barfile_parse(const char *name, struct pci_address *ret_address, unsigned int *ret_bar)
{
	static const char tail[] = "-bar0.json";
	char again[BARFILE_NAME_SIZE], text[PCI_ADDRESS_SIZE];
	size_t n = strlen(name);
	struct pci_address address;

	if (n < sizeof(tail) || n - (sizeof(tail) - 1) >= sizeof(text))
		return false;

	unsigned int bar = (unsigned int)(name[n - strlen("0.json")] - '0');

	memcpy(text, name, n - (sizeof(tail) - 1));
	text[n - (sizeof(tail) - 1)] = '\0';
	if (bar >= BAR_MAX || pci_address_parse(text, &address) < 0)
		return false;
	barfile_name(&address, bar, again);
	if (strcmp(again, name) != 0)
		return false;
	*ret_address = address;
	*ret_bar = bar;
	return true;
}

int barfile_list(const struct sysroot *root, const char *dir, struct err *err, struct strs *ret, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	int r = sysroot_trusted(root, dir, err, &fd);

	if (r == -ENOENT) {
		*ret_fd = -1;
		return 0;
	}
	if (r == 0)
		r = dir_list(fd, ret);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s%s", root->name, dir);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int barfile_load(const struct sysroot *root, int dir, const char *name, const char *path, struct err *err,
                 struct json_object **ret)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return document_read(root, fd < 0 ? -errno : fd, path, FILE_MAX_BYTES, err, ret);
}

int barfile_remove(const struct sysroot *root, const char *path, const struct pci_address *address, unsigned int bar,
                   struct err *err)
{
	_cleanup_close_ int dir = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);
	char name[BARFILE_NAME_SIZE];

	if (dir == -ENOENT)
		return 0;
	if (dir < 0)
		return err_errno(err, dir, "cannot-write", "%s%s", root->name, path);
	barfile_name(address, bar, name);
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) {
		int r = -errno;

		/* Where nothing can be written EROFS comes first. */
		if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
			return err_errno(err, r, "cannot-write", "%s%s/%s", root->name, path, name);
	}
	/* Also when it was gone already: a removal that a crash took back would be read as that crash's cause. */
	if (fsync(dir) < 0 && errno != EINVAL)
		return err_errno(err, -errno, "cannot-write", "%s%s", root->name, path);
	return 0;
}
