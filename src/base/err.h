/* SPDX-License-Identifier: GPL-2.0-or-later */
/* err: the explanation that travels upward beside a negative errno; main prints it once. */
#pragma once

struct err {
	char id[32];    /* stable, for programs: "usage", "bad-file", "no-such-device" ... */
	char text[512]; /* one line for people: file, element, what was expected */
};

/* Fills *err, unless NULL or filled already (the innermost cause is the best), and returns r. */
__attribute__((format(printf, 4, 5))) int err_set(struct err *err, int r, const char *id, const char *format, ...);

/* Like err_set, with ": " and the errno's own text appended. */
__attribute__((format(printf, 4, 5))) int err_errno(struct err *err, int r, const char *id, const char *format, ...);
/* Puts what it is about, such as a device's address, before a text that does not begin with it. Gives r back. */
int err_about(struct err *err, int r, const char *what);
