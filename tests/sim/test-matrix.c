/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-matrix: each testable hazard against each test, at many points of the fault's parameters, and many machines
 * without a fault. Computed, never claimed: tests/sim/MATRIX.md must be what this prints with --markdown.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sim/suite.h"

#define POINTS 50
#define HEALTHY_SEEDS 1000
#define FULL_SEEDS 2  /* with every repetition, in a larger range */
#define THINNING 256  /* of all others */
#define SEED UINT64_C(20260401)
#define WORKERS 2

/* Tests that need not catch a fault. */
static const struct {
	enum step step;
	const char *why;
} idle[] = {
	{ STEP_BENCH, "it measures; what it says of combining is only run where that is the question" },
};

/* Tests that are run, and catch none. */
static const struct {
	enum step step;
	const char *why;
} serving[] = {
	{ STEP_RESTORE, "it stores as background does, which finds whatever it would find, and ends the probe" },
};

/* Faults that corrupt nothing; NULL: a test fails. */
static const char *const caught_whys[] = {
	[CAUGHT_FAILS] = NULL,
	[CAUGHT_NO_PROOF] = "nothing is corrupted, and a test says \"not exercised\" of a machine that it passes without the fault",
	[CAUGHT_NUMBERS] = "no test fails; the figure wc_read_mbps is less than a quarter of the same machine's without the fault, "
	                   "which is for the reader: nothing is decided by it",
};

/* Hazards that no test is expected to catch. */
static const struct {
	enum hazard hazard;
	const char *why;
} untestable[] = {
	{ HAZARD_SPECULATIVE_READ, "memory does not tell who read it" },
	{ HAZARD_ORDERING, "memory does not tell in which order its bytes came" },
	{ HAZARD_ATTRIBUTE_ALIAS, "the two mappings never exist at the same time" },
	{ HAZARD_RAM_BACKED_BAR, "it shows from outside of the virtual machine only" },
	{ HAZARD_FATAL_ABORT, "it ends the host; the journal remembers" },
	{ HAZARD_GUEST_EMULATED_MMIO, "it ends the virtual machine: a test in a guest uses scalar stores only" },
	{ HAZARD_NO_WC_SUPPORT, "there is nothing to map" },
	{ HAZARD_WC_DEFECT_UNSPECIFIED, "its mechanism is not known" },
};

#define FAULTS_MAX HAZARDS

/* What the workers share. */
struct shared {
	bool is_caught[FAULTS_MAX][POINTS][STEPS];
	unsigned int bad_runs;
};

static struct shared *shared;

/* Less than all, for a quick look: what is not run does not count. */
static struct {
	const char *hazard; /* NULL: all */
	const char *step;   /* NULL: all; otherwise what it catches is printed, and not judged */
	unsigned int points, seeds;
	bool is_partial, is_markdown;
} options = { .points = POINTS, .seeds = HEALTHY_SEEDS };

static const char *why_idle(enum step step)
{
	for (unsigned int i = 0; i < ELEMENTSOF(idle); i++)
		if (idle[i].step == step)
			return idle[i].why;
	return NULL;
}

static bool is_serving(enum step step)
{
	for (unsigned int i = 0; i < ELEMENTSOF(serving); i++)
		if (serving[i].step == step)
			return true;
	return false;
}

/* Is it run, on machines with a fault and on those without? */
static bool is_run(enum step step)
{
	return suite_has(step) && (!options.step || !strcmp(options.step, step_infos[step].name));
}

static void complain(const struct setup *setup, enum step step, const struct result *result, const char *why)
{
	char text[512];

	params_print(healthy_params, &setup->healthy, text, sizeof(text));
	fprintf(stderr, "seed %llu, thinning %u, %s: %s: %s: %s (%s)\n    %s\n", (unsigned long long)setup->seed,
	        setup->thinning, step_infos[step].name, outcome_names[result->outcome], why, result->reply.text,
	        result->death ? result->death : "", text);
	__atomic_add_fetch(&shared->bad_runs, 1, __ATOMIC_RELAXED);
}

/* One machine without a fault, by all tests. */
static void run_healthy(uint64_t seed, uint64_t pages_max, unsigned int thinning)
{
	struct setup setup;
	struct result result;
	const char *why;

	setup_draw_healthy(&setup, seed, pages_max);
	setup.thinning = thinning;
	for (enum step step = STEP_NONE + 1; step < STEPS; step++) {
		if (!is_run(step) || (why_idle(step) && thinning > 1))
			continue;
		suite_run(&setup, step, &result);
		if (!suite_is_right(&setup, step, &result, &why))
			complain(&setup, step, &result, why);
	}
}

static void run_point(unsigned int fault, uint64_t point)
{
	const struct fault_info *info = fault_infos[fault];
	struct setup setup, without;
	struct result result, healthy = { 0 };

	setup_draw_fault(&setup, info, SEED, point);
	setup.thinning = THINNING;
	without = setup;
	without.fault.info = NULL;
	for (enum step step = STEP_NONE + 1; step < STEPS; step++) {
		if (!is_run(step) || why_idle(step))
			continue;
		suite_run(&setup, step, &result);
		if (info->caught != CAUGHT_FAILS)
			suite_run(&without, step, &healthy);
		if (result.is_dirty && suite_must_be_clean(&setup, &result))
			complain(&setup, step, &result, "it does not leave the background, which it could have put back");
		shared->is_caught[fault][point][step] = suite_is_caught(info, &result, &healthy);
	}
}

