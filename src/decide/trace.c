/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trace: asks every key of every alternative, also where one would have been enough. */
#include "decide/trace.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "decide/match-keys.h"

static int terms_trace(const struct terms *terms, bool is_not, const struct facts *facts, struct alternative_trace *ret)
{
	for (size_t i = 0; i < terms->n; i++) {
		struct key_trace *key = array_add(ret);
		struct told told;

		if (!key)
			return -ENOMEM;
		key->key = match_key_infos[terms->at[i].key].name;
		key->is_not = is_not;
		key->result = match_term(&terms->at[i], facts);
		key_tell(&terms->at[i], facts, &told);
		if (str_set(&key->fact, told.text[0] ? told.text : NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int alternative_trace(const struct alternative *alternative, const struct facts *facts,
                             struct alternative_trace *ret)
{
	int r = terms_trace(&alternative->terms, false, facts, ret);

	if (r == 0)
		r = terms_trace(&alternative->nots, true, facts, ret);
	for (size_t i = 0; r == 0 && i < alternative->unreadable.n; i++) {
		struct key_trace *key = array_add(ret);

		if (!key)
			return -ENOMEM;
		key->key = alternative->unreadable.at[i];
	}
	ret->result = match_alternative(alternative, facts, &ret->is_cleared);
	return r;
}

int trace_quirk(const struct quirk *quirk, const struct facts *facts, struct trace *ret)
{
	_cleanup_(trace_done) struct trace trace = { .result = TRI_NO };

	for (size_t i = 0; i < quirk->n_match; i++) {
		struct alternative_trace *row = array_add(&trace);
		int r = row ? alternative_trace(&quirk->match[i], facts, row) : -ENOMEM;

		if (r < 0)
			return r;
		trace.result = tri_or(trace.result, row->result);
	}
	*ret = trace;
	trace = (struct trace){ 0 };
	return 0;
}

void trace_done(struct trace *trace)
{
	for (size_t i = 0; i < trace->n; i++) {
		for (size_t k = 0; k < trace->at[i].n; k++)
			free(trace->at[i].at[k].fact);
		free(trace->at[i].at);
	}
	free(trace->at);
	*trace = (struct trace){ 0 };
}
