/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pin-hold: the process that holds the mappings: what it opens, in which order, and what it gives up. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/devdir.h"
#include "act/jail.h"
#include "act/lock.h"
#include "act/memtype.h"
#include "act/pin.h"
#include "base/cleanup.h"
#include "observe/pci-resource.h"

/*
 * How long the addresses of a device that has gone, or of a BAR that has moved, may keep their type: nothing wakes who waits
 * for either.
 */
#define LOOK_MS 100

#define RESOURCE_TEXT_BYTES 4096

/* The descriptors that the holder keeps, and the first that it does not. */
enum slot { SLOT_REPLY, SLOT_LOCK, SLOT_ERRORS, SLOT_DEVICE, SLOTS };
#define SLOTS_ABOVE 64

/* Where the BARs were when they were checked: the device's file "resource", and whose lines of it count. */
struct places {
	char text[RESOURCE_TEXT_BYTES];
	unsigned int bars;
	bool is_type_verified;
};

/* What the child says to its parent: exactly one. */
struct answer_of_holder {
	int r;
	bool is_type_verified;
	struct err err;
};

/* ---- before it is sealed ---- */

/* They become the slots, whatever numbers they had, and nothing else stays open. */
static int place(const int fds[static SLOTS])
{
	int high[SLOTS];

	for (int i = 0; i < SLOTS; i++) {
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, SLOTS_ABOVE);
		if (high[i] < 0)
			return -errno;
	}
	for (int i = 0; i < SLOTS; i++)
		if (dup3(high[i], i, O_CLOEXEC) < 0)
			return -errno;
	return syscall(SYS_close_range, SLOTS, ~0U, 0) < 0 ? -errno : 0;
}

/* A lock of the process, not of the descriptor: the kernel names the process to who asks, and closing any would lose it. */
static int lock_slot(const struct pci_address *address, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[PCI_ADDRESS_SIZE];

	if (fcntl(SLOT_LOCK, F_SETLK, &lock) == 0)
		return 0;
	pci_address_format(address, text);
	return errno == EACCES || errno == EAGAIN ? err_set(err, -EBUSY, "busy", "%s: it is pinned already", text)
	                                          : err_errno(err, -errno, "cannot-write", "%s: the lock of its pin", text);
}

static int open_lock(const struct sysroot *root, const struct pci_address *address, struct err *err, int *ret)
{
	_cleanup_close_ int dir = -1, fd = -1;
	char text[PCI_ADDRESS_SIZE], file[PIN_LOCK_SIZE];
	int r = sysroot_dir(root, RUN_DIR, 0755, err, &dir);

	if (r < 0)
		return r;
	pci_address_format(address, text);
	snprintf(file, sizeof(file), PIN_LOCK, text);
	fd = openat(dir, file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "cannot-write", "%s%s/%s", root->name, RUN_DIR, file);
	*ret = steal_fd(&fd);
	return 0;
}

