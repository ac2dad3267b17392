/* SPDX-License-Identifier: GPL-2.0-or-later */
/* array: grows any `{ T *at; size_t n; }` by one zeroed element. */
#pragma once

#include <errno.h>
#include <stddef.h>

/* The new last element, zeroed, owned by the array; NULL when memory is out (the array is unchanged). */
void *array_grow(void **at, size_t *n, size_t size);

#define array_add(a) ((__typeof__((a)->at))array_grow((void **)&(a)->at, &(a)->n, sizeof(*(a)->at)))
