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

/* Where a function has such registers; 0: it has none there. */
struct bases {
	int pcie, aer, dpc;
	bool is_root_port, is_bridge;
};

/* 0, also when the function has gone, as whoever reads it will see; or a negative errno: what it has is not known. */
static int find_bases(int config, struct bases *ret)
{
	uint16_t flags = 0;
	uint8_t header = 0;
	int r = config_u8(config, HEADER_TYPE, &header);

	ret->is_bridge = (header & 0x7f) == 1;
	if (r == 0)
		r = ret->pcie = config_cap(config, CAP_PCIE);
	if (r > 0)
		r = config_u16(config, (unsigned int)ret->pcie + PCIE_FLAGS, &flags);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (!ret->pcie)
		return 0;
	ret->is_root_port = ((flags >> 4) & 0xf) == PCIE_TYPE_ROOT_PORT;
	r = ret->aer = config_ext_cap(config, EXT_CAP_AER);
	if (r >= 0)
		r = ret->dpc = config_ext_cap(config, EXT_CAP_DPC);
	return r < 0 ? r : 0;
}

/* Where a register is, or -1: the function does not have it. */
static int place_of(const struct error_register_info *info, const struct bases *bases)
{
	int base = 0;

	switch (info->place) {
	case AT_START:
		return info->offset;
	case AT_BRIDGE:
		return bases->is_bridge ? info->offset : -1;
	case AT_PCIE:
		base = bases->pcie;
		break;
	case AT_AER:
		base = bases->aer;
		break;
	case AT_ROOT_AER:
		base = bases->is_root_port ? bases->aer : 0;
		break;
	case AT_DPC:
		base = bases->dpc;
		break;
	}
	return base ? base + info->offset : -1;
}

static void open_source(const struct sysroot *root, const struct pci_address *address, struct error_source *source,
                        bool *ret_is_root_port)
{
	char path[64 + PCI_ADDRESS_SIZE], text[PCI_ADDRESS_SIZE];
	struct bases bases = { 0 };
	uint16_t control = 0;

	pci_address_format(address, text);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", text);
	*source = (struct error_source){ .address = *address, .dir = -1, .config = -1 };
	source->dir = sysroot_fd(root, path, O_DIRECTORY | O_RDONLY);
	if (source->dir >= 0)
		source->config = openat(source->dir, "config", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (source->config < 0)
		return;
	source->is_unread = find_bases(source->config, &bases) < 0;
	if (source->is_unread)
		return;
	source->pcie = (uint16_t)bases.pcie;
	source->has_aer = bases.aer;
	*ret_is_root_port = bases.is_root_port;
	for (size_t i = 0; i < ERROR_REGISTERS; i++) {
		int place = place_of(&error_register_infos[i], &bases);

		source->offsets[i] = place < 0 ? 0 : (uint16_t)place;
	}
	source->is_aer_owned = bases.aer && has_service(root, address, "aer");
	source->is_dpc_armed = bases.dpc &&
	                       config_u16(source->config, (unsigned int)bases.dpc + DPC_CONTROL, &control) == 0 &&
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

/* 0, also when there is none, or a negative errno; *ret is UINT64_MAX then. */
static int read_counter(int dir, const struct error_counter_info *info, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	int r = attr_text(dir, info->attribute, 4096, &text);
	char *at = text;

	*ret = UINT64_MAX;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (info->total) {
		at = strstr(text, info->total);
		if (at) {
			at += strlen(info->total);
			at += strspn(at, " ");
			at[strcspn(at, "\n")] = '\0';
		}
	}
	return at ? parse_u64(at, 10, 0, UINT64_MAX - 1, ret) : -EINVAL;
}

static void read_register(const struct error_source *source, enum error_register i, struct error_values *values)
{
	uint32_t ones = error_register_infos[i].bytes == 4 ? UINT32_MAX : UINT16_MAX, word = 0;
	uint16_t half = 0;
	int r;

	if (!source->offsets[i])
		return;
	if (error_register_infos[i].bytes == 4) {
		r = config_u32(source->config, source->offsets[i], &word);
	} else {
		r = config_u16(source->config, source->offsets[i], &half);
		word = half;
	}
	values->registers[i] = word;
	values->is_gone = r == -ENODEV || word == ones;
	if (r < 0 && r != -ENODEV)
		values->unread |= ERROR_UNREAD_REGISTER(i);
}

static void read_source(const struct error_source *source, struct error_values *values)
{
	uint16_t link = 0;

	/* PCI Status is the one that everybody has; VFs too (PCIe 6.0, 9.3.4.1.4). */
	values->is_gone = source->config < 0;
	for (size_t i = 0; i < ERROR_REGISTERS && !values->is_gone; i++)
		read_register(source, (enum error_register)i, values);
	if (source->pcie && !values->is_gone) {
		int r = config_u16(source->config, source->pcie + PCIE_LINK_STATUS, &link);

		values->link = link & LINK_STATE;
		if (r < 0 && r != -ENODEV)
			values->unread |= ERROR_UNREAD_LINK;
	}
	for (size_t i = 0; i < ERROR_COUNTERS; i++)
		if (source->dir < 0)
			values->counters[i] = UINT64_MAX;
		else if (read_counter(source->dir, &error_counter_infos[i], &values->counters[i]) < 0)
			values->unread |= ERROR_UNREAD_COUNTER(i);
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
