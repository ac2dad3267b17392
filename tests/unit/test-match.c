/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-match: the match language of quirks/README.md, key by key: yes, no, and what could not be read. */
#include "world.h"

/* ---- machines ---- */

static void x86(struct world *w) { (void)w; }

/* An arm64 machine of which everything can be read. */
static void arm(struct world *w)
{
	static uint64_t midrs[] = { 0x413fd0c1, 0x410fd460 };
	static struct soc socs[] = { { TEXT("jep106:0a16:0001"), TEXT("0x000000a1"), TEXT("jep106:0a16") } };
	static struct processor processors[] = { { TEXT("Ampere(R) Altra(R) Processor"), 0x0a16f001 } };
	static char *compatible[] = { TEXT("acme,board"), TEXT("acme,soc") }, *bridge[] = { TEXT("acme,pcie") };

	w->platform.arch = TEXT("aarch64");
	w->platform.x86 = (struct x86_cpu){ 0 };
	w->platform.midrs = (struct midrs){ midrs, 2 };
	w->platform.has_cpus = TRI_YES;
	w->platform.socs = (struct socs){ socs, 1 };
	w->platform.has_soc_ids = TRI_YES;
	w->platform.dt_compatible = (struct strs){ compatible, 2 };
	w->platform.dt_bridge_compatible = (struct strs){ bridge, 1 };
	w->platform.has_dt_bridges = TRI_YES;
	w->platform.processors = (struct processors){ processors, 1 };
	w->platform.has_processors = TRI_YES;
	w->platform.mcfg = (struct acpi_table){ TRI_YES, "Ampere", "Altra   ", 1 };
	w->platform.fadt = (struct acpi_table){ TRI_NO, "", "", 0 };
}

