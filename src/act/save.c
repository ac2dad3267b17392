/* SPDX-License-Identifier: GPL-2.0-or-later */
/* save: copies the range's contents to a file and back, through the uncached mapping, 8 aligned bytes at a time. */
#include <sys/mman.h>

#include "act/patterns.h"

/* Compares the range with the copy: true, or false and the reply fails with text. */
static bool is_equal(struct trial *trial, const uint64_t *copy, const char *text)
{
	const struct port *port = &trial->port;
	uint64_t bad_words = 0, first = 0;

	for (uint64_t offset = 0; offset < trial->size_bytes; offset += 8)
		if (port_load(port, offset, 8) != copy[offset / 8] && !bad_words++)
			first = offset;
	if (!bad_words)
		return true;
	reply_number(trial->reply, "bad_words", (double)bad_words);
	reply_number(trial->reply, "first_bad_offset", (double)first);
	reply_say(trial->reply, OUTCOME_FAIL, "%s: %llu words of 8 bytes differ, the first at 0x%llx", text,
	          (unsigned long long)bad_words, (unsigned long long)first);
	return false;
}

void pattern_save(struct trial *trial)
{
	const struct port *port = &trial->port;
	uint64_t *copy;

	if (!trial_map(trial, WINDOW_UC))
		return;
	copy = trial_map_copy(trial);
	if (!copy)
		return;
	for (uint64_t offset = 0; offset < trial->size_bytes; offset += 8)
		copy[offset / 8] = port_load(port, offset, 8);
	/* Somebody writes there, or reading it has an effect: it is no memory of ours to test. */
	if (is_equal(trial, copy, "the contents change by themselves"))
		reply_say(trial->reply, OUTCOME_PASS, "%llu bytes are kept", (unsigned long long)trial->size_bytes);
	munmap(copy, trial->size_bytes);
}

void pattern_restore(struct trial *trial)
{
	const struct port *port = &trial->port;
	uint64_t *copy;

	if (!trial_map(trial, WINDOW_UC))
		return;
	copy = trial_map_copy(trial);
	if (!copy)
		return;
	for (uint64_t offset = 0; offset < trial->size_bytes; offset += 8)
		port_store(port, offset, 8, copy[offset / 8]);
	port->ops->drain(port->state);
	if (is_equal(trial, copy, "the contents could not be put back"))
		reply_say(trial->reply, OUTCOME_PASS, "%llu bytes are as they were",
		          (unsigned long long)trial->size_bytes);
	munmap(copy, trial->size_bytes);
}
