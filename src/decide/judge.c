/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge: path and target, each proven or not; safe is what is left when nothing speaks against it. */
#include "decide/judge.h"

#include <errno.h>

#include "base/cleanup.h"
#include "decide/deny.h"
#include "decide/judge-path.h"
#include "decide/offer.h"
#include "decide/plan.h"
#include "decide/proof.h"
#include "decide/ranges.h"

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

/* Keeps a BAR from being probed now, and says nothing against what was found before. */
static bool is_only_now(enum reason_id id)
{
	return id == REASON_BUSY || id == REASON_LOCKED_DOWN;
}

static int next_probe(const struct hearing *h)
{
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&h->device->address, address);

	_cleanup_free_ char *command = str_printf("sudo pciwc probe %s:%u", address, h->bar->index);

	return command ? nexts_add(&h->verdict->nexts, command, "its scratch range is overwritten meanwhile, and put back",
	                           "probe it")
	               : -ENOMEM;
}

static int hear_plan(struct hearing *h, size_t i, const struct expectation *expectation)
{
	_cleanup_(plan_done) struct plan plan = { 0 };
	struct bar_verdict *verdict = h->verdict;
	bool is_heard = false;
	int r = plan_bar(h->evidence, h->device, i, expectation, &plan);

	for (size_t n = 0; r == 0 && n < plan.reasons.n; n++) {
		const struct reason *reason = &plan.reasons.at[n];

		/* That it is a captured machine is said of the path, and so of every BAR. */
		if (reason->id == REASON_REPLAY || (h->record && is_only_now(reason->id)))
			continue;
		is_heard = true;
		verdict_demote(&h->kind, weight_of[reason->id]);
		r = reasons_add(&verdict->reasons, reason->id, &reason->references, "%s", reason->text);
	}
	for (size_t n = 0; r == 0 && is_heard && n < plan.nexts.n; n++)
		r = nexts_add(&verdict->nexts, plan.nexts.at[n].command, plan.nexts.at[n].risk, plan.nexts.at[n].text);
	if (r < 0 || h->record || !plan.is_allowed)
		return r;
	verdict_demote(&h->kind, VERDICT_UNKNOWN);
	return reasons_add(&verdict->reasons, REASON_NOT_PROBED, NULL, "it has not been probed%s",
	                   plan.range.size_bytes ? "" : ": its scratch range is the controller memory buffer, found when it is "
	                                                "claimed") ?:
	       next_probe(h);
}

static int hear_crash(struct hearing *h)
{
	const struct journal_entry *crash = journal_crash(h->evidence->journal, &h->device->address, h->bar->index);

	if (!crash)
		return 0;
	/* Once may be a coincidence. */
	verdict_demote(&h->kind, crash->deaths ? VERDICT_UNSAFE : VERDICT_UNKNOWN);
	return 0;
}

/* Its own pages are meant: elsewhere, or in a BAR of another size, they may be other ones. */
static int hear_place(struct hearing *h)
{
	const struct record *record = h->record;
	bool has_moved = record->bar_base != h->bar->base, is_resized = record->bar_size_bytes != h->bar->size_bytes;

	if (!has_moved && !is_resized)
		return 0;
	verdict_demote(&h->kind, VERDICT_UNKNOWN);
	h->has_passed = false;
	return reasons_add(&h->verdict->reasons, REASON_STALE, NULL, "its findings do not hold any more: the BAR's %s is another one",
	                   !record->bar_size_bytes ? "address and size were not kept, and each" : is_resized ? "size" : "address") ?:
	       next_probe(h);
}

/* Of an earlier version: another card with the same silicon may have been here then. */
static int hear_card(struct hearing *h)
{
	if (h->record->card.is_known)
		return 0;
	verdict_demote(&h->kind, VERDICT_UNKNOWN);
	h->has_passed = false;
	return reasons_add(&h->verdict->reasons, REASON_STALE, NULL,
	                   "its findings do not hold any more: the device's subsystem and class were not kept") ?:
	       next_probe(h);
}

/* Who knows that it was probed is told why that says nothing any more. */
static int hear_another(struct hearing *h)
{
	const struct fingerprint_part *changed = proof_of_another(h->evidence, h->device, h->bar);

	return !changed ? 0
	                : reasons_add(&h->verdict->reasons, REASON_STALE, NULL,
	                              "what was found at its address does not hold any more: %s is another one (%s)",
	                              changed->changed, changed->name);
}

static int hear_record(struct hearing *h)
{
	struct bar_verdict *verdict = h->verdict;
	enum verdict_kind kind;

	if (!h->record)
		return hear_another(h);

	int r = proof_weigh(h->evidence, h->record, &verdict->reasons, &verdict->nexts, &kind);

	if (r < 0)
		return r;
	h->has_passed = kind == VERDICT_SAFE;
	r = hear_card(h);
	if (r == 0)
		r = hear_place(h);
	if (r < 0)
		return r;
	verdict->record = h->has_passed ? h->record : NULL;
	verdict_demote(&h->kind, kind);

	const struct finding *bench = record_find(h->record, STEP_BENCH);
	const struct number *gain = bench && bench->outcome == OUTCOME_PASS ? numbers_find(&bench->numbers, "gain") : NULL;

	verdict->gain = gain && gain->value > 0 ? gain->value : 0;
	return 0;
}

