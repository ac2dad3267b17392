/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grant: the file is never opened (O_PATH): that would be one more opener of a BAR. Giving sets the group before the
 * mode, taking back the mode before the group, so that a kill between the two leaves less granted, not more.
 */
#include "act/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "act/devdir.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/num.h"

#define GRANT_MODE_MAX 0660 /* never others, never executable */
#define REVOKED_MODE 0600

/* Who owns what is not granted: root; in a captured tree the tree's own owner, for only root could give it to root. */
struct owner {
	uid_t uid;
	gid_t gid;
};

static int owner_of(const struct sysroot *root, struct owner *ret)
{
	struct stat st;

	if (root->live) {
		*ret = (struct owner){ 0, 0 };
		return 0;
	}
	if (fstat(root->fd, &st) < 0)
		return -errno;
	*ret = (struct owner){ st.st_uid, st.st_gid };
	return 0;
}

/* ---- the group ---- */

static int live_group(const char *name, gid_t *ret)
{
	_cleanup_free_ char *room = NULL;
	struct group group, *found = NULL;
	int r = ERANGE;

	for (size_t size = 1024; r == ERANGE && size <= 1 << 20; size *= 4) {
		free(room);
		room = malloc(size);
		if (!room)
			return -ENOMEM;
		r = getgrnam_r(name, &group, room, size, &found);
	}
	if (r != 0)
		return -r;
	if (!found)
		return -ENOENT;
	*ret = found->gr_gid;
	return 0;
}

/* group(5): NAME:PASSWORD:GID:MEMBERS. The captured machine's own, for this one's numbers mean nothing there. */
static int captured_group(const struct sysroot *root, const char *name, gid_t *ret)
{
	_cleanup_free_ char *text = NULL;
	char *rest;
	int r = sysroot_text(root, "/etc/group", 1 << 20, &text);

	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *its = strsep(&line, ":"), *password = strsep(&line, ":"), *number = strsep(&line, ":");
		uint64_t gid;

		if (!password || !number || strcmp(its, name) != 0)
			continue;
		r = parse_u64(number, 10, 0, UINT32_MAX - 1, &gid);
		if (r == 0)
			*ret = (gid_t)gid;
		return r;
	}
	return -ENOENT;
}

int grant_group(const struct sysroot *root, const char *name, struct err *err, gid_t *ret)
{
	int r = root->live ? live_group(name, ret) : captured_group(root, name, ret);

	if (r == -ENOENT)
		return err_set(err, r, "no-such-group", "there is no group \"%s\" (%s/etc/group)", name, root->name);
	return r < 0 ? err_errno(err, r, "no-such-group", "the group \"%s\"", name) : 0;
}

/* ---- the file ---- */

struct place {
	int dir, file; /* the device's directory; resourceN_wc, O_PATH */
	struct stat st;
	char name[PCI_ADDRESS_SIZE + 32]; /* for messages */
};

static void place_done(struct place *place)
{
	close_fd(&place->file);
	close_fd(&place->dir);
}

