/* SPDX-License-Identifier: GPL-2.0-or-later */
/* site-check: holds each row against the machine, the database, and the rows before it. */
#include "decide/site-check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

struct check {
	const struct site *site;
	const struct devices *devices;
	const struct quirks *quirks;
	struct strs *ret;
};

__attribute__((format(printf, 4, 5))) static int warn(const struct check *c, const char *list, size_t i,
                                                      const char *format, ...)
{
	char what[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	_cleanup_free_ char *text = str_printf("%s[%zu]: %s", list, i, what);

	return text ? strs_add(c->ret, text) : -ENOMEM;
}

/* A row that names a device, and mostly a BAR of it and a part of that. */
struct row {
	const char *list;
	size_t i;
	const struct selector *selector;
	int bar;                   /* -1: the device as a whole */
	const struct range *range; /* NULL, or of 0 bytes: the whole BAR */
	bool needs_prefetchable;
};

static int check_bar(const struct check *c, const struct row *row, const struct device *device)
{
	const struct bar *bar = device_bar(device, (unsigned int)row->bar);
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&device->address, address);
	if (!bar)
		return warn(c, row->list, row->i, "%s has no BAR %d", address, row->bar);
	if (row->needs_prefetchable && !bar_is_candidate(bar))
		return warn(c, row->list, row->i, "BAR %d of %s is not prefetchable memory: nothing of it is ever granted",
		            row->bar, address);
	if (row->range && (row->range->offset > bar->size_bytes || row->range->size_bytes > bar->size_bytes - row->range->offset))
		return warn(c, row->list, row->i, "0x%llx bytes at 0x%llx leave BAR %d of %s, which has 0x%llx",
		            (unsigned long long)row->range->size_bytes, (unsigned long long)row->range->offset, row->bar,
		            address, (unsigned long long)bar->size_bytes);
	return 0;
}

static int check_row(const struct check *c, const struct row *row)
{
	size_t n = 0;
	int r = 0;

	for (size_t d = 0; r == 0 && d < c->devices->n; d++) {
		if (!selector_matches(row->selector, &c->devices->at[d]))
			continue;
		n++;
		if (row->bar >= 0)
			r = check_bar(c, row, &c->devices->at[d]);
	}
	return r < 0 || n ? r : warn(c, row->list, row->i, "%s matches no device of this machine", row->selector->text);
}

static int check_scratch(const struct check *c)
{
	const struct site *site = c->site;
	int r = 0;

	for (size_t i = 0; r == 0 && i < site->scratch.n; i++) {
		const struct site_scratch *row = &site->scratch.at[i];

		r = check_row(c, &(struct row){ "scratch", i, &row->device, row->bar, &row->range, false });
		for (size_t n = 0; r == 0 && n < i; n++) {
			const struct site_scratch *before = &site->scratch.at[n];

			if (str_eq(before->device.text, row->device.text) && before->bar == row->bar &&
			    row->range.offset < before->range.offset + before->range.size_bytes &&
			    before->range.offset < row->range.offset + row->range.size_bytes)
				r = warn(c, "scratch", i, "overlaps scratch[%zu]", n);
		}
	}
	return r;
}

static int check_readable(const struct check *c)
{
	const struct site *site = c->site;
	int r = 0;

	for (size_t i = 0; r == 0 && i < site->readable.n; i++) {
		const struct site_bar *row = &site->readable.at[i];

		r = check_row(c, &(struct row){ "readable", i, &row->device, row->bar, NULL, false });
		for (size_t n = 0; r == 0 && n < i; n++)
			if (str_eq(site->readable.at[n].device.text, row->device.text) && site->readable.at[n].bar == row->bar)
				r = warn(c, "readable", i, "is readable[%zu] again", n);
	}
	return r;
}

static int check_reset(const struct check *c)
{
	const struct site *site = c->site;
	int r = 0;

	for (size_t i = 0; r == 0 && i < site->reset.n; i++) {
		const struct selector *row = &site->reset.at[i];

		r = check_row(c, &(struct row){ "reset", i, row, -1, NULL, false });
		for (size_t n = 0; r == 0 && n < i; n++)
			if (str_eq(site->reset.at[n].text, row->text))
				r = warn(c, "reset", i, "is reset[%zu] again", n);
	}
	return r;
}

static bool asks_the_same(const struct site_grant *a, const struct site_grant *b)
{
	return a->range.offset == b->range.offset && a->range.size_bytes == b->range.size_bytes && a->on_request == b->on_request;
}

/* The first row that names a BAR says which backend it has; only variant has more rows, for more parts. */
static int check_rivals(const struct check *c, size_t i, const struct device *device)
{
	const struct site_grant *rows = c->site->grant.at, *row = &rows[i];
	const struct site_grant *first = site_grant(c->site, device, row->bar, NULL);
	char address[PCI_ADDRESS_SIZE];

	pci_address_format(&device->address, address);
	if (!first || first == row)
		return 0;
	if (first->backend != row->backend || row->backend == BACKEND_GRANT)
		return warn(c, "grant", i, "grants nothing of BAR %u of %s: grant[%zu] is before it, by backend %s", row->bar,
		            address, (size_t)(first - rows), backend_names[first->backend]);
	for (; first && first != row; first = site_grant(c->site, device, row->bar, first))
		if (asks_the_same(first, row))
			return warn(c, "grant", i, "asks for what grant[%zu] asks for already, of BAR %u of %s",
			            (size_t)(first - rows), row->bar, address);
	return 0;
}

static int check_grant(const struct check *c)
{
	const struct site *site = c->site;
	int r = 0;

	for (size_t i = 0; r == 0 && i < site->grant.n; i++) {
		const struct site_grant *row = &site->grant.at[i];

		r = check_row(c, &(struct row){ "grant", i, &row->device, row->bar, &row->range, true });
		for (size_t d = 0; r == 0 && d < c->devices->n; d++)
			if (selector_matches(&row->device, &c->devices->at[d]))
				r = check_rivals(c, i, &c->devices->at[d]);
	}
	return r;
}

/* A choice that names no entry decides nothing, but looks as if it did. */
static int check_choices(const struct check *c, const char *list, const struct site_choice *at, size_t n,
                         const char *prefix)
{
	size_t skip = strlen(prefix);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (str_starts(at[i].what, prefix) && !quirks_find(c->quirks, at[i].what + skip))
			r = warn(c, list, i, "no entry of the database is called %s", at[i].what + skip);
		for (size_t before = 0; r == 0 && before < i; before++)
			if (str_eq(at[before].what, at[i].what))
				r = warn(c, list, i, "is %s[%zu] again; its reason is not read", list, before);
	}
	return r;
}

static int check_accept(const struct check *c)
{
	return check_choices(c, "accept", c->site->accept.at, c->site->accept.n, "entry:");
}

static int check_lift(const struct check *c)
{
	return check_choices(c, "lift", c->site->lift.at, c->site->lift.n, "");
}

static int (*const checks[])(const struct check *c) = {
	check_scratch, check_readable, check_reset, check_grant, check_accept, check_lift,
};

int site_warnings(const struct site *site, const struct devices *devices, const struct quirks *quirks, struct strs *ret)
{
	const struct check c = { site, devices, quirks, ret };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(checks); i++)
		r = checks[i](&c);
	return r;
}
