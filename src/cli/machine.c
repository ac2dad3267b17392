/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine: the front of the pipeline in one call: enumerate, identify, match. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "act/approvals.h"
#include "act/journal.h"
#include "act/pin.h"
#include "act/store.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/num.h"
#include "cli/cli.h"
#include "decide/candidates.h"
#include "decide/judge.h"
#include "decide/match.h"
#include "decide/fingerprint.h"
#include "observe/imports.h"
#include "observe/kernel.h"
#include "observe/pci.h"
#include "observe/platform.h"
#include "observe/quirks.h"
#include "observe/site.h"

static int out_of_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
}

/* What an approval says is pinned is so while its process lives; whether all about it is right, policy verify says. */
static void see_pins(struct machine *machine)
{
	for (size_t d = 0; d < machine->devices.n; d++) {
		struct device *device = &machine->devices.at[d];
		const struct approval *approval = approvals_find(&machine->approvals, &device->address);
		pid_t pid = 0;
		bool is_held = approval && approval->is_readable && approval->pins && approval->vendor == device->vendor &&
		               approval->device == device->device &&
		               pin_holder(&machine->root, &device->address, NULL, &pid) == 0 && pid;

		for (size_t i = 0; i < device->n_bars; i++)
			device->bars[i].is_pinned = is_held && approval->pins & (1u << device->bars[i].index);
	}
}

static int read_past(struct machine *machine, struct err *err)
{
	int r;

	records_done(&machine->records);
	strs_done(&machine->broken_records);
	journal_done(&machine->journal);
	approvals_done(&machine->approvals);
	r = store_read(&machine->root, err, &machine->records, &machine->broken_records);
	if (r == 0)
		r = journal_read(&machine->root, err, &machine->journal);
	if (r == 0)
		r = approvals_read(&machine->root, err, &machine->approvals);
	for (size_t i = 0; i < machine->broken_records.n; i++)
		log_warn("%s", machine->broken_records.at[i]);
	for (size_t i = 0; r == 0 && i < machine->approvals.n; i++)
		approval_say_unread(&machine->root, &machine->approvals.at[i]);
	if (r == 0)
		see_pins(machine);
	return r;
}

/* Findings of other machines prove nothing by being near: only those that the site names. */
static int read_imports(struct machine *machine, struct err *err)
{
	const struct strs *broken = &machine->broken_imports;
	/* As with the site file: before they are read. */
	int r = imports_digest(&machine->root, &machine->site, err, machine->imports_digest);

	if (r < 0)
		return r;
	if (imports_read(&machine->root, &machine->site, &machine->imports, &machine->broken_imports) < 0)
		return out_of_memory(err);
	for (size_t i = 0; i < broken->n; i++)
		log_warn("%s: it proves nothing, and what it may warn of is not known", broken->at[i]);
	return 0;
}

static int expect_all(struct machine *machine, struct err *err)
{
	const struct devices *devices = &machine->devices;
	_cleanup_(bridges_done) struct bridges bridges = { 0 };
	_cleanup_(candidates_done) struct candidates candidates = { 0 };
	const struct facts facts = { &machine->platform, &machine->kernel, devices, NULL, NULL, &bridges, NULL };
	int r = bridges_of(devices, &bridges);

	if (r == 0)
		r = candidates_find(&machine->quirks, NULL, &facts, &candidates);
	machine->expectations = calloc(devices->n + 1, sizeof(*machine->expectations));
	machine->is_selected = calloc(devices->n + 1, sizeof(*machine->is_selected));
	if (r < 0 || !machine->expectations || !machine->is_selected)
		return out_of_memory(err);
	for (size_t i = 0; r == 0 && i < devices->n; i++)
		r = expect_device(&candidates, &machine->site, &facts, &devices->at[i], &machine->expectations[i]);
	return r < 0 ? out_of_memory(err) : 0;
}

