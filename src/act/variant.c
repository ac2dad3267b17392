/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variant: while a device changes drivers its VFIO group is held, so that no user comes in between: an unbind waits for
 * the last one, for ever. At each step the driver or driver_override tells, whatever kills this, that it is on its way
 * (approval_is_underway).
 */
#include "act/variant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "act/devdir.h"
#include "act/group.h"
#include "act/lock.h"
#include "act/mappers.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "observe/pci-sysfs.h"

/* What unsets driver_override (drivers/base/driver.c, driver_set_override), and what empties the list. */
#define NOTHING "\n"

struct bound {
	const struct sysroot *root;
	int dir, group, lock; /* lock: against probes */
	char *driver, *override; /* NULL: none */
	char address[PCI_ADDRESS_SIZE];
};

#define BOUND_NONE { .dir = -1, .group = -1, .lock = -1 }

static void bound_done(struct bound *bound)
{
	free(bound->driver);
	free(bound->override);
	close_fd(&bound->group);
	close_fd(&bound->lock);
	close_fd(&bound->dir);
}

/* -ENODEV without an err: no device, or, where is says which it must be, another one. */
static int bound_open(const struct sysroot *root, const struct pci_address *address, const uint16_t is[2], struct err *err,
                      struct bound *bound)
{
	int r = devdir_open(root, address, &bound->dir);

	bound->root = root;
	pci_address_format(address, bound->address);
	if (r == 0 && is)
		r = devdir_is(bound->dir, is[0], is[1]);
	if (r == -ENOENT || r == -ENODEV)
		return -ENODEV;
	if (r == 0)
		r = devdir_driver(bound->dir, &bound->driver);
	if (r == 0)
		r = pci_override_read(bound->dir, &bound->override);
	return r < 0 ? err_errno(err, r, "unreadable", "%s: its driver", bound->address) : 0;
}

static int bound_of_write(const struct sysroot *root, const struct write *write, struct err *err, struct bound *bound)
{
	const uint16_t is[] = { write->vendor, write->device };
	int r = bound_open(root, &write->address, is, err, bound);

	return r == -ENODEV ? err_set(err, r, "vanished", "%s: %04x:%04x is no longer there", bound->address, write->vendor,
	                              write->device)
	                    : r;
}

/* A device without a driver is used by whoever has mapped one of its BARs, or can, and by a probe. */
static int refuse_mapped(const struct bound *bound, const struct pci_address *address, struct err *err)
{
	int r = 0;

	for (unsigned int bar = 0; r == 0 && bar < BAR_MAX; bar++)
		r = mappers_refuse(bound->root, bound->dir, address, bar, err);
	return r;
}

/*
 * Nobody may be using it, and nobody shall begin: no probe, no VFIO user, and no virtual function, which would vanish
 * with the driver.
 */
static int hold(struct bound *bound, const struct pci_address *address, struct err *err)
{
	uint64_t n = 0;
	int r = lock_take(bound->root, LOCK_PROBE, false, err, &bound->lock);

	if (r == 0 && devdir_count(bound->dir, "sriov_numvfs", &n) < 0)
		r = err_set(err, -EBUSY, "busy", "whether virtual functions of it are enabled cannot be read");
	if (r == 0 && n)
		r = err_set(err, -EBUSY, "busy", "%llu virtual functions of it are enabled", (unsigned long long)n);
	if (r == 0)
		r = bound->driver ? group_take(bound->root, bound->dir, bound->driver, err, &bound->group)
		                  : refuse_mapped(bound, address, err);
	return err_about(err, r, bound->address);
}

/* verb: "bind" or "unbind". */
static int drive(const struct bound *bound, const char *driver, const char *verb)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%.200s", driver);

	_cleanup_close_ int dir = sysroot_fd(bound->root, path, O_DIRECTORY | O_RDONLY);

	return dir < 0 ? dir : attr_write(dir, verb, bound->address);
}

/*
 * From one driver to another, either NULL for none, leaving driver_override as it is to be. Meanwhile it names the new
 * driver: without it some drivers take no device (vfio-pci), or another may want it.
 */
static int rebind(const struct bound *bound, const char *from, const char *to, const char *override)
{
	int r = to ? attr_write(bound->dir, "driver_override", to) : 0;

	if (r == 0 && from)
		r = drive(bound, from, "unbind");
	if (r == 0 && to)
		r = drive(bound, to, "bind");
	if (r == 0 && (!to || !str_eq(to, override)))
		r = attr_write(bound->dir, "driver_override", override ?: NOTHING);
	return r;
}

static bool is_bound_to(const struct bound *bound, const char *name)
{
	_cleanup_free_ char *driver = NULL;

	return devdir_driver(bound->dir, &driver) == 0 && str_eq(driver, name);
}

/* Puts back what an attempt to bind has changed. */
static void give_up(const struct bound *bound)
{
	bool is_still = is_bound_to(bound, bound->driver);

	if (rebind(bound, NULL, is_still ? NULL : bound->driver, bound->override) < 0 || !is_bound_to(bound, bound->driver))
		log_warn("%s: its driver was %s, and could not be bound again", bound->address, bound->driver ?: "none");
}

