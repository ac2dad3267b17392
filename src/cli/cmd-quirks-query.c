/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-quirks-query: of each entry, whether it means this machine, and which key said so, or did not. */
#include "cli/quirks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/judge-path.h"
#include "decide/trace.h"

static const char *const result_words[] = { [TRI_UNKNOWN] = "maybe", [TRI_NO] = "no", [TRI_YES] = "yes" };

/* Where an entry fits best. */
struct answer {
	struct trace trace;
	const struct device *device; /* NULL: the machine has none */
	int bar;                     /* -1: a path */
};

static int answer_try(const struct quirk *quirk, const struct facts *facts, struct answer *answer)
{
	struct trace trace = { 0 };
	bool is_first = !answer->trace.n;
	int r = trace_quirk(quirk, facts, &trace);

	if (r < 0)
		return r;
	if (!is_first && tri_or(answer->trace.result, trace.result) == answer->trace.result) {
		trace_done(&trace);
		return 0;
	}
	trace_done(&answer->trace);
	answer->trace = trace;
	answer->device = facts->device;
	answer->bar = facts->bar ? facts->bar->index : -1;
	return 0;
}

/* bar: index of resourceN; -1: all of them. */
static int answer_device(const struct quirk *quirk, struct facts *facts, int bar, struct answer *answer)
{
	const struct device *device = facts->device;
	bool has_asked = false;

	for (size_t b = 0; quirk->of_device && b < device->n_bars; b++) {
		facts->bar = &device->bars[b];
		if (facts->bar->io || (bar >= 0 && facts->bar->index != bar))
			continue;
		has_asked = true;

		int r = answer_try(quirk, facts, answer);

		if (r < 0)
			return r;
	}
	facts->bar = NULL;
	return has_asked ? 0 : answer_try(quirk, facts, answer);
}

/* The selected devices; without a word of the command line those that are candidates for WC, or else all. */
static int answer_quirk(const struct machine *machine, const struct bridges *bridges, const struct quirk *quirk,
                        const struct targets *targets, struct answer *answer)
{
	struct facts facts = { .platform = &machine->platform, .kernel = &machine->kernel, .devices = &machine->devices,
		               .bridges = bridges };
	int r = 0;

	for (size_t i = 0; r == 0 && i < machine->devices.n; i++) {
		int bar = -1;

		facts.device = &machine->devices.at[i];
		if (!machine->is_selected[i] || device_is_bridge(facts.device) ||
		    (!targets->n && !device_has_candidate(facts.device)))
			continue;
		for (size_t t = 0; t < targets->n; t++)
			if (targets->at[t].device == i)
				bar = targets->at[t].bar;
		r = answer_device(quirk, &facts, bar, answer);
	}
	facts.device = NULL;
	return r < 0 || answer->trace.n ? r : answer_try(quirk, &facts, answer);
}

static struct json_object *alternative_to_json(const struct alternative_trace *alternative)
{
	struct json_object *o = json_new_object(), *keys = json_new_array();

	json_put_string(o, "result", result_words[alternative->result]);
	json_put_bool(o, "cleared_by_suspect", alternative->is_cleared);
	for (size_t i = 0; i < alternative->n; i++) {
		struct json_object *key = json_new_object();

		json_put_string(key, "key", alternative->at[i].key);
		json_put_bool(key, "not", alternative->at[i].is_not);
		json_put_string(key, "result", result_words[alternative->at[i].result]);
		json_put_string(key, "fact", alternative->at[i].fact);
		json_push(keys, key);
	}
	json_put(o, "keys", keys);
	return o;
}

static struct json_object *answer_to_json(const struct quirk *quirk, const struct answer *answer)
{
	struct json_object *o = json_new_object(), *list = json_new_array();
	char address[PCI_ADDRESS_SIZE] = "";

	if (answer->device)
		pci_address_format(&answer->device->address, address);
	json_put_string(o, "name", quirk->name);
	json_put_string(o, "file", quirk->file);
	json_put_string(o, "effect", effect_names[quirk->effect]);
	json_put_string(o, "layer", quirk_layer_names[quirk->layer]);
	json_put_string(o, "state", quirk_state_names[quirk->state]);
	json_put_string(o, "result", result_words[answer->trace.result]);
	json_put_string(o, "device", address[0] ? address : NULL);
	if (answer->bar >= 0)
		json_put_u64(o, "bar", (uint64_t)answer->bar);
	else
		json_put_null(o, "bar");
	for (size_t i = 0; i < answer->trace.n; i++)
		json_push(list, alternative_to_json(&answer->trace.at[i]));
	json_put(o, "alternatives", list);
	return o;
}

