/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof-print: what a proof rests on, what it looked for and what it leaves open, as JSON and as text. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utc.h"
#include "cli/proof-print.h"
#include "decide/assurance.h"
#include "decide/fingerprint.h"

/* What is told of: a path, or a BAR by its own probe. */
struct subject {
	bool is_path;
	enum basis basis;
	enum scope scope;
	const struct record *record; /* NULL: a word is taken for it */
	const struct import *import;
	const struct quirk *entry;
};

static struct subject subject_of_path(const struct path_verdict *path)
{
	return (struct subject){ true, path->basis, path->scope, path->record, path->import, path->entry };
}

static struct subject subject_of_bar(const struct bar_verdict *bar)
{
	return (struct subject){ false, bar->record ? BASIS_PROBED : BASIS_NONE, bar->scope, bar->record, NULL, NULL };
}

/* ---- JSON ---- */

static struct json_object *tests_for(const struct subject *subject, enum hazard hazard)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; subject->record && i < subject->record->n; i++) {
		const struct finding *finding = &subject->record->at[i];

		if (finding->outcome == OUTCOME_PASS && assurance_looks(finding->step, subject->is_path, hazard))
			json_push(array, json_new_string(step_infos[finding->step].name));
	}
	return array;
}

static struct json_object *tested_to_json(const struct subject *subject)
{
	struct json_object *array = json_new_array();

	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++) {
		if (assurance_sight(subject->record, subject->is_path, hazard) != SIGHT_TESTED)
			continue;

		struct json_object *o = json_new_object();

		json_put_string(o, "hazard", hazard_infos[hazard].name);
		json_put(o, "tests", tests_for(subject, hazard));
		json_push(array, o);
	}
	return array;
}

static struct json_object *left_out_to_json(const struct subject *subject)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; subject->record && i < subject->record->n; i++) {
		const struct finding *finding = &subject->record->at[i];

		if (!assurance_left_out(finding, subject->is_path))
			continue;

		struct json_object *o = json_new_object();

		json_put_string(o, "test", step_infos[finding->step].name);
		json_put_string(o, "outcome", outcome_names[finding->outcome]);
		json_put_string(o, "text", finding->text);
		json_push(array, o);
	}
	return array;
}

static struct json_object *unseen_to_json(const struct subject *subject)
{
	struct json_object *array = json_new_array();

	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++) {
		const struct hazard_info *info = &hazard_infos[hazard];
		bool is_left_out = assurance_sight(subject->record, subject->is_path, hazard) == SIGHT_LEFT_OUT;

		if (!is_left_out && !info->unseen)
			continue;

		struct json_object *o = json_new_object();

		json_put_string(o, "hazard", info->name);
		json_put_string(o, "meaning", info->meaning);
		json_put_string(o, "why", is_left_out ? "no test that looks for it passed" : info->unseen);
		json_push(array, o);
	}
	return array;
}

static void put_u64(struct json_object *o, const char *key, const struct record *record, uint64_t value)
{
	if (record)
		json_put_u64(o, key, value);
	else
		json_put_null(o, key);
}

static struct json_object *subject_to_json(const struct subject *subject)
{
	const struct record *record = subject->record;
	struct json_object *o = json_new_object();
	char address[PCI_ADDRESS_SIZE];

	json_put_string(o, "basis", basis_names[subject->basis]);
	if (record)
		pci_address_format(&record->address, address);
	json_put_string(o, "device", record ? address : NULL);
	put_u64(o, "bar", record, record ? record->bar : 0);
	put_u64(o, "time", record, record ? record_time_s(record) : 0);
	/* Findings of another version prove nothing. */
	put_u64(o, "microtests", record, MICROTESTS_VERSION);
	json_put_string(o, "file", subject->import ? subject->import->file : NULL);
	json_put_string(o, "entry", subject->entry ? subject->entry->name : NULL);
	json_put_string(o, "scope", scope_names[subject->scope]);
	json_put_string(o, "holds", scope_meanings[subject->scope]);
	json_put_string(o, "means", assurance_of_a_pass);
	json_put(o, "tested", tested_to_json(subject));
	json_put(o, "left_out", left_out_to_json(subject));
	json_put(o, "unseen", unseen_to_json(subject));
	return o;
}

static void put(struct json_object *o, const struct subject *subject)
{
	if (subject->basis == BASIS_NONE)
		json_put_null(o, "proof");
	else
		json_put(o, "proof", subject_to_json(subject));
}

void path_proof_put(struct json_object *o, const struct path_verdict *path)
{
	struct subject subject = subject_of_path(path);

	put(o, &subject);
}

void bar_proof_put(struct json_object *o, const struct bar_verdict *bar)
{
	struct subject subject = subject_of_bar(bar);

	json_put_string(o, "path_basis", basis_names[bar->path_basis]);
	put(o, &subject);
}

/* ---- text ---- */

static void print_hazards(FILE *out, const struct subject *subject, enum sight sight, const char *title)
{
	const char *before = title;

	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++)
		if (assurance_sight(subject->record, subject->is_path, hazard) == sight) {
			fprintf(out, "%s%s", before, hazard_infos[hazard].name);
			before = ", ";
		}
	if (before != title)
		fputc('\n', out);
}

static void print_left_out(FILE *out, const struct subject *subject)
{
	static const char title[] = "      left out: ";
	const char *before = title;

	for (size_t i = 0; subject->record && i < subject->record->n; i++) {
		const struct finding *finding = &subject->record->at[i];

		if (!assurance_left_out(finding, subject->is_path))
			continue;
		fprintf(out, "%s%s (%s)", before, step_infos[finding->step].name, outcome_names[finding->outcome]);
		before = ", ";
	}
	if (before != title)
		fputc('\n', out);
}

void path_proof_print(FILE *out, const struct path_verdict *path)
{
	struct subject subject = subject_of_path(path);

	if (subject.basis == BASIS_NONE)
		return;
	print_hazards(out, &subject, SIGHT_TESTED, "      tested for: ");
	print_left_out(out, &subject);
	print_hazards(out, &subject, SIGHT_LEFT_OUT, "      not tested for: ");
}

void bar_proof_print(FILE *out, const struct bar_verdict *bar)
{
	char when[32];

	if (!bar->record)
		return;
	utc_format(record_time_s(bar->record), when);
	fprintf(out, "      proof: its own probe, %s, by version %u of the microtests; its path: %s\n", when, MICROTESTS_VERSION,
	       basis_names[bar->path_basis]);
}

void proofs_print(FILE *out, enum scope scope)
{
	fprintf(out, "what is proven holds %s\n", scope_meanings[scope]);
	fprintf(out, "  %s, and no test sees all of:\n", assurance_of_a_pass);
	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++)
		if (hazard_infos[hazard].unseen)
			fprintf(out, "      %s: %s\n", hazard_infos[hazard].name, hazard_infos[hazard].unseen);
}
