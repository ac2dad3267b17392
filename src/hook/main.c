/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pciwc-libvirt-hook: keeps a libvirt guest from a device whose path corrupts data. libvirt runs it as root before a
 * domain starts, with `GUEST prepare begin -` and then `GUEST start begin -`, and the domain's XML on stdin; an exit status
 * other than 0 refuses the start, and what it said on stderr is libvirt's error. It asks what is published, and touches no device.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hook/domain.h"
#include "hook/kin.h"
#include "observe/answer.h"
#include "observe/publication.h"
#include "observe/site.h"

#define DOMAIN_MAX_BYTES (8 << 20)

static void say(const char *kind, const char *text)
{
	fprintf(stderr, "pciwc: %s%s\n", kind, text);
}

static void host_devices_done(struct host_devices *devices)
{
	free(devices->at);
}

/*
 * Unsafe, unknown, or safe, of the device that is there now. A proof was of the device that was there; that the path is
 * unsafe is of what is above it, too, and no other device mends that. Who was killed, or could not write, before he published
 * it has left the mark alone.
 */
static enum verdict_kind path_of(const struct sysroot *root, const struct publication *publication,
                                 const struct pci_address *address, const char **ret_why)
{
	const struct published_device *device = publication_find(publication, address);
	enum tri changed = TRI_UNKNOWN, marked = TRI_UNKNOWN;

	(void)answer_find_mark(root, address, &marked);
	*ret_why = "its path is unsafe: a guest's write-combined stores can corrupt data";
	if (marked == TRI_YES || (device && device->path == VERDICT_UNSAFE))
		return VERDICT_UNSAFE;
	/* It may be marked: as of a publication that cannot be read, any path may be unsafe. */
	*ret_why = "whether its path was found unsafe since cannot be told: pciwc policy apply judges it anew";
	if (marked != TRI_NO)
		return VERDICT_UNSAFE;
	/* What cannot be looked at, for whatever reason, may be another one. */
	if (device)
		(void)answer_find_change(root, device, &changed);
	/* It may have come since: what is there says of its path what nothing says of itself. */
	if (changed != TRI_NO && kin_is_unsafe(root, publication, address, ret_why))
		return VERDICT_UNSAFE;
	*ret_why = "nothing is published of it: pciwc policy apply judges it";
	if (!device)
		return VERDICT_UNKNOWN;
	*ret_why = changed == TRI_YES ? "another device was there when it was judged, or it was elsewhere: pciwc policy apply judges it anew"
	                              : "whether it is the device that was judged cannot be told: pciwc policy apply judges it anew";
	if (changed != TRI_NO)
		return VERDICT_UNKNOWN;
	*ret_why = "its path is not proven";
	return device->path;
}

/* Whether the start is refused for this device. */
static bool refuses(const struct sysroot *root, const struct site *site, const struct publication *publication,
                    const struct pci_address *address)
{
	const char *why;
	enum verdict_kind kind = path_of(root, publication, address, &why);
	enum guest_choice choice = kind == VERDICT_UNSAFE    ? site->guests_unsafe
	                           : kind == VERDICT_UNKNOWN ? site->guests_unknown
	                                                     : GUEST_ALLOW;
	char text[PCI_ADDRESS_SIZE];

	if (choice == GUEST_ALLOW)
		return false;
	pci_address_format(address, text);
	fprintf(stderr, "pciwc: %s%s: %s; see pciwc explain %s%s\n", choice == GUEST_REFUSE ? "" : "warning: ", text, why, text,
	        choice == GUEST_REFUSE ? ", or \"guests\" in pciwc-site(5)" : "");
	return choice == GUEST_REFUSE;
}

/*
 * What cannot be read says nothing of any device: each is unknown. A site file that does not count may have chosen to be
 * strict.
 */
static void read_facts(const struct sysroot *root, struct site *ret_site, struct publication *ret)
{
	struct err err = { 0 };

	if (site_load(root, NULL, &err, ret_site) < 0) {
		say("the site file does not count, so nothing is let pass that is not safe: ", err.text);
		site_default(ret_site);
		ret_site->guests_unsafe = ret_site->guests_unknown = GUEST_REFUSE;
	}
	err = (struct err){ 0 };
	if (publication_load(root, &err, ret) < 0) {
		/* Any of them may be unsafe, also those that were known to be before a revert or an apply that failed. */
		if (ret_site->guests_unknown < ret_site->guests_unsafe)
			ret_site->guests_unknown = ret_site->guests_unsafe;
		if (strcmp(err.id, "nothing-applied") != 0)
			say("what was published does not count: ", err.text);
	}
}

static int guard(const struct sysroot *root)
{
	_cleanup_(host_devices_done) struct host_devices devices = { 0 };
	_cleanup_(publication_done) struct publication publication = { 0 };
	_cleanup_(site_done) struct site site = { 0 };
	_cleanup_free_ char *xml = NULL;
	struct err err = { 0 };
	bool is_refused = false;
	size_t size;
	int r = fd_bytes(STDIN_FILENO, DOMAIN_MAX_BYTES, &xml, &size);

	if (r < 0)
		err_errno(&err, r, "bad-domain", "domain XML");
	else
		r = domain_read(xml, size, &err, &devices);
	/* A guest without devices of the host is none of our business, whatever else is wrong. */
	if (r == 0 && !devices.n)
		return EXIT_SUCCESS;
	read_facts(root, &site, &publication);
	if (r < 0) {
		/* Its devices are not known, and one may be unsafe. */
		is_refused = site.guests_unsafe == GUEST_REFUSE;
		say(is_refused ? "" : "warning: ", err.text[0] ? err.text : "out of memory");
	}
	for (size_t i = 0; i < devices.n; i++)
		is_refused |= refuses(root, &site, &publication, &devices.at[i]);
	return is_refused ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * The first is asked before anything is done for the guest; a function out of a network's pool has its address only at the
 * second (https://libvirt.org/hooks.html).
 */
static bool is_start(const char *operation, const char *stage)
{
	static const char *const operations[] = { "prepare", "start" };

	for (size_t i = 0; i < ELEMENTSOF(operations); i++)
		if (!strcmp(operation, operations[i]) && !strcmp(stage, "begin"))
			return true;
	return false;
}

/* libvirt gives four words, so six are somebody who tries it on a captured machine: --root DIR before them. */
int main(int argc, char **argv)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	bool has_root = argc == 7 && !strcmp(argv[1], "--root");
	char **words = has_root ? argv + 2 : argv;
	struct err err = { 0 };

	if (argc != 5 && !has_root) {
		say("", "expected what libvirt gives a hook: GUEST OPERATION STAGE -");
		return 2;
	}
	if (!is_start(words[2], words[3]))
		return EXIT_SUCCESS;
	if (sysroot_open(has_root ? argv[2] : NULL, &err, &root) < 0) {
		say("", err.text);
		return EXIT_FAILURE;
	}
	return guard(&root);
}
