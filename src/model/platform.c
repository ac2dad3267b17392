/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: the names of its fields, and how they look as JSON. */
#include "model/platform.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"

/* As in /sys/class/dmi/id; the last one is pciwc's own name, sysfs has no file for it. */
const char *const dmi_field_names[DMI_FIELDS] = {
	[DMI_SYS_VENDOR] = "sys_vendor",     [DMI_PRODUCT_NAME] = "product_name", [DMI_BOARD_VENDOR] = "board_vendor",
	[DMI_BOARD_NAME] = "board_name",     [DMI_BIOS_VENDOR] = "bios_vendor",   [DMI_BIOS_VERSION] = "bios_version",
	[DMI_BIOS_DATE] = "bios_date",       [DMI_PROCESSOR_VERSION] = "processor_version",
};

void processors_done(struct processors *processors)
{
	for (size_t i = 0; i < processors->n; i++)
		free(processors->at[i].version);
	free(processors->at);
	*processors = (struct processors){ 0 };
}

void platform_done(struct platform *platform)
{
	free(platform->arch);
	free(platform->midrs.at);
	free(platform->x86.vendor);
	for (size_t i = 0; i < platform->socs.n; i++) {
		free(platform->socs.at[i].id);
		free(platform->socs.at[i].revision);
		free(platform->socs.at[i].family);
	}
	free(platform->socs.at);
	strs_done(&platform->dt_compatible);
	strs_done(&platform->dt_bridge_compatible);
	strs_done(&platform->bridge_properties);
	for (size_t i = 0; i < DMI_FIELDS; i++)
		free(platform->dmi[i]);
	processors_done(&platform->processors);
	free(platform->hypervisor);
	gaps_done(&platform->gaps);
	*platform = (struct platform){ 0 };
}

static struct json_object *midrs_to_json(const struct midrs *midrs)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < midrs->n; i++) {
		struct json_object *o = json_new_object();
		uint64_t midr = midrs->at[i];

		json_put_hex(o, "value", midr, 16);
		json_put_hex(o, "implementer", midr_implementer(midr), 2);
		json_put_hex(o, "part", midr_part(midr), 3);
		json_put_u64(o, "variant", midr_variant(midr));
		json_put_u64(o, "revision", midr_revision(midr));
		json_push(array, o);
	}
	return array;
}

static struct json_object *x86_to_json(const struct x86_cpu *cpu)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "vendor", cpu->vendor);
	json_put_u64(o, "family", cpu->family);
	json_put_u64(o, "model", cpu->model);
	json_put_u64(o, "stepping", cpu->stepping);
	return o;
}

static struct json_object *socs_to_json(const struct socs *socs)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < socs->n; i++) {
		struct json_object *o = json_new_object();

		json_put_string(o, "id", socs->at[i].id);
		json_put_string(o, "revision", socs->at[i].revision);
		json_put_string(o, "family", socs->at[i].family);
		json_push(array, o);
	}
	return array;
}

static struct json_object *dmi_to_json(const struct platform *platform)
{
	struct json_object *o = json_new_object();

	for (size_t i = 0; i < DMI_FIELDS; i++)
		json_put_string(o, dmi_field_names[i], platform->dmi[i]);
	if (platform->processors.n && platform->processors.at[0].id)
		json_put_hex(o, "processor_id", platform->processors.at[0].id, 8);
	else
		json_put_null(o, "processor_id");
	return o;
}

/* null: unknown. */
static void put_table(struct json_object *o, const char *key, const struct acpi_table *table)
{
	struct json_object *t;

	if (table->present == TRI_UNKNOWN) {
		json_put_null(o, key);
		return;
	}
	t = json_new_object();
	json_put_bool(t, "present", table->present == TRI_YES);
	if (table->present == TRI_YES) {
		json_put_string(t, "oem_id", table->oem_id);
		json_put_string(t, "oem_table_id", table->oem_table_id);
		json_put_u64(t, "oem_revision", table->oem_revision);
	}
	json_put(o, key, t);
}

static struct json_object *acpi_to_json(const struct platform *platform)
{
	struct json_object *o = json_new_object();

	put_table(o, "mcfg", &platform->mcfg);
	put_table(o, "fadt", &platform->fadt);
	return o;
}

/* child, built only where the source is there. */
#define put_if(o, key, there, child)             \
	do {                                     \
		if (there)                       \
			json_put(o, key, child); \
		else                             \
			json_put_null(o, key);   \
	} while (0)

struct json_object *platform_to_json(const struct platform *platform)
{
	struct json_object *o = json_new_object();

	json_put_string(o, "arch", platform->arch);
	json_put(o, "midr", midrs_to_json(&platform->midrs));
	put_if(o, "x86", platform->x86.vendor, x86_to_json(&platform->x86));
	put_if(o, "soc", platform->has_soc_bus == TRI_YES, socs_to_json(&platform->socs));
	tri_put(o, "dt", platform->has_dt);
	json_put_strs(o, "dt_compatible", &platform->dt_compatible);
	json_put_strs(o, "dt_bridge_compatible", &platform->dt_bridge_compatible);
	put_if(o, "dmi", platform->has_dmi == TRI_YES, dmi_to_json(platform));
	put_if(o, "acpi", platform->has_acpi == TRI_YES, acpi_to_json(platform));
	tri_put(o, "virtual", platform->is_virtual);
	json_put_string(o, "hypervisor", platform->hypervisor);
	json_put(o, "gaps", gaps_to_json(&platform->gaps));
	return o;
}