/* -ENODEV without an err: no device, or another one; -ENOENT without an err: it has no such file. */
static int place_find(const struct sysroot *root, const struct pci_address *address, bool has_ids, uint16_t vendor,
                      uint16_t device, unsigned int bar, struct err *err, struct place *place)
{
	char text[PCI_ADDRESS_SIZE], file[32];

	pci_address_format(address, text);
	snprintf(file, sizeof(file), "resource%u_wc", bar);
	snprintf(place->name, sizeof(place->name), "%s/%s", text, file);

	int r = devdir_open(root, address, &place->dir);

	if (r == 0 && has_ids)
		r = devdir_is(place->dir, vendor, device);
	if (r == -ENOENT || r == -ENODEV)
		return -ENODEV;
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s/sys/bus/pci/devices/%s", root->name, text);
	/* From here on this directory's device is meant: a successor at the address has another. */
	place->file = openat(place->dir, file, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (place->file < 0 && errno == ENOENT)
		return -ENOENT;
	if (place->file < 0 || fstat(place->file, &place->st) < 0)
		return err_errno(err, -errno, "unreadable", "%s", place->name);
	if (!S_ISREG(place->st.st_mode))
		return err_set(err, -EPERM, "untrusted-file", "%s: expected a regular file", place->name);
	return 0;
}

static int set_owner(const struct place *place, uid_t uid, gid_t gid)
{
	return fchownat(place->file, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int set_mode(const struct place *place, mode_t mode)
{
	char path[64];

	/* fchmod(2) refuses an O_PATH descriptor, and fchmodat2(2) is of Linux 6.6. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", place->file);
	return chmod(path, mode) < 0 ? -errno : 0;
}

static bool is_so(const struct place *place, uid_t uid, gid_t gid, mode_t mode)
{
	return place->st.st_uid == uid && place->st.st_gid == gid && (place->st.st_mode & 07777) == mode;
}

/* Finds all that the row is about; nothing is changed. */
static int grant_find(const struct sysroot *root, const struct write *write, struct err *err, struct place *place,
                      struct owner *owner, gid_t *ret_gid)
{
	char text[PCI_ADDRESS_SIZE], path[64 + PCI_ADDRESS_SIZE];
	int r;

	pci_address_format(&write->address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u_wc", text, write->bar);
	if (!str_eq(path, write->path) || write->bar >= BAR_MAX || (write->mode & ~(mode_t)GRANT_MODE_MAX) ||
	    !write->group)
		return err_set(err, -EINVAL, "bad-policy", "%s: mode %04o is no grant of a BAR", write->path,
		               write->mode);
	r = owner_of(root, owner);
	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", write->path);
	r = grant_group(root, write->group, err, ret_gid);
	if (r == 0)
		r = place_find(root, &write->address, true, write->vendor, write->device, write->bar, err, place);
	if (r == -ENODEV)
		return err_set(err, r, "vanished", "%s: %04x:%04x is no longer there", text, write->vendor,
		               write->device);
	return r == -ENOENT ? err_set(err, r, "no-such-device", "%s is not there", place->name) : r;
}

/* What an approval has given of a BAR. -ENODEV, -ENOENT: as of place_find, it is not there. */
static int find_given(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err,
                      struct place *place, struct owner *owner)
{
	int r = owner_of(root, owner);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s/", root->name);
	return place_find(root, &approval->address, approval->is_readable, approval->vendor, approval->device, bar, err, place);
}

bool grant_is_so(const struct sysroot *root, const struct write *write)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	gid_t gid = 0;

	return grant_find(root, write, NULL, &place, &owner, &gid) == 0 && is_so(&place, owner.uid, gid, write->mode);
}

bool grant_is_of_another(const struct sysroot *root, const struct approval *approval, const struct write *write)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	gid_t gid = 0;

	/* What cannot be looked at, giving it says. */
	if (find_given(root, approval, write->bar, NULL, &place, &owner) < 0)
		return false;
	return !is_so(&place, owner.uid, owner.gid, REVOKED_MODE) &&
	       (!write->group || grant_group(root, write->group, NULL, &gid) < 0 || place.st.st_gid != gid);
}

char *grant_fault(const struct sysroot *root, const struct write *write)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	struct err why = { 0 };
	gid_t gid = 0;
	int r = grant_find(root, write, &why, &place, &owner, &gid);

	if (r < 0)
		return str_printf("not of group %s with mode %04o: %s", write->group, (unsigned int)write->mode, why.text);
	return str_printf("not of group %s with mode %04o: it has mode %04o, user %u and group %u; %s", write->group, (unsigned int)write->mode,
	                  (unsigned int)place.st.st_mode & 07777, (unsigned int)place.st.st_uid, (unsigned int)place.st.st_gid,
	                  is_so(&place, owner.uid, owner.gid, REVOKED_MODE)
	                          ? "so the kernel makes it, also anew when the BAR is resized: pciwc refresh gives it again"
	                          : "an earlier policy or somebody else has set that");
}

int grant_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	gid_t gid = 0;
	int r = grant_find(root, write, err, &place, &owner, &gid);

	if (r < 0)
		return r;
	*ret_changed = !is_so(&place, owner.uid, gid, write->mode);
	if (!*ret_changed)
		return 0;
	r = set_owner(&place, owner.uid, gid);
	if (r == 0)
		r = set_mode(&place, write->mode);
	return r < 0 ? err_errno(err, r, "cannot-write", "%s", place.name) : 0;
}

/* ---- who still has it ---- */

void revoked_done(struct revoked *revoked)
{
	free(revoked->at);
	*revoked = (struct revoked){ 0 };
}

static void revoked_add(struct revoked *revoked, const struct place *place, const struct pci_address *address, unsigned int bar)
{
	struct mappers_bar aim, *slot;
	struct err err = { 0 };

	if (mappers_aim(place->dir, address, bar, &err, &aim) < 0) {
		log_warn("%s: who still has it mapped, or open, is not known: %s", place->name, err.text);
		return;
	}
	slot = array_add(revoked);
	if (slot)
		*slot = aim;
	else
		log_warn("%s: who still has it mapped, or open, is not known: there is no memory left", place->name);
}

static void warn_of(const struct mappers_bar *bar, const struct mapper *mapper)
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(&bar->address, text);
	log_warn("%s/resource%u_wc: process %d (%s) still has it %s", text, bar->bar, (int)mapper->pid, mapper->comm,
	         mapper->is_open ? "open, and can map it, until it closes it or ends" : "mapped, until it ends");
}

void revoked_warn(const struct sysroot *root, const struct revoked *revoked)
{
	struct mappers mappers = { 0 };
	struct err err = { 0 };
	int r = revoked->n ? mappers_find(root, revoked->at, revoked->n, &err, &mappers) : 0;

	for (size_t i = 0; i < mappers.n; i++)
		warn_of(&revoked->at[mappers.at[i].bar], &mappers.at[i]);
	if (mappers.is_cut)
		log_warn("other processes still have what was taken back, too");
	if (r < 0)
		log_warn("who%s still has what was taken back mapped, or open, is not known: %s", mappers.n ? " else" : "", err.text);
}

/* ---- taking back ---- */

int grant_is_given(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	int r = find_given(root, approval, bar, err, &place, &owner);

	if (r == -ENODEV || r == -ENOENT)
		return 0;
	return r < 0 ? r : !is_so(&place, owner.uid, owner.gid, REVOKED_MODE);
}

int grant_take(const struct sysroot *root, const struct approval *approval, unsigned int bar, struct err *err,
               struct revoked *revoked, bool *ret_changed)
{
	_cleanup_(place_done) struct place place = { .dir = -1, .file = -1 };
	struct owner owner = { 0 };
	int r = find_given(root, approval, bar, err, &place, &owner);

	if (r == -ENODEV || r == -ENOENT) {
		if (approval->is_readable)
			log_warn("%s: not there any more, and its grant with it", place.name);
		*ret_changed = false;
		return 0;
	}
	if (r < 0)
		return r;
	*ret_changed = !is_so(&place, owner.uid, owner.gid, REVOKED_MODE);
	if (!*ret_changed)
		return 0;
	r = set_mode(&place, REVOKED_MODE);
	if (r == 0)
		r = set_owner(&place, owner.uid, owner.gid);
	if (r < 0)
		return err_errno(err, r, "cannot-write", "%s", place.name);
	revoked_add(revoked, &place, &approval->address, bar);
	return 0;
}
