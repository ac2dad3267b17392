/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site: what the administrator chose for a device, a BAR or an entry. */
#include "model/site.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const containment_names[CONTAINMENTS] = {
	[CONTAINMENT_UNKNOWN] = "unknown",
	[CONTAINMENT_NONE] = "none",
	[CONTAINMENT_AER] = "aer",
	[CONTAINMENT_DPC] = "dpc",
};

const char *const guest_choice_names[GUEST_CHOICES] = {
	[GUEST_CHOICE_NONE] = "none",
	[GUEST_ALLOW] = "allow",
	[GUEST_WARN] = "warn",
	[GUEST_REFUSE] = "refuse",
};

#define DEFAULT_GAIN 1.2

void site_default(struct site *ret)
{
	*ret = (struct site){
		.minimum_containment = CONTAINMENT_NONE,
		.minimum_gain = DEFAULT_GAIN,
		.guests_unsafe = GUEST_REFUSE,
		.guests_unknown = GUEST_ALLOW,
	};
}

bool selector_matches(const struct selector *selector, const struct device *device)
{
	uint64_t id = (uint64_t)device->vendor << 16 | device->device;

	switch (selector->kind) {
	case SELECT_ADDRESS:
		return !pci_address_compare(&selector->address, &device->address);
	case SELECT_ID:
		return id >= selector->min && id <= selector->max;
	case SELECT_CLASS:
		return device->class >= selector->min && device->class <= selector->max;
	case SELECT_NONE:
		break;
	}
	return false;
}

void site_done(struct site *site)
{
	for (size_t i = 0; i < site->scratch.n; i++)
		free(site->scratch.at[i].device.text);
	for (size_t i = 0; i < site->readable.n; i++)
		free(site->readable.at[i].device.text);
	for (size_t i = 0; i < site->reset.n; i++)
		free(site->reset.at[i].text);
	for (size_t i = 0; i < site->grant.n; i++) {
		free(site->grant.at[i].device.text);
		free(site->grant.at[i].group);
		free(site->grant.at[i].displaces);
	}
	for (size_t i = 0; i < site->accept.n; i++) {
		free(site->accept.at[i].what);
		free(site->accept.at[i].reason);
	}
	for (size_t i = 0; i < site->lift.n; i++) {
		free(site->lift.at[i].what);
		free(site->lift.at[i].reason);
	}
	for (size_t i = 0; i < site->imports.n; i++) {
		free(site->imports.at[i].what);
		free(site->imports.at[i].reason);
	}
	free(site->scratch.at);
	free(site->readable.at);
	free(site->reset.at);
	free(site->grant.at);
	free(site->accept.at);
	free(site->lift.at);
	free(site->imports.at);
	free(site->file);
	*site = (struct site){ 0 };
}

const struct site_choice *site_accepts(const struct site *site, const char *what)
{
	for (size_t i = 0; i < site->accept.n; i++)
		if (!strcmp(site->accept.at[i].what, what))
			return &site->accept.at[i];
	return NULL;
}

const struct site_choice *site_accepts_entry(const struct site *site, const char *entry)
{
	for (size_t i = 0; i < site->accept.n; i++)
		if (str_starts(site->accept.at[i].what, "entry:") && !strcmp(site->accept.at[i].what + 6, entry))
			return &site->accept.at[i];
	return NULL;
}

const struct site_choice *site_lifts(const struct site *site, const char *entry)
{
	/* What stands in for a name is a place in a file: tomorrow another entry has it. */
	for (size_t i = 0; quirk_is_name(entry) && i < site->lift.n; i++)
		if (!strcmp(site->lift.at[i].what, entry))
			return &site->lift.at[i];
	return NULL;
}

const struct site_grant *site_grant(const struct site *site, const struct device *device, unsigned int bar,
                                    const struct site_grant *after)
{
	for (size_t i = after ? (size_t)(after - site->grant.at) + 1 : 0; i < site->grant.n; i++) {
		const struct site_grant *row = &site->grant.at[i];

		if (row->bar == bar && (!after || row->backend == after->backend) && selector_matches(&row->device, device))
			return row;
	}
	return NULL;
}
