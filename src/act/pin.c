/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin: who holds a device's BARs, whether that is what the policy says, and how it begins and ends. */
#include "act/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "act/devdir.h"
#include "act/lock.h"
#include "act/mappers.h"
#include "act/memtype.h"
#include "act/udev.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/strs.h"

/* udev, systemd and a look at the whole machine: some hundred milliseconds, more at boot. */
#define START_PATIENCE_MS 5000
#define LOOK_AGAIN_MS 50
#define END_PATIENCE_MS 5000
#define KILL_PATIENCE_MS 1000

static void lock_name(const struct pci_address *address, char ret[static PIN_LOCK_SIZE])
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(address, text);
	snprintf(ret, PIN_LOCK_SIZE, PIN_LOCK, text);
}

int pin_holder(const struct sysroot *root, const struct pci_address *address, struct err *err, pid_t *ret)
{
	_cleanup_close_ int dir = -1, fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char file[PIN_LOCK_SIZE];
	int r = sysroot_trusted(root, RUN_DIR, err, &dir);

	lock_name(address, file);
	if (r == 0) {
		fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		r = fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 ? -errno : 0;
	}
	if (r < 0 && r != -ENOENT)
		return err_errno(err, r, "unreadable", "%s" RUN_DIR "/%s", root->name, file);
	/* The kernel gives no number to who is not in this pid namespace. */
	if (r == 0 && lock.l_type != F_UNLCK && lock.l_pid <= 0)
		return err_set(err, -ESRCH, "hidden", "%s" RUN_DIR "/%s: the process that holds it is not visible: run it on the host, not in a container",
		               root->name, file);
	*ret = r < 0 || lock.l_type == F_UNLCK ? 0 : lock.l_pid;
	return 0;
}

/* 1, 0, or a negative errno with err. */
static int has_type(const struct sysroot *root, const struct write *write, struct err *err)
{
	struct memtype_search search = { .start = write->base, .end = write->base + write->size_bytes };
	_cleanup_close_ int list = sysroot_fd(root, MEMTYPE_LIST, O_RDONLY | O_NOFOLLOW);

	if (list < 0 || memtype_find(list, &search) < 0)
		return err_set(err, -ENODATA, "not-verified", "its type is not verified: " MEMTYPE_LIST " cannot be read");
	return !search.wrong.name[0] && search.wc.name[0];
}

static enum tri is_not(struct err *why, const char *text)
{
	err_set(why, 0, "not-pinned", "%s", text);
	return TRI_NO;
}

enum tri pin_look(const struct sysroot *root, const struct write *write, struct err *why)
{
	_cleanup_close_ int dir = -1;
	pid_t pid = 0;
	int r = pin_holder(root, &write->address, why, &pid);

	if (r < 0)
		return TRI_UNKNOWN;
	if (!pid)
		return is_not(why, "no process holds it");
	r = devdir_open(root, &write->address, &dir);
	if (r == 0)
		r = devdir_is(dir, write->vendor, write->device);
	if (r == -ENOENT || r == -ENODEV)
		return is_not(why, "the device is not there");
	if (r == 0)
		r = mappers_has(root, dir, &write->address, write->bar, pid, why);
	if (r < 0) {
		(void)err_errno(why, r, "unreadable", "the device");
		return TRI_UNKNOWN;
	}
	if (!r)
		return is_not(why, "the process that pins the device does not hold this BAR as it is now");
	return has_type(root, write, why) ? TRI_YES
	                                  : is_not(why, "it is held, and its mapping is not write-combining: somebody had it mapped before");
}

enum tri pin_exceeds(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, struct err *why)
{
	_cleanup_close_ int dir = -1;
	pid_t pid = 0;
	int r = pin_holder(root, address, why, &pid), q;

	if (r < 0)
		return TRI_UNKNOWN;
	q = pid ? devdir_open(root, address, &dir) : -ENOENT;
	/* Nobody, or of a device that has gone, with which he ends. */
	if (q == -ENOENT || q == -ENODEV)
		return TRI_NO;
	r = q;
	for (unsigned int bar = 0; r == 0 && bar < BAR_MAX; bar++)
		if (!policy_has(policy, WRITE_PIN, address, bar))
			r = mappers_has(root, dir, address, bar, pid, why);
	if (r < 0)
		(void)err_errno(why, r, "unreadable", "the device");
	return r < 0 ? TRI_UNKNOWN : r ? TRI_YES : TRI_NO;
}

static void await_holder(const struct sysroot *root, const struct pci_address *address)
{
	const struct timespec again = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	pid_t pid = 0;

	for (int waited = 0; waited < START_PATIENCE_MS && pin_holder(root, address, NULL, &pid) == 0 && !pid; waited += LOOK_AGAIN_MS)
		nanosleep(&again, NULL);
}

