/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trial: runs a microtest on the bus, which is one of a kind, as its reply is. cmocka.h comes before it. */
#pragma once

#include "act/image.h"
#include "bus.h"

static struct bus bus;
static struct step_reply reply;

static struct trial new_trial(enum defect defect)
{
	struct trial trial = {
		.port = port_bus(&bus),
		.size_bytes = BUS_BYTES,
		.seed = 12345,
		.thinning = 16,
		.save = -1,
		.memtypes = -1,
		.reply = &reply,
	};

	trial.port.n_insns = BUS_INSNS;
	trial.port.has_peer = true;
	bus = (struct bus){ .defect = defect, .cost_ns = { 0, 1000, 100 } };
	memset(bus.memory, 0x5a, sizeof(bus.memory));
	reply = (struct step_reply){ 0 };
	pattern_background(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
	reply = (struct step_reply){ 0 };
	return trial;
}

static void assert_background(const struct trial *trial)
{
	for (uint64_t offset = 0; offset < BUS_BYTES; offset += 8) {
		uint64_t want = image_background(trial, offset);

		assert_memory_equal(bus.memory + offset, &want, 8);
	}
	assert_int_equal(bus.outside, 0);
}

static double number(const char *name)
{
	for (uint32_t i = 0; i < reply.n_numbers; i++)
		if (!strcmp(reply.numbers[i].name, name))
			return reply.numbers[i].value;
	fail_msg("no number %s in \"%s\"", name, reply.text);
	return 0;
}

/* insn: -1: none. */
static void run_step(struct trial *trial, enum step step, int insn)
{
	reply = (struct step_reply){ 0 };
	trial->insn = insn < 0 ? NULL : &bus_insns[insn];
	patterns[step](trial);
}
