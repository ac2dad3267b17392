/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd-udev: the helper of the udev rule: properties of one device, from its approval, and what that gives put in force. It
 * reads that device and its ports alone, opens no BAR, and never probes.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "act/approvals.h"
#include "act/journal.h"
#include "act/lock.h"
#include "act/resume.h"
#include "act/udev.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/udev.h"
#include "observe/imports.h"
#include "observe/kernel.h"
#include "observe/pci.h"
#include "observe/platform.h"
#include "observe/quirks.h"
#include "observe/site.h"

/* What an event looks at, of the device that it is about. */
struct scene {
	struct sysroot root;
	struct approval approval;
	struct devices devices;
	struct platform platform;
	struct kernel kernel;
	struct journal journal;
	struct site site;
	char database[DIGEST_TEXT], site_digest[DIGEST_TEXT], imports_digest[DIGEST_TEXT];
	struct evidence evidence;
};

static void scene_done(struct scene *scene)
{
	site_done(&scene->site);
	journal_done(&scene->journal);
	kernel_done(&scene->kernel);
	platform_done(&scene->platform);
	devices_done(&scene->devices);
	approval_done(&scene->approval);
	sysroot_close(&scene->root);
}

static int read_machine(const struct options *options, const struct pci_address *address, struct err *err, struct scene *scene)
{
	int r = pci_scan_path(&scene->root, address, err, &scene->devices);

	if (r == 0)
		r = platform_read(&scene->root, options->arch, err, &scene->platform);
	if (r == 0)
		r = kernel_read_brief(&scene->root, options->kernel, err, &scene->kernel);
	if (r == 0)
		r = journal_read(&scene->root, err, &scene->journal);
	if (r == 0)
		r = quirks_digest(&scene->root, options->quirks, err, scene->database);
	if (r == 0)
		r = site_digest(&scene->root, options->site, err, scene->site_digest);
	/* Only for what it imports: one that cannot be read is another one than was approved by, as its digest says. */
	if (r == 0 && site_load(&scene->root, options->site, NULL, &scene->site) == -ENOMEM)
		r = -ENOMEM;
	if (r == 0)
		r = imports_digest(&scene->root, &scene->site, err, scene->imports_digest);
	if (r < 0)
		return r;
	scene->evidence = (struct evidence){
		.platform = &scene->platform,
		.kernel = &scene->kernel,
		.devices = &scene->devices,
		.journal = &scene->journal,
		.database = scene->database,
		.site_digest = scene->site_digest,
		.imports_digest = scene->imports_digest,
		.is_replay = !scene->root.live,
	};
	return 0;
}

/* What the approval comes to, and put in force: under the lock, so that it is the one of a finished `policy apply`. */
static int run_event(const struct options *options, const struct pci_address *address, struct err *err, struct revoked *revoked, struct event *ret)
{
	_cleanup_(scene_done) struct scene scene = { .root.fd = -1 };
	_cleanup_close_ int lock = -1;
	struct event event = { 0 };
	int r = sysroot_open(options->root, err, &scene.root);

	if (r == 0)
		r = lock_take(&scene.root, LOCK_POLICY, true, err, &lock);
	if (r == 0)
		r = approval_read(&scene.root, address, err, &scene.approval);
	if (r == -ENOENT && !err->text[0]) {
		*ret = (struct event){ .reason = "not-approved" };
		return 0;
	}
	if (r == 0)
		r = read_machine(options, address, err, &scene);
	if (r == 0)
		r = event_judge(&scene.evidence, devices_find(&scene.devices, address), &scene.approval, &event);
	if (r < 0)
		return r;
	/* What failed is said, and the rest is in force all the same. */
	if (resume_device(&scene.root, &scene.approval, &event, revoked, err) < 0) {
		log_warn("%s", err->text);
		*err = (struct err){ 0 };
	}
	*ret = event;
	return 0;
}

/* ---- waiting for a device that the kernel has announced, and not finished ---- */

#define PATIENCE_MS 5000
#define LOOK_EVERY_MS 10

static int look_again(const struct options *options, const struct pci_address *address, struct err *err, struct revoked *revoked)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	const struct timespec while_waiting = { .tv_nsec = LOOK_EVERY_MS * 1000000L };
	struct event event;
	int r = run_event(options, address, err, revoked, &event);

	for (int waited = 0; r == 0 && event.wait == EVENT_FILES && waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
		nanosleep(&while_waiting, NULL);
		r = run_event(options, address, err, revoked, &event);
	}
	if (r == 0)
		r = sysroot_open(options->root, err, &root);
	if (r < 0)
		return r;
	if (event.wait == EVENT_FILES)
		return err_set(err, -ETIMEDOUT, "incomplete", "the kernel does not finish the device: nothing is granted");
	/* What udev knows of it is put right by one more event. */
	r = udev_change(&root, address);
	return r < 0 ? err_errno(err, r, "cannot-write", "uevent") : EXIT_DONE;
}

/* ---- what is printed ---- */

/* "0 2": BARs by number. */
static void format_bars(unsigned int bars, char ret[static 2 * BAR_MAX])
{
	size_t n = 0;

	for (unsigned int bar = 0; bar < BAR_MAX; bar++)
		if (bars & (1u << bar))
			n += (size_t)snprintf(ret + n, 2 * BAR_MAX - n, "%s%u", n ? " " : "", bar);
	ret[n] = '\0';
}

static int print_properties(const struct event *event, bool json, struct err *err)
{
	struct json_object *o = json ? json_new_object() : NULL;
	char safe[2 * BAR_MAX], given[2 * BAR_MAX];

	format_bars(event->safe, safe);
	format_bars(event->given, given);

	const struct {
		const char *name, *value;
	} properties[] = { { "PCIWC_PATH", verdict_names[event->path] }, { "PCIWC_SAFE_BARS", safe },
		           { "PCIWC_GRANTED_BARS", given },              { "PCIWC_REASON", event->reason },
		           { "PCIWC_WAIT", event_wait_names[event->wait] }, { "PCIWC_PIN", event->pinned ? "1" : NULL } };

	if (json)
		json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < ELEMENTSOF(properties); i++)
		if (json)
			json_put_string(o, properties[i].name, properties[i].value);
		else if (properties[i].value)
			printf("%s=%s\n", properties[i].name, properties[i].value);
	return json ? print_json(o, err) : 0;
}

/* Who waits for the lock, or for what is known, does not wait for the processes that are to be named. */
static void warn_of(const struct options *options, const struct revoked *revoked)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };

	fflush(stdout);
	if (revoked->n && sysroot_open(options->root, NULL, &root) == 0)
		revoked_warn(&root, revoked);
}

int cmd_udev(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(revoked_done) struct revoked revoked = { 0 };
	struct pci_address address;
	struct event event;
	int bar, r;

	if (argc != 1 || target_parse(argv[0], &address, &bar) < 0 || bar >= 0)
		return usage_error(err, "udev: expected an address such as 0000:01:00.0");
	if (options->warn)
		return udev_warn(options, &address, err);
	if (options->wait)
		r = look_again(options, &address, err, &revoked);
	else
		r = run_event(options, &address, err, &revoked, &event);
	if (r == 0 && !options->wait)
		r = print_properties(&event, options->json, err);
	warn_of(options, &revoked);
	return r;
}
