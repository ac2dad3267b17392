/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-event: an approval is used only where nothing that it rests on has changed, and what changed is said. */
#include "world.h"

#include "decide/event.h"
#include "decide/fingerprint.h"

struct scene {
	struct world w;
	struct approval approval; /* of GOOD: BAR 2, to a group */
};

static void scene_make(struct scene *s)
{
	world_make(&s->w);

	struct device *good = &s->w.function[GOOD];

	s->approval = (struct approval){ .address = good->address, .is_readable = true, .vendor = good->vendor,
		                         .device = good->device, .files = 1u << 2, .path = VERDICT_SAFE, .safe_bars = 1u << 2 };
	s->approval.bars[2].fingerprint = world_own(&s->w, fingerprint_of(&s->w.evidence, good, &good->bars[0]));
	s->approval.bars[2].group = TEXT("pciwc");
}

static struct event judge(struct scene *s)
{
	struct event event = { 0 };

	assert_int_equal(event_judge(&s->w.evidence, &s->w.function[GOOD], &s->approval, &event), 0);
	return event;
}

static void nothing(struct scene *s) { (void)s; }
static void another_kernel(struct scene *s) { s->w.kernel.release = TEXT("7.2.12"); }
static void another_cmdline(struct scene *s) { s->w.kernel.cmdline = TEXT("quiet iomem=relaxed"); }
static void another_firmware(struct scene *s) { s->w.platform.dmi[DMI_BIOS_DATE] = TEXT("11/28/2026"); }
static void another_microcode(struct scene *s) { s->w.platform.x86.microcode = 0x39; }
static void another_hypervisor(struct scene *s) { s->w.platform.hypervisor = TEXT("kvm"); }
static void another_device(struct scene *s) { s->w.function[GOOD].device++; }
static void another_revision(struct scene *s) { s->w.function[GOOD].revision++; }
static void another_subsystem(struct scene *s) { s->w.function[GOOD].subsystem_device++; }
static void another_subsystem_vendor(struct scene *s) { s->w.function[GOOD].subsystem_vendor++; }
static void another_class(struct scene *s) { s->w.function[GOOD].class = 0x058000; }
static void another_port(struct scene *s) { s->w.function[PORT].device++; }
static void moved(struct scene *s) { s->w.function[GOOD].bars[0].base += WORLD_SIZE; }
static void resized(struct scene *s) { s->w.function[GOOD].bars[0].size_bytes *= 2; }
static void no_bar(struct scene *s) { s->w.function[GOOD].n_bars = 0; }
static void another_database(struct scene *s) { s->w.evidence.database = "0000"; }
static void another_site(struct scene *s) { s->w.evidence.site_digest = "0000"; }
static void another_import(struct scene *s) { s->w.evidence.imports_digest = "0000"; }
static void another_death(struct scene *s) { world_crash(&s->w, TWIN, 0); }
static void locked_down(struct scene *s) { s->w.kernel.lockdown = LOCKDOWN_INTEGRITY; }
static void crashed(struct scene *s) { world_crash(&s->w, GOOD, 0); }
static void unreadable(struct scene *s) { s->approval.is_readable = false; }
static void of_an_earlier_version(struct scene *s) { s->approval.bars[2].fingerprint = NULL; }
static void no_file(struct scene *s) { s->w.function[GOOD].bars[0].wc_file = TRI_NO; }
static void not_placed(struct scene *s) { s->w.function[GOOD].bars[0].base = 0; }

