/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci: the door to libpci. It knows the names of the functions and understands the filters of lspci and setpci.
 *
 * It reads no attribute and no configuration space, and lists no directory: its sysfs back-end opens plain paths, and in
 * a captured root such a path may be a symbolic link to anywhere. All that is relied on is that pci_lookup_name() only
 * reads this machine's pci.ids. What a machine has is read through the root, by pci-sysfs.
 */
#include "observe/pci.h"

#include <errno.h>
#include <fcntl.h>
#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* ---- errors of libpci, which must not return ---- */

struct guard {
	jmp_buf out;
	char text[256];
};

/* libpci hands its hooks nothing of the caller's: the guard in force can only be found here. */
static struct guard *guard;

__attribute__((noreturn, format(printf, 1, 2))) static void on_error(char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(guard->text, sizeof(guard->text), format, args);
	va_end(args);
	longjmp(guard->out, 1);
}

/* What libpci warns of (a slot without a number, say) concerns nothing that is taken from it. */
__attribute__((format(printf, 1, 2))) static void on_message(char *format, ...)
{
	(void)format;
}

/*
 * Runs work, which may leave through on_error: it must own nothing but through data. What libpci itself had open at
 * that moment (a directory stream) is lost with it.
 */
static int guarded(int (*work)(struct pci_access *access, void *data), struct pci_access *access, void *data,
                   struct err *err)
{
	struct guard here = { .text = "" }, *before = guard;
	int r;

	guard = &here;
	if (setjmp(here.out) == 0)
		r = work(access, data);
	else
		r = err_set(err, -EIO, "unreadable", "libpci: %s", here.text);
	guard = before;
	return r;
}

static void access_done(struct pci_access **access)
{
	if (*access)
		pci_cleanup(*access);
}

/*
 * Where pci.ids is not packed libpci makes its name from that of the packed one, in memory that it did not get when
 * there is none.
 */
static int plain_names(struct pci_access *access)
{
	static const char packed[] = ".gz";
	size_t n = strlen(access->id_file_name), tail = strlen(packed);
	char *name;

	if (n <= tail || strcmp(access->id_file_name + n - tail, packed) != 0 ||
	    faccessat(AT_FDCWD, access->id_file_name, F_OK, 0) == 0)
		return 0;
	name = strndup(access->id_file_name, n - tail);
	if (!name)
		return -ENOMEM;
	pci_set_name_list_path(access, name, 1); /* libpci frees it */
	return 0;
}

static int work_init(struct pci_access *access, void *data)
{
	(void)data;
	/* The back-end is named: probing for one would try I/O ports. Nothing is read from it yet. */
	access->method = PCI_ACCESS_SYS_BUS_PCI;
	access->error = on_error;
	access->warning = on_message;
	access->debug = on_message;
	access->id_lookup_mode = PCI_LOOKUP_NO_HWDB; /* not the cache in the user's home, which root must not trust */
	pci_init(access);
	return plain_names(access);
}

static int access_open(struct err *err, struct pci_access **ret)
{
	_cleanup_(access_done) struct pci_access *access = pci_alloc();
	int r = guarded(work_init, access, NULL, err);

	if (r == 0)
		*ret = steal(&access);
	return r;
}

/* ---- names ---- */

/* "Vendor Device" as lspci has it, NULL when not even the vendor is known. */
static int work_names(struct pci_access *access, void *data)
{
	const struct devices *devices = data;

	for (size_t i = 0; i < devices->n; i++) {
		struct device *device = &devices->at[i];
		char text[256];

		if (!device->vendor || !pci_lookup_name(access, text, sizeof(text),
		                                        PCI_LOOKUP_VENDOR | PCI_LOOKUP_NO_NUMBERS | PCI_LOOKUP_NO_HWDB,
		                                        device->vendor))
			continue;
		if (!pci_lookup_name(access, text, sizeof(text),
		                     PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB, device->vendor,
		                     device->device))
			continue;
		device->name = strdup(text);
		if (!device->name)
			return -ENOMEM;
	}
	return 0;
}

int pci_name(struct devices *devices, struct err *err)
{
	_cleanup_(access_done) struct pci_access *access = NULL;
	int r = access_open(err, &access);

	return r < 0 ? r : guarded(work_names, access, devices, err);
}

/* ---- select ---- */

struct selection {
	const struct devices *devices;
	char *slot, *id; /* libpci cuts them up */
	struct pci_dev *dev;
	const char *fault;
	bool *is_selected;
};

static int work_select(struct pci_access *access, void *data)
{
	struct selection *selection = data;
	struct pci_filter filter;

	pci_filter_init(access, &filter);
	if (selection->slot)
		selection->fault = pci_filter_parse_slot(&filter, selection->slot);
	if (selection->id && !selection->fault)
		selection->fault = pci_filter_parse_id(&filter, selection->id);
	if (selection->fault)
		return -EINVAL;
	selection->dev = pci_get_dev(access, 0, 0, 0, 0);
	for (size_t i = 0; i < selection->devices->n; i++) {
		const struct device *device = &selection->devices->at[i];
		struct pci_dev *dev = selection->dev;

		dev->domain = (int)device->address.domain;
		dev->domain_16 = (u16)(device->address.domain > 0xffff ? 0xffff : device->address.domain);
		dev->bus = device->address.bus;
		dev->dev = device->address.slot;
		dev->func = device->address.function;
		dev->vendor_id = device->vendor;
		dev->device_id = device->device;
		dev->device_class = (u16)(device->class >> 8);
		dev->prog_if = (u8)device->class;
		dev->rev_id = device->revision;
		/* What is known already is not read again. */
		dev->known_fields = PCI_FILL_IDENT | PCI_FILL_CLASS | PCI_FILL_CLASS_EXT;
		selection->is_selected[i] = pci_filter_match(&filter, dev);
	}
	return 0;
}

int pci_select(const struct devices *devices, const char *slot, const char *id, struct err *err, bool *is_selected)
{
	_cleanup_(access_done) struct pci_access *access = NULL;
	_cleanup_free_ char *slot_copy = slot ? strdup(slot) : NULL;
	_cleanup_free_ char *id_copy = id ? strdup(id) : NULL;
	struct selection selection = { .devices = devices, .slot = slot_copy, .id = id_copy,
		                       .is_selected = is_selected };
	int r;

	if ((slot && !slot_copy) || (id && !id_copy))
		return -ENOMEM;
	r = access_open(err, &access);
	if (r == 0)
		r = guarded(work_select, access, &selection, err);
	if (selection.dev)
		pci_free_dev(selection.dev);
	if (selection.fault)
		return err_set(err, -EINVAL, "usage", "%s%s%s: %s", slot ?: "", slot && id ? " " : "", id ?: "",
		               selection.fault);
	return r;
}
