/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match-keys: how each key of the match language compares with the machine, a row each. */
#include "decide/match-keys.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "decide/match-parts.h"
#include "model/quirk-match.h"

/* ---- comparisons ---- */

/* Is it one of the texts; texts end in blanks where firmware padded them, and those do not count. */
static bool is_padded(const char *wanted, const char *text)
{
	size_t w = strlen(wanted), t = strlen(text);

	while (w && wanted[w - 1] == ' ')
		w--;
	while (t && text[t - 1] == ' ')
		t--;
	return w == t && !memcmp(wanted, text, w);
}

/* "Ampere(R) Altra*" means what begins so. */
static bool is_like(const char *pattern, const char *text)
{
	size_t p = strlen(pattern);

	return p && pattern[p - 1] == '*' ? !strncmp(text, pattern, p - 1) : is_padded(pattern, text);
}

static enum tri text_is(const struct criterion *c, const char *text, struct told *told)
{
	if (!text)
		return TRI_UNKNOWN;
	return strs_has(&c->texts, text) ? yes(told, "%s", text) : TRI_NO;
}

static enum tri one_is(const struct criterion *c, const struct strs *strs, struct told *told)
{
	for (size_t i = 0; i < strs->n; i++)
		if (strs_has(&c->texts, strs->at[i]))
			return yes(told, "%s", strs->at[i]);
	return strs->n ? TRI_NO : TRI_UNKNOWN;
}

/* ---- one function a key: does this form hold of these facts ---- */

static enum tri match_arch(const struct form *form, const struct facts *facts, struct told *told)
{
	return text_is(&form->at[0], facts->platform->arch, told);
}

static bool midr_matches(const struct form *form, uint64_t midr)
{
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		unsigned int value = !strcmp(c->field, "implementer") ? midr_implementer(midr)
		                     : !strcmp(c->field, "part")      ? midr_part(midr)
		                     : !strcmp(c->field, "variant")   ? midr_variant(midr)
		                                                      : midr_revision(midr);

		if (!in_range(c, value))
			return false;
	}
	return true;
}

static enum tri match_arm(const struct form *form, const struct platform *platform, struct told *told)
{
	for (size_t i = 0; i < platform->midrs.n; i++)
		if (midr_matches(form, platform->midrs.at[i]))
			return yes(told, "midr 0x%llx", (unsigned long long)platform->midrs.at[i]);
	/* A CPU that is offline, or whose register was not read, may be the one. */
	return platform->midrs.n && platform->has_cpus == TRI_YES ? TRI_NO : TRI_UNKNOWN;
}

/*
 * Only the first processor is read. The sockets of a machine have one vendor, family and model; but steppings may be mixed
 * (which of them work together is in the specification updates of server processors): another than the first one's may be there.
 */
static enum tri match_x86(const struct form *form, const struct platform *platform, struct told *told)
{
	const struct x86_cpu *cpu = &platform->x86;
	enum tri all = TRI_YES;

	if (!cpu->vendor)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool holds = !strcmp(c->field, "vendor")   ? strs_has(&c->texts, cpu->vendor)
		             : !strcmp(c->field, "family") ? in_range(c, cpu->family)
		             : !strcmp(c->field, "model")  ? in_range(c, cpu->model)
		                                           : in_range(c, cpu->stepping);

		if (!holds)
			all = tri_and(all, strcmp(c->field, "stepping") || platform->has_cpus == TRI_YES ? TRI_NO : TRI_UNKNOWN);
	}
	if (all != TRI_YES)
		return all;
	return yes(told, "%s family %u model %u stepping %u", cpu->vendor, cpu->family, cpu->model, cpu->stepping);
}

/* An Arm object is no where the machine is known to be none, an x86 one likewise; the loader takes no mixture. */
static enum tri match_cpu(const struct form *form, const struct facts *facts, struct told *told)
{
	static const char *const arches[][2] = { { "aarch64", "arm" }, { "x86_64", "i386" } };
	const struct platform *platform = facts->platform;
	bool is_x86 = false;

	for (size_t i = 0; i < form->n; i++)
		is_x86 |= !strcmp(form->at[i].field, "vendor");
	if (platform->arch && strcmp(platform->arch, arches[is_x86][0]) && strcmp(platform->arch, arches[is_x86][1]))
		return TRI_NO;
	return is_x86 ? match_x86(form, platform, told) : match_arm(form, platform, told);
}

