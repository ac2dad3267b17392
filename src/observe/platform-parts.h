/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform-parts: the readers that platform_read runs, one a source of identity. */
#pragma once

#include "base/sysroot.h"
#include "model/platform.h"

/* What only the question "is this a virtual machine" needs. */
struct clues {
	enum tri cpuid_hypervisor; /* x86: the CPU says that it runs below a hypervisor */
	enum tri smbios_vm;        /* SMBIOS says that it describes a virtual machine */
	bool smbios_denied;        /* there, but only root can read it */
	char fadt_hypervisor[9];   /* FADT, Hypervisor Vendor Identity; "" when there is none */
};

/*
 * Each fills what its source tells, and a gap where the source is there but cannot be read. 0 or -ENOMEM: a source that
 * is missing is no error.
 */
int platform_cpus_read(const struct sysroot *root, struct platform *platform, struct clues *clues);
int platform_soc_read(const struct sysroot *root, struct platform *platform, struct clues *clues);
int platform_dt_read(const struct sysroot *root, struct platform *platform, struct clues *clues);
int platform_dmi_read(const struct sysroot *root, struct platform *platform, struct clues *clues);
int platform_acpi_read(const struct sysroot *root, struct platform *platform, struct clues *clues);
/* Last: it concludes from what the others found. */
int platform_virtual_read(const struct sysroot *root, struct platform *platform, struct clues *clues);

/* "only root can read it" for -EACCES and -EPERM, else the errno's own text. */
const char *reading_fault(int r);
