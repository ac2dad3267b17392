/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output: how a device, its path and its BARs are said, as JSON and as text. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/proof-print.h"
#include "decide/proof.h"

int print_json(struct json_object *document, struct err *err)
{
	_cleanup_(json_done) struct json_object *o = document;
	_cleanup_free_ char *text = json_text(o);

	if (!text)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	fputs(text, stdout);
	return 0;
}

void size_format(uint64_t bytes, char ret[static 16])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t u = 0;

	while (bytes >= 1024 && bytes % 1024 == 0 && u + 1 < ELEMENTSOF(units)) {
		bytes /= 1024;
		u++;
	}
	snprintf(ret, 16, "%" PRIu64 " %s", bytes, units[u]);
}

/* ---- JSON ---- */

static struct json_object *ranges_to_json(const struct bar_verdict *verdict)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < verdict->n_ranges; i++) {
		struct json_object *o = json_new_object();

		json_put_u64(o, "offset", verdict->ranges[i].range.offset);
		json_put_u64(o, "size", verdict->ranges[i].range.size_bytes);
		json_put_string(o, "role", verdict->ranges[i].role);
		json_put_string(o, "verdict", verdict_names[verdict->ranges[i].kind]);
		json_push(array, o);
	}
	return array;
}

static struct json_object *surfaces_to_json(const struct bar_verdict *verdict)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "sysfs", surface_sysfs_names[verdict->sysfs]);
	json_put_string(o, "vfio", surface_vfio_names[verdict->vfio]);
	json_put_string(o, "guest", guest_rule_names[verdict->guest]);
	return o;
}

static struct json_object *findings_to_json(const struct record *record)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; record && i < record->n; i++)
		json_push(array, finding_to_json(&record->at[i]));
	return array;
}

static struct json_object *bar_summary(const struct bar *bar, const struct bar_verdict *verdict)
{
	struct json_object *o = bar_to_json(bar);

	json_put_string(o, "verdict", verdict_names[verdict->kind]);
	json_put_bool(o, "granted", verdict->is_granted);
	return o;
}

static struct json_object *bar_full(const struct machine *machine, size_t device, size_t i)
{
	const struct device *d = &machine->devices.at[device];
	const struct bar_verdict *verdict = &machine->verdicts[device].bars[i];
	struct json_object *o = bar_summary(&d->bars[i], verdict);

	json_put_string(o, "scope", scope_names[verdict->scope]);
	json_put_string(o, "target", verdict_names[verdict->target]);
	if (verdict->gain > 0)
		json_put_double(o, "gain", verdict->gain);
	else
		json_put_null(o, "gain");
	json_put_bool(o, "grantable", bar_verdict_is_grantable(verdict));
	json_put(o, "reasons", reasons_to_json(&verdict->reasons));
	json_put(o, "quirks", matches_to_json(&machine->expectations[device].bars[i].matches));
	json_put(o, "ranges", ranges_to_json(verdict));
	json_put(o, "findings", findings_to_json(proof_of_bar(&machine->evidence, d, &d->bars[i])));
	bar_proof_put(o, verdict);
	json_put(o, "surfaces", surfaces_to_json(verdict));
	json_put(o, "next", nexts_to_json(&verdict->nexts));
	return o;
}

struct json_object *list_to_json(const struct machine *machine, size_t device)
{
	const struct device *d = &machine->devices.at[device];
	struct json_object *o = device_to_json(d), *bars = json_new_array();

	for (size_t i = 0; i < d->n_bars; i++)
		json_push(bars, bar_summary(&d->bars[i], &machine->verdicts[device].bars[i]));
	json_put(o, "bars", bars);
	return o;
}

struct json_object *explain_to_json(const struct machine *machine, size_t device)
{
	const struct device *d = &machine->devices.at[device];
	const struct path_verdict *verdict = &machine->verdicts[device].path;
	struct json_object *o = device_to_json(d), *path = json_new_object(), *bars = json_new_array();

	json_put_string(path, "verdict", verdict_names[verdict->kind]);
	json_put_string(path, "basis", basis_names[verdict->basis]);
	json_put_string(path, "scope", scope_names[verdict->scope]);
	json_put(path, "reasons", reasons_to_json(&verdict->reasons));
	json_put(path, "quirks", matches_to_json(&machine->expectations[device].path));
	path_proof_put(path, verdict);
	json_put(path, "next", nexts_to_json(&verdict->nexts));
	json_put(o, "path", path);
	for (size_t i = 0; i < d->n_bars; i++)
		json_push(bars, bar_full(machine, device, i));
	json_put(o, "bars", bars);
	return o;
}

