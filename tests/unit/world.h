/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world: a machine of literals on which everything is well: one BAR of it is safe and granted. A test spoils one thing and
 * looks at what becomes of the verdicts. Strings are borrowed literals, but for what world_* functions made.
 *
 *	struct world w;
 *	world_make(&w);
 *	w.sparse->outcome = OUTCOME_FAIL;
 *	assert_int_equal(world_judge(&w, GOOD)->bars[0].kind, VERDICT_UNSAFE);
 *	world_done(&w);
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "decide/candidates.h"
#include "decide/evidence.h"
#include "decide/fingerprint.h"
#include "decide/judge.h"
#include "decide/match.h"
#include "decide/path.h"
#include "model/card.h"
#include "model/verdict.h"

#define WORLD_HELPER static inline __attribute__((unused))
#define TEXT(s) ((char *)(uintptr_t)(s)) /* a literal where a struct wants a string of its own */

/* Functions of the machine, ascending by address. */
enum {
	HOST,       /* 0000:00:00.0 */
	PORT,       /* 0000:00:01.0, above GOOD */
	PORT_TWIN,  /* 0000:00:02.0, the same silicon, above TWIN */
	PORT_OTHER, /* 0000:00:03.0, another id, above OTHER */
	RC_A,       /* 0000:00:1e.0, integrated in the root complex */
	RC_B,       /* 0000:00:1f.0, the same */
	GOOD,       /* 0000:01:00.0: probed, its memory declared by an entry, granted by the site */
	TWIN,       /* 0000:02:00.0 */
	OTHER,      /* 0000:03:00.0 */
	FUNCTIONS,
};

#define WORLD_SIZE UINT64_C(0x1000000) /* of each BAR 2 */

/* The record's findings, in order. */
enum { F_SAVE, F_TYPE, F_BACKGROUND, F_SUBWORD, F_UNALIGNED, F_SPARSE, F_WIDE64, F_WIDE128, F_ORDER, F_DRAIN, F_COHERENT,
       F_BURST, F_LIBC, F_QUIET, F_BENCH, F_RESTORE, FINDINGS };

struct world {
	struct platform platform;
	struct kernel kernel;
	struct device function[FUNCTIONS];
	struct pci_address port[FUNCTIONS];
	struct devices devices;
	struct quirks quirks; /* owned; entry 0 declares the memory of 1af4:1110 */
	struct site site;
	struct site_scratch scratch[4];
	struct site_grant grant[4];
	struct site_choice accept[4], lift[4];
	struct finding finding[24];
	struct number gain;
	struct record record[4]; /* record[0] is GOOD's */
	struct records records;
	struct journal_entry crash[4];
	struct journal journal;
	struct evidence evidence;
	struct expectation expectation;
	struct device_verdict verdict;
	char *owned[64];
	size_t n_owned;
};

WORLD_HELPER struct pci_address address_of(const char *text)
{
	struct pci_address address;

	if (pci_address_parse(text, &address) < 0)
		fail_msg("%s: no address", text);
	return address;
}

/* The world frees it. */
WORLD_HELPER char *world_own(struct world *w, char *text)
{
	assert_non_null(text);
	assert_true(w->n_owned < ELEMENTSOF(w->owned));
	return w->owned[w->n_owned++] = text;
}

/* One entry of the database, as its file has it. */
WORLD_HELPER int quirk_of(const char *json, struct err *err, struct quirk *ret)
{
	_cleanup_(json_done) struct json_object *o = NULL;
	int r = json_parse("quirks/50-test.json", json, strlen(json), err, &o);

	if (r < 0)
		return r;

	struct json_at top = json_top(o, "quirks/50-test.json");

	return quirk_from_json(&top, err, ret);
}

