/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pack: seven bits of a number a byte, the lowest first; a text is its length plus one, and its bytes. */
#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

void pack_bytes(struct pack *pack, const void *bytes, size_t size)
{
	if (pack->is_failed || !size)
		return;
	if (size > pack->room - pack->n) {
		size_t room = 2 * (pack->n + size) + 64;
		char *grown = realloc(pack->at, room);

		if (!grown) {
			pack->is_failed = true;
			return;
		}
		pack->at = grown;
		pack->room = room;
	}
	memcpy(pack->at + pack->n, bytes, size);
	pack->n += size;
}

void pack_u64(struct pack *pack, uint64_t value)
{
	unsigned char bytes[10];
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[n++] = (unsigned char)(value | 0x80);
	bytes[n++] = (unsigned char)value;
	pack_bytes(pack, bytes, n);
}

void pack_text(struct pack *pack, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	pack_u64(pack, text ? length + 1 : 0);
	pack_bytes(pack, text, length);
}

static void fail(struct unpack *unpack)
{
	unpack->is_failed = true;
	unpack->n = 0;
}

uint64_t unpack_u64(struct unpack *unpack, uint64_t max)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; unpack->n && shift < 64; shift += 7) {
		uint64_t byte = (unsigned char)*unpack->at++;
		uint64_t bits = byte & 0x7f;

		unpack->n--;
		if (bits << shift >> shift != bits)
			break;
		value |= bits << shift;
		if (byte > 0x7f)
			continue;
		if (value > max)
			break;
		return value;
	}
	fail(unpack);
	return 0;
}

const char *unpack_bytes(struct unpack *unpack, uint64_t size)
{
	const char *bytes = unpack->at;

	if (unpack->is_failed || size > unpack->n) {
		fail(unpack);
		return NULL;
	}
	unpack->at += size;
	unpack->n -= size;
	return bytes;
}

const char *unpack_text(struct unpack *unpack, size_t *ret_length)
{
	uint64_t size = unpack_u64(unpack, SIZE_MAX);
	const char *text = size ? unpack_bytes(unpack, size - 1) : NULL;

	if (text && memchr(text, '\0', size - 1)) {
		fail(unpack);
		text = NULL;
	}
	*ret_length = text ? size - 1 : 0;
	return text;
}