static int read_resource(int fd, char text[static RESOURCE_TEXT_BYTES])
{
	ssize_t n = pread(fd, text, RESOURCE_TEXT_BYTES - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? -errno : 0;
}

/* Read once, it wakes who polls it, and says that it has gone when it has: an attribute that was never read always does. */
static int open_device(int dir, struct places *places, int *ret)
{
	_cleanup_close_ int fd = openat(dir, "resource", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r = fd < 0 ? -errno : read_resource(fd, places->text);

	if (r < 0)
		return r;
	*ret = steal_fd(&fd);
	return 0;
}

static const char *line_of(const char *text, unsigned int bar)
{
	for (unsigned int i = 0; text && i < bar; i++) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return text;
}

/* Where the second number ends: the third, the flags, may change in place. */
static size_t range_length(const char *line)
{
	size_t n = strcspn(line, " \n");

	return line[n] == ' ' ? n + 1 + strcspn(line + n + 1, " \n") : n;
}

/* Are all that are held where they were; what cannot be read says no. Without memory, for who is jailed gets none. */
static bool are_there(int device, const struct places *places)
{
	char now[RESOURCE_TEXT_BYTES];

	if (read_resource(device, now) < 0)
		return false;
	for (unsigned int bar = 0; bar < BAR_MAX; bar++) {
		const char *was = line_of(places->text, bar), *is = line_of(now, bar);
		size_t n;

		if (!(places->bars & (1u << bar)))
			continue;
		n = was ? range_length(was) : 0;
		if (!was || !is || range_length(is) != n || memcmp(was, is, n) != 0)
			return false;
	}
	return true;
}

/* Is it the BAR that was judged: the same place, the same size. */
static int check_bar(const struct places *places, int file, const struct write *write, struct err *err)
{
	_cleanup_(device_done) struct device device = { 0 };
	const struct bar *bar;
	struct stat st;
	int r = pci_resource_parse(places->text, &device);

	if (r < 0)
		return err_errno(err, r, "unreadable", "%s", write->path);
	bar = device_bar(&device, write->bar);
	if (fstat(file, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == write->size_bytes && bar &&
	    bar->base == write->base && bar->size_bytes == write->size_bytes)
		return 0;
	return err_set(err, -ENODEV, "changed", "%s: it is not at 0x%llx + 0x%llx any more, where it was judged", write->path,
	               (unsigned long long)write->base, (unsigned long long)write->size_bytes);
}

/* Without any access the mapping reserves the type all the same, and a stray one of ours ends in a fault. */
static int map_bar(int dir, const struct places *places, const struct write *write, struct err *err)
{
	char name[32];

	snprintf(name, sizeof(name), "resource%u_wc", write->bar);

	_cleanup_close_ int file = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int r = file < 0 ? err_errno(err, -errno, "unreadable", "%s", write->path) : check_bar(places, file, write, err);
	void *at;

	if (r < 0)
		return r;
	at = mmap(NULL, (size_t)write->size_bytes, PROT_NONE, MAP_SHARED, file, 0);
	/* A CPU with the L1TF flaw maps a high address without access only for CAP_SYS_ADMIN (arch/x86/mm/mmap.c, pfn_modify_allowed). */
	if (at == MAP_FAILED && errno == EACCES)
		at = mmap(NULL, (size_t)write->size_bytes, PROT_READ, MAP_SHARED, file, 0);
	if (at != MAP_FAILED)
		return 0;
	return errno == EINVAL ? err_set(err, -EBUSY, "busy", "%s: a driver, or a user of VFIO, has it already: end it, then pin", write->path)
	                       : err_errno(err, -errno, "cannot-map", "%s", write->path);
}

/* Without the list nobody can tell, which is said; where it can be read it must say so. */
static int check_type(int list, const struct write *write, struct places *places, struct err *err)
{
	struct memtype_search search = { .start = write->base, .end = write->base + write->size_bytes };

	if (list < 0 || memtype_find(list, &search) < 0) {
		places->is_type_verified = false;
		return 0;
	}
	if (!search.wrong.name[0] && search.wc.name[0])
		return 0;
	return err_set(err, -EBUSY, "not-wc", "%s: its mapping is %s: somebody has it mapped so already; end him, then pin",
	               write->path, search.wrong.name[0] ? search.wrong.name : "of no known type");
}

static int map_all(const struct sysroot *root, int dir, const struct policy *policy, const struct pci_address *address,
                   struct places *places, struct err *err)
{
	_cleanup_close_ int list = sysroot_fd(root, MEMTYPE_LIST, O_RDONLY | O_NOFOLLOW);
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy->n; i++) {
		const struct write *write = &policy->at[i];

		if (write->kind != WRITE_PIN || pci_address_compare(&write->address, address))
			continue;
		r = devdir_is(dir, write->vendor, write->device);
		if (r < 0)
			return err_errno(err, r, "vanished", "%s: %04x:%04x", write->path, write->vendor, write->device);
		places->bars |= 1u << write->bar;
		r = map_bar(dir, places, write, err);
		if (r == 0)
			r = check_type(list, write, places, err);
	}
	return r;
}

/* All that needs a privilege, or a file; on success the slots are all that is open. */
static int prepare(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, int reply,
                   struct places *places, struct err *err)
{
	_cleanup_close_ int dir = -1, lock = -1, device = -1, errors = sysroot_fd(root, "/dev/null", O_RDWR);
	int r = errors < 0 ? errors : devdir_open(root, address, &dir);

	if (r == 0)
		r = open_device(dir, places, &device);
	if (r < 0)
		return err_errno(err, r, "vanished", "the device");
	r = open_lock(root, address, err, &lock);
	if (r == 0)
		r = map_all(root, dir, policy, address, places, err);
	/* What was mapped between two looks that say the same is what they say. */
	if (r == 0 && !are_there(device, places))
		r = err_set(err, -ENODEV, "changed", "the device went, or its BARs moved, while it was pinned");
	if (r < 0)
		return r;
	/* A session of its own: the end of a terminal, or of a login, is not the pin's. */
	if (setsid() < 0 || chdir("/") < 0)
		return err_errno(err, -errno, "no-jail", "cannot leave the session");
	r = place((const int[SLOTS]){ [SLOT_REPLY] = reply, [SLOT_LOCK] = lock, [SLOT_ERRORS] = errors, [SLOT_DEVICE] = device });
	if (r < 0)
		return err_errno(err, r, "no-jail", "cannot put descriptors in place");
	/* Closed, or a slot now. */
	dir = lock = device = errors = -1;
	return 0;
}

/* ---- the holder ---- */

static void say(int reply, const struct answer_of_holder *answer)
{
	/* To a parent that has gone there is nothing to say. */
	if (write(reply, answer, sizeof(*answer)) < 0)
		_exit(EXIT_FAILURE);
}

_Noreturn static void hold(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, int lock, int reply)
{
	struct pollfd device = { .fd = SLOT_DEVICE, .events = POLLPRI };
	struct answer_of_holder answer = { 0 };
	struct places places = { .is_type_verified = true };
	sigset_t none;

	/* It is the caller's, and held for as long as anybody has it open. */
	if (lock >= 0)
		close(lock);
	/* SIGTERM ends it as it ends any process, for there is nothing to put back; whatever it has inherited. */
	sigemptyset(&none);
	(void)signal(SIGTERM, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	answer.r = prepare(root, policy, address, reply, &places, &answer.err);
	answer.is_type_verified = places.is_type_verified;
	if (answer.r < 0) {
		say(reply, &answer);
		_exit(EXIT_FAILURE);
	}
	/* Behind everything that closes a descriptor of the lock's. */
	answer.r = lock_slot(address, &answer.err);
	if (answer.r == 0)
		answer.r = jail_hold(SLOT_REPLY, SLOT_DEVICE, SLOTS, &answer.err);
	say(SLOT_REPLY, &answer);
	while (answer.r == 0) {
		int n = poll(&device, 1, LOOK_MS);

		if (n < 0 && errno != EINTR)
			answer.r = -errno;
		else if (n > 0 || !are_there(SLOT_DEVICE, &places))
			_exit(EXIT_SUCCESS); /* what was there has gone: the type of its addresses must go, too */
	}
	_exit(EXIT_FAILURE);
}

/* 0: it holds; or why not. -ECHILD: it said nothing. */
static int hear(int from, struct answer_of_holder *ret)
{
	ssize_t n;

	do
		n = read(from, ret, sizeof(*ret));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(*ret) ? ret->r : -ECHILD;
}

static void abandon(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int pin_hold(const struct sysroot *root, const struct policy *policy, const struct pci_address *address, int lock,
             struct err *err, struct pin *ret)
{
	struct answer_of_holder answer = { 0 };
	_cleanup_close_ int ours = -1, theirs = -1;
	int pipe[2], r;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return err_errno(err, -errno, "no-jail", "a pipe");
	ours = pipe[0];
	theirs = pipe[1];
	pid = fork();
	if (pid < 0)
		return err_errno(err, -errno, "no-jail", "a process");
	if (pid == 0)
		hold(root, policy, address, lock, theirs);
	close(steal_fd(&theirs));
	r = hear(ours, &answer);
	/* Whoever is not known to hold must not. */
	if (r < 0)
		abandon(pid);
	if (r == -ECHILD)
		return err_set(err, r, "no-jail", "the process that should hold it ended at once");
	if (r < 0)
		return answer.r < 0 ? err_set(err, r, answer.err.id, "%s", answer.err.text)
		                    : err_errno(err, r, "no-jail", "the process that should hold it cannot be heard");
	*ret = (struct pin){ pid, answer.is_type_verified };
	return 0;
}