static void no_midr(struct world *w) { arm(w); w->platform.midrs.n = 0; }
static void offline_cpu(struct world *w) { arm(w); w->platform.has_cpus = TRI_UNKNOWN; }
static void one_x86(struct world *w) { w->platform.has_cpus = TRI_YES; }
static void no_soc(struct world *w) { arm(w); w->platform.socs.n = 0; }
static void soc_without_id(struct world *w)
{
	static struct soc socs[] = { { NULL, TEXT("1"), NULL } };

	arm(w);
	w->platform.socs = (struct socs){ socs, 1 };
}
static void soc_unread(struct world *w) { arm(w); w->platform.has_soc_ids = TRI_UNKNOWN; }
static void soc_of_words(struct world *w)
{
	static struct soc socs[] = { { TEXT("jep106:0a16:0001"), TEXT("r1p0"), NULL } };

	arm(w);
	w->platform.socs = (struct socs){ socs, 1 };
}
static void soc_of_another_driver(struct world *w)
{
	static struct soc socs[] = { { TEXT("i.MX8"), TEXT("2.1"), NULL } };

	arm(w);
	w->platform.socs = (struct socs){ socs, 1 };
}
static void unread_bridge(struct world *w) { arm(w); w->platform.has_dt_bridges = TRI_UNKNOWN; }
static void no_dt(struct world *w) { arm(w); w->platform.dt_compatible.n = w->platform.dt_bridge_compatible.n = 0; }
static void mcfg_unreadable(struct world *w) { arm(w); w->platform.mcfg.present = TRI_UNKNOWN; }
static void no_processor_record(struct world *w)
{
	arm(w);
	w->platform.processors.n = 0;
}
static void more_processors(struct world *w)
{
	static struct processor processors[] = { { TEXT("Acme 1"), 1 }, { TEXT("Acme 2"), 0x0a160001 } };

	arm(w);
	w->platform.processors = (struct processors){ processors, 2 };
}
static void some_processors(struct world *w) { more_processors(w); w->platform.has_processors = TRI_UNKNOWN; }
static void silent_processor(struct world *w)
{
	static struct processor processors[] = { { TEXT("Acme 1"), 1 }, { NULL, 0 } };

	arm(w);
	w->platform.processors = (struct processors){ processors, 2 };
}
static void no_arch(struct world *w) { w->platform.arch = NULL; }
static void arch_alone(struct world *w) { w->platform.x86.vendor = NULL; }
static void s390(struct world *w) { w->platform.arch = TEXT("s390x"); w->platform.x86 = (struct x86_cpu){ 0 }; }
static void port_vendor_unread(struct world *w) { w->function[PORT].vendor = 0; }
static void port_gone(struct world *w) { w->function[PORT].vendor = 0xffff; }
static void port_device_unread(struct world *w) { w->function[PORT].device = 0; }
static void port_class_unread(struct world *w) { w->function[PORT].class = 0; }
static void port_is_no_port(struct world *w) { w->function[PORT].class = 0x060700; }
static void port_revision_unread(struct world *w) { w->function[PORT].has_revision = false; }
static void port_missing(struct world *w) { w->port[GOOD] = address_of("0000:00:1d.0"); }
static void no_port(struct world *w) { w->function[GOOD].n_ports = 0; }
static void ports_unread(struct world *w) { w->function[GOOD].n_ports = 0; w->function[GOOD].has_ports = false; }
static void host_class_unread(struct world *w) { w->function[HOST].class = 0; }
static void no_host(struct world *w) { w->function[HOST].class = 0x088000; }
static void no_devices(struct world *w) { w->devices.n = 0; }
static void device_unread(struct world *w) { w->function[GOOD].device = 0; }
static void class_unread(struct world *w) { w->function[GOOD].class = 0; }
static void revision_unread(struct world *w) { w->function[GOOD].has_revision = false; }
static void subsystem_unread(struct world *w) { w->function[GOOD].subsystem_vendor = w->function[GOOD].subsystem_device = 0; }
static void subsystem(struct world *w)
{
	w->function[GOOD].subsystem_vendor = 0x15b3;
	w->function[GOOD].subsystem_device = 0x0005;
}
static void release_7_1_9(struct world *w) { w->kernel.release = TEXT("7.1.9-rc2+"); }
static void release_7(struct world *w) { w->kernel.release = TEXT("7"); }
static void release_words(struct world *w) { w->kernel.release = TEXT("next-20261120"); }
static void release_unread(struct world *w) { w->kernel.release = NULL; }
static void cmdline_words(struct world *w) { w->kernel.cmdline = TEXT("ro pci=noacs,x\tnopat2 xnopat"); }
static void cmdline_nopat(struct world *w) { w->kernel.cmdline = TEXT("nopat"); }
static void cmdline_unread(struct world *w) { w->kernel.cmdline = NULL; }
static void config_in_part(struct world *w) { w->kernel.config = TEXT("# CONFIG_A is not set\nCONFIG_B=y\n"); }
static void no_property(struct world *w) { w->platform.has_bridge_properties = TRI_YES; }
static char *property_names[] = { (char *)"acme,no-nc" };
static void one_property(struct world *w) { w->platform.bridge_properties = (struct strs){ property_names, 1 }; }
static void config(struct world *w) { w->kernel.config = TEXT("# Automatically generated file\n# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_BB=m\nCONFIG_C=\"x y\"\n"); }
static void pat_off(struct world *w) { w->kernel.pat = TRI_NO; }
static void pat_unknown(struct world *w) { w->kernel.pat = TRI_UNKNOWN; }
static void kvm(struct world *w) { w->platform.is_virtual = TRI_YES; w->platform.hypervisor = TEXT("kvm"); }
static void nameless(struct world *w) { w->platform.is_virtual = TRI_YES; }
static void may_be_virtual(struct world *w) { w->platform.is_virtual = TRI_UNKNOWN; }
static void padded(struct world *w) { w->platform.dmi[DMI_SYS_VENDOR] = TEXT("Acme  "); }
static void dmi_unread(struct world *w) { w->platform.dmi[DMI_SYS_VENDOR] = NULL; }

#define YES TRI_YES
#define NO TRI_NO
#define MAYBE TRI_UNKNOWN
#define N1 "\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd0c\"}"

