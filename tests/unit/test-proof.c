/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-proof: what findings are bound to, whom they prove, and how far that carries. */
#include "world.h"

#include "decide/proof.h"

/* ---- the key of a machine ---- */

static void set_arch(struct world *w) { w->platform.arch = TEXT("aarch64"); }
static void set_cpu(struct world *w) { w->platform.x86.stepping++; }
static void set_midr(struct world *w)
{
	static uint64_t midr = 0x413fd0c1;

	w->platform.midrs = (struct midrs){ &midr, 1 };
}
static void set_soc(struct world *w)
{
	static struct soc soc = { TEXT("jep106:0a16:0001"), NULL, NULL };

	w->platform.socs = (struct socs){ &soc, 1 };
}
static void set_microcode(struct world *w) { w->platform.x86.microcode++; }
static void set_date(struct world *w) { w->platform.dmi[DMI_BIOS_DATE] = TEXT("11/28/2026"); }
static void set_bios(struct world *w) { w->platform.dmi[DMI_BIOS_VERSION] = TEXT("1.1"); }
static void set_vendor(struct world *w) { w->platform.dmi[DMI_SYS_VENDOR] = NULL; }
static void set_dt(struct world *w)
{
	static char *text = TEXT("acme,board");

	w->platform.dt_compatible = (struct strs){ &text, 1 };
}
static void set_hypervisor(struct world *w) { w->platform.is_virtual = TRI_YES; w->platform.hypervisor = TEXT("kvm"); }
static void set_nameless(struct world *w) { w->platform.is_virtual = TRI_YES; }
static void set_unknown(struct world *w) { w->platform.is_virtual = TRI_UNKNOWN; }
static void set_kernel(struct world *w) { w->kernel.release = TEXT("6.12.49"); }
static void set_cmdline(struct world *w) { w->kernel.cmdline = TEXT("quiet nopat"); }

static void test_each_part_of_the_machine(void **state)
{
	static const struct {
		void (*change)(struct world *w);
		const char *part;
	} rows[] = {
		{ set_arch, "arch" },         { set_cpu, "cpu" },           { set_midr, "cpu" },        { set_soc, "soc" },
		{ set_bios, "firmware" },     { set_date, "firmware" },     { set_vendor, "board" },   { set_microcode, "microcode" },   { set_dt, "dt" },           { set_hypervisor, "hypervisor" },
		{ set_nameless, "hypervisor" }, { set_unknown, "hypervisor" }, { set_kernel, "kernel" }, { set_cmdline, "cmdline" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct world w;

		world_make(&w);

		const char *before = w.evidence.machine;

		assert_null(fingerprint_difference(before, before));
		rows[i].change(&w);
		world_rename(&w);

		const struct fingerprint_part *one = fingerprint_difference(before, w.evidence.machine);
		const struct fingerprint_part *two = fingerprint_difference(w.evidence.machine, before);

		assert_string_equal(one->name, rows[i].part);
		assert_ptr_equal(one, two);
		/* The verdict names it too. */
		assert_true(world_bar(&w, GOOD)->kind != VERDICT_SAFE);
		if (strcmp(rows[i].part, "arch")) {
			assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_STALE), one->changed);
			assert_true(nexts_has(&w.verdict.bars[0].nexts, NULL, one->next));
		}
		world_done(&w);
	}
}

