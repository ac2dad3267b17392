/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks-stub: an entry for this machine, or for one BAR, of what was observed and measured: somebody still has to say why. */
#include "cli/quirks.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "decide/proof.h"

struct stub {
	const struct machine *machine;
	const struct device *device;
	const struct bar *bar; /* NULL: of the path */
	const char *effect, *confidence;
	const enum hazard *hazards; /* ends with HAZARD_NONE; NULL: none */
	const struct range *scratch; /* NULL: none */
	char *why;
	struct json_object *match;
};

static const enum hazard unspecified[] = { HAZARD_WC_DEFECT_UNSPECIFIED, HAZARD_NONE };

/* What boards say whose maker never filled it in; a "*" at the end would mean everything that begins so. */
static bool is_telling(const char *text)
{
	static const char *const empty[] = { "To Be Filled", "To be filled", "Default string", "System Product Name",
		                             "System manufacturer", "Not Specified", "Unknown", "O.E.M." };

	for (size_t i = 0; text && i < ELEMENTSOF(empty); i++)
		if (strstr(text, empty[i]))
			return false;
	return text && *text && text[strlen(text) - 1] != '*';
}

/* ---- whom it means ---- */

/* The core, which every such machine shows: where an identity cannot be read only these are suspected. */
static struct json_object *suspect(const struct platform *platform)
{
	struct json_object *o = json_new_object(), *cpu = json_new_object();
	bool has_cpu = platform->midrs.n || platform->x86.vendor;

	if (platform->arch)
		json_put_string(o, "arch", platform->arch);
	if (platform->midrs.n) {
		json_put_hex(cpu, "implementer", midr_implementer(platform->midrs.at[0]), 2);
		json_put_hex(cpu, "part", midr_part(platform->midrs.at[0]), 3);
	} else if (has_cpu) {
		json_put_string(cpu, "vendor", platform->x86.vendor);
		json_put_u64(cpu, "family", platform->x86.family);
		json_put_u64(cpu, "model", platform->x86.model);
	}
	if (has_cpu)
		json_put(o, "cpu", cpu);
	else
		json_done(&cpu);
	return o;
}

/* One alternative: key and value, and whom to suspect where the key cannot be read. */
static void add(struct stub *stub, const char *key, struct json_object *value)
{
	const struct platform *platform = &stub->machine->platform;
	struct json_object *o = json_new_object();

	json_put(o, key, value);
	if (platform->arch || platform->midrs.n || platform->x86.vendor)
		json_put(o, "suspect", suspect(platform));
	json_push(stub->match, o);
}

static struct json_object *id_of(uint16_t vendor, uint16_t device)
{
	struct json_object *list = json_new_array();
	char id[16];

	snprintf(id, sizeof(id), "%04x:%04x", vendor, device);
	json_push(list, json_new_string(id));
	return list;
}

/* The identities that the machine shows; false: it shows none. */
static bool match_path(struct stub *stub)
{
	const struct machine *machine = stub->machine;
	const struct platform *platform = &machine->platform;
	const struct device *port = device_root_port(&machine->devices, stub->device);
	const struct device *bridge =
		stub->device->has_host_bridge ? devices_find(&machine->devices, &stub->device->host_bridge) : NULL;
	const char *vendor = platform->dmi[DMI_SYS_VENDOR], *product = platform->dmi[DMI_PRODUCT_NAME];
	size_t n = 0;

	if (port && port->vendor && ++n)
		add(stub, "port", id_of(port->vendor, port->device));
	else if (bridge && bridge->vendor && ++n)
		add(stub, "host_bridge", id_of(bridge->vendor, bridge->device));
	for (size_t i = 0; i < platform->socs.n; i++) {
		struct json_object *o;

		if (!platform->socs.at[i].id || !str_starts(platform->socs.at[i].id, "jep106:"))
			continue;
		o = json_new_object();
		json_put_string(o, "id", platform->socs.at[i].id);
		add(stub, "soc_id", o);
		n++;
	}
	if (platform->dt_bridge_compatible.n && ++n)
		add(stub, "dt_bridge_compatible", json_new_string(platform->dt_bridge_compatible.at[0]));
	if (is_telling(vendor) && is_telling(product) && platform->is_virtual == TRI_NO) {
		struct json_object *o = json_new_object();

		json_put_string(o, "sys_vendor", vendor);
		json_put_string(o, "product_name", product);
		add(stub, "dmi", o);
		n++;
	}
	return n > 0;
}

