/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-judge-properties: what holds of every verdict, on machines that a seeded generator spoils. The short form judges some
 * thousands; a number, and a seed, can be given: test-judge-properties 100000 7
 */
#include "world.h"

#include <inttypes.h>

#include "base/num.h"
#include "decide/silicon.h"
#include "model/import.h"

#define RANGE_UNIT UINT64_C(0x1000)

static uint64_t inputs = 1500, first_seed = 1;

/* What a world has no room for. */
#define FINDINGS_MAX ELEMENTSOF(((struct world *)0)->finding)
static struct {
	struct finding others[FINDINGS_MAX], imported[FINDINGS_MAX]; /* of other records than the first; of another machine's */
	struct record record;
	struct import import;
	struct imports imports;
} more;

/* ---- the generator ---- */

/* splitmix64 (Steele, Lea, Flood 2014): each input has a seed of its own, which the failure names. */
static uint64_t draw(uint64_t *seed, uint64_t below)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static enum tri draw_tri(uint64_t *seed)
{
	static const enum tri tris[] = { TRI_UNKNOWN, TRI_NO, TRI_YES };

	return tris[draw(seed, ELEMENTSOF(tris))];
}

static void an_outcome(struct world *w, uint64_t *seed)
{
	w->finding[draw(seed, w->record[0].n)].outcome = (enum outcome)draw(seed, OUTCOMES);
}

static void a_scope(struct world *w, uint64_t *seed)
{
	w->finding[draw(seed, w->record[0].n)].scope = (enum scope)draw(seed, SCOPE_REPLAY + 1);
}

static void a_finding_less(struct world *w, uint64_t *seed)
{
	w->finding[draw(seed, w->record[0].n)].step = STEP_BACKGROUND;
}

static void one_more_pass(struct world *w, uint64_t *seed)
{
	if (w->record[0].n + 4 < ELEMENTSOF(w->finding))
		world_find(w, (enum step)(STEP_SAVE + draw(seed, STEP_RESTORE)), OUTCOME_PASS);
}

static void a_range(struct world *w, uint64_t *seed)
{
	w->record[0].range = (struct range){ draw(seed, 4096) * RANGE_UNIT + draw(seed, 3) * 2048, draw(seed, 4096) * RANGE_UNIT + draw(seed, 3) * 2048 };
}

static void a_record(struct world *w, uint64_t *seed)
{
	w->record[0].errors_observed = draw(seed, 2);
	w->record[0].containment = (enum containment)draw(seed, CONTAINMENT_DPC + 1);
}

/* The same BAR was probed twice, or another one was: with the same findings, or with its own. */
static void another_record(struct world *w, uint64_t *seed)
{
	struct finding *findings = draw(seed, 2) ? more.others : NULL;

	if (w->records.n >= 3)
		return;
	if (findings) {
		memcpy(findings, w->finding, sizeof(w->finding));
		findings[draw(seed, w->record[0].n)].outcome = (enum outcome)draw(seed, OUTCOMES);
	}
	world_record(w, draw(seed, 2) ? GOOD : TWIN, findings, w->record[0].n);
}

/* A machine of the same silicon, where it passed or not. */
static void an_import(struct world *w, uint64_t *seed)
{
	more.record = w->record[0];
	more.record.at = more.imported;
	more.record.machine = more.record.boot_id = more.record.path_key = NULL;
	memcpy(more.imported, w->finding, sizeof(w->finding));
	if (draw(seed, 2))
		more.imported[draw(seed, w->record[0].n)].outcome = (enum outcome)draw(seed, OUTCOMES);
	if (!draw(seed, 4))
		more.imported[draw(seed, w->record[0].n)].scope = (enum scope)draw(seed, SCOPE_REPLAY + 1);
	assert_int_equal(silicon_path(&w->devices, &w->function[GOOD], &w->function[GOOD].bars[0], &w->platform, &more.record.path_key), 0);
	silicon_done(&more.import.silicon);
	more.import = (struct import){ .file = TEXT("imports/other.json"), .reason = TEXT("same batch"), .microtests = MICROTESTS_VERSION,
		                       .at = &more.record, .n = 1 };
	assert_int_equal(silicon_of(&w->platform, &more.import.silicon), 0);
	more.imports = (struct imports){ &more.import, 1 };
	if (!more.record.path_key)
		return;
	world_own(w, more.record.path_key);
	w->evidence.imports = &more.imports;
	/* Else it counts for nothing. */
	if (draw(seed, 2))
		w->records.n = draw(seed, 2);
}

