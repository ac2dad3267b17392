/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin: who holds a device's BARs, whether that is what the policy says, and how it begins and ends. */
#include "act/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "act/devdir.h"
#include "act/lock.h"
#include "act/mappers.h"
#include "act/memtype.h"
#include "base/cleanup.h"
#include "base/log.h"

/* udev, systemd and a look at the whole machine: some hundred milliseconds, more at boot. */
#define START_PATIENCE_MS 5000
#define LOOK_AGAIN_MS 50
#define END_PATIENCE_MS 5000

static pid_t holder_of(const struct sysroot *root, const char *file)
{
	_cleanup_close_ int dir = sysroot_fd(root, RUN_DIR, O_DIRECTORY | O_RDONLY);
	_cleanup_close_ int fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	/* What others could have put there is nobody's pin. */
	if (dir < 0 || sysroot_trust_dir(root, dir, RUN_DIR, NULL) < 0)
		return 0;
	fd = openat(dir, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

pid_t pin_holder(const struct sysroot *root, const struct pci_address *address)
{
	char text[PCI_ADDRESS_SIZE], file[PIN_LOCK_SIZE];

	pci_address_format(address, text);
	snprintf(file, sizeof(file), PIN_LOCK, text);
	return holder_of(root, file);
}

static bool has_mapped(const struct sysroot *root, int dir, const struct write *write, pid_t pid)
{
	_cleanup_(mappers_done) struct mappers mappers = { 0 };

	if (mappers_find(root, dir, &write->address, write->bar, NULL, &mappers) < 0)
		return false;
	for (size_t i = 0; i < mappers.n; i++)
		if (mappers.at[i].pid == pid)
			return true;
	return false;
}

const char *pin_fault(const struct sysroot *root, const struct write *write)
{
	_cleanup_close_ int dir = -1, list = -1;
	struct memtype_search search = { .start = write->base, .end = write->base + write->size_bytes };
	pid_t pid = pin_holder(root, &write->address);

	if (!pid)
		return "no process holds it";
	if (devdir_open(root, &write->address, &dir) < 0 || devdir_is(dir, write->vendor, write->device) < 0)
		return "the device is not there";
	if (!has_mapped(root, dir, write, pid))
		return "the process that pins the device does not hold this BAR as it is now";
	list = sysroot_fd(root, MEMTYPE_LIST, O_RDONLY | O_NOFOLLOW);
	if (list < 0 || memtype_find(list, &search) < 0)
		return NULL; /* which pciwc platform says */
	if (search.wrong.name[0] || !search.wc.name[0])
		return "it is held, and its mapping is not write-combining: somebody had it mapped before";
	return NULL;
}

bool pin_is_so(const struct sysroot *root, const struct write *write)
{
	return !pin_fault(root, write);
}

void pin_announce(const struct sysroot *root, const struct pci_address *address)
{
	_cleanup_close_ int dir = -1;

	/* Where no udev listens, nothing comes of it, and the warning says what to do. */
	if (devdir_open(root, address, &dir) == 0)
		(void)attr_write(dir, "uevent", "change");
}

static void await_holder(const struct sysroot *root, const struct pci_address *address)
{
	const struct timespec again = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };

	for (int waited = 0; waited < START_PATIENCE_MS && !pin_holder(root, address); waited += LOOK_AGAIN_MS)
		nanosleep(&again, NULL);
}

int pin_give(const struct sysroot *root, const struct write *write, struct err *err, bool *ret_changed)
{
	bool has_systemd = root->live && sysroot_has(root, "/run/systemd/system") > 0, is_ended = false;
	const char *fault = pin_fault(root, write);
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
	if (!fault)
		return 0;
	r = pin_take(root, &write->address, err, &is_ended);
	if (r < 0)
		return r;
	pin_announce(root, &write->address);
	if (has_systemd)
		await_holder(root, &write->address);
	fault = pin_fault(root, write);
	*ret_changed = !fault;
	if (fault)
		log_warn("%s BAR %u is not pinned: %s; before VFIO opens it: %s%s", text, write->bar, fault,
		         has_systemd ? "systemctl start pciwc-pin@" : "pciwc pin ", text);
	return 0;
}

int pin_take(const struct sysroot *root, const struct pci_address *address, struct err *err, bool *ret_changed)
{
	char text[PCI_ADDRESS_SIZE];
	pid_t pid = pin_holder(root, address);
	_cleanup_close_ int process = pid ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd end = { .fd = process, .events = POLLIN };

	pci_address_format(address, text);
	*ret_changed = false;
	/* Asked again, now that the descriptor means one process and no successor with its number. */
	if (!pid || pin_holder(root, address) != pid)
		return 0;
	/* Another process of its user may have stopped it. */
	if (process < 0 || syscall(SYS_pidfd_send_signal, process, SIGTERM, NULL, 0) < 0 ||
	    syscall(SYS_pidfd_send_signal, process, SIGCONT, NULL, 0) < 0)
		return err_errno(err, -errno, "cannot-end", "%s: its pin, process %d", text, (int)pid);
	if (poll(&end, 1, END_PATIENCE_MS) <= 0)
		return err_set(err, -ETIMEDOUT, "cannot-end", "%s: its pin, process %d, does not end", text, (int)pid);
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
	pci_address_format(ret, text);
	snprintf(again, sizeof(again), PIN_LOCK, text);
	return !strcmp(again, file);
}

int pin_list(const struct sysroot *root, struct strs *ret_files)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	struct pci_address address;
	int r = sysroot_list(root, RUN_DIR, &names);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; r == 0 && i < names.n; i++)
		if (parse_file(names.at[i], &address) && holder_of(root, names.at[i]))
			r = strs_add(ret_files, names.at[i]);
	return r;
}

bool pin_is_of(const char *file, const struct policy *policy)
{
	struct pci_address address;

	if (!parse_file(file, &address))
		return false;
	for (size_t i = 0; i < policy->n; i++)
		if (policy->at[i].kind == WRITE_PIN && !pci_address_compare(&policy->at[i].address, &address))
			return true;
	return false;
}
