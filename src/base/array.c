/* SPDX-License-Identifier: GPL-2.0-or-later */
/* array: one way to append, with the overflow check in one place. */
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

void *array_grow(void **at, size_t *n, size_t size)
{
	/* Capacity is the next power of two: it needs no field, and appending stays linear. */
	if ((*n & (*n - 1)) == 0) {
		size_t capacity = *n ? *n * 2 : 1;
		void *grown = reallocarray(*at, capacity, size);

		if (!grown)
			return NULL;
		*at = grown;
	}

	void *last = (char *)*at + *n * size;

	memset(last, 0, size);
	(*n)++;
	return last;
}