static const struct row {
	const char *match; /* one alternative */
	void (*machine)(struct world *w);
	enum tri expected;
	const char *fact; /* of the first key, when it matched */
} rows[] = {
	{ "{\"arch\":\"x86_64\"}", x86, YES, "x86_64" },
	{ "{\"arch\":[\"arm\",\"x86_64\"]}", x86, YES, "x86_64" },
	{ "{\"arch\":\"aarch64\"}", x86, NO, NULL },
	{ "{\"arch\":\"x86_64\"}", no_arch, MAYBE, NULL },

	{ "{" N1 "}", arm, YES, "midr 0x413fd0c1" },
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd46\"}}", arm, YES, "midr 0x410fd460" }, /* any of them */
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd0c\",\"variant\":3,\"revision\":1}}", arm, YES, "midr 0x413fd0c1" },
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd0c\",\"revision\":{\"max\":0}}}", arm, NO, NULL },
	{ "{" N1 "}", offline_cpu, YES, "midr 0x413fd0c1" },
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd08\"}}", arm, NO, NULL },
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd08\"}}", offline_cpu, MAYBE, NULL },
	{ "{\"acpi_fadt\":{\"oem_id\":\"x\"},\"suspect\":{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd08\"}}}", arm, NO, NULL },
	{ "{\"acpi_fadt\":{\"oem_id\":\"x\"},\"suspect\":{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd08\"}}}", offline_cpu, MAYBE, NULL },
	/* of x86 the first is read, and others may be of another stepping */
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\",\"stepping\":7}}", x86, MAYBE, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\",\"model\":1,\"stepping\":7}}", x86, NO, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\",\"stepping\":7}}", one_x86, NO, NULL },
	/* one processor has to be all of it */
	{ "{\"cpu\":{\"implementer\":\"0x41\",\"part\":\"0xd46\",\"variant\":3}}", arm, NO, NULL },
	{ "{\"cpu\":[{\"vendor\":\"AuthenticAMD\"},{\"implementer\":\"0x41\",\"part\":\"0xd0c\"}]}", arm, YES, "midr 0x413fd0c1" },
	{ "{" N1 "}", no_midr, MAYBE, NULL },
	{ "{" N1 "}", x86, NO, NULL },
	{ "{" N1 "}", arch_alone, NO, NULL }, /* known not to be Arm, whatever else is unknown */
	{ "{" N1 "}", s390, NO, NULL },
	{ "{" N1 "}", no_arch, MAYBE, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\"}}", x86, YES, "GenuineIntel family 6 model 143 stepping 8" },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\",\"family\":6,\"model\":{\"min\":\"0x8f\",\"max\":150}}}", x86, YES,
	  "GenuineIntel family 6 model 143 stepping 8" },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\",\"family\":15}}", x86, NO, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\"}}", arch_alone, MAYBE, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\"}}", no_midr, NO, NULL },
	{ "{\"cpu\":{\"vendor\":\"GenuineIntel\"}}", s390, NO, NULL },

	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}", arm, YES, "jep106:0a16:0001" },
	{ "{\"soc_id\":{\"id\":[\"x\",\"jep106:0a16:0001\"],\"revision\":{\"min\":\"0xa0\"}}}", arm, YES,
	  "jep106:0a16:0001, revision 0x000000a1" },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\",\"revision\":{\"max\":\"0xa0\"}}}", arm, NO, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0002\"}}", arm, NO, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:000\"}}", arm, NO, NULL }, /* exact */
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}", no_soc, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}", soc_without_id, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}", soc_unread, YES, "jep106:0a16:0001" },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0002\"}}", soc_unread, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\",\"revision\":4}}", soc_of_words, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0002\",\"revision\":4}}", soc_of_words, NO, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"}}", soc_of_another_driver, NO, NULL },

	{ "{\"dt_compatible\":[\"x\",\"acme,soc\"]}", arm, YES, "acme,soc" },
	{ "{\"dt_compatible\":\"acme\"}", arm, NO, NULL },
	{ "{\"dt_compatible\":\"acme*\"}", arm, NO, NULL },
	{ "{\"dt_compatible\":\"acme,soc\"}", no_dt, MAYBE, NULL },
	{ "{\"dt_bridge_compatible\":\"acme,pcie\"}", arm, YES, "acme,pcie" },
	{ "{\"dt_bridge_compatible\":\"acme,pcie2\"}", arm, NO, NULL },
	{ "{\"dt_bridge_compatible\":\"acme,pcie\"}", no_dt, MAYBE, NULL },
	{ "{\"dt_bridge_compatible\":\"acme,pcie\"}", unread_bridge, YES, "acme,pcie" },
	{ "{\"dt_bridge_compatible\":\"acme,pcie2\"}", unread_bridge, MAYBE, NULL },

	{ "{\"dmi\":{\"sys_vendor\":\"Acme\"}}", x86, YES, "sys_vendor Acme" },
	{ "{\"dmi\":{\"sys_vendor\":\"Acme\"}}", padded, YES, "sys_vendor Acme  " },
	{ "{\"dmi\":{\"sys_vendor\":[\"Bolt\",\"Ac*\"],\"bios_version\":\"1.0\"}}", x86, YES, "sys_vendor Acme, bios_version 1.0" },
	{ "{\"dmi\":{\"sys_vendor\":\"Acm\"}}", x86, NO, NULL },
	{ "{\"dmi\":{\"sys_vendor\":\"Acme\",\"bios_version\":\"2*\"}}", x86, NO, NULL },
	{ "{\"dmi\":{\"sys_vendor\":\"Acme\",\"product_name\":\"X\"}}", x86, MAYBE, NULL },
	{ "{\"dmi\":{\"sys_vendor\":\"Bolt\",\"product_name\":\"X\"}}", x86, NO, NULL }, /* a no decides */
	{ "{\"dmi\":{\"sys_vendor\":\"Acme\"}}", dmi_unread, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_version\":\"Ampere(R) Altra(R)*\"}}", arm, YES, "processor_version Ampere(R) Altra(R) Processor" },
	{ "{\"dmi\":{\"processor_version\":\"Ampere*\"}}", no_processor_record, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_id\":{\"value\":\"0x0a160001\",\"mask\":\"0xffff000f\"}}}", arm, YES, "processor_id 0x0a16f001" },
	/* bits outside the mask count on neither side */
	{ "{\"dmi\":{\"processor_id\":{\"value\":\"0x0a161231\",\"mask\":\"0xffff000f\"}}}", arm, YES, "processor_id 0x0a16f001" },
	{ "{\"dmi\":{\"processor_id\":{\"value\":\"0x0a160002\",\"mask\":\"0xffff000f\"}}}", arm, NO, NULL },
	{ "{\"dmi\":{\"processor_id\":\"0x0a160001\"}}", arm, NO, NULL },
	{ "{\"dmi\":{\"processor_id\":\"0x0a160001\"}}", no_processor_record, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_id\":\"0x0a160001\"}}", more_processors, YES, "processor_id 0x0a160001" },
	{ "{\"dmi\":{\"processor_version\":\"Acme 2\"}}", more_processors, YES, "processor_version Acme 2" },
	{ "{\"dmi\":{\"processor_version\":\"Acme 3\"}}", more_processors, NO, NULL },
	{ "{\"dmi\":{\"processor_version\":\"Acme 2\"}}", some_processors, YES, "processor_version Acme 2" },
	{ "{\"dmi\":{\"processor_version\":\"Acme 3\"}}", some_processors, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_id\":3}}", some_processors, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_version\":\"Acme 1\"}}", silent_processor, YES, "processor_version Acme 1" },
	{ "{\"dmi\":{\"processor_version\":\"Acme 3\"}}", silent_processor, MAYBE, NULL },
	{ "{\"dmi\":{\"processor_id\":3}}", silent_processor, MAYBE, NULL },

	{ "{\"acpi_mcfg\":{\"oem_id\":\"Ampere\",\"oem_table_id\":\"Altra\"}}", arm, YES, "\"Ampere\" \"Altra   \" revision 1" },
	{ "{\"acpi_mcfg\":{\"oem_id\":\"Ampere\",\"oem_table_id\":\"Altra   \",\"oem_revision\":1}}", arm, YES,
	  "\"Ampere\" \"Altra   \" revision 1" },
	{ "{\"acpi_mcfg\":{\"oem_id\":\"Ampere\",\"oem_revision\":2}}", arm, NO, NULL },
	{ "{\"acpi_mcfg\":{\"oem_id\":\"Amper\"}}", arm, NO, NULL },
	{ "{\"acpi_mcfg\":{\"oem_id\":\"Ampere\"}}", mcfg_unreadable, MAYBE, NULL },
	{ "{\"acpi_fadt\":{\"oem_id\":\"Ampere\"}}", arm, MAYBE, NULL }, /* a boot that has no such table */

	{ "{\"port\":\"8086:352a\"}", x86, YES, "8086:352a" },
	{ "{\"port\":[\"8086:0000-00ff\",\"8086:3500-35ff\"]}", x86, YES, "8086:352a" },
	{ "{\"port\":\"8086:*\"}", x86, YES, "8086:352a" },
	{ "{\"port\":{\"id\":\"8086:352a\",\"revision\":1}}", x86, YES, "8086:352a revision 01" },
	{ "{\"port\":{\"id\":\"8086:352a\",\"revision\":{\"min\":2}}}", x86, NO, NULL },
	{ "{\"port\":\"8086:352b\"}", x86, NO, NULL }, /* another device's */
	{ "{\"port\":\"8086:352a\"}", port_vendor_unread, MAYBE, NULL },
	{ "{\"port\":\"8086:352a\"}", port_gone, MAYBE, NULL },
	{ "{\"port\":\"8086:352a\"}", port_device_unread, MAYBE, NULL },
	{ "{\"port\":\"8086:*\"}", port_device_unread, YES, "8086:0000" },
	{ "{\"port\":\"10ee:7021\"}", port_device_unread, NO, NULL },
	{ "{\"port\":\"8086:352a\"}", port_class_unread, MAYBE, NULL },
	{ "{\"port\":\"10ee:*\"}", port_class_unread, NO, NULL },
	{ "{\"port\":\"8086:352a\"}", port_is_no_port, NO, NULL },
	{ "{\"port\":{\"id\":\"8086:352a\",\"revision\":0}}", port_revision_unread, MAYBE, NULL },
	{ "{\"port\":\"8086:352a\"}", port_missing, MAYBE, NULL },
	{ "{\"port\":\"8086:352a\"}", no_port, NO, NULL }, /* integrated: no is a fact */
	{ "{\"port\":\"8086:352a\"}", ports_unread, MAYBE, NULL },

	{ "{\"host_bridge\":\"8086:09a2\"}", x86, YES, "8086:09a2" },
	{ "{\"host_bridge\":\"8086:352a\"}", x86, NO, NULL }, /* that one is a port */
	{ "{\"host_bridge\":\"8086:09a2\"}", host_class_unread, MAYBE, NULL },
	{ "{\"host_bridge\":\"8086:09a2\"}", no_host, NO, NULL },
	{ "{\"host_bridge\":\"8086:09a2\"}", no_devices, MAYBE, NULL },

	{ "{\"device\":\"1af4:1000-1110\"}", x86, YES, "1af4:1110" },
	{ "{\"device\":{\"id\":\"1af4:1110\",\"revision\":0}}", x86, NO, NULL },
	{ "{\"device\":\"1af4:1110\"}", device_unread, MAYBE, NULL },
	{ "{\"device\":\"1af4:*\",\"revision\":0}", revision_unread, MAYBE, NULL },
	{ "{\"subsystem\":\"15b3:0005\"}", subsystem, YES, "15b3:0005" },
	{ "{\"subsystem\":\"15b3:0006\"}", subsystem, NO, NULL },
	{ "{\"subsystem\":\"15b3:0005\"}", x86, NO, NULL },
	{ "{\"subsystem\":\"15b3:0005\"}", subsystem_unread, MAYBE, NULL },
	{ "{\"class\":\"05\"}", x86, YES, "050000" },
	{ "{\"class\":[\"03\",\"0500\"]}", x86, YES, "050000" },
	{ "{\"class\":\"0501\"}", x86, NO, NULL },
	{ "{\"class\":\"05\"}", class_unread, MAYBE, NULL },
	{ "{\"revision\":1}", x86, YES, "01" },
	{ "{\"revision\":{\"min\":\"0x2\"}}", x86, NO, NULL },
	{ "{\"revision\":0}", revision_unread, MAYBE, NULL },
	{ "{\"bar\":[0,2]}", x86, YES, "2" },
	{ "{\"bar\":[0,4]}", x86, NO, NULL },

	{ "{\"kernel\":{\"max\":\"7.1\"}}", release_7_1_9, YES, "7.1.9-rc2+" }, /* as many numbers as the bound has */
	{ "{\"kernel\":{\"max\":\"7.1.8\"}}", release_7_1_9, NO, NULL },
	{ "{\"kernel\":{\"min\":\"7.1.9\",\"max\":\"7.1.9\"}}", release_7_1_9, YES, "7.1.9-rc2+" },
	{ "{\"kernel\":{\"min\":\"7.2\"}}", release_7_1_9, NO, NULL },
	{ "{\"kernel\":{\"min\":\"6.9\"}}", release_7_1_9, YES, "7.1.9-rc2+" },
	{ "{\"kernel\":{\"min\":\"6.9\",\"max\":\"6.13\"}}", x86, YES, "6.12.48" },
	{ "{\"kernel\":{\"max\":\"6.2\"}}", x86, NO, NULL }, /* 12 is not below 2 */
	{ "{\"kernel\":{\"max\":\"7.0\"}}", release_7, YES, "7" },
	{ "{\"kernel\":{\"max\":\"7.0\"}}", release_words, MAYBE, NULL },
	{ "{\"kernel\":{\"max\":\"7.0\"}}", release_unread, MAYBE, NULL },

	{ "{\"cmdline\":\"nopat\"}", cmdline_nopat, YES, "nopat" },
	{ "{\"cmdline\":[\"x\",\"ro\"]}", cmdline_words, YES, "ro" },
	{ "{\"cmdline\":\"nopat\"}", cmdline_words, NO, NULL }, /* neither nopat2 nor xnopat */
	{ "{\"cmdline\":\"pci=\"}", cmdline_words, YES, "pci=noacs,x" },
	{ "{\"cmdline\":\"pci\"}", cmdline_words, NO, NULL },
	{ "{\"cmdline\":\"noacs,x\"}", cmdline_words, NO, NULL },
	{ "{\"cmdline\":\"nopat\"}", cmdline_unread, MAYBE, NULL },

	{ "{\"bridge_property\":[\"x,y\",\"acme,no-nc\"]}", one_property, YES, "acme,no-nc" }, /* whatever else could not be read */
	{ "{\"bridge_property\":\"acme,no-nc\"}", no_property, NO, NULL },
	{ "{\"bridge_property\":\"acme,no\"}", one_property, MAYBE, NULL },
	{ "{\"bridge_property\":\"acme,no-nc\"}", x86, MAYBE, NULL },

	{ "{\"kconfig\":\"CONFIG_B=y\"}", config, YES, "CONFIG_B=y" },
	{ "{\"kconfig\":[\"CONFIG_A=y\",\"CONFIG_BB=m\"]}", config, YES, "CONFIG_BB=m" },
	{ "{\"kconfig\":\"CONFIG_C=\\\"x y\\\"\"}", config, YES, "CONFIG_C=\"x y\"" },
	{ "{\"kconfig\":\"CONFIG_A=n\"}", config, YES, "CONFIG_A=n" },
	{ "{\"kconfig\":\"CONFIG_GONE=n\"}", config, YES, "CONFIG_GONE=n" },
	{ "{\"kconfig\":\"CONFIG_BB=y\"}", config, NO, NULL },
	{ "{\"kconfig\":\"CONFIG_B=m\"}", config, NO, NULL },
	{ "{\"kconfig\":\"CONFIG_A=n\"}", config_in_part, YES, "CONFIG_A=n" },
	{ "{\"kconfig\":\"CONFIG_A=y\"}", config_in_part, NO, NULL },
	{ "{\"kconfig\":[\"CONFIG_A=y\",\"CONFIG_C=y\"]}", config_in_part, MAYBE, NULL },
	{ "{\"kconfig\":\"CONFIG_A=n\"}", x86, MAYBE, NULL },

	{ "{\"pat\":false}", x86, NO, NULL },
	{ "{\"pat\":false}", pat_off, YES, "false" },
	{ "{\"pat\":false}", pat_unknown, MAYBE, NULL },

	{ "{\"hypervisor\":true}", x86, NO, NULL },
	{ "{\"hypervisor\":true}", kvm, YES, "kvm" },
	{ "{\"hypervisor\":true}", nameless, YES, "true" },
	{ "{\"hypervisor\":true}", may_be_virtual, MAYBE, NULL },
	{ "{\"hypervisor\":\"kvm\"}", kvm, YES, "kvm" },
	{ "{\"hypervisor\":\"xen\"}", kvm, NO, NULL },
	{ "{\"hypervisor\":\"kvm\"}", nameless, MAYBE, NULL },
	{ "{\"hypervisor\":\"kvm\"}", x86, NO, NULL },

	/* keys are ANDed */
	{ "{\"arch\":\"x86_64\",\"port\":\"8086:352a\"}", x86, YES, "x86_64" },
	{ "{\"arch\":\"aarch64\",\"soc_id\":{\"id\":\"x\"}}", x86, NO, NULL },
	{ "{\"arch\":\"x86_64\",\"soc_id\":{\"id\":\"x\"}}", x86, MAYBE, NULL },

	/* not */
	{ "{\"not\":{\"arch\":\"aarch64\"}}", x86, YES, NULL },
	{ "{\"not\":{\"arch\":\"x86_64\"}}", x86, NO, NULL },
	{ "{\"not\":{\"arch\":\"x86_64\"}}", no_arch, MAYBE, NULL },
	{ "{\"arch\":\"x86_64\",\"not\":{\"pat\":false}}", x86, YES, "x86_64" },
	{ "{\"arch\":\"x86_64\",\"not\":{\"pat\":false}}", pat_off, NO, NULL },
	{ "{\"arch\":\"x86_64\",\"not\":{\"pat\":false}}", pat_unknown, MAYBE, NULL },
	/* not (a and b): one no is enough */
	{ "{\"arch\":\"x86_64\",\"not\":{\"pat\":false,\"arch\":\"arm\"}}", pat_off, YES, "x86_64" },

	/* suspect: only where the rest is unknown, and only its no counts */
	{ "{\"soc_id\":{\"id\":\"x\"},\"suspect\":{\"arch\":\"aarch64\"}}", x86, NO, NULL },
	{ "{\"soc_id\":{\"id\":\"x\"},\"suspect\":{\"arch\":\"x86_64\"}}", x86, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"x\"},\"suspect\":{\"dt_compatible\":\"x\"}}", x86, MAYBE, NULL },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0001\"},\"suspect\":{\"arch\":\"x86_64\"}}", arm, YES, "jep106:0a16:0001" },
	{ "{\"soc_id\":{\"id\":\"jep106:0a16:0002\"},\"suspect\":{\"arch\":\"aarch64\"}}", arm, NO, NULL },
	{ "{\"pat\":false,\"not\":{\"arch\":\"arm\"},\"suspect\":{\"arch\":\"arm\"}}", pat_unknown, NO, NULL },
};

