/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image: computes, verifies and repairs what the range should hold. */
#include "act/image.h"

uint64_t image_background(const struct trial *trial, uint64_t offset)
{
	return mix64(trial->seed ^ mix64(offset));
}

/*
 * What the batch's stores write differs from the background in every byte, so that no lost byte goes unseen, and from
 * what any other batch wrote there, so that an old store that arrives late is not taken for a new one.
 */
static uint64_t data(const struct image *image, uint64_t offset)
{
	uint64_t noise = mix64(mix64(offset) + image->trial->seed + mix64(image->first + 1));

	return image_background(image->trial, offset) ^ (noise | 0x0101010101010101);
}

uint64_t image_word(const struct image *image, uint64_t offset, unsigned int *ret_stored)
{
	uint64_t line = offset / LINE_BYTES, background = image_background(image->trial, offset);
	uint64_t k = line / 2;

	*ret_stored = 0;
	if (!image->family || line % 2 == 0 || k >= image->n)
		return background;

	uint64_t mask = image->family->mask(image->trial, image->first + k) >> (offset % LINE_BYTES), bits = 0;

	*ret_stored = mask & 0xff;
	for (unsigned int i = 0; i < 8; i++)
		if (mask >> i & 1)
			bits |= (uint64_t)0xff << (8 * i);
	return (background & ~bits) | (data(image, offset) & bits);
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

/* Line 2i + 1 and the guard behind it must both be there. */
static uint64_t capacity(const struct trial *trial)
{
	return (trial->size_bytes / LINE_BYTES - 1) / 2;
}

static void store_batch(const struct image *image)
{
	const struct trial *trial = image->trial;
	const struct port *port = &trial->port;

	for (uint64_t k = 0; k < image->n; k++) {
		uint64_t offset = (2 * k + 1) * LINE_BYTES, words[8];

		for (unsigned int i = 0; i < 8; i++)
			words[i] = data(image, offset + 8 * i);
		image->family->store(trial, image->first + k, offset, words);
	}
	port->ops->fence(port->state);
	port->ops->drain(port->state);
}

static bool run_batch(struct trial *trial, const struct image *image)
{
	uint64_t end = (2 * image->n + 1) * LINE_BYTES;

	if (!trial_map(trial, WINDOW_WC))
		return false;
	store_batch(image);
	if (!trial_map(trial, WINDOW_UC))
		return false;
	if (!image_verify(image, 0, end, "after the stores")) {
		/* Stray bytes may be anywhere: the next step must find all of the background. */
		image_put_background(trial, 0, trial->size_bytes);
		trial->port.ops->drain(trial->port.state);
		return false;
	}
	for (uint64_t k = 0; k < image->n; k++)
		image_put_background(trial, (2 * k + 1) * LINE_BYTES, (2 * k + 2) * LINE_BYTES);
	trial->port.ops->drain(trial->port.state);
	return true;
}

bool family_run(struct trial *trial, const struct family *family)
{
	const struct image background = { .trial = trial };
	uint64_t room = capacity(trial);

	/* Somebody else, or a store of the step before that came late. */
	if (!trial_map(trial, WINDOW_UC) || !image_verify(&background, 0, trial->size_bytes, "before the test"))
		return false;
	for (uint64_t first = 0; first < family->n; first += room) {
		uint64_t left = family->n - first;
		struct image image = { .trial = trial, .family = family, .first = first };

		image.n = left < room ? left : room;
		if (!run_batch(trial, &image))
			return false;
	}
	if (image_verify(&background, 0, trial->size_bytes, "after the test"))
		return true;
	image_put_background(trial, 0, trial->size_bytes);
	trial->port.ops->drain(trial->port.state);
	return false;
}
