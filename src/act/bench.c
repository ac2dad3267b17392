/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench: how fast stores go through the two mappings, in alternating batches; in the tested range only. */
#include "act/image.h"
#include "decide/stats.h"

#define BATCH_NS 1000000          /* a batch lasts at least this long */
#define BUDGET_NS 1000000000      /* no round is begun after it ... */
#define ROUNDS_MIN 4              /* ... but so many are, the first of them to warm up */
#define ROUNDS_MAX 32
#define CHUNK_BYTES 16384         /* stored between two looks at the clock, which must not weigh */

enum kernel_kind { KERNEL_LINE, KERNEL_DWORD, KERNEL_KINDS };

/* The rounds' figures, in MB/s (10^6 bytes). */
struct series {
	double at[KERNEL_KINDS][ROUNDS_MAX];
};

/* Stores for a batch's time and waits for their arrival, on the clock: posted stores look fast otherwise. */
static double run_batch(const struct trial *trial, const struct insn *insn)
{
	const struct port *port = &trial->port;
	uint64_t chunk = trial->size_bytes < CHUNK_BYTES ? trial->size_bytes : CHUNK_BYTES;
	uint64_t offset = 0, bytes = 0, start = port->ops->now_ns(port->state), elapsed;

	do {
		port->ops->stream(port->state, insn, offset, chunk, bytes);
		bytes += chunk;
		offset = offset + 2 * chunk <= trial->size_bytes ? offset + chunk : 0;
	} while (port->ops->now_ns(port->state) - start < BATCH_NS);
	port->ops->fence(port->state);
	port->ops->drain(port->state);
	elapsed = port->ops->now_ns(port->state) - start;
	return (double)bytes * 1000 / (double)elapsed;
}

/* The remap stays outside the clock. */
static bool run_half(struct trial *trial, enum window_kind kind, struct series *series, unsigned int i)
{
	if (!trial_map(trial, kind))
		return false;
	for (unsigned int k = 0; k < KERNEL_KINDS; k++)
		series->at[k][i] = run_batch(trial, k == KERNEL_LINE ? trial_widest(trial) : trial_scalar(trial, 4));
	return true;
}

static bool run_rounds(struct trial *trial, struct series *uc, struct series *wc, unsigned int *ret_rounds)
{
	const struct port *port = &trial->port;
	uint64_t start = port->ops->now_ns(port->state);
	unsigned int rounds = 0, slot;

	while (rounds < ROUNDS_MIN ||
	       (rounds <= ROUNDS_MAX && port->ops->now_ns(port->state) - start < BUDGET_NS)) {
		/* The second round overwrites the first, which warmed up. */
		slot = rounds ? rounds - 1 : 0;
		if (!run_half(trial, WINDOW_UC, uc, slot) || !run_half(trial, WINDOW_WC, wc, slot))
			return false;
		rounds++;
	}
	*ret_rounds = rounds - 1;
	return true;
}

static void report(struct trial *trial, struct series *uc, struct series *wc, unsigned int rounds)
{
	double uc_line = stats_median(uc->at[KERNEL_LINE], rounds), wc_line = stats_median(wc->at[KERNEL_LINE], rounds);
	double uc_dword = stats_median(uc->at[KERNEL_DWORD], rounds);
	double wc_dword = stats_median(wc->at[KERNEL_DWORD], rounds);
	/* The best that a user gets with WC, against the best without: not against the worst. */
	double uc_best = uc_line > uc_dword ? uc_line : uc_dword, wc_best = wc_line > wc_dword ? wc_line : wc_dword;
	double gain = uc_best > 0 ? wc_best / uc_best : 0;

	reply_number(trial->reply, "uc_64b_mbps", uc_line);
	reply_number(trial->reply, "wc_64b_mbps", wc_line);
	reply_number(trial->reply, "uc_4b_mbps", uc_dword);
	reply_number(trial->reply, "wc_4b_mbps", wc_dword);
	reply_number(trial->reply, "gain", gain);
	reply_number(trial->reply, "batches", rounds);
	reply_say(trial->reply, OUTCOME_PASS,
	          "stores: WC %.0f MB/s, UC %.0f MB/s by %s; gain %.2f over resourceN, median of %u batches", wc_best,
	          uc_best, wc_line > wc_dword ? "64-byte lines" : "4-byte stores", gain, rounds);
}

void pattern_bench(struct trial *trial)
{
	const struct image background = { .trial = trial };
	struct series uc, wc;
	unsigned int rounds;
	bool is_measured;

	if (!trial_map(trial, WINDOW_UC) || !image_verify(&background, 0, trial->size_bytes, "before the benchmark"))
		return;
	is_measured = run_rounds(trial, &uc, &wc, &rounds);
	if (!trial_map(trial, WINDOW_UC))
		return;
	image_put_background(trial, 0, trial->size_bytes);
	trial->port.ops->drain(trial->port.state);
	if (is_measured && image_verify(&background, 0, trial->size_bytes, "after the benchmark"))
		report(trial, &uc, &wc, rounds);
}