/* What is not as it should be, and what to do; or what nobody can tell. */
static void report(const struct write *write, enum tri is_pinned, const struct err *why, bool has_systemd)
{
	char text[PCI_ADDRESS_SIZE];

	pci_address_format(&write->address, text);
	if (is_pinned == TRI_NO)
		log_warn("%s BAR %u is not pinned: %s; before VFIO opens it: %s%s", text, write->bar, why->text,
		         has_systemd ? "systemctl start pciwc-pin@" : "pciwc pin ", text);
	else if (is_pinned == TRI_UNKNOWN)
		log_warn("%s BAR %u: whether it is pinned cannot be told: %s", text, write->bar, why->text);
	else if (why->text[0])
		log_warn("%s BAR %u is pinned, and %s", text, write->bar, why->text);
}

int pin_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	bool has_systemd = root->live && sysroot_has(root, "/run/systemd/system") > 0, is_ended = false;
	struct err why = { 0 }, later = { 0 };
	enum tri is_pinned = pin_look(root, write, &why);
	char text[PCI_ADDRESS_SIZE];
	_cleanup_close_ int dir = -1;
	int r;

	pci_address_format(&write->address, text);
	r = devdir_open(root, &write->address, &dir);
	if (r == 0)
		r = devdir_is(dir, write->vendor, write->device);
	if (r < 0)
		return err_set(err, r, "vanished", "%s: %04x:%04x is no longer there", text, write->vendor, write->device);
	*ret_changed = false;
	/* What cannot be looked at may be a good one. */
	if (is_pinned != TRI_NO) {
		report(write, is_pinned, &why, has_systemd);
		return 0;
	}
	r = pin_take(root, &write->address, err, &is_ended);
	if (r < 0)
		return r;
	/* Where no udev listens, nothing comes of it, and the warning says what to do. */
	(void)udev_change(root, &write->address);
	if (has_systemd)
		await_holder(root, &write->address);
	is_pinned = pin_look(root, write, &later);
	*ret_changed = is_pinned == TRI_YES;
	report(write, is_pinned, &later, has_systemd);
	return 0;
}

/* Who ended meanwhile needs no signal. */
static int signal_to(int process, int signal)
{
	return syscall(SYS_pidfd_send_signal, process, signal, NULL, 0) < 0 && errno != ESRCH ? -errno : 0;
}

/* There is nothing that it could put back, so that nothing is lost when it is killed. */
static int end_process(int process)
{
	struct pollfd end = { .fd = process, .events = POLLIN };
	int r = signal_to(process, SIGTERM);

	/* Another process of its user may have stopped it. */
	if (r == 0)
		r = signal_to(process, SIGCONT);
	if (r < 0 || poll(&end, 1, END_PATIENCE_MS) > 0)
		return r;
	r = signal_to(process, SIGKILL);
	return r < 0 || poll(&end, 1, KILL_PATIENCE_MS) > 0 ? r : -ETIMEDOUT;
}

int pin_take(const struct sysroot *root, const struct pci_address *address, struct err *err, bool *ret_changed)
{
	char text[PCI_ADDRESS_SIZE];
	pid_t pid = 0, again = 0;
	int r = pin_holder(root, address, err, &pid);

	*ret_changed = false;
	if (r < 0 || !pid)
		return r;

	_cleanup_close_ int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int q = process < 0 ? -errno : 0;

	/* Asked again, now that the descriptor means one process and no successor with its number. */
	r = pin_holder(root, address, err, &again);
	if (r < 0 || !again)
		return r;
	pci_address_format(address, text);
	if (again != pid)
		return err_set(err, -EAGAIN, "cannot-end", "%s: its pin, process %d, ended, and process %d pins it now", text, (int)pid, (int)again);
	if (q == 0)
		q = end_process(process);
	if (q < 0)
		return err_errno(err, q, "cannot-end", "%s: its pin, process %d, does not end", text, (int)pid);
	*ret_changed = true;
	return 0;
}

/* ---- all of them ---- */

/* The exact name of a pin's file only. */
static bool parse_file(const char *file, struct pci_address *ret)
{
	char text[PCI_ADDRESS_SIZE], again[PIN_LOCK_SIZE];

	if (sscanf(file, "pin-%23[0-9a-f:.]", text) != 1 || strlen(text) < 2)
		return false;
	/* The format's ".lock" begins with what an address also has. */
	text[strlen(text) - 1] = '\0';
	if (pci_address_parse(text, ret) < 0)
		return false;
	lock_name(ret, again);
	return !strcmp(again, file);
}

void pins_done(struct pins *pins)
{
	free(pins->at);
	*pins = (struct pins){ 0 };
}

int pin_list(const struct sysroot *root, struct pins *ret)
{
	_cleanup_(pins_done) struct pins pins = { 0 };
	_cleanup_(strs_done) struct strs names = { 0 };
	struct pci_address address, *slot;
	int r = sysroot_list(root, RUN_DIR, &names);

	if (r < 0 && r != -ENOENT)
		return r;
	for (size_t i = 0; i < names.n; i++) {
		if (!parse_file(names.at[i], &address))
			continue;
		slot = array_add(&pins);
		if (!slot)
			return -ENOMEM;
		*slot = address;
	}
	*ret = pins;
	pins = (struct pins){ 0 };
	return 0;
}

bool pin_is_of(const struct policy *policy, const struct pci_address *address)
{
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_PIN && !pci_address_compare(&policy->at[i].address, address))
			return true;
	return false;
}
