/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expectation: the matches that speak of one device. */
#include "model/expectation.h"

#include <stdlib.h>

static void matches_done(struct matches *matches)
{
	for (size_t i = 0; i < matches->n; i++)
		strs_done(&matches->at[i].keys);
	free(matches->at);
	*matches = (struct matches){ 0 };
}

void expectation_done(struct expectation *expectation)
{
	matches_done(&expectation->path);
	for (size_t i = 0; i < BAR_MAX; i++)
		matches_done(&expectation->bars[i].matches);
}

struct json_object *matches_to_json(const struct matches *matches)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < matches->n; i++) {
		const struct match *match = &matches->at[i];
		struct json_object *o = quirk_to_json(match->quirk);

		json_put_string(o, "applies", match->result == TRI_YES ? "yes" : "cannot-be-ruled-out");
		json_put_strs(o, "matched", &match->keys);
		json_push(array, o);
	}
	return array;
}