static int observe_all(const struct options *options, struct err *err, struct machine *machine)
{
	int r = sysroot_open(options->root, err, &machine->root);

	if (r == 0)
		r = pci_scan(&machine->root, err, &machine->devices);
	if (r == 0)
		r = platform_read(&machine->root, options->arch, err, &machine->platform);
	if (r == 0)
		r = kernel_read(&machine->root, &machine->platform, &machine->devices, options->kernel, err,
		                &machine->kernel);
	if (r == 0)
		r = quirks_load(&machine->root, options->quirks, err, &machine->quirks);
	/* Before it is loaded: what changes in between then looks stale, and not the other way round. */
	if (r == 0)
		r = site_digest(&machine->root, options->site, err, machine->site_digest);
	if (r == 0)
		r = site_load(&machine->root, options->site, err, &machine->site);
	return r;
}

/* A choice that names no entry decides nothing, but looks as if it did. */
static void warn_of_names(const struct machine *machine)
{
	const struct site *site = &machine->site;

	for (size_t i = 0; i < site->lift.n; i++)
		if (!quirks_find(&machine->quirks, site->lift.at[i].what))
			log_warn("%s: \"lift\" names %s, which no entry is called", site->file, site->lift.at[i].what);
	for (size_t i = 0; i < site->accept.n; i++) {
		const char *what = site->accept.at[i].what;

		if (str_starts(what, "entry:") && !quirks_find(&machine->quirks, what + strlen("entry:")))
			log_warn("%s: \"accept\" names %s, which no entry is called", site->file, what);
	}
}

static void log_database(const struct quirks *quirks)
{
	for (size_t i = 0; i < quirks->broken.n; i++)
		log_warn("%s", quirks->broken.at[i]);
	for (size_t i = 0; i < quirks->damaged.n; i++)
		log_warn("%s", quirks->damaged.at[i]);
}

int machine_database(const struct options *options, struct err *err, struct machine *machine)
{
	int r = sysroot_open(options->root, err, &machine->root);

	if (r == 0)
		r = quirks_load(&machine->root, options->quirks, err, &machine->quirks);
	log_database(&machine->quirks);
	return r;
}

int machine_load(const struct options *options, struct err *err, struct machine *machine)
{
	int r = observe_all(options, err, machine);

	log_database(&machine->quirks);
	if (r == 0)
		warn_of_names(machine);
	if (r == 0)
		r = read_past(machine, err);
	if (r == 0)
		r = read_imports(machine, err);
	if (r == 0)
		r = expect_all(machine, err);
	if (r == 0)
		r = pci_select(&machine->devices, options->slot, options->id, err, machine->is_selected);
	if (r < 0)
		return r;
	machine->key = fingerprint_machine(&machine->platform, &machine->kernel);
	if (!machine->key)
		return out_of_memory(err);
	machine->evidence = (struct evidence){
		.platform = &machine->platform,
		.kernel = &machine->kernel,
		.devices = &machine->devices,
		.quirks = &machine->quirks,
		.site = &machine->site,
		.records = &machine->records,
		.broken_records = &machine->broken_records,
		.imports = &machine->imports,
		.broken_imports = &machine->broken_imports,
		.journal = &machine->journal,
		.approvals = &machine->approvals,
		.machine = machine->key,
		.database = machine->quirks.digest,
		.site_digest = machine->site_digest,
		.imports_digest = machine->imports_digest,
		.is_replay = !machine->root.live,
	};
	return 0;
}

int machine_is_stale(const struct options *options, const struct machine *machine, struct err *err, bool *ret)
{
	char site[DIGEST_TEXT], quirks[DIGEST_TEXT], imports[DIGEST_TEXT];
	int r = site_digest(&machine->root, options->site, err, site);

	if (r == 0)
		r = quirks_digest(&machine->root, options->quirks, err, quirks);
	if (r == 0)
		r = imports_digest(&machine->root, &machine->site, err, imports);
	if (r == 0)
		*ret = strcmp(site, machine->site_digest) != 0 || strcmp(quirks, machine->quirks.digest) != 0 ||
		       strcmp(imports, machine->imports_digest) != 0;
	return r;
}

int machine_refuse_stale(const struct options *options, const struct machine *machine, struct err *err)
{
	bool is_stale = false;
	int r = machine_is_stale(options, machine, err, &is_stale);

	if (r < 0 || !is_stale)
		return r;
	return err_set(err, -ESTALE, "stale", "the database, the site file or what it imports changed since they were read, and may deny now what it did not then; run it again");
}

