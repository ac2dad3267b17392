/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smbios: walks structures whose lengths the firmware, or whoever made a captured root, chose. */
#include "observe/smbios.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

/* DSP0134 3.6: 6.1.2 header; 7.1 BIOS information; 7.5 processor information; 7.45 end of table. */
#define TYPE_BIOS 0
#define TYPE_PROCESSOR 4
#define TYPE_END 127
#define HEADER_BYTES 4
#define BIOS_EXTENSION_2 0x13
#define BIOS_EXTENSION_2_VM (1 << 4)
#define PROCESSOR_ID 0x08
#define PROCESSOR_VERSION 0x10
#define PROCESSOR_STATUS 0x18
#define PROCESSOR_STATUS_POPULATED (1 << 6)

struct structure {
	const uint8_t *at;   /* length bytes, the first is the type */
	size_t length;
	const char *strings; /* each ends in NUL, and behind the last is one more */
};

/* The byte at offset, or 0 in a structure of an older version that ends before it. */
static uint8_t byte(const struct structure *s, size_t offset)
{
	return offset < s->length ? s->at[offset] : 0;
}

/* String number n, from 1: a copy without surrounding blanks; NULL when there is none, or it is empty. */
static int copy_string(const struct structure *s, unsigned int n, char **ret)
{
	const char *text = s->strings;
	size_t length;
	char *copy;

	*ret = NULL;
	if (!n)
		return 0;
	while (--n && *text)
		text += strlen(text) + 1;
	text += strspn(text, " ");
	length = strlen(text);
	while (length && text[length - 1] == ' ')
		length--;
	if (!length)
		return 0;
	copy = strndup(text, length);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}

/* The structure at *at, which moves behind it; false when it runs over the end. */
static bool next(const uint8_t *table, size_t size, size_t *at, struct structure *ret)
{
	size_t start = *at, end;

	if (size - start < HEADER_BYTES || table[start + 1] < HEADER_BYTES || table[start + 1] > size - start)
		return false;
	*ret = (struct structure){ .at = table + start, .length = table[start + 1] };
	ret->strings = (const char *)table + start + ret->length;
	for (end = start + ret->length; end + 1 < size; end++) {
		if (table[end] || table[end + 1])
			continue;
		*at = end + 2;
		return true;
	}
	return false;
}

static int take_processor(const struct structure *s, struct processors *processors)
{
	struct processor *processor;

	/* One that ends before its status may be of a populated socket. */
	if (s->length > PROCESSOR_STATUS && !(byte(s, PROCESSOR_STATUS) & PROCESSOR_STATUS_POPULATED))
		return 0;
	processor = array_add(processors);
	if (!processor)
		return -ENOMEM;
	for (unsigned int i = 0; i < 4; i++)
		processor->id |= (uint32_t)byte(s, PROCESSOR_ID + i) << 8 * i;
	return copy_string(s, byte(s, PROCESSOR_VERSION), &processor->version);
}

int smbios_parse(const uint8_t *table, size_t size_bytes, struct smbios *ret)
{
	_cleanup_(smbios_done) struct smbios smbios = { 0 };
	bool is_whole = true;
	struct structure s;

	for (size_t at = 0; at < size_bytes;) {
		int r = 0;

		if (!next(table, size_bytes, &at, &s)) {
			is_whole = false;
			break;
		}
		if (s.at[0] == TYPE_END)
			break;
		if (s.at[0] == TYPE_BIOS && s.length > BIOS_EXTENSION_2)
			smbios.is_vm = tri_of(s.at[BIOS_EXTENSION_2] & BIOS_EXTENSION_2_VM);
		else if (s.at[0] == TYPE_PROCESSOR)
			r = take_processor(&s, &smbios.processors);
		if (r < 0)
			return r;
	}
	*ret = smbios;
	smbios = (struct smbios){ 0 };
	return is_whole ? 0 : -EBADMSG;
}

void smbios_done(struct smbios *smbios)
{
	processors_done(&smbios->processors);
	*smbios = (struct smbios){ 0 };
}
