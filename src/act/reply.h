/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply: what came of a child, as a finding. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "act/runner.h"

/* How a child ended and all that it said. */
struct ending {
	unsigned char said[sizeof(struct step_reply) + sizeof(struct series_reply) + 1];
	size_t said_bytes;  /* one more than was asked for when it said more than that */
	size_t asked_bytes; /* of a reply, or of both */
	bool is_late;      /* it was killed at the deadline */
	bool is_bereft;    /* it was killed because its device had gone */
	unsigned int deadline_ms;
	siginfo_t info;    /* waitid(2)'s */
};

/* Fills outcome, text and numbers of *ret, which the caller has zeroed but for the rest. 0 or -ENOMEM. */
int reply_to_finding(const struct ending *ending, enum step step, struct finding *ret);

/*
 * The second reply, of a child that was asked for it by this request, and whose first one became *finding: to
 * *ret_series what can be believed, or nothing, and then the finding says why. 0 or -ENOMEM.
 */
int reply_to_series(const struct ending *ending, const struct step_request *request, struct finding *finding,
                    struct series_reply *ret_series);

/* "SIGBUS: the bus refused an access, or the device vanished"; NULL for a signal without a story. */
const char *signal_story(int signal);
