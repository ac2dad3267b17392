/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof: zero or missing never proves anything; one failed test outweighs all that passed. */
#include "decide/proof.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/judge.h"
#include "decide/path.h"

/* The tests without which a path is not proven, and whether each has to have been exercised. */
static const struct {
	enum step step;
	bool needs_combining;
} required[] = {
	{ STEP_TYPE, false },
	{ STEP_SUBWORD, false },
	{ STEP_SPARSE, true },
};

static void demote(enum verdict_kind *kind, enum verdict_kind to)
{
	if (to == VERDICT_UNSAFE || *kind == VERDICT_SAFE)
		*kind = *kind == VERDICT_UNSAFE ? VERDICT_UNSAFE : to;
}

const struct record *proof_of_bar(const struct evidence *evidence, const struct device *device, const struct bar *bar)
{
	for (size_t i = 0; i < evidence->records->n; i++) {
		const struct record *record = &evidence->records->at[i];

		if (record->bar == bar->index && !pci_address_compare(&record->address, &device->address) &&
		    record->vendor == device->vendor && record->device == device->device &&
		    record->revision == device->revision)
			return record;
	}
	return NULL;
}

/* In a virtual machine of an emulator nothing combines: who accepts that platform accepts that with it. */
static bool is_unexercised_enough(const struct evidence *evidence, const struct finding *finding)
{
	return finding->scope == SCOPE_VIRTUAL && site_accepts(evidence->site, "virtual-platform");
}

static int weigh_test(const struct evidence *evidence, const struct finding *finding, bool needs_combining,
                      struct reasons *reasons, struct nexts *nexts, enum verdict_kind *kind)
{
	const char *name = step_infos[finding->step].name;

	switch (finding->outcome) {
	case OUTCOME_PASS:
		return 0;
	case OUTCOME_NOT_EXERCISED:
		if (!needs_combining || is_unexercised_enough(evidence, finding))
			return 0;
		demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_NOT_EXERCISED, NULL, "%s: %s", name, finding->text) ?:
		       nexts_add(nexts, NULL, "none",
		                 "probe another device behind this root port whose memory shows combining (a PCIe device "
		                 "whose 4-byte stores exceed the 4-byte ceiling)");
	case OUTCOME_FAIL:
		demote(kind, VERDICT_UNSAFE);
		return reasons_add(reasons, REASON_TEST_FAILED, NULL, "%s failed: %s", name, finding->text) ?:
		       nexts_add(nexts, NULL, "none", "use uncached mappings here, and report the finding with `pciwc explain --json`");
	case OUTCOME_DIED:
		demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_TEST_DIED, NULL, "%s was ended: %s", name, finding->text) ?:
		       nexts_add(nexts, "dmesg --level=err,warn | tail", "none", "look for what the kernel says of the device");
	default:
		demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons,
		                   finding->step == STEP_TYPE ? REASON_TYPE_UNCONFIRMED : REASON_NOT_PROBED, NULL,
		                   "%s: %s", name, finding->text) ?:
		       nexts_add(nexts, finding->step == STEP_TYPE ? "sudo mount -t debugfs debugfs /sys/kernel/debug" : NULL,
		                 "none", "give the test what it lacks, then probe again");
	}
}

static int weigh_circumstances(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                               struct nexts *nexts, enum verdict_kind *kind)
{
	_cleanup_free_ char *changed = machine_key_difference(record->machine, evidence->machine);
	int r = 0;

	if (changed) {
		demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_STALE, NULL, "its findings were made on another machine or state: %s differs",
		                changed) ?:
		    nexts_add(nexts, "sudo pciwc probe", "the scratch range is overwritten meanwhile", "probe again");
	} else if (strcmp(record->machine, evidence->machine)) {
		return -ENOMEM;
	}
	if (r == 0 && !record->errors_observed) {
		demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_ERRORS_UNOBSERVED, NULL,
		                "error registers could not be read during the probe: an error would have gone unseen") ?:
		    nexts_add(nexts, "sudo lspci -vv", "none", "see whether the path has PCIe and AER capabilities");
	}
	if (r == 0 && record->containment < evidence->site->minimum_containment) {
		demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_CONTAINMENT, NULL, "containment is %s, and the site asks for %s",
		                containment_names[record->containment],
		                containment_names[evidence->site->minimum_containment]) ?:
		    nexts_add(nexts, NULL, "an error on this path may reach the host",
		              "enable DPC or AER in the firmware, or lower \"minimum\".\"containment\" in the site file");
	}
	return r;
}

int proof_weigh(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                struct nexts *nexts, enum verdict_kind *ret)
{
	enum verdict_kind kind = VERDICT_SAFE;
	int r = weigh_circumstances(evidence, record, reasons, nexts, &kind);

	for (size_t i = 0; r == 0 && i < record->n; i++) {
		const struct finding *finding = &record->at[i];
		bool needs_combining = false;

		for (size_t t = 0; t < ELEMENTSOF(required); t++)
			needs_combining |= required[t].step == finding->step && required[t].needs_combining;
		/* A step that only serves the others still must not fail: a range that could not be put back is no pass. */
		if (step_infos[finding->step].is_test || finding->outcome != OUTCOME_PASS)
			r = weigh_test(evidence, finding, needs_combining, reasons, nexts, &kind);
		if (r == 0 && finding->scope != judge_scope(evidence)) {
			demote(&kind, VERDICT_UNKNOWN);
			r = reasons_add(reasons, REASON_STALE, NULL, "%s was found in scope %s, and this machine is %s",
			                step_infos[finding->step].name, scope_names[finding->scope],
			                scope_names[judge_scope(evidence)]);
		}
	}
	for (size_t t = 0; r == 0 && t < ELEMENTSOF(required); t++)
		if (!record_find(record, required[t].step)) {
			demote(&kind, VERDICT_UNKNOWN);
			r = reasons_add(reasons, REASON_NOT_PROBED, NULL, "%s was not reached", step_infos[required[t].step].name) ?:
			    nexts_add(nexts, "sudo pciwc probe", "the scratch range is overwritten meanwhile", "probe again");
		}
	if (r == 0)
		*ret = kind;
	return r;
}

int proof_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                  enum basis *ret, const struct record **ret_record)
{
	_cleanup_free_ char *key = path_key(evidence->devices, device, bar, evidence->platform);
	enum basis best = BASIS_NONE;
	const struct record *from = NULL;

	if (!key)
		return -ENOMEM;
	for (size_t i = 0; i < evidence->records->n && best != BASIS_PROBED; i++) {
		const struct record *record = &evidence->records->at[i];
		_cleanup_(reasons_done) struct reasons reasons = { 0 };
		_cleanup_(nexts_done) struct nexts nexts = { 0 };
		bool is_same = !strcmp(record->path_key, key);
		bool is_like = path_is_shareable(device) && !strcmp(path_key_rest(record->path_key), path_key_rest(key));
		enum verdict_kind kind;

		if (!is_same && !is_like)
			continue;

		int r = proof_weigh(evidence, record, &reasons, &nexts, &kind);

		if (r < 0)
			return r;
		if (kind != VERDICT_SAFE)
			continue;
		best = is_same ? BASIS_PROBED : BASIS_EQUIVALENT;
		from = record;
	}
	*ret = best;
	*ret_record = from;
	return 0;
}
