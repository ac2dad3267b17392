/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-offer: what of a safe BAR the backends variant and pin give, what is in its way, and what is written and published of it. */
#include "world.h"

#include "decide/policy.h"

#define PROVEN_END (0x1000 + 0x400000) /* of record[0]: from 0x1000 on */

/* GOOD below vfio-pci, its whole BAR asked for, the module loaded. */
static void offer_world(struct world *w)
{
	world_make(w);
	w->kernel.variant = VARIANT_LOADED;
	w->function[GOOD].driver = TEXT("vfio-pci");
	w->function[GOOD].vfio = true;
	w->grant[0].backend = BACKEND_VARIANT;
	w->grant[0].group = NULL;
}

/* The same on arm64, where only what was probed of the BAR is known to be memory. */
static void partly_world(struct world *w)
{
	offer_world(w);
	w->platform.arch = TEXT("aarch64");
	quirks_done(&w->quirks);
	w->quirks = (struct quirks){ 0 };
	w->scratch[0] = (struct site_scratch){ .device = w->grant[0].device, .bar = 2, .range = { 0, PROVEN_END + 0x1000 } };
	w->site.scratch.n = 1;
	world_bind(w, &w->record[0], GOOD);
}

static void ask(struct world *w, int row, uint64_t offset, uint64_t size_bytes, bool on_request)
{
	w->grant[row] = w->grant[0];
	w->grant[row].range = (struct range){ offset, size_bytes };
	w->grant[row].on_request = on_request;
	if (w->site.grant.n <= (size_t)row)
		w->site.grant.n = (size_t)row + 1;
}

static void test_whole(void **state)
{
	const struct bar_verdict *bar;
	struct world w;

	(void)state;
	offer_world(&w);
	bar = world_bar(&w, GOOD);
	assert_int_equal(bar->kind, VERDICT_SAFE);
	assert_int_equal(bar->backend, BACKEND_VARIANT);
	assert_int_equal(bar->n_asked, 1);
	assert_int_equal(bar->given.n, 1);
	assert_int_equal(bar->given.at[0].bar, 2);
	assert_true(bar->given.at[0].offset == 0 && bar->given.at[0].size_bytes == WORLD_SIZE);
	assert_false(bar->given.at[0].on_request);
	assert_null(bar->group);
	assert_int_equal(bar->vfio, VFIO_UNCACHED);
	/* It needs no resourceN_wc. */
	w.kernel.lockdown = LOCKDOWN_INTEGRITY;
	w.function[GOOD].bars[0].wc_file = TRI_NO;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
	world_done(&w);
}

/* Each alone is in the way, names itself, and comes with what to do. */
static void test_obstacles(void **state)
{
	static const struct {
		const char *driver, *displaces;
		bool vfio;
		enum variant variant;
		enum reason_id reason;
		const char *says, *next;
	} cases[] = {
		{ "nvme", NULL, false, VARIANT_LOADED, REASON_BUSY, "nvme", "sudo driverctl set-override 0000:01:00.0 vfio-pci" },
		{ "mlx5_vfio_pci", NULL, true, VARIANT_LOADED, REASON_BUSY, "mlx5_vfio_pci", NULL },
		{ "mlx5_vfio_pci", "qat_vfio_pci", true, VARIANT_LOADED, REASON_BUSY, "mlx5_vfio_pci", NULL },
		/* A driver of the host's is nothing to displace. */
		{ "nvme", "nvme", false, VARIANT_LOADED, REASON_BUSY, "nvme", "sudo driverctl set-override 0000:01:00.0 vfio-pci" },
		{ "vfio-pci", NULL, true, VARIANT_INSTALLED, REASON_NO_BACKEND, "not loaded (6.12.48)", "sudo modprobe pciwc-vfio-pci" },
		{ "vfio-pci", NULL, true, VARIANT_MISSING, REASON_NO_BACKEND, "not there for this kernel (6.12.48)",
		  "make -C module && sudo make -C module modules_install" },
		{ "vfio-pci", NULL, true, VARIANT_UNKNOWN, REASON_NO_BACKEND, "not known", "modinfo pciwc-vfio-pci" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const struct bar_verdict *bar;
		struct world w;
		bool has_next = !cases[i].next;

		offer_world(&w);
		w.function[GOOD].driver = TEXT(cases[i].driver);
		w.function[GOOD].vfio = cases[i].vfio;
		w.grant[0].displaces = TEXT(cases[i].displaces);
		w.kernel.variant = cases[i].variant;
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->kind, VERDICT_SAFE);
		assert_int_equal(bar->given.n, 0);
		assert_says(reason_text(&bar->reasons, cases[i].reason), cases[i].says);
		assert_true(bar->nexts.n > 0);
		for (size_t n = 0; n < bar->nexts.n; n++)
			has_next |= str_eq(bar->nexts.at[n].command, cases[i].next);
		assert_true(has_next);
		world_done(&w);
	}
}