/* The rest of an entry, given what tests are about; more is "" or `,"scratch":"whole"`. */
WORLD_HELPER struct quirk quirk_make(const char *name, const char *effect, const char *match, const char *more)
{
	struct quirk quirk = { 0 };
	struct err err = { 0 };
	_cleanup_free_ char *json =
		str_printf("{\"name\":\"%s\",\"effect\":\"%s\",\"hazards\":[\"ordering\"],\"match\":%s,\"why\":\"because of %s\","
	                   "\"references\":[\"https://example.org/%s\"],\"confidence\":\"confirmed\",\"since\":\"2026-11-20\"%s}",
	                   name, effect, match, name, name, more);

	if (quirk_of(json, &err, &quirk) < 0)
		fail_msg("%s: %s", json, err.text);
	return quirk;
}

/* Entries that match every machine of this kind, or that nothing can rule out (there is no SoC device). */
#define MATCH_YES "[{\"arch\":\"x86_64\"}]"
#define MATCH_MAYBE "[{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}]"
#define MATCH_BAR_YES "[{\"device\":\"1af4:1110\"}]"
#define MATCH_BAR_MAYBE "[{\"device\":\"1af4:1110\",\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}]"

WORLD_HELPER void world_quirk(struct world *w, const char *name, const char *effect, const char *match)
{
	struct quirk *slot = array_add(&w->quirks);

	assert_non_null(slot);
	*slot = quirk_make(name, effect, match, "");
}

WORLD_HELPER void world_accept(struct world *w, const char *what)
{
	assert_true(w->site.accept.n < ELEMENTSOF(w->accept));
	w->accept[w->site.accept.n++] = (struct site_choice){ TEXT(what), TEXT("we know it") };
}

WORLD_HELPER void world_lift(struct world *w, const char *entry)
{
	assert_true(w->site.lift.n < ELEMENTSOF(w->lift));
	w->lift[w->site.lift.n++] = (struct site_choice){ TEXT(entry), TEXT("it is fixed") };
}

WORLD_HELPER void world_crash(struct world *w, int function, unsigned int deaths)
{
	assert_true(w->journal.n < ELEMENTSOF(w->crash));
	w->crash[w->journal.n++] = (struct journal_entry){ .address = w->function[function].address, .bar = 2,
		                                            .step = STEP_SPARSE, .boot_id = TEXT("old"), .deaths = deaths,
		                                            .is_crash = true };
}

/* What the machine is now called; the records keep what it was called when they were made. */
WORLD_HELPER void world_rename(struct world *w)
{
	w->evidence.machine = world_own(w, fingerprint_machine(&w->platform, &w->kernel));
}

/* Binds a record to what the machine, and the path of this function's BAR, are now. */
WORLD_HELPER void world_bind(struct world *w, struct record *record, int function)
{
	const struct device *device = &w->function[function];

	record_bind(record, device, &device->bars[0]);
	record->path_key = world_own(w, path_key(&w->devices, device, &device->bars[0], &w->platform));
	record->machine = world_own(w, fingerprint_machine(&w->platform, &w->kernel));
	world_rename(w);
}

WORLD_HELPER void world_scope(struct world *w, enum scope scope)
{
	for (size_t i = 0; i < ELEMENTSOF(w->finding); i++)
		w->finding[i].scope = scope;
}

/* Appends one more finding to record[0]. */
WORLD_HELPER void world_find(struct world *w, enum step step, enum outcome outcome)
{
	size_t n = w->record[0].n++;

	assert_true(n < ELEMENTSOF(w->finding));
	w->finding[n] = (struct finding){ .step = step, .outcome = outcome, .scope = evidence_scope(&w->evidence),
		                          .text = TEXT("one more") };
}

