/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-bench: the benchmark of one BAR that passes its tests, or of a plain file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/interrupt.h"
#include "act/jail.h"
#include "act/probe.h"
#include "act/udev.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/num.h"
#include "base/strs.h"
#include "cli/bench.h"
#include "cli/policy.h"
#include "decide/path.h"
#include "decide/plan.h"
#include "decide/proof.h"

#define ATTRIBUTE_BYTES 4096

/* Progress is for who watches. */
static bool is_watched(void)
{
	return isatty(STDERR_FILENO);
}

static void measured(void *data, const struct insn *insn, const struct finding *finding,
                     const struct series_reply *series)
{
	if (is_watched())
		fprintf(stderr, "%s: %s\n", insn->name, finding->text);
	bench_results_add(data, insn->name, finding, series);
}

static int read_order(const struct options *options, struct bench_order *order, struct err *err)
{
	uint64_t streams = 0, size_bytes = 0;

	if (options->streams &&
	    (parse_u64(options->streams, 0, 1, BENCH_STREAMS_MAX, &streams) < 0 || !bench_is_streams(streams)))
		return usage_error(err, "--streams %s: expected 1, 2 or 4", options->streams);
	if (options->size &&
	    (parse_u64(options->size, 0, 1, RANGE_MAX_BYTES, &size_bytes) < 0 || !bench_is_size(size_bytes)))
		return usage_error(err, "--size %s: expected 64, 256, 1024 ... 4194304", options->size);
	order->streams = (unsigned int)streams;
	order->size_bytes = size_bytes;
	order->is_wide = options->wide;
	order->cpu = -1;
	return 0;
}

/* ---- facts that stand beside the figures ---- */

static void read_aspm(const struct sysroot *root, struct bench_results *results)
{
	static const struct {
		const char *name, *word;
	} states[] = { { "l0s_aspm", "l0s" }, { "l1_aspm", "l1" }, { "l1_1_aspm", "l1.1" }, { "l1_2_aspm", "l1.2" } };
	_cleanup_(strs_done) struct strs on = { 0 };
	char address[PCI_ADDRESS_SIZE];
	bool is_known = false;

	pci_address_format(&results->device->address, address);
	for (size_t i = 0; i < ELEMENTSOF(states); i++) {
		_cleanup_free_ char *path = str_printf("/sys/bus/pci/devices/%s/link/%s", address, states[i].name);
		_cleanup_free_ char *text = NULL;

		if (!path || sysroot_text(root, path, ATTRIBUTE_BYTES, &text) < 0)
			continue;
		is_known = true;
		if (text[0] == '1' && strs_add(&on, states[i].word) < 0)
			return;
	}
	if (is_known)
		results->aspm = on.n ? strs_join(&on, " ") : strdup("off");
}

static void read_cpu(const struct sysroot *root, struct bench_results *results)
{
	const char *const names[] = { "scaling_governor", "scaling_cur_freq" };
	char *texts[ELEMENTSOF(names)] = { NULL };

	for (size_t i = 0; i < ELEMENTSOF(names) && results->order.cpu >= 0; i++) {
		_cleanup_free_ char *path =
			str_printf("/sys/devices/system/cpu/cpu%d/cpufreq/%s", results->order.cpu, names[i]);

		if (path && sysroot_text(root, path, ATTRIBUTE_BYTES, &texts[i]) < 0)
			texts[i] = NULL;
	}
	results->governor = texts[0];
	if (texts[1] && parse_u64(texts[1], 10, 0, UINT64_MAX, &results->frequency_khz) < 0)
		results->frequency_khz = 0;
	free(texts[1]);
}

static int print(const struct options *options, const struct sysroot *root, struct bench_results *results,
                 struct err *err)
{
	read_cpu(root, results);
	bench_results_merge(results);
	return options->json ? print_json(bench_to_json(results), err) : bench_print(results, err);
}

/* ---- a file ---- */

static int of_file(const struct options *options, struct bench_results *results, struct err *err)
{
	_cleanup_(sysroot_close) struct sysroot root = { .fd = -1 };
	int r = sysroot_open(NULL, err, &root);

	if (r < 0)
		return r;
	results->file = options->file;
	/* No hypervisor emulates memory. */
	results->order.is_wide = true;
	r = bench_file(options->file, &results->order, err);
	if (r == 0)
		r = print(options, &root, results, err);
	return r < 0 ? r : EXIT_DONE;
}

/* ---- a BAR ---- */

static void step_begins(void *data, const struct plan *plan, size_t i)
{
	(void)data;
	if (is_watched())
		fprintf(stderr, "[%zu/%zu] %-11s", i + 1, plan->n, step_infos[plan->at[i]].name);
}

static void step_ends(void *data, const struct finding *finding)
{
	(void)data;
	if (is_watched())
		fprintf(stderr, "%s: %s\n", outcome_names[finding->outcome], finding->text);
}

