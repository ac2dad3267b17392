/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge-path: a path is proven or it is not; nobody's silence proves it. */
#include "decide/judge-path.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/utc.h"
#include "decide/fingerprint.h"
#include "decide/path.h"
#include "decide/plan.h"
#include "decide/weigh.h"

/* Whose path it is: a captured machine's, or a hypervisor's, is not proven by what is seen here. */
int judge_platform(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons,
                   struct nexts *nexts)
{
	const struct site_choice *accept = site_accepts(evidence->site, "virtual-platform");

	switch (evidence_scope(evidence)) {
	case SCOPE_REPLAY:
		verdict_demote(kind, VERDICT_UNKNOWN);
		return reasons_add(reasons, REASON_REPLAY, NULL,
		                   "this is a captured machine: nothing is proven by looking at it") ?:
		       nexts_add(nexts, "sudo pciwc explain", "none", "ask on the machine itself");
	case SCOPE_VIRTUAL:
		if (accept)
			return reasons_add(reasons, REASON_ACCEPTED, NULL,
			                   "virtual-platform is accepted by the site, for this virtual machine only: %s",
			                   accept->reason);
		verdict_demote(kind, VERDICT_UNKNOWN);
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
		verdict_demote(kind, VERDICT_UNKNOWN);
		r = reasons_add(reasons, REASON_DATABASE_BROKEN, NULL,
		                "what this file denies is not known, so all is held: %s", broken->at[i]) ?:
		    nexts_add(nexts, "pciwc quirks list", "none", "repair or remove the file that it names");
	}
	return r;
}

int judge_past(const struct evidence *evidence, enum verdict_kind *kind, struct reasons *reasons, struct nexts *nexts)
{
	const struct {
		const struct strs *broken;
		const char *found, *next;
	} files[] = {
		{ evidence->broken_records, "before", "probe again the BAR that the file is named for, or remove the file" },
		/* What another machine found warns only of hardware. */
		{ evidence->platform->is_virtual == TRI_NO ? evidence->broken_imports : NULL, "on another machine",
		  "mend the file, or take it out of the site file's \"imports\"; then run pciwc refresh" },
	};
	int r = 0;

	for (size_t f = 0; f < ELEMENTSOF(files); f++)
		for (size_t i = 0; r == 0 && files[f].broken && i < files[f].broken->n; i++) {
			verdict_demote(kind, VERDICT_UNKNOWN);
			r = reasons_add(reasons, REASON_UNREADABLE, NULL, "what was found %s is not known: %s", files[f].found,
			                files[f].broken->at[i]) ?:
			    nexts_add(nexts, NULL, "none", files[f].next);
		}
	return r;
}

/* Another machine's path is found by its host bridge, too. */
static bool is_bridge_unread(const struct evidence *evidence, const struct device *device)
{
	const struct device *bridge = devices_find(evidence->devices, &device->host_bridge);

	return device->has_host_bridge && evidence->imports && evidence->imports->n && (!bridge || !device_is_identified(bridge));
}

int judge_unread(const struct evidence *evidence, const struct device *device, enum verdict_kind *kind, struct reasons *reasons,
                 struct nexts *nexts)
{
	const struct pci_address *unread = path_find_unread(evidence->devices, device);
	char address[PCI_ADDRESS_SIZE];

	if (!unread && is_bridge_unread(evidence, device))
		unread = &device->host_bridge;
	if (device->has_ports && !unread)
		return 0;
	verdict_demote(kind, VERDICT_UNKNOWN);
	pci_address_format(unread ?: &device->address, address);
	return reasons_add(reasons, REASON_UNREADABLE, NULL, "%s %s is cannot be read, and so not what was found on this path before",
	                   unread ? "what" : "where", address) ?:
	       nexts_add(nexts, "sudo pciwc explain", "none",
	                 "ask as root, who may read it; of a function that is off, or gone, nobody can");
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
	for (size_t i = 0; i < device->n_bars; i++) {
		if (!expectation->bars[i].has_scratch && !expectation->bars[i].has_cmb)
			continue;
		pci_address_format(&device->address, address);

		_cleanup_free_ char *command = str_printf("pciwc explain %s:%u", address, device->bars[i].index);

		return command ? nexts_add(nexts, command, "none", "see what keeps the memory behind this path from being probed")
		               : -ENOMEM;
	}
	if (!path_is_shareable(device))
		return nexts_add(nexts, NULL, "none",
		                 "it is integrated in the root complex, so only memory of its own can prove its path: "
		                 "declare a scratch range of one of its BARs in the site file, if it has any");
	return nexts_add(nexts, NULL, "none",
	                 "nothing on this device can prove the path: declare a scratch range of a BAR behind the same root "
	                 "port in the site file, or put a device with memory (an NVMe with a CMB) below it and probe that");
}

