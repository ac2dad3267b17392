/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a probe, with a runner that does what the test wants: restore after whatever happens, and nothing left
 * changed.
 */
#include "pcitree.h"

#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "act/arch.h"
#include "act/interrupt.h"
#include "act/journal.h"
#include "act/lock.h"
#include "act/parts.h"
#include "act/probe.h"
#include "act/runner.h"
#include "base/strs.h"

#define CONFIG DEVICE_DIR "config"
#define PORT_CONFIG PORT_DIR "config"
#define ENTRY "var/lib/pciwc/journal/0000:01:00.0-bar2.json"
#define RECORD "var/lib/pciwc/findings/0000:01:00.0-bar2.json"

static const enum step all_steps[] = { STEP_SAVE,   STEP_TYPE,  STEP_BACKGROUND, STEP_SUBWORD,
	                               STEP_SPARSE, STEP_BENCH, STEP_RESTORE };

/* ---- the runner of the test ---- */

static struct {
	struct tree *tree;
	enum outcome outcomes[STEPS]; /* 0: PASS */
	int errors[STEPS];            /* negative: no child, or none that could be heard */
	bool is_once;                 /* and the next time there is one */
	void (*happens)(struct tree *tree);
	enum step when; /* happens during this step */
	bool is_before; /* happens before it, when the one before has been looked at */
	enum step ran[64];
	uint32_t insns[64];           /* and what it was about */
	uint32_t odd_insn;            /* which comes to odd_outcome in STEP_WIDE128; 0: none */
	enum outcome odd_outcome;
	size_t n;
	uint64_t seed;
	bool is_journal_lost;
	char *record_then;            /* what was on file when the restore began; NULL: nothing */
} script;

/* In place of the C library's: the pauses of a probe are not waited for. */
int nanosleep(const struct timespec *asked, struct timespec *left)
{
	(void)asked;
	(void)left;
	return 0;
}

/* The sync of a directory fails: what was put there stands, and may be lost. The linker puts it before fsync(2). */
static bool no_sync;

int __real_fsync(int);
int __wrap_fsync(int);

