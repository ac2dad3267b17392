/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof: zero or missing never proves anything; one failed test outweighs all that passed. */
#include "decide/proof.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/path.h"
#include "decide/silicon.h"

/*
 * What a proof must hold, passed.
 *
 * is_of_path: its failure is the path's, for any device behind it would see the same. Contents that change while they are
 * only read are the device's own.
 *
 * may_lack: in a virtual machine that the site accepts as a platform it may be unsupported. There a wide
 * store may end the machine, and so is only made when asked for; and a machine of one CPU has no second one to look.
 * On hardware there is always a wide store, and without a second CPU nobody has seen a store but who made it: a proof
 * that says "safe" and means "as far as one CPU can tell" would be trusted by all.
 */
static const struct {
	enum step step;
	bool is_of_path, may_lack;
} required[] = {
	{ STEP_TYPE, false, false },    { STEP_SUBWORD, true, false }, { STEP_UNALIGNED, true, false },
	{ STEP_SPARSE, true, false },   { STEP_WIDE64, true, false },  { STEP_WIDE128, true, true },
	{ STEP_ORDER, true, false },    { STEP_DRAIN, true, true },    { STEP_COHERENT, true, true },
	{ STEP_BURST, true, false },    { STEP_LIBC, true, true },     { STEP_QUIET, false, false },
	{ STEP_RESTORE, false, false },
};

static bool is_required(enum step step)
{
	for (size_t i = 0; i < ELEMENTSOF(required); i++)
		if (required[i].step == step)
			return true;
	return false;
}

bool proof_is_of_path(enum step step)
{
	for (size_t i = 0; i < ELEMENTSOF(required); i++)
		if (required[i].step == step)
			return required[i].is_of_path;
	return false;
}

bool proof_fails_path(const struct finding *finding)
{
	return finding->outcome == OUTCOME_FAIL &&
	       (proof_is_of_path(finding->step) || numbers_find(&finding->numbers, NUMBER_PORT_ERRORS));
}

static bool is_there(const struct record *record, const struct device *device, const struct bar *bar)
{
	return record->bar == bar->index && !pci_address_compare(&record->address, &device->address);
}

/* By which of its ids the device is another one than was probed; NULL: by none. */
static const char *find_change(const struct record *record, const struct device *device)
{
	const struct card *card = &record->card;

	if (record->vendor != device->vendor || record->device != device->device)
		return "device";
	if (!device->has_revision || record->revision != device->revision)
		return "revision";
	if (!card->is_known)
		return NULL;
	if (gaps_have(&device->gaps, "class"))
		return "class";
	if (gaps_have(&device->gaps, "subsystem_vendor") || gaps_have(&device->gaps, "subsystem_device"))
		return "subsystem";
	if (card_is_of(card, device))
		return NULL;
	return card->class != device->class ? "class" : "subsystem";
}

const struct record *proof_of_bar(const struct evidence *evidence, const struct device *device, const struct bar *bar)
{
	for (size_t i = 0; i < evidence->records->n; i++) {
		const struct record *record = &evidence->records->at[i];

		if (is_there(record, device, bar) && !find_change(record, device))
			return record;
	}
	return NULL;
}

const struct fingerprint_part *proof_of_another(const struct evidence *evidence, const struct device *device, const struct bar *bar)
{
	for (size_t i = 0; i < evidence->records->n; i++)
		if (is_there(&evidence->records->at[i], device, bar))
			return fingerprint_part_named(find_change(&evidence->records->at[i], device));
	return NULL;
}

/* In a virtual machine of an emulator nothing combines: who accepts that platform accepts that with it. */
static bool is_accepted_virtual(const struct evidence *evidence, const struct finding *finding)
{
	return finding->scope == SCOPE_VIRTUAL && site_accepts(evidence->site, "virtual-platform");
}

static bool may_lack(enum step step)
{
	for (size_t i = 0; i < ELEMENTSOF(required); i++)
		if (required[i].step == step)
			return required[i].may_lack;
	return false;
}

