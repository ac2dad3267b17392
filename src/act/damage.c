/* SPDX-License-Identifier: GPL-2.0-or-later */
/* damage: describes the difference between what the range holds and what it should, and where lost bytes went. */
#include <stdio.h>

#include "act/image.h"

/* A byte that is neither what should be there nor the background: it came from somewhere. */
struct stray {
	uint64_t offset;
	uint8_t got;
};

#define STRAYS_MAX 64

struct damage {
	uint64_t bad_bytes, first, last;
	uint64_t lost;        /* bytes of stores that are still the background */
	uint64_t overwritten; /* bytes that no store was meant for */
	uint8_t want, got;    /* at first */
	struct stray strays[STRAYS_MAX]; /* the first of them */
	unsigned int n_strays;
};

static uint8_t byte_of(uint64_t word, unsigned int i)
{
	return (uint8_t)(word >> (8 * i));
}

static void note(struct damage *damage, uint64_t offset, uint8_t want, uint8_t got, uint8_t background,
                 bool is_stored)
{
	if (!damage->bad_bytes++) {
		damage->first = offset;
		damage->want = want;
		damage->got = got;
	}
	damage->last = offset;
	if (is_stored && got == background)
		damage->lost++;
	if (!is_stored)
		damage->overwritten++;
	if (got == background || damage->n_strays == STRAYS_MAX)
		return;
	damage->strays[damage->n_strays++] = (struct stray){ .offset = offset, .got = got };
}

static void survey(const struct image *image, struct damage *damage)
{
	const struct port *port = &image->trial->port;

	for (uint64_t offset = 0; offset < image->trial->size_bytes; offset += 8) {
		unsigned int stored;
		uint64_t want = image_word(image, offset, &stored), got = port_load(port, offset, 8);
		uint64_t background = image_background(image->trial, offset);

		for (unsigned int i = 0; want != got && i < 8; i++)
			if (byte_of(want, i) != byte_of(got, i))
				note(damage, offset + i, byte_of(want, i), byte_of(got, i), byte_of(background, i),
				     stored >> i & 1);
	}
}

/* Is got what a store meant for the byte at offset? Then *ret_missing says whether it is missing there. */
static bool is_meant(const struct image *image, uint64_t offset, uint8_t got, bool *ret_missing)
{
	const struct port *port = &image->trial->port;
	unsigned int stored;

	if (offset >= image->trial->size_bytes)
		return false;

	uint64_t want = image_word(image, offset & ~(uint64_t)7, &stored);

	if (!(stored >> (offset % 8) & 1) || byte_of(want, offset % 8) != got)
		return false;
	*ret_missing = port_load(port, offset, 1) != got;
	return true;
}

/* Is this stray what was meant for the byte `distance` (modulo 2^64) before it? */
static bool is_from(const struct image *image, const struct stray *stray, uint64_t distance, bool *ret_missing)
{
	return is_meant(image, stray->offset - distance, stray->got, ret_missing);
}

/*
 * Do most strays come from the same distance? Not all need to: bytes that rotate in a dword move by 1, or back by 3.
 * A few equal bytes are chance, unless they are missing where they belong.
 */
static bool is_moved_by(const struct image *image, const struct damage *damage, uint64_t distance)
{
	unsigned int moved = 0, missed = 0;

	for (unsigned int i = 0; i < damage->n_strays; i++) {
		bool missing;

		/* The first few decide whether the others are worth a look. */
		if (i == 4 && !moved)
			return false;
		if (!is_from(image, &damage->strays[i], distance, &missing))
			continue;
		moved++;
		missed += missing;
	}
	return 2 * moved >= damage->n_strays && (moved >= 4 || missed == damage->n_strays);
}

/* Far away, only whole lines are looked for: a search of every byte would outlast the deadline. */
#define NEAR_BYTES 65536 /* a multiple of a line */

/* The nearest explanation: true, and the first stray that it explains, with where that byte was meant to be. */
static bool find_origin(const struct image *image, const struct damage *damage, uint64_t *ret_meant,
                        uint64_t *ret_found)
{
	uint64_t size = image->trial->size_bytes;
	bool missing;

	if (!damage->n_strays || !image->family)
		return false;
	for (uint64_t near = 1; near < size; near += near < NEAR_BYTES ? 1 : LINE_BYTES) {
		bool is_forward = is_moved_by(image, damage, near);
		uint64_t distance = is_forward ? near : -near;

		if (!is_forward && !is_moved_by(image, damage, distance))
			continue;
		for (unsigned int i = 0; i < damage->n_strays; i++)
			if (is_from(image, &damage->strays[i], distance, &missing)) {
				*ret_found = damage->strays[i].offset;
				*ret_meant = *ret_found - distance;
				return true;
			}
	}
	return false;
}

void damage_describe(const struct image *image, const char *when)
{
	struct step_reply *reply = image->trial->reply;
	struct damage damage = { 0 };
	uint64_t meant, found;
	char where[80] = "";

	survey(image, &damage);
	if (!damage.bad_bytes) {
		reply_say(reply, OUTCOME_FAIL,
		          "%s a byte read wrong, and right when it was read again: reads are not stable", when);
		return;
	}
	if (find_origin(image, &damage, &meant, &found)) {
		snprintf(where, sizeof(where), "; the byte meant for 0x%llx landed at 0x%llx",
		         (unsigned long long)meant, (unsigned long long)found);
		reply_number(reply, "meant_offset", (double)meant);
		reply_number(reply, "found_offset", (double)found);
	}
	reply_number(reply, "bad_bytes", (double)damage.bad_bytes);
	reply_number(reply, "first_bad_offset", (double)damage.first);
	reply_number(reply, "last_bad_offset", (double)damage.last);
	reply_number(reply, "lost_bytes", (double)damage.lost);
	reply_number(reply, "overwritten_bytes", (double)damage.overwritten);
	reply_say(reply, OUTCOME_FAIL,
	          "%s %llu bytes from 0x%llx to 0x%llx are wrong (%llu stored ones missing, %llu others changed): "
	          "at 0x%llx expected %02x, got %02x%s",
	          when, (unsigned long long)damage.bad_bytes, (unsigned long long)damage.first,
	          (unsigned long long)damage.last, (unsigned long long)damage.lost,
	          (unsigned long long)damage.overwritten, (unsigned long long)damage.first, damage.want, damage.got,
	          where);
}
