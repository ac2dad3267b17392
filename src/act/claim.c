/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claim: exclusive use of a device, and its way back.
 *
 * In this order, each with its undoing done in the reverse one:
 *  1. identity, and what rules a probe out without a change: boot_vga, enabled VFs;
 *  2. nobody else: the VFIO group opened (bound to VFIO), or driver_override pointed at a name that no driver has (no
 *     driver), and then the driver looked at again, for one may have been binding meanwhile;
 *  3. nobody there already: /proc/iomem, /proc/PID/maps and fd. Only now: who comes later finds the device taken, or is seen
 *     at the end;
 *  4. awake: power, decode, bus mastering, links (awake.c).
 *
 * What it does not exclude, claim_check looks for: unbind, rebind, resize, setpci, unplugging. Three things leave no
 * trace: a sysfs reset, after which the kernel restores COMMAND and BARs (the tests see lost contents, if anything),
 * a process that maps resourceN during the probe and is done before claim_check_shared looks, and a driver_override
 * that somebody sets between our reading and our writing it: the driver that he binds is seen, his override is lost.
 */
#include "act/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "act/config.h"
#include "act/devdir.h"
#include "act/group.h"
#include "act/mappers.h"
#include "act/region.h"
#include "base/cleanup.h"
#include "base/log.h"

/* What sysfs shows of an override that is not set, and what unsets it (drivers/base/driver.c, driver_set_override). */
#define OVERRIDE_UNSET "(null)"
#define OVERRIDE_UNSETS "\n"

/* Puts the device's address before what the checks say of "it". */
static int about(const struct claim *claim, struct err *err, int r)
{
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&claim->address, address);
	return err_about(err, r, address);
}

static int check_ids(const struct claim *claim, struct err *err)
{
	static const char *const names[] = { "vendor", "device", "revision", "subsystem_vendor", "subsystem_device", "class" };
	const struct card *card = &claim->card;
	const uint64_t expected[] = { claim->vendor,          claim->device,          claim->revision,
		                      card->subsystem_vendor, card->subsystem_device, card->class };
	uint64_t value;

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		int r = attr_u64(claim->dir, names[i], 16, &value);

		if (r < 0)
			return err_errno(err, r, "vanished", "the device has gone: %s", names[i]);
		if (value != expected[i])
			return err_set(err, -ENODEV, "vanished", "another device is here: its %s is 0x%llx, not 0x%llx",
			               names[i], (unsigned long long)value, (unsigned long long)expected[i]);
	}
	return 0;
}

static int take_identity(struct claim *claim, const struct device *device, const struct bar *bar, struct err *err)
{
	int r = devdir_open(claim->root, &device->address, &claim->dir);

	if (r < 0)
		return err_errno(err, r, "vanished", "the device has gone");
	r = check_ids(claim, err);
	if (r < 0)
		return r;
	r = region_of_bar(claim->dir, bar->index, &claim->bar_base, &claim->bar_size_bytes);
	if (r < 0)
		return err_errno(err, r, "cannot-claim", "where BAR %u is, by the resource file", bar->index);
	if (claim->bar_base != bar->base || claim->bar_size_bytes != bar->size_bytes)
		return err_set(err, -ESTALE, "vanished", "BAR %u is at 0x%llx now, not at 0x%llx", bar->index,
		               (unsigned long long)claim->bar_base, (unsigned long long)bar->base);
	return 0;
}

static int refuse_unfit(const struct claim *claim, const struct device *device, struct err *err)
{
	uint64_t boot_vga = 0, n_vfs = 0;
	int r = devdir_count(claim->dir, "boot_vga", &boot_vga);

	if (r == 0)
		r = devdir_count(claim->dir, "sriov_numvfs", &n_vfs);
	if (r < 0)
		return err_errno(err, r, "cannot-claim", "boot_vga and sriov_numvfs");
	if (device->boot_vga || boot_vga)
		return err_set(err, -EBUSY, "boot-vga", "it is the screen that the firmware chose");
	if (n_vfs)
		return err_set(err, -EBUSY, "has-vfs", "%llu virtual functions of it are enabled",
		               (unsigned long long)n_vfs);
	return 0;
}

/* ---- nobody else ---- */