static void a_buffer(struct world *w, uint64_t *seed)
{
	world_cmb(w);
	if (draw(seed, 2))
		world_bind(w, &w->record[0], GOOD);
}

static void a_gap(struct world *w, uint64_t *seed)
{
	static struct gap gaps[] = { { TEXT("capabilities"), TEXT("unreadable") }, { TEXT("physfn"), TEXT("unreadable") },
		                     { TEXT("BARs"), TEXT("unreadable") },         { TEXT("class"), TEXT("unreadable") } };

	w->function[draw(seed, 2) ? GOOD : PORT].gaps = (struct gaps){ &gaps[draw(seed, ELEMENTSOF(gaps))], 1 };
}

static void an_entry(struct world *w, uint64_t *seed)
{
	/* Of each effect, the matches that it may have. */
	static const struct {
		const char *effect, *match;
	} entries[] = {
		{ "deny", MATCH_YES },      { "deny", MATCH_MAYBE }, { "deny", MATCH_BAR_YES },     { "deny", MATCH_BAR_MAYBE },
		{ "hold", MATCH_YES },      { "hold", MATCH_MAYBE }, { "hold", MATCH_BAR_YES },     { "hold", MATCH_BAR_MAYBE },
		{ "no-wc", MATCH_YES },     { "no-wc", MATCH_MAYBE }, { "not-memory", MATCH_BAR_YES }, { "not-memory", MATCH_BAR_MAYBE },
		{ "warn", MATCH_YES },      { "warn", MATCH_MAYBE }, { "allow-after-probe", MATCH_YES }, { "allow-after-probe", MATCH_MAYBE },
	};
	static const char *const names[] = { "one", "two", "three" };
	const char *name = names[draw(seed, ELEMENTSOF(names))];
	size_t entry = draw(seed, ELEMENTSOF(entries));

	world_quirk(w, name, entries[entry].effect, entries[entry].match);
	if (draw(seed, 2) && w->site.lift.n < 3)
		world_lift(w, names[draw(seed, ELEMENTSOF(names))]);
	if (draw(seed, 2) && w->site.accept.n < 3)
		world_accept(w, draw(seed, 2) ? "entry:one" : "entry:two");
}

static void a_platform(struct world *w, uint64_t *seed)
{
	w->platform.is_virtual = draw_tri(seed);
	if (draw(seed, 2)) {
		world_bind(w, &w->record[0], GOOD);
		world_scope(w, evidence_scope(&w->evidence));
	}
	if (draw(seed, 2) && w->site.accept.n < 3)
		world_accept(w, "virtual-platform");
}

static void a_kernel(struct world *w, uint64_t *seed)
{
	w->kernel.pat = draw_tri(seed);
	w->kernel.wc_files = draw_tri(seed);
	w->function[GOOD].bars[0].wc_file = draw_tri(seed);
}

static void a_device(struct world *w, uint64_t *seed)
{
	struct device *good = &w->function[GOOD];

	good->bars[0].prefetchable = draw(seed, 4);
	good->revision = (uint8_t)draw(seed, 3);
	good->caps.config_bytes = draw(seed, 4) ? 4096 : 64;
	w->function[PORT].caps.mps_bytes = draw(seed, 4) ? 256 : 128;
}

static void a_crash(struct world *w, uint64_t *seed)
{
	if (w->journal.n < ELEMENTSOF(w->crash))
		world_crash(w, draw(seed, 2) ? GOOD : TWIN, (unsigned int)draw(seed, 3));
}

