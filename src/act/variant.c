/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * variant: while a device changes drivers its VFIO group is held, so that no user comes in between: an unbind waits for
 * the last one, for ever. driver_override is set first and so tells, whatever kills this, whose half-done work it is.
 */
#include "act/variant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "act/devdir.h"
#include "act/group.h"
#include "base/cleanup.h"
#include "base/log.h"

/* What unsets driver_override (drivers/base/driver.c, driver_set_override), and what empties the list. */
#define NOTHING "\n"

struct bound {
	const struct sysroot *root;
	int dir, group;
	char *driver, *override; /* NULL: none */
	char address[PCI_ADDRESS_SIZE];
};

static void bound_done(struct bound *bound)
{
	free(bound->driver);
	free(bound->override);
	close_fd(&bound->group);
	close_fd(&bound->dir);
}

static int read_override(struct bound *bound)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(bound->dir, "driver_override", 4096, &text);

	if (r == 0 && *text && strcmp(text, "(null)") != 0)
		bound->override = steal(&text);
	return r;
}

/* -ENODEV without an err: no device, or, where is says which it must be, another one. */
static int bound_open(const struct sysroot *root, const struct pci_address *address, const uint16_t is[2], struct err *err,
                      struct bound *bound)
{
	int r = devdir_open(root, address, &bound->dir);

	bound->root = root;
	pci_address_format(address, bound->address);
	if (r == -ENOENT || (r == 0 && is && !devdir_is(bound->dir, is[0], is[1])))
		return -ENODEV;
	if (r == 0)
		r = devdir_driver(bound->dir, &bound->driver);
	if (r == 0)
		r = read_override(bound);
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

/* Nobody may be using it, and nobody shall begin. A device without a driver has no user. */
static int hold(struct bound *bound, struct err *err)
{
	int r = bound->driver ? group_take(bound->root, bound->dir, bound->driver, err, &bound->group) : 0;
	char text[sizeof(err->text)];

	if (r < 0 && err) {
		snprintf(text, sizeof(text), "%s: %.480s", bound->address, err->text);
		memcpy(err->text, text, sizeof(text));
	}
	return r;
}

/* verb: "bind" or "unbind"; driver NULL: there is none to bind. */
static int drive(const struct bound *bound, const char *driver, const char *verb)
{
	char path[256];

	if (!driver)
		return 0;
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%.200s", driver);

	_cleanup_close_ int dir = sysroot_fd(bound->root, path, O_DIRECTORY | O_RDONLY);

	return dir < 0 ? dir : attr_write(dir, verb, bound->address);
}

/* By name, not by the bus's choice: where driver_override is not set, another driver may want it, too. */
static int rebind(const struct bound *bound, const char *override, const char *from, const char *to)
{
	int r = attr_write(bound->dir, "driver_override", override ?: NOTHING);

	if (r == 0)
		r = drive(bound, from, "unbind");
	if (r == 0)
		r = drive(bound, to, "bind");
	return r;
}

static bool is_bound_to(const struct bound *bound, const char *name)
{
	_cleanup_free_ char *driver = NULL;

	return devdir_driver(bound->dir, &driver) == 0 && str_eq(driver, name);
}

int variant_bind(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	_cleanup_(bound_done) struct bound bound = { .dir = -1, .group = -1 };
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
	r = hold(&bound, err);
	if (r < 0)
		return r;
	r = rebind(&bound, write->text, bound.driver, write->text);
	if (r == 0 && is_bound_to(&bound, write->text))
		return 0;
	if (rebind(&bound, bound.override, NULL, bound.driver) < 0 || !is_bound_to(&bound, bound.driver))
		log_warn("%s: its driver was %s, and could not be bound again", bound.address, bound.driver ?: "none");
	return err_set(err, r < 0 ? r : -ENODEV, "cannot-bind", "%s: %s did not take it: %s", bound.address, write->text,
	               r < 0 ? strerror(-r) : "the kernel's log says why (dmesg)");
}

/* ---- the list ---- */

static bool is_in_force(int dir, const char *text)
{
	_cleanup_(wc_ranges_done) struct wc_ranges now = { 0 }, wanted = { 0 };
	_cleanup_free_ char *said = NULL;

	return attr_text(dir, "wc_ranges", 4096, &said) == 0 && wc_ranges_parse(said, &now) == 0 &&
	       wc_ranges_parse(text, &wanted) == 0 && wc_ranges_equal(&now, &wanted);
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
	_cleanup_(bound_done) struct bound bound = { .dir = -1, .group = -1 };
	int r = bound_of_write(root, write, err, &bound);

	if (r < 0)
		return r;
	*ret_changed = !is_in_force(bound.dir, write->text);
	return *ret_changed ? write_list(&bound, write->text, err) : 0;
}

int variant_take(const struct sysroot *root, const struct approval *approval, struct err *err, bool *ret_changed)
{
	_cleanup_(bound_done) struct bound bound = { .dir = -1, .group = -1 };
	const struct predecessor *before = &approval->before;
	const uint16_t is[] = { approval->vendor, approval->device };
	int r = bound_open(root, &approval->address, approval->is_readable ? is : NULL, err, &bound);
	bool is_ours, is_half_done;

	*ret_changed = false;
	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	is_ours = str_eq(bound.driver, VARIANT_DRIVER);
	is_half_done = !bound.driver && before->driver && str_eq(bound.override, before->override);
	/* Somebody else has given it another driver since: that is his. */
	if (!is_ours && !is_half_done && !str_eq(bound.override, VARIANT_DRIVER))
		return 0;
	*ret_changed = true;
	if (is_ours) {
		r = hold(&bound, err);
		if (r == 0)
			r = write_list(&bound, NOTHING, err);
	}
	if (r < 0)
		return r;
	/* It was this driver's before, too; or nobody knows whose it was. */
	if (!approval->is_readable || (is_ours && str_eq(before->driver, VARIANT_DRIVER)))
		return 0;
	r = rebind(&bound, before->override, bound.driver, before->driver);
	if (r < 0)
		return err_errno(err, r, "cannot-write", "%s: its driver %s could not be bound again", bound.address,
		                 before->driver ?: "(none)");
	if (before->driver && !is_bound_to(&bound, before->driver))
		log_warn("%s: %s, which it had before, did not take it again", bound.address, before->driver);
	return 0;
}

bool variant_is_so(const struct sysroot *root, const struct write *write)
{
	_cleanup_(bound_done) struct bound bound = { .dir = -1, .group = -1 };

	if (bound_of_write(root, write, NULL, &bound) < 0)
		return false;
	return write->kind == WRITE_RANGES ? is_in_force(bound.dir, write->text)
	                                   : str_eq(bound.driver, write->text) && str_eq(bound.override, write->text);
}