/* Whoever asks only the candidates of the machine, then of the device, hears the same. */
static bool is_candidate(const struct quirk *quirk, const struct facts *facts)
{
	const struct quirks quirks = { .at = (struct quirk *)quirk, .n = 1 };
	struct facts known = *facts;
	struct candidates of_machine, of_device;

	known.bar = NULL;
	known.device = NULL;
	assert_int_equal(candidates_find(&quirks, NULL, &known, &of_machine), 0);
	known.device = facts->device;
	assert_int_equal(candidates_find(NULL, &of_machine, &known, &of_device), 0);

	bool is = of_device.n;

	candidates_done(&of_machine);
	candidates_done(&of_device);
	return is;
}

static void test_candidates(void **state)
{
	static const struct {
		const char *match;
		bool of_machine, of_device;
	} asked[] = {
		{ "[{\"arch\":\"x86_64\"}]", true, true },
		{ "[{\"arch\":\"aarch64\"}]", false, false },
		{ "[{\"arch\":\"aarch64\",\"port\":\"8086:352a\"}]", false, false },
		{ "[{\"port\":\"8086:352a\",\"suspect\":{\"arch\":\"aarch64\"}}]", true, true }, /* the device can make a yes of it */
		{ "[{\"port\":\"1def:e101\"}]", true, false },
		{ "[{\"soc_id\":{\"id\":\"x\"}}]", true, true }, /* unknown */
		{ "[{\"soc_id\":{\"id\":\"x\"},\"suspect\":{\"arch\":\"aarch64\"}}]", false, false },
		{ "[{\"device\":\"1def:*\",\"bar\":[0]}]", true, false },
		{ "[{\"class\":\"05\",\"bar\":[5]},{\"class\":\"01\",\"bar\":[5]}]", true, true }, /* which BAR is not asked yet */
		{ "[{\"not\":{\"arch\":\"x86_64\"}},{\"arch\":\"arm\"}]", false, false },
	};
	struct world w;

	(void)state;
	world_make(&w);
	for (size_t i = 0; i < ELEMENTSOF(asked); i++) {
		struct quirk quirk = quirk_make("q", "deny", asked[i].match, "");
		const struct quirks quirks = { .at = &quirk, .n = 1 };
		struct facts facts = { .platform = &w.platform, .kernel = &w.kernel, .devices = &w.devices };
		struct candidates found;

		assert_int_equal(candidates_find(&quirks, NULL, &facts, &found), 0);
		if (found.n != asked[i].of_machine)
			fail_msg("%s: of the machine %zu", asked[i].match, found.n);
		candidates_done(&found);
		facts.device = &w.function[GOOD];
		if (is_candidate(&quirk, &facts) != asked[i].of_device)
			fail_msg("%s: of the device", asked[i].match);
		quirk_done(&quirk);
	}
	world_done(&w);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *match = str_printf("[%s]", rows[i].match);
		struct matched matched = { 0 };
		enum tri result = 77;
		struct world w;

		world_make(&w);
		rows[i].machine(&w);

		struct quirk quirk = quirk_make("q", "deny", match, "");
		struct facts facts = { &w.platform, &w.kernel, &w.devices, &w.function[GOOD], &w.function[GOOD].bars[0], NULL, NULL };

		struct bridges bridges = { 0 };
		enum tri listed = 77;

		assert_int_equal(match_quirk(&quirk, &facts, &matched, &result), 0);
		assert_int_equal(bridges_of(&w.devices, &bridges), 0);
		facts.bridges = &bridges;
		assert_int_equal(match_quirk(&quirk, &facts, NULL, &listed), 0);
		assert_int_equal(listed, result);
		bridges_done(&bridges);
		facts.bridges = NULL;
		if (result != TRI_NO && !is_candidate(&quirk, &facts))
			fail_msg("row %zu, %s: no candidate", i, rows[i].match);
		if (result != rows[i].expected)
			fail_msg("row %zu, %s: %d, expected %d", i, rows[i].match, result, rows[i].expected);
		if (rows[i].fact && (!matched.n || !str_eq(matched.at[0].fact, rows[i].fact)))
			fail_msg("%s: matched \"%s\", expected \"%s\"", rows[i].match, matched.n ? matched.at[0].fact : "nothing",
			         rows[i].fact);
		assert_true(result != TRI_NO || !matched.n);
		/* What is unknown is named, or nobody could look for it. */
		bool has_unknown = false;

		for (size_t m = 0; m < matched.n; m++)
			has_unknown |= !matched.at[m].fact;
		assert_int_equal(has_unknown, result == TRI_UNKNOWN);
		matched_done(&matched);
		quirk_done(&quirk);
		world_done(&w);
	}
}