static enum tri soc_matches(const struct form *form, const struct soc *soc, struct told *told)
{
	enum tri all = TRI_YES;

	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		uint64_t revision;

		if (!strcmp(c->field, "id"))
			all = tri_and(all, strs_has(&c->texts, soc->id) ? yes(told, "%s", soc->id) : TRI_NO);
		else if (!soc->revision || parse_u64(soc->revision, 0, 0, UINT32_MAX, &revision) < 0)
			all = tri_and(all, TRI_UNKNOWN); /* other drivers write words there */
		else
			all = tri_and(all, in_range(c, revision) ? yes(told, "revision %s", soc->revision) : TRI_NO);
	}
	return all;
}

static enum tri match_soc_id(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct socs *socs = &facts->platform->socs;
	enum tri any = TRI_NO;
	bool is_told = false;

	for (size_t i = 0; i < socs->n && any != TRI_YES; i++) {
		if (!socs->at[i].id)
			continue;
		is_told = true;
		any = tri_or(any, soc_matches(form, &socs->at[i], told));
		if (told && any != TRI_YES)
			told->text[0] = '\0';
	}
	/* One whose id could not be read may be the one. */
	return any == TRI_NO && (!is_told || facts->platform->has_soc_ids != TRI_YES) ? TRI_UNKNOWN : any;
}

static enum tri match_dt_compatible(const struct form *form, const struct facts *facts, struct told *told)
{
	return one_is(&form->at[0], &facts->platform->dt_compatible, told);
}

/* A bridge whose node was not read may be the one. */
static enum tri match_dt_bridge_compatible(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;
	enum tri one = one_is(&form->at[0], &platform->dt_bridge_compatible, told);

	return one == TRI_NO && platform->has_dt_bridges != TRI_YES ? TRI_UNKNOWN : one;
}

/* That there is none of the names is only known where all could be read. */
static enum tri match_bridge_property(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;

	if (one_is(&form->at[0], &platform->bridge_properties, told) == TRI_YES)
		return TRI_YES;
	return platform->has_bridge_properties == TRI_YES ? TRI_NO : TRI_UNKNOWN;
}

static enum tri dmi_text_is(const struct criterion *c, const char *text, struct told *told)
{
	if (!text)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < c->texts.n; i++)
		if (is_like(c->texts.at[i], text))
			return yes(told, "%s %s", c->field, text);
	return TRI_NO;
}

static enum tri dmi_id_is(const struct criterion *c, uint32_t id, struct told *told)
{
	if (!id)
		return TRI_UNKNOWN;
	return in_range(c, id) ? yes(told, "%s 0x%08x", c->field, id) : TRI_NO;
}

/* Of any processor; that it is none is only known where all of them told. */
static enum tri processors_are(const struct criterion *c, const struct platform *platform, struct told *told)
{
	const struct processors *processors = &platform->processors;
	bool is_id = !strcmp(c->field, "processor_id");
	enum tri any = TRI_NO;

	for (size_t i = 0; i < processors->n && any != TRI_YES; i++)
		any = tri_or(any, is_id ? dmi_id_is(c, processors->at[i].id, told)
		                        : dmi_text_is(c, processors->at[i].version, told));
	return any == TRI_NO && (!processors->n || platform->has_processors != TRI_YES) ? TRI_UNKNOWN : any;
}

static enum tri match_dmi(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;
	enum tri all = TRI_YES;

	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		enum tri one = TRI_UNKNOWN; /* a field that struct platform does not have */

		if (str_starts(c->field, "processor_"))
			one = processors_are(c, platform, told);
		for (int f = 0; f < DMI_PROCESSOR_VERSION; f++)
			if (!strcmp(c->field, dmi_field_names[f]))
				one = dmi_text_is(c, platform->dmi[f], told);
		all = tri_and(all, one);
	}
	return all;
}

static bool any_padded(const struct criterion *c, const char *text)
{
	for (size_t i = 0; i < c->texts.n; i++)
		if (is_padded(c->texts.at[i], text))
			return true;
	return false;
}

static enum tri acpi_matches(const struct form *form, const struct acpi_table *table, struct told *told)
{
	/* A table that is not there, or that only root can read, is a source that this look does not have. */
	if (table->present != TRI_YES)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool holds = !strcmp(c->field, "oem_id")         ? any_padded(c, table->oem_id)
		             : !strcmp(c->field, "oem_table_id") ? any_padded(c, table->oem_table_id)
		                                                 : in_range(c, table->oem_revision);

