/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge: path and target, each proven or not; safe is what is left when nothing speaks against it. */
#include "decide/judge.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/plan.h"
#include "decide/proof.h"
#include "decide/ranges.h"
#include "decide/weigh.h"

enum scope judge_scope(const struct evidence *evidence)
{
	if (evidence->is_replay)
		return SCOPE_REPLAY;
	/* What cannot be told from a virtual machine is treated as one: its findings never count for hardware. */
	return evidence->platform->is_virtual == TRI_NO ? SCOPE_HARDWARE : SCOPE_VIRTUAL;
}

static void demote(enum verdict_kind *kind, enum verdict_kind to)
{
	if (*kind == VERDICT_SAFE || to == VERDICT_UNSAFE)
		*kind = to;
}

/* ---- the path ---- */

/* Whose path it is: a captured machine's, or a hypervisor's, is not proven by what is seen here. */
static int judge_platform(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons,
                          struct nexts *nexts)
{
	const struct site_choice *accept = site_accepts(evidence->site, "virtual-platform");

	switch (judge_scope(evidence)) {
	case SCOPE_REPLAY:
		demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_REPLAY, NULL, "this is a captured machine: nothing is proven by looking at it") ?:
		       nexts_add(nexts, "sudo pciwc explain", "none", "ask on the machine itself");
	case SCOPE_VIRTUAL:
		if (accept)
			return reasons_add(reasons, REASON_ACCEPTED, NULL,
			                   "virtual-platform is accepted by the site, for this virtual machine only: %s",
			                   accept->reason);
		demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_VIRTUAL_PLATFORM, NULL,
		                   evidence->platform->is_virtual == TRI_YES
		                           ? "this is a virtual machine: the path is the hypervisor's, and cannot be seen from here"
		                           : "it could not be told whether this is a virtual machine") ?:
		       nexts_add(nexts, NULL, "findings of a guest say nothing of the host's hardware",
		                 "ask pciwc on the host; or accept it for this guest: {\"what\":\"virtual-platform\",\"reason\":\"...\"} "
		                 "in the site file's \"accept\"");
	default:
		return 0;
	}
}

static int judge_database(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons,
                          struct nexts *nexts)
{
	const struct strs *broken = &evidence->quirks->broken;
	int r = 0;

	for (size_t i = 0; r == 0 && i < broken->n; i++) {
		demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_DATABASE_BROKEN, NULL,
		                "what this file denies is not known, so all is held: %s", broken->at[i]) ?:
		    nexts_add(nexts, "pciwc quirks list", "none", "repair or remove the file that it names");
	}
	return r;
}

/* A BAR of this device, or of another one behind the same path, that a probe could use. */
static int next_for_proof(const struct evidence *evidence, const struct device *device,
                          const struct expectation *expectation, struct nexts *nexts)
{
	char address[PCI_ADDRESS_SIZE];

	for (size_t i = 0; i < device->n_bars; i++) {
		_cleanup_(plan_done) struct plan plan = { 0 };
		int r = plan_bar(evidence, device, i, expectation, &plan);

		if (r < 0)
			return r;
		if (!plan.is_allowed)
			continue;
		pci_address_format(&device->address, address);

		_cleanup_free_ char *command = str_printf("sudo pciwc probe %s:%u", address, device->bars[i].index);

		return command ? nexts_add(nexts, command, "its scratch range is overwritten meanwhile, and put back",
		                           "probe the memory behind this path")
		               : -ENOMEM;
	}
	return nexts_add(nexts, NULL, "none",
	                 "nothing on this device can prove the path: declare a scratch range of a BAR behind the same root "
	                 "port in the site file, or put a device with memory (an NVMe with a CMB) below it and probe that");
}

