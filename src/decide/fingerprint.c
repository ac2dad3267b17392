/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fingerprint: a row a part. A person can read in a findings file, or an approval, what it was bound to. */
#include "decide/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/path.h"

/* What there is to take the parts from. device, bar and path NULL: only the machine's parts are meant. */
struct source {
	const struct platform *platform;
	const struct kernel *kernel;
	const struct device *device;
	const struct bar *bar;
	const char *path; /* path_key() */
	const struct evidence *evidence; /* for what it is judged by; NULL with those */
};

/* ---- each part's value; what cannot be read is "?", and equal to nothing that can ---- */

static void print_arch(FILE *out, const struct source *source)
{
	path_print_text(out, source->platform->arch);
}

static void print_cpu(FILE *out, const struct source *source)
{
	path_print_cpus(out, source->platform);
}

/* Of x86; an arm64 processor has none, and its firmware's part tells of what it patches. */
static void print_microcode(FILE *out, const struct source *source)
{
	fprintf(out, "%llx", (unsigned long long)source->platform->x86.microcode);
}

static void print_soc(FILE *out, const struct source *source)
{
	for (size_t i = 0; i < source->platform->socs.n; i++) {
		path_print_text(out, source->platform->socs.at[i].id);
		putc('/', out);
		path_print_text(out, source->platform->socs.at[i].revision);
		putc(',', out);
	}
}

static void print_dmi(FILE *out, const struct source *source, enum dmi_field from, enum dmi_field upto)
{
	for (unsigned int f = from; f < upto; f++) {
		path_print_text(out, source->platform->dmi[f] ?: "");
		putc(',', out);
	}
}

static void print_board(FILE *out, const struct source *source)
{
	print_dmi(out, source, DMI_SYS_VENDOR, DMI_BIOS_VENDOR);
}

/* What only root can read is left out: anybody may ask whether findings still hold. */
static void print_firmware(FILE *out, const struct source *source)
{
	print_dmi(out, source, DMI_BIOS_VENDOR, DMI_PROCESSOR_VERSION);
}

static void print_dt(FILE *out, const struct source *source)
{
	path_print_text(out, source->platform->dt_compatible.n ? source->platform->dt_compatible.at[0] : "");
}

static void print_hypervisor(FILE *out, const struct source *source)
{
	static const char *const nameless[] = { [TRI_UNKNOWN] = NULL, [TRI_NO] = "none", [TRI_YES] = "some" };

	path_print_text(out, source->platform->hypervisor ?: nameless[source->platform->is_virtual]);
}

static void print_kernel(FILE *out, const struct source *source)
{
	path_print_text(out, source->kernel->release);
}

static void print_cmdline(FILE *out, const struct source *source)
{
	path_print_text(out, source->kernel->cmdline);
}

static void print_microtests(FILE *out, const struct source *source)
{
	(void)source;
	fprintf(out, "%u", MICROTESTS_VERSION);
}

static void print_device(FILE *out, const struct source *source)
{
	fprintf(out, "%04x:%04x", source->device->vendor, source->device->device);
}

static void print_revision(FILE *out, const struct source *source)
{
	if (source->device->has_revision)
		fprintf(out, "%02x", source->device->revision);
	else
		putc('?', out);
}

static void print_subsystem(FILE *out, const struct source *source)
{
	fprintf(out, "%04x:%04x", source->device->subsystem_vendor, source->device->subsystem_device);
}

static void print_class(FILE *out, const struct source *source)
{
	fprintf(out, "%06x", source->device->class);
}

static void print_path(FILE *out, const struct source *source)
{
	fputs(source->path, out);
}

static void print_address(FILE *out, const struct source *source)
{
	fprintf(out, "%llx", (unsigned long long)source->bar->base);
}

static void print_size(FILE *out, const struct source *source)
{
	fprintf(out, "%llx", (unsigned long long)source->bar->size_bytes);
}

static void print_database(FILE *out, const struct source *source)
{
	fputs(source->evidence->database ?: "?", out);
}

static void print_site(FILE *out, const struct source *source)
{
	fputs(source->evidence->site_digest ?: "?", out);
}

static void print_imports(FILE *out, const struct source *source)
{
	fputs(source->evidence->imports_digest ?: "?", out);
}

/* A host that died over one BAR takes the proof from its neighbours, too; and who clears the journal asks for it to be judged anew. */
static void print_deaths(FILE *out, const struct source *source)
{
	const struct journal *journal = source->evidence->journal;

	for (size_t i = 0; i < journal->n; i++) {
		const struct journal_entry *entry = &journal->at[i];
		char address[PCI_ADDRESS_SIZE];

		if (!entry->is_crash)
			continue;
		pci_address_format(&entry->address, address);
		fprintf(out, "%s-%u-%u,", address, entry->bar, entry->deaths);
	}
}

/* ---- the table ---- */

#define PROBE_AGAIN "probe again: what was found there says nothing of what is here"
#define JUDGE_AGAIN "judge again with `pciwc refresh`: the hardware is not touched"

