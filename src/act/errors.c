/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errors: raw registers and AER's counters of the device and the ports above it.
 *
 * Both, because each is blind alone: where Linux owns AER its handler clears the registers and counts; where firmware
 * owns it the counters never move on older kernels, and exist all the same. Who owns AER is nowhere in sysfs as such,
 * but a root port has an AER service (/sys/bus/pci_express/drivers/aer) only when _OSC, or pcie_ports=native, gave it
 * to Linux (drivers/pci/pcie/portdrv.c, get_port_device_capability; the same for "dpc").
 *
 * Errors count as observed when
 *  - the last function above the device is a root port whose AER Linux owns: each error message that reaches it is
 *    counted;
 *  - every function on the way answers, before and after, and nothing that it has could not be asked; and
 *  - none shows an uncorrectable error already: a bit that is set cannot be set again. (A correctable one that stands
 *    blinds only for its like: what the link repaired did no harm.) A function with AER tells by its uncorrectable
 *    status, where a bit is set also when its message is masked (PCIe 6.0, 6.2.3.2.2); one without by Device Status,
 *    and one without PCI Express by PCI Status.
 * Anything else is "not observed", which judge says and does not forgive by itself.
 */
#include "act/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/config.h"
#include "act/errors-table.h"
#include "base/cleanup.h"

const struct error_register_info error_register_infos[ERROR_REGISTERS] = {
	[ERROR_UNCORRECTABLE] = { "AER uncorrectable status", AT_AER, 0x04, 4, 0xffffffff, 0xffffffff },
	[ERROR_CORRECTABLE] = { "AER correctable status", AT_AER, 0x10, 4, 0xffffffff, 0 },
	[ERROR_DPC] = { "DPC status", AT_DPC, 0x08, 2, 0x0001, 0x0001 },
	/* Correctable, non-fatal, fatal, unsupported request (PCIe 6.0, 7.5.3.5). */
	[ERROR_DEVICE_STATUS] = { "Device Status", AT_PCIE, PCIE_DEVICE_STATUS, 2, 0x000f, 0x000e },
	/*
	 * Parity, signaled and received aborts, SERR (PCI Local Bus 3.0, 6.2.3); as a target it signals an abort, or
	 * parity.
	 */
	[ERROR_STATUS] = { "Status", AT_START, CONFIG_STATUS, 2, 0xf900, 0xc800 },
	[ERROR_SECONDARY] = { "Secondary Status", AT_BRIDGE, CONFIG_SECONDARY_STATUS, 2, 0xf900, 0 },
	/* Messages received (7.8.4.9); the rest is the interrupt's number. */
	[ERROR_ROOT] = { "AER root error status", AT_ROOT_AER, 0x30, 4, 0x0000007f, 0x00000074 },
};

const struct error_counter_info error_counter_infos[ERROR_COUNTERS] = {
	[COUNTER_CORRECTABLE] = { "aer_dev_correctable", "TOTAL_ERR_COR", false, false },
	[COUNTER_NONFATAL] = { "aer_dev_nonfatal", "TOTAL_ERR_NONFATAL", false, false },
	[COUNTER_FATAL] = { "aer_dev_fatal", "TOTAL_ERR_FATAL", false, false },
	[COUNTER_ROOT_CORRECTABLE] = { "aer_rootport_total_err_cor", NULL, true, true },
	[COUNTER_ROOT_NONFATAL] = { "aer_rootport_total_err_nonfatal", NULL, true, false },
	[COUNTER_ROOT_FATAL] = { "aer_rootport_total_err_fatal", NULL, true, false },
};

