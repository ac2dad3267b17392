/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-policy: what is granted; show prints exactly what apply takes back and writes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/apply.h"
#include "act/taken.h"
#include "act/udev.h"
#include "act/verify.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/policy.h"
#include "decide/deny.h"
#include "decide/lapse.h"
#include "decide/policy.h"
#include "observe/publication.h"

static void show_text(const struct write *write)
{
	printf("%s: mode %04o\n%s", write->path, (unsigned int)write->mode, write->text);
}

static void show_grant(const struct write *write)
{
	printf("%s: group %s, mode %04o\n", write->path, write->group, (unsigned int)write->mode);
}

static void show_driver(const struct write *write)
{
	printf("%s: %s, and bound to it\n", write->path, write->text);
}

static void show_ranges(const struct write *write)
{
	printf("%s:\n%s", write->path, write->text);
}

static void show_pin(const struct write *write)
{
	printf("%s: %s: held whole by a process of its own, and never touched\n", write->path, write->text);
}

static void (*const show_row[])(const struct write *write) = {
	[WRITE_TEXT] = show_text,
	[WRITE_GRANT] = show_grant,
	[WRITE_DRIVER] = show_driver,
	[WRITE_RANGES] = show_ranges,
	[WRITE_PIN] = show_pin,
	[WRITE_MARK] = show_text,
};

static struct json_object *drifts_to_json(const struct drifts *drifts)
{
	struct json_object *rows = json_new_array();

	for (size_t i = 0; i < drifts->n; i++) {
		struct json_object *row = json_new_object();

		json_put_string(row, "path", drifts->at[i].path);
		json_put_string(row, "text", drifts->at[i].text);
		json_push(rows, row);
	}
	return rows;
}

/* First what is taken back, as apply does it. */
static int show(const struct machine *machine, const struct policy *policy, bool json, struct err *err)
{
	_cleanup_(drifts_done) struct drifts taken = { 0 };
	int r = policy_taken(&machine->root, policy, err, &taken);

	if (r < 0)
		return r;
	if (json) {
		struct json_object *o = policy_to_json(policy);

		json_put(o, "taken", drifts_to_json(&taken));
		return print_json(o, err);
	}
	for (size_t i = 0; i < taken.n; i++)
		printf("%s: %s\n", taken.at[i].path, taken.at[i].text);
	for (size_t i = 0; i < policy->n; i++) {
		const struct write *write = &policy->at[i];

		show_row[write->kind](write);
	}
	return 0;
}

/* What the site asks for and does not get, with the first reason; the rest is in explain. */
static int refused(const struct machine *machine)
{
	int n = 0;

	for (size_t d = 0; d < machine->devices.n; d++) {
		const struct device *device = &machine->devices.at[d];

		for (size_t i = 0; i < device->n_bars; i++) {
			const struct bar_verdict *verdict = &machine->verdicts[d].bars[i];
			const struct reason *against = reasons_against(&verdict->reasons);
			char address[PCI_ADDRESS_SIZE];

			if (verdict->given.n == verdict->n_asked)
				continue;
			pci_address_format(&device->address, address);
			log_warn("%s BAR %u is not granted%s: %s%s%s; see pciwc explain %s", address, device->bars[i].index,
			         verdict->given.n ? " as asked for" : "", verdict_names[verdict->kind], against ? ", " : "", against ? against->text : "", address);
			n++;
		}
	}
	return n;
}

/* Nothing of the kernel keeps a guest from it, so somebody has to be told. */
static int warn_of_guests(const struct machine *machine)
{
	int r = 0;

	for (size_t d = 0; r == 0 && d < machine->devices.n; d++) {
		const struct device *device = &machine->devices.at[d];
		_cleanup_free_ char *text = NULL;

		r = deny_warning(&device->address, machine->verdicts[d].path.kind, device->vfio, machine->kernel.guest, &text);
		if (text)
			log_warn("%s", text);
	}
	return r;
}

