/* SPDX-License-Identifier: GPL-2.0-or-later */
/* awake: power/control, enable, COMMAND, a VF's memory bit in its PF, and the links above. */
#include "act/awake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "act/config.h"
#include "act/devdir.h"
#include "base/cleanup.h"
#include "base/log.h"

#define WAKE_POLL_MS 10
#define WAKE_POLLS 200 /* two seconds: D3cold takes 100 ms (PCIe 6.0, 6.6.1) and a slow device more */

/* The bits of COMMAND that a claim, and the kernel on its behalf (pci_enable_device), may change. */
#define COMMAND_OURS (COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_INTX_DISABLE)

#define POWER_STATE 0x0003           /* of PM_CONTROL; 0 is D0 */
#define SRIOV_VF_DECODES 0x0009      /* VF Enable and VF Memory Space Enable */
#define LINK_CAPS_REPORTS 0x00100000 /* Data Link Layer Link Active Reporting Capable */
#define LINK_STATUS_ACTIVE 0x2000
#define FLAGS_SLOT 0x0100
#define SLOT_STATUS_PRESENT 0x0040

static bool is_active(int dir)
{
	_cleanup_free_ char *status = NULL, *state = NULL;

	if (attr_text(dir, "power/runtime_status", 64, &status) == 0 && !str_eq(status, "active") &&
	    !str_eq(status, "unsupported"))
		return false;
	/* "unknown" is how the kernel calls the power of a device whose driver has left; PM_CONTROL is asked below. */
	return attr_text(dir, "power_state", 64, &state) < 0 || str_eq(state, "D0") || str_eq(state, "unknown");
}

