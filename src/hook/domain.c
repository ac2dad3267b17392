/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domain: the only user of expat. A document type is refused, and with it every entity that could grow or be fetched. */
#include "hook/domain.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "base/strs.h"

/* Far more than libvirt's own documents have, and little enough for any stack. */
#define DEPTH_MAX 64

/* The way down to a host device's address: an element a row, by its depth. */
enum { AT_DOMAIN, AT_DEVICES, AT_HOSTDEV, AT_SOURCE, AT_ADDRESS, LEVELS };

struct reading {
	XML_Parser parser;
	struct err *err;
	int r;
	unsigned int depth;   /* of elements that are open */
	unsigned int matched; /* how many of them, from the outermost, are on the way */
	struct host_devices found;
};

static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (!strcmp(attributes[i], name))
			return attributes[i + 1];
	return NULL;
}

static bool is_hostdev(const char *name, const XML_Char **attributes)
{
	const char *type = attribute(attributes, "type");

	return (!strcmp(name, "hostdev") && str_eq(type, "pci")) || (!strcmp(name, "interface") && str_eq(type, "hostdev"));
}

static bool is_on_the_way(unsigned int depth, const char *name, const XML_Char **attributes)
{
	static const char *const names[LEVELS] = {
		[AT_DOMAIN] = "domain", [AT_DEVICES] = "devices", [AT_SOURCE] = "source", [AT_ADDRESS] = "address",
	};

	return depth == AT_HOSTDEV ? is_hostdev(name, attributes) : depth < LEVELS && !strcmp(name, names[depth]);
}

static void stop(struct reading *reading, int r, const char *expected)
{
	reading->r = r == -ENOMEM ? r
	                          : err_set(reading->err, r, "bad-domain", "domain XML, line %lu: expected %s",
	                                    (unsigned long)XML_GetCurrentLineNumber(reading->parser), expected);
	XML_StopParser(reading->parser, XML_FALSE);
}

/* libvirt leaves the domain out of an address only where it is 0; the other three are always there. */
static void take_address(struct reading *reading, const XML_Char **attributes)
{
	static const struct {
		const char *name;
		uint64_t max;
	} parts[] = { { "domain", UINT32_MAX }, { "bus", 0xff }, { "slot", 0x1f }, { "function", 7 } };
	uint64_t values[ELEMENTSOF(parts)] = { 0 };

	for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
		const char *text = attribute(attributes, parts[i].name);

		if (!text && i == 0)
			continue;
		if (!text || parse_u64(text, 0, 0, parts[i].max, &values[i]) < 0)
			return stop(reading, -EINVAL, "an address of a host device: domain, bus, slot and function");
	}

	struct pci_address *address = array_add(&reading->found);

	if (!address)
		return stop(reading, -ENOMEM, NULL);
	*address = (struct pci_address){ (uint32_t)values[0], (uint8_t)values[1], (uint8_t)values[2], (uint8_t)values[3] };
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *reading = data;

	if (reading->r < 0)
		return;
	if (reading->depth == 0 && strcmp(name, "domain") != 0)
		return stop(reading, -EINVAL, "a domain");
	if (reading->depth >= DEPTH_MAX)
		return stop(reading, -EINVAL, "elements nested less deeply");
	if (reading->matched == reading->depth && is_on_the_way(reading->depth, name, attributes)) {
		reading->matched++;
		if (reading->matched == LEVELS)
			take_address(reading, attributes);
	}
	reading->depth++;
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct reading *reading = data;

	(void)name;
	reading->depth--;
	if (reading->matched > reading->depth)
		reading->matched = reading->depth;
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                               int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(data, -EINVAL, "no document type");
}

static void parser_done(XML_Parser *parser)
{
	XML_ParserFree(*parser);
}

int domain_read(const char *xml, size_t size, struct err *err, struct host_devices *ret)
{
	_cleanup_(parser_done) XML_Parser parser = XML_ParserCreate(NULL);
	struct reading reading = { .parser = parser, .err = err };

	if (!parser)
		return -ENOMEM;
	XML_SetUserData(parser, &reading);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	if (XML_Parse(parser, xml, (int)size, XML_TRUE) != XML_STATUS_OK && reading.r == 0)
		reading.r = XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY
		                    ? -ENOMEM
		                    : err_set(err, -EINVAL, "bad-domain", "domain XML, line %lu: %s",
		                              (unsigned long)XML_GetCurrentLineNumber(parser),
		                              XML_ErrorString(XML_GetErrorCode(parser)));
	if (reading.r < 0) {
		free(reading.found.at);
		return reading.r;
	}
	*ret = reading.found;
	return 0;
}
