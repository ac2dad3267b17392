/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unaligned: 2, 4 and 8 bytes at every offset of a line, across lines and pages; each fault is caught and counted. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "act/image.h"

#define OFFSETS 64
#define WIDTHS 3 /* 2, 4, 8 */
#define PAGE_LINES (4096 / LINE_BYTES)
#define CROSSINGS (1 + 3 + 7) /* ways in which one of these stores can lie across a page's end */

struct faults {
	uint64_t at[WIDTHS]; /* bit i: at offset i of a line */
	uint64_t pages;      /* bit i: crossing i */
	struct port_fault bad; /* not for its alignment: nothing is stored after it */
	uint64_t bad_k, bad_offset;
	unsigned int bad_width;
};

struct place {
	unsigned int width, offset; /* offset: from the first line's start */
};

static struct place place_of(uint64_t k)
{
	k %= OFFSETS * WIDTHS;
	return (struct place){ .width = 2u << (k / OFFSETS), .offset = (unsigned int)(k % OFFSETS) };
}

/* Its first line is the last one of a page. */
static struct place crossing_of(uint64_t k)
{
	unsigned int i = (unsigned int)(k % CROSSINGS);

	if (i < 1)
		return (struct place){ 2, LINE_BYTES - 1 };
	return i < 4 ? (struct place){ 4, LINE_BYTES - i } : (struct place){ 8, LINE_BYTES - (i - 3) };
}

static uint64_t bits_of(struct place place, unsigned int line)
{
	uint64_t bytes = ((uint64_t)1 << place.width) - 1;

	if (!line)
		return bytes << place.offset;
	return place.offset + place.width > LINE_BYTES ? bytes >> (LINE_BYTES - place.offset) : 0;
}

static uint64_t *bitmap(struct faults *faults, uint64_t k)
{
	return &faults->at[k / OFFSETS % WIDTHS];
}

static bool is_after(const struct faults *faults, uint64_t k)
{
	return faults->bad.signal && k >= faults->bad_k;
}

static uint64_t mask(const struct image *image, uint64_t k, unsigned int line)
{
	struct faults *faults = image->family->data;

	return is_after(faults, k) || *bitmap(faults, k) >> k % OFFSETS & 1 ? 0 : bits_of(place_of(k), line);
}

static uint64_t crossing_mask(const struct image *image, uint64_t k, unsigned int line)
{
	struct faults *faults = image->family->data;

	return is_after(faults, k) || faults->pages >> k % CROSSINGS & 1 ? 0 : bits_of(crossing_of(k), line);
}

/* True when it faulted for its alignment. */
static bool try(const struct image *image, const struct shot *shot, struct place place)
{
	const struct port *port = &image->trial->port;
	const uint8_t *bytes = (const uint8_t *)shot->words;
	struct faults *faults = image->family->data;
	uint64_t at = shot->offset + place.offset, value = 0;
	struct port_fault fault;

	if (faults->bad.signal)
		return false;
	for (unsigned int i = 0; i < place.width; i++)
		value |= (uint64_t)bytes[place.offset + i] << (8 * i);
	port->ops->try_store(port->state, at, place.width, value, &fault);
	if (!fault.signal)
		return false;
	if (fault.signal == SIGBUS && fault.code == BUS_ADRALN && fault.offset == at)
		return true;
	faults->bad = fault;
	faults->bad_k = shot->k;
	faults->bad_offset = at;
	faults->bad_width = place.width;
	return false;
}

static void store(const struct image *image, const struct shot *shot)
{
	if (try(image, shot, place_of(shot->k)))
		*bitmap(image->family->data, shot->k) |= (uint64_t)1 << shot->k % OFFSETS;
}

static void crossing_store(const struct image *image, const struct shot *shot)
{
	struct faults *faults = image->family->data;

	if (try(image, shot, crossing_of(shot->k)))
		faults->pages |= (uint64_t)1 << shot->k % CROSSINGS;
}

/* ---- what faulted, in few words ---- */

static uint64_t misaligned(unsigned int width)
{
	uint64_t set = 0;

	for (unsigned int i = 0; i < OFFSETS; i++)
		if (i % width)
			set |= (uint64_t)1 << i;
	return set;
}