static int wake(struct awake *awake, const struct claim_before *left, struct err *err)
{
	const struct timespec pause = { .tv_nsec = WAKE_POLL_MS * 1000000L };
	_cleanup_free_ char *control = NULL;
	int r = attr_text(awake->dir, "power/control", 64, &control);

	/* A kernel without power management never lets it sleep. */
	if (r == 0 && !str_eq(control, "on")) {
		awake->power_control = steal(&control);
		r = attr_write(awake->dir, "power/control", "on");
	} else if (r == 0 && left && left->power_control && !str_eq(left->power_control, "on")) {
		r = str_set(&awake->power_control, left->power_control);
	}
	if (r < 0 && r != -ENOENT)
		return err_errno(err, r, "cannot-claim", "power/control");
	for (unsigned int i = 0; !is_active(awake->dir); i++) {
		if (i == WAKE_POLLS)
			return err_set(err, -ETIMEDOUT, "not-decoding", "it does not wake up to D0");
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int open_config(struct awake *awake, const struct device *device, struct err *err)
{
	awake->config = openat(awake->dir, "config", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (awake->config < 0)
		return err_errno(err, -errno, "cannot-claim", "config");
	awake->pm = config_cap(awake->config, CAP_PM);
	if (awake->pm < 0)
		return err_errno(err, awake->pm, "cannot-claim", "its capabilities");
	if (!device->is_vf)
		return 0;

	_cleanup_close_ int physfn = openat(awake->dir, "physfn", O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	awake->physfn = physfn < 0 ? -1 : openat(physfn, "config", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (awake->physfn < 0)
		return err_errno(err, -errno, "cannot-claim", "its physical function");
	awake->physfn_sriov = config_ext_cap(awake->physfn, EXT_CAP_SRIOV);
	if (awake->physfn_sriov < 0)
		return err_errno(err, awake->physfn_sriov, "cannot-claim", "its physical function's capabilities");
	return awake->physfn_sriov ? 0 :
		err_set(err, -EIO, "cannot-claim", "its physical function shows no SR-IOV");
}

/* pm: where the capability is; 0: none. */
static int check_power(int config, int pm, const char *who, struct err *err)
{
	uint16_t control = 0;
	int r = pm ? config_u16(config, (unsigned int)pm + PM_CONTROL, &control) : 0;

	if (r < 0)
		return err_errno(err, r, "not-decoding", "the power state of %s", who);
	if (control & POWER_STATE)
		return err_set(err, -EIO, "not-decoding", "%s is in power state D%d", who, control & POWER_STATE);
	return 0;
}

/* A VF answers all-ones for its own vendor and device (PCIe 6.0, 9.3.4.1.1): its PF vouches for them. */
static int check_registers(const struct awake *awake, struct err *err)
{
	uint16_t vendor = 0, device = 0;
	uint8_t revision = 0;
	int id = awake->physfn >= 0 ? awake->physfn : awake->config;
	int r = config_u16(id, CONFIG_VENDOR, &vendor);

	if (r == 0)
		r = config_u16(id, CONFIG_VENDOR + 2, &device);
	if (r == 0)
		r = config_u8(awake->config, CONFIG_REVISION, &revision);
	if (r < 0)
		return err_errno(err, r, "vanished", "its configuration space");
	if (vendor == 0xffff)
		return err_set(err, -ENODEV, "vanished", "it no longer answers: its vendor id reads all-ones");
	if (awake->physfn < 0 && (vendor != awake->vendor || device != awake->device))
		return err_set(err, -ENODEV, "vanished", "%04x:%04x answers, not %04x:%04x", vendor, device,
		               awake->vendor, awake->device);
	if (revision != awake->revision)
		return err_set(err, -ENODEV, "vanished", "its revision is %02x, not %02x", revision, awake->revision);
	return check_power(awake->config, awake->pm, "it", err);
}

static int check_physfn(const struct awake *awake, struct err *err)
{
	uint16_t control = 0;
	int pm = config_cap(awake->physfn, CAP_PM), r;

	r = pm < 0 ? pm : config_u16(awake->physfn, (unsigned int)awake->physfn_sriov + SRIOV_CONTROL, &control);
	if (r < 0)
		return err_errno(err, r, "not-decoding", "its physical function");
	if ((control & SRIOV_VF_DECODES) != SRIOV_VF_DECODES)
		return err_set(err, -EIO, "not-decoding", "its physical function does not let it decode memory");
	return check_power(awake->physfn, pm, "its physical function", err);
}

static uint16_t claimed_command(uint16_t before, bool is_vf)
{
	return (uint16_t)((before | (is_vf ? 0 : COMMAND_MEMORY)) & ~COMMAND_MASTER);
}

/* -EBUSY: a driver was bound to it since; what it has now is that one's. */
static int check_unbound(const struct awake *awake)
{
	_cleanup_free_ char *driver = NULL;
	int r = awake->is_bound ? 0 : devdir_driver(awake->dir, &driver);

	return r == 0 && driver ? -EBUSY : r;
}

/* Raises the count, unless somebody who was killed has left it raised: once more would not be ours to take back. */
static int enable(int dir, const struct claim_before *left)
{
	uint64_t count = 0;
	int r = left ? attr_u64(dir, "enable", 10, &count) : 0;

	if (r < 0 || (left && count == left->enable_count + 1))
		return r;
	return attr_write(dir, "enable", "1");
}

static int refuse_bound(struct err *err)
{
	return err_set(err, -EBUSY, "bound", "a driver was bound to it meanwhile");
}

/*
 * Memory on, bus mastering off, everything else as it was. An unbound device goes through the kernel's own count first:
 * that also enables the bridges above, which stay enabled afterwards, as they would after any driver. A bridge's
 * COMMAND is never written here.
 */
static int decode(struct awake *awake, const struct device *device, const struct claim_before *left, struct err *err)
{
	uint16_t now = 0;
	int r = config_u16(awake->config, CONFIG_COMMAND, &awake->command);

	if (r == 0 && !device->is_vf && !awake->is_bound) {
		r = enable(awake->dir, left);
		if (r == -EBUSY && check_unbound(awake) == -EBUSY)
			return refuse_bound(err);
		if (r < 0)
			return err_errno(err, r, "not-decoding", "enable");
		awake->enabled = true;
	}
	awake->command_now = claimed_command(awake->command, device->is_vf);
	if (left && (!awake->is_bound || awake->command == claimed_command(left->command, device->is_vf))) {
		awake->command_changed = awake->command != left->command;
		/* Of one without a driver the claim has said so. */
		if (awake->is_bound && awake->command_changed)
			log_warn("an earlier pciwc was killed here: what it changed is put back as well");
		awake->command = left->command;
	}
	if (r == 0)
		r = config_u16(awake->config, CONFIG_COMMAND, &now);
	if (r == 0 && now != awake->command_now)
		r = check_unbound(awake);
	if (r == -EBUSY)
		return refuse_bound(err);
	if (r == 0 && now != awake->command_now) {
		awake->command_changed = true;
		r = config_write_u16(awake->config, CONFIG_COMMAND, awake->command_now);
		if (r == 0)
			r = config_u16(awake->config, CONFIG_COMMAND, &now);
	}
	if (r < 0)
		return err_errno(err, r, "not-decoding", "COMMAND");
	if (now != awake->command_now)
		return err_set(err, -EIO, "not-decoding", "COMMAND stays 0x%04x, expected 0x%04x", now,
		               awake->command_now);
	return device->is_vf ? check_physfn(awake, err) : 0;
}

/*
 * A port that finds its slot empty while what is in there has just answered keeps no book of its link: QEMU's does not
 * where ACPI handles hot-plug (hw/acpi/pcihp.c in place of hw/pci/pcie.c).
 */
static bool is_blind(int config, unsigned int pcie)
{
	uint16_t flags = 0, status = 0;

	return config_u16(config, pcie + PCIE_FLAGS, &flags) == 0 && flags & FLAGS_SLOT &&
	       config_u16(config, pcie + PCIE_SLOT_STATUS, &status) == 0 && !(status & SLOT_STATUS_PRESENT);
}

/*
 * Each port above decodes memory, and its link, where it says so, is up. A link has two PCI Express ends: below a port
 * of an emulator there may be a conventional function, and then the port's link status says nothing.
 */
static int check_port(const struct sysroot *root, const struct pci_address *port, bool is_link, struct err *err)
{
	_cleanup_close_ int config = -1;
	char text[PCI_ADDRESS_SIZE];
	uint16_t command = 0, status = 0;
	uint32_t caps = 0;
	int r = config_open(root, port, O_RDONLY, &config), pcie = 0;

	pci_address_format(port, text);
	if (r == 0)
		r = config_u16(config, CONFIG_COMMAND, &command);
	if (r == 0 && is_link)
		r = pcie = config_cap(config, CAP_PCIE);
	if (r > 0)
		r = config_u32(config, (unsigned int)pcie + PCIE_LINK_CAPS, &caps);
	if (r < 0)
		return err_errno(err, r, "link-down", "the port %s above it", text);
	if (command == 0xffff)
		return err_set(err, -EIO, "link-down", "the port %s above it does not answer", text);
	if (!(command & COMMAND_MEMORY))
		return err_set(err, -EIO, "not-decoding", "the port %s above it does not forward memory accesses",
		               text);
	if (!(caps & LINK_CAPS_REPORTS))
		return 0;
	r = config_u16(config, (unsigned int)pcie + PCIE_LINK_STATUS, &status);
	if (r < 0)
		return err_errno(err, r, "link-down", "the link below the port %s", text);
	if (!(status & LINK_STATUS_ACTIVE) && !is_blind(config, (unsigned int)pcie))
		return err_set(err, -EIO, "link-down", "the link below the port %s is down", text);
	return 0;
}

static int read_bar(const struct awake *awake, uint32_t ret[static 2], struct err *err)
{
	for (unsigned int i = 0; i < awake->n_bar_registers; i++) {
		int r = config_u32(awake->config, CONFIG_BAR0 + 4 * (awake->bar + i), &ret[i]);

		if (r < 0)
			return err_errno(err, r, "vanished", "the register of BAR %u", awake->bar);
	}
	return 0;
}

int awake_take(const struct sysroot *root, int dir, const struct device *device, const struct bar *bar, bool is_bound,
               const struct claim_before *left, struct err *err, struct awake *awake)
{
	int r;

	awake->dir = dir;
	awake->is_bound = is_bound;
	awake->vendor = device->vendor;
	awake->device = device->device;
	awake->revision = device->revision;
	awake->bar = bar->index;
	awake->n_bar_registers = bar->width == 64 ? 2 : 1;
	r = wake(awake, left, err);
	if (r == 0)
		r = open_config(awake, device, err);
	if (r == 0)
		r = check_registers(awake, err);
	if (r == 0)
		r = decode(awake, device, left, err);
	for (size_t i = 0; r == 0 && i < device->n_ports; i++)
		r = check_port(root, &device->ports[i], i > 0 || device->caps.pcie, err);
	return r < 0 ? r : read_bar(awake, awake->bar_registers, err);
}

int awake_check(const struct awake *awake, struct err *err)
{
	uint16_t command = 0;
	uint32_t now[2] = { 0 };
	int r = check_registers(awake, err);

	if (r < 0)
		return r;
	r = config_u16(awake->config, CONFIG_COMMAND, &command);
	if (r < 0)
		return err_errno(err, r, "vanished", "COMMAND");
	if (command != awake->command_now)
		return err_set(err, -EBUSY, "changed",
		               "COMMAND is 0x%04x, and was 0x%04x: somebody reset or reconfigured it", command,
		               awake->command_now);
	r = read_bar(awake, now, err);
	if (r < 0)
		return r;
	if (memcmp(now, awake->bar_registers, sizeof(now)) != 0)
		return err_set(err, -EBUSY, "changed", "BAR %u's register is 0x%08x, and was 0x%08x: somebody moved it",
		               awake->bar, now[0], awake->bar_registers[0]);
	return awake->physfn >= 0 ? check_physfn(awake, err) : 0;
}

static bool leave_to_driver(void)
{
	log_warn("another driver has it now: COMMAND and the enable count stay as they are");
	return false;
}

static bool release_command(const struct awake *awake)
{
	int r = awake->enabled ? devdir_undo(awake->dir, "enable", "0") : 0, q = 0;
	uint16_t now = 0, want = 0;

	if (r < 0)
		log_warn("the enable count could not be lowered again: %s", strerror(-r));
	/*
	 * Lowering the count may have cleared bus mastering; only the bits that may be ours are put back. Twice, where it does
	 * not help at once, and what came of it is looked at. A driver that comes after the look and before the write is not
	 * seen: no call does both.
	 */
	for (unsigned int i = 0; i < 3; i++) {
		q = config_u16(awake->config, CONFIG_COMMAND, &now);
		want = (uint16_t)((now & ~COMMAND_OURS) | (awake->command & COMMAND_OURS));
		if (q == 0 && now == want)
			return r == 0;
		if (q == 0)
			q = check_unbound(awake);
		if (q == -EBUSY)
			return leave_to_driver();
		if (q == 0 && i < 2)
			q = config_write_u16(awake->config, CONFIG_COMMAND, want);
	}
	log_warn("COMMAND was 0x%04x and could not be put back: %s", awake->command, strerror(q < 0 ? -q : EIO));
	return false;
}

bool awake_release(const struct awake *awake, bool is_foreign)
{
	bool is_whole = true;
	int r;

	if (awake->enabled || awake->command_changed)
		is_whole = is_foreign ? leave_to_driver() : release_command(awake);
	if (awake->power_control) {
		r = devdir_undo(awake->dir, "power/control", awake->power_control);
		if (r < 0)
			log_warn("power/control was \"%s\" and could not be put back: %s", awake->power_control,
			         strerror(-r));
		is_whole = is_whole && r == 0;
	}
	return is_whole;
}

void awake_done(struct awake *awake)
{
	free(awake->power_control);
	close_fd(&awake->physfn);
	close_fd(&awake->config);
	*awake = (struct awake)AWAKE_NONE;
}
