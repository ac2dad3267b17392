/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proof-print: the part of `explain` that says what was proven, by what, and what no test could see. */
#pragma once

#include <stdio.h>

#include "base/json.h"
#include "model/verdict.h"

/* Adds "proof", null where nothing is proven; of a BAR also "path_basis". */
void path_proof_put(struct json_object *o, const struct path_verdict *path);
void bar_proof_put(struct json_object *o, const struct bar_verdict *bar);
/* Nothing where nothing is proven. */
void path_proof_print(FILE *out, const struct path_verdict *path);
void bar_proof_print(FILE *out, const struct bar_verdict *bar);
/* What is to be said once, of all that was proven. */
void proofs_print(FILE *out, enum scope scope);
