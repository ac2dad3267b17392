/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: every reason not to touch a BAR, in a row of one table; what passes them all is probed. */
#include "decide/plan.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/cmb.h"
#include "decide/scratch.h"
#include "decide/weigh.h"

/* In the order in which they run; save and restore bracket whatever writes. */
static const enum step steps[] = {
	STEP_SAVE,  STEP_TYPE,  STEP_BACKGROUND, STEP_SUBWORD, STEP_UNALIGNED, STEP_SPARSE, STEP_WIDE64,  STEP_WIDE128,
	STEP_ORDER, STEP_DRAIN, STEP_COHERENT,   STEP_BURST,   STEP_LIBC,      STEP_QUIET,  STEP_BENCH,   STEP_RESTORE,
};

struct question {
	const struct evidence *evidence;
	const struct device *device;
	const struct bar *bar;
	const struct expectation *expectation;
	const struct bar_expectation *of_bar;
	struct plan *plan;
};

/* Each refusal adds a reason (and mostly a next step) when it applies; 0 or -ENOMEM. */

static int refuse_replay(struct question *q)
{
	struct plan *plan = q->plan;

	if (!q->evidence->is_replay)
		return 0;
	return reasons_add(&plan->reasons, REASON_REPLAY, NULL, "a captured machine cannot be probed") ?:
	       nexts_add(&plan->nexts, NULL, "none", "probe on the machine itself");
}

static int refuse_arch(struct question *q)
{
	static const char *const known[] = { "x86_64", "aarch64" };
	const char *arch = q->evidence->platform->arch;
	struct plan *plan = q->plan;

	for (size_t i = 0; i < ELEMENTSOF(known); i++)
		if (arch && !strcmp(arch, known[i]))
			return 0;
	return reasons_add(&plan->reasons, REASON_NO_WC, NULL,
	                   "pciwc has no stores and barriers for architecture %s, and refuses to probe",
	                   arch ?: "unknown") ?:
	       nexts_add(&plan->nexts, NULL, "none", "use uncached mappings here");
}

static int refuse_database(struct question *q)
{
	const struct strs *broken = &q->evidence->quirks->broken;
	struct plan *plan = q->plan;

	for (size_t i = 0; i < broken->n; i++) {
		int r = reasons_add(&plan->reasons, REASON_DATABASE_BROKEN, NULL,
		                    "what this file denies is not known, so all is held: %s", broken->at[i]);

		if (r == 0)
			r = nexts_add(&plan->nexts, "pciwc quirks list", "none", "repair or remove the file that it names");
		if (r < 0)
			return r;
	}
	return 0;
}

/* What was lifted or only warned of belongs to the picture of a refusal, but is none by itself. */
static int refuse_matches(struct question *q, const struct matches *matches, bool of_device)
{
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	struct weight weight;
	struct plan *plan = q->plan;
	int r = weigh_matches(matches, q->evidence->site, of_device, &reasons, &nexts, &weight);

	if (r < 0 || !(weight.is_denied || weight.is_held || weight.has_no_wc))
		return r;
	for (size_t i = 0; r == 0 && i < reasons.n; i++)
		r = reasons_add(&plan->reasons, reasons.at[i].id, &reasons.at[i].references, "%s", reasons.at[i].text);
	for (size_t i = 0; r == 0 && i < nexts.n; i++)
		r = nexts_add(&plan->nexts, nexts.at[i].command, nexts.at[i].risk, nexts.at[i].text);
	return r;
}

static int refuse_path(struct question *q)
{
	return refuse_matches(q, &q->expectation->path, false);
}

static int refuse_target(struct question *q)
{
	return refuse_matches(q, &q->of_bar->matches, true);
}

/* What is mapped is whole pages of the kernel's, and all of them must be this BAR's. */
static int refuse_pages(struct question *q, const struct bar *bar)
{
	uint64_t page_bytes = q->evidence->kernel->page_bytes;
	struct plan *plan = q->plan;

	if (scratch_has_pages(bar->base, bar->size_bytes, page_bytes))
		return 0;
	return reasons_add(&plan->reasons, REASON_TARGET_UNKNOWN, NULL,
	                   "BAR %u does not begin and end on pages of this kernel, of %llu KiB: a mapping of it has what lies beside it, too",
	                   bar->index, (unsigned long long)(page_bytes ?: 4096) / 1024) ?:
	       nexts_add(&plan->nexts, NULL, "none",
	                 "have the kernel align it (pci=resource_alignment= on its command line), or boot one with smaller pages");
}

