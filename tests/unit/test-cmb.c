/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-cmb: where a controller memory buffer is, whom that is believed, and that CMBMSC is as it was afterwards. The program
 * is its own child: a file stands for BAR 0, whose registers keep what is written and do nothing; where they must do
 * something, an array behind a port stands for them.
 */
#include "pcitree.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <time.h>

#include "act/cmb.h"
#include "act/patterns.h"
#include "act/probe.h"
#include "act/runner.h"
#include "base/cleanup.h"
#include "decide/cmb.h"

#define CAP_CMBS 0x02000000u
#define VS_1_4 0x00010400u
#define BOTH_WAYS 0x18u
/* 32 KiB at 16 KiB of BAR 2 */
#define LOC (0x4u << 12 | 2)
#define SZ (0x8u << 12 | BOTH_WAYS)

/* In place of the C library's: the pauses of a probe are not waited for. */
int nanosleep(const struct timespec *asked, struct timespec *left)
{
	(void)asked;
	(void)left;
	return 0;
}

static struct device nvme(void)
{
	return (struct device){
		.class = 0x010802,
		.caps = { .config_bytes = 4096 },
		.n_bars = 2,
		.bars = { { .index = 0, .width = 64, .base = 0xfe800000, .size_bytes = 0x4000 },
		          { .index = 2, .width = 64, .prefetchable = true, .base = BAR_BASE, .size_bytes = BAR_BYTES } },
	};
}

/* ---- what registers say ---- */

static void states(void **state)
{
	static const struct {
		uint32_t cap_high, vs, cc, csts, cmbmsc;
		enum cmb_state state;
	} rows[] = {
		{ CAP_CMBS, VS_1_4, 0, 0, 0, CMB_HIDDEN },
		{ CAP_CMBS, VS_1_4, 0, 0, 1, CMB_SHOWN },
		{ CAP_CMBS, VS_1_4, 0, 0, 3, CMB_SHOWN },
		{ CAP_CMBS, VS_1_4, 0, 0, 2, CMB_ODD },
		{ 0, VS_1_4, 0, 0, 0, CMB_SHOWN },
		{ 0, 0x00010200, 0, 0, 0, CMB_SHOWN },
		{ 0, 0x00010100, 0, 0, 0, CMB_NONE },
		{ 0, 0, 0, 0, 0, CMB_NONE },
		{ CAP_CMBS, VS_1_4, 1, 0, 1, CMB_IN_USE },
		{ CAP_CMBS, VS_1_4, 0, 1, 1, CMB_IN_USE },
		{ CAP_CMBS, VS_1_4, 0x00460001, 1, 0, CMB_IN_USE },
		{ CAP_CMBS, VS_1_4, 0x00464001, 0x5, 0, CMB_IN_USE }, /* its shutdown goes on */
		{ CAP_CMBS, VS_1_4, 0x00464001, 0x9, 0, CMB_HIDDEN }, /* and is complete */
		{ CAP_CMBS, VS_1_4, 0, 2, 1, CMB_FAILED },
		{ UINT32_MAX, VS_1_4, 0, 0, 1, CMB_GONE },
		{ CAP_CMBS, UINT32_MAX, 0, 0, 1, CMB_GONE },
		{ CAP_CMBS, VS_1_4, UINT32_MAX, 0, 1, CMB_GONE },
		{ CAP_CMBS, VS_1_4, 0, UINT32_MAX, 1, CMB_GONE },
		{ CAP_CMBS, VS_1_4, 0, 0, UINT32_MAX, CMB_GONE },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct cmb_registers registers = {
			.at = { [CMB_R_CAP_HIGH] = rows[i].cap_high, [CMB_R_VS] = rows[i].vs, [CMB_R_CC] = rows[i].cc,
			        [CMB_R_CSTS] = rows[i].csts, [CMB_R_CMBMSC] = rows[i].cmbmsc },
		};

		if (cmb_state(&registers) != rows[i].state)
			fail_msg("row %zu: state %d, not %d", i, cmb_state(&registers), rows[i].state);
		assert_true(!cmb_state_text(rows[i].state) == (rows[i].state == CMB_SHOWN));
	}
}

