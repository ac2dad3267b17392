/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-results: gathers the passes of each instruction. */
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strs.h"
#include "cli/bench.h"

void bench_results_done(struct bench_results *results)
{
	for (size_t i = 0; i < results->n; i++)
		finding_done(&results->at[i].finding);
	free(results->at);
	free(results->aspm);
	free(results->governor);
	*results = (struct bench_results){ 0 };
}

static struct bench_row *row_of(struct bench_results *results, const char *name)
{
	struct bench_row *row;

	for (size_t i = 0; i < results->n; i++)
		if (str_eq(results->at[i].name, name))
			return &results->at[i];
	row = array_add(results);
	if (!row)
		return NULL;
	snprintf(row->name, sizeof(row->name), "%s", name);
	row->is_settled = true;
	return row;
}

void bench_results_add(struct bench_results *results, const char *name, const struct finding *finding,
                       const struct series_reply *series)
{
	const struct number *settled = numbers_find(&finding->numbers, "settled");
	struct bench_row *row = row_of(results, name);

	if (!row)
		return;
	row->finding.step = finding->step;
	row->finding.outcome = finding->outcome;
	(void)str_set(&row->finding.text, finding->text);
	row->is_settled &= settled && settled->value > 0;
	if (finding->outcome != OUTCOME_PASS)
		row->n_passes = 0;
	else if (row->n_passes < BENCH_PASSES)
		row->passes[row->n_passes++] = *series;
}

void bench_results_merge(struct bench_results *results)
{
	for (size_t i = 0; i < results->n; i++)
		if (results->at[i].n_passes)
			bench_merge(results->at[i].passes, results->at[i].n_passes, &results->at[i].series);
}