static bool is_said(const struct reasons *reasons, const char *text)
{
	for (size_t i = 0; i < reasons->n; i++)
		if (str_eq(reasons->at[i].text, text))
			return true;
	return false;
}

/* What the site lifted, accepted or imported is shown wherever it counts. */
static int hear_choices(struct hearing *h, const struct path_verdict *path)
{
	struct reasons *mine = &h->verdict->reasons;
	int r = 0;

	for (size_t i = 0; r == 0 && i < path->reasons.n; i++) {
		const struct reason *reason = &path->reasons.at[i];

		bool is_choice = reason->id == REASON_LIFTED || reason->id == REASON_ACCEPTED ||
		                 reason->id == REASON_IMPORTED || reason->id == REASON_IMPORT_FAILED;

		if (is_choice && !is_said(mine, reason->text))
			r = reasons_add(mine, reason->id, &reason->references, "%s", reason->text);
	}
	return r;
}

/* Of its own the plan has told. */
static int hear_death(struct hearing *h, const struct journal_entry *death)
{
	if (death->bar == h->bar->index && !pci_address_compare(&death->address, &h->device->address))
		return 0;
	return judge_death(death, &h->kind, &h->verdict->reasons, &h->verdict->nexts);
}

static int hear_path(struct hearing *h, const struct path_verdict *path, const struct path_grounds *grounds)
{
	struct bar_verdict *verdict = h->verdict;
	const struct path_proof *bad;
	struct path_proof proof;
	int r = proof_of_path(h->evidence, h->device, h->bar, &proof);

	if (r == 0)
		r = hear_choices(h, path);
	if (r == 0)
		r = judge_past(h->evidence, &h->kind, &verdict->reasons, &verdict->nexts);
	/* Without a pass the BAR has reasons of its own. */
	if (r == 0 && h->has_passed)
		r = judge_unread(h->evidence, h->device, &h->kind, &verdict->reasons, &verdict->nexts);
	if (r < 0)
		return r;
	verdict_demote(&h->kind, path->kind);
	verdict->path_basis = proof.basis == BASIS_NONE && grounds->is_accepted ? BASIS_ACCEPTED : proof.basis;
	/* A failure that its own record holds was said already. */
	bad = proof.failed ? &proof : &grounds->proof;
	if (bad->failed && bad->failed != h->record)
		return judge_failure(h->evidence, bad, &h->kind, &verdict->reasons, &verdict->nexts);
	if (proof.death)
		return hear_death(h, proof.death);
	if (proof.basis != BASIS_NONE || grounds->is_accepted)
		return 0;
	verdict_demote(&h->kind, VERDICT_UNKNOWN);
	/* Else what keeps its own record from being the proof was said already. */
	if (!h->has_passed)
		return 0;
	return reasons_add(&verdict->reasons, REASON_PATH_UNPROVEN, NULL,
	                   "its findings were made on another path than it has now, and nothing has proven this one") ?:
	       next_probe(h);
}

static int hear_target(struct hearing *h)
{
	struct bar_verdict *verdict = h->verdict;
	int r = ranges_of_bar(h->bar, &h->device->caps, h->expectation, h->has_passed ? &h->record->range : NULL,
	                      &verdict->ranges, &verdict->n_ranges);

	if (r < 0)
		return r;
	verdict->target = ranges_target(verdict->ranges, verdict->n_ranges);
	/* Where MSI-X may lie anywhere no page is known; the plan said so. */
	if (!device_knows_msix(h->device))
		verdict_demote(&verdict->target, VERDICT_UNKNOWN);
	switch (verdict->target) {
	case VERDICT_SAFE:
		return reasons_add(&verdict->reasons, REASON_TARGET_FIT, NULL, "every page of it is memory (%s)",
		                   h->expectation->is_memory ? "an entry declares it" : "all were tested");
	case VERDICT_UNSAFE:
		verdict_demote(&h->kind, VERDICT_UNSAFE);
		if (h->expectation->has_msix)
			return reasons_add(&verdict->reasons, REASON_TARGET_MSIX, NULL,
			                   "the MSI-X table or PBA lives in it: registers, whatever the rest is") ?:
			       nexts_add(&verdict->nexts, NULL, "none",
			                 h->has_passed ? "map only a range of it that is reported safe, through a backend that can"
			                               : "use an uncached mapping of this BAR");
		return 0;
	case VERDICT_UNKNOWN:
		verdict_demote(&h->kind, VERDICT_UNKNOWN);
		if (h->has_passed)
			return reasons_add(&verdict->reasons, REASON_TARGET_PARTLY, NULL,
			                   "only a part of it was tested; nobody vouches for the other pages") ?:
			       nexts_add(&verdict->nexts, NULL, "none",
			                 "use the range that is safe, or have an entry of effect memory declare the whole BAR");
		return 0;
	}
	return 0;
}