/* How well any BAR's path is proven: a proof belongs to a window class, so BARs are asked one by one. */
static int prove_path(const struct evidence *evidence, const struct device *device, struct path_proof *ret)
{
	struct path_proof best = { 0 };

	for (size_t i = 0; i < device->n_bars; i++) {
		struct path_proof proof;
		int r = proof_of_path(evidence, device, &device->bars[i], &proof);

		if (r < 0)
			return r;
		if (proof.failed && !best.failed) {
			best.failed = proof.failed;
			best.failure = proof.failure;
		}
		if (proof.basis != BASIS_NONE && (best.basis == BASIS_NONE || proof.basis < best.basis)) {
			best.basis = proof.basis;
			best.record = proof.record;
			best.imported.import = proof.imported.import;
			best.imported.record = proof.imported.record;
		}
		if (!best.death)
			best.death = proof.death;
		if (proof.imported.against && !best.imported.against) {
			best.imported.against = proof.imported.against;
			best.imported.failed = proof.imported.failed;
			best.imported.failure = proof.imported.failure;
		}
	}
	*ret = best;
	return 0;
}

int judge_failure(const struct evidence *evidence, const struct path_proof *proof, enum verdict_kind *kind,
                  struct reasons *reasons, struct nexts *nexts)
{
	const struct record *failed = proof->failed;
	const struct fingerprint_part *changed = fingerprint_difference(failed->machine ?: "", evidence->machine ?: "");
	char address[PCI_ADDRESS_SIZE];
	int r;

	verdict_demote(kind, VERDICT_UNSAFE);
	pci_address_format(&failed->address, address);
	r = reasons_add(reasons, REASON_TEST_FAILED, NULL, "%s failed on this path, on %s BAR %u%s%s%s: %s",
	                step_infos[proof->failure->step].name, address, failed->bar, changed ? ", before " : "",
	                changed ? changed->changed : "", changed ? " changed" : "", proof->failure->text ?: "");
	if (r == 0)
		r = nexts_add(nexts, NULL, "none",
		              "use uncached mappings behind this root port, and report the finding with `pciwc explain --json`");
	if (r < 0 || !changed)
		return r;
	r = proof_next_probe(failed, nexts);
	return r < 0 ? r
	             : nexts_add(nexts, NULL, "none",
	                         "or, where that device is gone for good, remove its file from /var/lib/pciwc/findings");
}

int judge_death(const struct journal_entry *death, enum verdict_kind *kind, struct reasons *reasons, struct nexts *nexts)
{
	char address[PCI_ADDRESS_SIZE];

	verdict_demote(kind, VERDICT_UNKNOWN);
	pci_address_format(&death->address, address);

	_cleanup_free_ char *command = str_printf("sudo pciwc journal clear %s:%u", address, death->bar);

	return !command ? -ENOMEM
	                : reasons_add(reasons, REASON_CRASHED, NULL,
	                              "the host died in a probe of %s BAR %u: while the journal says so nothing proves this path", address,
	                              death->bar) ?:
	                          nexts_add(nexts, command, "what was found before proves the path again",
	                                    "look for the cause (pciwc journal, pstore, BERT, the console's last lines); only where it was not the "
	                                    "path clear the entry, then probe that BAR again");
}

/* On another board of this silicon a test of the path failed: no pass, here or there, outweighs that. */
static int judge_warning(const struct imported *imported, enum verdict_kind *kind, struct reasons *reasons,
                         struct nexts *nexts)
{
	char address[PCI_ADDRESS_SIZE];

	if (!imported->against)
		return 0;
	verdict_demote(kind, VERDICT_UNKNOWN);
	pci_address_format(&imported->failed->address, address);
	return reasons_add(reasons, REASON_IMPORT_FAILED, NULL,
	                   "%s failed on another machine of this silicon, on %s BAR %u there (%s): %s",
	                   step_infos[imported->failure->step].name, address, imported->failed->bar,
	                   imported->against->file, imported->failure->text ?: "") ?:
	       nexts_add(nexts, NULL, "if it was the silicon, and not that board, stores are corrupted here too",
	                 "use uncached mappings behind this root port; only if the fault was that machine's own, take its file "
	                 "out of the site file's \"imports\"");
}

