/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sim-fault: runs the suite against one fault, given on the command line, and tells what each test says of it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/finding.h"
#include "sim/suite.h"

static const char usage[] =
	"usage: sim-fault [--hazard NAME [--param K=V]...] [--healthy K=V]... [--seed N] [--thinning N]\n"
	"       sim-fault --list\n"
	"Exit status: 0 the fault was caught (without --hazard: all is right), 1 it was not, 2 a bad argument.\n";

static void list_params(const struct param *params)
{
	char range[200];
	struct values values;

	params_usual(params, &values);
	for (unsigned int i = 0; params[i].name; i++) {
		const struct param *param = &params[i];

		param_range(param, range, sizeof(range));
		if (param->words)
			printf("    %s=%s (%s): %s\n", param->name, param->words[param->usual - param->low], range,
			       param->meaning);
		else
			printf("    %s=%llu (%s): %s\n", param->name, (unsigned long long)param->usual, range,
			       param->meaning);
	}
}

static int list(void)
{
	for (unsigned int i = 0; fault_infos[i]; i++) {
		printf("--hazard %s: %s\n", hazard_infos[fault_infos[i]->hazard].name, fault_infos[i]->does);
		list_params(fault_infos[i]->params);
	}
	printf("--healthy\n");
	list_params(healthy_params);
	return 0;
}

_Noreturn static void bad(const char *option, const char *why)
{
	fprintf(stderr, "sim-fault: %s: %s\n%s", option, why, usage);
	exit(2);
}

static uint64_t read_number(const char *option, const char *text)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *text < '0' || *text > '9' || *end)
		bad(option, "a number is expected");
	return value;
}

/* Every --param stands behind its --hazard. */
static void read_arguments(int argc, char **argv, struct setup *setup)
{
	static const struct option options[] = {
		{ "hazard", required_argument, NULL, 'h' },   { "param", required_argument, NULL, 'p' },
		{ "healthy", required_argument, NULL, 'H' },  { "seed", required_argument, NULL, 's' },
		{ "thinning", required_argument, NULL, 't' }, { "list", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	const char *why;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (option) {
		case 'h':
			setup->fault.info = fault_find(optarg);
			if (!setup->fault.info)
				bad(optarg, "no such fault; --list names them");
			params_usual(setup->fault.info->params, &setup->fault.values);
			break;
		case 'p':
			if (!setup->fault.info)
				bad("--param", "it stands behind its --hazard");
			if (!params_set(setup->fault.info->params, optarg, &setup->fault.values, &why))
				bad("--param", why);
			break;
		case 'H':
			if (!params_set(healthy_params, optarg, &setup->healthy, &why))
				bad("--healthy", why);
			break;
		case 's': setup->seed = read_number("--seed", optarg); break;
		case 't':
			setup->thinning = (unsigned int)read_number("--thinning", optarg);
			if (setup->thinning < 1 || setup->thinning > 1024)
				bad("--thinning", "1 .. 1024 is expected");
			break;
		case 'l': exit(list());
		default: fputs(usage, stderr); exit(2);
		}
	if (optind < argc)
		bad(argv[optind], "not expected");
}

int main(int argc, char **argv)
{
	struct setup setup = { .seed = 1, .thinning = 1, .is_link_known = true }, healthy;
	bool is_caught = false, is_right = true;

	params_usual(healthy_params, &setup.healthy);
	setup.healthy.at[HEALTHY_PAGES] = 16;
	read_arguments(argc, argv, &setup);
	setup_hold(&setup);
	healthy = setup;
	healthy.fault.info = NULL;
	for (enum step step = STEP_NONE + 1; step < STEPS; step++) {
		struct result result, without;
		const char *why = "", *text;
		bool is_this = false;

		if (!suite_has(step))
			continue;
		suite_run(&setup, step, &result);
		if (setup.fault.info) {
			suite_run(&healthy, step, &without);
			is_this = suite_is_caught(setup.fault.info, &result, &without);
			is_caught |= is_this;
		} else if (!suite_is_right(&setup, step, &result, &why)) {
			is_right = false;
			is_this = true;
		}
		text = result.outcome == OUTCOME_DIED && result.death ? result.death : result.reply.text;
		printf("%-10s %-13s %s%s\n", step_infos[step].name, outcome_names[result.outcome], is_this ? "* " : "  ",
		       text);
	}
	if (!setup.fault.info) {
		puts(is_right ? "a healthy machine: all is right" : "a healthy machine, and yet: the tests marked with *");
		return !is_right;
	}
	puts(is_caught ? "caught, by the tests marked with *" : "missed");
	return !is_caught;
}