/*
 * Under strict devmem what a driver has requested is nobody else's to map. That one of the host has requested this BAR is
 * taken for granted: /proc/iomem tells it only to root.
 */
static const enum surface_sysfs below_driver[] = { [TRI_UNKNOWN] = SYSFS_UNKNOWN, [TRI_NO] = SYSFS_AVAILABLE, [TRI_YES] = SYSFS_BUSY };

static enum surface_sysfs surface_of(const struct kernel *kernel, const struct device *device, const struct bar *bar)
{
	if (kernel->lockdown == LOCKDOWN_INTEGRITY || kernel->lockdown == LOCKDOWN_CONFIDENTIALITY)
		return SYSFS_LOCKED_DOWN;
	if (bar->wc_file == TRI_YES)
		return device->driver && !device->vfio ? below_driver[kernel_strict_devmem(kernel)] : SYSFS_AVAILABLE;
	return bar->wc_file == TRI_NO ? SYSFS_MISSING : SYSFS_UNKNOWN;
}

/* What a pin, or the module's driver, has in force. On x86 an unavailable one is uncached. */
static enum surface_vfio vfio_of(const struct device *device, const struct bar *bar)
{
	enum surface_vfio vfio = bar->is_pinned ? VFIO_WC : VFIO_UNCACHED;

	for (size_t i = 0; i < device->wc_ranges.n; i++) {
		const struct wc_range *range = &device->wc_ranges.at[i];

		if (range->bar != bar->index || range->is_unavailable)
			continue;
		if (!range->on_request && !range->offset && range->size_bytes == bar->size_bytes)
			return VFIO_WC;
		vfio = VFIO_PARTLY_WC;
	}
	return vfio;
}

static int judge_bar(const struct evidence *evidence, const struct device *device, size_t i,
                     const struct expectation *expectation, const struct path_verdict *path,
                     const struct path_grounds *grounds, struct bar_verdict *ret)
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
		r = hear_path(&h, path, grounds);
	/* Without its own record not even the type of its mapping is confirmed. */
	if (!h.record || !bar_is_candidate(bar))
		verdict_demote(&h.kind, VERDICT_UNKNOWN);

	enum verdict_kind besides_target = h.kind;

	if (r == 0)
		r = hear_target(&h);
	if (r < 0)
		return r;
	/* A fit range of an unfit BAR is as safe as everything else allows, and none is better than that. */
	for (size_t n = 0; n < ret->n_ranges; n++)
		verdict_demote(&ret->ranges[n].kind, besides_target);
	ret->kind = h.kind;
	ret->scope = evidence_scope(evidence);
	ret->sysfs = surface_of(evidence->kernel, device, bar);
	ret->guest = evidence->kernel->guest;
	ret->vfio = vfio_of(device, bar);
	ret->is_granted = bar->is_open || ret->vfio != VFIO_UNCACHED;
	return 0;
}

/* What was found holds or not, and was judged; that it is of no use in this boot is said besides, unless something is given all the same. */
static int say_lockdown(const struct bar *bar, struct bar_verdict *verdict)
{
	if (verdict->sysfs != SYSFS_LOCKED_DOWN || !bar_is_candidate(bar) || bar_verdict_is_grantable(verdict) ||
	    reasons_has(&verdict->reasons, REASON_LOCKED_DOWN))
		return 0;
	return reasons_add(&verdict->reasons, REASON_LOCKED_DOWN, NULL, "the kernel is locked down: it can neither be probed nor granted through sysfs") ?:
	       nexts_add(&verdict->nexts, NULL, "Secure Boot's guarantees are given up", "boot without lockdown");
}

int judge_device(const struct evidence *evidence, const struct device *device, const struct expectation *expectation,
                 struct device_verdict *ret)
{
	_cleanup_(device_verdict_done) struct device_verdict verdict = { 0 };
	struct path_grounds grounds;
	int r = judge_path(evidence, device, expectation, &verdict.path, &grounds);

	if (r == 0)
		r = deny_nexts(evidence, device, &verdict.path);
	for (size_t i = 0; r == 0 && i < device->n_bars; i++)
		r = judge_bar(evidence, device, i, expectation, &verdict.path, &grounds, &verdict.bars[i]) ?:
		    offer_bar(evidence, device, i, &verdict) ?: say_lockdown(&device->bars[i], &verdict.bars[i]);
	if (r < 0)
		return r;
	*ret = verdict;
	verdict = (struct device_verdict){ 0 };
	return 0;
}