static void verdicts_done(struct machine *machine)
{
	for (size_t i = 0; machine->verdicts && i < machine->devices.n; i++)
		device_verdict_done(&machine->verdicts[i]);
	free(machine->verdicts);
	machine->verdicts = NULL;
}

void machine_ceiling(const struct machine *machine, const struct device *device, const struct bar *bar,
                     struct ceiling *ret)
{
	*ret = (struct ceiling){ 0 };
	if (evidence_scope(&machine->evidence) == SCOPE_HARDWARE)
		ceiling_of_bar(&machine->devices, device, bar, ret);
}

int machine_judge(struct machine *machine, struct err *err)
{
	size_t n = machine->devices.n;
	int r = 0;

	if (machine->verdicts)
		r = read_past(machine, err);
	if (r < 0)
		return r;
	verdicts_done(machine);
	machine->verdicts = calloc(n + 1, sizeof(*machine->verdicts));
	if (!machine->verdicts)
		return out_of_memory(err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = judge_device(&machine->evidence, &machine->devices.at[i], &machine->expectations[i],
		                 &machine->verdicts[i]);
	if (r == 0)
		return 0;
	/* Half of them are none. */
	verdicts_done(machine);
	return out_of_memory(err);
}

void machine_done(struct machine *machine)
{
	verdicts_done(machine);
	for (size_t i = 0; machine->expectations && i < machine->devices.n; i++)
		expectation_done(&machine->expectations[i]);
	free(machine->expectations);
	free(machine->is_selected);
	free(machine->key);
	approvals_done(&machine->approvals);
	journal_done(&machine->journal);
	records_done(&machine->records);
	strs_done(&machine->broken_records);
	imports_done(&machine->imports);
	strs_done(&machine->broken_imports);
	site_done(&machine->site);
	quirks_done(&machine->quirks);
	kernel_done(&machine->kernel);
	platform_done(&machine->platform);
	devices_done(&machine->devices);
	if (machine->root.name)
		sysroot_close(&machine->root);
}

/* The BAR is what follows the colon behind the function. */
int target_parse(const char *word, struct pci_address *ret_address, int *ret_bar)
{
	char address[PCI_ADDRESS_SIZE];
	const char *dot = strrchr(word, '.'), *colon = dot ? strchr(dot, ':') : NULL;
	uint64_t bar;

	if (!colon) {
		*ret_bar = -1;
		return pci_address_parse(word, ret_address);
	}
	if ((size_t)(colon - word) >= sizeof(address))
		return -EINVAL;
	memcpy(address, word, (size_t)(colon - word));
	address[colon - word] = '\0';
	/* A number that no BAR has is still a BAR that this device does not have. */
	if (parse_u64(colon + 1, 10, 0, UINT8_MAX, &bar) < 0)
		return -EINVAL;
	*ret_bar = (int)bar;
	return pci_address_parse(address, ret_address);
}

int machine_targets(struct machine *machine, int argc, char **argv, struct err *err, struct targets *ret)
{
	if (argc)
		memset(machine->is_selected, 0, machine->devices.n);
	for (int i = 0; i < argc; i++) {
		struct pci_address address;
		int bar, r = target_parse(argv[i], &address, &bar);

		if (r < 0)
			return usage_error(err, "%s: expected an address such as 0000:01:00.0, or a BAR of it 0000:01:00.0:2",
			                   argv[i]);

		const struct device *device = devices_find(&machine->devices, &address);

		if (!device)
			return err_set(err, -ENODEV, "no-such-device", "%s: no such device", argv[i]);
		if (bar >= 0 && !device_bar(device, (unsigned int)bar))
			return err_set(err, -ENODEV, "no-such-bar", "%s: the device has no BAR %d", argv[i], bar);

		struct target *target = array_add(ret);

		if (!target)
			return out_of_memory(err);
		*target = (struct target){ (size_t)(device - machine->devices.at), bar };
		machine->is_selected[target->device] = true;
	}
	return 0;
}

void machine_keep_candidates(struct machine *machine, bool all)
{
	for (size_t i = 0; !all && i < machine->devices.n; i++)
		machine->is_selected[i] &= device_has_candidate(&machine->devices.at[i]);
}
