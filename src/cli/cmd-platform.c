/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd-platform: what the database is asked about, and what could not be read. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/cli.h"

static const char *tri_word(enum tri t)
{
	return t == TRI_UNKNOWN ? "unknown" : t == TRI_YES ? "yes" : "no";
}

static void print_platform(const struct platform *platform)
{
	printf("architecture   %s\n", platform->arch ?: "unknown");
	if (platform->x86.vendor)
		printf("cpu            %s family %u model 0x%x stepping %u\n", platform->x86.vendor,
		       platform->x86.family, platform->x86.model, platform->x86.stepping);
	for (size_t i = 0; i < platform->midrs.n; i++)
		printf("cpu            implementer 0x%02x part 0x%03x r%up%u\n", midr_implementer(platform->midrs.at[i]),
		       midr_part(platform->midrs.at[i]), midr_variant(platform->midrs.at[i]),
		       midr_revision(platform->midrs.at[i]));
	for (size_t i = 0; i < platform->socs.n; i++)
		printf("soc            %s revision %s\n", platform->socs.at[i].id ?: "?",
		       platform->socs.at[i].revision ?: "?");
	if (platform->dt_compatible.n)
		printf("device tree    %s\n", platform->dt_compatible.at[0]);
	for (int f = 0; f < DMI_FIELDS; f++)
		if (platform->dmi[f])
			printf("dmi            %s: %s\n", dmi_field_names[f], platform->dmi[f]);
	if (platform->mcfg.present == TRI_YES)
		printf("acpi mcfg      \"%s\" \"%s\" revision %u\n", platform->mcfg.oem_id, platform->mcfg.oem_table_id,
		       platform->mcfg.oem_revision);
	printf("virtual        %s%s%s\n", tri_word(platform->is_virtual), platform->hypervisor ? ", " : "",
	       platform->hypervisor ?: "");
}

static void print_kernel(const struct kernel *kernel)
{
	printf("kernel         %s\n", kernel->release ?: "unknown");
	printf("  can map WC through sysfs    %s\n", tri_word(kernel->wc_files));
	if (kernel->pat != TRI_UNKNOWN)
		printf("  PAT                         %s\n", tri_word(kernel->pat));
	if (kernel->memtype_list != TRI_UNKNOWN)
		printf("  memory types can be read    %s\n", tri_word(kernel->memtype_list));
	printf("  lockdown                    %s\n", lockdown_names[kernel->lockdown]);
	printf("  strict devmem               %s%s\n", tri_word(kernel->strict_devmem),
	       kernel->iomem_relaxed ? ", lifted by iomem=relaxed" : "");
	printf("  vfio-pci                    %s\n", tri_word(kernel->vfio));
	printf("  " VARIANT_DRIVER "              %s\n", variant_names[kernel->variant]);
	printf("  IOMMU                       %s\n", tri_word(kernel->iommu));
	printf("  a guest of this host has    %s\n", guest_rule_names[kernel->guest]);
}

static void print_gaps(const struct gaps *gaps)
{
	for (size_t i = 0; i < gaps->n; i++)
		printf("not known      %s: %s\n", gaps->at[i].what, gaps->at[i].why);
}

int cmd_platform(const struct options *options, int argc, char **argv, struct err *err)
{
	_cleanup_(machine_done) struct machine machine = { 0 };
	int r;

	if (argc)
		return usage_error(err, "platform: %s: no argument expected", argv[0]);
	r = machine_load(options, err, &machine);
	if (r < 0)
		return r;
	if (options->json) {
		struct json_object *o = json_new_object();

		json_put_u64(o, "schema", 1);
		json_put(o, "platform", platform_to_json(&machine.platform));
		json_put(o, "kernel", kernel_to_json(&machine.kernel));
		return print_json(o, err);
	}
	print_platform(&machine.platform);
	print_kernel(&machine.kernel);
	print_gaps(&machine.platform.gaps);
	print_gaps(&machine.kernel.gaps);
	return 0;
}
