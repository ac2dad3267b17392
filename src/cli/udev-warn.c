/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev-warn: what is said when a VFIO driver has taken a device on an unsafe path: by what is published, of one device. */
#include <errno.h>
#include <stdio.h>

#include "act/lock.h"
#include "act/syslog.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/udev.h"
#include "decide/deny.h"
#include "observe/answer.h"
#include "observe/pci.h"
#include "observe/publication.h"

/* Whether the words are true of what is there now; NULL: no doubt. */
static const char *doubt_about(bool is_published, enum tri changed)
{
	if (!is_published)
		return "what is published does not say so";
	if (changed == TRI_NO)
		return NULL;
	return changed == TRI_YES ? "another device was there when the path was judged, or it was elsewhere"
	                          : "whether it is the device whose path was judged cannot be told";
}

/* A path that is unsafe is so for every device; but what it was judged of, and so a deny of that device alone, may be another. */
static int compose(const struct sysroot *root, const struct pci_address *address, const struct published_device *published, struct strs *ret)
{
	_cleanup_free_ char *text = NULL, *doubt = NULL;
	/* When it was judged no kernel with VFIO was there. Now one is. */
	enum guest_rule guest = !published || published->guest == GUEST_NONE ? GUEST_UNKNOWN : published->guest;
	enum tri changed = TRI_UNKNOWN;
	int r = deny_warning(address, VERDICT_UNSAFE, true, guest, &text);

	if (r == 0)
		r = strs_add(ret, text);
	if (r == 0 && published)
		r = answer_find_change(root, published, &changed);
	if (r == 0 && doubt_about(published, changed)) {
		char name[PCI_ADDRESS_SIZE];

		pci_address_format(address, name);
		doubt = str_printf("%s: %s: pciwc refresh judges it anew", name, doubt_about(published, changed));
		r = doubt ? strs_add(ret, doubt) : -ENOMEM;
	}
	return r < 0 ? r : deny_remedies(address, guest, ret);
}

static int find(const struct sysroot *root, const struct pci_address *address, struct err *err, struct strs *ret)
{
	_cleanup_(publication_done) struct publication publication = { 0 };
	_cleanup_(devices_done) struct devices devices = { 0 };
	const struct published_device *published;
	const struct device *device;
	_cleanup_close_ int lock = -1;
	/* A mark is there before the publication is: this is the one of a finished `policy apply`. */
	int r = lock_take(root, LOCK_POLICY, true, err, &lock), q;
	enum tri marked = TRI_UNKNOWN;

	if (r < 0)
		return r;
	q = publication_load(root, err, &publication);
	published = publication_find(&publication, address);
	/* Who was killed, or could not write, before he published it has left the mark alone. */
	if (published && published->path != VERDICT_UNSAFE)
		published = NULL;
	/* Where that cannot be looked at it is taken for marked, for a warning too many harms nobody. */
	(void)answer_find_mark(root, address, &marked);
	/* A mark needs no publication, whatever that is. */
	if (marked == TRI_NO && q < 0 && q != -ENOENT)
		return q;
	*err = (struct err){ 0 };
	if (!published && marked == TRI_NO)
		return 0;
	r = pci_scan_path(root, address, err, &devices);
	if (r < 0)
		return r;
	device = devices_find(&devices, address);
	/* By now it may have no driver any more. */
	return device && device->vfio ? compose(root, address, published, ret) : 0;
}

int udev_warn(const struct options *options, const struct pci_address *address, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_(strs_done) struct strs lines = { 0 };
	struct json_object *o, *array;
	int r = sysroot_open(options->root, err, &root);

	if (r == 0)
		r = find(&root, address, err, &lines);
	if (r < 0)
		return r;
	for (size_t i = 0; i < lines.n; i++) {
		log_warn("%s", lines.at[i]);
		/* udev keeps stderr to itself. Where nobody keeps a log there is nobody else to tell. */
		if (root.live)
			(void)syslog_warn(lines.at[i]);
	}
	if (!options->json)
		return EXIT_DONE;
	o = json_new_object();
	array = json_new_array();
	for (size_t i = 0; i < lines.n; i++)
		json_push(array, json_new_string(lines.at[i]));
	json_put_u64(o, "schema", 1);
	json_put(o, "warnings", array);
	return print_json(o, err);
}