/* What would make a test say more than "unsupported" or "skipped". */
static int next_for_lack(enum step step, struct nexts *nexts)
{
	if (step == STEP_TYPE)
		return nexts_add(nexts, "sudo mount -t debugfs debugfs /sys/kernel/debug", "none",
		                 "give the test what it lacks, then probe again");
	if (step == STEP_WIDE128 || step == STEP_LIBC)
		return nexts_add(nexts, NULL, "a hypervisor that cannot emulate a wide store may end this virtual machine",
		                 "probe with --wide, or accept this virtual machine as a platform without these tests");
	if (step == STEP_DRAIN || step == STEP_COHERENT)
		return nexts_add(nexts, "nproc", "none", "give pciwc a second CPU, then probe again");
	return nexts_add(nexts, NULL, "none", "give the test what it lacks, then probe again");
}

int proof_next_probe(const struct record *record, struct nexts *nexts)
{
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&record->address, address);

	_cleanup_free_ char *command = str_printf("sudo pciwc probe %s:%u", address, record->bar);

	return command ? nexts_add(nexts, command, "its scratch range is overwritten meanwhile, and put back", "probe it again")
	               : -ENOMEM;
}

static int weigh_test(const struct evidence *evidence, const struct finding *finding, struct reasons *reasons,
                      struct nexts *nexts, enum verdict_kind *kind)
{
	const char *name = step_infos[finding->step].name, *text = finding->text ?: "";

	switch (finding->outcome) {
	case OUTCOME_PASS:
		return 0;
	case OUTCOME_NOT_EXERCISED:
		if (!is_required(finding->step) || is_accepted_virtual(evidence, finding))
			return 0;
		verdict_demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_NOT_EXERCISED, NULL, "%s: %s", name, text) ?:
		       nexts_add(nexts, NULL, "none",
		                 "probe another device behind this root port whose memory shows combining (a PCIe device "
		                 "whose 4-byte stores exceed the 4-byte ceiling)");
	case OUTCOME_FAIL:
		verdict_demote(kind, VERDICT_UNSAFE);
		return reasons_add(reasons, REASON_TEST_FAILED, NULL, "%s failed: %s", name, text) ?:
		       nexts_add(nexts, NULL, "none",
		                 "use uncached mappings here, and report the finding with `pciwc explain --json`");
	case OUTCOME_DIED:
		verdict_demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_TEST_DIED, NULL, "%s was ended: %s", name, text) ?:
		       nexts_add(nexts, "dmesg --level=err,warn | tail", "none", "look for what the kernel says of the device");
	default:
		if (finding->outcome == OUTCOME_UNSUPPORTED && may_lack(finding->step) && is_accepted_virtual(evidence, finding))
			return 0;
		verdict_demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons,
		                   finding->step == STEP_TYPE ? REASON_TYPE_UNCONFIRMED : REASON_NOT_PROBED, NULL,
		                   "%s: %s", name, text) ?:
		       next_for_lack(finding->step, nexts);
	}
}