int __wrap_fsync(int fd)
{
	struct stat st;

	if (!no_sync || fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
		return __real_fsync(fd);
	no_sync = false;
	errno = EIO;
	return -1;
}

int runner_step(const struct runner *runner, enum step step, struct err *err, struct finding *ret)
{
	const char *entry = tree_text(script.tree, ENTRY);

	/* The journal says it before it is done, on a claimed device. */
	assert_non_null(entry);
	if (!script.is_journal_lost)
		assert_non_null(strstr(entry, step_infos[step].name));
	assert_string_equal(tree_text(script.tree, DEVICE_DIR "driver_override"), "pciwc-claimed");
	assert_true(runner->wc >= 0 && runner->uc >= 0 && runner->save >= 0 && runner->exe >= 0);
	assert_int_equal(runner->request.bar_base, BAR_BASE);
	assert_int_equal(runner->request.range_offset, 0x1000);
	assert_true(!script.seed || script.seed == runner->request.seed);
	script.seed = runner->request.seed;
	if (runner->request.insn != RUNNER_NO_INSN && !script.is_journal_lost) {
		char named[64];

		snprintf(named, sizeof(named), "\"insn\": \"%s\"", arch_insns[runner->request.insn].name);
		assert_non_null(strstr(entry, named));
	} else if (!script.is_journal_lost) {
		assert_null(strstr(entry, "\"insn\""));
	}
	if (step == STEP_RESTORE && tree_text(script.tree, RECORD)) {
		free(script.record_then);
		script.record_then = strdup(tree_text(script.tree, RECORD));
	}
	script.insns[script.n] = runner->request.insn;
	script.ran[script.n++] = step;
	if (script.happens && script.when == step && !script.is_before)
		script.happens(script.tree);
	if (script.errors[step] < 0) {
		int r = script.errors[step];

		if (script.is_once)
			script.errors[step] = 0;
		/* What it said could not be kept. */
		if (script.outcomes[step] == OUTCOME_FAIL || script.outcomes[step] == OUTCOME_DIED)
			ret->outcome = script.outcomes[step];
		return err_set(err, r, "no-child", "no child");
	}
	*ret = (struct finding){ .step = step, .outcome = script.outcomes[step] ?: OUTCOME_PASS, .scope = runner->scope,
		                 .time_s = 1 };
	if (script.odd_insn && runner->request.insn == script.odd_insn && step == STEP_WIDE128)
		ret->outcome = script.odd_outcome;
	return str_set(&ret->text, "as told");
}

static enum outcome series_outcome;
static unsigned int n_series, n_measured, series_n;
static struct bench_order order;

int runner_series(const struct runner *runner, struct err *err, struct finding *ret, struct series_reply *ret_series)
{
	const char *entry = tree_text(script.tree, ENTRY);

	(void)err;
	assert_non_null(strstr(entry, "bench"));
	assert_string_equal(tree_text(script.tree, DEVICE_DIR "driver_override"), "pciwc-claimed");
	assert_true(runner->request.insn < arch_n_insns);
	assert_int_equal(runner->request.is_virtual, !order.is_wide);
	assert_int_equal(runner->request.bench_streams, order.streams);
	assert_int_equal(runner->request.seed, script.seed);
	n_series++;
	*ret_series = (struct series_reply){ .n = series_outcome == OUTCOME_PASS };
	*ret = (struct finding){ .step = STEP_BENCH, .outcome = series_outcome, .scope = runner->scope, .time_s = 1 };
	return str_set(&ret->text, "as told");
}

static void measured(void *data, const struct insn *insn, const struct finding *finding,
                     const struct series_reply *series)
{
	assert_ptr_equal(data, &n_measured);
	assert_non_null(insn->name);
	assert_int_equal(finding->outcome, series_outcome);
	series_n = series->n;
	n_measured++;
}

/* ---- the frame of the tests ---- */

static unsigned int n_begun, n_done;

static void begun(void *data, const struct plan *plan, size_t i)
{
	(void)data;
	assert_true(i < plan->n);
	n_begun++;
	if (script.happens && script.is_before && script.when == plan->at[i])
		script.happens(script.tree);
}

static void done(void *data, const struct finding *finding)
{
	(void)data;
	assert_non_null(finding->text);
	n_done++;
}

static int run_plan(struct fake *fake, const enum step *steps, size_t n, struct bench_order *bench,
                    struct record *record, struct err *err)
{
	const struct probe_progress progress = { .step = begun, .done = done };
	struct plan plan = {
		.device = &fake->device,
		.bar = &fake->device.bars[0],
		.is_allowed = true,
		.range = { 0x1000, 0x4000 },
		.at = (enum step *)steps,
		.n = n,
	};

	*record = (struct record){ 0 };
	*err = (struct err){ 0 };
	script.n = 0;
	script.seed = 0;
	script.tree = fake->tree;
	n_begun = n_done = 0;
	const struct probe_about about = { .scope = SCOPE_VIRTUAL, .path_key = "key", .machine = "machine" };

	n_series = n_measured = 0;
	return bench ? probe_bench(&fake->tree->root, &plan, &about, bench, &progress, err, record)
	             : probe_run(&fake->tree->root, &plan, &about, &progress, err, record);
}

#define ALL_STEPS all_steps, sizeof(all_steps) / sizeof(all_steps[0])

static int run(struct fake *fake, struct record *record, struct err *err)
{
	return run_plan(fake, ALL_STEPS, NULL, record, err);
}

static void begin(void **state, struct fake *fake)
{
	free(script.record_then);
	memset(&script, 0, sizeof(script));
	fake_make(*state, fake);
}

static void assert_clean(const struct fake *fake)
{
	const char *override = tree_text(fake->tree, DEVICE_DIR "driver_override");

	assert_true(!strcmp(override, "(null)\n") || !strcmp(override, "\n"));
	assert_int_equal(tree_text(fake->tree, DEVICE_DIR "enable")[0], '0');
	assert_int_equal(peek(fake->tree, CONFIG, 0x04, 2), 0x0404);
	assert_null(tree_text(fake->tree, ENTRY));
}

static void assert_ran(const enum step *steps, size_t n)
{
	assert_int_equal(script.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(script.ran[i], steps[i]);
}

#define ASSERT_RAN(...)                                             \
	do {                                                        \
		const enum step _steps[] = { __VA_ARGS__ };         \
		assert_ran(_steps, sizeof(_steps) / sizeof(*_steps)); \
	} while (0)

static void assert_found(const struct record *record, enum step step, enum outcome outcome)
{
	const struct finding *finding = record_find(record, step);

	assert_non_null(finding);
	assert_int_equal(finding->outcome, outcome);
}

/* Of one process that probes again and again no file stays open; that no memory does its sanitizer says. */
static void again_and_again(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;
	int first = -1;

	begin(state, &fake);
	for (unsigned int i = 0; i < 100; i++) {
		int fd;

		if (run(&fake, &record, &err) < 0)
			fail_msg("%s", err.text);
		record_done(&record);
		fd = dup(0);
		assert_true(fd >= 0);
		close(fd);
		assert_true(first < 0 || fd == first);
		first = fd;
	}
}

/* ---- what goes well ---- */

static void whole(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	if (run(&fake, &record, &err) < 0)
		fail_msg("%s", err.text);
	assert_ran(all_steps, sizeof(all_steps) / sizeof(all_steps[0]));
	assert_int_equal(record.n, 7);
	assert_int_equal(n_begun, 7);
	assert_int_equal(n_done, 7);
	assert_true(record.errors_observed);
	assert_int_equal(record.containment, CONTAINMENT_AER);
	assert_string_equal(record.path_key, "key");
	assert_string_equal(record.boot_id, "11111111-2222-3333-4444-555555555555");
	assert_int_equal(record.range.size_bytes, 0x4000);
	assert_non_null(numbers_find(&record_find(&record, STEP_BACKGROUND)->numbers, "seed"));
	assert_clean(&fake);
	record_done(&record);

	/* What does not fail does not end it. */
	script.outcomes[STEP_TYPE] = OUTCOME_UNSUPPORTED;
	script.outcomes[STEP_SUBWORD] = OUTCOME_NOT_EXERCISED;
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_int_equal(record.n, 7);
	record_done(&record);
}

/* ---- what a step can come to ---- */

static void failures(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	script.outcomes[STEP_SUBWORD] = OUTCOME_FAIL;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_RESTORE);
	assert_found(&record, STEP_SUBWORD, OUTCOME_FAIL);
	assert_found(&record, STEP_RESTORE, OUTCOME_PASS);
	assert_null(record_find(&record, STEP_SPARSE));
	record_done(&record);
	assert_clean(&fake);

	begin(state, &fake);
	script.outcomes[STEP_TYPE] = OUTCOME_DIED;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_RESTORE);
	record_done(&record);

	/* Nothing is known of what was there: nothing is written, also not back. */
	begin(state, &fake);
	script.outcomes[STEP_SAVE] = OUTCOME_UNSUPPORTED;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE);
	assert_int_equal(record.n, 1);
	record_done(&record);

	begin(state, &fake);
	script.outcomes[STEP_RESTORE] = OUTCOME_FAIL;
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_found(&record, STEP_RESTORE, OUTCOME_FAIL);
	record_done(&record);

	/* An error of ours is not a finding; what was saved goes back. */
	begin(state, &fake);
	script.errors[STEP_SPARSE] = -EAGAIN;
	assert_int_equal(run(&fake, &record, &err), -EAGAIN);
	assert_string_equal(err.id, "no-child");
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_SPARSE, STEP_RESTORE);
	assert_int_equal(record.n, 0);
	assert_clean(&fake);
}