static bool is_kept_back(const struct machine *machine)
{
	for (size_t d = 0; d < machine->devices.n; d++)
		for (size_t i = 0; i < machine->devices.at[d].n_bars; i++) {
			const struct bar_verdict *verdict = &machine->verdicts[d].bars[i];

			if (verdict->sysfs == SYSFS_LOCKED_DOWN && verdict->n_asked && !bar_verdict_is_grantable(verdict))
				return true;
		}
	return false;
}

/* Of each BAR something else may be the first reason; this one is the whole machine's. */
static void warn_of_lockdown(const struct machine *machine)
{
	if (is_kept_back(machine))
		log_warn("the kernel is locked down: nothing is granted through sysfs; see pciwc explain");
}

int policy_report(bool json, const char *did, unsigned int changed, struct err *err)
{
	struct json_object *o;

	if (!json) {
		if (changed)
			printf("%s: %u changed\n", did, changed);
		else
			printf("%s: nothing to change\n", did);
		return 0;
	}
	o = json_new_object();
	json_put_u64(o, "schema", 1);
	json_put_u64(o, "changed", changed);
	return print_json(o, err);
}

/* Each place that is not as the policy says, a line each. */
static int verify(const struct machine *machine, const struct policy *policy, bool json, struct err *err)
{
	_cleanup_(drifts_done) struct drifts drifts = { 0 };
	struct json_object *o;
	int r = policy_verify(&machine->root, policy, err, &drifts);

	if (r < 0)
		return r;
	if (json) {
		o = json_new_object();
		json_put_u64(o, "schema", 1);
		json_put(o, "drift", drifts_to_json(&drifts));
		r = print_json(o, err);
	} else if (drifts.n) {
		for (size_t i = 0; i < drifts.n; i++)
			printf("%s: %s\n", drifts.at[i].path, drifts.at[i].text);
	} else {
		puts("verify: all is as the policy says");
	}
	return r < 0 ? r : drifts.n ? EXIT_DRIFT : EXIT_DONE;
}

/* As policy_apply and policy_take. */
typedef int (*enforcer)(const struct sysroot *root, const struct policy *policy, int *lock, struct err *err, unsigned int *ret_changed);

static int enforce(const struct machine *machine, enforcer put, int *lock, struct err *err, unsigned int *ret_changed)
{
	_cleanup_(policy_done) struct policy policy = { 0 };
	int r = policy_render(&machine->evidence, machine->verdicts, &policy);

	warn_of_lockdown(machine);
	if (r == 0)
		r = warn_of_guests(machine);
	return r < 0 ? r : put(&machine->root, &policy, lock, err, ret_changed);
}

static int renew(const struct options *options, enforcer put, struct err *err, struct machine *ret, unsigned int *ret_changed)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	_cleanup_close_ int lock = -1;
	int r = sysroot_open(options->root, err, &root);

	/* Before the lock: what udev runs waits for that. */
	if (r == 0 && root.live && udev_settle(UDEV_PATIENCE_MS) < 0)
		log_warn("udev is still busy: its rules may change modes after this, and a device that comes later is given what is on file for it");
	if (r == 0)
		r = lock_take(&root, LOCK_POLICY, true, err, &lock);
	if (r == 0)
		r = machine_load(options, err, ret);
	if (r == 0)
		r = machine_judge(ret, err);
	return r < 0 ? r : enforce(ret, put, &lock, err, ret_changed);
}

int policy_renew(const struct options *options, struct err *err, struct machine *ret, unsigned int *ret_changed)
{
	return renew(options, policy_apply, err, ret, ret_changed);
}

/*
 * Is something relied on that is not safe any more; ret_why says what. Under the lock: who holds it may have judged before the probe
 * came to its end, and not have written yet what is to be taken back.
 */