static void test_drivers(void **state)
{
	static const struct {
		const char *driver, *displaces;
		bool vfio;
	} cases[] = {
		{ NULL, NULL, false }, { "vfio-pci", NULL, true }, { VARIANT_DRIVER, NULL, true }, { "mlx5_vfio_pci", "mlx5_vfio_pci", true },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct world w;

		offer_world(&w);
		w.function[GOOD].driver = TEXT(cases[i].driver);
		w.function[GOOD].vfio = cases[i].vfio;
		w.grant[0].displaces = TEXT(cases[i].displaces);
		assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
		world_done(&w);
	}
}

/* x86 has one memory type a BAR, chosen before it is opened. */
static void test_x86(void **state)
{
	struct world w;

	(void)state;
	offer_world(&w);
	ask(&w, 0, 0x1000, 0x1000, false);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_NO_BACKEND), "one memory type");
	ask(&w, 0, 0, WORLD_SIZE, false);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
	ask(&w, 0, 0, 0, true);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_NO_BACKEND), "on request");
	world_done(&w);
}

/* arm64: of a BAR that is not safe as a whole, what is proven of it, and not a page more. */
static void test_parts(void **state)
{
	static const struct {
		uint64_t offset, size_bytes;
		bool is_given;
	} cases[] = {
		{ 0x1000, 0x400000, true },          { 0x2000, 0x1000, true },   { PROVEN_END - 0x1000, 0x1000, true },
		{ 0, 0x1000, false },                { 0, 0x2000, false },       { PROVEN_END - 0x1000, 0x2000, false },
		{ PROVEN_END, 0x1000, false },       { WORLD_SIZE, 0x1000, false },
		{ WORLD_SIZE - 0x1000, 0x2000, false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const struct bar_verdict *bar;
		struct world w;

		partly_world(&w);
		ask(&w, 0, cases[i].offset, cases[i].size_bytes, true);
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->kind, VERDICT_UNKNOWN);
		assert_int_equal(bar->given.n, cases[i].is_given);
		if (cases[i].is_given) {
			assert_true(bar->given.at[0].offset == cases[i].offset && bar->given.at[0].size_bytes == cases[i].size_bytes);
			assert_true(bar->given.at[0].on_request);
		} else {
			assert_true(reasons_has(&bar->reasons, REASON_TARGET_PARTLY) || reasons_has(&bar->reasons, REASON_TARGET_UNKNOWN));
		}
		world_done(&w);
	}
}

static void test_several(void **state)
{
	struct world w;

	(void)state;
	partly_world(&w);
	ask(&w, 0, 0x1000, 0x1000, false);
	ask(&w, 1, 0x3000, 0x1000, true);
	ask(&w, 2, 0x3000, 0x2000, false); /* a part twice */
	assert_int_equal(world_bar(&w, GOOD)->n_asked, 3);
	assert_int_equal(w.verdict.bars[0].given.n, 2);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_NO_BACKEND), "twice");

	/* The whole, where only a part is proven: nothing, and no part that nobody asked for. */
	w.site.grant.n = 1;
	ask(&w, 0, 0, 0, false);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);

	/* Pages of 64 KiB. */
	ask(&w, 0, 0x2000, 0x1000, false);
	w.kernel.page_bytes = 0x10000;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_NO_BACKEND), "pages");
	ask(&w, 0, 0x10000, 0x20000, false);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);

	/* Another backend gives no parts; the first row says which one a BAR has. */
	w.grant[0].backend = BACKEND_GRANT;
	w.grant[0].group = TEXT("pciwc");
	ask(&w, 1, 0x1000, 0x1000, false);
	w.grant[1].backend = BACKEND_VARIANT;
	assert_int_equal(world_bar(&w, GOOD)->n_asked, 1);
	assert_int_equal(w.verdict.bars[0].given.n, 0);
	world_done(&w);
}