static void new_error(struct tree *tree)
{
	poke(tree, PORT_CONFIG, FAKE_AER + 0x04, 1u << 14, 4);
}

static void off_the_bus(struct tree *tree)
{
	poke(tree, CONFIG, 0x00, 0xffffffff, 4);
	poke(tree, CONFIG, 0x04, 0xffffffff, 4);
}

static void error_elsewhere(struct tree *tree)
{
	poke(tree, PORT_CONFIG, FAKE_AER + 0x30, 0x1, 4);
}

/* As the kernel tells of it where it has cleared the register. */
static void error_counted(struct tree *tree)
{
	tree_file(tree, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 1\n");
}

static void link_slower(struct tree *tree)
{
	poke(tree, PORT_CONFIG, FAKE_PCIE + 0x12, 0x2021, 2);
}

/* The port has taken its link down: what was below it answers no more. */
static void port_contains(struct tree *tree)
{
	poke(tree, PORT_CONFIG, FAKE_DPC + 0x08, 0x1f01, 2);
	poke(tree, PORT_CONFIG, FAKE_PCIE + 0x12, 0x0041, 2);
	off_the_bus(tree);
}

static void errors_seen(void **state)
{
	const struct finding *finding;
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	script.happens = new_error;
	script.when = STEP_SPARSE;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_SPARSE, STEP_RESTORE);
	finding = record_find(&record, STEP_SPARSE);
	assert_int_equal(finding->outcome, OUTCOME_FAIL);
	assert_string_equal(finding->text, "0000:00:08.0: AER uncorrectable status: new 0x4000 (completion timeout); "
	                                   "the child: as told");
	/* It stands from here on, so that a second one would not be seen. */
	assert_false(record.errors_observed);
	record_done(&record);

	begin(state, &fake);
	script.happens = error_elsewhere;
	script.when = STEP_SPARSE;
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_found(&record, STEP_SPARSE, OUTCOME_SKIPPED);
	assert_found(&record, STEP_BENCH, OUTCOME_PASS);
	record_done(&record);

	/* It ended the child: that it died is said beside. */
	begin(state, &fake);
	script.outcomes[STEP_SPARSE] = OUTCOME_DIED;
	script.happens = new_error;
	script.when = STEP_SPARSE;
	assert_int_equal(run(&fake, &record, &err), 0);
	finding = record_find(&record, STEP_SPARSE);
	assert_int_equal(finding->outcome, OUTCOME_FAIL);
	assert_non_null(strstr(finding->text, "(completion timeout); the child: as told"));
	assert_non_null(numbers_find(&finding->numbers, NUMBER_PORT_ERRORS));
	record_done(&record);

	/* Of a device that has gone the path is not to blame. */
	begin(state, &fake);
	script.outcomes[STEP_SPARSE] = OUTCOME_DIED;
	script.happens = port_contains;
	script.when = STEP_SPARSE;
	assert_int_equal(run(&fake, &record, &err), 0);
	finding = record_find(&record, STEP_SPARSE);
	assert_int_equal(finding->outcome, OUTCOME_DIED);
	assert_non_null(strstr(finding->text, "no longer answers"));
	assert_null(numbers_find(&finding->numbers, NUMBER_PORT_ERRORS));
	record_done(&record);

	/* One that comes later than a step was waited for is found by the next. */
	begin(state, &fake);
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
	script.happens = error_counted;
	script.when = STEP_SPARSE;
	script.is_before = true;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_SPARSE, STEP_RESTORE);
	finding = record_find(&record, STEP_SPARSE);
	assert_int_equal(finding->outcome, OUTCOME_FAIL);
	assert_string_equal(finding->text, "0000:01:00.0: aer_dev_nonfatal went from 0 to 1; the child: as told");
	/* The device's own, which no port told of. */
	assert_null(numbers_find(&finding->numbers, NUMBER_PORT_ERRORS));
	record_done(&record);

	/* A port's also in a step that is not of the path. */
	begin(state, &fake);
	script.happens = new_error;
	script.when = STEP_BENCH;
	assert_int_equal(run(&fake, &record, &err), 0);
	finding = record_find(&record, STEP_BENCH);
	assert_int_equal(finding->outcome, OUTCOME_FAIL);
	assert_non_null(numbers_find(&finding->numbers, NUMBER_PORT_ERRORS));
	record_done(&record);
}

/* What a port does to its link during a step is what the step did. */
static void link_changes(void **state)
{
	const struct finding *finding;
	struct record record;
	struct fake fake;
	struct err err;

	for (int is_before = 0; is_before < 2; is_before++) {
		begin(state, &fake);
		script.happens = link_slower;
		script.when = STEP_SUBWORD;
		script.is_before = is_before;
		assert_int_equal(run(&fake, &record, &err), 0);
		ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_RESTORE);
		finding = record_find(&record, STEP_SUBWORD);
		assert_int_equal(finding->outcome, OUTCOME_FAIL);
		assert_non_null(strstr(finding->text, "0000:00:08.0: the link's speed or width changed"));
		assert_found(&record, STEP_RESTORE, OUTCOME_PASS);
		record_done(&record);
		assert_clean(&fake);
	}

	begin(state, &fake);
	poke(*state, PORT_CONFIG, FAKE_DPC + 0x06, 0x0001, 2);
	tree_dir(*state, "sys/bus/pci_express/drivers/dpc/0000:00:08.0:pcie008");
	script.happens = port_contains;
	script.when = STEP_SUBWORD;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD);
	assert_int_equal(record.containment, CONTAINMENT_DPC);
	finding = record_find(&record, STEP_SUBWORD);
	assert_int_equal(finding->outcome, OUTCOME_FAIL);
	assert_string_equal(finding->text, "0000:01:00.0 no longer answers; 0000:00:08.0: DPC status: new 0x1 (triggered); "
	                                   "the child: as told");
	assert_found(&record, STEP_RESTORE, OUTCOME_SKIPPED);
	assert_null(tree_text(*state, ENTRY));
	record_done(&record);
}