/* Those of the machine come first: findings have no others. */
static const struct row {
	struct fingerprint_part part;
	void (*print)(FILE *out, const struct source *source);
	enum { HARDWARE, MACHINE, BAR } of; /* HARDWARE: or the hypervisor in its place; nothing that is installed changes it */
} rows[] = {
	{ { "arch", "the architecture", PROBE_AGAIN }, print_arch, HARDWARE },
	{ { "cpu", "the processor's type, model or stepping", PROBE_AGAIN }, print_cpu, HARDWARE },
	{ { "microcode", "the processor's microcode", "probe again, or go back to the microcode of before" }, print_microcode, MACHINE },
	{ { "soc", "the SoC or its revision", PROBE_AGAIN }, print_soc, HARDWARE },
	{ { "board", "the machine's or board's name", PROBE_AGAIN }, print_board, MACHINE },
	{ { "firmware", "the firmware's version or date", "probe again, or go back to the firmware of before" }, print_firmware, MACHINE },
	{ { "dt", "the device tree", PROBE_AGAIN }, print_dt, MACHINE },
	{ { "hypervisor", "the hypervisor", PROBE_AGAIN }, print_hypervisor, HARDWARE },
	{ { "kernel", "the kernel's release", "probe again, or boot the kernel of before" }, print_kernel, MACHINE },
	{ { "cmdline", "the kernel's command line", "probe again, or boot with the command line of before" }, print_cmdline, MACHINE },
	{ { "microtests", "the version of the microtests", "probe again: they test more, or otherwise" }, print_microtests, MACHINE },
	{ { "device", "the device", PROBE_AGAIN }, print_device, BAR },
	{ { "revision", "the device's revision", PROBE_AGAIN }, print_revision, BAR },
	{ { "subsystem", "the device's card, its subsystem", PROBE_AGAIN }, print_subsystem, BAR },
	{ { "class", "the device's class", PROBE_AGAIN }, print_class, BAR },
	{ { "path", "the way to the device: a port, its payload size, or the BAR's window", PROBE_AGAIN }, print_path, BAR },
	{ { "address", "the BAR's address", "probe again: the BAR has moved" }, print_address, BAR },
	{ { "size", "the BAR's size", "probe again: the BAR was resized" }, print_size, BAR },
	{ { "database", "the quirk database", JUDGE_AGAIN }, print_database, BAR },
	{ { "site", "the site file", JUDGE_AGAIN }, print_site, BAR },
	{ { "imports", "what the site file imports", JUDGE_AGAIN }, print_imports, BAR },
	{ { "deaths", "the journal of hosts that died in a probe", JUDGE_AGAIN }, print_deaths, BAR },
};

/* A part of another version of pciwc, or a text that is none of its fingerprints. */
static const struct fingerprint_part unheard = { "version", "what pciwc looks at", JUDGE_AGAIN };

static char *print(const struct source *source)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		if (rows[i].of == BAR && !source->bar)
			continue;
		fprintf(out, "%s=", rows[i].part.name);
		rows[i].print(out, source);
		putc(';', out);
	}
	return path_key_finish(out, &text);
}

char *fingerprint_machine(const struct platform *platform, const struct kernel *kernel)
{
	const struct source source = { .platform = platform, .kernel = kernel };

	return print(&source);
}

char *fingerprint_of(const struct evidence *evidence, const struct device *device, const struct bar *bar)
{
	_cleanup_free_ char *path = path_key(evidence->devices, device, bar, evidence->platform);
	const struct source source = { evidence->platform, evidence->kernel, device, bar, path, evidence };

	if (!path)
		return NULL;
	return print(&source);
}

static const struct fingerprint_part *find(const char *name, size_t length)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++)
		if (strlen(rows[i].part.name) == length && !strncmp(rows[i].part.name, name, length))
			return &rows[i].part;
	return &unheard;
}

const struct fingerprint_part *fingerprint_difference(const char *a, const char *b)
{
	while (*a && *b) {
		size_t in_a = strcspn(a, ";"), in_b = strcspn(b, ";");

		if (in_a != in_b || strncmp(a, b, in_a))
			break;
		a += in_a + (a[in_a] == ';');
		b += in_b + (b[in_b] == ';');
	}
	if (!strcmp(a, b))
		return NULL;

	const char *part = *a ? a : b;
	size_t length = strcspn(part, "=;");

	/* One of the two says nothing of this part: it is another version's. */
	if (*a && *b && (strcspn(b, "=;") != length || strncmp(a, b, length) != 0))
		return &unheard;
	return find(part, length);
}

/* What a text says of a part: NULL, or *ret_length bytes of it. "?" in it is unknown: path_print_text() writes no other. */
static const char *value_of(const char *text, const char *name, size_t *ret_length)
{
	size_t length = strlen(name);

	for (const char *part = text; *part; part += strcspn(part, ";"), part += *part == ';') {
		if (strncmp(part, name, length) != 0 || part[length] != '=')
			continue;
		part += length + 1;
		*ret_length = strcspn(part, ";");
		return *ret_length && !memchr(part, '?', *ret_length) ? part : NULL;
	}
	return NULL;
}

bool fingerprint_is_elsewhere(const char *a, const char *b)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const char *name = rows[i].part.name;
		size_t in_a = 0, in_b = 0;
		const char *of_a = value_of(a, name, &in_a), *of_b = value_of(b, name, &in_b);

		if (rows[i].of == HARDWARE && of_a && of_b && (in_a != in_b || strncmp(of_a, of_b, in_a) != 0))
			return true;
	}
	return false;
}

const struct fingerprint_part *fingerprint_part_named(const char *name)
{
	return find(name, strlen(name));
}
