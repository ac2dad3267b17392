/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match: each key compares in one row; the rest is three-valued logic. */
#include "decide/match.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"

static bool in_range(const struct criterion *c, uint64_t value)
{
	value &= c->mask;
	return value >= c->min && value <= c->max;
}

/* "Ampere(R) Altra*" means what begins so. Blanks at the end, with which firmware pads, do not count. */
static bool text_like(const char *pattern, const char *text)
{
	size_t p = strlen(pattern), t = strlen(text);

	if (p && pattern[p - 1] == '*')
		return !strncmp(text, pattern, p - 1);
	while (p && pattern[p - 1] == ' ')
		p--;
	while (t && text[t - 1] == ' ')
		t--;
	return p == t && !memcmp(pattern, text, p);
}

static bool any_like(const struct criterion *c, const char *text)
{
	for (size_t i = 0; i < c->texts.n; i++)
		if (text_like(c->texts.at[i], text))
			return true;
	return false;
}

static enum tri text_is(const struct criterion *c, const char *text)
{
	return text ? tri_of(any_like(c, text)) : TRI_UNKNOWN;
}

static bool any_of(const struct criterion *c, const struct strs *strs)
{
	for (size_t i = 0; i < strs->n; i++)
		if (any_like(c, strs->at[i]))
			return true;
	return false;
}

/* ---- one function a key: does this form hold of these facts ---- */

static enum tri match_arch(const struct form *form, const struct facts *facts)
{
	return text_is(&form->at[0], facts->platform->arch);
}

static enum tri midr_matches(const struct form *form, uint64_t midr)
{
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		unsigned int value;

		if (!strcmp(c->field, "implementer"))
			value = midr_implementer(midr);
		else if (!strcmp(c->field, "part"))
			value = midr_part(midr);
		else if (!strcmp(c->field, "variant"))
			value = midr_variant(midr);
		else if (!strcmp(c->field, "revision"))
			value = midr_revision(midr);
		else
			return TRI_NO; /* an x86 field */
		if (!in_range(c, value))
			return TRI_NO;
	}
	return TRI_YES;
}

static enum tri x86_matches(const struct form *form, const struct x86_cpu *cpu)
{
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool holds = false;

		if (!strcmp(c->field, "vendor"))
			holds = any_like(c, cpu->vendor);
		else if (!strcmp(c->field, "family"))
			holds = in_range(c, cpu->family);
		else if (!strcmp(c->field, "model"))
			holds = in_range(c, cpu->model);
		else if (!strcmp(c->field, "stepping"))
			holds = in_range(c, cpu->stepping);
		if (!holds)
			return TRI_NO;
	}
	return TRI_YES;
}

static enum tri match_cpu(const struct form *form, const struct facts *facts)
{
	const struct platform *platform = facts->platform;

	if (platform->x86.vendor)
		return x86_matches(form, &platform->x86);
	if (!platform->midrs.n) {
		/* An architecture that has neither MIDRs nor an x86 vendor is none of those that are meant. */
		bool is_arm = !platform->arch || str_starts(platform->arch, "aarch64") || str_starts(platform->arch, "arm");
		bool is_x86 = platform->arch && (!strcmp(platform->arch, "x86_64") || !strcmp(platform->arch, "i386"));

		return is_arm || is_x86 ? TRI_UNKNOWN : TRI_NO;
	}
	for (size_t i = 0; i < platform->midrs.n; i++)
		if (midr_matches(form, platform->midrs.at[i]) == TRI_YES)
			return TRI_YES;
	return TRI_NO;
}

static enum tri soc_matches(const struct form *form, const struct soc *soc)
{
	enum tri all = TRI_YES;

	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		uint64_t revision;

		if (!strcmp(c->field, "id"))
			all = tri_and(all, text_is(c, soc->id));
		else if (!strcmp(c->field, "family"))
			all = tri_and(all, text_is(c, soc->family));
		else if (!soc->revision || parse_u64(soc->revision, 0, 0, UINT32_MAX, &revision) < 0)
			all = tri_and(all, TRI_UNKNOWN); /* a revision that is no number proves nothing */
		else
			all = tri_and(all, tri_of(in_range(c, revision)));
	}
	return all;
}

static enum tri match_soc_id(const struct form *form, const struct facts *facts)
{
	const struct socs *socs = &facts->platform->socs;
	enum tri any = TRI_NO;
	bool names_itself = false;

	for (size_t i = 0; i < socs->n; i++) {
		any = tri_or(any, soc_matches(form, &socs->at[i]));
		/* Only a firmware identity (SMCCC) answers the question; another driver may own soc0. */
		names_itself |= socs->at[i].id && str_starts(socs->at[i].id, "jep106:");
	}
	if (any == TRI_NO && !names_itself)
		return TRI_UNKNOWN;
	return any;
}