/* ---- what others can do meanwhile ---- */

static void decode_off(struct tree *tree)
{
	poke(tree, CONFIG, 0x04, 0x0400, 2);
}

static void somebody_maps(struct tree *tree)
{
	tree_file(tree, "proc/66/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource2\n");
}

static void another_comes(struct tree *tree)
{
	tree_file(tree, DEVICE_DIR "subsystem_device", "0x1101\n");
}

static void driver_binds(struct tree *tree)
{
	fake_bind(tree, "nvme");
}

static void bar_moves(struct tree *tree)
{
	poke(tree, CONFIG, 0x1c, 0x00003821, 4);
}

/* Behind each step it is looked once more whether this is still the device, also behind those that no other comes after. */
static void claim_broken_at_last(void **state)
{
	static void (*const breaks[])(struct tree *tree) = { decode_off, another_comes, driver_binds, bar_moves };
	static const enum step last[] = { STEP_BENCH, STEP_RESTORE };

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]) * 2; i++) {
		struct tree tree;
		void *its = &tree;
		struct record record;
		struct fake fake;
		struct err err;
		int r;

		tree_make(&tree);
		begin(&its, &fake);
		script.happens = breaks[i / 2];
		script.when = last[i % 2];
		r = run(&fake, &record, &err);
		/* What was tested counts for nothing; what was restored may have been another's memory. */
		if (script.when == STEP_BENCH && r == 0)
			fail_msg("change %zu in the last test is not seen", i / 2);
		if (r == 0)
			assert_found(&record, STEP_RESTORE, OUTCOME_SKIPPED);
		else
			assert_null(tree_text(&tree, RECORD));
		record_done(&record);
		tree_remove(&tree);
	}
}

static void claim_broken(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	script.happens = decode_off;
	script.when = STEP_SUBWORD;
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(err.id, "changed");
	/* Not restored: the claim does not hold. */
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD);
	assert_clean(&fake);

	/* Before a step: it does not begin. */
	begin(state, &fake);
	script.happens = decode_off;
	script.when = STEP_SUBWORD;
	script.is_before = true;
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(err.id, "changed");
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND);
	assert_clean(&fake);

	/* That it left the bus during a step is what the step did, as far as anybody knows. */
	begin(state, &fake);
	script.happens = off_the_bus;
	script.when = STEP_SUBWORD;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD);
	assert_found(&record, STEP_SUBWORD, OUTCOME_FAIL);
	assert_found(&record, STEP_RESTORE, OUTCOME_SKIPPED);
	record_done(&record);

	/* Whoever has it mapped at the end may have written to it. */
	begin(state, &fake);
	script.happens = somebody_maps;
	script.when = STEP_BENCH;
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(err.id, "busy");
	assert_int_equal(script.ran[script.n - 1], STEP_RESTORE);
	assert_clean(&fake);
	/* And at the beginning nothing is touched. */
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_int_equal(script.n, 0);
	assert_clean(&fake);
	unlink(tree_path(*state, "proc/66/maps"));
}

static void signal_comes(struct tree *tree)
{
	(void)tree;
	raise(SIGTERM);
}

static void reader_leaves(struct tree *tree)
{
	(void)tree;
	raise(SIGPIPE);
}

static void interrupted(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;
	sigset_t mask;

	begin(state, &fake);
	script.happens = signal_comes;
	script.when = STEP_BACKGROUND;
	assert_int_equal(run(&fake, &record, &err), -EINTR);
	assert_string_equal(err.id, "interrupted");
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_RESTORE);
	assert_clean(&fake);
	/* Also when it was too late to matter to a step. */
	script.when = STEP_RESTORE;
	assert_int_equal(run(&fake, &record, &err), -EINTR);
	assert_clean(&fake);

	script.happens = reader_leaves;
	assert_int_equal(run(&fake, &record, &err), 0);
	record_done(&record);
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
	assert_int_equal(sigismember(&mask, SIGPIPE), 0);
}

/* ---- what was found bad outlives whatever happens then ---- */

static void no_findings(struct tree *tree)
{
	tree_mode(tree, "var/lib/pciwc/findings", 0777);
}

static void no_journal(struct tree *tree)
{
	script.is_journal_lost = true;
	tree_mode(tree, "var/lib/pciwc/journal", 0777);
}