/* What speaks against the path speaks against each part; and what is not worth it is not given. */
static void test_path_and_gain(void **state)
{
	struct world w;

	(void)state;
	partly_world(&w);
	ask(&w, 0, 0x2000, 0x1000, false);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
	w.gain.value = 1.1;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	w.gain.value = 3.5;
	w.finding[F_SPARSE].outcome = OUTCOME_FAIL;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	w.finding[F_SPARSE].outcome = OUTCOME_PASS;
	world_quirk(&w, "deny", "deny", "[{\"arch\":\"aarch64\"}]");
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	world_done(&w);
}

/* explain says where it would help: whoever uses VFIO has the BAR uncached. */
static void test_said_unasked(void **state)
{
	struct world w;
	bool is_said = false;

	(void)state;
	offer_world(&w);
	w.site.grant.n = 0;
	world_bar(&w, GOOD);
	for (size_t i = 0; i < w.verdict.bars[0].nexts.n; i++)
		is_said |= strstr(w.verdict.bars[0].nexts.at[i].text, "\"variant\"") != NULL;
	assert_true(is_said);
	world_done(&w);
}

static void test_in_force(void **state)
{
	static const struct {
		struct wc_range range;
		enum surface_vfio vfio;
	} cases[] = {
		{ { 2, 0, WORLD_SIZE, false, false }, VFIO_WC },        { { 2, 0, WORLD_SIZE, true, false }, VFIO_PARTLY_WC },
		{ { 2, 0, 0x1000, false, false }, VFIO_PARTLY_WC },     { { 2, 0, WORLD_SIZE, false, true }, VFIO_UNCACHED },
		{ { 4, 0, WORLD_SIZE, false, false }, VFIO_UNCACHED },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct wc_range range = cases[i].range;
		struct world w;

		offer_world(&w);
		w.function[GOOD].driver = TEXT(VARIANT_DRIVER);
		w.function[GOOD].wc_ranges = (struct wc_ranges){ &range, 1 };
		assert_int_equal(world_bar(&w, GOOD)->vfio, cases[i].vfio);
		assert_int_equal(w.verdict.bars[0].is_granted, cases[i].vfio != VFIO_UNCACHED);
		world_done(&w);
	}
}

/* ---- pin ---- */

/* GOOD below vfio-pci on a kernel on which a pin works, its BAR to be pinned. */
static void pin_world(struct world *w)
{
	offer_world(w);
	w->grant[0].backend = BACKEND_PIN;
	w->kernel.release = TEXT("7.2.13");
	w->kernel.version[0] = 7;
	w->kernel.version[1] = 2;
	w->kernel.strict_devmem = TRI_YES;
	w->kernel.variant = VARIANT_MISSING;
}

static void test_pin(void **state)
{
	const struct bar_verdict *bar;
	struct world w;

	(void)state;
	pin_world(&w);
	bar = world_bar(&w, GOOD);
	assert_int_equal(bar->kind, VERDICT_SAFE);
	assert_int_equal(bar->backend, BACKEND_PIN);
	assert_int_equal(bar->given.n, 1);
	assert_true(bar->given.at[0].offset == 0 && bar->given.at[0].size_bytes == WORLD_SIZE);
	assert_null(reasons_against(&bar->reasons));
	assert_int_equal(bar->vfio, VFIO_UNCACHED);
	/* As long as somebody holds it. */
	w.function[GOOD].bars[0].is_pinned = true;
	assert_int_equal(world_bar(&w, GOOD)->vfio, VFIO_WC);
	assert_true(w.verdict.bars[0].is_granted);
	w.function[GOOD].bars[0].is_pinned = false;
	/* Without a driver, too: it must be there before VFIO is. */
	w.function[GOOD].driver = NULL;
	w.function[GOOD].vfio = false;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
	world_done(&w);
}

