/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-type: both proofs of a mapping's memory type, on lists and faults that are made up. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "bus.h"

#define BASE 0x382000000000

static struct bus bus;
static struct step_reply reply;

static struct trial new_trial(void)
{
	struct trial trial = { .port = port_bus(&bus), .address = BASE, .size_bytes = BUS_BYTES,
		               .memtypes = -1, .save = -1, .reply = &reply };

	bus = (struct bus){ 0 };
	for (unsigned int i = 0; i < BUS_BYTES; i++)
		bus.memory[i] = (uint8_t)(i + i / 256);
	reply = (struct step_reply){ 0 };
	return trial;
}

static void by_list(void **state)
{
	static const struct {
		const char *list, *text;
		enum outcome outcome;
	} rows[] = {
		{ "PAT memtype list:\n"
		  "PAT: [mem 0x00000000fed00000-0x00000000fed01000] uncached\n"
		  "PAT: [mem 0x0000382000000000-0x0000382001000000] write-combining\n",
		  "\"PAT: [mem 0x0000382000000000-0x0000382001000000] write-combining\"", OUTCOME_PASS },
		/* exactly the range */
		{ "PAT: [mem 0x0000382000000000-0x0000382000010000] write-combining\n",
		  "write-combining", OUTCOME_PASS },
		/* the older form */
		{ "write-combining @ 0x382000000000-0x382001000000\n", "write-combining", OUTCOME_PASS },
		{ "uncached-minus @ 0x382000000000-0x382001000000\n", "uncached-minus", OUTCOME_FAIL },
		{ "PAT: [mem 0x0000382000000000-0x0000382001000000] uncached-minus\n",
		  "] uncached-minus\"", OUTCOME_FAIL },
		/* a page of it is another type, and so it is one that says nothing */
		{ "PAT: [mem 0x0000382000000000-0x0000382001000000] write-combining\n"
		  "PAT: [mem 0x000038200000f000-0x0000382000010000] uncached-minus\n",
		  "attribute-override", OUTCOME_FAIL },
		/* neighbours only */
		{ "PAT: [mem 0x0000381000000000-0x0000382000000000] uncached-minus\n"
		  "PAT: [mem 0x0000382000010000-0x0000382000020000] uncached-minus\n", "no line", OUTCOME_UNSUPPORTED },
		/* a part of it only */
		{ "PAT: [mem 0x0000382000000000-0x0000382000008000] write-combining\n",
		  "no line", OUTCOME_UNSUPPORTED },
		{ "PAT memtype list:\n", "no line", OUTCOME_UNSUPPORTED },
		{ "", "no line", OUTCOME_UNSUPPORTED },
		{ "garbage @ and more\nPAT: [mem 0x\n", "no line", OUTCOME_UNSUPPORTED },
		/* cut off in the middle of a line: it says nothing */
		{ "PAT: [mem 0x0000382000000000-0x0000382001000000] write-combining", "no line", OUTCOME_UNSUPPORTED },
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct trial trial = new_trial();
		_cleanup_fclose_ FILE *file = tmpfile();

		fputs(rows[i].list, file);
		fflush(file);
		trial.memtypes = fileno(file);
		type_by_list(&trial);
		if (reply.outcome != rows[i].outcome || !strstr(reply.text, rows[i].text))
			fail_msg("row %u: outcome %u, \"%s\"", i, reply.outcome, reply.text);
		/* The list is only true of what is mapped while it is read. */
		assert_int_equal(bus.kind, WINDOW_WC);
	}
}

/* A list longer than one read, with a line across the seam. */
static void by_long_list(void **state)
{
	struct trial trial = new_trial();
	_cleanup_fclose_ FILE *file = tmpfile();

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		fprintf(file, "PAT: [mem 0x%016x-0x%016x] uncached-minus\n", i * 4096, (i + 1) * 4096);
	fprintf(file, "PAT: [mem 0x%016llx-0x%016llx] write-combining\n", (long long)BASE, (long long)BASE + (1 << 24));
	for (unsigned int i = 0; i < 1000; i++)
		fprintf(file, "x");
	fprintf(file, "\n");
	fflush(file);
	trial.memtypes = fileno(file);
	type_by_list(&trial);
	assert_int_equal(reply.outcome, OUTCOME_PASS);
}

static void without_list(void **state)
{
	struct trial trial = new_trial();
	_cleanup_fclose_ FILE *unreadable = fopen("/dev/null", "w");

	(void)state;
	type_by_list(&trial);
	assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
	assert_non_null(strstr(reply.text, "memory type unknown"));
	trial = new_trial();
	trial.memtypes = fileno(unreadable);
	type_by_list(&trial);
	assert_int_equal(reply.outcome, OUTCOME_UNSUPPORTED);
}

static void by_fault(void **state)
{
	static const struct {
		struct port_fault fault;
		enum defect defect;
		const char *text;
		enum outcome outcome;
	} rows[] = {
		{ { 0 }, BUS_HEALTHY, "Normal", OUTCOME_PASS },
		{ { SIGBUS, BUS_ADRALN, 1 }, BUS_HEALTHY, "Device memory", OUTCOME_FAIL },
		{ { SIGBUS, BUS_ADRALN, 8 }, BUS_HEALTHY, "abort", OUTCOME_FAIL },
		{ { SIGBUS, BUS_ADRALN, UINT64_MAX }, BUS_HEALTHY, "abort", OUTCOME_FAIL },
		{ { SIGBUS, BUS_OBJERR, 1 }, BUS_HEALTHY, "abort", OUTCOME_FAIL },
		{ { 0 }, BUS_MOVES_LINE, "changed bytes", OUTCOME_FAIL },
	};

	(void)state;
	for (unsigned int i = 0; i < ELEMENTSOF(rows); i++) {
		struct trial trial = new_trial();
		static uint8_t before[BUS_BYTES];

		memcpy(before, bus.memory, BUS_BYTES);
		bus.fault = rows[i].fault;
		bus.defect = rows[i].defect;
		type_by_fault(&trial);
		if (reply.outcome != rows[i].outcome || !strstr(reply.text, rows[i].text))
			fail_msg("row %u: outcome %u, \"%s\"", i, reply.outcome, reply.text);
		assert_memory_equal(bus.memory, before, BUS_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_list), cmocka_unit_test(by_long_list), cmocka_unit_test(without_list),
		cmocka_unit_test(by_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
