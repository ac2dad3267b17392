/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply: judges a child's answer as hostile input, and names each way in which it can die. */
#include "act/reply.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/strs.h"

const char *signal_story(int signal)
{
	switch (signal) {
	case SIGBUS: return "SIGBUS: the bus refused an access, or the device vanished";
	case SIGSEGV: return "SIGSEGV: an access to what is not mapped";
	case SIGILL: return "SIGILL: an instruction that this CPU does not have, or an access outside the range";
	case SIGTRAP: return "SIGTRAP: an access outside the range";
	case SIGSYS: return "SIGSYS: it did what its jail forbids";
	case SIGKILL: return "SIGKILL: somebody, or the kernel for want of memory, killed it";
	case SIGXCPU: return "SIGXCPU: it used up its CPU time";
	case SIGABRT: return "SIGABRT: it found itself broken";
	case SIGFPE: return "SIGFPE: an arithmetic error";
	case SIGTERM: return "SIGTERM: somebody ended it";
	default: return NULL;
	}
}

static bool is_text(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	if (!end || end == text)
		return false;
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static bool is_name(const char *name, size_t size)
{
	return is_text(name, size) && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static bool is_outcome(uint32_t outcome)
{
	return outcome == OUTCOME_PASS || outcome == OUTCOME_FAIL || outcome == OUTCOME_NOT_EXERCISED ||
	       outcome == OUTCOME_UNSUPPORTED || outcome == OUTCOME_DIED;
}

/* NULL: a proper reply to this step; else what is wrong with it. */
static const char *find_fault(const struct step_reply *reply, enum step step)
{
	if (reply->magic != RUNNER_MAGIC)
		return "bad magic";
	if (reply->version != RUNNER_VERSION)
		return "another version";
	if (reply->step != step)
		return "it answers another step";
	if (!is_outcome(reply->outcome))
		return "no such outcome";
	if (reply->reserved)
		return "reserved bits are set";
	if (!is_text(reply->text, sizeof(reply->text)))
		return "its text is empty, not terminated or not printable";
	if (reply->n_numbers > REPLY_NUMBERS)
		return "too many numbers";
	for (uint32_t i = 0; i < reply->n_numbers; i++) {
		if (!is_name(reply->numbers[i].name, sizeof(reply->numbers[i].name)))
			return "a number's name is not one";
		if (!isfinite(reply->numbers[i].value))
			return "a number is not finite";
	}
	return NULL;
}

static int died(struct finding *ret, const char *number, double value, char *text)
{
	if (!text)
		return -ENOMEM;
	ret->outcome = OUTCOME_DIED;
	free(ret->text);
	ret->text = text;
	return number ? numbers_add(&ret->numbers, number, value) : 0;
}

static int of_signal(int signal, struct finding *ret)
{
	const char *story = signal_story(signal);

	return died(ret, "signal", signal,
	            story ? str_printf("died of %s", story) : str_printf("died of signal %d", signal));
}

static int of_reply(const struct ending *ending, enum step step, struct finding *ret)
{
	struct step_reply reply;

	if (ending->said_bytes > sizeof(reply))
		return died(ret, NULL, 0, str_printf("garbage: more than a reply of %zu bytes", sizeof(reply)));
	if (ending->said_bytes < sizeof(reply))
		return died(ret, "reply_bytes", (double)ending->said_bytes,
		            ending->said_bytes ? str_printf("garbage: a short reply of %zu bytes", ending->said_bytes)
		                               : str_printf("it ended without an answer"));
	memcpy(&reply, ending->said, sizeof(reply));

	const char *fault = find_fault(&reply, step);

	if (fault)
		return died(ret, NULL, 0, str_printf("garbage: %s", fault));
	ret->outcome = (enum outcome)reply.outcome;
	ret->text = strdup(reply.text);
	if (!ret->text)
		return -ENOMEM;
	for (uint32_t i = 0; i < reply.n_numbers; i++) {
		int r = numbers_add(&ret->numbers, reply.numbers[i].name, reply.numbers[i].value);

		if (r < 0)
			return r;
	}
	return 0;
}

int reply_to_finding(const struct ending *ending, enum step step, struct finding *ret)
{
	bool answered = ending->said_bytes == sizeof(struct step_reply);

	if (ending->is_bereft)
		return died(ret, NULL, 0, str_printf("it was ended, for the device has gone"));
	if (ending->is_late)
		return died(ret, "deadline_ms", ending->deadline_ms,
		            answered ? str_printf("it answered, but did not end within %u ms", ending->deadline_ms)
		                     : str_printf("no answer within %u ms", ending->deadline_ms));
	/* Who talks too much was killed for it: the talking is the finding. */
	if (ending->info.si_code != CLD_EXITED && ending->said_bytes <= sizeof(struct step_reply))
		return of_signal(ending->info.si_status, ret);
	if (ending->info.si_code == CLD_EXITED && ending->info.si_status)
		return died(ret, "exit_status", ending->info.si_status,
		            str_printf("it ended with status %d", ending->info.si_status));
	return of_reply(ending, step, ret);
}