/* *ret_is_left: it is as one that was killed has left it, and the kernel let no driver have it since. */
static int take_override(struct claim *claim, const struct claim_before *left, struct err *err, bool *ret_is_left)
{
	int r = attr_text(claim->dir, "driver_override", 4096, &claim->driver_override);

	if (r == 0)
		r = attr_write(claim->dir, "driver_override", CLAIMED_OVERRIDE);
	if (r < 0)
		return err_errno(err, r, "cannot-claim", "driver_override");
	if (!str_eq(claim->driver_override, CLAIMED_OVERRIDE))
		return 0;
	*ret_is_left = left;
	if (left) {
		log_warn("an earlier pciwc was killed here: what it changed is put back as well");
		return str_set(&claim->driver_override, left->driver_override ?: OVERRIDE_UNSET);
	}
	/*
	 * What driver_override was is lost; the count of `enable` stays, for lowering a count that may be another's is
	 * worse than a device that stays enabled.
	 */
	log_warn("an earlier pciwc was killed here: driver_override becomes unset, enable and power/control stay as it "
	         "left them");
	return str_set(&claim->driver_override, OVERRIDE_UNSET);
}

static int check_driver(const struct claim *claim, struct err *err)
{
	_cleanup_free_ char *driver = NULL, *override = NULL;
	int r = devdir_driver(claim->dir, &driver);

	if (r < 0)
		return err_errno(err, r, "vanished", "driver");
	if (!str_eq(driver, claim->driver))
		return err_set(err, -EBUSY, driver ? "bound" : "changed", "its driver is %s now, not %s",
		               driver ?: "none", claim->driver ?: "none");
	if (claim->driver_override) {
		r = attr_text(claim->dir, "driver_override", 4096, &override);
		if (r < 0)
			return err_errno(err, r, "vanished", "driver_override");
		if (!str_eq(override, CLAIMED_OVERRIDE))
			return err_set(err, -EBUSY, "changed", "somebody set driver_override to %s", override);
	}
	return 0;
}

/* *left becomes NULL when the device is not as that one left it. */
static int take_exclusive(struct claim *claim, const struct device *device, const struct claim_before **left, struct err *err)
{
	bool is_left = false;
	int r = devdir_driver(claim->dir, &claim->driver);

	if (r < 0)
		return err_errno(err, r, "vanished", "driver");
	if (claim->driver && (!device->vfio || !str_eq(claim->driver, device->driver)))
		return err_set(err, -EBUSY, "bound", "its driver is %s", claim->driver);
	r = claim->driver ? group_take(claim->root, claim->dir, claim->driver, err, &claim->group)
	                  : take_override(claim, *left, err, &is_left);
	/* Of a bound device awake_take asks for itself: its driver may have used it since. */
	if (!claim->driver && !is_left)
		*left = NULL;
	return r < 0 ? r : check_driver(claim, err);
}

int claim_look(const struct sysroot *root, const struct pci_address *address, struct err *err, struct claim_before *ret)
{
	_cleanup_(claim_before_done) struct claim_before before = { .is_known = true };
	_cleanup_close_ int dir = -1, config = -1;
	int r = devdir_open(root, address, &dir);

	*ret = (struct claim_before){ 0 };
	if (r == 0)
		r = config_open(root, address, O_RDONLY, &config);
	if (r == 0)
		r = config_u16(config, CONFIG_COMMAND, &before.command);
	if (r == 0)
		r = attr_u64(dir, "enable", 10, &before.enable_count);
	if (r == 0)
		r = attr_text(dir, "driver_override", 4096, &before.driver_override);
	if (r == 0) {
		r = attr_text(dir, "power/control", 64, &before.power_control);
		/* Without runtime power management a claim changes nothing of it. */
		r = r == -ENOENT ? 0 : r;
	}
	/* That it is not there the claim itself will say. */
	if (r < 0) {
		char text[PCI_ADDRESS_SIZE];

		pci_address_format(address, text);
		return r == -ENOENT || r == -ENODEV ? 0 : err_errno(err, r, "unreadable", "%s: what a claim changes of it", text);
	}
	/* What one that was killed has left is not how it was. */
	if (str_eq(before.driver_override, CLAIMED_OVERRIDE) || !journal_is_word(before.driver_override))
		return 0;
	*ret = before;
	before = (struct claim_before){ 0 };
	return 0;
}

int claim_take(const struct sysroot *root, const struct device *device, const struct bar *bar,
               const struct claim_before *left, struct err *err, struct claim *ret)
{
	_cleanup_(claim_release) struct claim claim = CLAIM_NONE;

	claim.root = root;
	claim.address = device->address;
	claim.vendor = device->vendor;
	claim.device = device->device;
	claim.revision = device->revision;
	claim.card = card_of(device);
	claim.bar = bar->index;

	int r = take_identity(&claim, device, bar, err);

	if (r == 0)
		r = refuse_unfit(&claim, device, err);
	if (r == 0)
		r = take_exclusive(&claim, device, &left, err);
	if (r == 0)
		r = claim_check_shared(&claim, err);
	if (r == 0)
		r = awake_take(root, claim.dir, device, bar, claim.driver, left, err, &claim.awake);
	if (r == 0)
		r = claim_check(&claim, err);
	if (r < 0) {
		/* What one that was killed left stays marked as such, for one that comes further; it puts the rest back again. */
		if (left) {
			free(claim.driver_override);
			claim.driver_override = NULL;
		}
		return about(&claim, err, r);
	}
	*ret = claim;
	claim = (struct claim)CLAIM_NONE;
	return 0;
}