static void a_site(struct world *w, uint64_t *seed)
{
	w->site.minimum_containment = (enum containment)draw(seed, CONTAINMENT_DPC + 1);
	w->evidence.is_replay = !draw(seed, 4);
}

static void undeclared(struct world *w, uint64_t *seed)
{
	(void)seed;
	w->quirks.at[0].effect = EFFECT_WARN;
}

static void (*const spoils[])(struct world *w, uint64_t *seed) = {
	an_outcome, a_scope, a_finding_less, one_more_pass, a_range,  a_record, another_record, an_entry,
	a_platform, a_kernel, a_device,      a_crash,       a_site, undeclared, an_import, a_buffer, a_gap,
};

/* Healthy, or up to four things of it are others. */
static void generate(struct world *w, uint64_t seed)
{
	silicon_done(&more.import.silicon);
	memset(&more, 0, sizeof(more));
	world_make(w);
	for (uint64_t n = draw(&seed, 5); n; n--)
		spoils[draw(&seed, ELEMENTSOF(spoils))](w, &seed);
}

/* ---- what is compared ---- */

#define PARTS_MAX 16

struct gist {
	enum verdict_kind path, target, bar;
	bool is_grantable;
	size_t n; /* of the BAR's parts */
	struct bar_range at[PARTS_MAX];
};

static struct gist gist_of(struct world *w)
{
	const struct device_verdict *verdict = world_judge(w, GOOD);
	const struct bar_verdict *bar = &verdict->bars[0];
	struct gist gist = { .path = verdict->path.kind, .target = bar->target, .bar = bar->kind,
		             .is_grantable = bar_verdict_is_grantable(bar), .n = bar->n_ranges };

	assert_true(bar->n_ranges <= PARTS_MAX);
	if (gist.n)
		memcpy(gist.at, bar->ranges, gist.n * sizeof(gist.at[0]));
	return gist;
}

static bool is_better_kind(enum verdict_kind a, enum verdict_kind b)
{
	static const int rank[] = { [VERDICT_UNSAFE] = 0, [VERDICT_UNKNOWN] = 1, [VERDICT_SAFE] = 2 };

	return rank[a] > rank[b];
}

/* Is any byte of the BAR better in a than in b? */
static bool has_better_part(const struct gist *a, const struct gist *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++) {
			const struct range *one = &a->at[i].range, *other = &b->at[k].range;

			if (one->offset < other->offset + other->size_bytes && other->offset < one->offset + one->size_bytes &&
			    is_better_kind(a->at[i].kind, b->at[k].kind))
				return true;
		}
	return false;
}

static bool is_better(struct gist a, struct gist b)
{
	return has_better_part(&a, &b) || is_better_kind(a.path, b.path) || is_better_kind(a.target, b.target) || is_better_kind(a.bar, b.bar) ||
	       (a.is_grantable && !b.is_grantable);
}

static bool is_safe(struct gist gist)
{
	return gist.bar == VERDICT_SAFE || gist.is_grantable;
}

/* All that is said of the path and the BAR. */
static char *words_of(struct world *w)
{
	_cleanup_(json_done) struct json_object *o = json_new_object();

	json_put(o, "path", reasons_to_json(&w->verdict.path.reasons));
	json_put(o, "path_next", nexts_to_json(&w->verdict.path.nexts));
	json_put(o, "bar", reasons_to_json(&w->verdict.bars[0].reasons));
	json_put(o, "bar_next", nexts_to_json(&w->verdict.bars[0].nexts));
	return world_own(w, json_text(o));
}

/* ---- the properties: true when it holds; each gets a world of its own, and how it was judged ---- */

static bool holds_same(struct world *w, struct gist before, uint64_t *seed)
{
	const char *words = words_of(w);
	struct gist again = gist_of(w);

	(void)seed;
	return !is_better(again, before) && !is_better(before, again) && !strcmp(words, words_of(w));
}