static void bad_is_kept(void **state)
{
	static const char before[] = "what an earlier probe found";
	static const struct {
		enum outcome outcome; /* of STEP_SUBWORD */
		void (*happens)(struct tree *tree);
		enum step when;
		int r;
		enum { STAYS, GOES, IS_REPLACED } earlier; /* what an earlier probe found */
	} rows[] = {
		{ OUTCOME_FAIL, signal_comes, STEP_SUBWORD, -EINTR, IS_REPLACED },
		{ OUTCOME_DIED, signal_comes, STEP_RESTORE, -EINTR, IS_REPLACED },
		{ OUTCOME_PASS, signal_comes, STEP_SUBWORD, -EINTR, STAYS },
		{ OUTCOME_FAIL, no_findings, STEP_RESTORE, -EPERM, IS_REPLACED },
		{ OUTCOME_FAIL, no_findings, STEP_SUBWORD, -EPERM, GOES },
		{ OUTCOME_PASS, no_findings, STEP_RESTORE, -EPERM, STAYS },
		{ OUTCOME_FAIL, no_journal, STEP_SUBWORD, -EPERM, GOES },
		{ OUTCOME_PASS, no_journal, STEP_SUBWORD, -EPERM, STAYS },
		{ OUTCOME_FAIL, somebody_maps, STEP_RESTORE, -EBUSY, IS_REPLACED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record record;
		struct fake fake;
		struct err err;
		const char *now;

		begin(state, &fake);
		tree_file(*state, RECORD, before);
		script.outcomes[STEP_SUBWORD] = rows[i].outcome;
		script.happens = rows[i].happens;
		script.when = rows[i].when;
		assert_int_equal(run(&fake, &record, &err), rows[i].r);
		tree_mode(*state, "var/lib/pciwc/findings", 0755);
		tree_mode(*state, "var/lib/pciwc/journal", 0755);
		now = tree_text(*state, RECORD);
		switch (rows[i].earlier) {
		case STAYS:
			assert_string_equal(now, before);
			break;
		case GOES:
			assert_null(now);
			break;
		case IS_REPLACED:
			assert_non_null(now);
			assert_non_null(strstr(now, rows[i].outcome == OUTCOME_FAIL ? "\"fail\"" : "\"died\""));
			break;
		}
		assert_clean(&fake);
		unlink(tree_path(*state, "proc/66/maps"));
		unlink(tree_path(*state, RECORD));
	}
}

/* Who is killed before the end has said it, or at least nobody says the contrary any more. */
static void bad_is_told_at_once(void **state)
{
	static const char before[] = "what an earlier probe found";
	static const struct {
		enum outcome outcome; /* of STEP_SUBWORD */
		int error;            /* and there is no memory for what it says */
		void (*happens)(struct tree *tree); /* then */
		enum outcome series; /* of the long benchmark; 0: there is none */
		const char *then;    /* what is on file when the restore begins has this; NULL: nothing is on file */
	} rows[] = {
		{ OUTCOME_PASS, 0, NULL, OUTCOME_UNKNOWN, before },
		{ OUTCOME_PASS, -ENOMEM, NULL, OUTCOME_UNKNOWN, before },
		{ OUTCOME_FAIL, -ENOMEM, NULL, OUTCOME_UNKNOWN, NULL },
		{ OUTCOME_DIED, -ENOMEM, NULL, OUTCOME_UNKNOWN, NULL },
		{ OUTCOME_FAIL, 0, NULL, OUTCOME_UNKNOWN, "\"fail\"" },
		{ OUTCOME_DIED, 0, NULL, OUTCOME_UNKNOWN, "\"died\"" },
		{ OUTCOME_FAIL, 0, no_findings, OUTCOME_UNKNOWN, NULL },
		/* The finding itself is lost with the step. */
		{ OUTCOME_FAIL, 0, no_journal, OUTCOME_UNKNOWN, NULL },
		{ OUTCOME_PASS, 0, NULL, OUTCOME_PASS, before },
		{ OUTCOME_PASS, 0, NULL, OUTCOME_DIED, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record record;
		struct fake fake;
		struct err err;

		if (rows[i].series && (!arch_n_insns || !arch_name))
			continue;
		begin(state, &fake);
		tree_file(*state, RECORD, before);
		script.outcomes[STEP_SUBWORD] = rows[i].outcome;
		script.errors[STEP_SUBWORD] = rows[i].error;
		script.happens = rows[i].happens;
		script.when = STEP_SUBWORD;
		order = (struct bench_order){ .measured = measured, .data = &n_measured, .streams = 2 };
		series_outcome = rows[i].series;
		if (run_plan(&fake, ALL_STEPS, rows[i].series ? &order : NULL, &record, &err) == 0)
			record_done(&record);
		if (!rows[i].then)
			assert_null(script.record_then);
		else if (!script.record_then || !strstr(script.record_then, rows[i].then))
			fail_msg("row %zu: not on file: %s, but %s", i, rows[i].then, script.record_then ?: "nothing");
		tree_mode(*state, "var/lib/pciwc/findings", 0755);
		tree_mode(*state, "var/lib/pciwc/journal", 0755);
		assert_clean(&fake);
	}
}

/* For one call that failed nothing stays overwritten. */
static void put_back_later(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	script.errors[STEP_RESTORE] = -EAGAIN;
	script.is_once = true;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_SPARSE, STEP_BENCH, STEP_RESTORE, STEP_RESTORE);
	assert_found(&record, STEP_RESTORE, OUTCOME_PASS);
	record_done(&record);
	assert_clean(&fake);

	/* One whose child could not go on is tried again, too, and no other step. */
	begin(state, &fake);
	script.outcomes[STEP_SUBWORD] = script.outcomes[STEP_RESTORE] = OUTCOME_SKIPPED;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_RESTORE, STEP_RESTORE);
	assert_found(&record, STEP_RESTORE, OUTCOME_SKIPPED);
	record_done(&record);
	assert_clean(&fake);

	/* Not so one that went on to its end while something else went wrong: that would be forgotten. */
	begin(state, &fake);
	script.happens = error_elsewhere;
	script.when = STEP_RESTORE;
	assert_int_equal(run(&fake, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_SUBWORD, STEP_SPARSE, STEP_BENCH, STEP_RESTORE);
	assert_found(&record, STEP_RESTORE, OUTCOME_SKIPPED);
	record_done(&record);
	assert_clean(&fake);

	/* And what comes to light while it cannot go on stays found. */
	begin(state, &fake);
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
	script.outcomes[STEP_RESTORE] = OUTCOME_SKIPPED;
	script.happens = error_counted;
	script.when = STEP_RESTORE;
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_int_equal(script.n, 8);
	assert_found(&record, STEP_RESTORE, OUTCOME_FAIL);
	record_done(&record);
	assert_clean(&fake);

	/* What comes to light meanwhile is not taken for what was there before. */
	begin(state, &fake);
	tree_file(*state, DEVICE_DIR "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL 0\n");
	script.errors[STEP_RESTORE] = -EAGAIN;
	script.is_once = true;
	script.happens = error_counted;
	script.when = STEP_RESTORE;
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_found(&record, STEP_RESTORE, OUTCOME_FAIL);
	record_done(&record);
	assert_clean(&fake);
}

/* ---- the journal and the lock ---- */

static void journal_fails(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	tree_dir(*state, "var/lib/pciwc/journal");
	no_journal(*state);
	assert_int_equal(run(&fake, &record, &err), -EPERM);
	assert_int_equal(script.n, 0);
	tree_mode(*state, "var/lib/pciwc/journal", 0755);
	assert_clean(&fake);
	script.is_journal_lost = false;

	/* It may be lost, so nothing is touched; it is there, and would tell the next boot of a death. */
	no_sync = true;
	assert_int_equal(run(&fake, &record, &err), -EIO);
	assert_int_equal(script.n, 0);
	assert_clean(&fake);

	/* In the middle: no further step without it, but the contents go back. */
	script.happens = no_journal;
	script.when = STEP_BACKGROUND;
	assert_int_equal(run(&fake, &record, &err), -EPERM);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_RESTORE);
	tree_mode(*state, "var/lib/pciwc/journal", 0755);
	assert_clean(&fake);
}