static int weigh_circumstances(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                               struct nexts *nexts, enum verdict_kind *kind)
{
	const char *then = record->machine ?: "", *now = evidence->machine ?: "";
	const struct fingerprint_part *changed = fingerprint_difference(then, now);
	int r = 0;

	/* Two machines of which nothing is known are not the same one. */
	if (changed || !*now) {
		verdict_demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_STALE, NULL, "its findings do not hold any more: %s is another one (%s)",
		                changed ? changed->changed : "what this machine is", changed ? changed->name : "unknown");
		if (r == 0)
			r = proof_next_probe(record, nexts);
		if (r == 0 && changed)
			r = nexts_add(nexts, NULL, "none", changed->next);
	}
	/* Of what, nobody knows yet. */
	if (r == 0 && journal_crash(evidence->journal, &record->address, record->bar)) {
		verdict_demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_STALE, NULL, "its findings do not hold while the journal says that the host died in a probe of this BAR");
	}
	if (r == 0 && !record->errors_observed) {
		verdict_demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_ERRORS_UNOBSERVED, NULL,
		                "error registers could not be read during the probe: an error would have gone unseen") ?:
		    nexts_add(nexts, "sudo lspci -vv", "none", "see whether the path has PCIe and AER capabilities");
	}
	if (r == 0 && (record->containment == CONTAINMENT_UNKNOWN ||
	               record->containment < evidence->site->minimum_containment)) {
		verdict_demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_CONTAINMENT, NULL, "containment is %s, and the site asks for %s",
		                containment_names[record->containment],
		                containment_names[evidence->site->minimum_containment]) ?:
		    nexts_add(nexts, NULL, "an error on this path may reach the host",
		              "enable DPC or AER in the firmware, or lower \"minimum\".\"containment\" in the site file");
	}
	return r;
}

static int weigh_scope(const struct evidence *evidence, const struct record *record, const struct finding *finding,
                       struct reasons *reasons, struct nexts *nexts, enum verdict_kind *kind)
{
	if (finding->scope == evidence_scope(evidence))
		return 0;
	verdict_demote(kind, VERDICT_UNKNOWN);
	return reasons_add(reasons, REASON_STALE, NULL, "%s was found in scope %s, and this machine is %s",
	                   step_infos[finding->step].name, scope_names[finding->scope],
	                   scope_names[evidence_scope(evidence)]) ?:
	       proof_next_probe(record, nexts);
}

int proof_weigh(const struct evidence *evidence, const struct record *record, struct reasons *reasons,
                struct nexts *nexts, enum verdict_kind *ret)
{
	enum verdict_kind kind = VERDICT_SAFE;
	int r = weigh_circumstances(evidence, record, reasons, nexts, &kind);

	for (size_t i = 0; r == 0 && i < record->n; i++) {
		/* A step that only serves the others must not fail either: a range that could not be put back is no pass. */
		r = weigh_test(evidence, &record->at[i], reasons, nexts, &kind);
		if (r == 0)
			r = weigh_scope(evidence, record, &record->at[i], reasons, nexts, &kind);
	}
	for (size_t t = 0; r == 0 && t < ELEMENTSOF(required); t++)
		if (!record_find(record, required[t].step)) {
			verdict_demote(&kind, VERDICT_UNKNOWN);
			r = reasons_add(reasons, REASON_NOT_PROBED, NULL, "%s was not reached",
			                step_infos[required[t].step].name) ?:
			    proof_next_probe(record, nexts);
		}
	if (r == 0)
		*ret = kind;
	return r;
}

/*
 * A failure of the path on this hardware, in this scope. Another kernel, microcode or firmware may have mended it, which only
 * a probe of that BAR can tell.
 */
static const struct finding *path_failure(const struct evidence *evidence, const struct record *record)
{
	if (fingerprint_is_elsewhere(record->machine ?: "", evidence->machine ?: ""))
		return NULL;
	for (size_t i = 0; i < record->n; i++)
		if (proof_fails_path(&record->at[i]) && record->at[i].scope == evidence_scope(evidence))
			return &record->at[i];
	return NULL;
}

/* How another path is to this one, by their keys. */
struct kinship {
	bool is_same, is_like;         /* what is proven there is proven here: the same, or equivalent */
	bool is_same_way, is_like_way; /* what is bad there is bad here: a port is not mended by another payload size, or window */
};

static struct kinship kinship_of(const struct device *device, const char *key, const char *other)
{
	const char *rest = path_key_rest(key), *other_rest = path_key_rest(other);
	bool is_shareable = path_is_shareable(device), is_same = !strcmp(other, key);

	return (struct kinship){ is_same, is_shareable && !strcmp(other_rest, rest), is_same || silicon_path_is_like(other, key),
		                 is_shareable && silicon_path_is_like(other_rest, rest) };
}