static bool holds_bad_finding(struct world *w, struct gist before, uint64_t *seed)
{
	/* Of any record, of the other machine's, too. */
	size_t n_records = w->records.n + (w->evidence.imports != NULL), which = n_records ? draw(seed, n_records) : 0;
	struct record *record = which < w->records.n ? &w->record[which] : &more.record;

	if (!n_records)
		return true;
	assert_true(record->n < FINDINGS_MAX);
	record->at[record->n++] = (struct finding){ .step = (enum step)(STEP_SAVE + draw(seed, STEP_RESTORE - STEP_SAVE + 1)),
		                                    .outcome = draw(seed, 2) ? OUTCOME_FAIL : OUTCOME_DIED,
		                                    .scope = evidence_scope(&w->evidence), .text = TEXT("one more") };
	return !is_better(gist_of(w), before);
}

static bool holds_deny(struct world *w, struct gist before, uint64_t *seed)
{
	bool is_path = draw(seed, 2);
	struct gist denied, lifted;

	world_quirk(w, "denies", "deny", is_path ? MATCH_YES : MATCH_BAR_YES);
	if (w->site.accept.n < ELEMENTSOF(w->accept))
		world_accept(w, "entry:denies");
	denied = gist_of(w);
	world_lift(w, "denies");
	lifted = gist_of(w);
	return denied.bar == VERDICT_UNSAFE && !denied.is_grantable && (!is_path || denied.path == VERDICT_UNSAFE) &&
	       !is_better(lifted, before);
}

/* All that was found here. */
static void all_of_scope(struct world *w, enum scope scope)
{
	world_scope(w, scope);
	for (size_t i = 0; i < FINDINGS_MAX; i++)
		more.others[i].scope = scope;
}

static void zero_record(struct world *w) { w->records.n = 0; }
static void zero_findings(struct world *w) { memset(w->finding, 0, sizeof(w->finding)); memset(more.others, 0, sizeof(more.others)); }
static void zero_range(struct world *w) { for (size_t i = 0; i < w->records.n; i++) w->record[i].range = (struct range){ 0 }; w->quirks.at[0].effect = EFFECT_WARN; }
static void zero_arch(struct world *w) { w->platform.arch = NULL; world_rename(w); }
static void zero_bar(struct world *w) { w->function[GOOD].bars[0].base = 0; }
/* Unless the site takes an entry's, or another machine's, word for the path: of this one and of zero_path. */
static void zero_port(struct world *w) { w->function[PORT].vendor = 0; w->site.accept.n = 0; }
static void zero_containment(struct world *w) { for (size_t i = 0; i < w->records.n; i++) w->record[i].containment = CONTAINMENT_UNKNOWN; }
static void zero_machine(struct world *w) { w->evidence.machine = NULL; }
static void zero_device(struct world *w) { w->function[GOOD].bars[0] = (struct bar){ .index = 2 }; }
static void zero_outcomes(struct world *w) { for (size_t i = 0; i < FINDINGS_MAX; i++) w->finding[i].outcome = more.others[i].outcome = OUTCOME_UNKNOWN; }
static void zero_scopes(struct world *w) { all_of_scope(w, SCOPE_UNKNOWN); }
static void zero_errors(struct world *w) { for (size_t i = 0; i < w->records.n; i++) w->record[i].errors_observed = false; }
static void zero_path(struct world *w) { for (size_t i = 0; i < w->records.n; i++) w->record[i].path_key = NULL; w->site.accept.n = 0; w->evidence.imports = NULL; }
static void zero_record_machine(struct world *w) { for (size_t i = 0; i < w->records.n; i++) w->record[i].machine = NULL; }
/* Unless the site takes a virtual machine's path for good. */
static void zero_virtual(struct world *w) { w->platform.is_virtual = TRI_UNKNOWN; w->site.accept.n = 0; }

static bool holds_zero(struct world *w, struct gist before, uint64_t *seed)
{
	static void (*const zeros[])(struct world *w) = { zero_record, zero_findings, zero_range, zero_arch, zero_bar, zero_port,
		                                          zero_containment, zero_machine, zero_device, zero_outcomes, zero_scopes,
		                                          zero_errors, zero_path, zero_record_machine, zero_virtual };

	(void)before;
	zeros[draw(seed, ELEMENTSOF(zeros))](w);
	return !is_safe(gist_of(w));
}

