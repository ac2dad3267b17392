/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interrupt: blocked signals, asked for between steps: no handler runs at a bad time, and no call ends early. */
#include "act/interrupt.h"

#include <errno.h>
#include <time.h>

#include "base/cleanup.h"

static void fill(sigset_t *set)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	sigemptyset(set);
	for (size_t i = 0; i < ELEMENTSOF(signals); i++)
		sigaddset(set, signals[i]);
}

/* Takes one that waits; 0: none does. */
static int take(const sigset_t *set)
{
	const struct timespec now = { 0 };
	int s;

	do
		s = sigtimedwait(set, NULL, &now);
	while (s < 0 && errno == EINTR);
	return s < 0 ? 0 : s;
}

void interrupt_hold(struct interrupt *interrupt)
{
	sigset_t set;

	*interrupt = (struct interrupt){ .is_held = true };
	fill(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, &interrupt->before);
}

bool interrupt_came(struct interrupt *interrupt)
{
	sigset_t set;

	fill(&set);
	if (!interrupt->signal)
		interrupt->signal = take(&set);
	return interrupt->signal != 0;
}

void interrupt_release(struct interrupt *interrupt)
{
	sigset_t set;

	if (!interrupt->is_held)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	/* One that was blocked before us is not ours to drop. */
	if (!sigismember(&interrupt->before, SIGPIPE))
		while (take(&set))
			;
	sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	interrupt->is_held = false;
}