/* ---- text ---- */

/* said is what was printed a few lines above already, of the path: it is named, not repeated. */
static void print_reasons(const struct reasons *reasons, const struct reasons *said)
{
	for (size_t i = 0; i < reasons->n; i++) {
		const struct reason *reason = &reasons->at[i];
		bool is_said = false;

		for (size_t n = 0; said && n < said->n; n++)
			is_said |= said->at[n].id == reason->id && !strcmp(said->at[n].text, reason->text);
		printf("      %s: %s\n", reason_names[reason->id], is_said ? "as its path" : reason->text);
		for (size_t n = 0; !is_said && n < reason->references.n; n++)
			printf("        %s\n", reason->references.at[n]);
	}
}

static void print_nexts(const struct nexts *nexts, const struct nexts *said)
{
	for (size_t i = 0; i < nexts->n; i++) {
		if (said && nexts_has(said, nexts->at[i].command, nexts->at[i].text))
			continue;
		printf("      next: %s\n", nexts->at[i].text);
		if (nexts->at[i].command)
			printf("            $ %s\n", nexts->at[i].command);
		if (strcmp(nexts->at[i].risk, "none"))
			printf("            risk: %s\n", nexts->at[i].risk);
	}
}

static void print_findings(const struct record *record)
{
	for (size_t i = 0; record && i < record->n; i++)
		if (step_infos[record->at[i].step].is_test || record->at[i].outcome != OUTCOME_PASS)
			printf("      %s %s: %s\n", step_infos[record->at[i].step].name,
			       outcome_names[record->at[i].outcome], record->at[i].text);
}

static void print_bar(const struct machine *machine, size_t device, size_t i)
{
	const struct path_verdict *path = &machine->verdicts[device].path;
	const struct device *d = &machine->devices.at[device];
	const struct bar *bar = &d->bars[i];
	const struct bar_verdict *verdict = &machine->verdicts[device].bars[i];
	char size[16];

	size_format(bar->size_bytes, size);
	printf("  BAR %u  %s, %u-bit%s at 0x%" PRIx64 ": %s", bar->index, size, bar->width,
	       bar->prefetchable ? " prefetchable" : "", bar->base, verdict_names[verdict->kind]);
	if (verdict->kind == VERDICT_SAFE)
		printf(" (%s)%s%s", scope_names[verdict->scope], verdict->is_granted ? ", granted" : ", not granted",
		       bar_verdict_is_grantable(verdict) && !verdict->is_granted ? " yet" : "");
	puts("");
	for (size_t n = 0; n < verdict->n_ranges && verdict->n_ranges > 1; n++) {
		const struct bar_range *range = &verdict->ranges[n];

		size_format(range->range.size_bytes, size);
		printf("      range 0x%" PRIx64 " + %s: %s, %s\n", range->range.offset, size, range->role,
		       verdict_names[range->kind]);
	}
	print_findings(proof_of_bar(&machine->evidence, d, bar));
	bar_proof_print(stdout, verdict);
	print_reasons(&verdict->reasons, &path->reasons);
	print_nexts(&verdict->nexts, &path->nexts);
}

void explain_print(const struct machine *machine, size_t device, int bar, bool all)
{
	const struct device *d = &machine->devices.at[device];
	const struct path_verdict *path = &machine->verdicts[device].path;
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&d->address, address);
	printf("%s %s [%04x:%04x]%s%s\n", address, d->name ?: "", d->vendor, d->device, d->driver ? ", driver " : "",
	       d->driver ?: "");
	printf("  path ");
	for (size_t i = d->n_ports; i--;) {
		char port[PCI_ADDRESS_SIZE];

		pci_address_format(&d->ports[i], port);
		printf("%s > ", port);
	}
	printf("%s: %s", address, verdict_names[path->kind]);
	if (path->basis != BASIS_NONE)
		printf(" (%s, %s)", basis_names[path->basis], scope_names[path->scope]);
	puts("");
	print_reasons(&path->reasons, NULL);
	path_proof_print(stdout, path);
	if (path->kind == VERDICT_UNSAFE && !device_is_bridge(d))
		printf("      guests: %s\n", guest_rule_meanings[machine->kernel.guest]);
	print_nexts(&path->nexts, NULL);
	for (size_t i = 0; i < d->gaps.n; i++)
		printf("  not known: %s: %s\n", d->gaps.at[i].what, d->gaps.at[i].why);
	for (size_t i = 0; i < d->n_bars; i++)
		if (!d->bars[i].io && (bar < 0 ? all || d->bars[i].prefetchable : d->bars[i].index == bar))
			print_bar(machine, device, i);
}