/* Each alone is in the way, of a BAR that is safe and of one that nobody has probed yet, and says what to do. */
static void test_unpinnable(void **state)
{
	static const struct {
		const char *arch, *driver;
		enum tri pat, strict, wc_file;
		unsigned int major;
		bool is_relaxed;
		enum lockdown lockdown;
		enum reason_id reason; /* NONE: nothing is in the way */
		const char *says;
	} cases[] = {
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 7, false, LOCKDOWN_NONE, REASON_NONE, NULL },
		{ "aarch64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 7, false, LOCKDOWN_NONE, REASON_NO_BACKEND, "only on x86" },
		{ "x86_64", "vfio-pci", TRI_NO, TRI_YES, TRI_YES, 7, false, LOCKDOWN_NONE, REASON_NO_WC, "PAT is off" },
		{ "x86_64", "vfio-pci", TRI_UNKNOWN, TRI_YES, TRI_YES, 7, false, LOCKDOWN_NONE, REASON_NO_WC, "not known whether" },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 6, false, LOCKDOWN_NONE, REASON_NO_BACKEND, "is older than 7.2 and has strict" },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_UNKNOWN, TRI_YES, 6, false, LOCKDOWN_NONE, REASON_NO_BACKEND, "is older than 7.2 and may have" },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 0, false, LOCKDOWN_NONE, REASON_NO_BACKEND, "may be older than 7.2" },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 6, true, LOCKDOWN_NONE, REASON_NONE, NULL },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_NO, TRI_YES, 6, false, LOCKDOWN_NONE, REASON_NONE, NULL },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_YES, 7, false, LOCKDOWN_INTEGRITY, REASON_LOCKED_DOWN, "locked down" },
		{ "x86_64", "vfio-pci", TRI_YES, TRI_YES, TRI_NO, 7, false, LOCKDOWN_NONE, REASON_NO_WC, "no resourceN_wc" },
		{ "x86_64", "nvme", TRI_YES, TRI_YES, TRI_YES, 7, false, LOCKDOWN_NONE, REASON_BUSY, "nvme is bound" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ELEMENTSOF(cases); i++) {
		bool is_probed = i % 2;
		const struct bar_verdict *bar;
		size_t c = i / 2;
		struct world w;

		pin_world(&w);
		w.platform.arch = TEXT(cases[c].arch);
		w.function[GOOD].driver = TEXT(cases[c].driver);
		w.function[GOOD].vfio = str_eq(cases[c].driver, "vfio-pci");
		w.function[GOOD].bars[0].wc_file = cases[c].wc_file;
		w.kernel.pat = cases[c].pat;
		w.kernel.strict_devmem = cases[c].strict;
		w.kernel.version[0] = cases[c].major;
		w.kernel.iomem_relaxed = cases[c].is_relaxed;
		w.kernel.lockdown = cases[c].lockdown;
		world_bind(&w, &w.record[0], GOOD);
		if (!is_probed)
			w.records.n = 0;
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->given.n, is_probed && !cases[c].reason);
		assert_int_equal(bar->n_asked, 1);
		if (cases[c].reason) {
			bool is_said = false;

			for (size_t n = 0; n < bar->reasons.n; n++)
				is_said |= bar->reasons.at[n].id == cases[c].reason && strstr(bar->reasons.at[n].text, "cannot be pinned") &&
				           strstr(bar->reasons.at[n].text, cases[c].says);
			if (!is_said)
				fail_msg("case %zu, probed %d: not said: %s", c, is_probed, cases[c].says);
			assert_true(bar->nexts.n > 0);
		} else if (is_probed) {
			assert_null(reasons_against(&bar->reasons));
		}
		world_done(&w);
	}
}