static void test_each_obstacle(void **state)
{
	static const struct {
		void (*change)(struct scene *s);
		const char *reason;
		bool is_given;
		enum event_wait wait;
	} rows[] = {
		{ nothing, "approved", true, EVENT_READY },
		{ another_kernel, "stale-kernel", false, EVENT_READY },
		{ another_cmdline, "stale-cmdline", false, EVENT_READY },
		{ another_firmware, "stale-firmware", false, EVENT_READY },
		{ another_microcode, "stale-microcode", false, EVENT_READY },
		{ another_hypervisor, "stale-hypervisor", false, EVENT_READY },
		{ another_device, "stale-device", false, EVENT_READY },
		{ another_revision, "stale-revision", false, EVENT_READY },
		{ another_subsystem, "stale-subsystem", false, EVENT_READY },
		{ another_subsystem_vendor, "stale-subsystem", false, EVENT_READY },
		{ another_class, "stale-class", false, EVENT_READY },
		{ another_port, "stale-path", false, EVENT_READY },
		{ moved, "stale-address", false, EVENT_READY },
		{ resized, "stale-size", false, EVENT_READY },
		{ another_database, "stale-database", false, EVENT_READY },
		{ another_site, "stale-site", false, EVENT_READY },
		{ another_import, "stale-imports", false, EVENT_READY },
		{ another_death, "stale-deaths", false, EVENT_READY },
		{ locked_down, "locked-down", false, EVENT_READY },
		{ crashed, "crashed", false, EVENT_READY },
		{ unreadable, "unreadable", false, EVENT_READY },
		{ of_an_earlier_version, "withdrawn", false, EVENT_READY },
		{ no_bar, "incomplete", false, EVENT_FILES },
		{ no_file, "incomplete", false, EVENT_FILES },
		{ not_placed, "incomplete", false, EVENT_FILES },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		struct scene s;

		scene_make(&s);
		rows[i].change(&s);

		struct event event = judge(&s);

		assert_string_equal(event.reason, rows[i].reason);
		assert_int_equal(event.given, rows[i].is_given ? 1u << 2 : 0);
		/* Nothing is taken from a file that is not there. */
		assert_int_equal(event.taken, rows[i].is_given || rows[i].change == no_bar || rows[i].change == no_file ? 0 : 1u << 2);
		assert_int_equal(event.safe, rows[i].is_given ? 1u << 2 : 0);
		assert_int_equal(event.path, rows[i].is_given ? VERDICT_SAFE : VERDICT_UNKNOWN);
		assert_int_equal(event.wait, rows[i].wait);
		world_done(&s.w);
	}
}

/* What an approval calls safe without having said of where it was, may be elsewhere by now. */
static void test_safe_is_bound(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.approval.safe_bars |= 1u << 4;
	assert_int_equal(judge(&s).safe, 1u << 2);
	s.approval.safe_bars = 1u << 4;
	assert_int_equal(judge(&s).safe, 0);
	world_done(&s.w);
}

static void test_no_device(void **state)
{
	struct event event;
	struct scene s;

	(void)state;
	scene_make(&s);
	assert_int_equal(event_judge(&s.w.evidence, NULL, &s.approval, &event), 0);
	assert_string_equal(event.reason, "no-device");
	assert_int_equal(event.given, 0);
	world_done(&s.w);
}

/* What VFIO users have is the driver's: an event says that it is not there yet, and binds nothing. */
static void test_driver(void **state)
{
	struct wc_range range = { .bar = 2, .size_bytes = WORLD_SIZE };
	struct scene s;

	(void)state;
	scene_make(&s);
	s.approval.files = 0;
	s.approval.has_variant = true;
	assert_int_equal(judge(&s).wait, EVENT_DRIVER);
	assert_int_equal(judge(&s).given, 0);
	s.w.function[GOOD].driver = TEXT(VARIANT_DRIVER);
	assert_int_equal(judge(&s).wait, EVENT_DRIVER); /* its list is empty */
	s.w.function[GOOD].wc_ranges.at = &range;
	s.w.function[GOOD].wc_ranges.n = 1;
	assert_int_equal(judge(&s).wait, EVENT_READY);
	assert_string_equal(judge(&s).reason, "approved");
	another_kernel(&s);
	assert_string_equal(judge(&s).reason, "stale-kernel");
	world_done(&s.w);
}

/* What a revert, or a deny, could not take back yet: no refresh is to be begun for it, and no driver bound. */
static void test_withdrawn_driver(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.approval.files = 0;
	s.approval.has_variant = true;
	assert_int_equal(judge(&s).wait, EVENT_DRIVER);
	s.approval.path = VERDICT_UNKNOWN;
	assert_int_equal(judge(&s).wait, EVENT_READY);
	assert_int_equal(judge(&s).given, 0);
	world_done(&s.w);
}

/* One process holds all that is pinned of a device: one BAR that must not be ends it. */
static void test_pins(void **state)
{
	struct scene s;

	(void)state;
	scene_make(&s);
	s.approval.files = 0;
	s.approval.pins = 1u << 2;
	assert_int_equal(judge(&s).pinned, 1u << 2);
	assert_int_equal(judge(&s).given, 0);
	no_file(&s);
	assert_int_equal(judge(&s).wait, EVENT_FILES);
	assert_int_equal(judge(&s).pinned, 0);
	s.w.function[GOOD].bars[0].wc_file = TRI_YES;
	another_kernel(&s);
	assert_string_equal(judge(&s).reason, "stale-kernel");
	assert_int_equal(judge(&s).pinned, 0);
	of_an_earlier_version(&s);
	assert_string_equal(judge(&s).reason, "withdrawn");
	assert_int_equal(judge(&s).pinned, 0);
	world_done(&s.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_obstacle),
		cmocka_unit_test(test_safe_is_bound),
		cmocka_unit_test(test_no_device),
		cmocka_unit_test(test_driver),
		cmocka_unit_test(test_withdrawn_driver),
		cmocka_unit_test(test_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