static void msix_behind(struct device *d)
{
	d->caps.msix = 0x80;
	d->caps.msix_table_bar = d->caps.msix_pba_bar = 2;
	d->caps.msix_table_offset = 0xc000;
	d->caps.msix_pba_offset = 0xd000;
	d->caps.msix_table_bytes = d->caps.msix_pba_bytes = 16;
}
static void msix_inside(struct device *d)
{
	msix_behind(d);
	d->caps.msix_pba_offset = 0xbff0;
}
static void msix_unknown(struct device *d) { d->caps.config_bytes = 64; }
static void other_class(struct device *d) { d->class = 0x010801; }
static void virtual_function(struct device *d) { d->is_vf = true; }
static void no_registers(struct device *d) { d->bars[0].index = 1; }
static void small_registers(struct device *d) { d->bars[0].size_bytes = 0x800; }
static void io_registers(struct device *d) { d->bars[0].io = true; }
static void below_registers(struct device *d) { d->bars[1].index = 0; }

static void ranges(void **state)
{
	static const struct {
		uint32_t loc, sz;
		void (*spoil)(struct device *d);
		uint64_t bar_bytes; /* 0: as it is */
		const char *fault;  /* NULL: none, and the range: */
		uint64_t offset, size_bytes;
	} rows[] = {
		{ LOC, SZ, NULL, 0, NULL, 0x4000, 0x8000 },
		{ LOC, SZ | 0x7, NULL, 0, NULL, 0x4000, 0x8000 },
		{ 2, 0x10u << 12 | BOTH_WAYS, NULL, 0, NULL, 0, 0x10000 },
		{ 1u << 12 | 2, 1u << 12 | 1u << 8 | BOTH_WAYS, NULL, 0x20000, NULL, 0x10000, 0x10000 },
		{ 2, 1u << 12 | 2u << 8 | BOTH_WAYS, NULL, 0x100000, NULL, 0, 0x100000 },
		{ 0xfffffu << 12 | 2, 1u << 12 | 6u << 8 | BOTH_WAYS, NULL, UINT64_C(1) << 56, NULL, UINT64_C(0xfffff) << 36,
		  UINT64_C(1) << 36 },
		{ LOC, SZ, msix_behind, 0, NULL, 0x4000, 0x8000 },
		{ LOC, SZ, msix_inside, 0, "MSI-X", 0, 0 },
		{ LOC, SZ, msix_unknown, 0, "MSI-X", 0, 0 },
		{ UINT32_MAX, SZ, NULL, 0, "all-ones", 0, 0 },
		{ LOC, UINT32_MAX, NULL, 0, "all-ones", 0, 0 },
		{ 0, 0, NULL, 0, "CMBSZ is 0", 0, 0 },
		{ LOC, BOTH_WAYS, NULL, 0, "CMBSZ is 0", 0, 0 },
		{ 0x4u << 12 | 4, SZ, NULL, 0, "another BAR", 0, 0 },
		{ 0x4u << 12, SZ, NULL, 0, "another BAR", 0, 0 },
		{ LOC, SZ | 7u << 8, NULL, 0, "reserved", 0, 0 },
		{ LOC, SZ | 15u << 8, NULL, UINT64_MAX, "reserved", 0, 0 },
		{ LOC, 0x8u << 12 | 0x8, NULL, 0, "both directions", 0, 0 },
		{ LOC, 0x8u << 12 | 0x10, NULL, 0, "both directions", 0, 0 },
		{ LOC, 0x8u << 12 | 0x7, NULL, 0, "both directions", 0, 0 },
		{ LOC, 0xdu << 12 | BOTH_WAYS, NULL, 0, "leaves the BAR", 0, 0 },
		{ 0x10u << 12 | 2, SZ, NULL, 0, "leaves the BAR", 0, 0 },
		{ 0x11u << 12 | 2, SZ, NULL, 0, "leaves the BAR", 0, 0 },
		{ 0xfffffu << 12 | 2, 0xfffffu << 12 | 6u << 8 | BOTH_WAYS, NULL, 0, "leaves the BAR", 0, 0 },
		{ LOC, 0x2u << 12 | BOTH_WAYS, NULL, 0, "three pages", 0, 0 },
		{ LOC, SZ, other_class, 0, "cannot hold", 0, 0 },
		{ LOC, SZ, virtual_function, 0, "cannot hold", 0, 0 },
		{ LOC, SZ, no_registers, 0, "cannot hold", 0, 0 },
		{ LOC, SZ, small_registers, 0, "cannot hold", 0, 0 },
		{ LOC, SZ, io_registers, 0, "cannot hold", 0, 0 },
		{ 0x4u << 12, SZ, below_registers, 0, "cannot hold", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct cmb_registers registers = {
			.at = { [CMB_R_VS] = VS_1_4, [CMB_R_CMBLOC] = rows[i].loc, [CMB_R_CMBSZ] = rows[i].sz },
		};
		struct device device = nvme();
		struct range range = { 1, 1 };
		const char *fault;

		if (rows[i].spoil)
			rows[i].spoil(&device);
		if (rows[i].bar_bytes)
			device.bars[1].size_bytes = rows[i].bar_bytes;
		fault = cmb_range(&registers, &device, &device.bars[1], &range);
		if (!fault != !rows[i].fault || (fault && !strstr(fault, rows[i].fault)))
			fail_msg("row %zu: \"%s\", not \"%s\"", i, fault ?: "", rows[i].fault ?: "");
		if (!fault && (range.offset != rows[i].offset || range.size_bytes != rows[i].size_bytes))
			fail_msg("row %zu: 0x%llx + 0x%llx", i, (unsigned long long)range.offset,
			         (unsigned long long)range.size_bytes);
		if (fault && (range.offset != 1 || range.size_bytes != 1))
			fail_msg("row %zu: the range is touched", i);
	}
}

/* ---- the child's part, on a controller that reacts ---- */

static struct controller {
	uint32_t at[0x1000 / 4];
	uint32_t loc, sz; /* shown with CRE */
	bool forgets_cre, is_mute;
	enum window_kind kind;
	unsigned int stores, bad;
	int copy;
} controller;

static int controller_remap(void *state, enum window_kind kind)
{
	struct controller *c = state;

	c->kind = kind;
	return 0;
}

static uint64_t controller_load(void *state, uint64_t offset, unsigned int width)
{
	const struct controller *c = state;
	bool is_known = false;

	for (size_t i = 0; i < CMB_REGISTERS; i++)
		is_known |= cmb_register_infos[i].offset == offset;
	/* Nothing else has been declared readable; CMBMSC is reserved without CAP.CMBS. */
	if (!is_known || width != 4 || c->kind == WINDOW_NONE || c->kind == WINDOW_WC ||
	    (offset == CMB_CMBMSC && !(c->at[1] & CAP_CMBS)))
		controller.bad++;
	return c->is_mute ? UINT32_MAX : c->at[offset / 4];
}

static void controller_store(void *state, uint64_t offset, unsigned int width, uint64_t value)
{
	struct controller *c = state;
	uint64_t kept = 0;

	if (offset != CMB_CMBMSC || width != 4 || c->kind != WINDOW_UC)
		c->bad++;
	/* What it was is known to whoever comes next before it changes. */
	if (pread(c->copy, &kept, sizeof(kept), 0) != (ssize_t)sizeof(kept) || !kept)
		c->bad++;
	c->stores++;
	if (c->forgets_cre)
		return;
	c->at[offset / 4] = (uint32_t)value;
	c->at[CMB_CMBLOC / 4] = value & 1 ? c->loc : 0;
	c->at[CMB_CMBSZ / 4] = value & 1 ? c->sz : 0;
}

static void controller_fence(void *state)
{
	(void)state;
}

static const struct port_ops controller_ops = { .remap = controller_remap, .load = controller_load,
	                                        .store = controller_store, .fence = controller_fence };

static struct step_reply ask(pattern_fn pattern)
{
	struct step_reply reply = { 0 };
	struct trial trial = { .port = { .ops = &controller_ops, .state = &controller }, .size_bytes = 0x1000,
		               .save = controller.copy, .memtypes = -1, .reply = &reply };

	controller.kind = WINDOW_NONE;
	pattern(&trial);
	assert_int_equal(controller.bad, 0);
	return reply;
}

static uint32_t said(const struct step_reply *reply, enum cmb_register which)
{
	for (uint32_t i = 0; i < reply->n_numbers; i++)
		if (!strcmp(reply->numbers[i].name, cmb_register_infos[which].name))
			return (uint32_t)reply->numbers[i].value;
	fail_msg("no %s", cmb_register_infos[which].name);
	return 0;
}

static void boot(uint32_t cap_high, uint32_t cmbmsc)
{
	if (controller.copy > 0)
		close(controller.copy);
	controller = (struct controller){ .loc = LOC, .sz = SZ, .copy = memfd_create("test", MFD_CLOEXEC) };
	assert_int_equal(ftruncate(controller.copy, 0x1000), 0);
	controller.at[CMB_CAP_LOW / 4] = 0x0f0107ff;
	controller.at[CMB_CAP_HIGH / 4] = cap_high;
	controller.at[CMB_VS / 4] = VS_1_4;
	controller.at[CMB_CMBMSC / 4] = cmbmsc;
	if (cmbmsc & 1 || !(cap_high & CAP_CMBS)) {
		controller.at[CMB_CMBLOC / 4] = LOC;
		controller.at[CMB_CMBSZ / 4] = SZ;
	}
}

static void shown_and_hidden(void **state)
{
	struct step_reply reply;

	(void)state;
	boot(CAP_CMBS, 0);
	reply = ask(pattern_locate);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_int_equal(said(&reply, CMB_R_CMBLOC), LOC);
	assert_int_equal(said(&reply, CMB_R_CMBSZ), SZ);
	assert_int_equal(controller.at[CMB_CMBMSC / 4], 1);
	assert_int_equal(controller.stores, 1);
	reply = ask(pattern_conceal);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_int_equal(controller.at[CMB_CMBMSC / 4], 0);
	assert_int_equal(controller.at[CMB_CMBSZ / 4], 0);
	assert_int_equal(controller.stores, 2);

	/* Shown already, in use for commands or not, or a controller without CMBMSC: nothing is changed. */
	for (unsigned int i = 0; i < 3; i++) {
		boot(i < 2 ? CAP_CMBS : 0, i < 2 ? 1 | i << 1 : 0);
		reply = ask(pattern_locate);
		assert_int_equal(said(&reply, CMB_R_CMBSZ), SZ);
		reply = ask(pattern_conceal);
		assert_int_equal(reply.outcome, OUTCOME_PASS);
		assert_int_equal(controller.stores, 0);
	}
}

static void left_alone(void **state)
{
	struct step_reply reply;

	(void)state;
	boot(CAP_CMBS, 0);
	controller.at[CMB_CC / 4] = 1;
	reply = ask(pattern_locate);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_int_equal(said(&reply, CMB_R_CC), 1);
	assert_int_equal(said(&reply, CMB_R_CMBSZ), 0);
	assert_int_equal(controller.stores, 0);

	boot(CAP_CMBS, 0);
	controller.is_mute = true;
	reply = ask(pattern_locate);
	assert_int_equal(said(&reply, CMB_R_VS), UINT32_MAX);
	assert_int_equal(controller.stores, 0);

	boot(CAP_CMBS, 2);
	ask(pattern_locate);
	assert_int_equal(controller.stores, 0);
}

static void not_put_back(void **state)
{
	struct step_reply reply;

	(void)state;
	/* It does not take CRE: nothing is known, and nothing is to be put back. */
	boot(CAP_CMBS, 0);
	controller.forgets_cre = true;
	reply = ask(pattern_locate);
	assert_int_equal(said(&reply, CMB_R_CMBSZ), 0);
	assert_int_equal(said(&reply, CMB_R_CMBMSC), 0);
	reply = ask(pattern_conceal);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	assert_int_equal(controller.stores, 1);

	/* It does not let go of it. */
	boot(CAP_CMBS, 0);
	ask(pattern_locate);
	controller.forgets_cre = true;
	reply = ask(pattern_conceal);
	assert_int_equal(reply.outcome, OUTCOME_FAIL);
	assert_non_null(strstr(reply.text, "CMBMSC was 0x0, and stays 0x1"));

	/* Somebody else wrote to it. */
	boot(CAP_CMBS, 0);
	ask(pattern_locate);
	controller.at[CMB_CMBMSC / 4] = 0x4003;
	reply = ask(pattern_conceal);
	assert_int_equal(reply.outcome, OUTCOME_FAIL);
	assert_int_equal(controller.at[CMB_CMBMSC / 4], 0x4003);
	close(controller.copy);
	controller.copy = 0;
}

/* ---- what the parent makes of an answer ---- */

static int weigh(const char *name, double value, enum outcome *ret_outcome, struct range *ret)
{
	static const double good[CMB_REGISTERS] = { [CMB_R_VS] = VS_1_4, [CMB_R_CMBLOC] = LOC, [CMB_R_CMBSZ] = SZ };
	_cleanup_(finding_done) struct finding finding = { .step = STEP_LOCATE, .outcome = OUTCOME_PASS };
	struct device device = nvme();
	const struct plan plan = { .device = &device, .bar = &device.bars[1] };
	struct err err = { 0 };
	int r;

	for (size_t i = 0; i < CMB_REGISTERS; i++) {
		const char *mine = cmb_register_infos[i].name;
		bool is_it = name && !strcmp(mine, name);

		if (!is_it || value != -2)
			assert_int_equal(numbers_add(&finding.numbers, mine, is_it ? value : good[i]), 0);
	}
	*ret = (struct range){ 0 };
	r = cmb_weigh(&plan, &finding, &err, ret);
	assert_true((r < 0) == (err.id[0] != '\0'));
	*ret_outcome = finding.outcome;
	return r;
}

static void answers(void **state)
{
	static const struct {
		const char *name;
		double value; /* -2: it is missing */
		int r;
		enum outcome outcome;
	} rows[] = {
		{ NULL, 0, 0, OUTCOME_PASS },
		{ "cmbsz", -2, 0, OUTCOME_DIED },
		{ "cmbsz", -1, 0, OUTCOME_DIED },
		{ "cmbsz", 0.5, 0, OUTCOME_DIED },
		{ "cmbloc", 4294967296.0, 0, OUTCOME_DIED },
		{ "cmbsz", 0, 0, OUTCOME_UNSUPPORTED },
		{ "cmbloc", 4, 0, OUTCOME_UNSUPPORTED },
		{ "cap_high", CAP_CMBS, 0, OUTCOME_UNSUPPORTED },
		{ "vs", 0, 0, OUTCOME_UNSUPPORTED },
		{ "csts", 2, 0, OUTCOME_UNSUPPORTED },
		{ "cc", 1, -EBUSY, OUTCOME_PASS },
		{ "vs", UINT32_MAX, -ENODEV, OUTCOME_PASS },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		enum outcome outcome;
		struct range range;
		int r = weigh(rows[i].name, rows[i].value, &outcome, &range);

		if (r != rows[i].r || outcome != rows[i].outcome)
			fail_msg("row %zu: %d, %s", i, r, outcome_names[outcome]);
		/* A guard page inside each end. */
		assert_int_equal(range.offset, rows[i].name ? 0 : 0x5000);
		assert_int_equal(range.size_bytes, rows[i].name ? 0 : 0x6000);
	}
}

/* ---- a whole probe ---- */

#define BAR0 DEVICE_DIR "resource0"
#define BAR2 DEVICE_DIR "resource2"
#define BAR0_BASE 0xfe800000ull

static struct {
	struct tree *tree;
	uint32_t cmbmsc_in_save; /* when the save begins; UINT32_MAX: it did not */
	bool interrupts;
} watch;

static void step_begins(void *data, const struct plan *plan, size_t i)
{
	(void)data;
	if (plan->at[i] != STEP_SAVE)
		return;
	watch.cmbmsc_in_save = peek(watch.tree, BAR0, CMB_CMBMSC, 4);
	if (watch.interrupts)
		raise(SIGTERM);
}

static void fake_nvme(struct tree *tree, struct fake *fake)
{
	char text[512];

	fake_make(tree, fake);
	fake->device.class = 0x010802;
	fake->device.bars[1] = fake->device.bars[0];
	fake->device.bars[0] = (struct bar){ .index = 0, .width = 64, .base = BAR0_BASE, .size_bytes = 0x4000 };
	fake->device.n_bars = 2;
	snprintf(text, sizeof(text), "0x%llx 0x%llx 0x140204\n0x0 0x0 0x0\n0x%llx 0x%llx 0x14220c\n", BAR0_BASE,
	         BAR0_BASE + 0x3fff, BAR_BASE, BAR_BASE + BAR_BYTES - 1);
	tree_file(tree, DEVICE_DIR "resource", text);
	tree_file(tree, DEVICE_DIR "class", "0x010802\n");
	snprintf(text, sizeof(text), "%llx-%llx : PCI Bus 0000:01\n  %llx-%llx : 0000:01:00.0\n%llx-%llx : PCI Bus 0000:01\n"
	         "  %llx-%llx : 0000:01:00.0\n", BAR0_BASE, BAR0_BASE + 0xfffff, BAR0_BASE, BAR0_BASE + 0x3fff, BAR_BASE,
	         BAR_BASE + 0xfffff, BAR_BASE, BAR_BASE + BAR_BYTES - 1);
	tree_file(tree, "proc/iomem", text);
	unlink(tree_path(tree, BAR0));
	tree_hollow(tree, BAR0, 0x4000);
	poke(tree, BAR0, CMB_CAP_HIGH, CAP_CMBS, 4);
	poke(tree, BAR0, CMB_VS, VS_1_4, 4);
	poke(tree, BAR0, CMB_CMBLOC, LOC, 4);
	poke(tree, BAR0, CMB_CMBSZ, SZ, 4);
	/* Both names mean one memory. */
	unlink(tree_path(tree, BAR2 "_wc"));
	assert_int_equal(link(tree_path(tree, BAR2), tree_path(tree, BAR2 "_wc")), 0);
	for (unsigned int at = 0; at < BAR_BYTES; at += 0x1000)
		poke(tree, BAR2, at, 0x11111111, 4);
}

static int run(struct fake *fake, struct record *record, struct err *err)
{
	static enum step steps[] = { STEP_LOCATE, STEP_SAVE, STEP_BACKGROUND, STEP_SUBWORD, STEP_RESTORE };
	const struct probe_progress progress = { .step = step_begins };
	const struct probe_about about = { .scope = SCOPE_VIRTUAL, .path_key = "key", .machine = "machine" };
	const struct plan plan = { .device = &fake->device, .bar = &fake->device.bars[1], .is_allowed = true,
		                   .at = steps, .n = ELEMENTSOF(steps) };
	int r;

	*record = (struct record){ 0 };
	*err = (struct err){ 0 };
	watch.tree = fake->tree;
	watch.cmbmsc_in_save = UINT32_MAX;
	r = probe_run(&fake->tree->root, &plan, &about, &progress, err, record);
	/* Whatever came of it. */
	assert_int_equal(peek(fake->tree, BAR0, CMB_CMBMSC, 4), 0);
	assert_null(tree_text(fake->tree, "var/lib/pciwc/journal/0000:01:00.0-bar2.json"));
	assert_int_not_equal(strncmp(tree_text(fake->tree, DEVICE_DIR "driver_override"), "pciwc", 5), 0);
	for (unsigned int at = 0; at < BAR_BYTES; at += 0x1000)
		assert_int_equal(peek(fake->tree, BAR2, at, 4), 0x11111111);
	return r;
}

static void whole(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	fake_nvme(*state, &fake);
	if (run(&fake, &record, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(record.n, 5);
	for (size_t i = 0; i < record.n; i++)
		if (record.at[i].outcome != OUTCOME_PASS)
			fail_msg("%s: %s", step_infos[record.at[i].step].name, record.at[i].text);
	assert_non_null(strstr(record.at[0].text, "32768 bytes at 0x4000"));
	assert_int_equal(record.range.offset, 0x5000);
	assert_int_equal(record.range.size_bytes, 0x6000);
	/* Its registers stay readable as long as the buffer is used. */
	assert_int_equal(watch.cmbmsc_in_save, 1);
	record_done(&record);
}

static void nothing_to_test(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	fake_nvme(*state, &fake);
	poke(fake.tree, BAR0, CMB_CMBSZ, 0, 4);
	assert_int_equal(run(&fake, &record, &err), 0);
	assert_int_equal(record.n, 1);
	assert_int_equal(record.at[0].outcome, OUTCOME_UNSUPPORTED);
	assert_int_equal(record.range.size_bytes, 0);
	assert_int_equal(watch.cmbmsc_in_save, UINT32_MAX);
	record_done(&record);

	/* Somebody else's: an error, for an older record may say more. */
	fake_nvme(*state, &fake);
	poke(fake.tree, BAR0, CMB_CC, 1, 4);
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(err.id, "busy");
	assert_int_equal(record.n, 0);

	fake_nvme(*state, &fake);
	tree_file(*state, "proc/66/maps", "7f00-7f10 rw-s 0 00:15 17 /sys/0000:01:00.0/resource0\n");
	assert_int_equal(run(&fake, &record, &err), -EBUSY);
	assert_string_equal(err.id, "busy");
	unlink(tree_path(*state, "proc/66/maps"));

	fake_nvme(*state, &fake);
	fake.device.bars[0].base += 0x4000;
	assert_int_equal(run(&fake, &record, &err), -ESTALE);
	assert_string_equal(err.id, "vanished");

	fake_nvme(*state, &fake);
	fake.device.class = 0x010801;
	tree_file(*state, DEVICE_DIR "class", "0x010801\n");
	assert_int_equal(run(&fake, &record, &err), -EPERM);
	assert_string_equal(err.id, "bad-plan");
}

static void interrupted(void **state)
{
	struct record record;
	struct fake fake;
	struct err err;

	fake_nvme(*state, &fake);
	watch.interrupts = true;
	assert_int_equal(run(&fake, &record, &err), -EINTR);
	assert_int_equal(watch.cmbmsc_in_save, 1);
	watch.interrupts = false;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(ranges),
		cmocka_unit_test(shown_and_hidden),
		cmocka_unit_test(left_alone),
		cmocka_unit_test(not_put_back),
		cmocka_unit_test(answers),
		cmocka_unit_test_setup_teardown(whole, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(nothing_to_test, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(interrupted, tree_setup, tree_teardown),
	};

	if (argc == 2 && !strcmp(argv[1], RUNNER_CHILD_ARG))
		runner_child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
