/* SPDX-License-Identifier: GPL-2.0-or-later */
/* combine: stores a sequence through both mappings on the clock, and compares with what the link can carry apart. */
#include "act/combine.h"

#include "act/image.h"

#define BATCHES 16
#define BATCH_NS 200000
#define LOOK_BYTES 4096 /* so many, or one piece, between two looks at the clock */
/*
 * All but the slowest quarter of the batches must exceed the ceiling by so much. It is a hard limit, and each batch waits
 * for the arrival of all that it stored: the margin is for the clock, and for what is counted at the link's end.
 */
#define MARGIN 1.05

/* MB/s (10^6) of one batch, all of it arrived. */
static double run_batch(const struct trial *trial, const struct sequence *sequence, uint64_t *next)
{
	const struct port *port = &trial->port;
	uint64_t bytes = 0, start = port->ops->now_ns(port->state), elapsed;

	do
		for (uint64_t until = bytes + LOOK_BYTES; bytes < until;)
			bytes += sequence->store(trial, (*next)++);
	while (port->ops->now_ns(port->state) - start < BATCH_NS);
	port->ops->fence(port->state);
	port->ops->drain(port->state);
	elapsed = port->ops->now_ns(port->state) - start;
	return (double)bytes * 1000 / (double)elapsed;
}

static void sort(double values[BATCHES])
{
	for (unsigned int i = 1; i < BATCHES; i++)
		for (unsigned int k = i; k && values[k - 1] > values[k]; k--) {
			double other = values[k];

			values[k] = values[k - 1];
			values[k - 1] = other;
		}
}

/* The batches' figures, ascending. */
static bool measure(struct trial *trial, enum window_kind kind, const struct sequence *sequence, double ret[BATCHES])
{
	uint64_t next = 0;

	if (!trial_map(trial, kind))
		return false;
	run_batch(trial, sequence, &next); /* warms up */
	for (unsigned int i = 0; i < BATCHES; i++)
		ret[i] = run_batch(trial, sequence, &next);
	sort(ret);
	return true;
}

static unsigned int log2_of(unsigned int width)
{
	unsigned int i = 0;

	while (width >> (i + 1))
		i++;
	return i;
}

/* One sequence; false: it is not proven, and the reply says why. */
static bool prove(struct trial *trial, const struct sequence *sequence, uint32_t n_numbers, const char *what)
{
	double ceiling = trial->ceiling_mbps[log2_of(sequence->width)], uc[BATCHES] = { 0 }, wc[BATCHES] = { 0 };
	struct step_reply *reply = trial->reply;

	if (!measure(trial, WINDOW_UC, sequence, uc) || !measure(trial, WINDOW_WC, sequence, wc))
		return false;
	reply->n_numbers = n_numbers; /* those of the last sequence */
	reply_number(reply, "uc_mbps", uc[BATCHES * 3 / 4]);
	reply_number(reply, "wc_mbps", wc[BATCHES / 4]);
	reply_number(reply, "ceiling_mbps", ceiling);
	if (uc[BATCHES * 3 / 4] > ceiling) {
		reply_say(reply, OUTCOME_NOT_EXERCISED,
		          "%s, but even uncached %s exceed their ceiling (%.0f of %.0f MB/s): what is known of the link "
		          "is wrong, nothing is proven", what, sequence->name, uc[BATCHES * 3 / 4], ceiling);
		return false;
	}
	if (wc[BATCHES / 4] > ceiling * MARGIN) {
		reply_say(reply, OUTCOME_PASS,
		          "%s; combined: %s at %.0f MB/s, and apart the link carries %.0f at most", what, sequence->name,
		          wc[BATCHES / 4], ceiling);
		return true;
	}
	reply_say(reply, OUTCOME_NOT_EXERCISED,
	          "%s, but %s at %.0f MB/s do not exceed the %.0f that the link carries apart: not exercised", what,
	          sequence->name, wc[BATCHES / 4], ceiling);
	return false;
}

void combine_prove(struct trial *trial, const struct sequence *sequences, unsigned int n, const char *what)
{
	uint32_t n_numbers = trial->reply->n_numbers;
	bool is_known = true;

	for (unsigned int i = 0; i < n; i++)
		is_known = is_known && trial->ceiling_mbps[log2_of(sequences[i].width)] > 0;
	/* Correct stores prove nothing while nothing shows that they left the CPU combined. */
	if (trial->is_virtual) {
		reply_say(trial->reply, OUTCOME_NOT_EXERCISED,
		          "%s, but an emulator's bus combines nothing: not exercised", what);
		return;
	}
	if (!is_known) {
		reply_say(trial->reply, OUTCOME_NOT_EXERCISED,
		          "%s, but nothing shows that these stores were combined here (what its link can carry is not "
		          "known): not exercised", what);
		return;
	}
	for (unsigned int i = 0; i < n && prove(trial, &sequences[i], n_numbers, what); i++)
		;
	/* What was stored on the clock went where the test's own stores went: that was verified before. */
	if (trial->port.ops->remap(trial->port.state, WINDOW_UC) == 0)
		trial_repair(trial);
}