/* What there is on the way to a BAR. */
struct way {
	const struct device *device;
	const char *key;
	struct path_proof proof;
	bool is_like_bad; /* something is known against a path like it */
};

static void speak_against(const struct journal_entry *entry, const char *path_key, struct way *way)
{
	struct kinship kin = kinship_of(way->device, way->key, path_key);

	if (kin.is_same_way && !way->proof.death)
		way->proof.death = entry;
	way->is_like_bad |= kin.is_like_way && !kin.is_same_way;
}

/*
 * A host that died: nobody knows yet whether it was that BAR, or the path to it, that took the host with it. The entry says which
 * one that was; of one that does not, it is where the device is now, or was when it was probed.
 */
static int hear_death(const struct evidence *evidence, const struct journal_entry *entry, struct way *way)
{
	const struct device *device = devices_find(evidence->devices, &entry->address);
	const struct bar *bar = device ? device_bar(device, entry->bar) : NULL;
	_cleanup_free_ char *now = NULL;

	if (entry->path_key) {
		speak_against(entry, entry->path_key, way);
		return 0;
	}
	if (bar) {
		now = path_key(evidence->devices, device, bar, evidence->platform);
		if (!now)
			return -ENOMEM;
		speak_against(entry, now, way);
	}
	for (size_t i = 0; i < evidence->records->n; i++) {
		const struct record *record = &evidence->records->at[i];

		if (record->path_key && record->bar == entry->bar && !pci_address_compare(&record->address, &entry->address))
			speak_against(entry, record->path_key, way);
	}
	return 0;
}

static int hear_record(const struct evidence *evidence, const struct record *record, struct way *way)
{
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	struct kinship kin = kinship_of(way->device, way->key, record->path_key ?: "");
	const struct finding *failure = kin.is_same_way || kin.is_like_way ? path_failure(evidence, record) : NULL;
	struct path_proof *proof = &way->proof;
	enum verdict_kind kind = VERDICT_UNKNOWN;

	if (failure && kin.is_same_way && !proof->failure) {
		proof->failure = failure;
		proof->failed = record;
	}
	way->is_like_bad |= failure && !kin.is_same_way;
	if (!kin.is_same && !kin.is_like)
		return 0;

	int r = proof_weigh(evidence, record, &reasons, &nexts, &kind);

	if (r < 0 || kind != VERDICT_SAFE || proof->basis == BASIS_PROBED || (proof->basis && !kin.is_same))
		return r;
	proof->basis = kin.is_same ? BASIS_PROBED : BASIS_EQUIVALENT;
	proof->record = record;
	return 0;
}

int proof_of_path(const struct evidence *evidence, const struct device *device, const struct bar *bar,
                  struct path_proof *ret)
{
	_cleanup_free_ char *key = path_key(evidence->devices, device, bar, evidence->platform);
	struct way way = { .device = device, .key = key };
	struct path_proof *proof = &way.proof;
	int r = key ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < evidence->journal->n; i++)
		if (evidence->journal->at[i].is_crash)
			r = hear_death(evidence, &evidence->journal->at[i], &way);
	for (size_t i = 0; r == 0 && i < evidence->records->n; i++)
		r = hear_record(evidence, &evidence->records->at[i], &way);
	/* What another machine proves is asked last: what is known of this one counts more. */
	if (r == 0)
		r = imported_of_path(evidence, device, bar, &proof->imported);
	if (r < 0)
		return r;
	if (proof->basis == BASIS_NONE && proof->imported.record && !way.is_like_bad) {
		proof->basis = BASIS_IMPORTED;
		proof->record = proof->imported.record;
	}
	/* What is equal in good must be equal in bad: then only a probe of this very path proves it. */
	if (proof->failure || proof->death || (way.is_like_bad && proof->basis == BASIS_EQUIVALENT)) {
		proof->basis = BASIS_NONE;
		proof->record = NULL;
	}
	*ret = way.proof;
	return 0;
}