static bool is_asked(unsigned int fault)
{
	return !options.hazard || !strcmp(options.hazard, hazard_infos[fault_infos[fault]->hazard].name);
}

/* Every WORKERS-th job. */
static void work(unsigned int worker)
{
	uint64_t job = 0;

	for (uint64_t seed = 0; seed < options.seeds; seed++)
		if (job++ % WORKERS == worker)
			run_healthy(SEED + seed, 4, THINNING);
	for (uint64_t seed = 0; !options.is_partial && seed < FULL_SEEDS; seed++)
		if (job++ % WORKERS == worker)
			run_healthy(SEED + HEALTHY_SEEDS + seed, 16, 1);
	for (unsigned int fault = 0; fault_infos[fault]; fault++)
		for (uint64_t point = 0; point < options.points && is_asked(fault); point++)
			if (job++ % WORKERS == worker)
				run_point(fault, point);
}

static bool run_all(void)
{
	pid_t pids[WORKERS];
	bool is_well = true;
	int status;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return false;
	for (unsigned int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			return false;
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(i);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < WORKERS; i++)
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			is_well = false;
	return is_well;
}

/* ---- the table ---- */

static unsigned int count(unsigned int fault, enum step step)
{
	unsigned int n = 0;

	for (unsigned int point = 0; point < POINTS; point++)
		n += shared->is_caught[fault][point][step];
	return n;
}

static bool is_claimed(enum hazard hazard, enum step step)
{
	const enum hazard *catches = step_infos[step].catches;

	for (; catches && *catches; catches++)
		if (*catches == hazard)
			return true;
	return false;
}

static void print_table(FILE *to)
{
	fprintf(to, "| hazard |");
	for (enum step step = STEP_NONE + 1; step < STEPS; step++)
		if (suite_has(step) && !why_idle(step))
			fprintf(to, " %s |", step_infos[step].name);
	fprintf(to, "\n|---|");
	for (enum step step = STEP_NONE + 1; step < STEPS; step++)
		if (suite_has(step) && !why_idle(step))
			fprintf(to, "---|");
	fprintf(to, "\n");
	for (unsigned int fault = 0; fault_infos[fault]; fault++) {
		fprintf(to, "| %s |", hazard_infos[fault_infos[fault]->hazard].name);
		for (enum step step = STEP_NONE + 1; step < STEPS; step++) {
			unsigned int n;

			if (!suite_has(step) || why_idle(step))
				continue;
			n = count(fault, step);
			if (n)
				fprintf(to, is_claimed(fault_infos[fault]->hazard, step) ? " **%u** |" : " %u |", n);
			else
				fprintf(to, "  |");
		}
		fprintf(to, "\n");
	}
}

static void print_markdown(FILE *to)
{
	fprintf(to, "# Detection matrix\n\n"
	            "Computed by `tests/sim/test-matrix --markdown`; `make check` compares. Of %u points in each fault's "
	            "parameters (`sim-fault --list`), so many\nwere caught by each test alone, on machines drawn at "
	            "random, with one repetition in %u. Bold: what the test is for\n(`src/model/finding.c`). "
	            "%u machines without a fault pass all tests, "
	            "the last %u of them with every repetition.\n\n", POINTS, THINNING, HEALTHY_SEEDS + FULL_SEEDS,
	        FULL_SEEDS);
	print_table(to);
	fprintf(to, "\nExceptions:\n\n");
	for (unsigned int i = 0; i < ELEMENTSOF(idle); i++)
		fprintf(to, "- %s is not run: %s.\n", step_infos[idle[i].step].name, idle[i].why);
	for (unsigned int i = 0; i < ELEMENTSOF(serving); i++)
		fprintf(to, "- %s catches nothing: %s.\n", step_infos[serving[i].step].name, serving[i].why);
	fprintf(to, "\nCaught without a failure:\n\n");
	for (unsigned int fault = 0; fault_infos[fault]; fault++)
		if (caught_whys[fault_infos[fault]->caught])
			fprintf(to, "- %s: %s.\n", hazard_infos[fault_infos[fault]->hazard].name,
			        caught_whys[fault_infos[fault]->caught]);
	fprintf(to, "\nHazards that no test on memory can show:\n\n");
	for (unsigned int i = 0; i < ELEMENTSOF(untestable); i++)
		fprintf(to, "- %s: %s.\n", hazard_infos[untestable[i].hazard].name, untestable[i].why);
}

/* ---- what must hold ---- */

static void tell_missed(const struct fault_info *info, unsigned int point)
{
	char text[512], machine[512];
	struct setup setup;

	setup_draw_fault(&setup, info, SEED, point);
	params_print(info->params, &setup.fault.values, text, sizeof(text));
	params_print(healthy_params, &setup.healthy, machine, sizeof(machine));
	fprintf(stderr, "missed: %s, point %u: %s\n    seed %llu, %s\n", hazard_infos[info->hazard].name, point, text,
	        (unsigned long long)setup.seed, machine);
}

