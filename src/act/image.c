/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image: computes, verifies and repairs what the range should hold. */
#include "act/image.h"

#include <stdlib.h>

uint64_t image_background(const struct trial *trial, uint64_t offset)
{
	return mix64(trial->seed ^ mix64(offset));
}

static unsigned int lines_of(const struct family *family)
{
	return family->lines ? family->lines : 1;
}

static unsigned int stride_of(const struct family *family)
{
	return family->stride ? family->stride : lines_of(family) + 1;
}

/* The line of place 0: lines of both parities are stored to where there are several batches. */
static uint64_t first_line(const struct image *image)
{
	return image->family->skip ? image->family->skip : 1 + image->batch % 2;
}

/*
 * What the batch's stores write differs from the background in every byte, so that no lost byte goes unseen, and from
 * what any other batch wrote there, so that an old store that arrives late is not taken for a new one.
 */
static uint64_t data(const struct image *image, uint64_t k, uint64_t offset)
{
	const struct family *family = image->family;
	int fill = family->fill ? family->fill(image, k) : -1;
	uint64_t noise = mix64(mix64(offset) + image->trial->seed + mix64(image->first + 1));

	if (fill >= 0)
		return (uint64_t)fill * 0x0101010101010101;
	return image_background(image->trial, offset) ^ (noise | 0x0101010101010101);
}

uint64_t image_word(const struct image *image, uint64_t offset, unsigned int *ret_stored)
{
	const struct family *family = image->family;
	uint64_t line = offset / LINE_BYTES, background = image_background(image->trial, offset);

	*ret_stored = 0;
	if (!family || line < first_line(image))
		return background;
	line -= first_line(image);

	uint64_t place = line / stride_of(family);
	unsigned int part = (unsigned int)(line % stride_of(family));

	if (place >= image->n || part >= lines_of(family))
		return background;

	uint64_t k = image->first + place, mask = family->mask(image, k, part) >> (offset % LINE_BYTES), bits = 0;

	*ret_stored = mask & 0xff;
	for (unsigned int i = 0; i < 8; i++)
		if (mask >> i & 1)
			bits |= (uint64_t)0xff << (8 * i);
	return (background & ~bits) | (data(image, k, offset) & bits);
}

bool image_verify(const struct image *image, uint64_t from, uint64_t to, const char *when)
{
	const struct port *port = &image->trial->port;
	unsigned int stored;

	for (uint64_t offset = from; offset < to; offset += 8)
		if (port_load(port, offset, 8) != image_word(image, offset, &stored)) {
			damage_describe(image, when);
			return false;
		}
	return true;
}

void image_put_background(const struct trial *trial, uint64_t from, uint64_t to)
{
	const struct port *port = &trial->port;

	for (uint64_t offset = from; offset < to; offset += 8)
		port_store(port, offset, 8, image_background(trial, offset));
}

uint64_t family_room(const struct trial *trial, const struct family *family)
{
	uint64_t lines = trial->size_bytes / LINE_BYTES, skip = family->skip ? family->skip : 2;

	/* The last one's lines and the guard behind it must be there. */
	if (lines < skip + lines_of(family) + 1)
		return 0;
	return (lines - skip - lines_of(family) - 1) / stride_of(family) + 1;
}

static void store_batch(const struct image *image, uint64_t *words)
{
	const struct family *family = image->family;
	const struct port *port = &image->trial->port;
	unsigned int passes = family->passes ? family->passes : 1;

	for (unsigned int pass = 0; pass < passes; pass++)
		for (uint64_t i = 0; i < image->n; i++) {
			uint64_t place = family->order ? family->order(image, i) : i;
			struct shot shot = {
				.k = image->first + place,
				.offset = (first_line(image) + place * stride_of(family)) * LINE_BYTES,
				.pass = pass,
				.words = words,
			};

			for (unsigned int w = 0; w < 8 * lines_of(family); w++)
				words[w] = data(image, shot.k, shot.offset + 8 * w);
			family->store(image, &shot);
			if (family->is_fenced)
				port->ops->fence(port->state);
		}
	port->ops->fence(port->state);
	port->ops->drain(port->state);
}

void trial_repair(struct trial *trial)
{
	image_put_background(trial, 0, trial->size_bytes);
	trial->port.ops->drain(trial->port.state);
}

static bool run_batch(struct trial *trial, const struct image *image, uint64_t *words)
{
	const struct family *family = image->family;
	uint64_t from = first_line(image), stride = stride_of(family);
	/* With a guard line in front and one behind. */
	uint64_t to = (from + (image->n - 1) * stride + lines_of(family) + 1) * LINE_BYTES;

	if (!trial_map(trial, WINDOW_WC))
		return false;
	store_batch(image, words);
	if (!trial_map(trial, WINDOW_UC))
		return false;
	if (!image_verify(image, 0, to, "after the stores")) {
		/* Stray bytes may be anywhere: the next step must find all of the background. */
		trial_repair(trial);
		return false;
	}
	for (uint64_t i = 0; i < image->n; i++) {
		uint64_t at = (from + i * stride) * LINE_BYTES;

		image_put_background(trial, at, at + lines_of(family) * LINE_BYTES);
	}
	trial->port.ops->drain(trial->port.state);
	return true;
}

bool trial_begin(struct trial *trial, const char *when)
{
	const struct image background = { .trial = trial };

	return trial_map(trial, WINDOW_UC) && image_verify(&background, 0, trial->size_bytes, when);
}

bool trial_end(struct trial *trial, const char *when)
{
	const struct image background = { .trial = trial };

	if (!trial_map(trial, WINDOW_UC))
		return false;
	if (image_verify(&background, 0, trial->size_bytes, when))
		return true;
	trial_repair(trial);
	return false;
}

bool family_run(struct trial *trial, const struct family *family)
{
	uint64_t room = family_room(trial, family), batch = 0;
	uint64_t *words = room ? calloc(8 * lines_of(family), sizeof(*words)) : NULL;
	bool is_good = words;

	if (!words)
		reply_say(trial->reply, OUTCOME_SKIPPED, "%s", room ? "no memory" : "the range is too short");
	if (family->most && family->most < room)
		room = family->most;
	for (uint64_t first = 0; is_good && first < family->n; first += room, batch++) {
		uint64_t left = family->n - first;
		struct image image = { .trial = trial, .family = family, .first = first, .batch = batch };

		image.n = left < room ? left : room;
		is_good = run_batch(trial, &image, words);
	}
	free(words);
	return is_good && trial_end(trial, "after the test");
}