static void match_bar(struct stub *stub)
{
	struct json_object *o = json_new_object(), *bars = json_new_array();

	json_push(bars, json_new_u64(stub->bar->index));
	json_put(o, "device", id_of(stub->device->vendor, stub->device->device));
	json_put(o, "bar", bars);
	json_push(stub->match, o);
}

/* ---- what was measured ---- */

/* Also after another BAR's path has passed. */
static void take_failure(struct stub *stub, const struct finding *failure)
{
	bool is_hardware = failure->scope == SCOPE_HARDWARE;

	stub->effect = is_hardware ? "deny" : "hold";
	stub->confidence = is_hardware ? "reported" : "unverified";
	stub->hazards = step_infos[failure->step].catches ?: unspecified;
	free(stub->why);
	stub->why = str_printf("The %s test failed on this machine (%s): %.200s.", step_infos[failure->step].name,
	                       scope_names[failure->scope], failure->text ?: "no text");
}

static int measure_path(struct stub *stub, struct err *err)
{
	const struct evidence *evidence = &stub->machine->evidence;

	stub->effect = "hold";
	stub->confidence = "unverified";
	stub->hazards = unspecified;
	for (size_t i = 0; i < stub->device->n_bars; i++) {
		struct path_proof proof;
		int r = proof_of_path(evidence, stub->device, &stub->device->bars[i], &proof);

		if (r < 0)
			return err_set(err, r, "out-of-memory", "out of memory");
		if (proof.failed) {
			take_failure(stub, proof.failure);
			return 0;
		}
		/* What another machine has proven was not seen here. */
		if ((proof.basis != BASIS_PROBED && proof.basis != BASIS_EQUIVALENT) || !proof.record->n ||
		    proof.record->at[0].scope != SCOPE_HARDWARE)
			continue;
		stub->effect = "allow-after-probe";
		stub->confidence = "reported";
		stub->hazards = NULL;
		free(stub->why);
		stub->why = str_printf("The microtests found no defect on this machine.");
	}
	if (!stub->why)
		stub->why = str_printf("Nothing was measured on hardware: say here what was seen, and change effect and hazards.");
	return 0;
}

static int measure_bar(struct stub *stub, struct err *err)
{
	const struct evidence *evidence = &stub->machine->evidence;
	const struct record *record = proof_of_bar(evidence, stub->device, stub->bar);
	_cleanup_(reasons_done) struct reasons reasons = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	enum verdict_kind kind = VERDICT_UNKNOWN;

	stub->effect = "not-memory";
	stub->confidence = "unverified";
	if (record && proof_weigh(evidence, record, &reasons, &nexts, &kind) < 0)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	if (kind != VERDICT_SAFE || !record->n || record->at[0].scope != SCOPE_HARDWARE) {
		stub->why = str_printf("Nothing was measured: say here what this BAR holds, and change the effect if it is memory.");
		return 0;
	}
	stub->effect = "memory";
	stub->confidence = "reported";
	stub->scratch = &record->range;
	stub->why = str_printf("The microtests found memory in this range: say here on whose word the rest is memory too.");
	return 0;
}

/* ---- the document ---- */