static int look(struct machine *machine, struct err *err, struct err *ret_why, bool *ret)
{
	_cleanup_(publication_done) struct publication published = { 0 };
	_cleanup_close_ int lock = -1;
	char text[PCI_ADDRESS_SIZE];
	struct lapse lapse;
	int r = lock_take(&machine->root, LOCK_POLICY, true, err, &lock), q;

	if (r == 0)
		r = machine_judge(machine, err);
	if (r < 0)
		return r;
	q = publication_load(&machine->root, ret_why, &published);
	/* What is published and could not be read may say of a BAR what no longer holds. */
	*ret = q < 0 && q != -ENOENT;
	if (!lapse_find(&machine->evidence, machine->verdicts, q == 0 ? &published : NULL, &lapse))
		return 0;
	*ret = true;
	pci_address_format(&lapse.address, text);
	if (lapse.is_path)
		snprintf(ret_why->text, sizeof(ret_why->text), "the path of %s is worse than was published", text);
	else
		snprintf(ret_why->text, sizeof(ret_why->text), "%s BAR %u is not safe any more", text, lapse.bar);
	return 0;
}

/* By what it was judged before: a site file that has become unreadable meanwhile is no reason to leave what was found bad in force. */
static int take(const struct machine *machine)
{
	_cleanup_close_ int lock = -1;
	unsigned int changed;
	struct err why = { 0 };
	int r = lock_take(&machine->root, LOCK_POLICY, true, &why, &lock);

	if (r == 0)
		r = enforce(machine, policy_take, &lock, &why, &changed);
	if (r < 0)
		log_warn("%s", why.text);
	return r;
}

int policy_follow(const struct options *options, struct machine *machine, struct err *err)
{
	_cleanup_(machine_done) struct machine now = { 0 };
	unsigned int changed;
	struct err why = { 0 };
	bool is_lapsed = false;
	int r = look(machine, err, &why, &is_lapsed);

	if (r < 0) {
		log_warn("whether all that was given is still safe cannot be told: run pciwc refresh");
		return r;
	}
	if (!is_lapsed)
		return 0;
	/* It waits for udev before it takes the lock, and judges again under it. */
	r = renew(options, options->at_boot ? policy_take : policy_apply, err, &now, &changed);
	if (r < 0) {
		if (now.verdicts || take(machine) < 0)
			log_warn("%s, and what was given is not all taken back: run pciwc refresh", why.text);
		else
			log_warn("%s, and is taken back; nothing could be judged anew: run pciwc refresh", why.text);
		return r;
	}
	if (changed)
		log_warn("%s: the policy follows, %u changed; see pciwc policy show", why.text, changed);
	return machine_judge(machine, err);
}

static int revert(const struct options *options, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	unsigned int changed = 0;
	int r = sysroot_open(options->root, err, &root);

	if (r == 0)
		r = policy_revert(&root, err, &changed);
	return r < 0 ? r : policy_report(options->json, "revert", changed, err);
}

static int apply(const struct options *options, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	unsigned int changed;
	int r = policy_renew(options, err, &machine, &changed);

	if (r == 0)
		r = policy_report(options->json, "apply", changed, err);
	if (r < 0)
		return r;
	return refused(&machine) ? EXIT_NOT_SAFE : EXIT_DONE;
}

int cmd_policy(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	_cleanup_(policy_done) struct policy policy = { 0 };
	const char *what = argc == 1 ? argv[0] : "";
	int r;

	/* Taking back must work when nothing can be read any more. */
	if (!strcmp(what, "revert"))
		return revert(options, err);
	if (strcmp(what, "show") && strcmp(what, "apply") && strcmp(what, "verify"))
		return usage_error(err, "policy%s%s: expected show, apply, verify or revert", argc ? " " : "", argc ? argv[argc - 1] : "");
	if (!strcmp(what, "apply"))
		return apply(options, err);
	r = machine_load(options, err, &machine);
	if (r == 0)
		r = machine_judge(&machine, err);
	if (r == 0)
		r = policy_render(&machine.evidence, machine.verdicts, &policy);
	if (r < 0)
		return r;
	warn_of_lockdown(&machine);
	return !strcmp(what, "show") ? show(&machine, &policy, options->json, err) : verify(&machine, &policy, options->json, err);
}