/* ---- is it still so ---- */

/* Unplugged and plugged again it has another directory, whatever its address and ids are. */
static int check_directory(const struct claim *claim, struct err *err)
{
	_cleanup_close_ int now = -1;
	struct stat mine, theirs;
	int r = devdir_open(claim->root, &claim->address, &now);

	if (r < 0)
		return err_errno(err, r, "vanished", "the device has gone");
	if (fstat(claim->dir, &mine) < 0 || fstat(now, &theirs) < 0)
		return err_errno(err, -errno, "vanished", "the device's directory");
	if (mine.st_dev != theirs.st_dev || mine.st_ino != theirs.st_ino)
		return err_set(err, -ENODEV, "vanished", "the device was removed, and one is here again");
	return 0;
}

static int check(const struct claim *claim, struct err *err)
{
	uint64_t base, size_bytes;
	int r = check_directory(claim, err);

	if (r == 0)
		r = check_ids(claim, err);
	if (r == 0)
		r = check_driver(claim, err);
	if (r < 0)
		return r;
	r = region_of_bar(claim->dir, claim->bar, &base, &size_bytes);
	if (r < 0)
		return err_errno(err, r, "vanished", "where BAR %u is", claim->bar);
	if (base != claim->bar_base || size_bytes != claim->bar_size_bytes)
		return err_set(err, -EBUSY, "changed", "somebody moved or resized BAR %u", claim->bar);
	return awake_check(&claim->awake, err);
}

int claim_check(const struct claim *claim, struct err *err)
{
	return about(claim, err, check(claim, err));
}

int claim_check_shared(const struct claim *claim, struct err *err)
{
	int r = region_refuse_owned(claim->root, &claim->address, claim->bar_base, claim->bar_size_bytes, err);

	if (r == 0)
		r = mappers_refuse(claim->root, claim->dir, &claim->address, claim->bar, err);
	return about(claim, err, r);
}

/* ---- the way back ---- */

static bool release_override(const struct claim *claim)
{
	_cleanup_free_ char *now = NULL;
	int r = attr_text(claim->dir, "driver_override", 4096, &now);

	if (r < 0)
		r = attr_text(claim->dir, "driver_override", 4096, &now);
	/* Somebody who set another one meanwhile meant it. */
	if (r == 0 && !str_eq(now, CLAIMED_OVERRIDE))
		return true;
	if (r == 0)
		r = devdir_undo(claim->dir, "driver_override",
		               str_eq(claim->driver_override, OVERRIDE_UNSET) || !claim->driver_override[0] ?
		               OVERRIDE_UNSETS : claim->driver_override);
	if (r < 0)
		log_warn("driver_override was \"%s\" and could not be put back: %s", claim->driver_override,
		         strerror(-r));
	return r == 0;
}

/* All of it works on this directory's device: its successor at the address is never touched. */
static void put_back(struct claim *claim)
{
	_cleanup_free_ char *driver = NULL;
	char text[PCI_ADDRESS_SIZE];
	uint64_t vendor;
	bool is_whole;
	int r;

	pci_address_format(&claim->address, text);
	r = attr_u64(claim->dir, "vendor", 16, &vendor);
	if (r == -ENOENT || r == -ENODEV) {
		log_warn("%s has gone: nothing is left to put back", text);
		return;
	}
	r = devdir_driver(claim->dir, &driver);
	if (r < 0)
		r = devdir_driver(claim->dir, &driver);
	/* Who cannot be asked may be another one. */
	is_whole = awake_release(&claim->awake, r < 0 || !str_eq(driver, claim->driver));
	if (claim->driver_override && !release_override(claim))
		is_whole = false;
	if (!is_whole)
		log_warn("%s: not all of it could be put back; see above", text);
}

void claim_release(struct claim *claim)
{
	if (claim->dir >= 0)
		put_back(claim);
	awake_done(&claim->awake);
	free(claim->driver);
	free(claim->driver_override);
	/* The group last: until here nobody else may have the device. */
	close_fd(&claim->group);
	close_fd(&claim->dir);
	*claim = (struct claim)CLAIM_NONE;
}