static void test_difference(void **state)
{
	static const struct {
		const char *a, *b, *part;
	} rows[] = {
		{ "", "", NULL },
		{ "arch=1;cpu=2;", "arch=1;cpu=2;", NULL },
		{ "arch=1;", "", "arch" },
		{ "", "arch=1;", "arch" },
		{ "arch=1;cpu=2;", "arch=1;", "cpu" },
		{ "arch=1;", "arch=1;cpu=2;", "cpu" },
		{ "arch=1;cpu=2;", "arch=1;cpu=22;", "cpu" },
		/* Of another version of pciwc, or nothing that it writes. */
		{ "arch=1;color=2;", "arch=1;color=3;", "version" },
		{ "arch=1;c=2;", "arch=1;", "version" },
		{ "rubbish", "arch=1;", "version" },
		{ "revision=1;path=2;", "revision=1;class=3;path=2;", "version" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct fingerprint_part *part = fingerprint_difference(rows[i].a, rows[i].b);

		if (!str_eq(part ? part->name : NULL, rows[i].part))
			fail_msg("\"%s\" and \"%s\": %s", rows[i].a, rows[i].b, part ? part->name : "equal");
	}
}

/* ---- the key of a BAR: what an approval depends on besides ---- */

static void set_device(struct world *w) { w->function[GOOD].device++; }
static void set_revision(struct world *w) { w->function[GOOD].revision++; }
static void set_subsystem(struct world *w) { w->function[GOOD].subsystem_device++; }
static void set_subsystem_vendor(struct world *w) { w->function[GOOD].subsystem_vendor++; }
static void set_class(struct world *w) { w->function[GOOD].class = 0x058000; }
static void set_port(struct world *w) { w->function[PORT].revision++; }
static void set_mps(struct world *w) { w->function[PORT].caps.mps_bytes = 128; }
static void set_base(struct world *w) { w->function[GOOD].bars[0].base += WORLD_SIZE; }
static void set_size(struct world *w) { w->function[GOOD].bars[0].size_bytes *= 2; }
static void set_database(struct world *w) { w->evidence.database = "other"; }
static void set_site(struct world *w) { w->evidence.site_digest = "other"; }
static void set_imports(struct world *w) { w->evidence.imports_digest = "other"; }
static void set_deaths(struct world *w) { world_crash(w, TWIN, 0); }

static void test_each_part_of_a_bar(void **state)
{
	static const struct {
		void (*change)(struct world *w);
		const char *part;
		bool is_of_findings; /* which do not depend on what they are judged by */
	} rows[] = {
		{ set_kernel, "kernel", true },     { set_device, "device", true },   { set_revision, "revision", true },
		{ set_subsystem, "subsystem", true }, { set_subsystem_vendor, "subsystem", true }, { set_class, "class", true },
		{ set_port, "path", true },         { set_mps, "path", true },        { set_base, "address", true },
		{ set_size, "size", true },         { set_database, "database", false }, { set_site, "site", false },
		{ set_imports, "imports", false },  { set_deaths, "deaths", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct world w;

		world_make(&w);

		_cleanup_free_ char *before = fingerprint_of(&w.evidence, &w.function[GOOD], &w.function[GOOD].bars[0]);

		assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_SAFE);
		rows[i].change(&w);
		world_rename(&w);

		_cleanup_free_ char *after = fingerprint_of(&w.evidence, &w.function[GOOD], &w.function[GOOD].bars[0]);

		assert_string_equal(fingerprint_difference(before, after)->name, rows[i].part);
		assert_int_equal(world_bar(&w, GOOD)->kind == VERDICT_SAFE, !rows[i].is_of_findings);
		world_done(&w);
	}
}

/* What an earlier version found, without saying where the BAR was, is nothing to rely on. */
static void test_place_unknown(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.record[0].bar_base = w.record[0].bar_size_bytes = 0;
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	assert_true(reasons_has(&w.verdict.bars[0].reasons, REASON_STALE));
	world_done(&w);
}

/* Nor is what it found without saying on which card. */
static void test_card_unknown(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.record[0].card = (struct card){ 0 };
	assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
	assert_false(w.verdict.bars[0].record);
	assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_STALE), "subsystem and class were not kept");
	assert_true(nexts_has(&w.verdict.bars[0].nexts, "sudo pciwc probe 0000:01:00.0:2", "probe it"));
	world_done(&w);
}

