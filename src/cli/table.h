/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table: the only user of libsmartcols. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/strs.h"

struct column {
	const char *name;
	bool is_right; /* right-aligned */
};

/* Prints cells row by row (cells->n is a multiple of n_columns). Colour and truncation only on a terminal. */
int table_print(const struct column *columns, size_t n_columns, const struct strs *cells, struct err *err);