static enum tri match_dt_compatible(const struct form *form, const struct facts *facts)
{
	const struct platform *platform = facts->platform;

	if (!platform->dt_compatible.n)
		return TRI_UNKNOWN;
	return tri_of(any_of(&form->at[0], &platform->dt_compatible));
}

static enum tri match_dt_bridge_compatible(const struct form *form, const struct facts *facts)
{
	const struct platform *platform = facts->platform;

	if (!platform->dt_bridge_compatible.n)
		return TRI_UNKNOWN;
	return tri_of(any_of(&form->at[0], &platform->dt_bridge_compatible));
}

static enum tri match_dmi(const struct form *form, const struct facts *facts)
{
	const struct platform *platform = facts->platform;
	enum tri all = TRI_YES;

	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];

		if (!strcmp(c->field, "processor_id")) {
			all = tri_and(all, platform->dmi_processor_id ? tri_of(in_range(c, platform->dmi_processor_id))
			                                              : TRI_UNKNOWN);
			continue;
		}
		for (int f = 0; f < DMI_FIELDS; f++)
			if (!strcmp(c->field, dmi_field_names[f]))
				all = tri_and(all, text_is(c, platform->dmi[f]));
	}
	return all;
}

static enum tri acpi_matches(const struct form *form, const struct acpi_table *table)
{
	/* A table that is not there, or that only root can read, is a source that this look does not have. */
	if (table->present != TRI_YES)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool holds;

		if (!strcmp(c->field, "oem_id"))
			holds = any_like(c, table->oem_id);
		else if (!strcmp(c->field, "oem_table_id"))
			holds = any_like(c, table->oem_table_id);
		else
			holds = in_range(c, table->oem_revision);
		if (!holds)
			return TRI_NO;
	}
	return TRI_YES;
}

static enum tri match_acpi_mcfg(const struct form *form, const struct facts *facts)
{
	return acpi_matches(form, &facts->platform->mcfg);
}

static enum tri match_acpi_fadt(const struct form *form, const struct facts *facts)
{
	return acpi_matches(form, &facts->platform->fadt);
}

/* An id, or {"id":,"revision":}, of one function. */
static bool function_matches(const struct form *form, uint32_t id, uint8_t revision)
{
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool is_revision = c->field && !strcmp(c->field, "revision");

		if (!in_range(c, is_revision ? revision : id))
			return false;
	}
	return true;
}

static uint32_t id_of(const struct device *device)
{
	return (uint32_t)device->vendor << 16 | device->device;
}

static enum tri match_port(const struct form *form, const struct facts *facts)
{
	enum tri any = TRI_NO;

	if (!facts->device)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < facts->device->n_ports; i++) {
		const struct device *port = devices_find(facts->devices, &facts->device->ports[i]);

		any = tri_or(any, port ? tri_of(function_matches(form, id_of(port), port->revision)) : TRI_UNKNOWN);
	}
	return any;
}

static enum tri match_host_bridge(const struct form *form, const struct facts *facts)
{
	bool seen = false;

	for (size_t i = 0; i < facts->devices->n; i++) {
		const struct device *device = &facts->devices->at[i];

		if (device->class >> 8 != 0x0600)
			continue;
		seen = true;
		if (function_matches(form, id_of(device), device->revision))
			return TRI_YES;
	}
	/* Many root complexes show no host bridge function at all: that tells nothing. */
	return seen ? TRI_NO : TRI_UNKNOWN;
}

static enum tri match_device(const struct form *form, const struct facts *facts)
{
	return facts->device ? tri_of(function_matches(form, id_of(facts->device), facts->device->revision)) : TRI_UNKNOWN;
}

static enum tri match_subsystem(const struct form *form, const struct facts *facts)
{
	const struct device *device = facts->device;

	if (!device)
		return TRI_UNKNOWN;

	uint32_t id = (uint32_t)device->subsystem_vendor << 16 | device->subsystem_device;

	return tri_of(function_matches(form, id, device->revision));
}

static enum tri match_class(const struct form *form, const struct facts *facts)
{
	return facts->device ? tri_of(in_range(&form->at[0], facts->device->class)) : TRI_UNKNOWN;
}

static enum tri match_revision(const struct form *form, const struct facts *facts)
{
	return facts->device ? tri_of(in_range(&form->at[0], facts->device->revision)) : TRI_UNKNOWN;
}

static enum tri match_bar(const struct form *form, const struct facts *facts)
{
	return facts->bar ? tri_of(in_range(&form->at[0], facts->bar->index)) : TRI_UNKNOWN;
}

static enum tri match_kernel(const struct form *form, const struct facts *facts)
{
	const unsigned int *version = facts->kernel->version;

	if (!version[0])
		return TRI_UNKNOWN;
	return tri_of(in_range(&form->at[0], (uint64_t)version[0] << 16 | version[1]));
}

