/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libc: the C library's memset and memcpy at odd offsets: sizes of 1 to 300 bytes, and of powers of two and a bit. */
#include "act/image.h"

#define SMALL_MAX 300
#define SMALL_LINES 6 /* an offset of up to 63, and 300 bytes */
#define BIG_MIN 512

struct piece {
	uint64_t from, size_bytes; /* from: in its first line */
	bool is_fill;
};

struct big {
	uint64_t size_bytes;
};

/* Both functions, each size; the offsets are all odd and pass through the line. */
static struct piece small_piece(uint64_t k)
{
	return (struct piece){ .from = (k / 2 * 14 + 1) % LINE_BYTES, .size_bytes = 1 + k / 2 % SMALL_MAX,
		               .is_fill = k % 2 };
}

static struct piece big_piece(const struct image *image, uint64_t k)
{
	const struct big *big = image->family->data;

	return (struct piece){ .from = k < 2 ? 3 : 61, .size_bytes = big->size_bytes - (k < 2 ? 1 : 0), .is_fill = k % 2 };
}

static struct piece piece_of(const struct image *image, uint64_t k)
{
	return image->family->data ? big_piece(image, k) : small_piece(k);
}

static uint64_t mask(const struct image *image, uint64_t k, unsigned int line)
{
	struct piece piece = piece_of(image, k);
	uint64_t from = (uint64_t)line * LINE_BYTES, to = from + LINE_BYTES, end = piece.from + piece.size_bytes;
	uint64_t bytes = UINT64_MAX;

	if (to <= piece.from || from >= end)
		return 0;
	if (from < piece.from)
		bytes &= UINT64_MAX << (piece.from - from);
	if (to > end)
		bytes &= UINT64_MAX >> (to - end);
	return bytes;
}

static int fill(const struct image *image, uint64_t k)
{
	return piece_of(image, k).is_fill ? (int)(mix64(image->trial->seed + k) & 0xff) : -1;
}

static void store(const struct image *image, const struct shot *shot)
{
	const struct port *port = &image->trial->port;
	struct piece piece = piece_of(image, shot->k);

	if (piece.is_fill)
		port->ops->fill(port->state, shot->offset + piece.from, piece.size_bytes, (uint8_t)fill(image, shot->k));
	else
		port->ops->copy(port->state, shot->offset + piece.from, piece.size_bytes,
		                (const uint8_t *)shot->words + piece.from);
}

static bool run_big(struct trial *trial, uint64_t size_bytes)
{
	struct big big = { .size_bytes = size_bytes };
	struct family family = { .n = 4, .lines = (unsigned int)(size_bytes / LINE_BYTES + 2), .mask = mask, .store = store,
		                 .fill = fill, .is_fenced = true, .data = &big };

	return family_run(trial, &family);
}

void pattern_libc(struct trial *trial)
{
	const struct family small = { .n = 2 * SMALL_MAX, .lines = SMALL_LINES, .mask = mask, .store = store, .fill = fill,
		                      .is_fenced = true };
	/* The largest that leaves its guards: past the size at which the C library changes to non-temporal stores. */
	uint64_t most = trial->size_bytes - 5 * LINE_BYTES, n = small.n;

	if (!trial_begin(trial, "before the test") || !family_run(trial, &small))
		return;
	for (uint64_t size = BIG_MIN; size < most; size *= trial->thinning > 1 ? 8 : 2, n += 4)
		if (!run_big(trial, size + 5))
			return;
	if (!run_big(trial, most))
		return;
	reply_number(trial->reply, "calls", (double)(n + 4));
	reply_number(trial->reply, "longest_bytes", (double)most);
	reply_say(trial->reply, OUTCOME_PASS, "no defect seen in %u calls of memset and memcpy of 1 to %u bytes",
	          (unsigned int)(n + 4), (unsigned int)most);
}