static const struct bit_name {
	enum error_register in;
	uint32_t bit;
	const char *name;
} bit_names[] = {
	{ ERROR_STATUS, 0x0100, "master data parity error" },
	{ ERROR_STATUS, 0x0800, "signaled target abort" },
	{ ERROR_STATUS, 0x1000, "received target abort" },
	{ ERROR_STATUS, 0x2000, "received master abort" },
	{ ERROR_STATUS, 0x4000, "signaled system error" },
	{ ERROR_STATUS, 0x8000, "detected parity error" },
	{ ERROR_SECONDARY, 0x0100, "master data parity error" },
	{ ERROR_SECONDARY, 0x0800, "signaled target abort" },
	{ ERROR_SECONDARY, 0x1000, "received target abort" },
	{ ERROR_SECONDARY, 0x2000, "received master abort" },
	{ ERROR_SECONDARY, 0x4000, "received system error" },
	{ ERROR_SECONDARY, 0x8000, "detected parity error" },
	{ ERROR_DEVICE_STATUS, 0x0001, "correctable" },
	{ ERROR_DEVICE_STATUS, 0x0002, "non-fatal" },
	{ ERROR_DEVICE_STATUS, 0x0004, "fatal" },
	{ ERROR_DEVICE_STATUS, 0x0008, "unsupported request" },
	{ ERROR_UNCORRECTABLE, 1u << 4, "data link protocol" },
	{ ERROR_UNCORRECTABLE, 1u << 5, "surprise down" },
	{ ERROR_UNCORRECTABLE, 1u << 12, "poisoned TLP" },
	{ ERROR_UNCORRECTABLE, 1u << 13, "flow control protocol" },
	{ ERROR_UNCORRECTABLE, 1u << 14, "completion timeout" },
	{ ERROR_UNCORRECTABLE, 1u << 15, "completer abort" },
	{ ERROR_UNCORRECTABLE, 1u << 16, "unexpected completion" },
	{ ERROR_UNCORRECTABLE, 1u << 17, "receiver overflow" },
	{ ERROR_UNCORRECTABLE, 1u << 18, "malformed TLP" },
	{ ERROR_UNCORRECTABLE, 1u << 19, "ECRC" },
	{ ERROR_UNCORRECTABLE, 1u << 20, "unsupported request" },
	{ ERROR_UNCORRECTABLE, 1u << 21, "ACS violation" },
	{ ERROR_UNCORRECTABLE, 1u << 22, "internal" },
	{ ERROR_CORRECTABLE, 1u << 0, "receiver" },
	{ ERROR_CORRECTABLE, 1u << 6, "bad TLP" },
	{ ERROR_CORRECTABLE, 1u << 7, "bad DLLP" },
	{ ERROR_CORRECTABLE, 1u << 8, "replay number rollover" },
	{ ERROR_CORRECTABLE, 1u << 12, "replay timer timeout" },
	{ ERROR_CORRECTABLE, 1u << 13, "advisory non-fatal" },
	{ ERROR_CORRECTABLE, 1u << 14, "corrected internal" },
	{ ERROR_ROOT, 0x01, "correctable received" },
	{ ERROR_ROOT, 0x04, "uncorrectable received" },
	{ ERROR_ROOT, 0x20, "non-fatal received" },
	{ ERROR_ROOT, 0x40, "fatal received" },
	{ ERROR_DPC, 0x01, "triggered" },
};

/* ---- comparing ---- */

static void name_bits(enum error_register in, uint32_t bits, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "0x%x", bits);
	const char *sign = " (";

	for (size_t i = 0; i < ELEMENTSOF(bit_names) && used < size; i++) {
		if (bit_names[i].in != in || !(bits & bit_names[i].bit))
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", sign, bit_names[i].name);
		sign = ", ";
	}
	if (sign[0] == ',' && used < size)
		snprintf(text + used, size - used, ")");
}

/* Adds one line of news, the worst kind first: what is here replaces what may be elsewhere, and joins its like. */
__attribute__((format(printf, 4, 5))) static void tell(enum error_news *news, enum error_news kind,
                                                       char text[static 256], const char *format, ...)
{
	size_t used = kind == *news ? strlen(text) : 0;
	va_list args;

	if (kind < *news)
		return;
	if (used)
		used += (size_t)snprintf(text + used, 256 - used, "; ");
	if (used < 256) {
		va_start(args, format);
		vsnprintf(text + used, 256 - used, format, args);
		va_end(args);
	}
	*news = kind;
}

static void compare_counters(const struct error_values *before, const struct error_values *after, const char *name,
                             enum error_news *news, char text[static 256])
{
	for (size_t i = 0; i < ERROR_COUNTERS; i++) {
		const struct error_counter_info *info = &error_counter_infos[i];
		unsigned long long was = before->counters[i], is = after->counters[i];

		if (was == is || was == UINT64_MAX || is == UINT64_MAX)
			continue;
		/*
		 * An uncorrectable one that nobody owned up to counts as ours: a fatal error's source is often not
		 * readable.
		 */
		tell(news, info->is_of_all && info->is_harmless ? ERROR_NEWS_ELSEWHERE : ERROR_NEWS_HERE, text,
		     "%s: %s went from %llu to %llu", name, info->attribute, was, is);
	}
}

