/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bench-run: which instructions are measured, and what a runner must be told of one. */
#include "act/bench-run.h"

#include "act/arch.h"
#include "act/port.h"

uint32_t bench_next(const struct bench_order *order, bool is_virtual, uint32_t i)
{
	for (; i < arch_n_insns; i++)
		if ((order->is_wide || !(arch_insns[i].flags & INSN_DIRECT)) &&
		    insn_is_usable(&arch_insns[i], is_virtual && !order->is_wide))
			return i;
	return RUNNER_NO_INSN;
}

void bench_prepare(const struct bench_order *order, uint32_t i, struct runner *runner)
{
	runner->request.insn = i;
	runner->request.bench_streams = order->streams;
	runner->request.bench_size_bytes = order->size_bytes;
	if (order->is_wide)
		runner->request.is_virtual = 0;
}