/* Of what was found on the device that was there before, it is said by which of its ids this is another one. */
static void test_another(void **state)
{
	static const struct {
		void (*change)(struct world *w);
		const char *text;
	} rows[] = {
		{ set_device, "the device is another one (device)" },
		{ set_revision, "the device's revision is another one (revision)" },
		{ set_subsystem, "the device's card, its subsystem is another one (subsystem)" },
		{ set_class, "the device's class is another one (class)" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct world w;

		world_make(&w);
		assert_false(reasons_has(&world_bar(&w, GOOD)->reasons, REASON_STALE));
		rows[i].change(&w);
		assert_int_equal(world_bar(&w, GOOD)->kind, VERDICT_UNKNOWN);
		assert_false(w.verdict.bars[0].record);
		assert_says(reason_text(&w.verdict.bars[0].reasons, REASON_STALE), rows[i].text);
		world_done(&w);
	}
}

/* What firmware writes cannot move the border between two parts. */
static void test_firmware_cannot_forge_a_part(void **state)
{
	static const char *const vendors[][2] = {
		{ "A,B", "C" }, { "A", "B,C" }, { "A;dt=x", "C" }, { "A=", "C" }, { "A%2cB", "C" }, { "A\nB", "C" },
		{ "A B", "C" }, { "?", "C" },   { "", "A,B" },     { "A/B", "C" },
	};
	char *keys[ELEMENTSOF(vendors)];
	struct world w;

	(void)state;
	world_make(&w);

	unsigned int parts = 0;

	for (const char *c = w.evidence.machine; *c; c++)
		parts += *c == ';';
	for (size_t i = 0; i < ELEMENTSOF(vendors); i++) {
		unsigned int n = 0;

		w.platform.dmi[DMI_SYS_VENDOR] = TEXT(vendors[i][0]);
		w.platform.dmi[DMI_PRODUCT_NAME] = TEXT(vendors[i][1]);
		world_rename(&w);
		keys[i] = TEXT(w.evidence.machine);
		for (const char *c = keys[i]; *c; c++) {
			n += *c == ';';
			assert_true(*c > ' ' && *c != 0x7f);
		}
		assert_int_equal(n, parts);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(keys[i], keys[k]);
	}
	/* And what is unknown is not what says "?" of itself. */
	w.kernel.release = TEXT("?");
	world_rename(&w);

	const char *said = w.evidence.machine;

	w.kernel.release = NULL;
	world_rename(&w);
	assert_string_not_equal(said, w.evidence.machine);
	world_done(&w);
}

/* ---- the key of a path ---- */

static char *key_of(struct world *w, int function)
{
	return world_own(w, path_key(&w->devices, &w->function[function], &w->function[function].bars[0], &w->platform));
}

static void path_port(struct world *w) { w->function[PORT].device++; }
static void path_port_revision(struct world *w) { w->function[PORT].revision++; }
static void path_port_mps(struct world *w) { w->function[PORT].caps.mps_bytes = 512; }
static void path_mps(struct world *w) { w->function[GOOD].caps.mps_bytes = 128; }
static void path_width(struct world *w) { w->function[GOOD].bars[0].width = 32; }
static void path_not_prefetchable(struct world *w) { w->function[GOOD].bars[0].prefetchable = false; }
static void path_low(struct world *w) { w->function[GOOD].bars[0].base = 0xc0000000; }
static void path_segment(struct world *w) { w->function[GOOD].address.domain = 1; }
static void path_integrated(struct world *w) { w->function[GOOD].n_ports = 0; }
static void path_unread(struct world *w) { w->function[PORT].vendor = 0; }
static void path_gone(struct world *w) { w->function[PORT].vendor = 0xffff; }
static void path_unread_revision(struct world *w) { w->function[PORT].has_revision = false; }
static void path_longer(struct world *w)
{
	static struct pci_address ports[2];

	ports[0] = w->function[PORT_OTHER].address;
	ports[1] = w->function[PORT].address;
	w->function[GOOD].ports = ports;
	w->function[GOOD].n_ports = 2;
}

static void test_each_part_of_the_path(void **state)
{
	static void (*const changes[])(struct world *) = {
		path_port,  path_port_revision, path_port_mps,   path_mps,    path_width, path_not_prefetchable, path_low,
		path_segment, path_integrated,  path_unread,     path_gone,   path_unread_revision,              path_longer,
		set_cpu,
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
		struct world w;

		world_make(&w);

		const char *before = key_of(&w, GOOD);

		assert_string_equal(before, key_of(&w, GOOD));
		changes[i](&w);

		const char *after = key_of(&w, GOOD);

		/* All of these are in the rest: none makes an equivalent path. */
		if (!strcmp(path_key_rest(before), path_key_rest(after)))
			fail_msg("change %zu: %s", i, after);
		world_done(&w);
	}
}

static void test_equivalent_keys(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_string_not_equal(key_of(&w, GOOD), key_of(&w, TWIN));
	assert_string_equal(path_key_rest(key_of(&w, GOOD)), path_key_rest(key_of(&w, TWIN)));
	assert_string_not_equal(path_key_rest(key_of(&w, GOOD)), path_key_rest(key_of(&w, OTHER)));
	assert_true(path_is_shareable(&w.function[GOOD]));
	assert_false(path_is_shareable(&w.function[RC_A]));
	/* Ports that cannot be read are not alike, however alike they look. */
	w.function[PORT].vendor = w.function[PORT_TWIN].vendor = 0;
	assert_string_not_equal(path_key_rest(key_of(&w, GOOD)), path_key_rest(key_of(&w, TWIN)));
	w.function[PORT].vendor = w.function[PORT_TWIN].vendor = 0xffff;
	assert_string_not_equal(path_key_rest(key_of(&w, GOOD)), path_key_rest(key_of(&w, TWIN)));
	world_done(&w);
}

/* ---- whose record ---- */

static void test_record_of_a_bar(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);

	const struct device *device = &w.function[GOOD];

	assert_ptr_equal(proof_of_bar(&w.evidence, device, &device->bars[0]), &w.record[0]);
	assert_null(proof_of_bar(&w.evidence, &w.function[TWIN], &w.function[TWIN].bars[0]));
	w.record[0].bar = 4;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].bar = 2;
	/* Another device in the same slot is another device. */
	w.record[0].vendor++;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].vendor--;
	w.record[0].device++;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].device--;
	w.record[0].revision++;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].revision--;
	/* And so is another card with the same silicon. */
	w.record[0].card.subsystem_vendor++;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].card.subsystem_vendor--;
	w.record[0].card.subsystem_device++;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	w.record[0].card.subsystem_device--;
	w.record[0].card.class = 0x058000;
	assert_null(proof_of_bar(&w.evidence, device, &device->bars[0]));
	/* Which card it was is not known: stale, not somebody else's. */
	w.record[0].card = (struct card){ 0 };
	assert_ptr_equal(proof_of_bar(&w.evidence, device, &device->bars[0]), &w.record[0]);
	world_done(&w);
}

