/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-probe: plans, asks nobody twice, probes what is allowed, and says what came of the rest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/interrupt.h"
#include "act/jail.h"
#include "act/probe.h"
#include "act/udev.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/policy.h"
#include "decide/evidence.h"
#include "decide/path.h"
#include "decide/plan.h"

/* One BAR that is asked for. */
struct job {
	size_t device, bar; /* indices */
	struct plan plan;
	struct err failure; /* why an allowed plan came to nothing */
};

struct jobs {
	struct job *at;
	size_t n;
};

static void jobs_done(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		plan_done(&jobs->at[i].plan);
	free(jobs->at);
}

static int add_jobs(const struct machine *machine, size_t device, int bar, bool is_wide,
                    struct jobs *jobs)
{
	const struct device *d = &machine->devices.at[device];

	for (size_t i = 0; i < d->n_bars; i++) {
		bool is_wanted = bar < 0 ? bar_is_candidate(&d->bars[i]) : d->bars[i].index == bar;
		struct job *job = is_wanted ? array_add(jobs) : NULL;
		int r;

		if (!is_wanted)
			continue;
		if (!job)
			return -ENOMEM;
		job->device = device;
		job->bar = i;
		r = plan_bar(&machine->evidence, d, i, &machine->expectations[device], &job->plan);
		if (r < 0)
			return r;
		job->plan.is_wide = is_wide;
	}
	return 0;
}

static int make_jobs(const struct machine *machine, const struct targets *targets, bool is_wide, struct jobs *jobs)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < targets->n; i++)
		r = add_jobs(machine, targets->at[i].device, targets->at[i].bar, is_wide, jobs);
	for (size_t d = 0; r == 0 && !targets->n && d < machine->devices.n; d++)
		if (machine->is_selected[d])
			r = add_jobs(machine, d, -1, is_wide, jobs);
	return r;
}

static void print_plan(const struct plan *plan)
{
	char address[PCI_ADDRESS_SIZE], size[16];

	pci_address_format(&plan->device->address, address);
	printf("%s BAR %u: ", address, plan->bar->index);
	if (!plan->is_allowed) {
		puts("is not probed");
		for (size_t i = 0; i < plan->reasons.n; i++)
			printf("  %s: %s\n", reason_names[plan->reasons.at[i].id], plan->reasons.at[i].text);
		for (size_t i = 0; i < plan->nexts.n; i++)
			printf("  next: %s\n", plan->nexts.at[i].text);
		return;
	}
	size_format(plan->range.size_bytes, size);
	if (plan->range.size_bytes)
		printf("%s at offset 0x%llx is saved, written and put back\n", size,
		       (unsigned long long)plan->range.offset);
	else
		puts("the controller memory buffer, found when it is claimed, is saved, written and put back");
	for (size_t i = 0; i < plan->n; i++)
		printf("  %-11s%s\n", step_infos[plan->at[i]].name, step_infos[plan->at[i]].does);
}

static int print_plans(const struct jobs *jobs, bool json, struct err *err)
{
	struct json_object *o, *plans;

	if (!json) {
		for (size_t i = 0; i < jobs->n; i++)
			print_plan(&jobs->at[i].plan);
		if (!jobs->n)
			puts("no prefetchable BAR: nothing to probe");
		return 0;
	}
	o = json_new_object();
	plans = json_new_array();
	json_put_u64(o, "schema", 1);
	for (size_t i = 0; i < jobs->n; i++)
		json_push(plans, plan_to_json(&jobs->at[i].plan));
	json_put(o, "plans", plans);
	return print_json(o, err);
}

/* Progress goes to stderr: stdout is the result. */
static void step_begins(void *data, const struct plan *plan, size_t i)
{
	const bool *is_quiet = data;
	char address[PCI_ADDRESS_SIZE];

	if (*is_quiet)
		return;
	pci_address_format(&plan->device->address, address);
	fprintf(stderr, "%s BAR %u  [%zu/%zu] %-11s", address, plan->bar->index, i + 1, plan->n,
	        step_infos[plan->at[i]].name);
	fflush(stderr);
}

static void step_ends(void *data, const struct finding *finding)
{
	const bool *is_quiet = data;

	if (!*is_quiet)
		fprintf(stderr, "%s: %s\n", outcome_names[finding->outcome], finding->text);
}

/* What keeps a device from being claimed is an answer, with a way on; any other error is the tool's own. */
static const struct {
	const char *id, *next;
} refusals[] = {
	{ "bound", "unbind the driver, or bind vfio-pci, then probe again" },
	{ "busy", "end what uses the device, then probe again" },
	{ "cannot-claim", "unbind it from its driver, if it has one, then probe again as root of the host, with all capabilities" },
	{ "boot-vga", "probe it on a machine whose screen it is not" },
	{ "vanished", "see what is there now: pciwc list" },
	{ "changed", "find out who changes the device (dmesg, udevadm monitor), then probe again" },
	{ "not-decoding", "see why its memory cannot be enabled: dmesg, lspci -vv" },
	{ "link-down", "see the link's state: lspci -vv" },
	{ "has-vfs", "disable its virtual functions (sriov_numvfs), then probe again" },
};

static const char *refusal_next(const char *id)
{
	for (size_t i = 0; i < ELEMENTSOF(refusals); i++)
		if (!strcmp(refusals[i].id, id))
			return refusals[i].next;
	return NULL;
}