/* An approval that could not be read this time may be the only one to tell what is to be given back: none takes its place. */
static void test_unread_approval(void **state)
{
	static const enum backend backends[] = { BACKEND_GRANT, BACKEND_VARIANT, BACKEND_PIN };

	(void)state;
	for (size_t i = 0; i < 2 * ELEMENTSOF(backends); i++) {
		struct approval approval = { .unread = i % 2 ? -EIO : 0, .has_variant = true };
		const struct approvals approvals = { &approval, 1 };
		const struct bar_verdict *bar;
		struct world w;

		pin_world(&w);
		w.kernel.variant = VARIANT_LOADED;
		w.grant[0].backend = backends[i / 2];
		world_bind(&w, &w.record[0], GOOD);
		approval.address = w.function[GOOD].address;
		w.evidence.approvals = &approvals;
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->kind, VERDICT_SAFE);
		/* What is damaged will tell no more, however often it is read. */
		assert_int_equal(bar->given.n, !approval.unread);
		assert_int_equal(reasons_has(&bar->reasons, REASON_UNREADABLE), approval.unread != 0);
		world_done(&w);
	}
}

/* What is there now is to be given back later, and what is there may be in the way. */
static void test_unread(void **state)
{
	static const struct {
		void (*make)(struct world *w);
		const char *what;
		bool is_given;
	} cases[] = {
		{ offer_world, "driver", false }, { offer_world, "driver_override", false }, { offer_world, "numa_node", true },
		{ pin_world, "driver", false },   { pin_world, "driver_override", true },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		const struct bar_verdict *bar;
		struct world w;

		cases[i].make(&w);
		w.function[GOOD].driver = NULL;
		w.function[GOOD].vfio = false;
		world_bind(&w, &w.record[0], GOOD);
		assert_int_equal(gaps_add(&w.function[GOOD].gaps, cases[i].what, "Too many open files"), 0);
		bar = world_bar(&w, GOOD);
		assert_int_equal(bar->given.n, cases[i].is_given);
		assert_int_equal(reasons_has(&bar->reasons, REASON_UNREADABLE), !cases[i].is_given);
		if (!cases[i].is_given)
			assert_true(bar->nexts.n > 0);
		gaps_done(&w.function[GOOD].gaps);
		world_done(&w);
	}
}

/* Bound to the module's driver by an approval that tells what was before: that its driver_override cannot be read takes nothing from it. */
static void test_unread_underway(void **state)
{
	struct approval approval = { .is_readable = true, .vendor = 0x1af4, .device = 0x1110, .has_variant = true,
		                     .before = { TEXT("vfio-pci"), NULL } };
	const struct approvals approvals = { &approval, 1 };

	(void)state;
	for (int is_known = 0; is_known < 2; is_known++) {
		struct world w;

		offer_world(&w);
		w.function[GOOD].driver = TEXT(VARIANT_DRIVER);
		approval.address = w.function[GOOD].address;
		w.evidence.approvals = is_known ? &approvals : NULL;
		assert_int_equal(gaps_add(&w.function[GOOD].gaps, "driver_override", "Too many open files"), 0);
		assert_int_equal(world_bar(&w, GOOD)->given.n, is_known);
		gaps_done(&w.function[GOOD].gaps);
		world_done(&w);
	}
}