int variant_bind(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	_cleanup_(bound_done) struct bound bound = BOUND_NONE;
	int r = bound_of_write(root, write, err, &bound);

	if (r < 0)
		return r;
	*ret_changed = !str_eq(bound.driver, write->text) || !str_eq(bound.override, write->text);
	if (!*ret_changed)
		return 0;
	/* Bound to it, but not by that name: only the name is missing. */
	if (str_eq(bound.driver, write->text)) {
		r = attr_write(bound.dir, "driver_override", write->text);
		return r < 0 ? err_errno(err, r, "cannot-write", "%s: driver_override", bound.address) : 0;
	}
	/* How it was before that only the next probe can tell. */
	if (str_eq(bound.override, CLAIMED_OVERRIDE))
		return err_set(err, -EBUSY, "busy", "%s: claimed by a pciwc that runs, or that was killed: a probe of it puts back what that one changed",
		               bound.address);
	if (!str_eq(bound.driver, write->from))
		return err_set(err, -EBUSY, "bound", "%s: its driver is %s now, and was %s when it was judged", bound.address,
		               bound.driver ?: "none", write->from ?: "none");
	r = hold(&bound, &write->address, err);
	if (r < 0)
		return r;
	r = rebind(&bound, bound.driver, write->text, write->text);
	if (r == 0 && is_bound_to(&bound, write->text))
		return 0;
	give_up(&bound);
	return err_set(err, r < 0 ? r : -ENODEV, "cannot-bind", "%s: %s did not take it: %s", bound.address, write->text,
	               r < 0 ? strerror(-r) : "the kernel's log says why (dmesg)");
}

/* ---- the list ---- */

static bool is_unavailable(const struct wc_ranges *ranges)
{
	for (size_t i = 0; i < ranges->n; i++)
		if (ranges->at[i].is_unavailable)
			return true;
	return false;
}

/* Is the list told, and does it hold: while the device is open a part may be uncached, for somebody had it so before. */
static bool is_in_force(int dir, const char *text, bool must_hold)
{
	_cleanup_(wc_ranges_done) struct wc_ranges now = { 0 }, wanted = { 0 };
	_cleanup_free_ char *said = NULL;

	return attr_text(dir, "wc_ranges", 4096, &said) == 0 && wc_ranges_parse(said, &now) == 0 &&
	       wc_ranges_parse(text, &wanted) == 0 && wc_ranges_equal(&now, &wanted) &&
	       !(must_hold && is_unavailable(&now));
}

static int write_list(const struct bound *bound, const char *text, struct err *err)
{
	int r = attr_write(bound->dir, "wc_ranges", text);

	if (r == -EBUSY)
		return err_set(err, r, "busy", "%s: somebody has it open, and the list of %s does not change under a user",
		               bound->address, VARIANT_DRIVER);
	return r < 0 ? err_errno(err, r, "cannot-write", "%s: wc_ranges", bound->address) : 0;
}

int variant_list(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	_cleanup_(bound_done) struct bound bound = BOUND_NONE;
	int r = bound_of_write(root, write, err, &bound);

	if (r < 0)
		return r;
	*ret_changed = !is_in_force(bound.dir, write->text, false);
	return *ret_changed ? write_list(&bound, write->text, err) : 0;
}

/* Of a device that is bound to the module's driver, or on its way there or back. */
static int give_back(struct bound *bound, const struct approval *approval, struct err *err)
{
	const struct predecessor *before = &approval->before;
	bool is_ours = str_eq(bound->driver, VARIANT_DRIVER);
	/* Only the module's driver is unbound: another one is back already, or somebody's choice. */
	bool must_move = !str_eq(bound->driver, before->driver) && (is_ours || !bound->driver);
	int r = must_move ? hold(bound, &approval->address, err) : 0;

	if (r < 0)
		return r;
	r = rebind(bound, must_move ? bound->driver : NULL, must_move ? before->driver : NULL, before->override);
	if (r < 0)
		return err_errno(err, r, "cannot-bind", "%s: its driver %s could not be bound again", bound->address,
		                 before->driver ?: "(none)");
	if (is_ours && !is_bound_to(bound, before->driver))
		log_warn("%s: %s, which it had before, did not take it again", bound->address, before->driver ?: "no driver");
	return 0;
}

/* 1: there is something to be given back. 0: not, or somebody else has given the device another driver since, and that is his. */
static int find_given(const struct sysroot *root, const struct approval *approval, struct err *err, struct bound *bound)
{
	const uint16_t is[] = { approval->vendor, approval->device };
	int r = bound_open(root, &approval->address, approval->is_readable ? is : NULL, err, bound);

	return r == -ENODEV ? 0 : r < 0 ? r : approval_is_underway(approval, bound->driver, bound->override);
}

int variant_is_given(const struct sysroot *root, const struct approval *approval, struct err *err)
{
	_cleanup_(bound_done) struct bound bound = BOUND_NONE;

	return find_given(root, approval, err, &bound);
}

int variant_take(const struct sysroot *root, const struct approval *approval, struct err *err, bool *ret_changed)
{
	_cleanup_(bound_done) struct bound bound = BOUND_NONE;
	int r = find_given(root, approval, err, &bound);

	*ret_changed = r > 0;
	if (r <= 0)
		return r;
	/* First of all nothing is given any more; while somebody has the device open this is refused. */
	r = str_eq(bound.driver, VARIANT_DRIVER) ? write_list(&bound, NOTHING, err) : 0;
	/* Of an approval that cannot be read nobody knows what was there before. */
	return r < 0 || !approval->is_readable ? r : give_back(&bound, approval, err);
}

bool variant_is_so(const struct sysroot *root, const struct write *write)
{
	_cleanup_(bound_done) struct bound bound = BOUND_NONE;

	if (bound_of_write(root, write, NULL, &bound) < 0)
		return false;
	return write->kind == WRITE_RANGES ? is_in_force(bound.dir, write->text, true)
	                                   : str_eq(bound.driver, write->text) && str_eq(bound.override, write->text);
}
