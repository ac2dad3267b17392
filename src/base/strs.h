/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strs: an array of strings that owns them, and the string helpers that libc lacks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct strs {
	char **at;
	size_t n;
};

int strs_add(struct strs *strs, const char *text); /* copies; 0 or -ENOMEM */
bool strs_has(const struct strs *strs, const char *text);
void strs_sort(struct strs *strs);
bool strs_sorted_has(const struct strs *strs, const char *text); /* strs_has, of what strs_sort has put in order */
/* All of them with between in between; the caller frees it, NULL when memory is out. */
char *strs_join(const struct strs *strs, const char *between);
void strs_done(struct strs *strs);

/* Replaces *at (which may be NULL, and is freed) by a copy of text (which may be NULL): 0 or -ENOMEM. */
int str_set(char **at, const char *text);

bool str_eq(const char *a, const char *b); /* two NULLs are equal */
bool str_starts(const char *text, const char *prefix);

/* printf into memory that the caller frees; NULL when memory is out. */
__attribute__((format(printf, 1, 2))) char *str_printf(const char *format, ...);