static void answer_print(const struct quirk *quirk, const struct answer *answer)
{
	char address[PCI_ADDRESS_SIZE] = "";

	if (answer->device)
		pci_address_format(&answer->device->address, address);
	printf("%s (%s) %s: %s", quirk->name, quirk->file, effect_names[quirk->effect], result_words[answer->trace.result]);
	if (answer->trace.result != TRI_NO && address[0])
		printf(answer->bar >= 0 ? ", %s BAR %d" : ", %s", address, answer->bar);
	if (quirk->state != QUIRK_ACTIVE)
		printf("; it does not count: %s", quirk->held_because ?: quirk_state_names[quirk->state]);
	printf("\n");
	for (size_t i = 0; i < answer->trace.n; i++) {
		const struct alternative_trace *alternative = &answer->trace.at[i];

		printf("    %s%s", result_words[alternative->result],
		       alternative->is_cleared ? " (unknown, but \"suspect\" rules this machine out)" : "");
		for (size_t k = 0; k < alternative->n; k++) {
			const struct key_trace *key = &alternative->at[k];

			printf("%s %s%s %s: %s", k ? ";" : ":", key->is_not ? "not " : "", key->key, result_words[key->result],
			       key->fact ?: "not known");
		}
		printf("\n");
	}
}

/* What permits or warns says nothing of a machine that it only may mean. */
static bool is_worth_saying(const struct quirk *quirk, enum tri result)
{
	return result == TRI_YES || (result == TRI_UNKNOWN && quirk_withholds(quirk));
}

static int next_for_stranger(const struct machine *machine, struct nexts *nexts)
{
	for (size_t i = 0; i < machine->devices.n; i++)
		if (machine->is_selected[i] && device_has_candidate(&machine->devices.at[i]))
			return judge_stranger(&machine->devices.at[i].address, nexts);
	return judge_stranger(NULL, nexts);
}

int quirks_query(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	_cleanup_(bridges_done) struct bridges bridges = { 0 };
	_cleanup_(nexts_done) struct nexts nexts = { 0 };
	struct targets targets = { 0 };
	struct json_object *o, *entries;
	bool is_known = false;
	size_t silent = 0;
	int r = machine_load(options, err, &machine);

	if (r == 0)
		r = machine_targets(&machine, argc, argv, err, &targets);
	if (r == 0)
		r = bridges_of(&machine.devices, &bridges);
	o = json_new_object();
	entries = json_new_array();
	for (size_t i = 0; r == 0 && i < machine.quirks.n; i++) {
		const struct quirk *quirk = &machine.quirks.at[i];
		struct answer answer = { .bar = -1 };

		r = answer_quirk(&machine, &bridges, quirk, &targets, &answer);
		is_known |= answer.trace.result == TRI_YES && quirk_is_knowledge(quirk);
		if (r == 0 && options->json)
			json_push(entries, answer_to_json(quirk, &answer));
		else if (r == 0 && (options->all || is_worth_saying(quirk, answer.trace.result)))
			answer_print(quirk, &answer);
		else
			silent++;
		trace_done(&answer.trace);
	}
	free(targets.at);
	if (r == 0 && !is_known)
		r = next_for_stranger(&machine, &nexts);
	json_put_u64(o, "schema", 1);
	json_put_bool(o, "known", is_known);
	json_put(o, "entries", entries);
	json_put(o, "next", nexts_to_json(&nexts));
	if (r) {
		json_done(&o);
		return err_set(err, r, "out-of-memory", "out of memory");
	}
	if (options->json)
		return print_json(o, err);
	json_done(&o);
	if (silent)
		printf("%zu other entries say nothing of this machine; --all says why\n", silent);
	if (!is_known)
		printf("no entry knows the paths of this machine\n  next: %s: %s\n", nexts.at[0].command, nexts.at[0].text);
	return 0;
}