WORLD_HELPER void world_function(struct world *w, int i, const char *address, uint16_t vendor, uint16_t device,
                                 uint32_t class, int port)
{
	struct device *f = &w->function[i];

	*f = (struct device){ .address = address_of(address), .vendor = vendor, .device = device, .class = class,
		              .subsystem_vendor = 0x1af4, .subsystem_device = 0x1100, .revision = 1, .has_revision = true, .has_ports = true, .iommu_group = -1, .numa_node = -1,
		              .caps = { .config_bytes = 4096, .pcie = 0x80, .mps_bytes = 256 } };
	if (port >= 0) {
		w->port[i] = w->function[port].address;
		f->ports = &w->port[i];
		f->n_ports = 1;
	}
	if (class >> 16 == 0x06)
		return;
	f->bars[0] = (struct bar){ .index = 2, .width = 64, .prefetchable = true, .wc_file = TRI_YES,
		                   .base = UINT64_C(0x380000000000) + (uint64_t)i * WORLD_SIZE, .size_bytes = WORLD_SIZE };
	f->n_bars = 1;
}

WORLD_HELPER void world_make(struct world *w)
{

	*w = (struct world){ 0 };
	w->platform = (struct platform){ .arch = TEXT("x86_64"),
		                         .x86 = { TEXT("GenuineIntel"), 6, 143, 8 },
		                         .has_soc_bus = TRI_NO,
		                         .has_dt = TRI_NO,
		                         .has_dmi = TRI_YES,
		                         .has_acpi = TRI_YES,
		                         .is_virtual = TRI_NO };
	w->platform.dmi[DMI_SYS_VENDOR] = TEXT("Acme");
	w->platform.dmi[DMI_BIOS_VERSION] = TEXT("1.0");
	w->kernel = (struct kernel){ .release = TEXT("6.12.48"), .version = { 6, 12 }, .cmdline = TEXT("quiet"),
		                     .wc_files = TRI_YES, .pat = TRI_YES, .lockdown = LOCKDOWN_NONE,
		                     .guest = GUEST_DECIDES };
	world_function(w, HOST, "0000:00:00.0", 0x8086, 0x09a2, 0x060000, -1);
	world_function(w, PORT, "0000:00:01.0", 0x8086, 0x352a, 0x060400, -1);
	world_function(w, PORT_TWIN, "0000:00:02.0", 0x8086, 0x352a, 0x060400, -1);
	world_function(w, PORT_OTHER, "0000:00:03.0", 0x8086, 0x352b, 0x060400, -1);
	world_function(w, RC_A, "0000:00:1e.0", 0x1af4, 0x1110, 0x050000, -1);
	world_function(w, RC_B, "0000:00:1f.0", 0x1af4, 0x1110, 0x050000, -1);
	world_function(w, GOOD, "0000:01:00.0", 0x1af4, 0x1110, 0x050000, PORT);
	world_function(w, TWIN, "0000:02:00.0", 0x1af4, 0x1110, 0x050000, PORT_TWIN);
	world_function(w, OTHER, "0000:03:00.0", 0x1af4, 0x1110, 0x050000, PORT_OTHER);
	w->devices = (struct devices){ w->function, FUNCTIONS };
	site_default(&w->site);
	w->site.scratch.at = w->scratch;
	w->site.grant.at = w->grant;
	w->site.accept.at = w->accept;
	w->site.lift.at = w->lift;
	w->grant[0] = (struct site_grant){ .device = { .kind = SELECT_ADDRESS, .address = w->function[GOOD].address },
		                           .bar = 2, .group = TEXT("pciwc"), .backend = BACKEND_GRANT };
	w->site.grant.n = 1;

	struct quirk *memory = array_add(&w->quirks);

	assert_non_null(memory);
	*memory = quirk_make("test-memory", "memory", "[{\"device\":\"1af4:1110\",\"bar\":[2]}]", ",\"scratch\":\"whole\"");
	w->evidence = (struct evidence){ .platform = &w->platform, .kernel = &w->kernel, .devices = &w->devices,
		                         .quirks = &w->quirks, .site = &w->site, .records = &w->records,
		                         .journal = &w->journal };
	for (size_t i = 0; i < FINDINGS; i++)
		w->finding[i] = (struct finding){ .step = STEP_SAVE + (enum step)i, .outcome = OUTCOME_PASS, .scope = SCOPE_HARDWARE,
			                          .text = TEXT("no defect seen") };
	w->gain = (struct number){ TEXT("gain"), 3.5 };
	w->finding[F_BENCH].numbers.at = &w->gain;
	w->finding[F_BENCH].numbers.n = 1;
	w->record[0] = (struct record){ .bar = 2, .range = { 0x1000, 0x400000 }, .boot_id = TEXT("boot"),
		                        .errors_observed = true, .containment = CONTAINMENT_AER, .at = w->finding,
		                        .n = FINDINGS };
	world_bind(w, &w->record[0], GOOD);
	w->records = (struct records){ w->record, 1 };
	w->journal.at = w->crash;
}