/* Without a device no key of it is known. */
static void test_machine_alone(void **state)
{
	static const char *const keys[] = { "\"port\":\"8086:352a\"", "\"device\":\"1af4:1110\"", "\"subsystem\":\"1af4:1110\"",
		                            "\"class\":\"05\"",       "\"revision\":1",           "\"bar\":[2]" };
	struct world w;

	(void)state;
	world_make(&w);
	for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
		_cleanup_free_ char *match = str_printf("[{%s}]", keys[i]);
		struct quirk quirk = quirk_make("q", "deny", match, "");
		struct facts facts = { &w.platform, &w.kernel, &w.devices, NULL, NULL, NULL, NULL };
		enum tri result;

		assert_int_equal(match_quirk(&quirk, &facts, NULL, &result), 0);
		assert_int_equal(result, TRI_UNKNOWN);
		quirk_done(&quirk);
	}
	world_done(&w);
}

/* Zero facts: no key says yes, and none but "no port" says no. */
static void test_nothing_is_known(void **state)
{
	static const struct platform platform;
	static const struct kernel kernel;
	static const struct devices devices;
	static const struct device device;
	static const struct bar bar;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		_cleanup_free_ char *match = str_printf("[%s]", rows[i].match);
		struct facts facts = { &platform, &kernel, &devices, &device, &bar, NULL, NULL };
		enum tri result;

		if (strstr(rows[i].match, "\"bar\""))
			continue;

		struct quirk quirk = quirk_make("q", "deny", match, "");

		assert_int_equal(match_quirk(&quirk, &facts, NULL, &result), 0);
		if (result != TRI_UNKNOWN)
			fail_msg("%s: %d of nothing", rows[i].match, result);
		quirk_done(&quirk);
	}
}