static struct path_proof prove(struct world *w, int function)
{
	struct path_proof proof;

	assert_int_equal(proof_of_path(&w->evidence, &w->function[function], &w->function[function].bars[0], &proof), 0);
	return proof;
}

static void test_basis(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(prove(&w, GOOD).basis, BASIS_PROBED);
	assert_ptr_equal(prove(&w, GOOD).record, &w.record[0]);
	assert_int_equal(prove(&w, TWIN).basis, BASIS_EQUIVALENT);
	assert_int_equal(prove(&w, OTHER).basis, BASIS_NONE);
	assert_int_equal(prove(&w, RC_A).basis, BASIS_NONE);
	/* One that was probed there is better than one that is only like it, in whatever order they are read. */
	world_record(&w, TWIN, NULL, 0);
	assert_int_equal(prove(&w, TWIN).basis, BASIS_PROBED);
	assert_ptr_equal(prove(&w, TWIN).record, &w.record[1]);
	assert_int_equal(prove(&w, GOOD).basis, BASIS_PROBED);
	assert_ptr_equal(prove(&w, GOOD).record, &w.record[0]);
	world_done(&w);
}

/* A root complex integrated function lends to nobody and borrows from nobody. */
static void test_integrated(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_bind(&w, &w.record[0], RC_A);
	assert_int_equal(prove(&w, RC_A).basis, BASIS_PROBED);
	assert_int_equal(prove(&w, RC_B).basis, BASIS_NONE);
	assert_int_equal(prove(&w, GOOD).basis, BASIS_NONE);
	world_done(&w);
}