/* The kernel's own mappings of a pinned BAR are write-combining, too: never one with registers, or with a page unproven. */
static void test_pin_whole(void **state)
{
	struct world w;

	(void)state;
	pin_world(&w);
	w.function[GOOD].caps.msix = 0x90;
	w.function[GOOD].caps.msix_table_bar = w.function[GOOD].caps.msix_pba_bar = 2;
	w.function[GOOD].caps.msix_table_bytes = w.function[GOOD].caps.msix_pba_bytes = 0x100;
	w.function[GOOD].caps.msix_table_offset = WORLD_SIZE - 0x2000;
	w.function[GOOD].caps.msix_pba_offset = WORLD_SIZE - 0x1000;
	world_bind(&w, &w.record[0], GOOD);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_TARGET_MSIX));
	world_done(&w);

	/* Of another BAR: no matter. */
	pin_world(&w);
	w.function[GOOD].caps.msix = 0x90;
	w.function[GOOD].caps.msix_table_bar = w.function[GOOD].caps.msix_pba_bar = 0;
	world_bind(&w, &w.record[0], GOOD);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 1);
	world_done(&w);

	/* Only what was probed is known to be memory. */
	pin_world(&w);
	quirks_done(&w.quirks);
	w.quirks = (struct quirks){ 0 };
	w.scratch[0] = (struct site_scratch){ .device = w.grant[0].device, .bar = 2, .range = { 0, PROVEN_END + 0x1000 } };
	w.site.scratch.n = 1;
	world_bind(&w, &w.record[0], GOOD);
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_TARGET_PARTLY));
	world_done(&w);

	/* Not worth it. */
	pin_world(&w);
	w.gain.value = 1.1;
	assert_int_equal(world_bar(&w, GOOD)->given.n, 0);
	world_done(&w);
}

/* ---- what is written ---- */

static void render(struct world *w, struct policy *ret)
{
	struct device_verdict verdicts[FUNCTIONS] = { 0 };

	world_judge(w, GOOD);
	verdicts[GOOD] = w->verdict;
	assert_int_equal(policy_render(&w->evidence, verdicts, ret), 0);
}

static void test_rendered(void **state)
{
	struct policy policy;
	struct world w;

	(void)state;
	partly_world(&w);
	ask(&w, 0, 0x1000, 0x1000, false);
	ask(&w, 1, 0x3000, 0x2000, true);
	render(&w, &policy);
	assert_int_equal(policy.n, 4);
	assert_says(policy.at[0].text, "\"backend\": \"variant\"");
	assert_says(policy.at[0].text, "\"name\": \"vfio-pci\"");
	assert_says(policy.at[0].text, "\"override\": null");
	assert_says(policy.at[0].text, "\"when\": \"request\"");
	assert_int_equal(policy.at[1].kind, WRITE_DRIVER);
	assert_string_equal(policy.at[1].path, "/sys/bus/pci/devices/0000:01:00.0/driver_override");
	assert_string_equal(policy.at[1].text, "pciwc-vfio-pci");
	assert_int_equal(policy.at[2].kind, WRITE_RANGES);
	assert_string_equal(policy.at[2].path, "/sys/bus/pci/devices/0000:01:00.0/wc_ranges");
	assert_string_equal(policy.at[2].text, "2 0x1000 0x1000 always\n2 0x3000 0x2000 request\n");
	/* In pieces: what is given, and what lies between. */
	assert_says(policy.at[3].text, "\"offset\": 4096");
	assert_says(policy.at[3].text, "\"offset\": 8192");
	assert_says(policy.at[3].text, "\"offset\": 12288");
	assert_says(policy.at[3].text, "\"offset\": 20480");
	assert_says(policy.at[3].text, "\"on_request\": true");
	policy_done(&policy);
	world_done(&w);
}

static void test_pin_rendered(void **state)
{
	struct policy policy;
	struct world w;

	(void)state;
	pin_world(&w);
	render(&w, &policy);
	assert_int_equal(policy.n, 3);
	assert_says(policy.at[0].text, "\"backend\": \"pin\"");
	assert_null(strstr(policy.at[0].text, "\"parts\""));
	assert_null(strstr(policy.at[0].text, "\"driver\""));
	assert_int_equal(policy.at[1].kind, WRITE_PIN);
	assert_string_equal(policy.at[1].path, "/sys/bus/pci/devices/0000:01:00.0/resource2_wc");
	assert_string_equal(policy.at[1].text, "pinned");
	assert_int_equal(policy.at[1].bar, 2);
	assert_true(policy.at[1].base == w.function[GOOD].bars[0].base && policy.at[1].size_bytes == WORLD_SIZE);
	assert_says(policy.at[2].text, "\"backend\": \"pin\"");
	policy_done(&policy);
	world_done(&w);
}