static int refuse_bar(struct question *q)
{
	struct plan *plan = q->plan;

	if (!bar_is_candidate(q->bar))
		return reasons_add(&plan->reasons, REASON_NOT_PREFETCHABLE, NULL,
		                   "the BAR is not prefetchable: its device promises nothing about combined stores") ?:
		       nexts_add(&plan->nexts, NULL, "none", "use an uncached mapping of this BAR");
	if (!q->bar->base)
		return reasons_add(&plan->reasons, REASON_UNREADABLE, NULL,
		                   "the BAR has no address (firmware or kernel assigned none, or this user may not see it)") ?:
		       nexts_add(&plan->nexts, "sudo lspci -vv", "none", "see whether the kernel could place it (dmesg)");
	return refuse_pages(q, q->bar);
}

static int refuse_registers(struct question *q)
{
	const struct bar_expectation *bar = q->of_bar;
	struct plan *plan = q->plan;

	for (size_t i = 0; i < bar->matches.n; i++) {
		const struct quirk *quirk = bar->matches.at[i].quirk;

		if (quirk->effect == EFFECT_NOT_MEMORY && bar->matches.at[i].result == TRI_YES)
			return reasons_add(&plan->reasons, REASON_TARGET_NOT_MEMORY, &quirk->references,
			                   "%s (%s) says that it holds registers or doorbells: %s", quirk->name,
			                   quirk->file, quirk->why) ?:
			       nexts_add(&plan->nexts, NULL, "none",
			                 "use an uncached mapping; a doorbell that its vendor documents as WC needs an "
			                 "entry of effect vendor-wc");
	}
	return 0;
}

static int refuse_undeclared(struct question *q)
{
	const struct bar_expectation *bar = q->of_bar;
	uint64_t page_bytes = q->evidence->kernel->page_bytes;
	struct plan *plan = q->plan;
	char address[PCI_ADDRESS_SIZE];
	struct range inside;

	/* Said already. */
	if (bar->is_not_memory || bar->may_be_registers || !bar_is_candidate(q->bar))
		return 0;
	if (!device_knows_msix(q->device))
		return reasons_add(&plan->reasons, REASON_UNREADABLE, NULL,
		                   "its capabilities cannot be read, so an MSI-X table may lie anywhere in it") ?:
		       nexts_add(&plan->nexts, "sudo pciwc explain", "none", "ask as root; a device that sleeps must be woken");
	/* Found, and held to the same bounds, when it is claimed. */
	if (!bar->has_scratch && bar->has_cmb)
		return refuse_pages(q, cmb_registers_bar(q->device) ?: q->bar);
	if (!bar->has_scratch && bar->has_misfit)
		return reasons_add(&plan->reasons, REASON_TARGET_UNKNOWN, NULL,
		                   "the site file's scratch range leaves the BAR, or meets its MSI-X table: it does not count") ?:
		       nexts_add(&plan->nexts, "pciwc --json explain", "none",
		                 "declare a range of whole pages inside the BAR and outside MSI-X (\"ranges\" has them)");
	if (!bar->has_scratch) {
		_cleanup_free_ char *row = NULL, *size = NULL;

		pci_address_format(&q->device->address, address);
		/* Where a table lies in it the whole BAR would be the wrong proposal. */
		size = bar->has_msix ? str_printf("...") : str_printf("0x%llx", (unsigned long long)q->bar->size_bytes);
		if (!size)
			return -ENOMEM;
		row = str_printf("if a part of it is memory that may be overwritten, declare it in the site file: "
		                 "\"scratch\":[{\"device\":\"%s\",\"bar\":%u,\"offset\":\"%s\",\"size\":\"%s\"}]",
		                 address, q->bar->index, bar->has_msix ? "..." : "0x0", size);
		if (!row)
			return -ENOMEM;
		return reasons_add(&plan->reasons, REASON_TARGET_UNKNOWN, NULL,
		                   "nobody says what its pages are: no entry and no site row declares a scratch range") ?:
		       nexts_add(&plan->nexts, NULL, "the range is overwritten during a probe, and put back", row);
	}
	/* A guard page inside each end is left alone, and one page at least must remain. */
	if (!scratch_inside(&bar->scratch, page_bytes, &inside))
		return reasons_add(&plan->reasons, REASON_TARGET_UNKNOWN, NULL,
		                   page_bytes > 4096
		                           ? "the scratch range holds no page of this kernel between a guard page of 4 KiB at each end"
		                           : "the scratch range is smaller than three pages: a guard page at each end is left alone") ?:
		       nexts_add(&plan->nexts, NULL, "none",
		                 page_bytes > 4096 ? "declare a scratch range of at least three of this kernel's pages"
		                                   : "declare a scratch range of at least 0x3000 bytes");
	return 0;
}

static int refuse_crash(struct question *q)
{
	const struct journal_entry *crash =
		journal_crash(q->evidence->journal, &q->device->address, q->bar->index);
	struct plan *plan = q->plan;
	char where[JOURNAL_WHERE_SIZE];

	if (!crash)
		return 0;
	journal_entry_where(crash, where);
	return reasons_add(&plan->reasons, REASON_CRASHED, NULL,
	                   "the host died in step %s of an earlier probe of this BAR%s",
	                   where, crash->deaths ? ", and not for the first time" : "") ?:
	       nexts_add(&plan->nexts, "sudo pciwc journal clear", "the next probe may take the host down again",
	                 "look for the cause (pstore, BERT, the console's last lines) before clearing the journal");
}

