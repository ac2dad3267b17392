/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: the explanation that travels upward beside a negative errno; main prints it once. */
#pragma once

#include <errno.h>
#include <stdbool.h>

struct err {
	char id[32];    /* stable, for programs: "usage", "bad-file", "no-such-device" ... */
	char text[512]; /* one line for people: file, element, what was expected */
};

/* Of the call that has just failed, negative: no reader of the code, human or not, needs to know that errno is not 0 then. */
static inline int err_last(void)
{
	int r = -errno;

	return r < 0 ? r : -EIO;
}

/*
 * Of reading a file, r a negative errno other than -ENOENT: is the file itself at fault, so that no later look will tell more?
 * Otherwise it may be a good one, which could not be read just now.
 */
bool errno_is_of_file(int r);

/* Fills *err, unless NULL or filled already (the innermost cause is the best), and returns r. */
__attribute__((format(printf, 4, 5))) int err_set(struct err *err, int r, const char *id, const char *format, ...);
/* Like err_set, with ": " and the errno's own text appended. */
__attribute__((format(printf, 4, 5))) int err_errno(struct err *err, int r, const char *id, const char *format, ...);
/* Control characters of a text that a file or a person chose become others. */
void err_clean(char *text);
/* Puts what it is about, such as a device's address, before a text that does not begin with it. Gives r back. */
int err_about(struct err *err, int r, const char *what);

/* What returns r it cannot see, and would follow ways on which an error is none. */
#ifdef __clang_analyzer__
#define err_set(err, r, ...) ({ int _r = (r); (err_set)(err, _r, __VA_ARGS__); _r; })
#define err_errno(err, r, ...) ({ int _r = (r); (err_errno)(err, _r, __VA_ARGS__); _r; })
#endif