static void test_failure(void **state)
{
	struct finding bad[FINDINGS];
	struct world w;

	(void)state;
	world_make(&w);
	memcpy(bad, w.finding, sizeof(bad));
	bad[F_SUBWORD].outcome = OUTCOME_FAIL;
	/* A bad one on the twin's path: the good one no longer lends to it, nor the other way round. */
	world_record(&w, TWIN, bad, FINDINGS);
	assert_int_equal(prove(&w, TWIN).basis, BASIS_NONE);
	assert_ptr_equal(prove(&w, TWIN).failed, &w.record[1]);
	assert_int_equal(prove(&w, TWIN).failure->step, STEP_SUBWORD);
	/* Probed there, and good: that stands. */
	assert_int_equal(prove(&w, GOOD).basis, BASIS_PROBED);
	assert_null(prove(&w, GOOD).failed);
	/* A third one, like both, that failed: the good one proves its own path and no other. */
	w.record[1].path_key = world_own(&w, str_printf("root=0000:00:0f.0%s", path_key_rest(w.record[0].path_key)));
	assert_int_equal(prove(&w, GOOD).basis, BASIS_PROBED);
	assert_int_equal(prove(&w, TWIN).basis, BASIS_NONE);
	assert_null(prove(&w, TWIN).failed);
	bad[F_SUBWORD].outcome = OUTCOME_PASS;
	assert_int_equal(prove(&w, TWIN).basis, BASIS_EQUIVALENT);
	world_done(&w);
}

static void set_payload(struct world *w) { w->function[GOOD].caps.mps_bytes = 128; }
static void set_window(struct world *w) { w->function[GOOD].bars[0].base = 0xf0000000; w->function[GOOD].bars[0].width = 32; }

/* What failed on this hardware failed: something else may have mended it since, which only a probe tells. Other hardware is another. */
static void test_failure_stays(void **state)
{
	static const struct {
		void (*change)(struct world *w);
		bool is_here;
		const char *part; /* what it says of it; NULL: it is not of the machine */
	} rows[] = {
		{ set_kernel, true, "kernel" },   { set_cmdline, true, "cmdline" }, { set_microcode, true, "microcode" },
		{ set_bios, true, "firmware" },   { set_vendor, true, "board" },    { set_dt, true, "dt" },
		{ set_mps, true, NULL },          { set_payload, true, NULL },      { set_window, true, NULL },
		{ set_cpu, false, NULL },         { set_midr, false, NULL },        { set_arch, false, NULL },
		{ set_port, false, NULL },        { set_hypervisor, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct path_verdict *path;
		struct world w;

		world_make(&w);
		w.finding[F_SPARSE].outcome = OUTCOME_FAIL;
		rows[i].change(&w);
		world_rename(&w);
		if ((prove(&w, GOOD).failed == &w.record[0]) != rows[i].is_here)
			fail_msg("row %zu", i);
		path = &world_judge(&w, GOOD)->path;
		assert_int_equal(path->kind == VERDICT_UNSAFE, rows[i].is_here);
		if (rows[i].part) {
			const struct fingerprint_part *part = fingerprint_part_named(rows[i].part);

			assert_says(reason_text(&path->reasons, REASON_TEST_FAILED), part->changed);
			assert_true(nexts_has(&path->nexts, "sudo pciwc probe 0000:01:00.0:2", "probe it again"));
		} else if (rows[i].is_here) {
			assert_null(strstr(reason_text(&path->reasons, REASON_TEST_FAILED), "changed"));
		}
		world_done(&w);
	}
}

/* Nor does a pass of another BAR outweigh it, found below another payload size, or on a path that is like it. */
static void test_failure_spreads(void **state)
{
	struct finding bad[FINDINGS];
	struct world w;

	(void)state;
	world_make(&w);
	memcpy(bad, w.finding, sizeof(bad));
	bad[F_SUBWORD].outcome = OUTCOME_FAIL;
	world_record(&w, TWIN, bad, FINDINGS);
	w.function[PORT_TWIN].caps.mps_bytes = 128;
	assert_ptr_equal(prove(&w, TWIN).failed, &w.record[1]);
	/* Like this one but for that. */
	w.records.n = 1;
	w.function[PORT_TWIN].caps.mps_bytes = 256;
	assert_int_equal(prove(&w, TWIN).basis, BASIS_EQUIVALENT);
	w.function[PORT_OTHER].device = w.function[PORT].device;
	w.function[PORT_OTHER].caps.mps_bytes = 128;
	world_record(&w, OTHER, bad, FINDINGS);
	assert_int_equal(prove(&w, TWIN).basis, BASIS_NONE);
	assert_null(prove(&w, TWIN).failed);
	world_done(&w);
}

/* A port's error is the path's in whatever step it came. */
static void test_port_errors(void **state)
{
	struct number number = { TEXT("port_errors"), 1 };

	(void)state;
	for (size_t i = 0; i < FINDINGS; i++)
		for (enum outcome outcome = OUTCOME_UNKNOWN; outcome < OUTCOMES; outcome++) {
			struct world w;

			world_make(&w);
			w.finding[i].outcome = outcome;
			w.finding[i].numbers = (struct numbers){ &number, 1 };
			assert_int_equal(prove(&w, GOOD).failure != NULL, outcome == OUTCOME_FAIL);
			world_done(&w);
		}
}

static void test_elsewhere(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_elsewhere;
	} rows[] = {
		{ "", "", false },
		{ "arch=1;cpu=2;", "", false },
		{ "arch=1;cpu=2;", "arch=1;cpu=3;", true },
		{ "arch=1;cpu=2;", "cpu=22;arch=1;", true },
		{ "arch=1;cpu=2;", "arch=1;cpu=?;", false },
		{ "arch=1;soc=a/?,;", "arch=1;soc=b/1,;", false },
		{ "arch=1;cpu=;", "arch=1;cpu=2;", false },
		{ "arch=1;kernel=2;", "arch=1;kernel=3;", false },
		{ "hypervisor=none;", "hypervisor=kvm;", true },
		{ "archer=1;", "arch=2;", false },
		{ "cpu", "cpu=2;", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		if (fingerprint_is_elsewhere(rows[i].a, rows[i].b) != rows[i].is_elsewhere ||
		    fingerprint_is_elsewhere(rows[i].b, rows[i].a) != rows[i].is_elsewhere)
			fail_msg("\"%s\" and \"%s\"", rows[i].a, rows[i].b);
}

static bool has(const enum step *steps, size_t n, enum step step)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i] == step)
			return true;
	return false;
}