/* Are this BAR's findings good ones, of this path and of this very range? */
static int has_passed(const struct machine *machine, const struct plan *plan, const char *key, bool *ret)
{
	const struct record *record = proof_of_bar(&machine->evidence, plan->device, plan->bar);
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	enum verdict_kind kind = VERDICT_UNKNOWN;
	int r = record ? proof_weigh(&machine->evidence, record, &reasons, &nexts, &kind) : 0;

	*ret = r == 0 && record && kind == VERDICT_SAFE && record->card.is_known && str_eq(record->path_key, key) &&
	       record->range.offset == plan->range.offset && record->range.size_bytes == plan->range.size_bytes;
	return r;
}

/* What was passed is not done again, but for what makes the range ours and tells its type. */
static void drop_tests(struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++)
		if (!step_infos[plan->at[i]].is_test || plan->at[i] == STEP_TYPE)
			plan->at[n++] = plan->at[i];
	plan->n = n;
}

static int refuse(const struct plan *plan, struct err *err)
{
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&plan->device->address, address);
	return err_set(err, -EPERM, "refused", "%s:%u: %s; see pciwc explain %s:%u", address, plan->bar->index,
	               plan->reasons.n ? plan->reasons.at[0].text : "it may not be probed", address, plan->bar->index);
}

/* A test that failed, and which one; the figures of a BAR that does not hold what is stored are worth nothing. */
static int check_record(const struct record *record, struct err *err)
{
	for (size_t i = 0; i < record->n; i++)
		if (outcome_is_bad(record->at[i].outcome))
			return err_set(err, -EIO, "refused", "%s: %s", step_infos[record->at[i].step].name,
			               record->at[i].text);
	return 0;
}

static int run_plan(struct machine *machine, struct plan *plan, struct bench_results *results, struct err *err)
{
	_cleanup_free_ char *key = path_key(&machine->devices, plan->device, plan->bar, &machine->platform);
	struct probe_about about = { .scope = evidence_scope(&machine->evidence), .path_key = key,
		                     .machine = machine->key, .ceiling = results->ceiling };
	struct probe_progress progress = { step_begins, step_ends, NULL };
	_cleanup_(record_done) struct record record = { 0 };
	bool is_passed = false;

	if (!key || has_passed(machine, plan, key, &is_passed) < 0)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	if (is_passed)
		drop_tests(plan);

	int r = probe_bench(&machine->root, plan, &about, &results->order, &progress, err, &record);

	return r < 0 ? r : check_record(&record, err);
}

static int of_bar(const struct options *options, struct machine *machine, const struct target *target,
                  struct bench_results *results, struct err *err)
{
	const struct device *device = &machine->devices.at[target->device];
	_cleanup_(plan_done) struct plan plan = { 0 };
	const struct bar *bar = device_bar(device, (unsigned int)target->bar);
	struct interrupt interrupt;
	struct err later = { 0 };
	int q, r = plan_bar(&machine->evidence, device, (size_t)(bar - device->bars),
	                 &machine->expectations[target->device], &plan);

	if (r < 0)
		return err_set(err, r, "out-of-memory", "out of memory");
	results->device = device;
	results->bar = bar;
	machine_ceiling(machine, device, bar, &results->ceiling);
	if (!plan.is_allowed)
		return refuse(&plan, err);
	if (geteuid() != 0)
		return err_set(err, -EPERM, "not-root", "bench: needs root (--file benches a file without)");
	r = jail_keep(err);
	if (r < 0)
		return r;
	if (udev_settle(UDEV_PATIENCE_MS) < 0)
		log_warn("udev is still busy: a driver may be binding");
	/* A signal between what its tests find bad and what is revoked for it waits. */
	interrupt_hold(&interrupt);
	r = machine_refuse_stale(options, machine, err);
	if (r == 0)
		r = run_plan(machine, &plan, results, err);
	q = policy_follow(options, machine, r < 0 ? &later : err);
	interrupt_release(&interrupt);
	if (r < 0 || q < 0)
		return r < 0 ? r : q;
	read_aspm(&machine->root, results);
	r = print(options, &machine->root, results, err);
	return r < 0 ? r : EXIT_DONE;
}

int cmd_bench(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(bench_results_done) struct bench_results results = { .order = { .measured = measured } };
	_cleanup_(machine_done) struct machine machine = { 0 };
	struct targets targets = { 0 };
	int r = read_order(options, &results.order, err);

	results.order.data = &results;
	if (r < 0)
		return r;
	if (options->file && (argc || options->root))
		return usage_error(err, "bench --file %s: expected nothing else to bench", options->file);
	if (options->file)
		return of_file(options, &results, err);
	if (argc != 1)
		return usage_error(err, "bench: expected one ADDRESS:BAR, or --file FILE");
	r = machine_load(options, err, &machine);
	if (r == 0)
		r = machine_judge(&machine, err);
	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	if (r == 0 && (targets.n != 1 || targets.at[0].bar < 0))
		r = usage_error(err, "bench: %s: expected ADDRESS:BAR", argv[0]);
	if (r == 0)
		r = of_bar(options, &machine, &targets.at[0], &results, err);
	free(targets.at);
	return r;
}
