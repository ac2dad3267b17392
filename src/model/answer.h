/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer: what a program may map of one BAR now, and how: what is published, held against the device that is there.
 * `pciwc query` prints it, libpciwc hands it out.
 */
#pragma once

#include "model/publication.h"
#include "model/tri.h"

struct answer {
	struct publication publication; /* owned: device and bar point into it */
	const struct published_device *device;
	struct published_bar *bar;
	/* Is it another device than the one that was judged, or elsewhere? Unless TRI_NO nothing of the BAR is known or granted. */
	enum tri changed;
	/* Has a mark said since that its path is unsafe (model/policy.h, MARKS_DIR)? Unless TRI_NO nothing is granted. */
	enum tri marked;
};

void answer_done(struct answer *answer);
/* Sets both, and with them takes back what does not hold for this device, or no longer: 0 or -ENOMEM. */
int answer_confirm(struct answer *answer, enum tri changed, enum tri marked);
enum how published_range_how(const struct published_range *range);
/*
 * How to map size_bytes at offset of the BAR, which should be whole pages, as mmap(2) maps them: what holds for all of
 * it. HOW_UNCACHED when it is not wholly inside one range, unless the BAR is granted as a whole.
 */
enum how answer_how(const struct answer *answer, uint64_t offset, uint64_t size_bytes);
/* The document of `pciwc query`. */
struct json_object *answer_to_json(const struct answer *answer);