/* A record is weighed alike wherever it is asked for. */
static void test_weigh(void **state)
{
	struct reasons reasons = { 0 };
	struct nexts nexts = { 0 };
	enum verdict_kind kind = VERDICT_UNSAFE;
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(proof_weigh(&w.evidence, &w.record[0], &reasons, &nexts, &kind), 0);
	assert_int_equal(kind, VERDICT_SAFE);
	assert_int_equal(reasons.n + nexts.n, 0);
	/* Unsafe stays unsafe, whatever else is only unknown. */
	w.finding[F_SPARSE].outcome = OUTCOME_FAIL;
	w.finding[F_BENCH].outcome = OUTCOME_DIED;
	w.record[0].errors_observed = false;
	w.evidence.machine = "arch=other;";
	assert_int_equal(proof_weigh(&w.evidence, &w.record[0], &reasons, &nexts, &kind), 0);
	assert_int_equal(kind, VERDICT_UNSAFE);
	assert_true(reasons_has(&reasons, REASON_TEST_FAILED));
	assert_true(reasons_has(&reasons, REASON_TEST_DIED));
	assert_true(reasons_has(&reasons, REASON_ERRORS_UNOBSERVED));
	assert_true(reasons_has(&reasons, REASON_STALE));
	reasons_done(&reasons);
	nexts_done(&nexts);
	world_done(&w);
}

/*
 * What each step may come to, and what is made of it: on hardware and in a virtual machine, accepted as a platform or not.
 * Of steps that are not required only a failure, or a death, counts.
 */