static void crash_before(void **state)
{
	static const char crash[] = "{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"sparse\",\"boot_id\":\"other\","
	                            "\"time\":1,\"deaths\":1}";
	struct journal journal = { 0 };
	struct record record;
	struct fake fake;
	struct err err;

	/* A probe that did not come to its end forgets nothing. */
	begin(state, &fake);
	tree_file(*state, ENTRY, crash);
	tree_file(*state, DEVICE_DIR "boot_vga", "1\n");
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_int_equal(journal_read(&fake.tree->root, &err, &journal), 0);
	assert_int_equal(journal.n, 1);
	assert_true(journal.at[0].is_crash);
	assert_int_equal(journal.at[0].deaths, 1);
	assert_int_equal(journal.at[0].step, STEP_SPARSE);
	journal_done(&journal);

	tree_file(*state, DEVICE_DIR "boot_vga", "0\n");
	assert_int_equal(run(&fake, &record, &err), 0);
	record_done(&record);
	assert_clean(&fake);
}

static bool is_journaled;

static void read_journal(struct tree *tree)
{
	is_journaled = strstr(tree_text(tree, ENTRY), "\"command\": \"0x0404\"");
}

#define OTHER "var/lib/pciwc/journal/0000:01:00.0-bar0.json"
#define LEFT(deaths)                                                                                                 \
	"{\"device\":\"0000:01:00.0\",\"bar\":0,\"step\":\"sparse\",\"time\":1,\"deaths\":" deaths ","              \
	"\"boot_id\":\"11111111-2222-3333-4444-555555555555\",\"before\":{\"driver_override\":"                    \
	"\"(null)\",\"power_control\":\"auto\",\"enable\":0,\"command\":\"0x0404\"}}"

/* One that was killed while it had the device, for another BAR: what it found is put back, and not lost by a second kill. */
static void killed_before(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	fake_leave_claimed(*state, OTHER, LEFT("0"));
	/* Not by one that does not get the device. */
	somebody_maps(*state);
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "pciwc-claimed");
	assert_string_equal(tree_text(*state, DEVICE_DIR "enable"), "1\n");
	assert_non_null(strstr(tree_text(*state, OTHER), "\"before\""));
	unlink(tree_path(*state, "proc/66/maps"));
	script.happens = read_journal;
	script.when = STEP_SPARSE;
	assert_int_equal(run(&fake, &record, &err), 0);
	record_done(&record);
	assert_true(is_journaled);
	assert_clean(&fake);
	assert_int_equal(strncmp(tree_text(*state, DEVICE_DIR "power/control"), "auto", 4), 0);
	assert_null(tree_text(*state, OTHER));
}

/* Nothing begins where the journal could not say what is to be put back after a kill; a death that is on file stays so. */
static void unknown_before(void **state)
{
	static const char crash[] = "{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"order\",\"boot_id\":\"other\",\"time\":1}";
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	tree_file(*state, ENTRY, crash);
	unlink(tree_path(*state, DEVICE_DIR "power/control"));
	assert_int_equal(mkdir(tree_path(*state, DEVICE_DIR "power/control"), 0755), 0);
	assert_int_equal(run(&fake, &record, &err), -EISDIR);
	assert_string_equal(err.id, "unreadable");
	assert_string_equal(tree_text(*state, ENTRY), crash);
	assert_string_equal(tree_text(*state, DEVICE_DIR "driver_override"), "(null)\n");
}

/* A death over a BAR is forgotten neither by another BAR's probe, nor by one that was killed after it. */
static void killed_after_deaths(void **state)
{
	static const char crash[] = "{\"device\":\"0000:01:00.0\",\"bar\":2,\"step\":\"order\",\"boot_id\":\"other\","
	                            "\"time\":1,\"deaths\":3}";
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	fake_leave_claimed(*state, OTHER, LEFT("1"));
	tree_file(*state, ENTRY, crash);
	somebody_maps(*state);
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_non_null(strstr(tree_text(*state, OTHER), "\"before\""));
	assert_non_null(strstr(tree_text(*state, ENTRY), "\"deaths\": 3"));
	unlink(tree_path(*state, "proc/66/maps"));
	assert_int_equal(run(&fake, &record, &err), 0);
	record_done(&record);
	assert_null(tree_text(*state, ENTRY));
	assert_non_null(strstr(tree_text(*state, OTHER), "\"deaths\": 1"));
	assert_null(strstr(tree_text(*state, OTHER), "\"before\""));
}

