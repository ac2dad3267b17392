/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding: the steps, a row each, and what one of them found. */
#include "model/finding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/strs.h"

/* Ends with the zero behind its last. */
#define CATCHES(...) ((const enum hazard[]){ __VA_ARGS__, HAZARD_NONE })

/* Deadlines leave room for a software-emulated CPU, which is a hundred times slower than the slowest real one. */
const struct step_info step_infos[STEPS] = {
	[STEP_NONE] = { "none", "nothing", NULL, 0, false },
	[STEP_LOCATE] = { "locate", "find the controller memory buffer by the registers of BAR 0", NULL, 10000, false },
	[STEP_SAVE] = { "save", "copy the scratch range's contents away", NULL, 30000, false },
	[STEP_TYPE] = { "type", "is the mapping write-combining at all", CATCHES(HAZARD_ATTRIBUTE_OVERRIDE), 10000, true },
	[STEP_BACKGROUND] = { "background", "fill the range with a hash of the offset", NULL, 30000, false },
	[STEP_SUBWORD] = { "subword", "1- and 2-byte stores at every offset of a line",
	                   CATCHES(HAZARD_SUBWORD_MISADDRESS), 30000, true },
	[STEP_UNALIGNED] = { "unaligned", "2, 4 and 8 bytes at every offset, across lines and pages",
	                     CATCHES(HAZARD_UNALIGNED_ACCESS), 30000, true },
	[STEP_SPARSE] = { "sparse", "stores with gaps between their bytes",
	                  CATCHES(HAZARD_SPARSE_BYTE_ENABLES, HAZARD_MISADDRESSED_WRITE), 60000, true },
	[STEP_WIDE64] = { "wide64", "8-byte stores and loads, and their halves", CATCHES(HAZARD_WIDE_ACCESS_64), 30000,
	                  true },
	[STEP_WIDE128] = { "wide128", "stores of 16 bytes and more, of each kind that the CPU has",
	                   CATCHES(HAZARD_WIDE_ACCESS_128), 30000, true },
	[STEP_ORDER] = { "order", "lines in every order, and rewritten before they leave",
	                 CATCHES(HAZARD_COMBINE_DISORDER), 30000, true },
	[STEP_DRAIN] = { "drain", "is a completed store there for another CPU", CATCHES(HAZARD_NO_DRAIN), 30000, true },
	[STEP_COHERENT] = { "coherent", "does a CPU see what another one stored", CATCHES(HAZARD_WC_READ_INCOHERENT),
	                    30000, true },
	[STEP_BURST] = { "burst", "runs of 64 to 4096 bytes, then long reads", CATCHES(HAZARD_LONG_BURST_HANG), 30000,
	                 true },
	[STEP_LIBC] = { "libc", "the C library's memset and memcpy",
	                CATCHES(HAZARD_UNALIGNED_ACCESS, HAZARD_WIDE_ACCESS_128), 30000, true },
	[STEP_QUIET] = { "quiet", "do streaming reads leave the contents alone", CATCHES(HAZARD_SLOW_READ), 30000, true },
	[STEP_BENCH] = { "bench", "stores through UC and WC in turn", NULL, 30000, true },
	[STEP_RESTORE] = { "restore", "put the saved contents back", NULL, 30000, false },
	[STEP_CONCEAL] = { "conceal", "put CMBMSC of BAR 0 back", NULL, 10000, false },
};

const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_UNKNOWN] = "unknown",
	[OUTCOME_PASS] = "pass",
	[OUTCOME_FAIL] = "fail",
	[OUTCOME_NOT_EXERCISED] = "not-exercised",
	[OUTCOME_UNSUPPORTED] = "unsupported",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_DIED] = "died",
};

bool outcome_is_bad(enum outcome outcome)
{
	return outcome == OUTCOME_FAIL || outcome == OUTCOME_DIED;
}

int numbers_add(struct numbers *numbers, const char *name, double value)
{
	char *copy = strdup(name);
	struct number *number = copy ? array_add(numbers) : NULL;

	if (!number) {
		free(copy);
		return -ENOMEM;
	}
	number->name = copy;
	number->value = value;
	return 0;
}

const struct number *numbers_find(const struct numbers *numbers, const char *name)
{
	for (size_t i = 0; i < numbers->n; i++)
		if (!strcmp(numbers->at[i].name, name))
			return &numbers->at[i];
	return NULL;
}

void finding_done(struct finding *finding)
{
	for (size_t i = 0; i < finding->numbers.n; i++)
		free(finding->numbers.at[i].name);
	free(finding->numbers.at);
	free(finding->text);
	*finding = (struct finding){ 0 };
}

struct json_object *finding_to_json(const struct finding *finding)
{
	struct json_object *o = json_new_object(), *numbers = json_new_object();

	json_put_string(o, "step", step_infos[finding->step].name);
	json_put_string(o, "outcome", outcome_names[finding->outcome]);
	json_put_string(o, "text", finding->text);
	for (size_t i = 0; i < finding->numbers.n; i++)
		json_put_double(numbers, finding->numbers.at[i].name, finding->numbers.at[i].value);
	json_put(o, "numbers", numbers);
	json_put_string(o, "scope", scope_names[finding->scope]);
	json_put_u64(o, "time", finding->time_s);
	return o;
}