/* "vendor-product" in [a-z0-9-], at most 60 of them. */
static void name_of(const struct stub *stub, char ret[static 64])
{
	const struct platform *platform = &stub->machine->platform;
	const struct device *port = device_root_port(&stub->machine->devices, stub->device) ?: stub->device;
	_cleanup_free_ char *text =
		stub->bar ? str_printf("dev-%04x-%04x-bar%u", stub->device->vendor, stub->device->device, stub->bar->index)
		: is_telling(platform->dmi[DMI_SYS_VENDOR]) && is_telling(platform->dmi[DMI_PRODUCT_NAME])
			? str_printf("%s-%s", platform->dmi[DMI_SYS_VENDOR], platform->dmi[DMI_PRODUCT_NAME])
			: str_printf("port-%04x-%04x", port->vendor, port->device);
	size_t n = 0;

	for (const char *c = text ?: ""; *c && n < 60; c++)
		if (isalnum((unsigned char)*c) && (unsigned char)*c < 0x80)
			ret[n++] = (char)tolower((unsigned char)*c);
		else if (n && ret[n - 1] != '-')
			ret[n++] = '-';
	while (n && ret[n - 1] == '-')
		n--;
	ret[n] = '\0';
	if (!n)
		strcpy(ret, "unnamed");
}

static struct json_object *scratch_to_json(const struct range *range)
{
	struct json_object *list = json_new_array(), *o = json_new_object();

	json_put_hex(o, "offset", range->offset, 1);
	json_put_hex(o, "size", range->size_bytes, 1);
	json_push(list, o);
	return list;
}

static struct json_object *stub_to_json(struct stub *stub)
{
	struct json_object *o = json_new_object(), *entries = json_new_array(), *entry = json_new_object();
	struct json_object *hazards = json_new_array(), *references = json_new_array();
	time_t now = time(NULL);
	char name[64], date[16] = "1970-01-01";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	name_of(stub, name);
	for (size_t i = 0; stub->hazards && stub->hazards[i]; i++)
		json_push(hazards, json_new_string(hazard_infos[stub->hazards[i]].name));
	json_push(references, json_new_string("https://example.org/where-the-evidence-is"));
	json_put_string(entry, "name", name);
	json_put_string(entry, "effect", stub->effect);
	json_put(entry, "hazards", hazards);
	json_put(entry, "match", steal(&stub->match));
	json_put_string(entry, "why", stub->why);
	json_put(entry, "references", references);
	json_put_string(entry, "confidence", stub->confidence);
	json_put_string(entry, "since", date);
	if (stub->scratch)
		json_put(entry, "scratch", scratch_to_json(stub->scratch));
	json_push(entries, entry);
	json_put_u64(o, "schema", 1);
	json_put_u64(o, "serial", gmtime_r(&now, &tm) ? (uint64_t)(tm.tm_year + 1900) * 10000 + (uint64_t)(tm.tm_mon + 1) * 100 +
	                                                        (uint64_t)tm.tm_mday
	                                              : 1);
	json_put(o, "entries", entries);
	return o;
}

static int stub_print(struct stub *stub, struct err *err)
{
	int r = stub->bar ? measure_bar(stub, err) : measure_path(stub, err);

	if (r < 0)
		return r;
	if (stub->bar)
		match_bar(stub);
	else if (!match_path(stub))
		return err_set(err, -ENODATA, "no-identity",
		               "nothing that can be read tells this machine from others (neither port, SoC, device tree nor DMI)");
	if (!stub->why)
		return err_set(err, -ENOMEM, "out-of-memory", "out of memory");
	return print_json(stub_to_json(stub), err);
}

int quirks_stub(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	struct targets targets = { 0 };
	int r;

	if (argc != 1)
		return usage_error(err, "quirks stub: expected one address such as 0000:01:00.0, or a BAR of it 0000:01:00.0:2");
	r = machine_load(options, err, &machine);
	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	if (r == 0) {
		struct stub stub = { .machine = &machine, .device = &machine.devices.at[targets.at[0].device],
			             .match = json_new_array() };

		stub.bar = targets.at[0].bar < 0 ? NULL : device_bar(stub.device, (unsigned int)targets.at[0].bar);
		r = stub_print(&stub, err);
		free(stub.why);
		json_done(&stub.match);
	}
	free(targets.at);
	return r;
}