/* How well any BAR's path is proven: a proof belongs to a window class, so BARs are asked one by one. */
static int prove_path(const struct evidence *evidence, const struct device *device, enum basis *ret,
                      const struct record **ret_record)
{
	enum basis best = BASIS_NONE;

	for (size_t i = 0; i < device->n_bars; i++) {
		const struct record *record;
		enum basis basis;
		int r = proof_of_path(evidence, device, &device->bars[i], &basis, &record);

		if (r < 0)
			return r;
		if (basis != BASIS_NONE && (best == BASIS_NONE || basis < best)) {
			best = basis;
			*ret_record = record;
		}
	}
	*ret = best;
	return 0;
}

static int judge_path(const struct evidence *evidence, const struct device *device,
                      const struct expectation *expectation, const struct quirk **ret_accepted,
                      struct path_verdict *path)
{
	enum verdict_kind kind = VERDICT_SAFE;
	const struct record *record = NULL;
	char address[PCI_ADDRESS_SIZE];
	struct weight weight;
	int r = weigh_matches(&expectation->path, evidence->site, false, &path->reasons, &path->nexts, &weight);

	if (r == 0)
		r = judge_database(evidence, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = judge_platform(evidence, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = prove_path(evidence, device, &path->basis, &record);
	if (r < 0)
		return r;
	*ret_accepted = weight.accepted;
	if (path->basis == BASIS_NONE && weight.accepted)
		path->basis = BASIS_ACCEPTED;
	if (weight.is_held || weight.has_no_wc)
		demote(&kind, VERDICT_UNKNOWN);
	if (weight.is_denied)
		demote(&kind, VERDICT_UNSAFE);
	path->scope = judge_scope(evidence);
	if (path->basis == BASIS_NONE) {
		demote(&kind, VERDICT_UNKNOWN);
		/* What is denied or held is not helped by a probe. */
		if (!weight.is_denied && !weight.is_held && !weight.has_no_wc)
			r = reasons_add(&path->reasons, REASON_PATH_UNPROVEN, NULL,
			                "no quirk denies this path, and nothing has proven it") ?:
			    next_for_proof(evidence, device, expectation, &path->nexts);
	} else if (record) {
		pci_address_format(&record->address, address);
		r = reasons_add(&path->reasons, REASON_PATH_PROVEN, NULL, "no defect seen by the microtests on %s BAR %u (%s)",
		                address, record->bar, basis_names[path->basis]);
	}
	path->kind = kind;
	return r;
}

/* ---- a BAR ---- */

struct hearing {
	const struct evidence *evidence;
	const struct device *device;
	const struct bar *bar;
	const struct bar_expectation *expectation;
	const struct record *record; /* NULL: not probed */
	bool has_passed;             /* the record proves what it touched */
	struct bar_verdict *verdict;
	enum verdict_kind kind;
};

/* What a reason of the plan says of safety; those not listed only say why nothing can be probed right now. */
static const enum verdict_kind weight_of[REASONS] = {
	[REASON_PATH_DENIED] = VERDICT_UNSAFE,
	[REASON_TARGET_DENIED] = VERDICT_UNSAFE,
	[REASON_TARGET_NOT_MEMORY] = VERDICT_UNSAFE,
};

static bool is_only_now(enum reason_id id)
{
	return id == REASON_BUSY || id == REASON_REPLAY;
}

static int hear_plan(struct hearing *h, size_t i, const struct expectation *expectation)
{
	_cleanup_(plan_done) struct plan plan = { 0 };
	struct bar_verdict *verdict = h->verdict;
	int r = plan_bar(h->evidence, h->device, i, expectation, &plan);

	for (size_t n = 0; r == 0 && n < plan.reasons.n; n++) {
		const struct reason *reason = &plan.reasons.at[n];

		if (h->record && is_only_now(reason->id))
			continue;
		demote(&h->kind, weight_of[reason->id]);
		r = reasons_add(&verdict->reasons, reason->id, &reason->references, "%s", reason->text);
	}
	for (size_t n = 0; r == 0 && n < plan.nexts.n; n++)
		r = nexts_add(&verdict->nexts, plan.nexts.at[n].command, plan.nexts.at[n].risk, plan.nexts.at[n].text);
	if (r < 0 || h->record || !plan.is_allowed)
		return r;

	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&h->device->address, address);

	_cleanup_free_ char *command = str_printf("sudo pciwc probe %s:%u", address, h->bar->index);

	if (!command)
		return -ENOMEM;
	demote(&h->kind, VERDICT_UNKNOWN);
	return reasons_add(&verdict->reasons, REASON_NOT_PROBED, NULL, "it has not been probed") ?:
	       nexts_add(&verdict->nexts, command, "its scratch range is overwritten meanwhile, and put back", "probe it");
}

static int hear_crash(struct hearing *h)
{
	const struct journal_entry *crash = journal_crash(h->evidence->journal, &h->device->address, h->bar->index);

	if (!crash)
		return 0;
	/* Once may be a coincidence. */
	demote(&h->kind, crash->deaths ? VERDICT_UNSAFE : VERDICT_UNKNOWN);
	return 0;
}

static int hear_record(struct hearing *h)
{
	struct bar_verdict *verdict = h->verdict;
	enum verdict_kind kind;

	if (!h->record)
		return 0;

	int r = proof_weigh(h->evidence, h->record, &verdict->reasons, &verdict->nexts, &kind);

	if (r < 0)
		return r;
	h->has_passed = kind == VERDICT_SAFE;
	demote(&h->kind, kind);

	const struct finding *bench = record_find(h->record, STEP_BENCH);
	const struct number *gain = bench && bench->outcome == OUTCOME_PASS ? numbers_find(&bench->numbers, "gain") : NULL;

	verdict->gain = gain && gain->value > 0 ? gain->value : 0;
	return 0;
}

static int hear_path(struct hearing *h, const struct path_verdict *path, const struct quirk *accepted)
{
	const struct record *record;
	enum basis basis;
	int r = proof_of_path(h->evidence, h->device, h->bar, &basis, &record);

	if (r < 0)
		return r;
	if (path->kind != VERDICT_SAFE)
		demote(&h->kind, path->kind);
	/* A path proven through another window class does not carry over. */
	if (basis == BASIS_NONE && !accepted) {
		demote(&h->kind, VERDICT_UNKNOWN);
		if (!h->verdict->reasons.n)
			r = reasons_add(&h->verdict->reasons, REASON_PATH_UNPROVEN, NULL, "its path is not proven");
	}
	return r;
}

static int hear_target(struct hearing *h)
{
	struct bar_verdict *verdict = h->verdict;
	int r = ranges_of_bar(h->bar, &h->device->caps, h->expectation, h->has_passed ? &h->record->range : NULL,
	                      &verdict->ranges, &verdict->n_ranges);

	if (r < 0)
		return r;
	verdict->target = ranges_target(verdict->ranges, verdict->n_ranges);
	if (h->expectation->is_not_memory)
		verdict->target = VERDICT_UNSAFE;
	switch (verdict->target) {
	case VERDICT_SAFE:
		return reasons_add(&verdict->reasons, REASON_TARGET_FIT, NULL, "every page of it is memory (%s)",
		                   h->expectation->scratch_source ?: "declared by an entry");
	case VERDICT_UNSAFE:
		demote(&h->kind, VERDICT_UNSAFE);
		if (h->expectation->has_msix)
			return reasons_add(&verdict->reasons, REASON_TARGET_MSIX, NULL,
			                   "the MSI-X table or PBA lives in it: registers, whatever the rest is") ?:
			       nexts_add(&verdict->nexts, NULL, "none",
			                 "map only a range of it that is reported safe, through a backend that can");
		return 0;
	case VERDICT_UNKNOWN:
		demote(&h->kind, VERDICT_UNKNOWN);
		if (h->has_passed)
			return reasons_add(&verdict->reasons, REASON_TARGET_PARTLY, NULL,
			                   "only a part of it was tested; nobody vouches for the other pages") ?:
			       nexts_add(&verdict->nexts, NULL, "none",
			                 "use the range that is safe, or have an entry of effect memory declare the whole BAR");
		return 0;
	}
	return 0;
}

static int hear_site(struct hearing *h)
{
	struct bar_verdict *verdict = h->verdict;
	const struct site_grant *grant = site_grant(h->evidence->site, h->device, h->bar->index);
	double minimum = h->evidence->site->minimum_gain;

	if (verdict->kind != VERDICT_SAFE)
		return 0;
	if (verdict->gain < minimum)
		return reasons_add(&verdict->reasons, REASON_GAIN_LOW, NULL,
		                   "safe, but not worth it: gain %.2f is below the minimum of %.2f", verdict->gain, minimum) ?:
		       nexts_add(&verdict->nexts, NULL, "none",
		                 "nothing to do; or lower \"minimum\".\"gain\" in the site file");
	if (!grant)
		return reasons_add(&verdict->reasons, REASON_NOT_ASKED, NULL, "safe; the site file grants it to nobody") ?:
		       nexts_add(&verdict->nexts, NULL, "members of the group can write to the device's memory",
		                 "name it in the site file's \"grant\", then run pciwc policy apply");
	verdict->is_grantable = true;
	return str_set(&verdict->group, grant->group);
}

static enum surface_sysfs surface_of(const struct kernel *kernel, const struct bar *bar)
{
	if (kernel->lockdown == LOCKDOWN_INTEGRITY || kernel->lockdown == LOCKDOWN_CONFIDENTIALITY)
		return SYSFS_LOCKED_DOWN;
	return bar->wc_file == TRI_YES ? SYSFS_AVAILABLE : bar->wc_file == TRI_NO ? SYSFS_MISSING : SYSFS_UNKNOWN;
}

static int judge_bar(const struct evidence *evidence, const struct device *device, size_t i,
                     const struct expectation *expectation, const struct path_verdict *path,
                     const struct quirk *accepted, struct bar_verdict *ret)
{
	const struct bar *bar = &device->bars[i];
	struct hearing h = { evidence, device, bar, &expectation->bars[i], proof_of_bar(evidence, device, bar),
		             false,    ret,    VERDICT_SAFE };
	int r = hear_plan(&h, i, expectation);

	if (r == 0)
		r = hear_crash(&h);
	if (r == 0)
		r = judge_platform(evidence, &h.kind, &ret->reasons, &ret->nexts);
	if (r == 0)
		r = hear_record(&h);
	if (r == 0)
		r = hear_path(&h, path, accepted);
	/* Without its own record not even the type of its mapping is confirmed. */
	if (!h.record || !bar->prefetchable || bar->io)
		demote(&h.kind, VERDICT_UNKNOWN);

	enum verdict_kind besides_target = h.kind;

	if (r == 0)
		r = hear_target(&h);
	if (r < 0)
		return r;
	/* A fit range of an unfit BAR is as safe as everything else allows. */
	for (size_t n = 0; n < ret->n_ranges; n++)
		if (ret->ranges[n].kind == VERDICT_SAFE)
			ret->ranges[n].kind = besides_target;
	ret->kind = h.kind;
	ret->scope = judge_scope(evidence);
	ret->sysfs = surface_of(evidence->kernel, bar);
	ret->guest = evidence->kernel->guest;
	ret->is_granted = bar->is_open;
	return hear_site(&h);
}

int judge_device(const struct evidence *evidence, const struct device *device, const struct expectation *expectation,
                 struct device_verdict *ret)
{
	_cleanup_(device_verdict_done) struct device_verdict verdict = { 0 };
	const struct quirk *accepted;
	int r = judge_path(evidence, device, expectation, &accepted, &verdict.path);

	for (size_t i = 0; r == 0 && i < device->n_bars; i++)
		r = judge_bar(evidence, device, i, expectation, &verdict.path, accepted, &verdict.bars[i]);
	if (r < 0)
		return r;
	*ret = verdict;
	verdict = (struct device_verdict){ 0 };
	return 0;
}