/* Pages that no entry and no site declares are fit only where a probe touched all of them. */
static bool holds_range(struct world *w, struct gist before, uint64_t *seed)
{
	const struct bar_verdict *bar;

	(void)before;
	w->quirks.at[0].effect = EFFECT_WARN;
	a_range(w, seed);
	bar = world_bar(w, GOOD);
	for (size_t i = 0; i < bar->n_ranges; i++) {
		bool is_touched = false;

		for (size_t r = 0; r < w->records.n; r++) {
			struct range probed = w->record[r].range, judged = bar->ranges[i].range;

			is_touched |= judged.offset >= probed.offset && judged.offset + judged.size_bytes <= probed.offset + probed.size_bytes;
		}
		if (bar->ranges[i].kind == VERDICT_SAFE && !is_touched)
			return false;
	}
	return true;
}

static bool holds_virtual(struct world *w, struct gist before, uint64_t *seed)
{
	(void)before;
	w->platform.is_virtual = TRI_NO;
	w->evidence.is_replay = false;
	for (size_t i = 0; i < w->records.n; i++)
		world_bind(w, &w->record[i], GOOD);
	all_of_scope(w, SCOPE_HARDWARE);

	struct gist of_hardware = gist_of(w);

	/* A pass of some steps that is virtual is none; a failure may weigh less then. */
	struct finding *const all[] = { w->finding, more.others, more.imported };

	for (size_t k = 0; k < ELEMENTSOF(all); k++)
		for (size_t i = 0; i < FINDINGS_MAX; i++)
			if (all[k][i].outcome == OUTCOME_PASS && draw(seed, 2))
				all[k][i].scope = SCOPE_VIRTUAL;
	if (is_better(gist_of(w), of_hardware))
		return false;
	all_of_scope(w, SCOPE_VIRTUAL);
	return !is_safe(gist_of(w));
}

static const struct property {
	const char *name;
	bool (*holds)(struct world *w, struct gist before, uint64_t *seed);
} properties[] = {
	{ "the same input gives the same output", holds_same },
	{ "one more bad finding improves nothing", holds_bad_finding },
	{ "a denial holds until it is lifted by name", holds_deny },
	{ "what is zero or missing is not safe", holds_zero },
	{ "a proof does not spread to pages that were not touched", holds_range },
	{ "virtual findings do not count for hardware", holds_virtual },
};

static void test_properties(void **state)
{
	uint64_t safe = 0;

	(void)state;
	for (uint64_t input = 0; input < inputs; input++)
		for (size_t i = 0; i < ELEMENTSOF(properties); i++) {
			uint64_t seed = first_seed * UINT64_C(0x100000000) + input, choices = ~seed;
			struct gist before;
			struct world w;

			generate(&w, seed);
			before = gist_of(&w);
			safe += i == 0 && is_safe(before);
			if (!properties[i].holds(&w, before, &choices))
				fail_msg("seed %" PRIu64 ", input %" PRIu64 ": not true: %s", first_seed, input, properties[i].name);
			world_done(&w);
		}
	silicon_done(&more.import.silicon);
	/* Machines of which none is safe would show little. */
	assert_true(safe * 10 > inputs);
	printf("%" PRIu64 " inputs from seed %" PRIu64 ", %" PRIu64 " of them safe\n", inputs, first_seed, safe);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_properties) };

	if ((argc > 1 && parse_u64(argv[1], 10, 1, UINT32_MAX, &inputs) < 0) ||
	    (argc > 2 && parse_u64(argv[2], 10, 0, UINT32_MAX, &first_seed) < 0) || argc > 3) {
		fprintf(stderr, "usage: test-judge-properties [INPUTS [SEED]]\n");
		return 2;
	}
	return cmocka_run_group_tests_name("judge-properties", tests, NULL, NULL);
}
