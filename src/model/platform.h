/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform: which silicon and firmware this is, by every name that it gives itself. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/strs.h"
#include "model/gap.h"
#include "model/tri.h"

struct json_object;

struct midrs {
	uint64_t *at; /* the distinct MIDR_EL1 values of the CPUs (Arm ARM D19.2.102) */
	size_t n;
};

/* MIDR_EL1's fields. */
static inline unsigned int midr_implementer(uint64_t midr)
{
	return (midr >> 24) & 0xff;
}
static inline unsigned int midr_variant(uint64_t midr)
{
	return (midr >> 20) & 0xf;
}
static inline unsigned int midr_part(uint64_t midr)
{
	return (midr >> 4) & 0xfff;
}
static inline unsigned int midr_revision(uint64_t midr)
{
	return midr & 0xf;
}

struct x86_cpu {
	char *vendor; /* "GenuineIntel"; NULL: unknown, or no x86 */
	unsigned int family, model, stepping;
	uint64_t microcode; /* the revision that is loaded; 0: unknown */
};

struct soc {
	char *id;       /* "jep106:0a16:0001" */
	char *revision; /* "0x000000a1", or another driver's text */
	char *family;
};

struct socs {
	struct soc *at;
	size_t n;
};

/* The header of an ACPI table (ACPI 6.5, 5.2.6). */
struct acpi_table {
	enum tri present; /* TRI_UNKNOWN: there, or may be there, but only root can read it */
	char oem_id[7], oem_table_id[9];
	uint32_t oem_revision;
};

enum dmi_field {
	DMI_SYS_VENDOR,
	DMI_PRODUCT_NAME,
	DMI_BOARD_VENDOR,
	DMI_BOARD_NAME,
	DMI_BIOS_VENDOR,
	DMI_BIOS_VERSION,
	DMI_BIOS_DATE,
	DMI_PROCESSOR_VERSION, /* of the first processor; /sys/firmware/dmi/tables/DMI, root only */
	DMI_FIELDS
};
extern const char *const dmi_field_names[DMI_FIELDS]; /* "sys_vendor", ... */

/* A populated socket, as SMBIOS type 4 tells of it. */
struct processor {
	char *version; /* NULL: it does not tell, or an empty one */
	uint32_t id;   /* the low 32 bits of the processor id; 0: it does not tell */
};

struct processors {
	struct processor *at;
	size_t n;
};
void processors_done(struct processors *processors);

enum boot_kind { BOOT_UNKNOWN, BOOT_ACPI, BOOT_DT, BOOT_BOTH };

/* Names of properties in AML are "vendor,name" of these letters: what is written in another way is taken for another string. */
#define PROPERTY_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789,.-"
#define PROPERTY_MAX_LENGTH 64

struct platform {
	char *arch; /* as uname -m: "x86_64", "aarch64"; NULL: unknown */
	struct midrs midrs;
	struct x86_cpu x86; /* the first processor */
	enum tri has_cpus;  /* do these tell of each CPU that is present, also of those offline */
	enum tri has_soc_bus; /* could SoC devices be listed */
	enum tri has_soc_ids; /* could the id of each that has one be read */
	struct socs socs;
	enum tri has_dt; /* TRI_NO: this boot has no device tree */
	struct strs dt_compatible;
	struct strs dt_bridge_compatible; /* of the PCI host bridges' nodes */
	enum tri has_dt_bridges;          /* could each of these nodes be read */
	enum tri has_bridge_properties;   /* could all that firmware gives its host bridges, each of them, be read */
	struct strs bridge_properties;    /* names: a device tree node's, or "vendor,name" of ACPI's tables with AML */
	enum tri has_dmi;
	char *dmi[DMI_FIELDS]; /* NULL: absent or unreadable */
	struct processors processors; /* in the order of the table; dmi has the version of the first */
	enum tri has_processors;      /* are these all of them */
	enum tri has_acpi;
	struct acpi_table mcfg, fadt;
	enum tri is_virtual;
	char *hypervisor; /* "kvm", "qemu", "xen"; NULL: none, or unknown */
	struct gaps gaps;
};

void platform_done(struct platform *platform);
struct json_object *platform_to_json(const struct platform *platform);
