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
	       outcome == OUTCOME_UNSUPPORTED || outcome == OUTCOME_SKIPPED || outcome == OUTCOME_DIED;
}

/* A name that comes twice: who looks for it and who writes it down would take different ones. */
static bool is_said_before(const struct step_reply *reply, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (!strcmp(reply->numbers[k].name, reply->numbers[i].name))
			return true;
	return false;
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
		if (is_said_before(reply, i))
			return "a number comes twice";
	}
	return NULL;
}

static int died(struct finding *ret, const char *number, double value, char *text)
{
	ret->outcome = OUTCOME_DIED;
	if (!text)
		return -ENOMEM;
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

	if (ending->said_bytes > ending->asked_bytes)
		return died(ret, NULL, 0, str_printf("garbage: more than a reply of %zu bytes", ending->asked_bytes));
	if (ending->said_bytes < ending->asked_bytes)
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
	bool answered = ending->said_bytes == ending->asked_bytes;

	if (ending->is_bereft)
		return died(ret, NULL, 0, str_printf("it was ended, for the device has gone"));
	if (ending->is_late)
		return died(ret, "deadline_ms", ending->deadline_ms,
		            answered ? str_printf("it answered, but did not end within %u ms", ending->deadline_ms)
		                     : str_printf("no answer within %u ms", ending->deadline_ms));
	/* Who talks too much was killed for it: the talking is the finding. */
	if (ending->info.si_code != CLD_EXITED && ending->said_bytes <= ending->asked_bytes)
		return of_signal(ending->info.si_status, ret);
	if (ending->info.si_code == CLD_EXITED && ending->info.si_status)
		return died(ret, "exit_status", ending->info.si_status,
		            str_printf("it ended with status %d", ending->info.si_status));
	return of_reply(ending, step, ret);
}

/* ---- the second reply ---- */

static bool is_ordered(const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(values[i]) || values[i] <= 0 || (i && values[i] < values[i - 1]))
			return false;
	return true;
}

static bool is_size(uint64_t size_bytes, const struct step_request *request)
{
	return bench_is_size(size_bytes) && size_bytes <= request->range_size_bytes &&
	       (!request->bench_size_bytes || size_bytes == request->bench_size_bytes);
}

static bool is_streams(uint32_t streams, const struct step_request *request)
{
	return bench_is_streams(streams) && (!request->bench_streams || streams == request->bench_streams);
}

static const char *find_series_fault(const struct series *series, const struct step_request *request)
{
	const double spread[] = { series->min_mbps, series->low_mbps, series->median_mbps, series->high_mbps };
	const double top[] = { series->median_mbps, series->p99_mbps };

	if (!is_size(series->size_bytes, request) || !is_streams(series->streams, request))
		return "a series of a size or number of streams that was not asked for";
	if (series->kind >= BENCH_KINDS)
		return "a series of no kind";
	if (!series->batches || series->batches > BENCH_BATCHES_MAX)
		return "a series of no batches, or of too many";
	if (series->reserved)
		return "reserved bits of a series are set";
	/* A rounding may move the ends of an interval without width. */
	if (!is_ordered(spread, ELEMENTSOF(spread)) || !is_ordered(top, ELEMENTSOF(top)))
		return "the figures of a series are not finite, not above 0, or not in order";
	return NULL;
}

static bool is_same(const struct series *a, const struct series *b)
{
	return a->size_bytes == b->size_bytes && a->streams == b->streams && a->kind == b->kind;
}

static const char *find_fault_of_series(const struct series_reply *reply, const struct step_request *request,
                                        enum outcome outcome)
{
	static const struct series nothing;

	if (reply->magic != RUNNER_MAGIC || reply->version != RUNNER_VERSION)
		return "bad magic of the series, or another version";
	if (reply->insn != request->insn)
		return "series of another instruction";
	if (reply->n > BENCH_SERIES_MAX || (outcome == OUTCOME_PASS) != (reply->n > 0))
		return "too many series, or none";
	for (uint32_t i = 0; i < BENCH_SERIES_MAX; i++) {
		const char *fault = i < reply->n ? find_series_fault(&reply->at[i], request) : NULL;

		if (fault)
			return fault;
		/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): all bytes of it must be zero */
		if (i >= reply->n && memcmp(&reply->at[i], &nothing, sizeof(nothing)) != 0)
			return "something behind the last series";
		for (uint32_t k = 0; k < i && i < reply->n; k++)
			if (is_same(&reply->at[i], &reply->at[k]))
				return "a series comes twice";
	}
	return NULL;
}

int reply_to_series(const struct ending *ending, const struct step_request *request, struct finding *finding,
                    struct series_reply *ret_series)
{
	struct series_reply reply;
	const char *fault;

	memset(ret_series, 0, sizeof(*ret_series));
	if (finding->outcome == OUTCOME_DIED || ending->said_bytes != sizeof(struct step_reply) + sizeof(reply))
		return 0;
	memcpy(&reply, ending->said + sizeof(struct step_reply), sizeof(reply));
	fault = find_fault_of_series(&reply, request, finding->outcome);
	if (fault)
		return died(finding, NULL, 0, str_printf("garbage: %s", fault));
	*ret_series = reply;
	return 0;
}
