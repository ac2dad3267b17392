/* SPDX-License-Identifier: GPL-2.0-or-later */
/* silicon: a machine and a path, without what only one machine has. */
#include "decide/silicon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strs.h"
#include "decide/path.h"

static char *text_of_cpus(const struct platform *platform)
{
	_cleanup_(strs_done) struct strs list = { 0 };
	const struct x86_cpu *x86 = &platform->x86;
	_cleanup_free_ char *first = x86->vendor ? str_printf("%s-%u-%u-%u", x86->vendor, x86->family, x86->model, x86->stepping)
	                                         : NULL;

	if (x86->vendor && (!first || strs_add(&list, first) < 0))
		return NULL;
	for (size_t i = 0; i < platform->midrs.n; i++) {
		_cleanup_free_ char *midr = str_printf("0x%08llx", (unsigned long long)platform->midrs.at[i]);

		if (!midr || strs_add(&list, midr) < 0)
			return NULL;
	}
	/* Which core is counted first is no fact of the silicon. */
	strs_sort(&list);
	return strs_join(&list, " ");
}

static char *text_of_socs(const struct platform *platform)
{
	_cleanup_(strs_done) struct strs list = { 0 };

	for (size_t i = 0; i < platform->socs.n; i++) {
		const struct soc *soc = &platform->socs.at[i];
		_cleanup_free_ char *one = str_printf("%s/%s", soc->id ?: "?", soc->revision ?: "?");

		if (!one || strs_add(&list, one) < 0)
			return NULL;
	}
	strs_sort(&list);
	return strs_join(&list, " ");
}

/* None where it is not known, as on arm64, which has none. */
static char *text_of_microcode(const struct platform *platform)
{
	unsigned long long revision = platform->x86.microcode;

	return revision ? str_printf("0x%llx", revision) : strdup("");
}

/* Takes over text; none at all is NULL, and so is what memory was too short for. */
static int put(struct silicon *silicon, enum silicon_part part, char *text)
{
	if (!text)
		return -ENOMEM;
	if (*text)
		silicon->part[part] = text;
	else
		free(text);
	return 0;
}

int silicon_of(const struct platform *platform, struct silicon *ret)
{
	static const struct {
		enum silicon_part part;
		enum dmi_field field;
	} dmi[] = {
		{ SILICON_SYS_VENDOR, DMI_SYS_VENDOR },     { SILICON_PRODUCT_NAME, DMI_PRODUCT_NAME },
		{ SILICON_BOARD_VENDOR, DMI_BOARD_VENDOR }, { SILICON_BOARD_NAME, DMI_BOARD_NAME },
		{ SILICON_BIOS_VENDOR, DMI_BIOS_VENDOR },   { SILICON_BIOS_VERSION, DMI_BIOS_VERSION },
		{ SILICON_BIOS_DATE, DMI_BIOS_DATE },
	};
	_cleanup_(silicon_done) struct silicon silicon = { 0 };
	int r = str_set(&silicon.part[SILICON_ARCH], platform->arch);

	if (r == 0)
		r = put(&silicon, SILICON_CPU, text_of_cpus(platform));
	if (r == 0)
		r = put(&silicon, SILICON_SOC, text_of_socs(platform));
	if (r == 0)
		r = put(&silicon, SILICON_MICROCODE, text_of_microcode(platform));
	if (r == 0)
		r = put(&silicon, SILICON_DT, strs_join(&platform->dt_compatible, " "));
	if (r == 0)
		r = put(&silicon, SILICON_DT_BRIDGE, strs_join(&platform->dt_bridge_compatible, " "));
	for (size_t i = 0; r == 0 && i < ELEMENTSOF(dmi); i++)
		r = put(&silicon, dmi[i].part, strdup(platform->dmi[dmi[i].field] ?: ""));
	if (r < 0)
		return r;
	*ret = silicon;
	silicon = (struct silicon){ 0 };
	return 0;
}

bool silicon_is_known(const struct silicon *silicon)
{
	char *const *part = silicon->part;
	bool has_board = (part[SILICON_PRODUCT_NAME] || part[SILICON_BOARD_NAME]) && part[SILICON_BIOS_VERSION];

	return part[SILICON_ARCH] && part[SILICON_CPU] && (has_board || part[SILICON_DT]);
}

enum silicon_part silicon_difference(const struct silicon *a, const struct silicon *b)
{
	enum silicon_part i = 0;

	while (i < SILICON_PARTS && str_eq(a->part[i], b->part[i]))
		i++;
	return i;
}

bool silicon_is_like(const struct silicon *a, const struct silicon *b)
{
	for (enum silicon_part i = 0; i < SILICON_PARTS; i++)
		if (silicon_infos[i].is_hardware && a->part[i] && b->part[i] && strcmp(a->part[i], b->part[i]))
			return false;
	return a->part[SILICON_ARCH] && b->part[SILICON_ARCH] && a->part[SILICON_CPU] && b->part[SILICON_CPU];
}

/* ---- the path ---- */

/* "none": the root bus has no such function, as on many arm64 machines; false: it has one that cannot be read. */
static bool bridge_format(const struct devices *devices, const struct device *device, char ret[static 16])
{
	const struct device *bridge = device->has_host_bridge ? devices_find(devices, &device->host_bridge) : NULL;

	if (!device->has_host_bridge) {
		snprintf(ret, 16, "none");
		return true;
	}
	if (!bridge || !device_is_identified(bridge))
		return false;
	snprintf(ret, 16, "%04x:%04x-%02x", bridge->vendor, bridge->device, bridge->revision);
	return true;
}

static bool is_readable(const struct devices *devices, const struct device *device)
{
	for (size_t i = 0; i < device->n_ports; i++) {
		const struct device *port = devices_find(devices, &device->ports[i]);

		if (!port || !device_is_identified(port))
			return false;
	}
	return device->has_ports && path_is_shareable(device);
}

int silicon_path(const struct devices *devices, const struct device *device, const struct bar *bar,
                 const struct platform *platform, char **ret)
{
	static const char segment[] = " segment=";
	_cleanup_free_ char *key = NULL;
	char bridge[16], *text;

	if (!is_readable(devices, device) || !bridge_format(devices, device, bridge)) {
		*ret = NULL;
		return 0;
	}
	key = path_key(devices, device, bar, platform);
	if (!key)
		return -ENOMEM;

	const char *ports = path_key_rest(key), *from = strstr(ports, segment);
	int n = from ? (int)(from - ports) : (int)strlen(ports);
	const char *rest = from ? from + strlen(segment) : "";

	rest += strcspn(rest, " ");
	text = str_printf("bridge=%s%.*s%s", bridge, n, ports, rest);
	if (!text)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static size_t skip_mps(const char *text)
{
	static const char mps[] = ",mps";
	size_t n = strlen(mps);

	return strncmp(text, mps, n) ? 0 : n + strspn(text + n, "0123456789");
}

/* The two parts that name silicon stand first, in this order; the third one ends them. */
bool silicon_path_is_like(const char *a, const char *b)
{
	unsigned int parts = 0;

	for (;;) {
		a += skip_mps(a);
		b += skip_mps(b);
		if (*a != *b)
			return false;
		if (!*a || (*a == ' ' && ++parts == 2))
			return parts > 0;
		a++;
		b++;
	}
}