static bool has_word(const char *cmdline, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(cmdline, word); at; at = strstr(at + 1, word)) {
		bool starts = at == cmdline || at[-1] == ' ';
		bool ends = !at[n] || at[n] == ' ' || at[n] == '\n' || word[n - 1] == '=';

		if (starts && ends)
			return true;
	}
	return false;
}

static enum tri match_cmdline(const struct form *form, const struct facts *facts)
{
	const struct criterion *c = &form->at[0];

	if (!facts->kernel->cmdline)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < c->texts.n; i++)
		if (has_word(facts->kernel->cmdline, c->texts.at[i]))
			return TRI_YES;
	return TRI_NO;
}

static enum tri match_pat(const struct form *form, const struct facts *facts)
{
	enum tri pat = facts->kernel->pat;

	return pat == TRI_UNKNOWN ? TRI_UNKNOWN : tri_of((pat == TRI_YES) == (form->at[0].min == 1));
}

static enum tri match_hypervisor(const struct form *form, const struct facts *facts)
{
	const struct platform *platform = facts->platform;

	if (!form->at[0].texts.n || platform->is_virtual != TRI_YES)
		return platform->is_virtual;
	return text_is(&form->at[0], platform->hypervisor);
}

/* Reads as: this key compares so. A key is a row here and a row of match_key_infos. */
static enum tri (*const matchers[MATCH_KEYS])(const struct form *form, const struct facts *facts) = {
	[MATCH_ARCH] = match_arch,
	[MATCH_CPU] = match_cpu,
	[MATCH_SOC_ID] = match_soc_id,
	[MATCH_DT_COMPATIBLE] = match_dt_compatible,
	[MATCH_DT_BRIDGE_COMPATIBLE] = match_dt_bridge_compatible,
	[MATCH_DMI] = match_dmi,
	[MATCH_ACPI_MCFG] = match_acpi_mcfg,
	[MATCH_ACPI_FADT] = match_acpi_fadt,
	[MATCH_PORT] = match_port,
	[MATCH_HOST_BRIDGE] = match_host_bridge,
	[MATCH_DEVICE] = match_device,
	[MATCH_SUBSYSTEM] = match_subsystem,
	[MATCH_CLASS] = match_class,
	[MATCH_REVISION] = match_revision,
	[MATCH_BAR] = match_bar,
	[MATCH_KERNEL] = match_kernel,
	[MATCH_CMDLINE] = match_cmdline,
	[MATCH_PAT] = match_pat,
	[MATCH_HYPERVISOR] = match_hypervisor,
};

static enum tri term_matches(const struct term *term, const struct facts *facts)
{
	enum tri any = TRI_NO;

	for (size_t i = 0; i < term->n && any != TRI_YES; i++)
		any = tri_or(any, matchers[term->key](&term->at[i], facts));
	return any;
}

static enum tri terms_match(const struct terms *terms, const struct facts *facts)
{
	enum tri all = TRI_YES;

	for (size_t i = 0; i < terms->n && all != TRI_NO; i++)
		all = tri_and(all, term_matches(&terms->at[i], facts));
	return all;
}

static enum tri alternative_matches(const struct alternative *alternative, const struct facts *facts)
{
	enum tri result = terms_match(&alternative->terms, facts);

	if (alternative->nots.n)
		result = tri_and(result, tri_not(terms_match(&alternative->nots, facts)));
	if (result == TRI_UNKNOWN && alternative->suspect.n && terms_match(&alternative->suspect, facts) == TRI_NO)
		result = TRI_NO;
	return result;
}

/* Which keys decided, for `explain`: "port", or "soc_id=?" for one that is unknown. */
static int describe(const struct alternative *alternative, const struct facts *facts, struct strs *ret)
{
	for (size_t i = 0; i < alternative->terms.n; i++) {
		const struct term *term = &alternative->terms.at[i];
		bool is_known = term_matches(term, facts) != TRI_UNKNOWN;
		char text[64];

		snprintf(text, sizeof(text), "%s%s", match_key_infos[term->key].name, is_known ? "" : "=?");

		int r = strs_add(ret, text);

		if (r < 0)
			return r;
	}
	return 0;
}

int match_quirk(const struct quirk *quirk, const struct facts *facts, struct strs *keys, enum tri *ret)
{
	const struct alternative *decided = NULL;
	enum tri result = TRI_NO;

	for (size_t i = 0; i < quirk->n_match && result != TRI_YES; i++) {
		enum tri one = alternative_matches(&quirk->match[i], facts);

		/* A match decides; else the first alternative that is unknown is the one to tell of. */
		if (one == TRI_YES || (one == TRI_UNKNOWN && result == TRI_NO)) {
			decided = &quirk->match[i];
			result = one;
		}
	}

	int r = decided && keys ? describe(decided, facts, keys) : 0;

	if (r == 0)
		*ret = result;
	return r;
}
