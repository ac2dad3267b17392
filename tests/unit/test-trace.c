/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-trace: what an entry that does not mean this machine asked for, and what the machine has instead. */
#include "world.h"

#include "decide/trace.h"

static void x86(struct world *w) { (void)w; }
static void no_arch(struct world *w) { w->platform.arch = NULL; }

static void arm(struct world *w)
{
	static uint64_t midrs[] = { 0x413fd0c1, 0x410fd460 };
	static struct soc socs[] = { { TEXT("jep106:0a16:0001"), TEXT("0x000000a1"), NULL }, { NULL, TEXT("1"), NULL }, { TEXT("second"), NULL, NULL } };
	static struct processor processors[] = { { TEXT("Acme 1"), 0x0a16f001 }, { NULL, 0 } };
	static char *compatible[] = { TEXT("acme,board"), TEXT("acme,soc") }, *bridge[] = { TEXT("acme,pcie") };

	w->platform.arch = TEXT("aarch64");
	w->platform.x86 = (struct x86_cpu){ 0 };
	w->platform.midrs = (struct midrs){ midrs, ELEMENTSOF(midrs) };
	w->platform.socs = (struct socs){ socs, ELEMENTSOF(socs) };
	w->platform.dt_compatible = (struct strs){ compatible, ELEMENTSOF(compatible) };
	w->platform.dt_bridge_compatible = (struct strs){ bridge, ELEMENTSOF(bridge) };
	w->platform.processors = (struct processors){ processors, ELEMENTSOF(processors) };
	w->platform.mcfg = (struct acpi_table){ TRI_YES, "Ampere", "Altra   ", 1 };
	w->platform.fadt = (struct acpi_table){ TRI_UNKNOWN, "", "", 0 };
}

static void no_property(struct world *w) { w->platform.has_bridge_properties = TRI_YES; }
static void integrated(struct world *w) { w->function[GOOD].n_ports = 0; }
static void ports_unread(struct world *w) { integrated(w); w->function[GOOD].has_ports = false; }
static void port_missing(struct world *w) { w->port[GOOD] = address_of("0000:00:1d.0"); }
static void port_revision_unread(struct world *w) { w->function[PORT].has_revision = false; }
static void no_host(struct world *w) { w->function[HOST].class = 0x088000; }
static void revision_unread(struct world *w) { w->function[GOOD].has_revision = false; }
static void class_unread(struct world *w) { w->function[GOOD].class = 0; }
static void config(struct world *w) { w->kernel.config = TEXT("# CONFIG_A is not set\nCONFIG_B=y\n# more\n"); }
static void cmdline(struct world *w) { w->kernel.cmdline = TEXT("ro pci=noacs"); }
static void pat_off(struct world *w) { w->kernel.pat = TRI_NO; }
static void pat_unknown(struct world *w) { w->kernel.pat = TRI_UNKNOWN; }
static void kvm(struct world *w) { w->platform.is_virtual = TRI_YES; w->platform.hypervisor = TEXT("kvm"); }
static void nameless(struct world *w) { w->platform.is_virtual = TRI_YES; }
static void bare(struct world *w) { w->platform.is_virtual = TRI_NO; }
static void may_be_virtual(struct world *w) { w->platform.is_virtual = TRI_UNKNOWN; }

