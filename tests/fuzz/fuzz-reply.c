/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz-reply: how a child ended and what it said before; a header of the input, then the reply's own bytes. */
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/fuzz/fuzz.h"

#include "act/reply.h"
#include "base/cleanup.h"

struct header {
	uint8_t flags, step, status, insn, streams, is_right;
	uint16_t short_by;
	uint32_t range_size_bytes, bench_size_bytes;
};

enum { IS_LATE = 1, IS_BEREFT = 2, IS_SIGNALLED = 4, IS_BENCH = 8, IS_TOO_LONG = 16 };

/* Bytes alone rarely say the magic number: what has to be right in each reply is set, when the input asks for it. */
static void make_right(struct ending *ending, const struct header *header)
{
	struct step_reply *reply = (struct step_reply *)ending->said;
	struct series_reply *series = (struct series_reply *)(ending->said + sizeof(*reply));

	reply->magic = series->magic = RUNNER_MAGIC;
	reply->version = series->version = RUNNER_VERSION;
	reply->step = header->step;
	reply->reserved = 0;
	reply->text[sizeof(reply->text) - 1] = '\0';
	if (header->is_right & 2)
		reply->n_numbers %= REPLY_NUMBERS + 1;
	if (header->is_right & 4)
		series->insn = header->insn;
}

static void check(const struct ending *ending, const struct finding *finding)
{
	MUST(finding->outcome != 0 && finding->text && finding->text[0]);
	/* Only who ended well and in time has passed. */
	if (finding->outcome == OUTCOME_PASS)
		MUST(!ending->is_late && !ending->is_bereft && ending->info.si_code == CLD_EXITED &&
		     ending->info.si_status == 0 && ending->said_bytes == ending->asked_bytes);
	for (size_t i = 0; i < finding->numbers.n; i++)
		MUST(isfinite(finding->numbers.at[i].value) &&
		     numbers_find(&finding->numbers, finding->numbers.at[i].name) == &finding->numbers.at[i]);
	for (const char *c = finding->text; *c; c++)
		MUST(*c >= 0x20 && *c < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(struct step_reply) struct ending ending;
	struct finding finding = { 0 };
	struct series_reply series;
	struct header header;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	data += sizeof(header);
	size -= sizeof(header);
	memset(&ending, 0, sizeof(ending));
	memcpy(ending.said, data, size < sizeof(ending.said) ? size : sizeof(ending.said));
	if (header.is_right)
		make_right(&ending, &header);
	ending.asked_bytes = sizeof(struct step_reply) + (header.flags & IS_BENCH ? sizeof(struct series_reply) : 0);
	ending.said_bytes = header.flags & IS_TOO_LONG ? ending.asked_bytes + 1
	                                               : ending.asked_bytes - header.short_by % (ending.asked_bytes + 1);
	ending.is_late = header.flags & IS_LATE;
	ending.is_bereft = header.flags & IS_BEREFT;
	ending.info.si_code = header.flags & IS_SIGNALLED ? CLD_KILLED : CLD_EXITED;
	ending.info.si_status = header.status;
	MUST(reply_to_finding(&ending, (enum step)header.step, &finding) == 0);
	check(&ending, &finding);
	if (header.flags & IS_BENCH) {
		const struct step_request request = { .insn = header.insn, .range_size_bytes = header.range_size_bytes,
			                              .bench_size_bytes = header.bench_size_bytes,
			                              .bench_streams = header.streams };

		MUST(reply_to_series(&ending, &request, &finding, &series) == 0);
		check(&ending, &finding);
		MUST(series.n <= BENCH_SERIES_MAX && (!series.n || finding.outcome == OUTCOME_PASS));
	}
	finding_done(&finding);
	return 0;
}