/* Alternatives: a yes decides and is told alone; else all that is unknown is told, each key once. */
static void test_alternatives(void **state)
{
	struct matched matched = { 0 };
	enum tri result;
	struct world w;

	(void)state;
	world_make(&w);

	struct facts facts = { &w.platform, &w.kernel, &w.devices, &w.function[GOOD], &w.function[GOOD].bars[0], NULL, NULL };
	struct quirk quirk = quirk_make("q", "deny",
	                                "[{\"arch\":\"arm\"},{\"arch\":\"x86_64\",\"soc_id\":{\"id\":\"x\"}},"
	                                "{\"dt_compatible\":\"x\",\"not\":{\"acpi_mcfg\":{\"oem_id\":\"x\"}}},"
	                                "{\"port\":\"8086:352a\",\"pat\":false},"
	                                "{\"port\":\"8086:352a\",\"arch\":\"x86_64\"}]",
	                                "");

	assert_int_equal(match_quirk(&quirk, &facts, &matched, &result), 0);
	assert_int_equal(result, TRI_YES);
	assert_int_equal(matched.n, 2);
	assert_string_equal(matched.at[0].key, "port");
	assert_string_equal(matched.at[0].fact, "8086:352a");
	matched_done(&matched);

	w.function[PORT].vendor = 0;
	assert_int_equal(match_quirk(&quirk, &facts, &matched, &result), 0);
	assert_int_equal(result, TRI_UNKNOWN);
	assert_int_equal(matched.n, 5);
	assert_string_equal(matched.at[0].key, "arch");
	assert_string_equal(matched.at[0].fact, "x86_64");
	assert_string_equal(matched.at[1].key, "soc_id");
	assert_null(matched.at[1].fact);
	assert_string_equal(matched.at[2].key, "dt_compatible");
	assert_null(matched.at[2].fact);
	assert_string_equal(matched.at[3].key, "not acpi_mcfg");
	assert_null(matched.at[3].fact);
	assert_string_equal(matched.at[4].key, "port");
	assert_null(matched.at[4].fact);
	matched_done(&matched);
	quirk_done(&quirk);
	world_done(&w);
}

/* "matched":{"port":"8086:352a"}, null for what is unknown. */
static void test_json(void **state)
{
	struct matched_fact facts[] = { { "port", TEXT("8086:352a") }, { "soc_id", NULL } };
	struct quirk quirk = quirk_make("q", "deny", "[{\"port\":\"8086:352a\"}]", "");
	struct match match = { &quirk, TRI_UNKNOWN, { facts, 2 } };
	struct matches matches = { &match, 1 };
	_cleanup_(json_done) struct json_object *o = matches_to_json(&matches);
	_cleanup_free_ char *text = json_text(o);

	(void)state;
	assert_says(text, "\"applies\": \"cannot-be-ruled-out\"");
	assert_says(text, "\"port\": \"8086:352a\"");
	assert_says(text, "\"soc_id\": null");
	quirk_done(&quirk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),          cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_machine_alone), cmocka_unit_test(test_nothing_is_known),
		cmocka_unit_test(test_alternatives), cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