static void compare_registers(const struct error_source *source, const struct error_values *before,
                              const struct error_values *after, const char *name, enum error_news *news,
                              char text[static 256])
{
	char bits[160];

	for (size_t i = 0; i < ERROR_REGISTERS; i++) {
		uint32_t now = after->registers[i] & ~before->registers[i] & error_register_infos[i].errors;

		/* The root's status speaks of everything below it: a correctable message may be another device's. */
		bool is_other = i == ERROR_ROOT && !(now & error_register_infos[i].blinding);

		if (!source->offsets[i] || !now || (before->unread & ERROR_UNREAD_REGISTER(i)))
			continue;
		name_bits((enum error_register)i, now, bits, sizeof(bits));
		tell(news, is_other ? ERROR_NEWS_ELSEWHERE : ERROR_NEWS_HERE, text, "%s: %s: new %s", name,
		     error_register_infos[i].name, bits);
	}
}

static void compare_source(const struct error_source *source, const struct error_values *before,
                           const struct error_values *after, enum error_news *news, char text[static 256])
{
	char name[PCI_ADDRESS_SIZE];

	pci_address_format(&source->address, name);
	if (before->is_gone)
		return; /* nothing to compare with: not observed */
	if (after->is_gone) {
		tell(news, ERROR_NEWS_HERE, text, "%s no longer answers", name);
		return;
	}
	if (before->link != after->link && !((before->unread | after->unread) & ERROR_UNREAD_LINK))
		tell(news, ERROR_NEWS_HERE, text, "%s: the link's speed or width changed: Link Status 0x%03x, was 0x%03x",
		     name, after->link, before->link);
	/* Where Linux owns AER the registers are clear again, and the counter is what is left. */
	compare_counters(before, after, name, news, text);
	compare_registers(source, before, after, name, news, text);
}

static enum error_news compare_from(const struct error_sources *sources, size_t first, const struct error_snapshot *before,
                                    const struct error_snapshot *after, char text[static 256])
{
	enum error_news news = ERROR_NEWS_NONE;

	text[0] = '\0';
	for (size_t i = first; i < sources->n; i++)
		compare_source(&sources->at[i], &before->at[i], &after->at[i], &news, text);
	return news;
}

enum error_news errors_compare(const struct error_sources *sources, const struct error_snapshot *before,
                               const struct error_snapshot *after, char text[static 256])
{
	return compare_from(sources, 0, before, after, text);
}

bool errors_are_of_ports(const struct error_sources *sources, const struct error_snapshot *before,
                         const struct error_snapshot *after)
{
	char text[256];

	return compare_from(sources, 1, before, after, text) == ERROR_NEWS_HERE;
}

/* ---- what it is worth ---- */

static bool is_blind(const struct error_source *source, const struct error_values *values)
{
	enum error_register by = ERROR_STATUS;

	if (source->pcie)
		by = source->has_aer ? ERROR_UNCORRECTABLE : ERROR_DEVICE_STATUS;

	return source->is_unread || values->is_gone || values->unread ||
	       (values->registers[by] & error_register_infos[by].blinding) ||
	       (values->registers[ERROR_DPC] & error_register_infos[ERROR_DPC].blinding);
}

static bool is_whole(const struct error_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->n; i++)
		if (snapshot->at[i].unread)
			return false;
	return true;
}

bool errors_observed(const struct error_sources *sources, const struct error_snapshot *before,
                     const struct error_snapshot *after)
{
	if (!sources->is_root_port || !sources->at[sources->n - 1].is_aer_owned || !is_whole(after))
		return false;
	for (size_t i = 0; i < sources->n; i++)
		if (is_blind(&sources->at[i], &before->at[i]))
			return false;
	return true;
}

enum containment errors_containment(const struct error_sources *sources)
{
	for (size_t i = 1; i < sources->n; i++)
		if (sources->at[i].is_dpc_armed)
			return CONTAINMENT_DPC;
	if (sources->is_root_port && sources->at[sources->n - 1].is_aer_owned)
		return CONTAINMENT_AER;
	return CONTAINMENT_NONE;
}
