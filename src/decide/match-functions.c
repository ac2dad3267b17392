/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match-functions: the keys that ask about PCI functions: ports, host bridges, the device itself. */
#include <string.h>

#include "decide/match-parts.h"

/* Zero is what a field holds that could not be read, and all ones what a function says that is gone. */
static bool is_read(uint32_t id)
{
	return id && id != 0xffff;
}

static enum tri id_is(const struct criterion *c, uint32_t vendor, uint32_t device)
{
	bool is_any_device = !(c->min & 0xffff) && (c->max & 0xffff) == 0xffff;

	if (!is_read(vendor))
		return TRI_UNKNOWN;
	if (vendor != c->min >> 16)
		return TRI_NO;
	if (is_any_device)
		return TRI_YES;
	return is_read(device) ? tri_of(in_range(c, vendor << 16 | device)) : TRI_UNKNOWN;
}

static enum tri revision_is(const struct criterion *c, const struct device *device)
{
	return device->has_revision ? tri_of(in_range(c, device->revision)) : TRI_UNKNOWN;
}

/* An id, or {"id":,"revision":}, of one function; vendor and id are its own or its subsystem's. */
static enum tri function_matches(const struct form *form, uint32_t vendor, uint32_t id, const struct device *device,
                                 struct told *told)
{
	enum tri all = TRI_YES;
	bool has_revision = false;

	for (size_t i = 0; i < form->n; i++) {
		const struct criterion *c = &form->at[i];
		bool is_revision = c->field && !strcmp(c->field, "revision");

		has_revision |= is_revision;
		all = tri_and(all, is_revision ? revision_is(c, device) : id_is(c, vendor, id));
	}
	if (all != TRI_YES)
		return all;
	return has_revision ? yes(told, "%04x:%04x revision %02x", vendor, id, device->revision)
	                    : yes(told, "%04x:%04x", vendor, id);
}

static enum tri has_class(const struct device *device, uint32_t class)
{
	return device->class ? tri_of(device->class >> 8 == class) : TRI_UNKNOWN;
}

enum tri match_port(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct device *device = facts->device;
	enum tri any = device && device->has_ports ? TRI_NO : TRI_UNKNOWN;

	for (size_t i = 0; device && i < device->n_ports && any != TRI_YES; i++) {
		const struct device *port = facts->ports ? facts->ports[i] : devices_find(facts->devices, &device->ports[i]);
		enum tri is_port = port ? has_class(port, 0x0604) : TRI_UNKNOWN;

		if (is_port != TRI_NO && port)
			is_port = tri_and(is_port, function_matches(form, port->vendor, port->device, port,
			                                            is_port == TRI_YES ? told : NULL));
		any = tri_or(any, is_port);
	}
	return any;
}

enum tri match_host_bridge(const struct form *form, const struct facts *facts, struct told *told)
{
	enum tri any = facts->devices->n ? TRI_NO : TRI_UNKNOWN;
	size_t n = facts->bridges ? facts->bridges->n : facts->devices->n;

	for (size_t i = 0; i < n && any != TRI_YES; i++) {
		const struct device *bridge = facts->bridges ? facts->bridges->at[i] : &facts->devices->at[i];
		enum tri one = has_class(bridge, 0x0600);

		if (one != TRI_NO)
			one = tri_and(one, function_matches(form, bridge->vendor, bridge->device, bridge,
			                                    one == TRI_YES ? told : NULL));
		any = tri_or(any, one);
	}
	return any;
}

enum tri match_device(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct device *device = facts->device;

	return device ? function_matches(form, device->vendor, device->device, device, told) : TRI_UNKNOWN;
}

enum tri match_subsystem(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct device *device = facts->device;

	return device ? function_matches(form, device->subsystem_vendor, device->subsystem_device, device, told)
	              : TRI_UNKNOWN;
}

enum tri match_class(const struct form *form, const struct facts *facts, struct told *told)
{
	const struct device *device = facts->device;

	if (!device || !device->class)
		return TRI_UNKNOWN;
	return in_range(&form->at[0], device->class) ? yes(told, "%06x", device->class) : TRI_NO;
}

enum tri match_revision(const struct form *form, const struct facts *facts, struct told *told)
{
	enum tri is = facts->device ? revision_is(&form->at[0], facts->device) : TRI_UNKNOWN;

	return is == TRI_YES ? yes(told, "%02x", facts->device->revision) : is;
}

enum tri match_bar(const struct form *form, const struct facts *facts, struct told *told)
{
	if (!facts->bar)
		return TRI_UNKNOWN;
	return in_range(&form->at[0], facts->bar->index) ? yes(told, "%u", facts->bar->index) : TRI_NO;
}
