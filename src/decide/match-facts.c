/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match-facts: what this machine has for each key of the match language, for whoever wants to know why one failed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/match-parts.h"

enum tri yes(struct told *told, const char *format, ...)
{
	size_t used = told ? strlen(told->text) : 0;
	va_list args;

	if (!told)
		return TRI_YES;
	if (used && used + 3 < sizeof(told->text))
		used = (size_t)(stpcpy(told->text + used, ", ") - told->text);
	va_start(args, format);
	vsnprintf(told->text + used, sizeof(told->text) - used, format, args);
	va_end(args);
	return TRI_YES;
}

static void tell_text(struct told *told, const char *text)
{
	if (text)
		yes(told, "%s", text);
}

static void tell_strs(struct told *told, const struct strs *strs)
{
	for (size_t i = 0; i < strs->n; i++)
		yes(told, "%s", strs->at[i]);
}

static void tell_arch(const struct facts *facts, struct told *told)
{
	tell_text(told, facts->platform->arch);
}

static void tell_cpu(const struct facts *facts, struct told *told)
{
	const struct x86_cpu *x86 = &facts->platform->x86;

	for (size_t i = 0; i < facts->platform->midrs.n; i++)
		yes(told, "midr 0x%llx", (unsigned long long)facts->platform->midrs.at[i]);
	if (x86->vendor)
		yes(told, "%s family %u model %u stepping %u", x86->vendor, x86->family, x86->model, x86->stepping);
}

static void tell_soc_id(const struct facts *facts, struct told *told)
{
	for (size_t i = 0; i < facts->platform->socs.n; i++) {
		const struct soc *soc = &facts->platform->socs.at[i];

		if (soc->id)
			yes(told, "%s revision %s", soc->id, soc->revision ?: "unknown");
	}
}

static void tell_dt(const struct facts *facts, struct told *told)
{
	tell_strs(told, &facts->platform->dt_compatible);
}

static void tell_dt_bridge(const struct facts *facts, struct told *told)
{
	tell_strs(told, &facts->platform->dt_bridge_compatible);
}

static void tell_bridge_property(const struct facts *facts, struct told *told)
{
	tell_strs(told, &facts->platform->bridge_properties);
	if (!told->text[0] && facts->platform->has_bridge_properties == TRI_YES)
		yes(told, "none");
}

/* ---- of these facts only what is asked about: there is too much of them, and some of it is private ---- */

static void tell_dmi(const struct criterion *c, const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;

	for (size_t i = 0; i < platform->processors.n; i++) {
		const struct processor *processor = &platform->processors.at[i];

		if (!strcmp(c->field, "processor_id") && processor->id)
			yes(told, "%s 0x%08x", c->field, processor->id);
		if (!strcmp(c->field, "processor_version") && processor->version)
			yes(told, "%s %s", c->field, processor->version);
	}
	for (int i = 0; i < DMI_PROCESSOR_VERSION; i++)
		if (!strcmp(c->field, dmi_field_names[i]) && platform->dmi[i])
			yes(told, "%s %s", c->field, platform->dmi[i]);
}

static void tell_kconfig(const struct criterion *c, const struct facts *facts, struct told *told)
{
	for (size_t i = 0; i < c->texts.n; i++) {
		_cleanup_free_ char *option = strndup(c->texts.at[i], strcspn(c->texts.at[i], "=")), *value = NULL;

		if (option && kernel_option(facts->kernel, option, &value) == 0 && value)
			yes(told, "%s=%s", option, value);
	}
}

static void tell_cmdline(const struct criterion *c, const struct facts *facts, struct told *told)
{
	const struct form form = { (struct criterion *)c, 1 };

	if (facts->kernel->cmdline && key_matches(MATCH_CMDLINE, &form, facts, told) == TRI_NO)
		yes(told, "no such word");
}

static void (*const askers[MATCH_KEYS])(const struct criterion *c, const struct facts *facts, struct told *told) = {
	[MATCH_DMI] = tell_dmi,
	[MATCH_CMDLINE] = tell_cmdline,
	[MATCH_KCONFIG] = tell_kconfig,
};

/* ---- of the others all that there is ---- */

static void tell_table(const struct acpi_table *table, struct told *told)
{
	if (table->present == TRI_YES)
		yes(told, "\"%s\" \"%s\" revision %u", table->oem_id, table->oem_table_id, table->oem_revision);
}