int judge_stranger(const struct pci_address *address, struct nexts *nexts)
{
	char text[PCI_ADDRESS_SIZE] = "ADDRESS";

	if (address)
		pci_address_format(address, text);

	_cleanup_free_ char *command = str_printf("sudo pciwc quirks stub %s", text);

	return command ? nexts_add(nexts, command, "none; it names the machine's vendor, product and PCI ids",
	                           "it prints an entry for this machine: put in what is known, and send it with the output of "
	                           "`sudo pciwc --json quirks query` to the maintainers of the database (pciwc-quirks(5))")
	               : -ENOMEM;
}

static bool is_known(const struct matches *matches)
{
	for (size_t i = 0; i < matches->n; i++)
		if (matches->at[i].result == TRI_YES && quirk_is_knowledge(matches->at[i].quirk))
			return true;
	return false;
}

/* Nobody said anything of it: then a hypervisor's is not worth an entry, and another's is. */
static int say_unproven(const struct evidence *evidence, const struct device *device,
                        const struct expectation *expectation, struct path_verdict *path)
{
	bool is_stranger = !is_known(&expectation->path);
	int r = reasons_add(&path->reasons, REASON_PATH_UNPROVEN, NULL,
	                    is_stranger ? "no entry of the database knows this path, and nothing has proven it"
	                                : "no quirk denies this path, and nothing has proven it");

	if (r == 0)
		r = next_for_proof(evidence, device, expectation, &path->nexts);
	if (r == 0 && is_stranger && evidence->platform->is_virtual == TRI_NO)
		r = judge_stranger(&device->address, &path->nexts);
	return r;
}

static int say_proof(const struct evidence *evidence, const struct device *device,
                     const struct expectation *expectation, const struct path_proof *proof, const struct weight *weight,
                     struct path_verdict *path)
{
	const struct record *record = path->record;
	char address[PCI_ADDRESS_SIZE], when[32];

	if (record) {
		pci_address_format(&record->address, address);
		utc_format(record_time_s(record), when);

		int r = reasons_add(&path->reasons, REASON_PATH_PROVEN, NULL,
		                    "no defect seen by version %u of the microtests on %s%s BAR %u, %s (%s)", MICROTESTS_VERSION,
		                    path->import ? "another machine of this silicon, there " : "", address, record->bar,
		                    when, basis_names[path->basis]);

		if (r < 0 || !path->import)
			return r;
		return reasons_add(&path->reasons, REASON_IMPORTED, NULL, "findings of %s are trusted by the site: %s",
		                   path->import->file, path->import->reason ?: "no reason given");
	}
	/* What is denied, held or broken is not helped by a probe. */
	if (path->basis != BASIS_NONE || weight->is_denied || weight->is_held || weight->has_no_wc || proof->failed ||
	    proof->death || proof->imported.against)
		return 0;
	return say_unproven(evidence, device, expectation, path);
}

int judge_path(const struct evidence *evidence, const struct device *device, const struct expectation *expectation,
               struct path_verdict *path, struct path_grounds *ret_grounds)
{
	enum verdict_kind kind = VERDICT_SAFE;
	struct path_proof proof = { 0 };
	struct weight weight = { 0 };
	int r = weigh_matches(&expectation->path, evidence->site, false, &path->reasons, &path->nexts, &weight);

	if (r == 0)
		r = judge_database(evidence, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = judge_past(evidence, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = judge_platform(evidence, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = judge_unread(evidence, device, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = prove_path(evidence, device, &proof);
	if (r == 0 && proof.failed)
		r = judge_failure(evidence, &proof, &kind, &path->reasons, &path->nexts);
	if (r == 0 && proof.death)
		r = judge_death(proof.death, &kind, &path->reasons, &path->nexts);
	if (r == 0)
		r = judge_warning(&proof.imported, &kind, &path->reasons, &path->nexts);
	if (r < 0)
		return r;
	path->scope = evidence_scope(evidence);
	path->basis = proof.basis;
	path->record = proof.record;
	path->import = path->basis == BASIS_IMPORTED ? proof.imported.import : NULL;
	if (path->basis == BASIS_NONE && weight.accepted) {
		path->basis = BASIS_ACCEPTED;
		path->entry = weight.accepted;
	}
	if (weight.is_held || weight.has_no_wc || path->basis == BASIS_NONE)
		verdict_demote(&kind, VERDICT_UNKNOWN);
	if (weight.is_denied)
		verdict_demote(&kind, VERDICT_UNSAFE);
	path->kind = kind;
	*ret_grounds = (struct path_grounds){ proof, weight.accepted };
	return say_proof(evidence, device, expectation, &proof, &weight, path);
}