		if (!holds)
			return TRI_NO;
	}
	return yes(told, "\"%s\" \"%s\" revision %u", table->oem_id, table->oem_table_id, table->oem_revision);
}

static enum tri match_acpi_mcfg(const struct form *form, const struct facts *facts, struct told *told)
{
	return acpi_matches(form, &facts->platform->mcfg, told);
}

static enum tri match_acpi_fadt(const struct form *form, const struct facts *facts, struct told *told)
{
	return acpi_matches(form, &facts->platform->fadt, told);
}

/* ---- the kernel ---- */

static enum tri match_kernel(const struct form *form, const struct facts *facts, struct told *told)
{
	const char *release = facts->kernel->release;
	uint64_t code;

	if (!release || !release_parse(release, 0, &code))
		return TRI_UNKNOWN;
	return in_range(&form->at[0], code) ? yes(told, "%s", release) : TRI_NO;
}

/* The word as it stands in cmdline, NULL when it is none of its words; one that ends in "=" means how a word begins. */
static const char *find_word(const char *cmdline, const char *word, size_t *ret_length)
{
	static const char blanks[] = " \t\n";
	size_t n = strlen(word);

	for (const char *at = cmdline + strspn(cmdline, blanks); *at; at += *ret_length, at += strspn(at, blanks)) {
		*ret_length = strcspn(at, blanks);
		if (!strncmp(at, word, n) && (*ret_length == n || word[n - 1] == '='))
			return at;
	}
	return NULL;
}

static enum tri match_cmdline(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct criterion *c = &form->at[0];
	const char *cmdline = facts->kernel->cmdline;
	size_t n;

	if (!cmdline)
		return TRI_UNKNOWN;
	for (size_t i = 0; i < c->texts.n; i++) {
		const char *word = find_word(cmdline, c->texts.at[i], &n);

		if (word)
			return yes(told, "%.*s", (int)n, word);
	}
	return TRI_NO;
}

static enum tri match_kconfig(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct criterion *c = &form->at[0];

	enum tri any = TRI_NO;

	for (size_t i = 0; i < c->texts.n; i++) {
		const char *equal = strchr(c->texts.at[i], '=');
		_cleanup_free_ char *option = strndup(c->texts.at[i], (size_t)(equal - c->texts.at[i])), *value = NULL;

		if (!option || kernel_option(facts->kernel, option, &value) < 0)
			return TRI_UNKNOWN; /* memory is out: what cannot be ruled out holds */
		if (value && !strcmp(value, equal + 1))
			return yes(told, "%s=%s", option, value);
		any = tri_or(any, value ? TRI_NO : TRI_UNKNOWN);
	}
	return any;
}

static enum tri match_pat(const struct form *form, const struct facts *facts, struct told *told)
{
	enum tri pat = facts->kernel->pat;

	if (pat == TRI_UNKNOWN)
		return TRI_UNKNOWN;
	return (pat == TRI_YES) == (form->at[0].min == 1) ? yes(told, "%s", pat == TRI_YES ? "true" : "false") : TRI_NO;
}

static enum tri match_hypervisor(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct platform *platform = facts->platform;

	if (platform->is_virtual != TRI_YES)
		return platform->is_virtual;
	if (!form->at[0].texts.n)
		return yes(told, "%s", platform->hypervisor ?: "true");
	return text_is(&form->at[0], platform->hypervisor, told);
}

/* Reads as: this key compares so. A key is a row here and a row of match_key_infos. */
static enum tri (*const matchers[MATCH_KEYS])(const struct form *form, const struct facts *facts, struct told *told) = {
	[MATCH_ARCH] = match_arch,
	[MATCH_CPU] = match_cpu,
	[MATCH_SOC_ID] = match_soc_id,
	[MATCH_DT_COMPATIBLE] = match_dt_compatible,
	[MATCH_DT_BRIDGE_COMPATIBLE] = match_dt_bridge_compatible,
	[MATCH_BRIDGE_PROPERTY] = match_bridge_property,
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
	[MATCH_KCONFIG] = match_kconfig,
	[MATCH_PAT] = match_pat,
	[MATCH_HYPERVISOR] = match_hypervisor,
};

enum tri key_matches(enum match_key key, const struct form *form, const struct facts *facts, struct told *told)
{
	return matchers[key](form, facts, told);
}