static unsigned int check_points(void)
{
	unsigned int bad = 0;

	for (unsigned int fault = 0; fault_infos[fault]; fault++) {
		for (unsigned int point = 0; point < options.points && is_asked(fault); point++) {
			bool is_caught = false;

			for (enum step step = STEP_NONE + 1; step < STEPS; step++)
				is_caught |= shared->is_caught[fault][point][step];
			if (is_caught)
				continue;
			tell_missed(fault_infos[fault], point);
			bad++;
		}
	}
	return bad;
}

/* A test catches each hazard that it claims, and each claimed one has a fault. */
static unsigned int check_claims(void)
{
	unsigned int bad = 0;

	for (enum step step = STEP_NONE + 1; step < STEPS; step++) {
		unsigned int all = 0;

		for (const enum hazard *hazard = step_infos[step].catches; suite_has(step) && hazard && *hazard; hazard++)
			if (!fault_find(hazard_infos[*hazard].name)) {
				fprintf(stderr, "%s claims %s, of which there is no model\n", step_infos[step].name,
				        hazard_infos[*hazard].name);
				bad++;
			}
		for (unsigned int fault = 0; fault_infos[fault]; fault++) {
			unsigned int n = count(fault, step);

			all += n;
			if (suite_has(step) && !n && is_claimed(fault_infos[fault]->hazard, step)) {
				fprintf(stderr, "%s claims %s, and never catches it\n", step_infos[step].name,
				        hazard_infos[fault_infos[fault]->hazard].name);
				bad++;
			}
		}
		if (suite_has(step) && !why_idle(step) && !is_serving(step) == !all) {
			fprintf(stderr, "%s catches %s\n", step_infos[step].name,
			        all ? "faults, and is excused from it" : "no fault at all");
			bad++;
		}
	}
	return bad;
}

/* Every hazard of the vocabulary has a model, or a reason why not. */
static unsigned int check_vocabulary(void)
{
	unsigned int bad = 0;

	for (enum hazard hazard = HAZARD_NONE + 1; hazard < HAZARDS; hazard++) {
		bool is_excused = false;

		for (unsigned int i = 0; i < ELEMENTSOF(untestable); i++)
			is_excused |= untestable[i].hazard == hazard;
		if (is_excused == !fault_find(hazard_infos[hazard].name))
			continue;
		fprintf(stderr, "%s: it has %s\n", hazard_infos[hazard].name,
		        is_excused ? "a model, and a reason for none" : "neither a model nor a reason for none");
		bad++;
	}
	return bad;
}

static unsigned int check_committed(void)
{
	_cleanup_free_ char *want = NULL;
	size_t size = 0, got;
	FILE *to = open_memstream(&want, &size), *from = fopen(MATRIX_FILE, "re");
	char have[16384];

	if (!to)
		return 1;
	print_markdown(to);
	fclose(to);
	got = from ? fread(have, 1, sizeof(have), from) : 0;
	if (from)
		fclose(from);
	if (got == size && !memcmp(have, want, size))
		return 0;
	fprintf(stderr, "%s is not what is computed: tests/sim/test-matrix --markdown writes it\n", MATRIX_FILE);
	return 1;
}

static const char usage[] = "usage: test-matrix [--markdown | [--only HAZARD] [--step STEP] [--points N] [--seeds N]]\n";

static bool read_count(const char *text, unsigned int max, unsigned int *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > max)
		return false;
	*ret = (unsigned int)value;
	options.is_partial = true;
	return true;
}

static bool is_step(const char *name)
{
	for (enum step step = STEP_NONE + 1; step < STEPS; step++)
		if (suite_has(step) && !strcmp(step_infos[step].name, name))
			return true;
	return false;
}

static bool read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--markdown") && argc == 2)
			options.is_markdown = true;
		else if (!strcmp(argv[i], "--only") && fault_find(value)) {
			options.hazard = argv[++i];
			options.is_partial = true;
		} else if (!strcmp(argv[i], "--step") && is_step(value)) {
			options.step = argv[++i];
			options.is_partial = true;
		} else if (!strcmp(argv[i], "--points") && read_count(value, POINTS, &options.points))
			i++;
		else if (!strcmp(argv[i], "--seeds") && read_count(value, HEALTHY_SEEDS, &options.seeds))
			i++;
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned int bad;

	if (!read_arguments(argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (!run_all()) {
		fprintf(stderr, "a worker died\n");
		return 1;
	}
	if (options.is_markdown) {
		print_markdown(stdout);
		return 0;
	}
	print_table(stdout);
	bad = shared->bad_runs;
	if (!options.step)
		bad += check_points();
	if (!options.is_partial)
		bad += check_claims() + check_vocabulary() + check_committed();
	printf("%u machines without a fault, %u points a fault: %u wrong\n", options.seeds, options.points, bad);
	return bad != 0;
}