/* No row's key matches: what it says is of the machine, not of the entry. */
static const struct {
	const char *match;
	void (*machine)(struct world *w);
	const char *fact; /* NULL: unknown */
} rows[] = {
	{ "\"arch\":\"arm\"", x86, "x86_64" },
	{ "\"arch\":\"arm\"", no_arch, NULL },
	{ "\"cpu\":{\"vendor\":\"x\"}", arm, "midr 0x413fd0c1, midr 0x410fd460" },
	{ "\"cpu\":{\"vendor\":\"x\"}", x86, "GenuineIntel family 6 model 143 stepping 8" },
	{ "\"soc_id\":{\"id\":\"x\"}", arm, "jep106:0a16:0001 revision 0x000000a1, second revision unknown" },
	{ "\"soc_id\":{\"id\":\"x\"}", x86, NULL },
	{ "\"dt_compatible\":\"x\"", arm, "acme,board, acme,soc" },
	{ "\"dt_bridge_compatible\":\"x\"", arm, "acme,pcie" },
	{ "\"bridge_property\":\"x,y\"", no_property, "none" },
	{ "\"bridge_property\":\"x,y\"", x86, NULL },
	{ "\"acpi_mcfg\":{\"oem_id\":\"x\"}", arm, "\"Ampere\" \"Altra   \" revision 1" },
	{ "\"acpi_fadt\":{\"oem_id\":\"x\"}", arm, NULL },
	{ "\"dmi\":{\"sys_vendor\":\"x\",\"bios_version\":\"y\"}", x86, "sys_vendor Acme, bios_version 1.0" },
	{ "\"dmi\":{\"processor_id\":1}", arm, "processor_id 0x0a16f001" },
	{ "\"dmi\":{\"processor_version\":\"x\"}", arm, "processor_version Acme 1" },
	{ "\"dmi\":{\"processor_version\":\"x\"}", x86, NULL },
	{ "\"kconfig\":[\"CONFIG_B=m\",\"CONFIG_A=y\"]", config, "CONFIG_B=y, CONFIG_A=n" },
	{ "\"kconfig\":\"CONFIG_B=m\"", x86, NULL },
	{ "\"cmdline\":\"nopat\"", cmdline, "no such word" },
	{ "\"port\":\"8086:0001\"", x86, "8086:352a revision 01" },
	{ "\"port\":\"8086:0001\"", port_revision_unread, "8086:352a" },
	{ "\"port\":\"8086:0001\"", port_missing, NULL },
	{ "\"port\":\"8086:0001\"", integrated, "none" }, /* which is a fact */
	{ "\"port\":\"8086:0001\"", ports_unread, NULL },
	{ "\"host_bridge\":\"8086:0001\"", x86, "8086:09a2 revision 01" },
	{ "\"host_bridge\":\"8086:0001\"", no_host, "none" },
	{ "\"device\":\"8086:0001\"", x86, "1af4:1110 revision 01" },
	{ "\"subsystem\":\"8086:0001\"", x86, "1af4:1100" },
	{ "\"class\":\"0x0108\"", x86, "050000" },
	{ "\"class\":\"0x0108\"", class_unread, NULL },
	{ "\"device\":\"1af4:1110\",\"revision\":3", revision_unread, "1af4:1110" },
	{ "\"revision\":3", x86, "01" },
	{ "\"revision\":3", revision_unread, NULL },
	{ "\"bar\":3", x86, "2" },
	{ "\"kernel\":{\"min\":\"99.0\"}", x86, "6.12.48" },
	{ "\"pat\":false", x86, "true" },
	{ "\"pat\":true", pat_off, "false" },
	{ "\"pat\":true", pat_unknown, NULL },
	{ "\"hypervisor\":\"xen\"", kvm, "kvm" },
	{ "\"hypervisor\":\"xen\"", nameless, "one without a name" },
	{ "\"hypervisor\":\"xen\"", bare, "none" },
	{ "\"hypervisor\":\"xen\"", may_be_virtual, NULL },
};

static void facts_of(struct world *w, struct facts *ret)
{
	*ret = (struct facts){ &w->platform, &w->kernel, &w->devices, &w->function[GOOD], &w->function[GOOD].bars[0], NULL, NULL };
}

static void test_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *match = str_printf("[{%s}]", rows[i].match);
		struct trace trace;
		struct facts facts;
		struct world w;

		world_make(&w);
		rows[i].machine(&w);
		facts_of(&w, &facts);

		struct quirk quirk = quirk_make("q", "deny", match, "");

		assert_int_equal(trace_quirk(&quirk, &facts, &trace), 0);
		assert_int_equal(trace.n, 1);
		assert_true(trace.at[0].n);

		const struct key_trace *key = &trace.at[0].at[0];

		if (!str_eq(key->fact, rows[i].fact))
			fail_msg("%s: the machine has \"%s\", expected \"%s\"", rows[i].match, key->fact ?: "(unknown)", rows[i].fact ?: "(unknown)");
		if (!rows[i].fact && key->result != TRI_UNKNOWN)
			fail_msg("%s: %d, of a fact that is unknown", rows[i].match, key->result);
		trace_done(&trace);
		quirk_done(&quirk);
		world_done(&w);
	}
}

/* One alternative after the other, each with its keys, those below `not` marked. */
static void test_alternatives(void **state)
{
	struct quirk quirk = quirk_make("q", "deny",
	                                "[{\"arch\":\"arm\"},"
	                                "{\"arch\":\"x86_64\",\"not\":{\"cpu\":{\"vendor\":\"GenuineIntel\"}}},"
	                                "{\"acpi_fadt\":{\"oem_id\":\"x\"},\"suspect\":{\"arch\":\"arm\"}}]", "");
	struct trace trace;
	struct facts facts;
	struct world w;

	(void)state;
	world_make(&w);
	facts_of(&w, &facts);
	assert_int_equal(trace_quirk(&quirk, &facts, &trace), 0);
	assert_int_equal(trace.result, TRI_NO);
	assert_int_equal(trace.n, 3);
	assert_int_equal(trace.at[0].result, TRI_NO);
	assert_int_equal(trace.at[1].result, TRI_NO);
	assert_int_equal(trace.at[1].n, 2);
	assert_string_equal(trace.at[1].at[0].key, "arch");
	assert_false(trace.at[1].at[0].is_not);
	assert_int_equal(trace.at[1].at[0].result, TRI_YES);
	assert_string_equal(trace.at[1].at[1].key, "cpu");
	assert_true(trace.at[1].at[1].is_not);
	assert_int_equal(trace.at[1].at[1].result, TRI_YES);
	/* Unknown, and yet not suspected. */
	assert_int_equal(trace.at[2].at[0].result, TRI_UNKNOWN);
	assert_true(trace.at[2].is_cleared);
	assert_int_equal(trace.at[2].result, TRI_NO);
	trace_done(&trace);
	quirk_done(&quirk);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_facts), cmocka_unit_test(test_alternatives) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