/* Once the driver is bound, what was there before is what the approval on disk says, for this device only. */
static void test_before(void **state)
{
	struct approval approval = { .is_readable = true, .vendor = 0x1af4, .device = 0x1110, .has_variant = true,
		                     .before = { TEXT("mlx5_vfio_pci"), TEXT("mlx5_vfio_pci") } };
	struct approvals approvals = { &approval, 1 };
	struct policy policy;
	struct world w;

	(void)state;
	offer_world(&w);
	approval.address = w.function[GOOD].address;
	w.evidence.approvals = &approvals;
	w.function[GOOD].driver = TEXT(VARIANT_DRIVER);
	w.function[GOOD].driver_override = TEXT(VARIANT_DRIVER);
	render(&w, &policy);
	assert_says(policy.at[0].text, "\"name\": \"mlx5_vfio_pci\"");
	policy_done(&policy);
	approval.device = 0x1111;
	render(&w, &policy);
	assert_says(policy.at[0].text, "\"name\": \"pciwc-vfio-pci\"");
	policy_done(&policy);
	/* It had another driver since: that is what was there before. */
	approval.device = 0x1110;
	w.function[GOOD].driver = w.function[GOOD].driver_override = TEXT("vfio-pci");
	render(&w, &policy);
	assert_says(policy.at[0].text, "\"name\": \"vfio-pci\"");
	assert_says(policy.at[0].text, "\"override\": \"vfio-pci\"");
	policy_done(&policy);

	/* On its way there, or back, as a kill may have left it. */
	static const struct predecessor states[] = {
		{ (char *)("vfio-pci"), (char *)(VARIANT_DRIVER) }, { NULL, (char *)(VARIANT_DRIVER) }, { NULL, (char *)("vfio-pci") },
		{ (char *)("vfio-pci"), (char *)("vfio-pci") },
	};

	approval.before = (struct predecessor){ TEXT("vfio-pci"), NULL };
	for (size_t i = 0; i < ELEMENTSOF(states); i++) {
		w.function[GOOD].driver = states[i].driver;
		w.function[GOOD].driver_override = states[i].override;
		render(&w, &policy);
		assert_says(policy.at[0].text, "\"name\": \"vfio-pci\"");
		assert_says(policy.at[0].text, "\"override\": null");
		policy_done(&policy);
	}
	/* A claim that a killed probe has left is nobody's wish. */
	w.evidence.approvals = NULL;
	w.function[GOOD].driver = NULL;
	w.function[GOOD].driver_override = TEXT(CLAIMED_OVERRIDE);
	render(&w, &policy);
	assert_says(policy.at[0].text, "\"override\": null");
	policy_done(&policy);
	world_done(&w);
}

/* Of two rows for one BAR the first one says whose it is; what it says again in other words is nothing more. */
static void test_first_row_wins(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.grant[1] = w.grant[0];
	w.grant[0].group = TEXT("trusted");
	w.site.grant.n = 2;
	assert_string_equal(world_bar(&w, GOOD)->group, "trusted");
	assert_int_equal(w.verdict.bars[0].n_asked, 1);
	assert_int_equal(w.verdict.bars[0].given.n, 1);
	world_done(&w);

	offer_world(&w);
	w.grant[1] = w.grant[0];
	w.site.grant.n = 2;
	assert_int_equal(world_bar(&w, GOOD)->n_asked, 1);
	assert_int_equal(w.verdict.bars[0].given.n, 1);
	assert_false(reasons_has(&w.verdict.bars[0].reasons, REASON_NO_BACKEND));
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),         cmocka_unit_test(test_obstacles),    cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_x86),           cmocka_unit_test(test_parts),        cmocka_unit_test(test_several),
		cmocka_unit_test(test_path_and_gain), cmocka_unit_test(test_said_unasked), cmocka_unit_test(test_in_force),
		cmocka_unit_test(test_rendered),      cmocka_unit_test(test_before),       cmocka_unit_test(test_first_row_wins),
		cmocka_unit_test(test_pin),           cmocka_unit_test(test_unpinnable),   cmocka_unit_test(test_pin_whole),
		cmocka_unit_test(test_pin_rendered),  cmocka_unit_test(test_unread),       cmocka_unit_test(test_unread_approval),
		cmocka_unit_test(test_unread_underway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