static void test_each_step(void **state)
{
	static const enum step optional[] = { STEP_SAVE, STEP_BACKGROUND, STEP_BENCH };
	static const enum step may_lack[] = { STEP_WIDE128, STEP_DRAIN, STEP_COHERENT, STEP_LIBC };
	static const enum step own[] = { STEP_TYPE, STEP_QUIET, STEP_RESTORE, STEP_SAVE, STEP_BACKGROUND, STEP_BENCH };

	(void)state;
	for (int variant = 0; variant < 4; variant++)
		for (enum step step = STEP_SAVE; step <= STEP_RESTORE; step++)
			for (enum outcome outcome = OUTCOME_UNKNOWN; outcome < OUTCOMES; outcome++) {
				enum verdict_kind kind, want = VERDICT_UNKNOWN;
				struct reasons reasons = { 0 };
				struct nexts nexts = { 0 };
				/* Half of it does not do: a guest that nobody accepts, and an acceptance on hardware. */
				bool is_virtual = variant & 1, is_accepted = variant & 2, may_be_less = is_virtual && is_accepted;
				struct world w;

				world_make(&w);
				if (is_accepted)
					world_accept(&w, "virtual-platform");
				if (is_virtual) {
					w.platform.is_virtual = TRI_YES;
					world_scope(&w, SCOPE_VIRTUAL);
					world_bind(&w, &w.record[0], GOOD);
				}
				if (outcome == OUTCOME_PASS ||
				    (outcome == OUTCOME_NOT_EXERCISED && (may_be_less || has(optional, ELEMENTSOF(optional), step))) ||
				    (outcome == OUTCOME_UNSUPPORTED && may_be_less && has(may_lack, ELEMENTSOF(may_lack), step)))
					want = VERDICT_SAFE;
				if (outcome == OUTCOME_FAIL)
					want = VERDICT_UNSAFE;
				w.finding[step - STEP_SAVE].outcome = outcome;
				assert_int_equal(proof_weigh(&w.evidence, &w.record[0], &reasons, &nexts, &kind), 0);
				if (kind != want)
					fail_msg("%s %s, virtual %d, accepted %d: %d", step_infos[step].name, outcome_names[outcome],
					         is_virtual, is_accepted, kind);
				assert_int_equal(reasons.n > 0, want != VERDICT_SAFE);
				assert_int_equal(nexts.n > 0, want != VERDICT_SAFE);
				if (outcome == OUTCOME_FAIL)
					assert_int_equal(prove(&w, GOOD).failure == NULL, has(own, ELEMENTSOF(own), step));
				reasons_done(&reasons);
				nexts_done(&nexts);
				world_done(&w);
			}
}

/* A required step that was never reached is missed, in a virtual machine too. */
static void test_each_missing(void **state)
{
	(void)state;
	for (enum step step = STEP_SAVE; step <= STEP_RESTORE; step++) {
		bool is_optional = step == STEP_SAVE || step == STEP_BACKGROUND || step == STEP_BENCH;
		struct world w;

		world_make(&w);
		w.finding[step - STEP_SAVE].step = STEP_BENCH;
		assert_int_equal(prove(&w, GOOD).basis, is_optional ? BASIS_PROBED : BASIS_NONE);
		world_done(&w);
	}
}

/* Two machines of which nothing is known are not the same one. */
static void test_nameless_machine(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.evidence.machine = "";
	w.record[0].machine = TEXT("");
	assert_int_equal(prove(&w, GOOD).basis, BASIS_NONE);
	w.evidence.machine = w.record[0].machine = NULL;
	assert_int_equal(prove(&w, GOOD).basis, BASIS_NONE);
	world_done(&w);
}

static void test_containment(void **state)
{
	struct world w;

	(void)state;
	for (enum containment minimum = CONTAINMENT_UNKNOWN; minimum <= CONTAINMENT_DPC; minimum++)
		for (enum containment has = CONTAINMENT_UNKNOWN; has <= CONTAINMENT_DPC; has++) {
			bool is_enough = has != CONTAINMENT_UNKNOWN && has >= minimum;

			world_make(&w);
			w.site.minimum_containment = minimum;
			w.record[0].containment = has;
			assert_int_equal(prove(&w, GOOD).basis, is_enough ? BASIS_PROBED : BASIS_NONE);
			world_done(&w);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_part_of_the_machine),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_each_part_of_a_bar),
		cmocka_unit_test(test_place_unknown), cmocka_unit_test(test_card_unknown),
		cmocka_unit_test(test_another),
		cmocka_unit_test(test_firmware_cannot_forge_a_part),
		cmocka_unit_test(test_each_part_of_the_path),
		cmocka_unit_test(test_equivalent_keys),
		cmocka_unit_test(test_record_of_a_bar),
		cmocka_unit_test(test_basis),
		cmocka_unit_test(test_integrated),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_failure_stays),
		cmocka_unit_test(test_failure_spreads),
		cmocka_unit_test(test_port_errors),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_weigh),
		cmocka_unit_test(test_each_step),
		cmocka_unit_test(test_each_missing),
		cmocka_unit_test(test_nameless_machine),
		cmocka_unit_test(test_containment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