static void tell_mcfg(const struct facts *facts, struct told *told)
{
	tell_table(&facts->platform->mcfg, told);
}

static void tell_fadt(const struct facts *facts, struct told *told)
{
	tell_table(&facts->platform->fadt, told);
}

static void tell_function(struct told *told, const struct device *device)
{
	if (device->has_revision)
		yes(told, "%04x:%04x revision %02x", device->vendor, device->device, device->revision);
	else
		yes(told, "%04x:%04x", device->vendor, device->device);
}

static void tell_port(const struct facts *facts, struct told *told)
{
	const struct device *device = facts->device;

	for (size_t i = 0; device && i < device->n_ports; i++) {
		const struct device *port = devices_find(facts->devices, &device->ports[i]);

		if (port)
			tell_function(told, port);
	}
	if (device && device->has_ports && !device->n_ports)
		yes(told, "none");
}

static void tell_host_bridge(const struct facts *facts, struct told *told)
{
	for (size_t i = 0; i < facts->devices->n; i++)
		if (facts->devices->at[i].class >> 8 == 0x0600)
			tell_function(told, &facts->devices->at[i]);
	if (facts->devices->n && !told->text[0])
		yes(told, "none");
}

static void tell_device(const struct facts *facts, struct told *told)
{
	if (facts->device)
		tell_function(told, facts->device);
}

static void tell_subsystem(const struct facts *facts, struct told *told)
{
	if (facts->device)
		yes(told, "%04x:%04x", facts->device->subsystem_vendor, facts->device->subsystem_device);
}

static void tell_class(const struct facts *facts, struct told *told)
{
	if (facts->device && facts->device->class)
		yes(told, "%06x", facts->device->class);
}

static void tell_revision(const struct facts *facts, struct told *told)
{
	if (facts->device && facts->device->has_revision)
		yes(told, "%02x", facts->device->revision);
}

static void tell_bar(const struct facts *facts, struct told *told)
{
	if (facts->bar)
		yes(told, "%u", facts->bar->index);
}

static void tell_kernel(const struct facts *facts, struct told *told)
{
	tell_text(told, facts->kernel->release);
}

static void tell_pat(const struct facts *facts, struct told *told)
{
	if (facts->kernel->pat != TRI_UNKNOWN)
		yes(told, "%s", facts->kernel->pat == TRI_YES ? "true" : "false");
}

static void tell_hypervisor(const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;

	if (platform->is_virtual != TRI_UNKNOWN)
		yes(told, "%s", platform->is_virtual == TRI_NO ? "none" : platform->hypervisor ?: "one without a name");
}

static void (*const tellers[MATCH_KEYS])(const struct facts *facts, struct told *told) = {
	[MATCH_ARCH] = tell_arch,
	[MATCH_CPU] = tell_cpu,
	[MATCH_SOC_ID] = tell_soc_id,
	[MATCH_DT_COMPATIBLE] = tell_dt,
	[MATCH_DT_BRIDGE_COMPATIBLE] = tell_dt_bridge,
	[MATCH_BRIDGE_PROPERTY] = tell_bridge_property,
	[MATCH_ACPI_MCFG] = tell_mcfg,
	[MATCH_ACPI_FADT] = tell_fadt,
	[MATCH_PORT] = tell_port,
	[MATCH_HOST_BRIDGE] = tell_host_bridge,
	[MATCH_DEVICE] = tell_device,
	[MATCH_SUBSYSTEM] = tell_subsystem,
	[MATCH_CLASS] = tell_class,
	[MATCH_REVISION] = tell_revision,
	[MATCH_BAR] = tell_bar,
	[MATCH_KERNEL] = tell_kernel,
	[MATCH_PAT] = tell_pat,
	[MATCH_HYPERVISOR] = tell_hypervisor,
};

void key_tell(const struct term *term, const struct facts *facts, struct told *told)
{
	told->text[0] = '\0';
	if (tellers[term->key])
		tellers[term->key](facts, told);
	for (size_t f = 0; askers[term->key] && f < term->n; f++)
		for (size_t c = 0; c < term->at[f].n; c++)
			askers[term->key](&term->at[f].at[c], facts, told);
}