static void locked(void **state)
{
	struct record record;
	struct fake fake;
	struct err err = { 0 };
	int lock;

	begin(state, &fake);
	assert_int_equal(lock_take(&fake.tree->root, LOCK_PROBE, false, &err, &lock), 0);
	assert_int_equal(run(&fake, &record, &err), -EWOULDBLOCK);
	assert_string_equal(err.id, "busy");
	assert_int_equal(script.n, 0);
	close(lock);
	assert_int_equal(run(&fake, &record, &err), 0);
	record_done(&record);
}

/* ---- steps of several parts ---- */

static const enum step partly[] = { STEP_SAVE, STEP_SPARSE, STEP_WIDE128, STEP_LIBC, STEP_RESTORE };

static int run_wide(struct fake *fake, enum scope scope, bool is_wide, struct record *record)
{
	struct plan plan = {
		.device = &fake->device, .bar = &fake->device.bars[0], .is_allowed = true, .is_wide = is_wide,
		.range = { 0x1000, 0x4000 }, .at = (enum step *)partly, .n = sizeof(partly) / sizeof(partly[0]),
	};
	const struct probe_about about = { .scope = scope, .path_key = "key", .machine = "machine" };
	struct err err = { 0 };

	*record = (struct record){ 0 };
	script.n = 0;
	script.seed = 0;
	script.tree = fake->tree;
	return probe_run(&fake->tree->root, &plan, &about, NULL, &err, record);
}

/* What a hypervisor may be unable to emulate is not tried in its guest unless that was asked for. */
static void wide_parts(void **state)
{
	uint32_t sparse[PARTS_MAX], wide[PARTS_MAX];
	struct record record;
	struct fake fake;
	const char *why;

	if (!arch_name)
		skip();
	begin(state, &fake);
	assert_int_equal(run_wide(&fake, SCOPE_VIRTUAL, false, &record), 0);
	ASSERT_RAN(STEP_SAVE, STEP_SPARSE, STEP_RESTORE);
	assert_int_equal(script.insns[1], RUNNER_NO_INSN);
	assert_found(&record, STEP_WIDE128, OUTCOME_UNSUPPORTED);
	assert_found(&record, STEP_LIBC, OUTCOME_UNSUPPORTED);
	assert_non_null(strstr(record_find(&record, STEP_LIBC)->text, "--wide"));
	record_done(&record);

	unsigned int n_sparse = parts_of_step(STEP_SPARSE, true, sparse, &why);
	unsigned int n_wide = parts_of_step(STEP_WIDE128, true, wide, &why);

	assert_true(n_wide >= 1 && n_sparse >= 1);
	for (int is_asked = 0; is_asked < 2; is_asked++) {
		begin(state, &fake);
		assert_int_equal(run_wide(&fake, is_asked ? SCOPE_VIRTUAL : SCOPE_HARDWARE, is_asked, &record), 0);
		assert_int_equal(script.n, 3 + n_sparse + n_wide);
		for (unsigned int i = 0; i < n_sparse; i++)
			assert_int_equal(script.insns[1 + i], sparse[i]);
		for (unsigned int i = 0; i < n_wide; i++)
			assert_int_equal(script.insns[1 + n_sparse + i], wide[i]);
		assert_int_equal(script.insns[script.n - 1], RUNNER_NO_INSN);
		assert_int_equal(record.n, 5);
		assert_found(&record, STEP_WIDE128, OUTCOME_PASS);
		assert_clean(&fake);
		record_done(&record);
	}
}

/* One finding of all parts: the worst counts, but what is unsupported spoils nothing; after a failure, or one that could not go on, none is run. */
static void merged_parts(void **state)
{
	static const struct {
		enum outcome odd, merged;
		bool is_end;
	} rows[] = {
		{ OUTCOME_UNSUPPORTED, OUTCOME_PASS, false }, { OUTCOME_NOT_EXERCISED, OUTCOME_NOT_EXERCISED, false },
		{ OUTCOME_SKIPPED, OUTCOME_SKIPPED, true },   { OUTCOME_DIED, OUTCOME_DIED, true },
		{ OUTCOME_FAIL, OUTCOME_FAIL, true },
	};
	uint32_t wide[PARTS_MAX];
	struct record record;
	struct fake fake;
	const char *why;

	if (!arch_name || parts_of_step(STEP_WIDE128, true, wide, &why) < 2)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct finding *finding;

		begin(state, &fake);
		script.odd_insn = wide[0];
		script.odd_outcome = rows[i].odd;
		assert_int_equal(run_wide(&fake, SCOPE_HARDWARE, false, &record), 0);
		finding = record_find(&record, STEP_WIDE128);
		assert_int_equal(finding->outcome, rows[i].merged);
		assert_non_null(strstr(finding->text, arch_insns[wide[0]].name));
		/* What came of it is said, be it by its place in front or by its outcome. */
		if (rows[i].merged == rows[i].odd)
			assert_memory_equal(finding->text, arch_insns[wide[0]].name, strlen(arch_insns[wide[0]].name));
		else
			assert_non_null(strstr(finding->text, "; unsupported: "));
		assert_int_equal(strstr(finding->text, arch_insns[wide[1]].name) == NULL, rows[i].is_end);
		assert_int_equal(record_find(&record, STEP_LIBC) == NULL, rows[i].is_end);
		assert_found(&record, STEP_RESTORE, OUTCOME_PASS);
		assert_clean(&fake);
		record_done(&record);
	}
}

/* ---- the long benchmark ---- */

static unsigned int n_usable(const struct bench_order *what)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < arch_n_insns; i++)
		n += (what->is_wide || !(arch_insns[i].flags & INSN_DIRECT)) &&
		     insn_is_usable(&arch_insns[i], !what->is_wide);
	return n;
}