/* A second record, equal to the first but of another function's BAR; it shares the findings until findings is set. */
WORLD_HELPER struct record *world_record(struct world *w, int function, struct finding *findings, size_t n)
{
	struct record *record = &w->record[w->records.n++];

	assert_true(w->records.n <= ELEMENTSOF(w->record));
	*record = w->record[0];
	world_bind(w, record, function);
	if (findings) {
		record->at = findings;
		record->n = n;
	}
	return record;
}

/* Makes GOOD an NVMe disk: its BAR 2 may hold a controller memory buffer, and nothing else declares scratch. */
WORLD_HELPER void world_cmb(struct world *w)
{
	struct device *good = &w->function[GOOD];

	quirk_done(&w->quirks.at[0]);
	w->quirks.at[0] = quirk_make("test-cmb", "memory", "[{\"class\":\"010802\",\"bar\":[2]}]", ",\"scratch\":\"cmb\"");
	good->class = 0x010802;
	good->bars[1] = (struct bar){ .index = 0, .width = 64, .base = 0xfe800000, .size_bytes = 0x4000 };
	good->n_bars = 2;
}

/* w->expectation of one function, until the next call. */
WORLD_HELPER void world_expect(struct world *w, int function)
{
	const struct facts machine = { .platform = &w->platform, .kernel = &w->kernel, .devices = &w->devices };

	struct candidates candidates;

	expectation_done(&w->expectation);
	w->expectation = (struct expectation){ 0 };
	assert_int_equal(candidates_find(&w->quirks, NULL, &machine, &candidates), 0);
	assert_int_equal(expect_device(&candidates, &w->site, &machine, &w->function[function], &w->expectation), 0);
	candidates_done(&candidates);
}

/* Expectation and verdict of one function; both live until the next call. */
WORLD_HELPER const struct device_verdict *world_judge(struct world *w, int function)
{
	device_verdict_done(&w->verdict);
	w->verdict = (struct device_verdict){ 0 };
	world_expect(w, function);
	assert_int_equal(judge_device(&w->evidence, &w->function[function], &w->expectation, &w->verdict), 0);
	return &w->verdict;
}

/* The verdict of the one BAR. */
WORLD_HELPER const struct bar_verdict *world_bar(struct world *w, int function)
{
	return &world_judge(w, function)->bars[0];
}

WORLD_HELPER void world_done(struct world *w)
{
	expectation_done(&w->expectation);
	device_verdict_done(&w->verdict);
	quirks_done(&w->quirks);
	for (size_t i = 0; i < w->n_owned; i++)
		free(w->owned[i]);
}

/* The text of the first reason with this id; "" when there is none. */
WORLD_HELPER const char *reason_text(const struct reasons *reasons, enum reason_id id)
{
	for (size_t i = 0; i < reasons->n; i++)
		if (reasons->at[i].id == id)
			return reasons->at[i].text;
	return "";
}

#define assert_says(text, part)                                                \
	do {                                                                   \
		if (!strstr(text, part))                                       \
			fail_msg("\"%s\" does not say \"%s\"", text, part); \
	} while (0)