static int print_offsets(char *text, size_t size, unsigned int width, uint64_t set)
{
	uint64_t across = misaligned(width) & ~((((uint64_t)1 << (OFFSETS - width)) << 1) - 1);
	unsigned int n = (unsigned int)__builtin_popcountll(set), said = 0;
	int used = snprintf(text, size, "%u bytes: ", width);

	if (set == UINT64_MAX || set == misaligned(width) || set == across)
		return used + snprintf(text + used, size - (size_t)used, "%s (%u)",
		                       set == UINT64_MAX ? "everywhere" : set == across ? "all across lines"
		                                                                        : "all misaligned", n);
	for (unsigned int i = 0; i < OFFSETS && said < 4; i++)
		if (set >> i & 1)
			used += snprintf(text + used, size - (size_t)used, "%s%u", said++ ? ", " : "at ", i);
	return used + snprintf(text + used, size - (size_t)used, "%s (%u)", n > said ? " .." : "", n);
}

static void say_faults(struct trial *trial, const struct faults *faults)
{
	char text[160] = "";
	unsigned int n = (unsigned int)__builtin_popcountll(faults->pages);
	int used = 0;

	for (unsigned int w = 0; w < WIDTHS; w++) {
		if (!faults->at[w])
			continue;
		n += (unsigned int)__builtin_popcountll(faults->at[w]);
		used += snprintf(text + used, sizeof(text) - (size_t)used, "%s", used ? "; " : "");
		used += print_offsets(text + used, sizeof(text) - (size_t)used, 2u << w, faults->at[w]);
	}
	if (faults->pages)
		snprintf(text + used, sizeof(text) - (size_t)used, "%sacross pages (%u)", used ? "; " : "",
		         (unsigned int)__builtin_popcountll(faults->pages));
	reply_number(trial->reply, "faults", n);
	for (unsigned int w = 0; w < WIDTHS; w++) {
		char name[16];

		snprintf(name, sizeof(name), "faults_%u", 2u << w);
		reply_number(trial->reply, name, __builtin_popcountll(faults->at[w]));
	}
	reply_say(trial->reply, OUTCOME_FAIL, "unaligned-access: %u stores ended in SIGBUS (BUS_ADRALN) at their target: %s",
	          n, text);
}

static void say_abort(struct trial *trial, const struct faults *faults)
{
	reply_number(trial->reply, "signal", faults->bad.signal);
	reply_number(trial->reply, "si_code", faults->bad.code);
	reply_number(trial->reply, "fault_offset", (double)faults->bad_offset);
	reply_say(trial->reply, OUTCOME_FAIL,
	          "abort: a store of %u bytes at 0x%" PRIx64 " ended in signal %d, code %d, not at its target or not for "
	          "its alignment", faults->bad_width, faults->bad_offset, faults->bad.signal, faults->bad.code);
}

void pattern_unaligned(struct trial *trial)
{
	struct faults faults = { 0 };
	const struct family lines = { .n = OFFSETS * WIDTHS, .lines = 2, .mask = mask, .store = store, .data = &faults };
	const struct family pages = { .n = CROSSINGS, .lines = 2, .stride = PAGE_LINES, .skip = PAGE_LINES - 1,
		                      .mask = crossing_mask, .store = crossing_store, .data = &faults };
	/* A range of one page has no page's end in it. */
	bool has_pages = family_room(trial, &pages);

	if (!trial_begin(trial, "before the test") || !family_run(trial, &lines))
		return;
	if (!faults.bad.signal && has_pages && !family_run(trial, &pages))
		return;
	if (faults.bad.signal) {
		say_abort(trial, &faults);
		return;
	}
	if (faults.at[0] || faults.at[1] || faults.at[2] || faults.pages) {
		say_faults(trial, &faults);
		return;
	}
	reply_number(trial->reply, "stores", (double)(lines.n + (has_pages ? pages.n : 0)));
	reply_say(trial->reply, OUTCOME_PASS,
	          "no defect seen in %u stores of 2, 4 and 8 bytes at every offset of a line, across lines%s",
	          (unsigned int)(lines.n + (has_pages ? pages.n : 0)), has_pages ? " and pages" : "");
}
