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
	[GUEST_DEVICE] = "device",
	[GUEST_NORMAL_NC_UNGATED] = "normal-nc-ungated",
	[GUEST_DECIDES] = "guest-decides",
};

const char *const variant_names[] = {
	[VARIANT_UNKNOWN] = "unknown",
	[VARIANT_MISSING] = "missing",
	[VARIANT_INSTALLED] = "installed",
	[VARIANT_LOADED] = "loaded",
};

enum tri kernel_at_least(const struct kernel *kernel, unsigned int major, unsigned int minor)
{
	if (!kernel->version[0])
		return TRI_UNKNOWN;
	if (kernel->version[0] != major)
		return tri_of(kernel->version[0] > major);
	return tri_of(kernel->version[1] >= minor);
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

int kernel_option(const struct kernel *kernel, const char *option, char **ret)
{
	/* How scripts/kconfig/confdata.c begins a configuration; in a captured machine's some options are left. */
	static const char whole[] = "# Automatically generated file";
	const char *found = find_option(kernel->config, "", option, "=");
	char *value = NULL;

	if (found)
		value = strndup(found, strcspn(found, "\r\n"));
	else if (kernel->config && (strstr(kernel->config, whole) || find_option(kernel->config, "# ", option, " is not set")))
		value = strdup("n");
	else {
		*ret = NULL;
		return 0;
	}
	if (!value)
		return -ENOMEM;
	*ret = value;
	return 0;
}

void kernel_done(struct kernel *kernel)
{
	free(kernel->release);
	free(kernel->cmdline);
	free(kernel->config);
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