static int run_job(const struct machine *machine, struct job *job, bool is_quiet, struct err *err)
{
	const struct plan *plan = &job->plan;
	_cleanup_(record_done) struct record record = { 0 };
	_cleanup_free_ char *key = path_key(&machine->devices, plan->device, plan->bar, &machine->platform);
	struct probe_progress progress = { step_begins, step_ends, &is_quiet };

	struct probe_about about = { .scope = evidence_scope(&machine->evidence), .path_key = key, .machine = machine->key };

	if (!key)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	machine_ceiling(machine, plan->device, plan->bar, &about.ceiling);

	int r = probe_run(&machine->root, plan, &about, &progress, &job->failure, &record);

	if (r < 0 && refusal_next(job->failure.id))
		return 0;
	if (r < 0 && job->failure.text[0])
		*err = job->failure;
	return r;
}

/* One may take minutes: what the database denies by then is asked before the next. */
static int run_jobs(const struct options *options, const struct machine *machine, struct jobs *jobs, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < jobs->n; i++) {
		if (!jobs->at[i].plan.is_allowed)
			continue;
		r = machine_refuse_stale(options, machine, err);
		if (r == 0)
			r = run_job(machine, &jobs->at[i], options->json, err);
	}
	return r;
}

/* Also after one that came to no end: those before it may have found something. r: what came of them. The first error. */
static int follow(const struct options *options, struct machine *machine, const struct jobs *jobs, int r, struct err *err)
{
	struct err later = { 0 };
	bool is_touched = false;
	int q;

	for (size_t i = 0; i < jobs->n; i++)
		is_touched |= jobs->at[i].plan.is_allowed;
	q = is_touched ? policy_follow(options, machine, r < 0 ? &later : err) : machine_judge(machine, err);

	return r < 0 ? r : q;
}

/* What kept a claim from being made belongs to the BAR's verdict like any other reason. */
static int add_failures(struct machine *machine, const struct jobs *jobs, struct err *err)
{
	for (size_t i = 0; i < jobs->n; i++) {
		const struct job *job = &jobs->at[i];
		struct bar_verdict *verdict = &machine->verdicts[job->device].bars[job->bar];

		if (!job->failure.text[0])
			continue;
		if (reasons_add(&verdict->reasons, REASON_BUSY, NULL, "it was not probed now (%s): %s", job->failure.id,
		                job->failure.text) < 0 ||
		    nexts_add(&verdict->nexts, NULL, "none", refusal_next(job->failure.id)) < 0)
			return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	}
	return 0;
}

static bool all_safe(const struct machine *machine, const struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		if (machine->verdicts[jobs->at[i].device].bars[jobs->at[i].bar].kind != VERDICT_SAFE ||
		    jobs->at[i].failure.text[0])
			return false;
	return true;
}

static bool is_declared(const struct machine *machine, const struct device *device, const struct bar *bar)
{
	for (size_t i = 0; i < machine->site.scratch.n; i++)
		if (machine->site.scratch.at[i].bar == bar->index &&
		    selector_matches(&machine->site.scratch.at[i].device, device))
			return true;
	return false;
}

/* What the site declares, and nothing has proven yet: at boot nobody names anything. */
static int make_declared(const struct machine *machine, struct jobs *jobs)
{
	int r = 0;

	for (size_t d = 0; r == 0 && machine->site.probe_at_boot && d < machine->devices.n; d++) {
		const struct device *device = &machine->devices.at[d];

		for (size_t i = 0; r == 0 && i < device->n_bars; i++)
			if (is_declared(machine, device, &device->bars[i]) && machine->verdicts[d].bars[i].kind != VERDICT_SAFE)
				r = add_jobs(machine, d, device->bars[i].index, false, jobs);
	}
	return r;
}

static int probe(const struct options *options, struct machine *machine, const struct targets *targets, struct err *err)
{
	_cleanup_(jobs_done) struct jobs jobs = { 0 };
	struct interrupt interrupt;
	int r = options->at_boot ? make_declared(machine, &jobs) : make_jobs(machine, targets, options->wide, &jobs);

	if (r < 0)
		return err_set(err, r, "out-of-memory", "out of memory");
	if (options->plan)
		return print_plans(&jobs, options->json, err);
	if (machine->root.live && geteuid() != 0)
		return err_set(err, -EPERM, "not-root", "probe: needs root (--plan shows what it would do)");
	if (options->at_boot && !jobs.n)
		return EXIT_DONE;
	r = machine->root.live ? jail_keep(err) : 0;
	if (r < 0)
		return r;
	if (machine->root.live && udev_settle(UDEV_PATIENCE_MS) < 0)
		log_warn("udev is still busy: a driver may be binding");
	/* A signal between what is found bad and what is revoked for it waits; between two jobs the next one takes it. */
	interrupt_hold(&interrupt);
	r = follow(options, machine, &jobs, run_jobs(options, machine, &jobs, err), err);
	interrupt_release(&interrupt);
	if (r == 0)
		r = add_failures(machine, &jobs, err);
	if (r == 0)
		r = explain_machine(machine, targets, options, err);
	if (r < 0)
		return r;
	return all_safe(machine, &jobs) ? EXIT_DONE : EXIT_NOT_SAFE;
}

int cmd_probe(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	struct targets targets = { 0 };
	int r;

	if (options->at_boot && argc)
		return usage_error(err, "probe --at-boot: the site file says what is probed, expected nothing behind it");
	r = machine_load(options, err, &machine);

	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	if (r == 0)
		r = machine_judge(&machine, err);
	machine_keep_candidates(&machine, r < 0 || argc);
	if (r == 0)
		r = probe(options, &machine, &targets, err);
	free(targets.at);
	return r;
}
