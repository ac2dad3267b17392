/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expectation: the matches that speak of one device. */
#include "model/expectation.h"

#include <stdlib.h>

void matched_done(struct matched *matched)
{
	for (size_t i = 0; i < matched->n; i++)
		free(matched->at[i].fact);
	free(matched->at);
	*matched = (struct matched){ 0 };
}

static void matches_done(struct matches *matches)
{
	for (size_t i = 0; i < matches->n; i++)
		matched_done(&matches->at[i].matched);
	free(matches->at);
	*matches = (struct matches){ 0 };
}

void expectation_done(struct expectation *expectation)
{
	matches_done(&expectation->path);
	for (size_t i = 0; i < BAR_MAX; i++)
		matches_done(&expectation->bars[i].matches);
}

static struct json_object *matched_to_json(const struct matched *matched)
{
	struct json_object *o = json_new_object();

	for (size_t i = 0; i < matched->n; i++)
		json_put_string(o, matched->at[i].key, matched->at[i].fact);
	return o;
}

struct json_object *matches_to_json(const struct matches *matches)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < matches->n; i++) {
		const struct match *match = &matches->at[i];
		struct json_object *o = quirk_to_json(match->quirk);

		json_put_string(o, "applies", match->result == TRI_YES ? "yes" : "cannot-be-ruled-out");
		json_put(o, "matched", matched_to_json(&match->matched));
		json_push(array, o);
	}
	return array;
}
