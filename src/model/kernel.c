/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel: names and JSON of what this kernel can map and forbids. */
#include "model/kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

const char *const lockdown_names[] = {
	[LOCKDOWN_UNKNOWN] = "unknown",
	[LOCKDOWN_NONE] = "none",
	[LOCKDOWN_INTEGRITY] = "integrity",
	[LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
};

const char *const guest_rule_names[] = {
	[GUEST_UNKNOWN] = "unknown",
	[GUEST_NONE] = "none",
	[GUEST_NORMAL_NC_UNGATED] = "normal-nc-ungated",
	[GUEST_DECIDES] = "guest-decides",
};

const char *const guest_rule_meanings[] = {
	[GUEST_UNKNOWN] = "what a guest may make of its BARs is not known",
	[GUEST_NONE] = "this kernel gives no device to a guest",
	[GUEST_NORMAL_NC_UNGATED] = "every guest may choose Normal-NC on each of its BARs, and no switch of the kernel stops that",
	[GUEST_DECIDES] = "a guest's own PAT decides whether its BARs are write-combining",
};

const char *const variant_names[] = {
	[VARIANT_UNKNOWN] = "unknown",
	[VARIANT_MISSING] = "missing",
	[VARIANT_INSTALLED] = "installed",
	[VARIANT_LOADED] = "loaded",
};

enum tri kernel_strict_devmem(const struct kernel *kernel)
{
	return kernel->iomem_relaxed ? TRI_NO : kernel->strict_devmem;
}

enum tri kernel_at_least(const struct kernel *kernel, unsigned int major, unsigned int minor)
{
	if (!kernel->version[0])
		return TRI_UNKNOWN;
	if (kernel->version[0] != major)
		return tri_of(kernel->version[0] > major);
	return tri_of(kernel->version[1] >= minor);
}

/* How scripts/kconfig/confdata.c begins a configuration; in a captured machine's some options are left. */
static const char whole[] = "# Automatically generated file";
static const char unset_before[] = "# ", unset_behind[] = " is not set";

/* The option and the value that the line tells of, which is cut; false: of none. */
static bool line_split(char *line, const char **ret_option, const char **ret_value)
{
	bool is_comment = str_starts(line, unset_before);
	char *option = is_comment ? line + strlen(unset_before) : line, *end;

	if (!str_starts(option, "CONFIG_"))
		return false;
	end = is_comment ? strstr(option, unset_behind) : strchr(option, '=');
	if (!end)
		return false;
	*end = '\0';
	*ret_option = option;
	*ret_value = is_comment ? unset_behind : end + 1;
	return true;
}

/* One that is set anywhere is set; of two values the first is meant. */
static int option_add(struct kernel *kernel, const char *option, const char *value)
{
	bool is_set = value != unset_behind;
	size_t before = kernel->options.names.n, *at = lookup_add(&kernel->options.names, option);

	if (!at)
		return -ENOMEM;
	if (kernel->options.names.n > before || (is_set && !*at))
		*at = is_set ? (size_t)(value - kernel->options.text) : 0;
	return 0;
}

int kernel_index(struct kernel *kernel)
{
	const char *option, *value;
	char *rest, *line;
	int r = 0;

	if (!kernel->config || kernel->options.text)
		return 0;
	kernel->options.text = strdup(kernel->config);
	if (!kernel->options.text)
		return -ENOMEM;
	kernel->options.is_whole = strstr(kernel->config, whole);
	for (line = strtok_r(kernel->options.text, "\r\n", &rest); r == 0 && line; line = strtok_r(NULL, "\r\n", &rest))
		if (line_split(line, &option, &value))
			r = option_add(kernel, option, value);
	return r;
}

/* What follows option and mark where a line begins with prefix, option and mark; NULL: none does. */
static const char *find_option(const char *config, const char *prefix, const char *option, const char *mark)
{
	size_t p = strlen(prefix), n = strlen(option), m = strlen(mark);

	for (const char *line = config; line; line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, prefix, p) && !strncmp(line + p, option, n) && !strncmp(line + p + n, mark, m))
			return line + p + n + m;
	return NULL;
}

/* The value, not yet cut at its line's end, of a configuration that nobody indexed. */
static const char *value_search(const char *config, const char *option)
{
	const char *found = find_option(config, "", option, "=");

	if (found || !config)
		return found;
	return strstr(config, whole) || find_option(config, unset_before, option, unset_behind) ? "n" : NULL;
}

static const char *value_find(const struct kernel *kernel, const char *option)
{
	const size_t *at = lookup_find(&kernel->options.names, option);

	if (at)
		return *at ? kernel->options.text + *at : "n";
	return kernel->options.is_whole ? "n" : NULL;
}

int kernel_option(const struct kernel *kernel, const char *option, char **ret)
{
	const char *found = kernel->options.text ? value_find(kernel, option) : value_search(kernel->config, option);
	char *value = found ? strndup(found, strcspn(found, "\r\n")) : NULL;

	if (found && !value)
		return -ENOMEM;
	*ret = value;
	return 0;
}

void kernel_done(struct kernel *kernel)
{
	free(kernel->release);
	free(kernel->cmdline);
	free(kernel->config);
	free(kernel->options.text);
	lookup_done(&kernel->options.names);
	gaps_done(&kernel->gaps);
	*kernel = (struct kernel){ 0 };
}

struct json_object *kernel_to_json(const struct kernel *kernel)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "release", kernel->release);
	tri_put(o, "wc_files", kernel->wc_files);
	tri_put(o, "pat", kernel->pat);
	tri_put(o, "memtype_list", kernel->memtype_list);
	json_put_string(o, "lockdown", kernel->lockdown ? lockdown_names[kernel->lockdown] : NULL);
	tri_put(o, "strict_devmem", kernel->strict_devmem);
	json_put_bool(o, "iomem_relaxed", kernel->iomem_relaxed);
	tri_put(o, "vfio", kernel->vfio);
	tri_put(o, "iommu", kernel->iommu);
	json_put_string(o, "guest", kernel->guest ? guest_rule_names[kernel->guest] : NULL);
	json_put_string(o, "variant", kernel->variant ? variant_names[kernel->variant] : NULL);
	json_put(o, "gaps", gaps_to_json(&kernel->gaps));
	return o;
}
