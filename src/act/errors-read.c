/* SPDX-License-Identifier: GPL-2.0-or-later */
/* errors-read: finds the registers of a device and its ports, and reads them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/config.h"
#include "act/errors-table.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"

#define PCIE_TYPE_ROOT_PORT 4
#define HEADER_TYPE 0x0e
#define DPC_CONTROL 0x06
#define DPC_TRIGGER 0x0003 /* 0: off (7.9.14.3) */
#define LINK_STATE 0x03ff  /* of Link Status: width and speed */

/* ---- finding the registers ---- */

/* Is a port service of this driver ("aer", "dpc") bound at the port? Its name is "ADDRESS:pcieNNN". */
static bool has_service(const struct sysroot *root, const struct pci_address *port, const char *driver)
{
	_cleanup_(strs_done) struct strs names = { 0 };
	char path[64], prefix[PCI_ADDRESS_SIZE + 8], address[PCI_ADDRESS_SIZE];

	pci_address_format(port, address);
	snprintf(prefix, sizeof(prefix), "%s:pcie", address);
	snprintf(path, sizeof(path), "/sys/bus/pci_express/drivers/%s", driver);
	if (sysroot_list(root, path, &names) < 0)
		return false;
	for (size_t i = 0; i < names.n; i++)
		if (str_starts(names.at[i], prefix))
			return true;
	return false;
}

static uint16_t base_of(enum place place, const struct error_source *source, uint8_t header, uint16_t aer, uint16_t dpc,
                        bool is_root_port)
{
	switch (place) {
	case AT_START:
		return 0;
	case AT_BRIDGE:
		return (header & 0x7f) == 1 ? 0 : UINT16_MAX;
	case AT_PCIE:
		return source->pcie ?: UINT16_MAX;
	case AT_AER:
		return aer ?: UINT16_MAX;
	case AT_ROOT_AER:
		return is_root_port && aer ? aer : UINT16_MAX;
	case AT_DPC:
		return dpc ?: UINT16_MAX;
	}
	return UINT16_MAX;
}

static void open_source(const struct sysroot *root, const struct pci_address *address, struct error_source *source,
                        bool *ret_is_root_port)
{
	char path[64 + PCI_ADDRESS_SIZE], text[PCI_ADDRESS_SIZE];
	uint16_t flags = 0, aer, dpc, control = 0;
	uint8_t header = 0;

	pci_address_format(address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", text);
	*source = (struct error_source){ .address = *address, .dir = -1, .config = -1 };
	source->dir = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);
	if (source->dir >= 0)
		source->config = openat(source->dir, "config", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (source->config < 0)
		return;
	(void)config_u8(source->config, HEADER_TYPE, &header);
	source->pcie = config_cap(source->config, CAP_PCIE);
	if (source->pcie)
		(void)config_u16(source->config, source->pcie + PCIE_FLAGS, &flags);
	aer = source->pcie ? config_ext_cap(source->config, EXT_CAP_AER) : 0;
	dpc = source->pcie ? config_ext_cap(source->config, EXT_CAP_DPC) : 0;
	source->has_aer = aer;
	*ret_is_root_port = source->pcie && ((flags >> 4) & 0xf) == PCIE_TYPE_ROOT_PORT;
	for (size_t i = 0; i < ERROR_REGISTERS; i++) {
		uint16_t base = base_of(error_register_infos[i].place, source, header, aer, dpc, *ret_is_root_port);

		source->offsets[i] = base == UINT16_MAX ? 0 : (uint16_t)(base + error_register_infos[i].offset);
	}
	source->is_aer_owned = aer && has_service(root, address, "aer");
	source->is_dpc_armed = dpc && config_u16(source->config, dpc + DPC_CONTROL, &control) == 0 &&
	                       control != 0xffff && (control & DPC_TRIGGER) && has_service(root, address, "dpc");
}

int errors_open(const struct sysroot *root, const struct device *device, struct err *err, struct error_sources *ret)
{
	_cleanup_(errors_close) struct error_sources sources = { 0 };

	for (size_t i = 0; i <= device->n_ports; i++) {
		struct error_source *source = array_add(&sources);

		if (!source)
			return err_errno(err, -ENOMEM, "unreadable", "error registers");
		sources.is_root_port = false;
		open_source(root, i ? &device->ports[i - 1] : &device->address, source, &sources.is_root_port);
	}
	/* A root port's device that is one itself, with no port above, is not what the rule means. */
	sources.is_root_port = sources.is_root_port && device->n_ports;
	*ret = sources;
	sources = (struct error_sources){ 0 };
	return 0;
}

void errors_close(struct error_sources *sources)
{
	for (size_t i = 0; i < sources->n; i++) {
		close_fd(&sources->at[i].config);
		close_fd(&sources->at[i].dir);
	}
	free(sources->at);
	*sources = (struct error_sources){ 0 };
}

/* ---- reading ---- */

static uint64_t read_counter(int dir, const struct error_counter_info *info)
{
	_cleanup_free_ char *text = NULL;
	uint64_t value;
	char *at;

	if (attr_text(dir, info->attribute, 4096, &text) < 0)
		return UINT64_MAX;
	at = text;
	if (info->total) {
		at = strstr(text, info->total);
		if (!at)
			return UINT64_MAX;
		at += strlen(info->total);
		at += strspn(at, " ");
		at[strcspn(at, "\n")] = '\0';
	}
	return parse_u64(at, 10, 0, UINT64_MAX - 1, &value) < 0 ? UINT64_MAX : value;
}

static bool read_register(const struct error_source *source, enum error_register i, uint32_t *ret)
{
	uint16_t half = 0;
	int r;

	if (!source->offsets[i])
		return true;
	if (error_register_infos[i].bytes == 4) {
		r = config_u32(source->config, source->offsets[i], ret);
		return r == 0 && *ret != 0xffffffff;
	}
	r = config_u16(source->config, source->offsets[i], &half);
	*ret = half;
	return r == 0 && half != 0xffff;
}

static void read_source(const struct error_source *source, struct error_values *values)
{
	uint16_t link = 0;

	/* PCI Status is the one that everybody has; VFs too (PCIe 6.0, 9.3.4.1.4). */
	values->is_gone = source->config < 0;
	for (size_t i = 0; i < ERROR_REGISTERS && !values->is_gone; i++)
		values->is_gone = !read_register(source, (enum error_register)i, &values->registers[i]);
	if (source->pcie && !values->is_gone && config_u16(source->config, source->pcie + PCIE_LINK_STATUS, &link) == 0)
		values->link = link & LINK_STATE;
	for (size_t i = 0; i < ERROR_COUNTERS; i++)
		values->counters[i] = source->dir < 0 ? UINT64_MAX : read_counter(source->dir, &error_counter_infos[i]);
}

int errors_read(const struct error_sources *sources, struct error_snapshot *ret)
{
	struct error_snapshot snapshot = { 0 };

	for (size_t i = 0; i < sources->n; i++) {
		struct error_values *values = array_add(&snapshot);

		if (!values) {
			error_snapshot_done(&snapshot);
			return -ENOMEM;
		}
		read_source(&sources->at[i], values);
	}
	*ret = snapshot;
	return 0;
}

void error_snapshot_done(struct error_snapshot *snapshot)
{
	free(snapshot->at);
	*snapshot = (struct error_snapshot){ 0 };
}