static int refuse_kernel(struct question *q)
{
	const struct kernel *kernel = q->evidence->kernel;
	struct plan *plan = q->plan;

	if (kernel->lockdown == LOCKDOWN_INTEGRITY || kernel->lockdown == LOCKDOWN_CONFIDENTIALITY)
		return reasons_add(&plan->reasons, REASON_LOCKED_DOWN, NULL,
		                   "the kernel is locked down (%s): no BAR can be mapped through sysfs",
		                   lockdown_names[kernel->lockdown]) ?:
		       nexts_add(&plan->nexts, NULL, "Secure Boot's guarantees are given up",
		                 "probe with Secure Boot off once: the findings stay valid afterwards");
	if (q->bar->prefetchable && q->bar->wc_file == TRI_NO)
		return reasons_add(&plan->reasons, REASON_NO_WC, NULL,
		                   "this kernel made no resource%u_wc for it: %s", q->bar->index,
		                   kernel->pat == TRI_NO ? "PAT is off" : "the architecture has no way to map WC") ?:
		       nexts_add(&plan->nexts, kernel->pat == TRI_NO ? "grep -o nopat /proc/cmdline" : NULL, "none",
		                 kernel->pat == TRI_NO ? "boot without nopat" : "use uncached mappings here");
	return 0;
}

static int refuse_driver(struct question *q)
{
	const struct device *device = q->device;
	struct plan *plan = q->plan;
	char address[PCI_ADDRESS_SIZE];

	/* Nobody should lose a disk or a network for a probe that is refused anyway. */
	if (!device->driver || device->vfio || plan->reasons.n)
		return 0;
	pci_address_format(&device->address, address);

	_cleanup_free_ char *command = str_printf("sudo driverctl --nosave set-override %s vfio-pci", address);

	if (!command)
		return -ENOMEM;
	return reasons_add(&plan->reasons, REASON_BUSY, NULL, "the driver %s is bound to it", device->driver) ?:
	       nexts_add(&plan->nexts, command, "what the driver serves (a disk, a network, a screen) goes away",
	                 "unbind the driver, or bind vfio-pci, then probe");
}

/* What no claim excludes. */
static int refuse_use(struct question *q)
{
	struct plan *plan = q->plan;

	if (q->device->caps.vfs)
		return reasons_add(&plan->reasons, REASON_BUSY, NULL, "virtual functions of it are enabled (%u)",
		                   q->device->caps.vfs) ?:
		       nexts_add(&plan->nexts, NULL, "what the virtual functions serve goes away",
		                 "write 0 to its sriov_numvfs, then probe");
	if (q->device->boot_vga)
		return reasons_add(&plan->reasons, REASON_BUSY, NULL, "the firmware's screen is on it") ?:
		       nexts_add(&plan->nexts, NULL, "none", "make another graphics device the firmware's first, then probe");
	return 0;
}

static int (*const refusals[])(struct question *q) = {
	refuse_arch,       refuse_database, refuse_path,   refuse_target, refuse_bar, refuse_registers,
	refuse_undeclared, refuse_crash,    refuse_kernel, refuse_driver, refuse_use, refuse_replay,
};

static int add_step(struct plan *plan, enum step step)
{
	enum step *slot = array_add(plan);

	if (!slot)
		return -ENOMEM;
	*slot = step;
	return 0;
}

static int fill_steps(struct plan *plan, const struct bar_expectation *bar, uint64_t page_bytes)
{
	int r = 0;

	/* No refusal means that one of the two is there. */
	if (!bar->has_scratch || !scratch_inside(&bar->scratch, page_bytes, &plan->range))
		r = add_step(plan, STEP_LOCATE);
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(steps); i++)
		r = add_step(plan, steps[i]);
	return r;
}

int plan_bar(const struct evidence *evidence, const struct device *device, size_t i,
             const struct expectation *expectation, struct plan *ret)
{
	_cleanup_(plan_done) struct plan plan = { .device = device, .bar = &device->bars[i] };
	struct question q = { evidence, device, &device->bars[i], expectation, &expectation->bars[i], &plan };

	for (size_t n = 0; n < ELEMENTSOF(refusals); n++) {
		int r = refusals[n](&q);

		if (r < 0)
			return r;
	}
	plan.is_allowed = !plan.reasons.n;

	int r = plan.is_allowed ? fill_steps(&plan, q.of_bar, evidence->kernel->page_bytes) : 0;

	if (r < 0)
		return r;
	*ret = plan;
	plan = (struct plan){ 0 };
	return 0;
}