static void benches(void **state)
{
	static const enum step bare[] = { STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_RESTORE };
	struct record record;
	struct fake fake;
	struct err err;

	if (!arch_n_insns || !arch_name)
		skip();
	/* After the tests, every instruction in every pass; the record of the tests is kept as always. */
	begin(state, &fake);
	order = (struct bench_order){ .measured = measured, .data = &n_measured, .streams = 2 };
	series_outcome = OUTCOME_PASS;
	assert_int_equal(run_plan(&fake, ALL_STEPS, &order, &record, &err), 0);
	assert_ran(ALL_STEPS);
	assert_true(n_usable(&order) >= 2);
	assert_int_equal(n_series, BENCH_PASSES * n_usable(&order));
	assert_int_equal(n_measured, n_series);
	assert_int_equal(series_n, 1);
	assert_int_equal(record.n, 7);
	assert_non_null(tree_text(fake.tree, RECORD));
	assert_clean(&fake);
	record_done(&record);

	/* A plan without tests leaves the record alone. */
	begin(state, &fake);
	order.is_wide = true;
	assert_int_equal(unlink(tree_path(fake.tree, RECORD)), 0);
	assert_int_equal(run_plan(&fake, bare, 4, &order, &record, &err), 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_RESTORE);
	assert_int_equal(n_series, BENCH_PASSES * n_usable(&order));
	assert_null(tree_text(fake.tree, RECORD));
	assert_clean(&fake);
	record_done(&record);

	/* What cannot be measured is tried once. */
	begin(state, &fake);
	series_outcome = OUTCOME_UNSUPPORTED;
	assert_int_equal(run_plan(&fake, bare, 4, &order, &record, &err), 0);
	assert_int_equal(n_measured, n_usable(&order));
	order.out = 0;
	record_done(&record);

	/* It ends with the first that dies, or at once when a test failed; what was there is put back. */
	begin(state, &fake);
	series_outcome = OUTCOME_DIED;
	tree_file(*state, RECORD, "what an earlier probe found");
	assert_int_equal(run_plan(&fake, bare, 4, &order, &record, &err), 0);
	assert_int_equal(n_measured, 1);
	/* That the BAR is safe holds no more; nor does it after tests that it passed. */
	assert_null(tree_text(*state, RECORD));
	record_done(&record);
	series_outcome = OUTCOME_FAIL;
	assert_int_equal(run_plan(&fake, ALL_STEPS, &order, &record, &err), 0);
	assert_null(tree_text(*state, RECORD));
	record_done(&record);
	series_outcome = OUTCOME_DIED;
	assert_int_equal(run_plan(&fake, bare, 4, &order, &record, &err), 0);
	assert_int_equal(series_n, 0);
	ASSERT_RAN(STEP_SAVE, STEP_TYPE, STEP_BACKGROUND, STEP_RESTORE);
	record_done(&record);

	static const struct { enum step step; enum outcome outcome; } ends[] = {
		{ STEP_SPARSE, OUTCOME_FAIL }, { STEP_BENCH, OUTCOME_DIED }, { STEP_BACKGROUND, OUTCOME_UNSUPPORTED },
		{ STEP_SAVE, OUTCOME_FAIL },
	};

	series_outcome = OUTCOME_PASS;
	order.out = 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		begin(state, &fake);
		script.outcomes[ends[i].step] = ends[i].outcome;
		assert_int_equal(run_plan(&fake, ALL_STEPS, &order, &record, &err), 0);
		assert_int_equal(n_series, 0);
		assert_clean(&fake);
		record_done(&record);
	}
}

static void bad_plans(void **state)
{
	enum step unsafe[] = { STEP_SAVE, STEP_SUBWORD };
	enum step twice[] = { STEP_SAVE, STEP_RESTORE, STEP_SPARSE, STEP_RESTORE };
	struct record record;
	struct fake fake;
	struct err err = { 0 };

	begin(state, &fake);

	const struct probe_about about = { .scope = SCOPE_VIRTUAL, .path_key = "k", .machine = "m" };
	struct plan plan = {
		.device = &fake.device, .bar = &fake.device.bars[0], .is_allowed = true, .at = unsafe, .n = 2,
	};

	assert_int_equal(probe_run(&fake.tree->root, &plan, &about, NULL, &err, &record), -EPERM);
	plan.at = twice;
	plan.n = 4;
	assert_int_equal(probe_run(&fake.tree->root, &plan, &about, NULL, &err, &record), -EPERM);
	plan.at = (enum step *)all_steps;
	plan.n = 7;
	plan.is_allowed = false;
	assert_int_equal(probe_run(&fake.tree->root, &plan, &about, NULL, &err, &record), -EPERM);
	plan.n = 0;
	assert_int_equal(probe_run(&fake.tree->root, &plan, &about, NULL, &err, &record), -EPERM);
}

/* The BAR was resized between the scan and the probe. */
static void resized(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	begin(state, &fake);
	tree_hollow(*state, DEVICE_DIR "resource2_wc", 4096);
	assert_int_equal(run(&fake, &record, &err), -ESTALE);
	unlink(tree_path(*state, DEVICE_DIR "resource2_wc"));
	assert_int_equal(run(&fake, &record, &err), -ENOENT);
	assert_int_equal(script.n, 0);
	assert_clean(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(failures, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(errors_seen, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(link_changes, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(again_and_again, tree_setup, tree_teardown),
		cmocka_unit_test(claim_broken_at_last),
		cmocka_unit_test_setup_teardown(claim_broken, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(interrupted, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bad_is_kept, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bad_is_told_at_once, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(put_back_later, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(journal_fails, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(crash_before, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed_before, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(killed_after_deaths, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(unknown_before, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(locked, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(wide_parts, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(merged_parts, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(benches, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(bad_plans, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(resized, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
